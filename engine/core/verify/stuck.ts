import type { Graph } from '../document/graph.ts'
import { isFork, type Context, type Explored, type Spot } from './explore.ts'

/** Somewhere a token can come to, and from there never to the end of its branch (or of the flow). */
export interface Stuck {
  readonly within: Context
  readonly spot: Spot
  /** The loop it goes round in; null: it only leads into one. */
  readonly loop: readonly string[] | null
}

/** Each loop without a way out once, then what only leads into one. A block that cannot be passed is told for what is inside it. */
export function stuckSpots(graph: Graph, explored: Explored): readonly Stuck[] {
  const found: Stuck[] = []
  for (const within of explored.contexts) {
    const ending = endingSpots(within, graph, explored)
    if (ending.size === within.spots.size) continue
    const stuck = [...within.spots.values()].filter((spot) => !ending.has(spot))
    const after = new Map<Spot, Spot[]>()
    for (const spot of stuck)
      for (const before of spot.before) {
        const known = after.get(before)
        if (known === undefined) after.set(before, [spot])
        else known.push(spot)
      }
    const told = new Set<string>()
    for (const spot of stuck) {
      if (told.has(spot.node)) continue
      const loop = loopThrough(spot, after)
      if (loop === null) continue
      for (const node of loop) told.add(node)
      found.push({ within, spot, loop })
    }
    for (const spot of stuck) if (!told.has(spot.node)) found.push({ within, spot, loop: null })
  }
  return found
}

function endingSpots(within: Context, graph: Graph, explored: Explored): ReadonlySet<Spot> {
  const ending = new Set<Spot>()
  for (const spot of within.spots.values())
    if (spot.ends || (isFork(graph.node(spot.node)) && explored.blocks.get(spot.node)?.joins !== true)) ending.add(spot)
  for (const spot of ending) for (const before of spot.before) ending.add(before)
  return ending
}

/** A shortest loop through a spot. */
function loopThrough(spot: Spot, after: ReadonlyMap<Spot, readonly Spot[]>): readonly string[] | null {
  const from = new Map<Spot, Spot>()
  const queue = [spot]
  for (const at of queue)
    for (const next of after.get(at) ?? []) {
      if (next === spot) {
        const loop = [at.node]
        for (let back = from.get(at); back !== undefined; back = from.get(back)) loop.unshift(back.node)
        return loop
      }
      if (from.has(next)) continue
      from.set(next, at)
      queue.push(next)
    }
  return null
}
