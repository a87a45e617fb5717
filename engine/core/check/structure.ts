import type { Blocks } from '../document/blocks.ts'
import { END, followers, graphOf, type Graph } from '../document/graph.ts'
import type { FlowSpec } from '../document/flow.ts'
import { nearest } from '../nearest.ts'
import { verified, type Proof, type Verified } from '../verify/verify.ts'
import { meant, type Report } from './finding.ts'
import { checkSound } from './sound.ts'

export interface Structure {
  readonly graph: Graph
  readonly blocks: Blocks
  readonly proof: Proof
}

/** Every way a flow's shape can be wrong: edges to nothing, steps nothing leads to, and runs that deadlock, leave tokens behind or never end. */
export function checkStructure(spec: FlowSpec, report: Report): Structure {
  const found = verified(spec, () => graphOf(spec))
  const { graph } = found
  checkReferences(spec, graph, report)
  checkFinally(spec, report)
  checkBranches(spec, report)
  checkFallThrough(graph, found, report)
  checkSound(found, report)
  checkReachable(graph, report)
  return { graph, blocks: found.blocks, proof: found.proof }
}

const nodePath = (id: string): readonly string[] => ['spec', 'nodes', id]

function checkReferences(spec: FlowSpec, graph: Graph, report: Report): void {
  const ids = graph.nodes.map((node) => node.id)
  if (spec.start !== undefined && graph.node(spec.start) === undefined) {
    const near = nearest(spec.start, ids)
    const why = spec.finally?.includes(spec.start)
      ? `“${spec.start}” runs in “finally” and cannot be started with`
      : `There is no step “${spec.start}” to start with${meant(near)}`
    report.error('unknown_node', ['spec', 'start'], why, near)
  } else if (graph.nodes.length === 0)
    report.error('no_steps', ['spec', 'nodes'], 'A flow needs at least one step outside “finally”')
  for (const node of graph.nodes)
    for (const edge of node.out) {
      if (edge.at === null || edge.to === END || graph.node(edge.to) !== undefined) continue
      const near = nearest(edge.to, [...ids, END])
      const why = spec.finally?.includes(edge.to)
        ? `“${edge.to}” runs in “finally” and cannot be gone to`
        : `There is no step “${edge.to}”${meant(near)}`
      report.error('unknown_node', edge.at, why, near)
    }
}

function checkFinally(spec: FlowSpec, report: Report): void {
  const byId = new Map(spec.nodes.map((node) => [node.id, node]))
  const seen = new Set<string>()
  for (const [index, id] of (spec.finally ?? []).entries()) {
    const at = ['spec', 'finally', index]
    const node = byId.get(id)
    if (node === undefined) {
      const near = nearest(id, byId.keys())
      report.error('unknown_node', at, `There is no step “${id}”${meant(near)}`, near)
    } else if (seen.has(id)) report.error('duplicate', at, `“${id}” stands here twice`)
    else if (node.kind === 'choice' || node.kind === 'parallel' || node.kind === 'converge')
      report.error('in_finally', nodePath(id), 'Steps in “finally” run one after another: a gateway cannot be one')
    else if (node.kind === 'ask')
      report.error('in_finally', nodePath(id), 'Nobody can be asked in “finally”: the task has ended for people')
    else if (node.next !== undefined)
      report.error(
        'in_finally',
        [...nodePath(id), 'next'],
        'Steps in “finally” run in the order of its list: leave “next” out',
      )
    seen.add(id)
  }
}

function checkBranches(spec: FlowSpec, report: Report): void {
  const follower = followers(spec)
  for (const node of spec.nodes) {
    if (node.kind !== 'choice' && node.kind !== 'parallel') continue
    const path = [...nodePath(node.id), node.kind === 'choice' ? 'branches' : 'next']
    const targets = node.kind === 'choice' ? node.branches.map((branch) => branch.next ?? follower(node.id)) : node.next
    const seen = new Set<string>()
    targets.forEach((target, index) => {
      if (seen.has(target))
        report.error(
          'duplicate_branch',
          [...path, index],
          node.kind === 'parallel'
            ? `Two branches go to “${target}”. Name it once`
            : `Two branches go to “${target}”: branches are told apart by where they go. Join their conditions with ||`,
        )
      seen.add(target)
    })
    if (targets.length === 0) report.error('no_branches', path, 'A gateway needs at least one branch')
    else if (targets.length === 1 && node.kind === 'parallel')
      report.warn('one_branch', path, 'With one branch nothing runs side by side')
    if (node.kind !== 'choice') continue
    const others = node.branches.flatMap((branch, index) => (branch.when === null ? [index] : []))
    for (const index of others.slice(1)) report.error('duplicate_branch', [...path, index], 'A gateway has one “else”')
    if (others.length === 0)
      report.warn('no_else', path, `When no condition holds, this step fails. Add {else: true, next: …}`)
  }
}

/** Inside a block every step says where it goes: the next one of the document may well be another branch's. */
function checkFallThrough(graph: Graph, { blocks, proof }: Verified, report: Report): void {
  for (const node of graph.nodes) {
    if (node.kind === 'parallel' || node.kind === 'inclusive' || node.out.every((edge) => edge.at !== null)) continue
    // Where runs break, a token may be in a block that the author never meant it to be in.
    if (proof.verdict !== 'sound' && (node.kind === 'converge' || blocks.placesOf(node.id).includes(null))) continue
    const place = blocks.placesOf(node.id).find((each) => each !== null)
    if (!place) continue
    const close = blocks.closesAt.get(place.fork)
    report.error(
      'next_missing',
      nodePath(node.id),
      `“${node.id}” runs in a branch of “${place.fork}” and must say what comes next${close === undefined ? '' : `, for example next: ${close}`}`,
      close ?? null,
    )
  }
}

function checkReachable(graph: Graph, report: Report): void {
  const reached = reach(
    graph.start === null ? [] : [graph.start],
    (id) => graph.node(id)?.out.map((edge) => edge.to) ?? [],
  )
  if (graph.start !== null)
    for (const node of graph.nodes)
      if (!reached.has(node.id))
        report.error(
          'unreachable',
          nodePath(node.id),
          `Nothing leads to “${node.id}”. Point a “next” at it, list it in “finally”, or take it out`,
        )
}

function reach(start: readonly string[], next: (id: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set(start)
  const queue = [...start]
  for (let id = queue.pop(); id !== undefined; id = queue.pop())
    for (const to of next(id))
      if (!reached.has(to)) {
        reached.add(to)
        queue.push(to)
      }
  return reached
}
