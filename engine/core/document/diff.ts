import type { Value } from '../value.ts'
import { isMap, pathText, type Path } from './shape.ts'

/** One leaf that differs. Undefined: not there. */
export interface Change {
  readonly path: string
  readonly before: Value | undefined
  readonly after: Value | undefined
}

/** What the server writes; no manager owns it and no diff shows it. */
const SERVER: ReadonlySet<string> = new Set(['status'])
/** Key and kind name a document; they belong to nobody. */
const IDENTITY: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata.name', 'metadata.project'])

/** The leaves of a document by path, in order. Lists are leaves: they are taken and replaced whole (as Kubernetes does by default). */
export function leavesOf(value: Value): ReadonlyMap<string, Value> {
  const leaves = new Map<string, Value>()
  const visit = (at: Value, path: Path): void => {
    if (path.length === 1 && SERVER.has(String(path[0]))) return
    if (isMap(at) && Object.keys(at).length > 0)
      for (const [key, entry] of Object.entries(at)) visit(entry as Value, [...path, key])
    else if (path.length > 0) leaves.set(pathText(path), at)
  }
  visit(value, [])
  return leaves
}
export const isIdentity = (path: string): boolean => IDENTITY.has(path)

/** Same JSON: order within maps does not count, order within lists does. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((entry: Value, index) => sameValue(entry, b[index] as Value))
    )
  const [x, y] = [a as { [key: string]: Value }, b as { [key: string]: Value }] // neither null nor a list
  const keys = Object.keys(x)
  return (
    keys.length === Object.keys(y).length && keys.every((key) => Object.hasOwn(y, key) && sameValue(x[key], y[key]))
  )
}

/** Every leaf that differs, in the order of `after`, then what is gone. `null` stands for no document. */
export function diffDocuments(before: Value | null, after: Value | null): readonly Change[] {
  const old = before === null ? new Map<string, Value>() : leavesOf(before)
  const now = after === null ? new Map<string, Value>() : leavesOf(after)
  const changes: Change[] = []
  for (const [path, value] of now)
    if (!old.has(path) || !sameValue(old.get(path), value)) changes.push({ path, before: old.get(path), after: value })
  for (const [path, value] of old) if (!now.has(path)) changes.push({ path, before: value, after: undefined })
  const reordered = changes.length === 0 ? orderChange(before, after) : null
  return reordered === null ? changes : [reordered]
}

/** Order is meaning for steps and variables: moving one is a change, though no leaf differs. */
function orderChange(before: Value | null, after: Value | null): Change | null {
  for (const section of ['nodes', 'variables'] as const) {
    const [old, now] = [keysOf(before, section), keysOf(after, section)]
    if (!sameValue(old, now)) return { path: `spec.${section}`, before: old, after: now }
  }
  return null
}
function keysOf(document: Value | null, section: string): readonly string[] {
  const spec = isMap(document) ? document['spec'] : null
  const found = isMap(spec) ? spec[section] : null
  return isMap(found) ? Object.keys(found) : []
}
