import type { Flow } from '../flow.ts'
import { behind } from '../graph.ts'
import type { Ask, TaskState } from '../state.ts'

/** Granted approvals a node stands behind: what it does was approved there. */
export const approvalsBefore = (flow: Flow, state: Readonly<TaskState>, nodeId: string): readonly Ask[] =>
  [...state.asks.values()].filter(
    (ask) => ask.kind === 'approval' && ask.end === 'granted' && behind(flow, ask.nodeId).has(nodeId),
  )
