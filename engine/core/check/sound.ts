import type { Unsound } from '../document/blocks.ts'
import { pathText } from '../verify/path.ts'
import type { Break, Verified } from '../verify/verify.ts'
import type { Report } from './finding.ts'

const nodePath = (id: string): readonly string[] => ['spec', 'nodes', id]

/** Says what the verifier found: each way of running that breaks, with the path that leads there, and the rule it is against where there is one. */
export function checkSound({ proof, unnested }: Verified, report: Report): void {
  switch (proof.verdict) {
    case 'sound':
      return
    case 'unknown':
      report.error(
        'unproven',
        ['spec', 'nodes'],
        `The blocks of this flow are too tangled to be proven sound: more than ${proof.bound.toLocaleString('en')} places would have to be looked at. Give every parallel and inclusive gateway a converge of its own, and let no step stand in two blocks`,
      )
      for (const rule of unnested)
        report.error('unproven', 'at' in rule && rule.at !== null ? rule.at : nodePath(rule.node), ruleText(rule))
      return
    case 'unsound': {
      const told = new Set<unknown>()
      const once = (key: unknown): boolean => !told.has(key) && told.add(key) !== undefined
      for (const found of proof.breaks) {
        const rule = unnested.find((each) => explains(each, found))
        // Every further edge to a converge outside its block says nothing new.
        const edge = found.why === 'outside' ? null : found.at
        if (!once(rule ?? `${found.why} ${found.fork} ${found.nodes[0]} ${JSON.stringify(edge)}`)) continue
        const at = edge ?? nodePath(found.nodes[0] ?? '')
        const trail = [...found.path, ...(found.other ?? [])].map(({ node }) => node)
        if (rule === undefined) report.error(codeOf(found), at, breakText(found), null, trail)
        else
          report.error(
            codeOf(found),
            'at' in rule && rule.at !== null ? rule.at : nodePath(rule.node),
            `${ruleText(rule)}. As it is, ${breakText(found)}`,
            null,
            trail,
          )
      }
    }
  }
}

const codeOf = ({ why }: Break): string =>
  why === 'loop' ? 'endless_loop' : why === 'before_loop' ? 'no_end' : 'unsound'

/** A rule says more than the break when it names what the author did: an edge over a block's border, a converge of two gateways. */
function explains(rule: Unsound, found: Break): boolean {
  switch (rule.kind) {
    case 'leaves':
      return [found.path, found.other ?? []].some((path) =>
        path.some(({ node, over }, index) => node === rule.node && !over && path[index + 1]?.node === rule.to),
      )
    case 'two_forks':
      return found.kind !== 'cannot_end' && (rule.fork === found.fork || rule.first === found.fork)
    default:
      return false
  }
}

function ruleText(rule: Unsound): string {
  switch (rule.kind) {
    case 'leaves':
      if (rule.node === rule.fork)
        return `“${rule.to}” stands in the block of “${rule.fork}” and outside it. Give the block a step of its own`
      return `“${rule.node}” → “${rule.to}” crosses the border of the block of “${rule.fork}”. A step may only go on within its own branch, or to the block’s converge`
    case 'two_forks':
      return `“${rule.node}” closes “${rule.first}” and “${rule.fork}”. Give each gateway its own converge`
    case 'two_converges':
      return `The branches of “${rule.fork}” end at two converges, “${rule.first}” and “${rule.node}”. Let all of them end at one`
    case 'twice':
      return `“${rule.node}” stands in two branches of “${rule.fork}”. Join them with a converge before it`
    case 'no_fork':
      return `The converge “${rule.node}” can be reached outside any block. Go to the step behind it`
    case 'ends_inside':
      return `“${rule.node}” ends inside the block of “${rule.fork}”. Go to its converge instead`
    case 'never_arrives':
      return `A branch of “${rule.node}” never reaches a converge. Let every branch end at one`
  }
}

function breakText(found: Break): string {
  const path = pathText(found.path)
  const { fork, converge } = found
  const node = found.nodes[0] ?? ''
  switch (found.why) {
    case 'ends_inside':
      return converge === null
        ? `${path} ends a branch of “${fork}”, which no converge closes. Add one, {gateway: converge}, and let every branch end there`
        : `${path} ends its branch inside the block of “${fork}”: “${converge}” then waits for it for ever, and nothing behind it runs. Go to “${converge}” instead`
    case 'outside':
      if (found.jumped !== null)
        return `${path} jumps into the block of “${found.jumped}” and comes to its converge alone: it would wait for branches that never come. Go to “${found.jumped}”, or to a step outside its block`
      return `${path} reaches the converge “${node}” outside any block: it would wait for branches that never come. Go to the step behind it`
    case 'other_converge':
      return `${path} reaches “${node}”, but other branches of “${fork}” come to “${converge}”: each waits for the other for ever. Let all branches of “${fork}” end at one converge`
    case 'twice':
      return `“${node}” would run twice at once: ${path}, and ${pathText(found.other ?? [])}. Join the branches with a converge before it`
    case 'loop': {
      const never =
        fork === null ? '' : `, and its branch never comes to ${converge === null ? 'a converge' : `“${converge}”`}`
      return `${pathText([...found.nodes, node].map((each) => ({ node: each })))} is a loop with no way out${never}. Add a gateway with a branch that leaves it`
    }
    case 'before_loop':
      return `From “${node}” ${fork === null ? 'the end' : `the end of its branch of “${fork}”`} cannot be reached: it only leads into a loop`
  }
}
