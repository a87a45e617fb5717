import { END, type Graph } from '../document/graph.ts'
import { isFork, type Block, type Context, type Explored, type Spot } from './explore.ts'

/** Somewhere a token can come to, and from there never to the end of its branch (or of the flow). */
export interface Stuck {
  readonly within: Context
  readonly spot: Spot
  /** The loop it goes round in; null: it only leads into one. */
  readonly loop: readonly string[] | null
}

/** Each loop without a way out once, then what only leads into one. A block that cannot be passed is told for what is inside it. */
export function stuckSpots(graph: Graph, explored: Explored): readonly Stuck[] {
  const found = explored.contexts.flatMap((within) => stuckWithin(within, graph, explored))
  return [...found, ...nestedForEver(graph, explored, found)]
}

function stuckWithin(within: Context, graph: Graph, explored: Explored): readonly Stuck[] {
  const ending = endingSpots(within, graph, explored)
  if (ending.size === within.spots.size) return []
  const found: Stuck[] = []
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
  return found
}

/** Blocks that cannot be passed for no reason inside them but each other: their gateways are met again within their own branches, and again. */
function nestedForEver(graph: Graph, explored: Explored, stuck: readonly Stuck[]): readonly Stuck[] {
  const closed = [...explored.blocks.values()].filter((block) => !block.joins)
  if (closed.length === 0) return []
  const because = new Set<Context>([...stuck, ...explored.dead].map(({ within }) => within))
  for (const context of explored.contexts)
    for (const spot of context.spots.values())
      if (graph.node(spot.node)?.out.every(({ to }) => to !== END && graph.node(to) === undefined)) because.add(context)
  const isTold = (block: Block): boolean => block.branches.some((branch) => because.has(branch))
  for (let more = true; more;) {
    more = false
    for (const context of explored.contexts)
      if (!because.has(context) && nestedIn(context, explored).some((block) => !block.joins && isTold(block))) {
        because.add(context)
        more = true
      }
  }
  const found: Stuck[] = []
  const told = new Set<Block>()
  for (const block of closed) {
    if (isTold(block) || told.has(block)) continue
    const way: { readonly block: Block; readonly nodes: readonly string[] }[] = []
    for (let at: Block | undefined = block; at !== undefined && !told.has(at);) {
      told.add(at)
      const branch: Context | undefined = at.branches.find((each) => each.arrived === null)
      const next: Block | undefined = branch && nestedIn(branch, explored).find((each) => !each.joins)
      const spot = next && branch?.spots.get(next.gateway.id)
      const chain: string[] = []
      for (let back = spot?.from ?? null; back !== null; back = back.from) chain.unshift(back.node)
      way.push({ block: at, nodes: [at.gateway.id, ...chain] })
      at = next
      const again = way.findIndex((each) => each.block === at)
      const caller = again < 0 ? undefined : way[again]?.block.callers[0]
      if (caller !== undefined)
        found.push({ within: caller.within, spot: caller, loop: way.slice(again).flatMap(({ nodes }) => nodes) })
    }
  }
  return found
}
const nestedIn = (context: Context, explored: Explored): readonly Block[] =>
  [...context.spots.keys()].flatMap((node) => explored.blocks.get(node) ?? [])

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
