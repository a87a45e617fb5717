import { END, type Edge, type Graph, type GraphNode } from '../document/graph.ts'

/**
 * One branch of one gateway, whoever came there: a token's fork instance is a passing of `block`, and all passings of it can do the same.
 * `block` null: outside every block.
 */
export interface Context {
  readonly block: Block | null
  readonly edge: Edge | null
  readonly spots: Map<string, Spot>
  /** How a token first came to the block's converge; `from` null: the branch is nothing but the way there. */
  arrived: { readonly from: Spot | null; readonly edge: Edge } | null
}
/** What is between a parallel or inclusive gateway and its converge. */
export interface Block {
  readonly gateway: GraphNode
  readonly branches: readonly Context[]
  /** Where it was entered from. */
  readonly callers: Spot[]
  /** The first converge a token of its own came to: if another were meant, this very token would be stuck. */
  converge: string | null
  /** Enough branches can arrive for its converge to open. */
  joins: boolean
}
/** A node as a token stands there within one context. */
export interface Spot {
  readonly node: string
  readonly within: Context
  /** The spot before it in this context; null: the branch begins here. */
  readonly from: Spot | null
  /** How it came from there; null: over the block of `from`, whose converge this is. */
  readonly edge: Edge | null
  readonly before: Spot[]
  /** Some way on is the end of its context, or is told as broken by itself. */
  ends: boolean
}
/** A move that no continuation mends. */
export interface Dead {
  readonly why: 'ends_inside' | 'outside' | 'other_converge'
  readonly from: Spot | null
  readonly edge: Edge
  readonly within: Context
}
export interface Explored {
  readonly root: Context
  readonly contexts: readonly Context[]
  readonly blocks: ReadonlyMap<string, Block>
  readonly dead: readonly Dead[]
  /** Spots and ways looked at, and whether that was all there are. */
  readonly looked: number
  readonly complete: boolean
}

/** Enough for flows of thousands of steps, and met within a tenth of a second by those that are too tangled. */
export const BOUND = 200_000

/**
 * Every place a token can come to, and every move that breaks. Conditions are taken to come out either way.
 * Exact for any flow, not only for nested blocks: tokens of one fork instance do nothing to each other before its converge, and what a token can
 * do depends on its node and its innermost block alone. So blocks are explored once and passed as a whole, like procedures
 * (docs/adr/0009-publish-check-as-proof.md).
 */
export function explore(graph: Graph, bound: number = BOUND): Explored {
  const root: Context = newContext(null, null)
  const contexts: Context[] = [root]
  const blocks = new Map<string, Block>()
  const dead: Dead[] = []
  const queue: Spot[] = []
  let looked = 0

  const stand = (node: string, within: Context, from: Spot | null, edge: Edge | null): void => {
    const known = within.spots.get(node)
    if (known !== undefined) {
      if (from !== null) known.before.push(from)
      return
    }
    const ends = graph.node(node)?.out.length === 0 // a gateway without branches is another finding
    const spot: Spot = { node, within, from, edge, before: from === null ? [] : [from], ends }
    within.spots.set(node, spot)
    queue.push(spot)
  }
  const follow = (from: Spot | null, edge: Edge, within: Context): void => {
    looked += 1
    const target = graph.node(edge.to)
    if (target !== undefined && target.kind !== 'converge') return stand(edge.to, within, from, edge)
    if (from !== null) from.ends = true
    if (target !== undefined) arrive(from, edge, within)
    else if (edge.to === END && within.block !== null) dead.push({ why: 'ends_inside', from, edge, within })
  }
  const arrive = (from: Spot | null, edge: Edge, within: Context): void => {
    const { block } = within
    if (block === null) return void dead.push({ why: 'outside', from, edge, within })
    block.converge ??= edge.to
    if (block.converge !== edge.to) return void dead.push({ why: 'other_converge', from, edge, within })
    if (within.arrived !== null) return
    within.arrived = { from, edge }
    if (block.joins || !canJoin(block)) return
    block.joins = true
    for (const caller of block.callers) pass(caller, block)
  }
  const pass = (caller: Spot, block: Block): void => {
    if (block.converge !== null) stand(block.converge, caller.within, caller, null)
  }
  const enter = (spot: Spot, gateway: GraphNode): void => {
    let block = blocks.get(gateway.id)
    if (block === undefined) {
      const branches: Context[] = []
      block = { gateway, branches, callers: [spot], converge: null, joins: false }
      blocks.set(gateway.id, block)
      for (const edge of gateway.out) branches.push(newContext(block, edge))
      contexts.push(...branches)
      for (const branch of branches) follow(null, branch.edge as Edge, branch) // branches are made of edges
    } else {
      block.callers.push(spot)
      if (block.joins) pass(spot, block)
    }
  }

  const start = graph.start === null ? undefined : graph.node(graph.start)
  if (start !== undefined) follow(null, { to: start.id, branch: 0, at: null }, root)
  let at = 0
  for (let spot = queue[at]; spot !== undefined && looked < bound; spot = queue[++at]) {
    const node = graph.node(spot.node)
    looked += 1
    if (node === undefined) continue
    if (isFork(node)) enter(spot, node)
    else for (const edge of node.out) follow(spot, edge, spot.within)
  }
  return { root, contexts, blocks, dead, looked, complete: at >= queue.length }
}

export const isFork = (node: GraphNode | undefined): boolean => node?.kind === 'parallel' || node?.kind === 'inclusive'

const newContext = (block: Block | null, edge: Edge | null): Context => ({
  block,
  edge,
  spots: new Map(),
  arrived: null,
})

/** A parallel gateway needs all its branches; of an inclusive one any single branch may be the only one sent. */
const canJoin = (block: Block): boolean =>
  block.gateway.kind === 'parallel'
    ? block.branches.every((branch) => branch.arrived !== null)
    : block.branches.some((branch) => branch.arrived !== null)
