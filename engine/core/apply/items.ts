import type { EachBegan, EachResumed, Moment } from '../events.ts'
import type { KeptNode } from '../keep.ts'
import type { EachRun, ItemRun, NodeState, TaskState } from '../state.ts'
import type { Value } from '../value.ts'
import type { Appliers } from './applier.ts'
import { put } from './visit.ts'

/** Where an item of `each` stands in `TaskState.items`. */
export const itemKey = (node: string, item: number): string => `${node}/${item}`
/** The items of a node's latest visit, in order. */
export function itemsOf(state: Readonly<TaskState>, node: string): readonly ItemRun[] {
  const count = state.nodes.get(node)?.each?.count ?? 0
  const items: ItemRun[] = []
  for (let index = 0; index < count; index += 1) {
    const item = state.items.get(itemKey(node, index))
    if (item !== undefined) items.push(item)
  }
  return items
}

/** `each` and its items. */
export const itemAppliers = {
  each_began: eachBegan,
  each_resumed: eachResumed,
  item_started(state, event, moment) {
    onItem(state, event.node, event.item, (item) => ({
      ...item,
      state: 'running',
      attempt: event.attempt,
      inputs: event.inputs,
      outputs: null,
      error: null,
      pluginState: null,
      waitsFor: null,
      body: 'execute',
      notBefore: null,
      cancelling: null,
      cancelUnconfirmed: false,
      startedAt: moment.at,
      endedAt: null,
    }))
  },
  item_waiting(state, event) {
    onItem(state, event.node, event.item, (item) => ({
      ...item,
      state: 'waiting',
      waitsFor: event.waitsFor,
      pluginState: event.state,
      body: null,
    }))
  },
  item_deferred(state, event) {
    onItem(state, event.node, event.item, (item) => ({
      ...item,
      state: 'running',
      waitsFor: null,
      pluginState: event.state,
      body: null,
    }))
  },
  item_succeeded(state, event, moment) {
    endItem(state, event.node, event.item, 'succeeded', moment, {
      outputs: event.outputs,
      pluginState: null,
      ...(event.notPerformed === true && { notPerformed: true }),
    })
  },
  item_failed(state, event, moment) {
    endItem(state, event.node, event.item, 'failed', moment, {
      outputs: event.outputs ?? null,
      error: event.error,
      cancelUnconfirmed: event.unconfirmed === true,
    })
  },
  item_retried(state, event) {
    onItem(state, event.node, event.item, (item) => ({
      ...item,
      state: 'ready',
      attempt: event.attempt,
      notBefore: event.notBefore,
      retriesUsed: event.auto ? item.retriesUsed + 1 : 0,
      error: null,
      endedAt: null,
      cancelling: null,
      cancelUnconfirmed: false,
    }))
  },
  item_skipped(state, event, moment) {
    endItem(state, event.node, event.item, 'skipped', moment, {})
  },
  item_done_by_hand(state, event, moment) {
    endItem(state, event.node, event.item, 'byhand', moment, { outputs: event.outputs })
  },
  item_revoked(state, event, moment) {
    endItem(state, event.node, event.item, 'revoked', moment, { cancelUnconfirmed: event.unconfirmed === true })
    if (event.unconfirmed === true) state.cancelUnconfirmed = true
  },
} satisfies Partial<Appliers>

