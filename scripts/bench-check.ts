/**
 * What the publish check costs on a keystroke: a flow of `nodes` steps in blocks, choices and loops, with expressions everywhere.
 * `node scripts/bench-check.ts [nodes]` prints medians of 40 keystrokes; the first check of a process stands alone.
 */
import { builtInPlugins } from '../plugins/index.ts'
import { check, type CheckContext } from '../engine/core/check/index.ts'
import { graph as graphOfShape, type Shape } from '../engine/core/document/any-flow.ts'
import { cpuUs, median, nowMs } from '../engine/bench/measure.ts'
import { lint, readDocuments } from '../engine/document/index.ts'
import { createRegistry } from '../engine/runtime/plugin-registry.ts'
import { verify } from '../engine/core/verify/verify.ts'

const nodes = Number(process.argv[2] ?? 500)
const context: CheckContext = {
  plugins: createRegistry(builtInPlugins()),
  directory: {
    people: () => [],
    title: (ref) => ref,
    constants: () => ({ BASE: 'https://shop.example' }),
    hosts: (ref) => [ref],
    knows: () => true,
  },
  secrets: () => ['web.token'],
}

/** Ten nodes a unit: a step, a choice with a loop back, a block of two branches, an approval. */
function textOf(count: number, typed: string): string {
  const lines: string[] = []
  for (let i = 0; i * 10 < count; i += 1) {
    const last = (i + 1) * 10 >= count
    lines.push(
      `  a${i}: {use: ssh.script@1, title: Step ${i}, with: {host: "\${host}", script: 'deploy "$1" ${i}${i === 3 ? typed : ''}', args: ["\${version}", "\${env + '-' + string(n)}"], env: {T: "\${secrets.web.token}"}}, save: {build: stdout}, onFail: {retry: {times: 2, when: "\${error.code != 'X${i}'}"}, advice: x}, next: x${i}}`,
      `  x${i}: {gateway: exclusive, branches: [{when: "\${a${i}.outputs.exitCode == ${i}}", next: b${i}}, {when: "\${n > ${i} && env == 'x${i}'}", next: f${i}}, {else: true, next: q${i}}]}`,
      `  b${i}: {use: http.request@1, with: {url: "\${project.BASE}/\${version}/${i}", method: GET}, when: "\${env.startsWith('p${i}')}", onFail: {advice: x}, next: a${i}}`,
      `  f${i}: {gateway: parallel, next: [c${i}, d${i}]}`,
      `  c${i}: {use: http.request@1, with: {url: "\${project.BASE}/\${a${i}.outputs.exitCode}"}, onFail: {advice: x}, next: e${i}}`,
      `  e${i}: {use: set@1, with: {v${i % 20}: "\${c${i}.outputs.status + ${i}}"}, onFail: {advice: x}, next: j${i}}`,
      `  d${i}: {use: ssh.script@1, with: {host: w, script: x, args: ["\${item.index}", "\${h}"]}, each: {in: "\${hosts}", as: h}, onFail: {advice: x}, next: j${i}}`,
      `  j${i}: {gateway: converge, next: q${i}}`,
      `  q${i}: {use: approval, with: {approvers: ["role:qa"], text: "Ship \${version} (${i})?", onReject: goto a${i}}, bind: [version], next: w${i}}`,
      `  w${i}: {use: wait, with: {for: "\${string(n)}s"}, next: ${last ? 'end' : `a${i + 1}`}}`,
    )
  }
  const variables = Array.from({ length: 20 }, (_, i) => `  v${i}: {type: integer, show: false, default: 0}`)
  return `apiVersion: baton/v1
kind: Flow
metadata: {name: bench}
spec:
 variables:
  version: {type: text, required: true, pattern: '^v\\d+$'}
  env: {type: text, required: true}
  host: {type: text, required: true}
  hosts: {type: list, default: []}
  n: {type: integer, required: true}
  build: {type: text, show: false}
${variables.join('\n')}
 nodes:
${lines.join('\n')}`
}

interface Cost {
  readonly ms: number
  readonly cpuMs: number
}
function cost(what: () => unknown): Cost {
  const [before, used] = [nowMs(), cpuUs()]
  what()
  return { ms: nowMs() - before, cpuMs: (cpuUs() - used) / 1000 }
}
const ms = (value: number): string => value.toFixed(1)
/** CPU time is what a quiet machine would take; collecting garbage beside it included. */
function tell(name: string, costs: readonly Cost[]): void {
  const [times, used] = [costs.map((each) => each.ms), costs.map((each) => each.cpuMs)]
  console.log(
    `${name}: ${ms(median(times))} ms (worst ${ms(Math.max(...times))}), of it CPU ${ms(median(used))} ms (worst ${ms(Math.max(...used))})`,
  )
}
const read = (typed: string) => {
  const [first] = readDocuments(textOf(nodes, typed)).documents
  if (first?.document?.kind !== 'Flow') throw new Error('expected the flow to be read')
  return first.document
}

const first = read('')
let findings: readonly { severity: string; message: string }[] = []
tell('first check in the process', [cost(() => (findings = check(first, context)))])
const errors = findings.filter(({ severity }) => severity === 'error')
console.log(
  `${first.spec.nodes.length} nodes, ${findings.length} findings, ${errors.length} errors`,
  errors[0]?.message ?? '',
)
const keystrokes = Array.from({ length: 40 }, (_, i) => 'x'.repeat(i))
tell(
  'check on a keystroke',
  keystrokes.map((typed) => read(typed)).map((document) => cost(() => check(document, context))),
)
tell(
  'text to findings (YAML read, located) on a keystroke',
  keystrokes.map((typed) => cost(() => lint(textOf(nodes, typed), context))),
)

/** Sound, and as far from nested blocks as can be: each gateway's branches go through all the steps of the next ones. */
const tangle: Shape = { g: { kind: 'exclusive', out: [] } }
for (let i = 0; i < nodes / 3; i += 1) {
  const to = (name: string): string => (i + 1 < nodes / 3 ? `${name}${i + 1}` : 'j')
  tangle['g']?.out.push(`f${i}`)
  tangle[`f${i}`] = { kind: 'parallel', out: [`a${i}`, `b${i}`] }
  tangle[`a${i}`] = { out: [to('a')] }
  tangle[`b${i}`] = { out: [to('b')] }
}
tangle['j'] = { kind: 'converge', out: ['end'] }
const tangled = graphOfShape(tangle)
tell(
  `proof of ${tangled.nodes.length} nodes that are not nested (${verify(tangled).proof.verdict})`,
  keystrokes.map(() => cost(() => verify(tangled))),
)
