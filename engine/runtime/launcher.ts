import { hash } from 'node:crypto'
import type { LaunchFacts } from '../core/command.ts'
import { frozenError } from '../core/decide/freeze.ts'
import { EngineError } from '../core/error.ts'
import type { ChildWanted, SlotWanted, Told } from '../core/requests.ts'
import type { CatalogueStore, Reservation } from '../store/catalogue-store.ts'
import type { PendingChild } from '../store/routing.ts'
import type { PreparedChild } from './children.ts'
import { Registry } from '../core/registry.ts'
import { seal, type Keys } from '../store/seal.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { EngineOptions, LaunchRequest, TaskView } from './engine.ts'

export interface LauncherServices<View = TaskView> {
  readonly store: TaskStore
  readonly catalogue: CatalogueStore
  readonly keys: Keys
  readonly now: () => number
  readonly newId: () => string
  /** The task creates itself. */
  readonly create: (
    facts: LaunchFacts,
    flow: LaunchRequest['flow'],
    secrets: { readonly [variable: string]: string },
  ) => Promise<View>
  readonly look: (taskId: string) => Promise<View | null>
  /** The place under a key that a launch needs (`concurrency`); null, at once for most: none. */
  readonly place?: (facts: LaunchFacts, flow: LaunchRequest['flow']) => Place | null | Promise<Place | null>
  /** A child as its flow takes it. @throws EngineError when it does not. */
  readonly prepare?: (wanted: ChildWanted) => Promise<PreparedChild>
  /** The freeze that holds for something at an instant. */
  readonly frozen?: EngineOptions['frozen']
  /** These tasks have letters, or can hear them from now on. */
  readonly onLetters?: (tasks: readonly string[]) => void
  readonly log: { error(o: object, m?: string): void }
  /** Tasks create themselves somewhere else than here. */
  readonly apart?: boolean
  /** How long to wait before another try at children. */
  readonly retryMs?: number
}

export type Place = Omit<SlotWanted, 'ancestors'>

const RETRY_MS = 1_000

/** A launch on its way, as the catalogue keeps it: secrets sealed with the task's id in their context, and without the raw input. */
type Pending = Omit<LaunchRequest, 'rawInput'>
type Launchable = Pick<Pending, 'flow' | 'secrets'> & Omit<LaunchFacts, 'id' | 'number' | 'slot'>

/**
 * Launching in two steps that may each be repeated (docs/adr/0003): the catalogue reserves key, id and number, then the task
 * creates itself. On Node both usually lie in one commit.
 */
export class Launcher<View = TaskView> {
  readonly #services: LauncherServices<View>
  /** Tasks creating themselves now: the same launch twice waits for the first. */
  readonly #creating = new Registry<Promise<View>>()
  #isLaunchingChildren = false
  #childrenWait = false
  constructor(services: LauncherServices<View>) {
    this.#services = services
  }

  /** @throws CONFLICT for a known key with another input; FROZEN. */
  async launch(request: LaunchRequest): Promise<View> {
    const { catalogue, keys, now, newId } = this.#services
    this.#refuseFrozen(request)
    const taskId = newId()
    const pending = pendingOf(request, keys, taskId)
    const { project, client } = request
    const key =
      request.key === null
        ? null
        : {
            project,
            client,
            key: request.key,
            inputHash: hashOf(request.rawInput),
            request: () => JSON.stringify(pending),
          }
    const reservation = catalogue.reserve(key, taskId, now())
    if (!reservation.fresh) return this.#again(reservation, request)
    // Elsewhere a task could outlive a reservation that was lost, and its key would make a second one.
    if (this.#services.apart) await reservation.committed
    // Else both are ready in the same turn, in this order, so they share a commit.
    const creating = this.#create(reservation, pending)
    const [, view] = await Promise.all([reservation.committed, creating])
    return view
  }

  /** One place for every surface, before a launch is given its number: what has one is finished, whatever begins meanwhile. */
  #refuseFrozen(request: LaunchRequest): void {
    const { catalogue, frozen: look, now } = this.#services
    const { project, key, client, app, flow, startAt, startNow, rehearsal } = request
    if (!look || rehearsal || request.overrideFreeze !== undefined) return
    // What waits to be started, or for somebody to take it, is held against a freeze then.
    if (request.handOver !== undefined || (startAt === null && !startNow)) return
    const frozen = look({ project, app: app?.name ?? null, flow: flow.name }, Math.max(startAt ?? 0, now()))
    if (frozen === null) return
    if (key !== null && catalogue.taskIdOf({ key, project, client }) !== null) return // it is that task
    throw frozenError(frozen)
  }

