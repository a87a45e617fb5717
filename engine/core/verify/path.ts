import type { Context, Spot } from './explore.ts'
import type { Inside } from './sharing.ts'

/** One node of a path, and how it is left. */
export interface Passed {
  readonly node: string
  /** Title of the branch taken, where the author gave one. */
  readonly branch?: string
  /** Its whole block is passed: the next node is its converge. */
  readonly over?: true
}

/** The way from the start of the flow to a spot, it included. */
export function pathTo(spot: Spot): readonly Passed[] {
  return [...pathInto(spot.within), ...pathWithin(spot)]
}
/** The way from the start into a branch. */
export function pathInto(within: Context): readonly Passed[] {
  const caller = within.block?.callers[0]
  return caller === undefined ? [] : left(pathTo(caller), within)
}
/** The way from the gateway of a branch to a spot somewhere inside it. */
export function pathInside(branch: Context, inside: Inside, spot: Spot): readonly Passed[] {
  if (spot.within === branch) return [gatewayOf(branch), ...pathWithin(spot)]
  const gateway = inside.via.get(spot.within)
  const before = gateway === undefined ? [] : pathInside(branch, inside, gateway)
  return [...left(before, spot.within), ...pathWithin(spot)]
}

function pathWithin(spot: Spot): readonly Passed[] {
  const path: Passed[] = [{ node: spot.node }]
  for (let at = spot; at.from !== null; at = at.from) path.unshift(leaving(at.from, at))
  return path
}
const leaving = (from: Spot, to: Spot): Passed =>
  to.edge === null ? { node: from.node, over: true } : titled(from.node, to.edge.title)
/** A path that ends at a gateway, which is left by the branch of this context. */
const left = (path: readonly Passed[], within: Context): readonly Passed[] => [...path.slice(0, -1), gatewayOf(within)]
const gatewayOf = (within: Context): Passed => titled(within.block?.gateway.id ?? '', within.edge?.title)
const titled = (node: string, branch: string | undefined): Passed => ({ node, ...(branch !== undefined && { branch }) })

/** As people read it: `gate (production) → fan … join → deploy`. */
export function pathText(path: readonly Passed[]): string {
  const shown = path.length > MAX_SHOWN ? [...path.slice(0, 5), CUT, ...path.slice(path.length - MAX_SHOWN + 6)] : path
  return shown
    .map(({ node, branch, over }, index) => {
      const name = branch === undefined ? node : `${node} (${branch})`
      return index === shown.length - 1 ? name : `${name}${over === true ? ' … ' : ' → '}`
    })
    .join('')
}
const MAX_SHOWN = 40
const CUT: Passed = { node: '…' }
