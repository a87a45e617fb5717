/** What the fake server knows is the release of the design's pictures: at a fixed time, in both languages. */
export const NOW = Date.parse('2026-11-21T14:14:00Z')

export const at = (time: string): string => `2026-11-21T${time.length === 5 ? `${time}:00` : time}.000Z`

export type Zh = boolean

export const w = (zh: Zh, en: string, han: string): string => (zh ? han : en)

export const allow = (...actions: string[]) => actions.map((action) => ({ action, allowed: true, why: null }))

/** Whoever asks, as far as it makes a difference. */
export interface Call {
  readonly zh: boolean
}
/** All of a list at once. */
export const page = (nodes: unknown[]) => ({
  nodes,
  edges: nodes.map((node, index) => ({ cursor: String(index), node })),
  pageInfo: { hasNextPage: false, endCursor: null },
  totalCount: nodes.length,
})
