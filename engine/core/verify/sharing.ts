import type { Graph } from '../document/graph.ts'
import { isFork, type Block, type Context, type Explored, type Spot } from './explore.ts'

/** Everything that can be stood at while a branch of a block runs, nested blocks included. */
export interface Inside {
  /** The first spot found at each node. */
  readonly spots: ReadonlyMap<string, Spot>
  /** For a context nested in the branch: the gateway that opens it. */
  readonly via: ReadonlyMap<Context, Spot>
}
/** A node that two branches of one fork can both stand at, at the same time. */
export interface Twice {
  readonly block: Block
  readonly one: { readonly branch: Context; readonly inside: Inside; readonly spot: Spot }
  readonly other: { readonly branch: Context; readonly inside: Inside; readonly spot: Spot }
}

/**
 * Nodes that can run twice at once. Any two live tokens part at some fork instance, into different branches of it; and branches do nothing to
 * each other, so whatever both can stand at they can stand at together.
 * Null: more than `bound` places would have to be compared.
 */
export function sharing(graph: Graph, explored: Explored, bound: number): readonly Twice[] | null {
  if (!isShared(explored)) return []
  const found: Twice[] = []
  let looked = 0
  for (const block of explored.blocks.values()) {
    const insides: { branch: Context; inside: Inside }[] = []
    for (const branch of block.branches) {
      const inside = insideOf(branch, graph, explored)
      insides.push({ branch, inside })
      looked += inside.spots.size
      if (looked > bound) return null
    }
    for (const [index, one] of insides.entries())
      for (const other of insides.slice(index + 1)) {
        looked += one.inside.spots.size
        if (looked > bound) return null
        const node = firstShared(one.inside, other.inside, graph)
        if (node === null) continue
        found.push({
          block,
          one: { ...one, spot: one.inside.spots.get(node) as Spot }, // shared: both have it
          other: { ...other, spot: other.inside.spots.get(node) as Spot },
        })
      }
  }
  return found
}

/** In a flow of nested blocks each node is stood at within one context only: nothing is left to compare. */
function isShared(explored: Explored): boolean {
  const seen = new Set<string>()
  for (const context of explored.contexts)
    for (const node of context.spots.keys()) {
      if (seen.has(node)) return true
      seen.add(node)
    }
  return false
}

function insideOf(branch: Context, graph: Graph, explored: Explored): Inside {
  const spots = new Map<string, Spot>()
  const via = new Map<Context, Spot>()
  const seen = new Set([branch])
  for (const context of seen)
    for (const spot of context.spots.values()) {
      if (!spots.has(spot.node)) spots.set(spot.node, spot)
      if (!isFork(graph.node(spot.node))) continue
      for (const nested of explored.blocks.get(spot.node)?.branches ?? [])
        if (!seen.has(nested)) {
          seen.add(nested)
          via.set(nested, spot)
        }
    }
  return { spots, via }
}

/** A step first: its visit lasts. A choice is open only when it has failed; parallel gateways and converges let their tokens through at once. */
function firstShared(one: Inside, other: Inside, graph: Graph): string | null {
  let choice: string | null = null
  for (const node of one.spots.keys()) {
    if (!other.spots.has(node)) continue
    const kind = graph.node(node)?.kind
    if (kind === 'step') return node
    if (kind === 'exclusive' || kind === 'inclusive') choice ??= node
  }
  return choice
}
