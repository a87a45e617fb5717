import type { Command, Job, PeopleCommand } from '../core/command.ts'
import { actorOf, decideAhead, record } from '../core/decide/decide.ts'
import type { DecideEnv, Viewer } from '../core/env.ts'
import { EngineError } from '../core/error.ts'
import type { Event, Recorded } from '../core/events.ts'
import type { Flow } from '../core/flow.ts'
import { jobsOf, timerChanges } from '../core/jobs.ts'
import { ownSecretsIn, requestsOf, type TaskRequest } from '../core/requests.ts'
import { settle } from '../core/overlay.ts'
import { freeze } from '../core/snapshot.ts'
import { withOne } from '../core/list.ts'
import { factsOf } from '../core/statistics.ts'
import type { TaskPhase, TaskState } from '../core/state.ts'
import type { Notice, TaskMessage } from '../store/message.ts'
import type { Routed } from '../store/routing.ts'
import type { Address, Change, Committed as CommittedChange, Head, TaskStore, Untold } from '../store/task-store.ts'
import type { TaskView } from './engine.ts'
import { noticesOf, rowOf, shownOf } from './notices.ts'
import { viewOf } from './view.ts'

/** What a task in memory needs of the engine around it. */
export interface TaskHost {
  readonly store: TaskStore
  readonly env: () => DecideEnv
  /** Whether the catalogue may take what this task says in the commit it tells of: nothing the task sent earlier is still on its way. */
  readonly mayHandOn: (taskId: string) => boolean
  /** Its launch is on its way to lists. */
  readonly isBeingListed: (taskId: string) => boolean
  /** Executions of this task that have not ended. While there are some it stays in memory. */
  readonly running: (taskId: string) => number
  /** @throws FORBIDDEN, NOT_ALLOWED when `viewer` may not. */
  readonly authorize: (flow: Flow, state: TaskState, command: PeopleCommand, viewer: Viewer) => void
  /** Callback addresses that a job opens, to be committed with its start. */
  readonly addresses: (state: TaskState, job: Job) => (Address & { readonly hash: string })[]
  /** After the commit: now what it implies may leave. */
  readonly committed: (task: LiveTask, step: Committed) => void
  /** The task has left memory: parked, ended, or dropped because its commit failed. */
  readonly gone: (task: LiveTask) => void
}
export interface Committed {
  readonly entries: readonly Recorded[]
  readonly jobs: readonly Job[]
  /** Those that are still to be carried to the catalogue. */
  readonly messages: readonly TaskMessage[]
  /** What the one it took with the commit left for others. */
  readonly left: Routed | null
  readonly nextDueAt: number | null
}

/** One thing put to a task. */
export type Letter =
  | {
      readonly kind: 'command'
      readonly command: Command
      readonly viewer: Viewer | null
      readonly sealed?: Change['secrets']
    }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'late_callbacks'; readonly ids: readonly number[] }
  /** Nothing but a reason to be in memory: recovery, a callback that arrived. */
  | { readonly kind: 'wake' }
  /** Asks for the state once it is committed. */
  | { readonly kind: 'look' }
interface Waiting {
  readonly letter: Letter
  readonly resolve: (view: TaskView | null) => void
  readonly reject: (error: unknown) => void
}

/** A snapshot at least this often, later when the task is large: it costs what the task weighs. */
const SNAPSHOT_EVENTS = 256
/** A task that leaves memory after fewer is read from its journal. */
const YOUNG_EVENTS = 128
/** A task whose next timer is this near stays in memory between two polls. */
const KEEP_WARM_MS = 2_000

/**
 * One task in memory: its state and its mailbox. Whatever waits in the mailbox is decided in order and committed as one step;
 * replies, jobs and messages leave after that commit, never before.
 */
export class LiveTask {
  readonly id: string
  readonly flow: Flow
  #state: TaskState
  #head: Head
  #snapshotAt: number
  #awakeOnDisk: boolean
  readonly #host: TaskHost
  #mailbox: Waiting[] = NOTHING_WAITS
  #working = false
  #isGone = false
  #isSettled = true
  /** Whether the store may hold callbacks that nobody has handled. */
  mayHaveCallbacks = false
  #view: TaskView | null = null

