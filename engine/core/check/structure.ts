import { blocksOf, type Blocks, type Unsound } from '../document/blocks.ts'
import { END, graphOf, type Graph, type GraphNode } from '../document/graph.ts'
import type { FlowSpec } from '../document/flow.ts'
import { nearest } from '../nearest.ts'
import { meant, type Report } from './finding.ts'

export interface Structure {
  readonly graph: Graph
  readonly blocks: Blocks
}

/** Every way a flow's shape can be wrong: dead ends, loops without a way out, and tokens that deadlock, get left behind or meet twice. */
export function checkStructure(spec: FlowSpec, report: Report): Structure {
  const graph = graphOf(spec)
  const blocks = blocksOf(graph)
  checkReferences(spec, graph, report)
  checkFinally(spec, report)
  checkBranches(spec, report)
  checkFallThrough(graph, blocks, report)
  for (const unsound of blocks.unsound) reportUnsound(unsound, graph, report)
  const reached = checkReachable(graph, report)
  checkWayOut(graph, reached, report)
  return { graph, blocks }
}

const nodePath = (id: string): readonly string[] => ['spec', 'nodes', id]

function checkReferences(spec: FlowSpec, graph: Graph, report: Report): void {
  const ids = graph.nodes.map((node) => node.id)
  if (spec.start !== undefined && graph.node(spec.start) === undefined) {
    const near = nearest(spec.start, ids)
    report.error(
      'unknown_node',
      ['spec', 'start'],
      `There is no step “${spec.start}” to start with${meant(near)}`,
      near,
    )
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
  for (const node of spec.nodes) {
    if (node.kind !== 'choice' && node.kind !== 'parallel') continue
    const path = [...nodePath(node.id), node.kind === 'choice' ? 'branches' : 'next']
    const targets = node.kind === 'choice' ? node.branches.map((branch) => branch.next) : node.next
    const seen = new Set<string>()
    targets.forEach((target, index) => {
      if (target !== null && seen.has(target))
        report.error(
          'duplicate_branch',
          [...path, index],
          `Two branches go to “${target}”: branches are told apart by where they go. Join their conditions with ||`,
        )
      if (target !== null) seen.add(target)
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
function checkFallThrough(graph: Graph, blocks: Blocks, report: Report): void {
  for (const node of graph.nodes) {
    if (node.kind === 'parallel' || node.kind === 'inclusive') continue
    const place = blocks.placeOf.get(node.id)
    if (!place || node.out.every((edge) => edge.at !== null)) continue
    const close = blocks.closesAt.get(place.fork)
    report.error(
      'next_missing',
      nodePath(node.id),
      `“${node.id}” runs in a branch of “${place.fork}” and must say what comes next${close === undefined ? '' : `, for example next: ${close}`}`,
      close ?? null,
    )
  }
}

const arrow = (trail: readonly string[]): string => trail.join(' → ')
function reportUnsound(unsound: Unsound, graph: Graph, report: Report): void {
  const at = 'at' in unsound && unsound.at !== null ? unsound.at : nodePath(unsound.node)
  switch (unsound.kind) {
    case 'ends_inside':
      return report.error(
        'unsound',
        at,
        `${arrow([...unsound.trail, END])} ends the task inside the block of “${unsound.fork}” while its other branches run. Go to its converge instead`,
      )
    case 'leaves':
      return report.error(
        'unsound',
        at,
        `${arrow(unsound.trail)} crosses the border of the block of “${unsound.fork}”. A step may only go on within its own branch, or to the block’s converge`,
      )
    case 'twice':
      return report.error(
        'unsound',
        at,
        `“${unsound.node}” would run twice at once: ${arrow(unsound.other)}, and ${arrow(unsound.trail)}. Join the branches with a converge before it`,
      )
    case 'no_fork':
      return report.error(
        'unsound',
        at,
        `${arrow(unsound.trail)} reaches the converge “${unsound.node}” outside any block: it would wait for branches that never come. Go to the step behind it`,
      )
    case 'two_converges':
      return report.error(
        'unsound',
        at,
        `The branches of “${unsound.fork}” end at two converges, “${unsound.first}” and “${unsound.node}” (${arrow(unsound.trail)}): each would wait for the other for ever`,
      )
    case 'two_forks':
      return report.error(
        'unsound',
        at,
        `“${unsound.node}” closes “${unsound.first}” and “${unsound.fork}”: a converge belongs to one gateway. Give each its own`,
      )
    case 'never_arrives': {
      const converges = graph.nodes.some((node) => node.kind === 'converge')
      return report.error(
        'unsound',
        at,
        `The branch ${arrow(unsound.trail)} never reaches a converge${converges ? '' : '. Add one, {gateway: converge}, and let every branch end there'}`,
      )
    }
  }
}

function checkReachable(graph: Graph, report: Report): ReadonlySet<string> {
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
  return reached
}

/** Steps from which the end cannot be reached stand in, or lead into, a loop without a way out. */
function checkWayOut(graph: Graph, reached: ReadonlySet<string>, report: Report): void {
  const before = new Map<string, string[]>()
  for (const node of graph.nodes)
    for (const edge of node.out) {
      // What goes to nothing is another finding; it is no loop.
      const to = edge.to === END || graph.node(edge.to) !== undefined ? edge.to : END
      const known = before.get(to)
      if (known === undefined) before.set(to, [node.id])
      else known.push(node.id)
    }
  const ending = reach([END], (id) => before.get(id) ?? [])
  const stuck = graph.nodes.filter((node) => reached.has(node.id) && !ending.has(node.id))
  const told = new Set<string>()
  for (const node of stuck) {
    if (told.has(node.id)) continue
    const loop = loopThrough(node, graph)
    if (loop === null) continue
    for (const id of loop) told.add(id)
    report.error(
      'endless_loop',
      nodePath(node.id),
      `${arrow([...loop, loop[0] ?? node.id])} is a loop with no way out. Add a gateway with a branch that leaves it`,
    )
  }
  for (const node of stuck)
    if (!told.has(node.id))
      report.error(
        'no_end',
        nodePath(node.id),
        `From “${node.id}” the end cannot be reached: it only leads into a loop`,
      )
}

/** A shortest loop through a node. */
function loopThrough(node: GraphNode, graph: Graph): readonly string[] | null {
  const from = new Map<string, string>()
  const queue = [node.id]
  for (let id = queue.shift(); id !== undefined; id = queue.shift())
    for (const edge of graph.node(id)?.out ?? []) {
      if (edge.to === node.id) {
        const loop = [id]
        for (let at = from.get(id); at !== undefined; at = from.get(at)) loop.unshift(at)
        return loop
      }
      if (from.has(edge.to)) continue
      from.set(edge.to, id)
      queue.push(edge.to)
    }
  return null
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
