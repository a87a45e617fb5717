import { catalogue, EngineError, SYSTEM, type Tx } from '../../../engine/index.ts'
import { appRights, rightsIn } from '../../auth/allow.ts'
import { createGuard } from '../../auth/limit.ts'
import { whoWouldBe } from '../../auth/who.ts'
import type { Context, Deps, Who } from '../../context.ts'
import { act } from '../../graphql/act.ts'
import { launch } from '../task/launch.ts'
import { launched } from '../task/load.ts'
import { CLIENT, ownerOf, scheduleIn, type ScheduleView } from './read.ts'
import { tellOwner } from './tell.ts'

type Run = catalogue.ScheduleRun
/** What becomes of a run that is due. */
export type Verdict =
  | { readonly kind: 'launched'; readonly taskId: string }
  | { readonly kind: 'skipped'; readonly why: 'overlap' | 'freeze' | 'merged' | 'paused' | 'full' }
  /** Looked at again then, or when somebody says so. */
  | {
      readonly kind: 'waits'
      readonly why: 'due' | 'overlap' | 'freeze'
      readonly until: number
      readonly tries?: number
    }
  /** Its owner is told. `pauses`: nothing more is launched in their name. */
  | {
      readonly kind: 'failed'
      readonly error: EngineError
      readonly pauses?: 'no_owner' | 'no_right'
      /** Refused before it was tried: the audit does not know yet. */
      readonly unsaid?: true
    }

/** So many wait for those before them; more are left out. */
const MOST_WAITING = 100
const RETRY_MS = [1_000, 5_000, 15_000, 60_000, 300_000]
/** A store that does not take it for so long: somebody has to know. */
const MOST_TRIES = 20

/** Launches what is due, or says why not; then writes down what became of it. One at a time for each schedule. */
export async function startRun(deps: Deps, id: number, taskLaunched: (taskId: string) => void): Promise<void> {
  const run = deps.db.read((tx) => catalogue.runById(tx, id))
  if (!run || run.state !== 'waiting') return
  const view = deps.db.read((tx) => scheduleIn(tx, run))
  if (!view) return void (await deps.db.write((tx) => catalogue.settleRun(tx, id, { state: 'skipped', why: 'paused' })))
  const verdict = await judge(deps, view, run)
  if (verdict.kind === 'launched') taskLaunched(verdict.taskId)
  await deps.db.write((tx) => settle(tx, deps, view, run, verdict))
}

async function judge(deps: Deps, view: ScheduleView, run: Run): Promise<Verdict> {
  const { row, document } = view
  const { spec } = document
  const known = deps.engine.taskIdOf({ key: run.key, project: row.project, client: CLIENT })
  if (known !== null) return { kind: 'launched', taskId: known } // launched by a process that ended before it could say so
  if (row.pausedAt !== null) return { kind: 'skipped', why: 'paused' }
  const owner = ownerOf(deps.db, row)
  if (!owner) return { kind: 'failed', error: noOwner(deps, row), pauses: 'no_owner', unsaid: true }
  const context = contextOf(deps, owner)
  const app = deps.library.app(row.project, spec.app)
  if (app && !appRights(context, app, rightsIn(context, row.project)).launch)
    return { kind: 'failed', error: noRight(owner, app.title), pauses: 'no_right', unsaid: true }
  if (app?.spec.stepUp !== undefined)
    return { kind: 'failed', error: needsPasskey(app.title), pauses: 'no_right', unsaid: true } // asked for since the schedule was written
  const overlapping = spec.overlap === 'allow' ? null : await overlap(deps, view, run)
  if (overlapping) return overlapping
  const frozen = deps.library.frozen({ project: row.project, app: spec.app, flow: app?.spec.flow ?? '' }, deps.now())
  if (frozen) return inFreeze(deps, view, run, frozen.until)
  try {
    const { state } = await act(
      context,
      'launch',
      spec.app,
      () => launch(context, { app: spec.app, project: row.project, variables: spec.variables ?? {}, key: run.key }),
      { project: row.project, schedule: row.name, dueAt: new Date(run.dueAt).toISOString() },
      launched,
    )
    return { kind: 'launched', taskId: state.id }
  } catch (error) {
    return refused(deps, view, run, error)
  }
}
function refused(deps: Deps, view: ScheduleView, run: Run, error: unknown): Verdict {
  if (!(error instanceof EngineError)) {
    deps.log.error({ err: error, schedule: run.name, due: run.dueAt }, 'a schedule could not be launched')
    const message = 'Baton could not launch it; its log says what went wrong'
    return { kind: 'failed', error: new EngineError('UNAVAILABLE', { message }) }
  }
  // A freeze that began this moment.
  if (error.code === 'FROZEN') {
    const { until } = error.detail
    return inFreeze(deps, view, run, typeof until === 'string' ? Date.parse(until) : null)
  }
  if (error.code === 'FORBIDDEN') return { kind: 'failed', error, pauses: 'no_right' }
  if (error.code !== 'UNAVAILABLE' || run.tries >= MOST_TRIES) return { kind: 'failed', error }
  const waitMs = RETRY_MS[Math.min(run.tries, RETRY_MS.length - 1)] ?? 0
  return { kind: 'waits', why: 'due', until: deps.now() + waitMs, tries: run.tries + 1 }
}

