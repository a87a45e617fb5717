import { catalogue, timeoutAlarms, type Alarms, type TaskMessage, type Tx } from '../../../engine/index.ts'
import type { Deps } from '../../context.ts'
import { takeDue } from './due.ts'
import { startRun } from './start.ts'

/** Launches what is due. One timer for all of them: what costs is what is due, not what there is. */
export interface Scheduler {
  /** Looks at what became due while nobody looked, and goes on from there. */
  start(): void
  /** Begins nothing more; resolves when what was begun is on disk. */
  stop(): Promise<void>
  /** Something may have become due, or been moved. */
  wake(): void
  /** Resolves when everything that is due now has been dealt with. */
  idle(): Promise<void>
  /** A task of a schedule was launched by hand: whoever is due waits for it too. */
  launched(taskId: string): void
  /** A task's message, in the transaction that applies it: whoever waits for that task to end goes on. */
  hear(tx: Tx, message: TaskMessage): void
}

/** Schedules and runs looked at in one go; the rest follows. */
const BATCH = 200
/** The longest a clock that was set forward goes unnoticed. */
const LONGEST_MS = 60_000
const RETRY_MS = 5_000

/** `deps` are read when they are needed: they hold this one. */
export function createScheduler(depsOf: () => Deps, alarms: Alarms = timeoutAlarms(() => depsOf().now())): Scheduler {
  let isRunning = false
  let again = false
  let work: Promise<void> | null = null
  const alarm = alarms(() => wake(), LONGEST_MS)
  /** Tasks of schedules that have not ended. */
  const live = new Set<string>()
  /** Being launched. */
  const underway = new Map<string, Promise<void>>()

  const look = async (): Promise<void> => {
    const deps = depsOf()
    const { db, now, log } = deps
    try {
      do {
        again = false
        const at = now()
        if (db.read((tx) => catalogue.dueSchedules(tx, at, 1)).length > 0)
          await db.write((tx) => {
            for (const row of catalogue.dueSchedules(tx, at, BATCH)) takeDue(tx, row, at)
          })
        const runs = db.read((tx) => catalogue.waitingRuns(tx, at, BATCH))
        const ends = await Promise.allSettled(runs.map((run) => startInOrder(deps, run)))
        const fault = ends.find(({ status }) => status === 'rejected')
        if (fault) throw (fault as PromiseRejectedResult).reason
        if (runs.length > 0) again = true
      } while (isRunning && again)
      const next = db.read(catalogue.nextScheduleAt)
      if (next !== null) sleepUntil(next)
    } catch (error) {
      log.error({ err: error }, 'schedules could not be looked at; it is tried again')
      sleepUntil(now() + RETRY_MS)
    }
  }
  /** Runs of one schedule one after another: each sees what became of the one before. */
  const startInOrder = (deps: Deps, { id, project, name }: catalogue.ScheduleRun): Promise<void> => {
    const key = `${project}/${name}`
    const before = underway.get(key) ?? Promise.resolve()
    const done = before
      .then(() => (isRunning ? startRun(deps, id, (taskId) => void live.add(taskId)) : undefined))
      .catch((error: unknown) => failed(deps, id, error))
      .finally(() => underway.get(key) === done && underway.delete(key))
    underway.set(key, done)
    return done
  }
  /** A fault of Baton, or a store that takes nothing: the run stays, and is tried again. */
  const failed = async ({ db, now, log }: Deps, id: number, error: unknown): Promise<void> => {
    log.error({ err: error, run: id }, 'a run of a schedule could not be dealt with; it is tried again')
    await db.write((tx) => catalogue.settleRun(tx, id, { notBefore: now() + RETRY_MS }))
  }

  const sleepUntil = (at: number): void => {
    if (isRunning) alarm.set(at)
  }
  const wake = (): void => {
    again = true
    if (!isRunning || work) return
    alarm.clear()
    work = look().finally(() => {
      work = null
      if (again && isRunning) wake()
    })
  }

  return {
    start() {
      isRunning = true
      const { db, now, log } = depsOf()
      for (const row of db.read(catalogue.schedulesAll))
        for (const { taskId } of db.read((tx) => catalogue.liveRunsOf(tx, row))) if (taskId) live.add(taskId)
      // Those that ended before anybody listened.
      db.write((tx) => {
        for (const taskId of live)
          if (catalogue.taskRow(tx, taskId)?.endedAt != null) catalogue.endRun(tx, taskId, now())
      }).catch((error: unknown) => log.error({ err: error }, 'ended tasks of schedules could not be noted'))
      wake()
    },
    async stop() {
      isRunning = false
      alarm.clear()
      await work
    },
    wake,
    async idle() {
      while (work) await work
    },
    launched: (taskId) => void live.add(taskId),
    hear(tx, { row, at }) {
      if (row.endedAt === null || !live.has(row.id)) return
      catalogue.endRun(tx, row.id, at)
      setImmediate(() => {
        // Looked up: the transaction may have been taken back.
        if (!depsOf().db.read((reading) => catalogue.isLiveRun(reading, row.id))) live.delete(row.id)
        wake()
      })
    },
  }
}
