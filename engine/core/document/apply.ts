import type { Value } from '../value.ts'
import { diffDocuments, isIdentity, leavesOf, sameValue, type Change } from './diff.ts'
import { isMap } from './shape.ts'

/** Which managers own which leaf: a path to their names. A leaf two managers agree on has both. */
export type Owners = { readonly [path: string]: readonly string[] }
/** A document as it is kept: its value, and who owns what in it. */
export interface Managed {
  readonly value: Value
  readonly owners: Owners
}
/** A leaf that somebody else owns and `manager` wants otherwise. */
export interface Conflict {
  readonly path: string
  readonly owners: readonly string[]
  readonly theirs: Value | undefined
  readonly yours: Value
}
export interface Applied {
  /** What would be kept. With conflicts nothing may be. */
  readonly result: Managed
  readonly changes: readonly Change[]
  readonly conflicts: readonly Conflict[]
}

/**
 * Server-side apply: `incoming` holds everything `manager` wants to own. Its leaves are set, those it owned alone and no longer names go,
 * and everybody else's stay. Another's leaf with another value is a conflict, unless `force` takes it. Applying the same twice changes nothing.
 */
export function applyDocument(existing: Managed | null, incoming: Value, manager: string, force = false): Applied {
  const wanted = leavesOf(incoming)
  if (existing === null) {
    const owners = Object.fromEntries(
      [...wanted.keys()].filter((path) => !isIdentity(path)).map((path) => [path, [manager]]),
    )
    return { result: { value: incoming, owners }, changes: diffDocuments(null, incoming), conflicts: [] }
  }
  const present = leavesOf(existing.value)
  const conflicts: Conflict[] = []
  const owners: Record<string, readonly string[]> = {}
  const dropped = new Set<string>()

  for (const [path, value] of wanted) {
    if (isIdentity(path)) continue
    const others = ownersUnder(existing.owners, path).filter((owner) => owner !== manager)
    const same = present.has(path) && sameValue(present.get(path), value)
    if (others.length > 0 && !same && !force)
      conflicts.push({ path, owners: others, theirs: present.get(path), yours: value })
    owners[path] = same && others.length > 0 ? [...new Set([...(existing.owners[path] ?? []), manager])] : [manager]
  }
  for (const path of present.keys()) {
    if (wanted.has(path) || isIdentity(path)) continue
    const rest = (existing.owners[path] ?? []).filter((owner) => owner !== manager)
    const mine = existing.owners[path]?.includes(manager) === true
    // A leaf turned into a map (or a map into a leaf) is replaced by what is wanted in its place.
    const replaced = [...wanted.keys()].some((other) => isBelow(other, path) || isBelow(path, other))
    if ((mine && rest.length === 0) || replaced) dropped.add(path)
    else if (rest.length > 0) owners[path] = rest
  }
  const value = merge(existing.value, incoming, '', dropped, new Set(wanted.keys()))
  return { result: { value, owners }, changes: diffDocuments(existing.value, value), conflicts }
}

/** The whole document anew, as somebody wrote it on a screen: what it does not name goes, whoever owned it; what it changes becomes `manager`'s. */
export function replaceDocument(existing: Managed | null, incoming: Value, manager: string): Applied {
  const present = existing === null ? new Map<string, Value>() : leavesOf(existing.value)
  const owners: Record<string, readonly string[]> = {}
  for (const [path, value] of leavesOf(incoming)) {
    if (isIdentity(path)) continue
    const same = present.has(path) && sameValue(present.get(path), value)
    owners[path] = (same ? existing?.owners[path] : undefined) ?? [manager]
  }
  return {
    result: { value: incoming, owners },
    changes: diffDocuments(existing?.value ?? null, incoming),
    conflicts: [],
  }
}

/**
 * The whole document anew, from a screen beside which others write it too: what it changes or leaves out and another owns is a conflict,
 * unless `force` takes it. What stays as it was keeps its owners, so that they go on looking after it.
 */
export function editDocument(existing: Managed | null, incoming: Value, manager: string, force = false): Applied {
  const replaced = replaceDocument(existing, incoming, manager)
  const owners = existing?.owners ?? {}
  const conflicts = replaced.changes.flatMap(({ path, before, after }): readonly Conflict[] => {
    const others = ownersUnder(owners, path).filter((owner) => owner !== manager)
    return others.length === 0 ? [] : [{ path, owners: others, theirs: before, yours: after ?? null }]
  })
  if (conflicts.length > 0 && !force) return { ...replaced, conflicts }
  const taken = new Set(replaced.changes.map(({ path }) => path))
  const result = Object.entries(replaced.result.owners).map(([path, names]) => [
    path,
    taken.has(path) ? [manager] : names,
  ])
  return { ...replaced, result: { ...replaced.result, owners: Object.fromEntries(result) as Owners }, conflicts: [] }
}

const isBelow = (path: string, parent: string): boolean =>
  path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`)

/** Owners of a leaf, of what stands below it, and of what it stands below: changing the shape of something touches all of them. */
function ownersUnder(owners: Owners, path: string): readonly string[] {
  const exact = owners[path]
  if (exact !== undefined) return exact
  return [
    ...new Set(
      Object.entries(owners)
        .filter(([other]) => isBelow(other, path) || isBelow(path, other))
        .flatMap(([, names]) => names),
    ),
  ]
}

/** Order follows `incoming`; what only the other side has keeps its place behind the key it stood behind. */
function merge(
  existing: Value | undefined,
  incoming: Value | undefined,
  path: string,
  dropped: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): Value {
  if (incoming !== undefined && (!isMap(incoming) || wanted.has(path))) return incoming
  if (!isMap(existing)) return incoming ?? (existing as Value) // at least one of them is there
  const [old, now] = [
    existing as { [key: string]: Value },
    (isMap(incoming) ? incoming : {}) as { [key: string]: Value },
  ]
  const merged: Record<string, Value> = {}
  for (const key of orderOf(Object.keys(old), Object.keys(now))) {
    const at = stepInto(path, key)
    if (!Object.hasOwn(now, key) && (dropped.has(at) || isHollow(old[key] as Value, at, dropped))) continue
    merged[key] = merge(old[key], now[key], at, dropped, wanted)
  }
  return merged
}
const stepInto = (path: string, key: string): string =>
  /^[\w-]+$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}["${key}"]`

/** A map all of whose leaves go, goes with them. */
function isHollow(value: Value, path: string, dropped: ReadonlySet<string>): boolean {
  if (!isMap(value)) return dropped.has(path)
  const entries = Object.entries(value)
  return entries.length === 0
    ? dropped.has(path)
    : entries.every(([key, entry]) => isHollow(entry as Value, stepInto(path, key), dropped))
}

function orderOf(old: readonly string[], now: readonly string[]): readonly string[] {
  const known = new Set(now)
  const order = [...now]
  old.forEach((key, index) => {
    if (known.has(key)) return
    const before = old.slice(0, index).findLast((candidate) => order.includes(candidate))
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, key)
  })
  return order
}
