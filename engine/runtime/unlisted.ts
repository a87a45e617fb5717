import { replay } from '../core/apply.ts'
import type { DecideEnv } from '../core/env.ts'
import { IN_ITS_HISTORY, type TaskMessage } from '../store/message.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { FlowCache } from './flow-cache.ts'
import { noticesOf, rowOf } from './notices.ts'

export interface UnlistedServices {
  readonly store: TaskStore
  readonly flows: FlowCache
  readonly env: () => DecideEnv
  readonly log: { error(o: object, m?: string): void }
}

/**
 * What launches said and no list has, since the last process ended between their commit and the next (docs/adr/0017). It follows from
 * the first entry of each, so nothing else was kept of it.
 */
export async function unlistedLaunches({ store, flows, env, log }: UnlistedServices): Promise<readonly TaskMessage[]> {
  const { directory } = env()
  const found = store.unlisted().map(async ({ task, entry }) => {
    try {
      const state = replay([entry])
      const flow = await flows.load(state.project, state.flow)
      const row = rowOf(state, flow, directory)
      const notices = noticesOf([entry], null, state, flow, directory) ?? []
      return [{ from: task, sequence: IN_ITS_HISTORY, isFirst: true as const, at: state.updatedAt, row, notices }]
    } catch (error) {
      log.error({ task, error: String(error) }, 'a launch that no list has could not be read')
      return []
    }
  })
  return (await Promise.all(found)).flat()
}