function eachBegan(state: TaskState, { node, attempt, items }: EachBegan): void {
  const run = state.nodes.get(node)
  if (run === undefined) return
  const before = run.each
  if (before !== null)
    for (let index = items.length; index < before.count; index += 1) state.items.delete(itemKey(node, index))
  items.forEach((item, index) => state.items.set(itemKey(node, index), newItem(node, index, item)))
  const lastAttempt = Math.max(attempt - 1, before?.lastAttempt ?? 0)
  state.nodes.set(node, {
    ...run,
    body: null,
    each: {
      visit: run.visit,
      count: items.length,
      next: 0,
      live: 0,
      succeeded: 0,
      settled: 0,
      failed: 0,
      lastAttempt,
      floor: lastAttempt,
    },
  })
}
/** Items taken over from another task, all of them done. */
export function keptItems(
  state: TaskState,
  node: string,
  visit: number,
  items: NonNullable<KeptNode['items']>,
): EachRun {
  items.forEach(({ item, inputs, outputs }, index) =>
    state.items.set(itemKey(node, index), { ...newItem(node, index, item), state: 'succeeded', inputs, outputs }),
  )
  const { length } = items
  return {
    visit,
    count: length,
    next: length,
    live: 0,
    succeeded: length,
    settled: 0,
    failed: 0,
    lastAttempt: 0,
    floor: 0,
  }
}
/** Open items are as if never started, but for their attempt numbers, which go on. */
function eachResumed(state: TaskState, { node, items }: EachResumed): void {
  const run = state.nodes.get(node)
  if (run === undefined || run.each === null) return
  let failed = run.each.failed
  for (let index = 0; index < run.each.count; index += 1) {
    const item = state.items.get(itemKey(node, index))
    if (item === undefined || (items !== null && !items.includes(index))) continue
    if (item.state !== 'failed' && item.state !== 'revoked') continue
    if (item.state === 'failed') failed -= 1
    state.items.set(itemKey(node, index), { ...newItem(node, index, item.item), attempt: item.attempt })
  }
  state.nodes.set(node, { ...run, body: null, each: { ...run.each, next: 0, failed } })
}
const newItem = (node: string, index: number, item: Value): ItemRun => ({
  node,
  index,
  item,
  state: null,
  attempt: 0,
  inputs: null,
  pluginState: null,
  waitsFor: null,
  body: null,
  notBefore: null,
  retriesUsed: 0,
  cancelling: null,
  cancelUnconfirmed: false,
  outputs: null,
  error: null,
  startedAt: null,
  endedAt: null,
})
type ItemCount = 'live' | 'succeeded' | 'settled' | 'failed'
const countOf = (item: ItemRun): ItemCount | null => {
  switch (item.state) {
    case null:
    case 'revoked':
    case 'ignored':
      return null
    case 'skipped':
    case 'byhand':
      return 'settled'
    case 'succeeded':
    case 'failed':
      return item.state
    default:
      return 'live'
  }
}
const isWaiting = (item: ItemRun): boolean => item.state === 'waiting'
const isBackingOff = (item: ItemRun): boolean => item.state === 'ready' && item.notBefore !== null
export function onItem(state: TaskState, node: string, index: number, replace: (item: ItemRun) => ItemRun): void {
  const run = state.nodes.get(node)
  const before = state.items.get(itemKey(node, index))
  if (run === undefined || run.each === null || before === undefined) return
  const after = replace(before)
  state.items.set(itemKey(node, index), after)
  const from = countOf(before)
  const to = countOf(after)
  const each = run.each
  const next = index >= each.next && after.state !== null ? index + 1 : each.next
  const waiting = (each.waiting ?? 0) + (isWaiting(after) ? 1 : 0) - (isWaiting(before) ? 1 : 0)
  const backoff = (each.backoff ?? 0) + (isBackingOff(after) ? 1 : 0) - (isBackingOff(before) ? 1 : 0)
  const isStill = waiting === (each.waiting ?? 0) && backoff === (each.backoff ?? 0)
  if (from === to && isStill && next === each.next && after.attempt <= each.lastAttempt) return
  const counts = { live: each.live, succeeded: each.succeeded, settled: each.settled, failed: each.failed }
  if (from !== null) counts[from] -= 1
  if (to !== null) counts[to] += 1
  put(state, run, {
    ...run,
    each: { ...each, ...counts, waiting, backoff, next, lastAttempt: Math.max(each.lastAttempt, after.attempt) },
  })
}
function endItem(
  state: TaskState,
  node: string,
  index: number,
  as: NodeState,
  moment: Moment,
  change: Partial<ItemRun>,
): void {
  onItem(state, node, index, (item) => ({
    ...item,
    ...change,
    state: as,
    body: null,
    waitsFor: null,
    notBefore: null,
    cancelling: null,
    endedAt: moment.at,
  }))
}
