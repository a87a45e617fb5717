import type { Statement } from '../database.ts'
import type { ObjectStorage } from './storage.ts'

export interface AlarmOptions {
  /** The engine's clock, which timers are due by. The platform's alarm goes by its own. */
  readonly now?: () => number
  /** How long what is under way (a body, a message, a launch) may go on before somebody looks whether it still does. */
  readonly watchMs?: number
}

/** The one alarm of an object, for all work that is due or under way. */
export interface Alarm {
  /** Sees to it that the object is woken in time for all that it holds. Part of the transaction it is called in. */
  arm(): void
  /** What was armed may have been undone, or has rung: the next `arm` asks anew. */
  forget(): void
  /** It has rung and what was due has been dealt with: whatever is still due waits for another try. */
  rest(): void
  /** For whoever else is to be woken by it (`sharedAlarms`): the earlier of both is armed. Kept in memory alone, so said anew by each start. */
  readonly beside: { set(at: number): void; clear(): void }
}

const WATCH_MS = 10_000
const OVERDUE_MS = 1_000

/**
 * Armed in every transaction, from the rows themselves, so that no kind of due work can forget to. An alarm that is set earlier
 * than needed stays: it finds nothing and arms the next.
 */
export function alarmOn(
  storage: ObjectStorage,
  prepare: (sql: string) => Statement,
  { now = Date.now, watchMs = WATCH_MS }: AlarmOptions,
): Alarm {
  const work = prepare(WORK)
  let armedAt = Infinity
  /** What is overdue is not tried again before this. */
  let restsUntil = 0
  /** By the engine's clock. */
  let besideAt = Infinity
  const dueAt = (): { timer: number; watch: number } => {
    const [timerAt, isUnderWay] = work.get()! as [number | null, number]
    const wait = timerAt === null ? Infinity : timerAt - now()
    return {
      timer: wait > 0 ? Date.now() + wait : Math.max(Date.now(), restsUntil),
      watch: isUnderWay ? Date.now() + watchMs : Infinity,
    }
  }
  const arm = (): void => {
    const { timer, watch } = dueAt()
    const at = Math.min(timer, watch, Date.now() + Math.max(0, besideAt - now()))
    const isInTime = armedAt <= at && armedAt > Date.now()
    if (at === Infinity || isInTime) return
    armedAt = at
    storage.setAlarm(at).catch(() => {}) // fails only with the whole transaction
  }
  return {
    arm,
    forget: () => void (armedAt = Infinity),
    rest: () => void (restsUntil = Date.now() + OVERDUE_MS),
    beside: {
      set(at) {
        besideAt = at
        arm()
      },
      // What is armed for it rings, and finds nothing.
      clear: () => void (besideAt = Infinity),
    },
  }
}

/** When the next timer is due, and whether anything is under way that only memory drives. */
const WORK = `SELECT (SELECT min(due_at) FROM timers),
  EXISTS (SELECT 1 FROM awake) OR EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM inbox WHERE state = 'new')
  OR EXISTS (SELECT 1 FROM unbegun) OR EXISTS (SELECT 1 FROM launch_keys WHERE request IS NOT NULL)
  OR EXISTS (SELECT 1 FROM letters) OR EXISTS (SELECT 1 FROM slots)`
