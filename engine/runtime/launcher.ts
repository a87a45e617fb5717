import { createHash } from 'node:crypto'
import type { LaunchFacts } from '../core/command.ts'
import type { CatalogueStore, Reservation } from '../store/catalogue-store.ts'
import { seal, type Keys } from '../store/seal.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { LaunchRequest, TaskView } from './engine.ts'

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
  readonly log: { error(o: object, m?: string): void }
}

/** A launch on its way, as the catalogue keeps it: secrets sealed with the task's id in their context, and without the raw input. */
type Pending = Omit<LaunchRequest, 'rawInput'>

/**
 * Launching in two steps that may each be repeated (docs/adr/0003): the catalogue reserves key, id and number, then the task
 * creates itself. On Node both usually lie in one commit.
 */
export class Launcher<View = TaskView> {
  readonly #services: LauncherServices<View>
  /** Tasks creating themselves now: the same launch twice waits for the first. */
  readonly #creating = new Map<string, Promise<View>>()
  constructor(services: LauncherServices<View>) {
    this.#services = services
  }

  /** @throws CONFLICT for a known key with another input. */
  async launch(request: LaunchRequest): Promise<View> {
    const { catalogue, keys, now, newId } = this.#services
    const taskId = newId()
    const pending: Pending = { ...withoutInput(request), secrets: sealAll(keys, taskId, request.secrets) }
    const { project, client } = request
    const key =
      request.key === null
        ? null
        : { project, client, key: request.key, inputHash: hashOf(request.rawInput), request: JSON.stringify(pending) }
    const reservation = catalogue.reserve(key, taskId, now())
    if (!reservation.fresh) return this.#again(reservation, request)
    // Both are ready in the same turn, in this order, so they share a commit.
    const creating = this.#create(reservation, pending)
    const [, view] = await Promise.all([reservation.committed, creating])
    return view
  }

  /** Finishes launches that were reserved by a process that ended before their task had created itself. */
  async sweep(): Promise<void> {
    for (const { taskId, number, request } of this.#services.catalogue.pending()) {
      if (this.#creating.has(taskId)) continue
      try {
        const pending = JSON.parse(request) as Pending // written by launch
        if (!(await this.#services.look(taskId))) await this.#create({ taskId, number }, pending)
      } catch (error) {
        this.#services.log.error(
          { task: taskId, error: String(error) },
          'a launch that was begun could not be finished',
        )
      }
    }
  }

  async #again(reservation: Reservation, request: LaunchRequest): Promise<View> {
    await reservation.committed
    const known = (await this.#creating.get(reservation.taskId)) ?? (await this.#services.look(reservation.taskId))
    return (
      known ??
      this.#create(reservation, {
        ...withoutInput(request),
        secrets: sealAll(this.#services.keys, reservation.taskId, request.secrets),
      })
    )
  }

  #create(
    { taskId, number }: { taskId: string; number: number },
    { flow, secrets, ...facts }: Pending,
  ): Promise<View> {
    const creating = this.#services
      .create({ ...facts, id: taskId, number }, flow, secrets)
      .finally(() => this.#creating.delete(taskId))
    this.#creating.set(taskId, creating)
    return creating
  }
}

function withoutInput(request: LaunchRequest): Pending {
  const { rawInput: _, ...pending } = request
  return pending
}
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
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')
