import type { RuntimeCommand } from '../command.ts'
import { itemCancelled, itemOf } from '../nodes/each.ts'
import { settleCancelled, settleItemResult, settleResult } from '../nodes/settle.ts'
import { emit, isLive, type Turn } from './turn.ts'

type Of<K extends RuntimeCommand['kind']> = Extract<RuntimeCommand, { kind: K }>

/** What the runtime tells. Late news (an attempt that is over) changes nothing and is no error. */
export function result(turn: Turn, { nodeId, attempt, item, result: answer }: Of<'result'>): void {
  const node = turn.flow.node(nodeId)
  if (node?.kind !== 'activity') return
  if (item === undefined) settleResult(turn, node, attempt, answer)
  else settleItemResult(turn, node, item, attempt, answer)
}

/** An abort is confirmed. One that is not is left to its 30 s: the body may still answer. */
export function cancelled(turn: Turn, { nodeId, attempt, item: index, confirmed }: Of<'cancelled'>): void {
  if (!confirmed) return
  settleAbort(turn, nodeId, attempt, index, true)
}
export function settleAbort(
  turn: Turn,
  nodeId: string,
  attempt: number,
  index: number | undefined,
  confirmed: boolean,
): void {
  const node = turn.flow.node(nodeId)
  const run = turn.state.nodes.get(nodeId)
  if (node?.kind !== 'activity' || run === undefined || !isLive(run)) return
  if (index === undefined) {
    if (run.attempt === attempt && run.cancelling && run.each === null) settleCancelled(turn, node, run, confirmed)
    return
  }
  if (run.each === null || index >= run.each.count) return
  const item = itemOf(turn, nodeId, index)
  if (item.attempt === attempt && item.cancelling !== null) itemCancelled(turn, node, item, confirmed)
}

export function checkpoint(turn: Turn, { nodeId, attempt, item: index, state }: Of<'checkpoint'>): void {
  const run = turn.state.nodes.get(nodeId)
  if (run === undefined || !isLive(run)) return
  if (index === undefined) {
    if (run.attempt === attempt) emit(turn, { kind: 'node_checkpointed', v: 1, node: nodeId, attempt, state })
    return
  }
  const item = run.each !== null && index < run.each.count ? itemOf(turn, nodeId, index) : undefined
  if (item?.attempt === attempt && (item.state === 'running' || item.state === 'waiting'))
    emit(turn, { kind: 'node_checkpointed', v: 1, node: nodeId, item: index, attempt, state })
}
