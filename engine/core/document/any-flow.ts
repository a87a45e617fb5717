/** Flows for tests: written by hand as shapes, or random and block-structured. */
import fc from 'fast-check'
import { END, type Graph, type GraphNode } from './graph.ts'

export type Shape = { [id: string]: { kind?: GraphNode['kind']; out: string[] } }
export function graph(shape: Shape): Graph {
  const nodes = Object.entries(shape).map(([id, { kind = 'step', out }]): GraphNode => ({
    id,
    kind,
    title: id,
    out: out.map((to, branch) => ({ to, branch: kind === 'step' || kind === 'converge' ? 0 : branch, at: [] })),
  }))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return { start: nodes[0]?.id ?? null, nodes, node: (id) => byId.get(id) }
}

/** Random block-structured flows, as nested lists, written out as nodes. */
export type Part = { kind: 'step' } | { kind: 'choice' | 'parallel' | 'inclusive'; branches: Part[][]; loop?: boolean }
const { part } = fc.letrec<{ part: Part; parts: Part[] }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<Part>({ kind: 'step' }),
    fc.record({
      kind: fc.constantFrom('choice' as const, 'parallel' as const, 'inclusive' as const),
      branches: fc.array(tie('parts'), { minLength: 2, maxLength: 3 }),
      loop: fc.boolean(),
    }),
  ),
  parts: fc.array(tie('part'), { minLength: 1, maxLength: 3 }),
}))
export const flows = fc.array(part, { minLength: 1, maxLength: 4 })

export function write(parts: readonly Part[]): { shape: Shape; closes: Map<string, string> } {
  const shape: Shape = {}
  const closes = new Map<string, string>()
  let count = 0
  const sequence = (list: readonly Part[], next: string): string =>
    list.reduceRight((after, one) => single(one, after), next)
  const single = (one: Part, next: string): string => {
    const id = `n${count++}`
    if (one.kind === 'step') shape[id] = { out: [next] }
    else if (one.kind === 'choice') {
      const out = [...new Set(one.branches.map((branch) => sequence(branch, next)))]
      const entry = `n${count++}`
      shape[id] = { kind: 'exclusive', out: one.loop === true ? [...out, entry] : out }
      if (one.loop === true) {
        shape[entry] = { out: [id] } // back to the choice: a loop with ways out
        return entry
      }
    } else {
      const close = `n${count++}`
      shape[id] = { kind: one.kind, out: one.branches.map((branch) => sequence(branch, close)) }
      shape[close] = { kind: 'converge', out: [next] }
      closes.set(id, close)
    }
    return id
  }
  const start = sequence(parts, END)
  return { shape: { [start]: shape[start] as Shape[string], ...shape }, closes }
}
