import type { Client } from '../../../api/client/index.ts'
import type { TaskRow } from '../api/fragments.ts'
import { tasksQuery, type TaskListRow } from '../api/tasks.ts'

export type Filter = 'needs' | 'mine' | 'running' | 'failed' | 'all'
export const FILTERS: readonly Filter[] = ['needs', 'mine', 'running', 'failed', 'all']
export const filterOf = (text: string | null): Filter => FILTERS.find((filter) => filter === text) ?? 'mine'

export interface TaskList {
  readonly tasks: readonly TaskListRow[]
  readonly total: number
  readonly after: string | null
}
const PAGE = 30

const variablesOf = (filter: Filter, search: string) => ({
  search: search.trim() || null,
  ...(filter === 'needs' && { needsMe: true, forWhom: true }),
  ...(filter === 'mine' && { mine: true }),
  ...(filter === 'running' && {
    phase: ['QUEUED', 'RUNNING', 'WAITING', 'ATTENTION', 'PAUSED'] as const satisfies readonly TaskRow['phase'][],
  }),
  ...(filter === 'failed' && { phase: ['FAILED', 'ATTENTION'] as const satisfies readonly TaskRow['phase'][] }),
})

/** One page of tasks; `shown` of them at least, so that reading again keeps what was unfolded. */
export async function readTasks(client: Client, filter: Filter, search: string, shown = 0): Promise<TaskList> {
  const { tasks } = await client.query(tasksQuery, {
    first: Math.max(PAGE, shown),
    ...variablesOf(filter, search),
  } as never) // phase lists are readonly here
  return {
    tasks: tasks.nodes,
    total: tasks.totalCount,
    after: tasks.pageInfo.hasNextPage ? tasks.pageInfo.endCursor : null,
  }
}
export async function readMore(client: Client, filter: Filter, search: string, list: TaskList): Promise<TaskList> {
  const { tasks } = await client.query(tasksQuery, {
    first: PAGE,
    after: list.after,
    ...variablesOf(filter, search),
  } as never) // as above
  const known = new Set(list.tasks.map(({ id }) => id))
  return {
    tasks: [...list.tasks, ...tasks.nodes.filter(({ id }) => !known.has(id))],
    total: tasks.totalCount,
    after: tasks.pageInfo.hasNextPage ? tasks.pageInfo.endCursor : null,
  }
}
