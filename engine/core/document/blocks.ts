import { END, type Edge, type Graph, type GraphNode } from './graph.ts'
import type { Path } from './shape.ts'

/** The innermost parallel or inclusive block a node stands in, and the branch of it. Null: in none. */
export interface Place {
  readonly fork: string
  readonly branch: number
}
export type Unsound =
  | {
      readonly kind: 'leaves'
      readonly node: string
      readonly fork: string
      readonly to: string
      readonly trail: readonly string[]
      readonly at: Path | null
    }
  | {
      readonly kind: 'ends_inside'
      readonly node: string
      readonly fork: string
      readonly trail: readonly string[]
      readonly at: Path | null
    }
  | {
      readonly kind: 'twice'
      readonly node: string
      readonly fork: string
      readonly trail: readonly string[]
      readonly other: readonly string[]
    }
  | { readonly kind: 'no_fork'; readonly node: string; readonly trail: readonly string[] }
  | {
      readonly kind: 'two_converges'
      readonly node: string
      readonly fork: string
      readonly first: string
      readonly trail: readonly string[]
    }
  | { readonly kind: 'two_forks'; readonly node: string; readonly fork: string; readonly first: string }
  | {
      readonly kind: 'never_arrives'
      readonly node: string
      readonly branch: number
      readonly trail: readonly string[]
    }

export interface Blocks {
  readonly closesAt: ReadonlyMap<string, string>
  /** Where a node stands; in a flow whose blocks are not nested, the first of its places. */
  readonly placeOf: ReadonlyMap<string, Place | null>
  readonly placesOf: (id: string) => readonly (Place | null)[]
  /** Every node stands in one place, and every block has a converge of its own. */
  readonly nested: boolean
  /** What keeps the blocks from being nested. Empty: no run deadlocks, leaves a token behind or runs a node twice at once. */
  readonly unsound: readonly Unsound[]
}

interface Visit {
  readonly place: Place | null
  readonly from: string | null
}

/**
 * Follows tokens through the flow, remembering in which block they are. Linear in nodes and edges. When each node has one place, each block one
 * converge that all its branches reach, and no edge crosses a block's border, the blocks are nested and the flow is sound; else `verify` looks.
 */
