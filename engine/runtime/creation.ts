import type { LaunchFacts } from '../core/command.ts'
import { record } from '../core/decide/decide.ts'
import { decideLaunch } from '../core/decide/launch.ts'
import type { DecideEnv } from '../core/env.ts'
import { EngineError } from '../core/error.ts'
import type { Flow } from '../core/flow.ts'
import { continuedFrom } from '../core/keep.ts'
import type { TaskState } from '../core/state.ts'
import type { CatalogueStore } from '../store/catalogue-store.ts'
import type { EngineOptions, TaskView } from './engine.ts'
import type { FlowCache } from './flow-cache.ts'
import type { LauncherServices } from './launcher.ts'
import type { Tasks } from './tasks.ts'

export interface CreationServices {
  readonly flows: FlowCache
  readonly tasks: Tasks
  readonly catalogue: CatalogueStore
  readonly env: () => DecideEnv
  readonly otherTask: EngineOptions['otherTask']
  /** Resolves when lists have what this task said, or cannot take it now. */
  readonly told: (taskId: string) => Promise<void>
}

/** The second half of a launch: what has its id and number becomes a task. */
export function creation(services: CreationServices): LauncherServices['create'] {
  const { flows, tasks, catalogue, env, told } = services
  return async (facts, ref, secrets) => {
    const flow = flows.known(facts.project, ref) ?? (await flows.load(facts.project, ref))
    const moment = env()
    const { state, events } = decideLaunch(flow, await withContinued(services, flow, facts), moment)
    const entry = record({ version: 0 } as TaskState, events, facts.by, moment.now)! // a launch is an event
    const creating: Promise<TaskView> = tasks.create(flow, state, entry, secrets)
    // On its way already, so it shares the commit of a reservation that still waits for one; unless it could not even be told what to write.
    if (tasks.inMemory(facts.id)) catalogue.creating?.(facts.id)
    const view = await creating
    await told(facts.id)
    return view
  }
}

/** What the task before gave is looked up when this one creates itself: that one has ended, so it is the same whenever that is. */
async function withContinued(
  { tasks, otherTask }: CreationServices,
  flow: Flow,
  facts: LaunchFacts & { readonly continueFrom?: string },
): Promise<LaunchFacts> {
  if (facts.continueFrom === undefined) return facts
  const before = (await tasks.view(facts.continueFrom))?.state ?? (await otherTask?.(facts.continueFrom)) ?? null
  if (!before) throw new EngineError('NOT_FOUND', { message: 'the task to go on from is not there' })
  return { ...facts, continues: continuedFrom(flow, before, facts) }
}
