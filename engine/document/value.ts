import { isAlias, isMap, isPair, isScalar, isSeq, type Document as YamlDocument, type Node } from 'yaml'
import type { Value } from '../core/value.ts'

export const MAX_DEPTH = 64
export const TOO_DEEP = `This is nested more than ${MAX_DEPTH} levels deep`
/** Values that aliases may add, all together: enough for honest anchors, far too few for a bomb. */
const MAX_EXPANDED = 50_000

/** Why a document's value cannot be kept, and at which character. */
export class Unreadable extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** A value with what it is worth: how many values are in it, and how deep they go. */
interface Weighed {
  readonly value: Value
  readonly size: number
  readonly height: number
}

/**
 * The plain value of a parsed document. @throws Unreadable for what YAML can say and JSON cannot, and for aliases that unfold without end.
 * Not the library's `toJS`: that looks each alias up by walking the document anew.
 */
export function valueOf(document: YamlDocument.Parsed): Value {
  const anchors = new Map<string, { node: Node; weighed: Weighed | null }>() // null: still being read
  let expanded = 0
  const read = (node: Node | null, depth: number): Weighed => {
    if (node === null) return { value: null, size: 1, height: 0 }
    const offset = node.range?.[0] ?? 0
    if (depth > MAX_DEPTH) throw new Unreadable(offset, TOO_DEEP)
    if (isAlias(node)) return unfold(node.source, offset, depth)
    const { anchor } = node as { anchor?: string } // scalars and collections may have one
    const entry = { node, weighed: null as Weighed | null }
    if (anchor !== undefined) anchors.set(anchor, entry)
    return (entry.weighed = isScalar(node) ? scalar(node.value, offset) : collection(node, offset, depth))
  }
  const unfold = (name: string, offset: number, depth: number): Weighed => {
    const target = anchors.get(name)
    if (target === undefined) throw new Unreadable(offset, `There is no anchor &${name} before this alias`)
    const { weighed } = target
    if (weighed === null) throw new Unreadable(offset, `*${name} stands inside what it refers to`)
    expanded += weighed.size
    if (expanded > MAX_EXPANDED)
      throw new Unreadable(offset, 'Aliases (*name) here unfold into more than 50,000 values')
    if (depth + weighed.height > MAX_DEPTH) throw new Unreadable(offset, TOO_DEEP)
    return weighed
  }
  const collection = (node: Node, offset: number, depth: number): Weighed => {
    if (isSeq(node)) {
      const items = node.items.map((item) => read(item as Node | null, depth + 1)) // items of a parsed document are nodes
      return weigh(
        items.map((item) => item.value),
        items,
      )
    }
    if (!isMap(node)) throw new Unreadable(offset, 'This kind of value cannot be kept')
    const entries: [string, Weighed][] = []
    const keys = new Set<string>()
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) throw new Unreadable(offset, 'A key is a text')
      const key = String(pair.key.value)
      const problem = keyProblem(key, keys)
      if (problem !== null) throw new Unreadable(pair.key.range?.[0] ?? offset, problem)
      keys.add(key)
      entries.push([key, read(pair.value as Node | null, depth + 1)]) // as above
    }
    return weigh(
      Object.fromEntries(entries.map(([key, entry]) => [key, entry.value])),
      entries.map(([, entry]) => entry),
    )
  }
  return read(document.contents as Node | null, 0).value // as above
}

const weigh = (value: Value, parts: readonly Weighed[]): Weighed => ({
  value,
  size: parts.reduce((sum, part) => sum + part.size, 1),
  height: parts.reduce((most, part) => Math.max(most, part.height + 1), 0),
})

function scalar(value: unknown, offset: number): Weighed {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return { value, size: 1, height: 0 }
    case 'number':
      if (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)))
        return { value, size: 1, height: 0 }
  }
  if (value === null || value === undefined) return { value: null, size: 1, height: 0 }
  if (typeof value === 'number' || typeof value === 'bigint')
    throw new Unreadable(offset, 'This number cannot be kept exactly. Put it in quotes')
  throw new Unreadable(offset, 'This kind of value cannot be kept. Write it as a text in quotes')
}

function keyProblem(key: string, known: ReadonlySet<string>): string | null {
  if (known.has(key)) return `“${key}” stands here twice`
  if (key === '__proto__') return '“__proto__” cannot be a key'
  return key === '<<' ? '“<<” (merging maps) is not supported. Write the keys out' : null
}