export function blocksOf(graph: Graph): Blocks {
  const visits = new Map<string, Visit>()
  const closesAt = new Map<string, string>()
  const forkOf = new Map<string, string>()
  const arrived = new Map<string, Set<number>>() // fork -> branches that reach its converge
  const unsound: Unsound[] = []
  const trail = (id: string | null): readonly string[] => {
    const ids: string[] = []
    for (let at = id; at !== null && ids.length < 50; at = visits.get(at)?.from ?? null) ids.unshift(at)
    return ids
  }
  const told = new Set<string>()
  /** One trouble, one finding: every further edge into it says nothing new. */
  const tell = (found: Unsound): void => {
    const key = [
      found.kind,
      found.node,
      'fork' in found ? found.fork : '',
      'branch' in found ? found.branch : '',
      'to' in found ? found.to : '',
    ].join(' ')
    if (told.has(key)) return
    told.add(key)
    unsound.push(found)
  }
  const queue: string[] = []
  const enter = (to: string, place: Place | null, from: string | null): void => {
    if (visits.has(to)) return
    visits.set(to, { place, from })
    queue.push(to)
  }
  const follow = (node: GraphNode, edge: Edge, place: Place | null): void => {
    if (edge.to === END) {
      if (place !== null)
        tell({ kind: 'ends_inside', node: node.id, fork: place.fork, trail: trail(node.id), at: edge.at })
      return
    }
    const target = graph.node(edge.to)
    if (target === undefined) return // reported as a reference to nothing
    if (target.kind === 'converge') return arrive(node, target, place)
    const known = visits.get(edge.to)
    if (known === undefined) return enter(edge.to, place, node.id)
    if (samePlace(known.place, place)) return
    if (place !== null && known.place !== null && known.place.fork === place.fork)
      tell({
        kind: 'twice',
        node: edge.to,
        fork: place.fork,
        trail: [...trail(node.id), edge.to],
        other: trail(edge.to),
      })
    else
      tell({
        kind: 'leaves',
        node: node.id,
        fork: (place ?? known.place)?.fork ?? '',
        to: edge.to,
        trail: [...trail(node.id), edge.to],
        at: edge.at,
      })
  }
  const arrive = (node: GraphNode, target: GraphNode, place: Place | null): void => {
    if (place === null) {
      tell({ kind: 'no_fork', node: target.id, trail: [...trail(node.id), target.id] })
      return enter(target.id, null, node.id)
    }
    const closing = closesAt.get(place.fork)
    const opened = forkOf.get(target.id)
    if (closing !== undefined && closing !== target.id)
      return void tell({
        kind: 'two_converges',
        node: target.id,
        fork: place.fork,
        first: closing,
        trail: [...trail(node.id), target.id],
      })
    if (opened !== undefined && opened !== place.fork)
      return void tell({ kind: 'two_forks', node: target.id, fork: place.fork, first: opened })
    closesAt.set(place.fork, target.id)
    forkOf.set(target.id, place.fork)
    const branches = arrived.get(place.fork) ?? new Set()
    arrived.set(place.fork, branches.add(place.branch))
    // Behind the converge the work is where it was before the fork.
    enter(target.id, visits.get(place.fork)?.place ?? null, node.id)
  }

  if (graph.start !== null) {
    const start = graph.node(graph.start)
    if (start?.kind === 'converge') tell({ kind: 'no_fork', node: start.id, trail: [start.id] })
    enter(graph.start, null, null)
  }
  for (let at = 0, next = queue[at]; next !== undefined; next = queue[++at]) {
    const node = graph.node(next)
    const place = visits.get(next)?.place ?? null
    if (node === undefined) continue
    const forks = node.kind === 'parallel' || node.kind === 'inclusive'
    for (const edge of node.out) {
      // A branch that is nothing but the way to the converge arrives like any other.
      follow(node, edge, forks ? { fork: node.id, branch: edge.branch } : place)
    }
  }
  for (const node of graph.nodes) {
    if ((node.kind !== 'parallel' && node.kind !== 'inclusive') || !visits.has(node.id)) continue
    const reached = arrived.get(node.id)
    for (const edge of node.out) {
      if (reached?.has(edge.branch) || alreadyTold(unsound, node.id) || graph.node(edge.to) === undefined) continue
      tell({ kind: 'never_arrives', node: node.id, branch: edge.branch, trail: [...trail(node.id), edge.to] })
    }
  }
  const placeOf = new Map([...visits].map(([id, visit]) => [id, visit.place]))
  const placesOf = (id: string): readonly (Place | null)[] => {
    const place = placeOf.get(id)
    return place === undefined ? [] : [place]
  }
  return { closesAt, placeOf, placesOf, nested: unsound.length === 0, unsound }
}

/** Two nodes that some block has in different branches, so that they can run side by side. Null: there are none. */
export function sideBySide(ids: readonly string[], blocks: Blocks): readonly [string, string] | null {
  const seen = new Map<string, { readonly branch: number; readonly id: string }>()
  for (const id of ids) {
    const around = [...branchesAround(id, blocks)]
    for (const [fork, branches] of around)
      for (const branch of branches) {
        const other = seen.get(fork)
        if (other !== undefined && other.id !== id && other.branch !== branch) return [other.id, id]
      }
    for (const [fork, branches] of around)
      for (const branch of branches) if (!seen.has(fork)) seen.set(fork, { branch, id })
  }
  return null
}
/** Every block a node stands in, nested ones included, with the branches of it. */
function branchesAround(id: string, blocks: Blocks): ReadonlyMap<string, ReadonlySet<number>> {
  const around = new Map<string, Set<number>>()
  const open = [...blocks.placesOf(id)]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (place === null) continue
    const known = around.get(place.fork)
    if (known === undefined) {
      around.set(place.fork, new Set([place.branch]))
      open.push(...blocks.placesOf(place.fork))
    } else known.add(place.branch)
  }
  return around
}

const samePlace = (a: Place | null, b: Place | null): boolean =>
  a === b || (a !== null && b !== null && a.fork === b.fork && a.branch === b.branch)
const alreadyTold = (unsound: readonly Unsound[], fork: string): boolean =>
  unsound.some((found) => ('fork' in found && found.fork === fork) || ('first' in found && found.first === fork))
