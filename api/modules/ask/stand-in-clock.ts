/** Standing delegations begin and end by themselves: whoever stands in is told then what waits already, and cards that are theirs no more are drawn again. */
import { catalogue, standInsFor, timeoutAlarms, type Alarms } from '../../../engine/index.ts'
import type { Deps } from '../../context.ts'

type Clocked = Pick<Deps, 'db' | 'engine' | 'directory' | 'access' | 'log' | 'now'>
export interface StandInClock {
  /** Looks when one turns next. A hint only: they are in the database. */
  wake(): void
  /** Tells of those that have turned by now. */
  run(): Promise<void>
  stop(): void
}
/** A clock that is set, and a machine that slept, are noticed within the hour. */
const LONGEST_WAIT_MS = 3_600_000
const RETRY_MS = 5_000

export function createStandInClock(
  depsOf: () => Clocked,
  alarms: Alarms = timeoutAlarms(() => depsOf().now()),
): StandInClock {
  const alarm = alarms(() => void run().catch(failed), LONGEST_WAIT_MS)
  let isStopped = false
  const failed = (error: unknown): void => {
    if (isStopped) return
    depsOf().log.error({ err: error }, 'who stands in for whom could not be told; it is tried again')
    alarm.set(depsOf().now() + RETRY_MS)
  }
  const run = async (): Promise<void> => {
    const deps = depsOf()
    const now = deps.now()
    // What turned while nothing ran is told at the next start; what was told before it stays told.
    const turned = deps.db.read((tx) => catalogue.delegationsThatTurned(tx, catalogue.turnsToldUpTo(tx) ?? now, now))
    for (const row of turned) {
      if (row.untilAt <= now) deps.access.changed(everybodyIn(deps, row, row.untilAt - 1))
      else await tellStandIns(deps, row)
    }
    await deps.db.write((tx) => catalogue.noteTurnsTold(tx, now))
    wake()
  }
  const wake = (): void => {
    if (isStopped) return
    const { db, now } = depsOf()
    const at = db.read((tx) => catalogue.nextDelegationTurn(tx, now()))
    alarm.clear()
    if (at !== null) alarm.set(at)
  }
  return {
    wake,
    run,
    stop() {
      isStopped = true
      alarm.clear()
    },
  }
}

type Row = Pick<catalogue.DelegationRow, 'from' | 'to'>
/** Both, and those who come in by chains: whom the one stands for, and who stands in for the other. */
export function everybodyIn({ directory }: Pick<Clocked, 'directory'>, { from, to }: Row, at: number): string[] {
  const before = directory.standsFor?.(from, at) ?? []
  const after = directory.standIns?.(to, at) ?? []
  return [...new Set([from, to, ...before.map(({ id }) => id), ...after.map(({ id }) => id)])]
}
/** What waits already for the one, and for those they stand for, goes to the other and to who stands in for them. */
export async function tellStandIns(deps: Clocked, row: Row): Promise<void> {
  const { db, engine, directory, access, log, now } = deps
  const at = now()
  for (const person of [row.from, ...(directory.standsFor?.(row.from, at) ?? []).map(({ id }) => id)]) {
    const standIns = directory.standIns?.(person, at) ?? []
    for (const { kind, ref, task } of db.read((tx) => catalogue.needsOf(tx, person))) {
      if (kind !== 'ask') continue
      // One task that cannot be read holds up nobody else.
      await tell(engine, standIns, ref, task).catch((error: unknown) =>
        log.error({ err: error, task }, 'whoever stands in is not told of a question that waits'),
      )
    }
  }
  access.changed(everybodyIn(deps, row, at))
}
type StandIns = Parameters<typeof standInsFor>[2]
async function tell(engine: Clocked['engine'], standIns: StandIns, ref: string, task: string): Promise<void> {
  const found = await engine.ask(ref)
  const ask = found?.state.asks.get(found.askId)
  if (!found || ask?.state !== 'open') return
  const { startedBy, rehearsal } = found.state
  const people = standInsFor(ask, { starter: startedBy.person, rehearsal }, standIns).map(({ id }) => id)
  if (people.length > 0) await engine.notify(task, { kind: 'ask_opened', askId: ref, people, why: 'transferred' })
}
