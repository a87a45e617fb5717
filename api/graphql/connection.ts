import type { ObjectRef } from '@pothos/core'
import { badInput } from '../error.ts'
import { builder, type Types } from './builder.ts'

export interface Page<T> {
  readonly nodes: readonly T[]
  readonly cursorOf: (node: T) => string
  readonly hasNextPage: boolean
  readonly totalCount: number
}
const PAGE = 50
const MAX_PAGE = 200
export const pageSize = (first: number | null | undefined): number => {
  const size = first ?? PAGE
  if (size < 1 || size > MAX_PAGE) throw badInput('first', 'OUT_OF_RANGE', `Ask for 1 to ${MAX_PAGE} at once`)
  return size
}

/** A page of a list that is all in memory. */
export function pageOf<T>(
  list: readonly T[],
  idOf: (node: T) => string,
  first?: number | null,
  after?: string | null,
): Page<T> {
  const size = pageSize(first)
  const start = after ? list.findIndex((node) => idOf(node) === open(after)) + 1 : 0
  const nodes = list.slice(start, start + size)
  return {
    nodes,
    cursorOf: (node) => seal(idOf(node)),
    hasNextPage: start + size < list.length,
    totalCount: list.length,
  }
}
/** Cursors are opaque: what they hold may change from version to version. */
export const seal = (text: string): string => Buffer.from(text).toString('base64url')
export const open = (cursor: string): string => Buffer.from(cursor, 'base64url').toString()

const PageInfo = builder.objectRef<{ hasNextPage: boolean; endCursor: string | null }>('PageInfo').implement({
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage'),
    endCursor: t.exposeString('endCursor', { nullable: true }),
  }),
})

/** Relay's connection for a type. `counted: false`: lists too long to count. */
export function connectionOf<T>(name: string, node: ObjectRef<Types, T>, options: { counted?: boolean } = {}) {
  const Edge = builder.objectRef<{ node: T; cursor: string }>(`${name}Edge`).implement({
    fields: (t) => ({
      cursor: t.exposeString('cursor'),
      node: t.field({ type: node, resolve: (edge) => edge.node as never }), // T is what `node` is made of
    }),
  })
  return builder.objectRef<Page<T>>(`${name}Connection`).implement({
    fields: (t) => ({
      edges: t.field({
        type: [Edge],
        resolve: (page) => page.nodes.map((entry) => ({ node: entry, cursor: page.cursorOf(entry) })),
      }),
      nodes: t.field({ type: [node], resolve: (page) => page.nodes as never }),
      pageInfo: t.field({
        type: PageInfo,
        resolve: (page) => {
          const last = page.nodes.at(-1)
          return { hasNextPage: page.hasNextPage, endCursor: last === undefined ? null : page.cursorOf(last) }
        },
      }),
      ...(options.counted !== false && { totalCount: t.int({ resolve: (page) => page.totalCount }) }),
    }),
  })
}