  constructor(host: TaskHost, flow: Flow, state: TaskState, from: { head: Head; snapshotAt: number; awake: boolean }) {
    this.id = state.id
    this.flow = flow
    this.#state = state
    this.#host = host
    this.#head = from.head
    this.#snapshotAt = from.snapshotAt
    this.#awakeOnDisk = from.awake
  }

  /** As decided so far. */
  get state(): TaskState {
    return this.#state
  }
  /** The state is what is on disk: nothing decided waits for its commit. */
  get isSettled(): boolean {
    return this.#isSettled
  }
  get isGone(): boolean {
    return this.#isGone
  }

  /** Resolves after the commit; with the state it left for what people ask, and for `look`. */
  post(letter: Letter): Promise<TaskView | null> {
    return new Promise((resolve, reject) => {
      this.#mailbox = withOne(this.#mailbox, { letter, resolve, reject })
      this.#begin()
    })
  }

  /** Commits the task's first entry. */
  create(entry: Recorded, secrets: Change['secrets']): Promise<TaskView> {
    return new Promise((resolve, reject) => {
      this.#working = true
      this.#isSettled = false
      this.#commit({ ...NOTHING_DECIDED, entries: [entry], secrets }, null, (refusal) =>
        refusal ? reject(refusal) : resolve(this.view()),
      )
    })
  }

  /** The state as committed, safe to keep. Only between steps. */
  view(): TaskView {
    if (this.#view?.state.version !== this.state.version) this.#view = viewOf(this.state, this.flow)
    return this.#view
  }
  /** As `view`, once what is being committed is on disk. */
  async committedView(): Promise<TaskView> {
    return this.#working ? (await this.post({ kind: 'look' }))! : this.view()
  }

  // A microtask later: what ends in the same turn becomes one step.
  #begin(): void {
    if (this.#working) return
    this.#working = true
    queueMicrotask(() => this.#work())
  }

  #work(): void {
    const letters = this.#mailbox
    this.#mailbox = NOTHING_WAITS
    const before = shownOf(this.#state)
    this.#isSettled = false
    const { accepted, decided } = this.#decideAll(letters)
    this.#commit(decided, before, (refusal) => {
      // Looked at now, before the next step changes the state in place.
      for (const { letter, resolve, reject } of accepted) {
        if (refusal) reject(refusal)
        else resolve(wantsView(letter) ? this.view() : null)
      }
    })
  }

  #decideAll(letters: readonly Waiting[]): { readonly decided: Decided; readonly accepted: readonly Waiting[] } {
    const decided: Decided = { ...NOTHING_DECIDED }
    let refused: Waiting[] | null = null
    for (const waiting of letters) {
      try {
        this.#decideOne(waiting.letter, decided)
      } catch (error) {
        waiting.reject(error) // a refusal, or a bug: either way nothing of this letter was applied
        refused = withOne(refused ?? [], waiting)
      }
    }
    return { decided, accepted: refused === null ? letters : letters.filter((waiting) => !refused.includes(waiting)) }
  }

  #decideOne(letter: Letter, decided: Decided): void {
    switch (letter.kind) {
      case 'command': {
        const { command, viewer } = letter
        const env = this.#host.env()
        if (viewer) this.#host.authorize(this.flow, this.state, command as PeopleCommand, viewer) // a viewer comes with what people ask for
        const { events, state } = decideAhead(this.flow, this.#state, command, env)
        const entry = record(this.#state, events, actorOf(command), env.now)
        if (entry) {
          this.#state = settle(state)
          decided.entries = withOne(decided.entries, entry)
          if (letter.sealed) decided.secrets = { ...decided.secrets, ...letter.sealed }
        }
        if (command.kind === 'timer' && !this.state.timers.has(command.timerId))
          decided.staleTimers = withOne(decided.staleTimers, command.timerId)
        if (command.kind === 'result' && command.callbackId !== undefined)
          decided.done = withOne(decided.done, Number(command.callbackId))
        return
      }
      case 'notice':
        decided.notices = withOne(decided.notices, letter.notice)
        return
      case 'late_callbacks':
        decided.late = [...decided.late, ...letter.ids]
        return
      case 'wake':
      case 'look':
        return
    }
  }

  /** Everything that follows from what was decided. */
  #stepOf(decided: Decided, before: ReturnType<typeof shownOf> | null): Step {
    const { flow } = this
    const state = this.#state
    const { entries, notices: extra, secrets, done, late } = decided
    const events = entries.length === 1 ? entries[0]!.events : entries.flatMap((entry) => entry.events)
    const jobs = events.length > 0 ? jobsOf(events, state) : NO_JOBS
    const timers = timersOf(events, decided.staleTimers)
    const leaves = this.#mayLeave(jobs)
    const due = this.#isSnapshotDue()
    const told = noticesOf(entries, before, state, flow, this.#host.env().directory)
    const notices = told ? [...told, ...extra] : extra
    const requests = this.#requestsOf(events, before, secrets)
    const isBeingListed = this.#host.isBeingListed(this.id)
    const at = state.updatedAt
    const tellsHead = due || state.stage === 'final'
    const ended = state.stage === 'final' && events.some(({ kind }) => kind === 'task_ended') ? factsOf(state) : null
    const message =
      notices.length > 0 || requests !== null || (due && entries.length > 0)
        ? {
            from: this.id,
            ...(before === null && { isFirst: true as const }),
            at,
            row: rowOf(state, flow, this.#host.env().directory),
            // It may be the first that lists hear of it.
            notices: isBeingListed && !notices.some(isChange) ? [CHANGED, ...notices] : notices,
            ...(requests !== null && { requests }),
            ...(ended !== null && { ended }),
          }
        : null
    const handsOn = message !== null && this.#host.mayHandOn(this.id)
    const changed =
      entries.length > 0 ||
      timers.set.length + timers.clear.length > 0 ||
      message !== null ||
      done.length + late.length > 0
    return {
      jobs,
      entries,
      message,
      leaves,
      nextDueAt: timers.set.length > 0 ? Math.min(...timers.set.map(({ dueAt }) => dueAt)) : null,
      isEmpty: !changed && !(leaves && this.#awakeOnDisk),
      change: {
        taskId: this.id,
        after: this.#head,
        entries,
        snapshot: due || (leaves && this.#isWorthKeeping()) ? freeze(state) : null,
        awake: leaves === !this.#awakeOnDisk ? null : !leaves,
        timers,
        outbox: message && !handsOn ? [JSON.stringify(message)] : NOTHING_SENT,
        handOn: handsOn ? message : null,
        mayBeListedLater:
          before === null && jobs.length > 0 && requests === null && !tellsHead && notices.every(isChange),
        isBeingListed,
        tellsHead,
        inbox: { done, late },
        secrets,
        tokens: jobs.flatMap((job) => this.#host.addresses(state, job)),
      },
    }
  }

  /** A child gets the sealed texts of the secrets it is handed with its launch: it cannot look here. */
  #requestsOf(
    events: readonly Event[],
    before: ReturnType<typeof shownOf> | null,
    secrets: Change['secrets'],
  ): readonly TaskRequest[] | null {
    const requests = requestsOf(events, (before?.phase ?? null) as TaskPhase | null, this.state) // as it was shown
    if (requests.length === 0) return null
    return requests.map((request) => {
      const own = request.kind === 'child_wanted' ? [...ownSecretsIn(request.variables)] : []
      if (own.length === 0) return request
      const all = { ...this.#host.store.secrets(this.id), ...secrets }
      return { ...request, secrets: Object.fromEntries(own.flatMap((key) => (all[key] ? [[key, all[key]]] : []))) }
    })
  }

  /**
   * Puts on disk what was decided, then says so: with null, or with why not. Callbacks in place of promises: this is once per step.
   * The state may hold what is not on disk when that fails, so it is dropped then, and read again by whoever comes next.
   */
  #commit(
    decided: Decided,
    before: ReturnType<typeof shownOf> | null,
    answer: (refusal: EngineError | null) => void,
  ): void {
    const failed = (error: unknown): void => {
      const refusal = this.#drop(error)
      answer(refusal)
    }
    try {
      const step = this.#stepOf(decided, before)
      const onDisk = (committed: CommittedChange | null): void => {
        this.#recorded(step, committed)
        answer(null)
        this.#next()
      }
      // With nothing to record there is nothing to wait for, but whoever asked waits all the same.
      if (step.isEmpty) queueMicrotask(() => onDisk(null))
      else this.#host.store.submit(step.change, onDisk, failed)
    } catch (error) {
      failed(error)
    }
  }
  #recorded({ change, entries, jobs, message, nextDueAt }: Step, committed: CommittedChange | null): void {
    let messages = NO_MESSAGES
    let left: Routed | null = null
    if (committed !== null) {
      const { head, sent, awake } = committed
      left = committed.left
      this.#head = head
      if (change.snapshot !== null) this.#snapshotAt = head.version
      if (awake !== null) this.#awakeOnDisk = awake
      if (message && sent.length > 0) messages = [{ ...message, sequence: sent[0]!, ...(change.tellsHead && { head }) }]
    }
    this.#isSettled = true
    this.#host.committed(this, { entries, jobs, messages, left, nextDueAt })
  }
  #next(): void {
    if (this.#mailbox.length > 0) return this.#work()
    this.#working = false
    this.#leaveIfIdle()
  }

  #isSnapshotDue(): boolean {
    const { version, nodes } = this.state
    return version - this.#snapshotAt >= Math.max(SNAPSHOT_EVENTS, nodes.size >> 1)
  }

  /** Waking reads the events after the snapshot: a few cost less than the snapshot would, and most tasks that park have few. */
  #isWorthKeeping(): boolean {
    return this.state.version - this.#snapshotAt >= YOUNG_EVENTS
  }

  /** Nothing runs, nothing waits to be decided, nothing is due soon. */
  #mayLeave(jobs: readonly Job[]): boolean {
    if (jobs.length > 0 || this.#mailbox.length > 0 || this.mayHaveCallbacks || this.#host.running(this.id) > 0)
      return false
    if (this.state.stage === 'final') return true
    if (this.state.timers.size === 0) return true
    const soon = this.#host.env().now + KEEP_WARM_MS
    for (const timer of this.state.timers.values()) if (timer.dueAt <= soon) return false
    return true
  }
  #leaveIfIdle(): void {
    if (this.#isGone || this.#awakeOnDisk || !this.#mayLeave(NO_JOBS)) return
    this.#isGone = true
    this.#host.gone(this)
  }

  #drop(error: unknown): EngineError {
    const refusal =
      error instanceof EngineError ? error : new EngineError('UNAVAILABLE', { message: 'not recorded, try again' })
    if (refusal !== error) refusal.cause = error
    this.#isGone = true
    this.#host.gone(this)
    for (const { reject } of this.#mailbox) reject(refusal)
    this.#mailbox = NOTHING_WAITS
    return refusal
  }
}
const wantsView = (letter: Letter): boolean =>
  letter.kind === 'look' || (letter.kind === 'command' && letter.viewer !== null)