  /** Finishes launches that were reserved by a process that ended before their task had created itself, and takes back places it had taken. */
  async sweep(): Promise<void> {
    const { catalogue, look, log, onLetters } = this.#services
    const pending = catalogue.pending()
    await this.#finish(pending)
    const isPending = new Set(pending.map(({ taskId }) => taskId))
    for (const { task } of catalogue.slots.unmade()) {
      if (isPending.has(task) || this.#creating.has(task)) continue
      try {
        if (!(await look(task))) onLetters?.(await catalogue.unclaim(task))
      } catch (error) {
        log.error({ task, error: String(error) }, 'a place that nobody uses could not be taken back')
      }
    }
  }
  /** Launches the children that tasks have asked for: those of a burst together, and what is asked meanwhile in the next round. */
  async launchChildren(): Promise<void> {
    this.#childrenWait = true
    if (this.#isLaunchingChildren) return
    this.#isLaunchingChildren = true
    try {
      while (this.#childrenWait) {
        this.#childrenWait = false
        const pending = this.#services.catalogue.pending()
        await this.#finish(pending.filter(({ request }) => 'child' in parsed(request)))
      }
    } finally {
      this.#isLaunchingChildren = false
    }
  }

  async #finish(pending: ReturnType<CatalogueStore['pending']>): Promise<void> {
    await Promise.all(
      pending.map(async ({ taskId, number, request }) => {
        if (this.#creating.has(taskId)) return
        try {
          const wanted = parsed(request)
          if ('child' in wanted) await this.#launchChild(wanted.child, number)
          else if (!(await this.#services.look(taskId)) && !this.#creating.has(taskId))
            await this.#create({ taskId, number }, wanted)
        } catch (error) {
          this.#services.log.error(
            { task: taskId, error: String(error) },
            'a launch that was begun could not be finished',
          )
        }
      }),
    )
  }

  /** What stands against a child is told to its parent; what only fails for now is tried again. */
  async #launchChild(wanted: ChildWanted, number: number): Promise<void> {
    const { catalogue, look, prepare, onLetters } = this.#services
    const taskId = wanted.child
    if (!prepare) return
    try {
      if (!(await look(taskId))) {
        const told = catalogue.letters
          .all(taskId)
          .flatMap(({ letter }) => (letter.kind === 'told' ? [letter.told] : []))
        if (told.some(({ what }) => what === 'revoke'))
          throw new EngineError('NOT_ALLOWED', { code: 'CHILD_REVOKED', message: 'It was stopped before it began' })
        const { facts, flow, secrets } = await prepare(wanted)
        if (this.#creating.has(taskId)) return
        await this.#create({ taskId, number }, { ...facts, flow, secrets, ...(isPaused(told) && { paused: true }) })
      }
      onLetters?.([taskId])
    } catch (error) {
      if (error instanceof EngineError && error.code === 'UNAVAILABLE') {
        setTimeout(() => void this.launchChildren(), this.#services.retryMs ?? RETRY_MS).unref()
        return
      }
      onLetters?.(await catalogue.refuseChild(wanted, this.#refusalOf(taskId, error)))
    }
  }

  #refusalOf(task: string, error: unknown): { code: string; message: string } {
    if (error instanceof EngineError) {
      const { code } = error.detail
      return { code: typeof code === 'string' ? code : error.code, message: error.message }
    }
    this.#services.log.error(
      { task, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      'a child could not be launched',
    )
    return { code: 'LAUNCH_FAILED', message: 'Baton could not launch it; its log says what went wrong' }
  }

  async #again(reservation: Reservation, request: LaunchRequest): Promise<View> {
    await reservation.committed
    const known = (await this.#creating.get(reservation.taskId)) ?? (await this.#services.look(reservation.taskId))
    return known ?? this.#create(reservation, pendingOf(request, this.#services.keys, reservation.taskId))
  }

  #create({ taskId, number }: { taskId: string; number: number }, launch: Launchable): Promise<View> {
    const { flow, secrets } = launch
    const facts: LaunchFacts = { ...launch, id: taskId, number }
    const place = this.#services.place?.(facts, flow) ?? null
    const creating = (
      place === null
        ? this.#services.create(facts, flow, secrets)
        : this.#createInPlace(facts, place, (taken) => this.#services.create(taken, flow, secrets))
    ).finally(() => this.#creating.delete(taskId))
    this.#creating.set(taskId, creating)
    return creating
  }

  /** With the place it needs taken, or in its queue. @throws BUSY; CONFLICT when waiting would close a circle. */
  async #createInPlace(
    facts: LaunchFacts,
    needs: Place | Promise<Place | null>,
    create: (facts: LaunchFacts) => Promise<View>,
  ): Promise<View> {
    const { catalogue, now, onLetters } = this.#services
    const place = await needs
    if (place === null) return create(facts)
    const { id, project, by, parent } = facts
    const { key, limit, digest } = place
    const joiner = by.person === null ? null : { person: by.person, by }
    const answer = await catalogue.claim(
      { ...place, project, task: id, at: now(), ancestors: parent?.ancestors ?? [] },
      joiner,
    )
    switch (answer.kind) {
      case 'granted':
      case 'queued':
        try {
          return await create({ ...facts, slot: { key, limit, digest, granted: answer.kind === 'granted' } })
        } catch (error) {
          // Refused, it will never be; what only failed is finished by the sweeper, in the place it has.
          if (error instanceof EngineError && error.code !== 'UNAVAILABLE') onLetters?.(await catalogue.unclaim(id))
          throw error
        }
      case 'joined': {
        onLetters?.([answer.holder])
        const holder = (await this.#creating.get(answer.holder)) ?? (await this.#services.look(answer.holder))
        if (!holder) throw new EngineError('UNAVAILABLE', { message: `the one under “${key}” is just beginning` })
        return holder
      }
      case 'busy':
        throw new EngineError('BUSY', {
          message: `As many as may run under “${key}” are running`,
          heldBy: answer.holders,
        })
      case 'deadlock':
        throw new EngineError('CONFLICT', {
          code: 'CONCURRENCY_DEADLOCK',
          message: `Waiting for “${key}” would never end: whoever holds it waits, further up, for this task`,
        })
    }
  }
}

/** A request as the catalogue kept it. */
const parsed = (request: string): Pending | PendingChild => JSON.parse(request) as Pending | PendingChild // written by launch, or for a parent
/** The last word on it. */
const isPaused = (told: readonly Told[]): boolean => told.findLast(({ what }) => what !== 'revoke')?.what === 'pause'

// What is undefined is not in its JSON; taking the field out would copy the others one by one.
const pendingOf = (request: LaunchRequest, keys: Keys, taskId: string): Pending => ({
  ...request,
  ...NO_INPUT,
  secrets: sealAll(keys, taskId, request.secrets),
})
const NO_INPUT = { rawInput: undefined }
/** What binds a task's sealed secret to it. */
export const secretContext = (taskId: string, variable: string): string => `task/${taskId}/${variable}`
export const sealAll = (
  keys: Keys,
  taskId: string,
  secrets: LaunchRequest['secrets'],
): { [variable: string]: string } =>
  Object.fromEntries(
    Object.entries(secrets).map(([variable, text]) => [variable, seal(keys, secretContext(taskId, variable), text)]),
  )
const hashOf = (text: string): string => hash('sha256', text, 'base64url')
