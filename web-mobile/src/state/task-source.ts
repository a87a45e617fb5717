import type { TaskView } from '../api/fragments.ts'
import { taskChanged, taskQuery } from '../api/tasks.ts'
import { ClientError } from '../../../api/client/index.ts'
import type { App } from './app.svelte.ts'
import type { LiveSource } from './live.svelte.ts'

/** A task, read once and then followed; older versions that arrive late are dropped. */
export const taskSource = (app: App, id: string): LiveSource<TaskView> => ({
  key: `task.${id}`,
  load: async () => {
    const { task } = await app.client.query(taskQuery, { id })
    if (!task) throw new ClientError('NOT_FOUND', id)
    return task
  },
  streams: [(signal) => app.client.subscribe(taskChanged, { id }, signal)],
  news: (message) => (message as { taskChanged: TaskView }).taskChanged, // what this subscription sends
  isOlder: (next, shown) => next.id === shown.id && next.version < shown.version,
})