interface Decided {
  entries: Recorded[]
  notices: Notice[]
  done: number[]
  late: number[]
  secrets: Change['secrets']
  /** Due in the table, unknown to the state: cleared, so that they do not fire for ever. */
  staleTimers: string[]
}
interface Step {
  readonly change: Change
  readonly entries: readonly Recorded[]
  readonly jobs: readonly Job[]
  readonly message: Untold | null
  readonly nextDueAt: number | null
  readonly leaves: boolean
  readonly isEmpty: boolean
}
const CHANGED: Notice = { kind: 'changed' }
const isChange = ({ kind }: Notice): boolean => kind === 'changed'
const NO_JOBS: readonly Job[] = []
const NOTHING_WAITS: Waiting[] = []
const NO_MESSAGES: readonly TaskMessage[] = []
const NOTHING_SENT: readonly string[] = []
const NO_TIMERS: Change['timers'] = { set: [], clear: [] }
const NOTHING_DECIDED: Readonly<Decided> = {
  entries: [],
  notices: [],
  done: [],
  late: [],
  secrets: {},
  staleTimers: [],
}
function timersOf(events: readonly Event[], stale: readonly string[]): Change['timers'] {
  if (stale.length === 0 && !events.some(({ kind }) => kind === 'timer_set' || kind === 'timers_cleared'))
    return NO_TIMERS
  const { set, cleared } = timerChanges(events)
  return { set, clear: stale.length > 0 ? [...stale, ...cleared] : cleared }
}
