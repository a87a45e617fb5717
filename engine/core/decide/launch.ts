import { newTask } from '../apply.ts'
import type { LaunchFacts } from '../command.ts'
import { envIn, type DecideEnv } from '../env.ts'
import { EngineError } from '../error.ts'
import type { Event, TaskLaunched } from '../events.ts'
import type { Flow } from '../flow.ts'
import { isStep } from '../graph.ts'
import { drain } from '../nodes/visit.ts'
import type { TaskState } from '../state.ts'
import type { slotOf } from '../concurrency.ts'
import { request } from './hand-over.ts'
import { throughFreeze } from './freeze.ts'
import { begin, depart, slotWanted } from './task.ts'
import { emit, setTimer, type Turn } from './turn.ts'

/** The first entry of a task, and the state it leaves: launched, planned, or under way at once. @throws INVALID_INPUT, NOT_ALLOWED */
export function decideLaunch(flow: Flow, launch: LaunchFacts, env: DecideEnv): { state: TaskState; events: Event[] } {
  for (const id of launch.omit) {
    if (flow.node(id)?.optional !== true)
      throw new EngineError('INVALID_INPUT', {
        message: `${id} cannot be left out`,
        fields: [{ field: 'omit', code: 'not_optional', message: `${id} cannot be left out` }],
      })
  }
  const launched = launchedOf(flow, launch)
  // The state is this function's own, so it needs no overlay.
  const turn: Turn = {
    flow,
    state: newTask(launched, env.now),
    env: envIn(env, launch.project),
    now: env.now,
    by: launch.by,
    moment: { at: env.now, by: launch.by },
    events: [launched],
    onTheWay: [],
  }
  if (launch.paused === true) emit(turn, { kind: 'parent_paused', v: 1, paused: true })
  // Whether it may be launched was judged before it was given its number (`Launcher`): a child, or one half made at a crash, goes on.
  if (launch.overrideFreeze !== undefined) throughFreeze(turn, 'launch', launch.overrideFreeze)
  if (launch.handOver !== undefined && !launch.rehearsal) request(turn, launch.handOver, launch)
  else if (launch.startAt !== null) setTimer(turn, { id: 'task/start_at', kind: 'start_at', dueAt: launch.startAt })
  else if (launch.startNow) setOut(turn, launch)
  if (launch.paused === true) emit(turn, { kind: 'task_paused', v: 1 })
  drain(turn)
  return { state: turn.state, events: turn.events }
}

/** With the place it has taken, if it needed one. */
function setOut(turn: Turn, { slot }: LaunchFacts): void {
  if (slot === undefined) return begin(turn)
  const { key, limit, digest, granted } = slot
  const whenBusy = turn.flow.concurrency?.whenBusy ?? 'queue'
  emit(turn, { kind: 'slot_requested', v: 1, key, limit, whenBusy, digest })
  if (!granted) return
  emit(turn, { kind: 'slot_granted', v: 1 })
  depart(turn)
}

/** The place this launch needs when it starts now; null: none. @throws INVALID_INPUT when its key cannot be told. */
export function slotOfLaunch(flow: Flow, launch: LaunchFacts, env: DecideEnv): ReturnType<typeof slotOf> {
  // What waits for somebody to take it holds no place.
  if (launch.handOver !== undefined && !launch.rehearsal) return null
  if (flow.concurrency === null || !launch.startNow || launch.startAt !== null) return null
  return slotWanted(flow, newTask(launchedOf(flow, launch), env.now), env)
}

function launchedOf(flow: Flow, launch: LaunchFacts): TaskLaunched {
  const expectMs = launch.expectMs ?? flow.expectMs
  return {
    kind: 'task_launched',
    v: 1,
    id: launch.id,
    number: launch.number,
    project: launch.project,
    key: launch.key,
    client: launch.client,
    title: launch.title,
    app: launch.app,
    flow: { name: flow.name, version: flow.version, digest: flow.digest },
    startedBy: launch.by,
    origin: launch.origin,
    scheme: launch.scheme,
    omit: launch.omit,
    rehearsal: launch.rehearsal,
    variables: launch.variables,
    launched: launch.launched,
    ...(launch.fixed !== undefined && { fixed: launch.fixed }),
    ...(launch.hidden !== undefined && { hidden: launch.hidden }),
    total: totalOf(flow),
    ...(expectMs !== null && { expectMs }),
    ...(launch.titleFrom !== undefined && { titleFrom: launch.titleFrom }),
    ...(launch.continues != null && { continues: launch.continues }),
    ...(launch.parent !== undefined && { parent: launch.parent }),
  }
}

const STEPS = new WeakMap<Flow, number>()
/** What a launch leaves out counts as well: it is passed over, and done with that. */
function totalOf(flow: Flow): number {
  let steps = STEPS.get(flow)
  if (steps === undefined) STEPS.set(flow, (steps = flow.nodes.filter(isStep).length))
  return steps
}