/** Those before it that have not ended: it is left out, or waits for them in its order. Null: there are none. */
async function overlap(deps: Deps, { row, document }: ScheduleView, run: Run): Promise<Verdict | null> {
  const { live, ahead } = deps.db.read((tx) => ({
    live: catalogue.liveRunsOf(tx, row),
    ahead: catalogue.waitingOf(tx, row).filter((other) => other.why === 'overlap' && other.id < run.id),
  }))
  const isLive = await Promise.all(
    live.map(async ({ taskId }) => {
      const task = taskId === null ? null : await deps.engine.task(taskId)
      return task !== null && task.state.stage !== 'final'
    }),
  )
  if (!isLive.includes(true) && ahead.length === 0) return null
  if (document.spec.overlap !== 'queue') return { kind: 'skipped', why: 'overlap' }
  if (run.why !== 'overlap' && ahead.length >= MOST_WAITING) return { kind: 'skipped', why: 'full' }
  return { kind: 'waits', why: 'overlap', until: catalogue.WAITS_FOR_OTHERS }
}
/** As its `missed` says: left out, or run once when the freeze has ended, however often it was due meanwhile. */
function inFreeze({ db }: Deps, { row, document }: ScheduleView, run: Run, until: number | null): Verdict {
  if (document.spec.missed === 'skip') return { kind: 'skipped', why: 'freeze' }
  const others = db
    .read((tx) => catalogue.waitingOf(tx, row))
    .some((other) => other.why === 'freeze' && other.id < run.id)
  if (others) return { kind: 'skipped', why: 'merged' }
  return { kind: 'waits', why: 'freeze', until: until ?? catalogue.WAITS_FOR_OTHERS }
}

function noOwner({ db }: Deps, { owner }: catalogue.ScheduleRow): EngineError {
  const person = owner === null ? undefined : db.read((tx) => catalogue.personById(tx, owner))
  const message = person
    ? `${person.name}, who owns this schedule, is suspended`
    : 'Nobody owns this schedule: take it over, or apply it again'
  return new EngineError('NOT_ALLOWED', { message })
}
const needsPasskey = (app: string): EngineError =>
  new EngineError('NOT_ALLOWED', {
    message: `${app} asks whoever launches it for a passkey, so it is never launched by itself`,
  })
const noRight = ({ name }: catalogue.Person, app: string): EngineError =>
  new EngineError('NOT_ALLOWED', { message: `${name}, who owns this schedule, may not launch ${app} any more` })

/** The owner as they would be by themselves: what they may do now counts. */
export function contextOf(deps: Deps, person: catalogue.Person): Context {
  const as = (one: catalogue.Person): Who => ({ ...whoWouldBe(one), client: CLIENT })
  const recheck = (): Who => {
    const now = deps.db.read((tx) => catalogue.personById(tx, person.id))
    return now?.active ? as(now) : { ...as(person), person: null }
  }
  return { ...deps, who: as(person), codes: createGuard(deps.now), caller: CLIENT, cookies: [], recheck }
}

function settle(tx: Tx, deps: Deps, { row, document }: ScheduleView, run: Run, verdict: Verdict): void {
  const at = deps.now()
  switch (verdict.kind) {
    case 'launched':
      catalogue.settleRun(tx, run.id, { state: 'launched', why: null, taskId: verdict.taskId, at })
      return
    case 'waits': {
      const { why, until, tries = run.tries } = verdict
      catalogue.settleRun(tx, run.id, { why, notBefore: until, tries, at })
      // The last of those it waits for may have ended while this was found out.
      if (why === 'overlap') catalogue.releaseRun(tx, row, at)
      return
    }
    case 'skipped':
      catalogue.settleRun(tx, run.id, { state: 'skipped', why: verdict.why, at })
      break
    case 'failed': {
      const { error, pauses } = verdict
      if (verdict.unsaid) {
        const detail = { schedule: row.name, dueAt: new Date(run.dueAt).toISOString(), code: error.code, why: pauses }
        const by = { ...SYSTEM, name: document.metadata.title }
        const refused = { at, by, what: 'launch', target: document.spec.app, allowed: false, detail }
        catalogue.addAudit(tx, refused, deps.keys.audit)
      }
      const isFirst = catalogue.settleRun(tx, run.id, {
        state: 'failed',
        why: error.code,
        message: error.detail.message ?? null,
        at,
      })
      if (pauses !== undefined)
        catalogue.changeSchedule(tx, row, {
          pausedAt: at,
          pausedBy: null,
          pausedWhy: pauses,
          pausedReason: error.detail.message ?? null,
          dueAt: null,
        })
      if (isFirst)
        tellOwner(tx, deps, { row, title: document.metadata.title, run, error, isPaused: pauses !== undefined })
    }
  }
  catalogue.releaseRun(tx, row, at) // whoever stood behind it
}
