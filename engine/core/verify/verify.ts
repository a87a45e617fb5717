import { blocksOf, type Blocks, type Place, type Unsound } from '../document/blocks.ts'
import { END, type Graph } from '../document/graph.ts'
import type { Path } from '../document/shape.ts'
import { BOUND, explore, type Context, type Dead, type Explored } from './explore.ts'
import { pathInside, pathInto, pathTo, type Passed } from './path.ts'
import { written, type Move } from './run.ts'
import { sharing, type Twice } from './sharing.ts'
import { stuckSpots, type Stuck } from './stuck.ts'

export type BreakKind = 'deadlock' | 'token_left' | 'twice_at_once' | 'cannot_end'
/** One way of running that breaks. */
export interface Break {
  readonly kind: BreakKind
  readonly why: Dead['why'] | 'twice' | 'loop' | 'before_loop'
  /** `deadlock`: the converge that waits, `twice_at_once`: the node, `token_left`: the node that ends its branch, `cannot_end`: the loop. */
  readonly nodes: readonly string[]
  /** Gateway whose block it is; null: in none. */
  readonly fork: string | null
  /** The converge of that block, as far as it has one. */
  readonly converge: string | null
  /** The steps and chosen branches that lead there; for `twice_at_once` those of one token. */
  readonly path: readonly Passed[]
  /** `twice_at_once`: those of the other token, from the gateway where they part. */
  readonly other: readonly Passed[] | null
  /** `deadlock` outside any block: the gateway into whose block the token has jumped, if it has. */
  readonly jumped: string | null
  /** The edge that breaks it, in the document. */
  readonly at: Path | null
  /** Every move of such a run, in order; null: too many to be written out. */
  readonly run: () => readonly Move[] | null
}
export type Proof =
  | { readonly verdict: 'sound'; readonly by: 'blocks' | 'search' }
  | { readonly verdict: 'unsound'; readonly breaks: readonly Break[]; readonly complete: boolean }
  | { readonly verdict: 'unknown'; readonly bound: number }
export interface Verified {
  readonly graph: Graph
  readonly proof: Proof
  readonly blocks: Blocks
  /** Which rule of nested blocks the flow does not keep; no fault by itself. */
  readonly unnested: readonly Unsound[]
}

/**
 * Can any run of this flow deadlock at a converge, leave a token behind, run a node twice at once, or go round for ever?
 * Nested blocks are proved in one walk over nodes and edges. Anything else is searched, place by place: exact too, but of quadratic size at worst,
 * so it stops at `bound` and says so.
 */
export function verify(graph: Graph, bound: number = BOUND): Verified {
  const found = verifyRuns(graph, bound)
  const chosen = found.proof.verdict === 'sound' ? withChosen(graph) : null
  if (chosen === null) return found
  // What a person may choose for a failed gateway can break a run too; it is no way out of a loop, since nobody comes by every day.
  const { proof } = verifyRuns(chosen, bound)
  const breaks = proof.verdict === 'unsound' ? proof.breaks.filter(({ kind }) => kind !== 'cannot_end') : []
  if (breaks.length > 0) return { ...found, proof: { verdict: 'unsound', breaks, complete: true } }
  return proof.verdict === 'unknown' ? { ...found, proof } : found
}
/** The graph with the branches that only a person can take; null: there are none. */
function withChosen(graph: Graph): Graph | null {
  if (graph.nodes.every(({ never }) => never === undefined)) return null
  const nodes = graph.nodes.map((node) =>
    node.never === undefined ? node : { ...node, out: [...node.out, ...node.never] },
  )
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return { ...graph, nodes, node: (id) => byId.get(id) }
}

function verifyRuns(graph: Graph, bound: number): Verified {
  const linear = blocksOf(graph)
  if (linear.unsound.length === 0 && endsFromEverywhere(graph, linear))
    return { graph, proof: { verdict: 'sound', by: 'blocks' }, blocks: linear, unnested: [] }
  const explored = explore(graph, bound)
  const blocks = linear.nested ? linear : blocksFound(linear, explored)
  const { unsound: unnested } = linear
  const breaks: Break[] = explored.dead.map((dead) => deadBreak(dead, explored))
  const twice = explored.complete ? sharing(graph, explored, bound) : null
  for (const found of twice ?? []) breaks.push(twiceBreak(found, explored))
  if (explored.complete) for (const stuck of stuckSpots(graph, explored)) breaks.push(stuckBreak(stuck, explored))
  const complete = twice !== null
  if (breaks.length > 0) return { graph, proof: { verdict: 'unsound', breaks, complete }, blocks, unnested }
  return {
    graph,
    proof: complete ? { verdict: 'sound', by: 'search' } : { verdict: 'unknown', bound },
    blocks,
    unnested,
  }
}

