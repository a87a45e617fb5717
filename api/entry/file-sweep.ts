import { keepOf, type Database, type Engine, type FileStore } from '../../engine/index.ts'

const DAY_MS = 86_400_000

/**
 * Files go when the tasks of their project would: one that a step made with its task, one that a person uploaded by its age.
 * Says how many went.
 */
export const sweepFiles = (
  files: FileStore,
  { db, engine, now }: { readonly db: Database; readonly engine: Pick<Engine, 'task'>; readonly now: number },
): Promise<number> =>
  files.sweep(async ({ project, task, at }) => {
    const { tasksDays } = keepOf(db, project)
    if (tasksDays === null || at > now - tasksDays * DAY_MS) return false
    return task === null || (await engine.task(task)) === null
  })