/** Nested blocks have no edge but forward and within their branch, so the plain graph tells whether every node can still come to the end. */
function endsFromEverywhere(graph: Graph, blocks: Blocks): boolean {
  const before = new Map<string, string[]>()
  for (const node of graph.nodes)
    for (const { to } of node.out) {
      const target = graph.node(to) === undefined ? END : to // an edge to nothing is another finding
      const known = before.get(target)
      if (known === undefined) before.set(target, [node.id])
      else known.push(node.id)
    }
  const ending = new Set([END])
  for (const id of ending) for (const from of before.get(id) ?? []) ending.add(from)
  for (const id of blocks.placeOf.keys()) if (!ending.has(id)) return false
  return true
}

function blocksFound(linear: Blocks, explored: Explored): Blocks {
  const closesAt = new Map<string, string>()
  for (const [id, block] of explored.blocks) if (block.converge !== null) closesAt.set(id, block.converge)
  const places = new Map<string, (Place | null)[]>()
  for (const context of explored.contexts)
    for (const node of context.spots.keys()) {
      const place = placeOf(context)
      const known = places.get(node)
      if (known === undefined) places.set(node, [place])
      else known.push(place)
    }
  return {
    closesAt,
    placeOf: new Map([...places].map(([id, [first]]) => [id, first ?? null])),
    placesOf: (id) => places.get(id) ?? [],
    nested: false,
    unsound: linear.unsound,
  }
}
const placeOf = (context: Context): Place | null =>
  context.block === null || context.edge === null
    ? null
    : { fork: context.block.gateway.id, branch: context.edge.branch }

function deadBreak(dead: Dead, explored: Explored): Break {
  const { from, edge, within } = dead
  const path = [
    ...(from === null ? pathInto(within) : pathTo(from)).map((passed, index, all) =>
      index === all.length - 1 && edge.title !== undefined ? { ...passed, branch: edge.title } : passed,
    ),
    { node: edge.to },
  ]
  return {
    kind: dead.why === 'ends_inside' ? 'token_left' : 'deadlock',
    why: dead.why,
    nodes: [dead.why === 'ends_inside' ? (from?.node ?? within.block?.gateway.id ?? '') : edge.to],
    fork: within.block?.gateway.id ?? null,
    converge: within.block?.converge ?? null,
    path,
    other: null,
    jumped: dead.why === 'outside' && from !== null ? insideOf(from.node, edge.to, explored) : null,
    at: edge.at,
    run: () =>
      written(explored, (writer) => {
        if (from !== null) {
          writer.to(from)
          writer.move(from.node, [edge.to])
        } else if (within.block !== null) writer.into(within.block, [within])
      }),
  }
}

/** The gateway of a block that closes at `converge` and holds this node too. */
function insideOf(node: string, converge: string, explored: Explored): string | null {
  for (const { block, spots } of explored.contexts)
    if (block !== null && block.converge === converge && spots.has(node)) return block.gateway.id
  return null
}

function twiceBreak({ block, one, other }: Twice, explored: Explored): Break {
  return {
    kind: 'twice_at_once',
    why: 'twice',
    nodes: [one.spot.node],
    fork: block.gateway.id,
    converge: block.converge,
    path: [...pathInto(one.branch).slice(0, -1), ...pathInside(one.branch, one.inside, one.spot)],
    other: pathInside(other.branch, other.inside, other.spot),
    jumped: null,
    at: null,
    run: () =>
      written(explored, (writer) => {
        writer.into(block, [one.branch, other.branch])
        writer.inside(one.branch, one.inside, one.spot)
        writer.inside(other.branch, other.inside, other.spot)
      }),
  }
}

function stuckBreak({ within, spot, loop }: Stuck, explored: Explored): Break {
  return {
    kind: 'cannot_end',
    why: loop === null ? 'before_loop' : 'loop',
    nodes: loop ?? [spot.node],
    fork: within.block?.gateway.id ?? null,
    converge: within.block?.converge ?? null,
    path: pathTo(spot),
    other: null,
    jumped: null,
    at: null,
    run: () => written(explored, (writer) => writer.to(spot)),
  }
}

const PROOFS = new WeakMap<object, Verified>()
/** The same, found once per flow and kept with it: compiling and checking a version ask for it both. */
export function verified(of: object, graph: () => Graph): Verified {
  let found = PROOFS.get(of)
  if (found === undefined) PROOFS.set(of, (found = verify(graph())))
  return found
}
