import { expect } from 'vitest'
import { itemsOf } from '../../core/apply.ts'
import type { PeopleCommand } from '../../core/command.ts'
import type { Actor, TaskState } from '../../core/state.ts'
import type { Values } from '../../core/value.ts'
import type { LaunchRequest } from '../../runtime/engine.ts'
import { isFinal, li, viewerOf, wu, type MakeWorld, type World } from '../world.ts'
import { player, type Player } from './player.ts'

/** A task as a row of the table sees it: enough to say what must hold, and plain. */
export interface Seen {
  readonly phase?: string
  readonly waitingFor?: readonly string[]
  readonly outcome?: string
  /** State of each visited node, gateways too. */
  readonly nodes?: { readonly [node: string]: string }
  readonly attempts?: { readonly [node: string]: number }
  /** Cause of the error a node has. */
  readonly causes?: { readonly [node: string]: string }
  readonly codes?: { readonly [node: string]: string }
  readonly items?: { readonly [node: string]: readonly string[] }
  readonly variables?: Values
  readonly outputs?: Values
  readonly late?: boolean
  readonly cancelUnconfirmed?: boolean
  readonly children?: number
}

type Press = PeopleCommand extends infer C ? (C extends PeopleCommand ? Omit<C, 'by' | 'attempt'> : never) : never
/** What somebody does once the task is as `when` says. `refused` is the code they are told; then nothing may have changed. */
export type Step = { readonly when?: Seen } & (
  | { readonly press: Press & { readonly attempt?: number }; readonly by?: Actor; readonly refused?: string }
  | {
      readonly answer: 'approve' | 'reject' | 'submit' | 'confirm'
      readonly by?: Actor
      readonly fields?: Values
      readonly comment?: string
      readonly refused?: string
    }
  | { readonly call: string; readonly payload: Values; readonly key?: string }
  | { readonly release: true }
  | { readonly restart: true }
  | { readonly look: Seen }
)

/** One row: what the sentence says, the flow that shows it, what people do in order, and how it must end. */
export interface Scenario {
  /** Of FLOW.md, or of the engine this one takes over from. */
  readonly says: string
  /** The spec of the flow; `others` are flows it starts. */
  readonly flow: object
  readonly others?: { readonly [name: string]: object }
  readonly launch?: Partial<LaunchRequest>
  /** The launch itself is refused. */
  readonly refused?: string
  readonly steps?: readonly Step[]
  readonly ends?: Seen
  /** Calls of the plugin there must have been, in this order; others may stand between. */
  readonly calls?: readonly string[]
  /** Calls there must not have been. */
  readonly never?: readonly string[]
  /** Why only Node runs it. */
  readonly nodeOnly?: string
}

export const seenOf = (state: Readonly<TaskState>): Seen => {
  const runs = [...state.nodes.values()]
  const each = <T>(of: (run: (typeof runs)[number]) => T | undefined): { [node: string]: T } =>
    Object.fromEntries(runs.flatMap((run) => (of(run) === undefined ? [] : [[run.id, of(run) as T]])))
  return {
    phase: state.phase,
    waitingFor: state.waitingFor,
    ...(state.outcome !== null && { outcome: state.outcome }),
    nodes: each((run) => run.state),
    attempts: each((run) => run.attempt),
    causes: each((run) => run.error?.cause),
    codes: each((run) => run.error?.code),
    items: each((run) =>
      run.each === null ? undefined : itemsOf(state, run.id).map((item) => item.state ?? 'not started'),
    ),
    variables: state.variables,
    ...(state.outputs !== null && { outputs: state.outputs }),
    late: state.late,
    cancelUnconfirmed: state.cancelUnconfirmed,
    children: state.children.length,
  }
}

/** Plays one row on whatever engine `make` makes. */
export async function play(scenario: Scenario, make: MakeWorld): Promise<void> {
  const cast = player()
  let world = await make({ plugins: cast.plugins, flows: { main: scenario.flow, ...scenario.others } })
  try {
    if (scenario.refused !== undefined) {
      await expect(world.launch('main', scenario.launch)).rejects.toMatchObject({ code: scenario.refused })
      return
    }
    const { state } = await world.launch('main', scenario.launch)
    for (const step of scenario.steps ?? []) world = await take(world, cast, state.id, step)
    const last = await (scenario.ends?.phase === undefined
      ? world.until(state.id, isFinal)
      : world.until(state.id, (now) => matches(now, { phase: scenario.ends!.phase! })))
    if (scenario.ends !== undefined) await settled(world, last.id, scenario.ends)
    expectCalls(cast.calls, scenario)
    await holdsTogether(world, state.id)
  } finally {
    cast.release()
    await world.end()
  }
}

async function take(world: World, cast: Player, id: string, step: Step): Promise<World> {
  const state = step.when === undefined ? await now(world, id) : await settled(world, id, step.when)
  if ('release' in step) cast.release()
  else if ('restart' in step) return world.restart()
  else if ('look' in step) await settled(world, id, step.look)
  else if ('call' in step) {
    const token = cast.addresses.get(step.call)
    if (token === undefined)
      throw new Error(`nothing waits at ${step.call}, only at ${[...cast.addresses.keys()].join()}`)
    expect(await world.engine.callback(token, step.payload, step.key ?? null)).toBe(true)
  } else await pressed(world, state, step)
  return world
}

async function pressed(
  world: World,
  state: Readonly<TaskState>,
  step: Extract<Step, { press: unknown } | { answer: unknown }>,
): Promise<void> {
  const by = step.by ?? ('answer' in step ? wu : li)
  const command = 'answer' in step ? answerOf(state, step, by) : pressOf(state, step.press, by)
  const done = world.engine.command(state.id, command, viewerOf(by))
  if (step.refused === undefined) {
    await done
    return
  }
  await expect(done).rejects.toMatchObject({ code: step.refused })
}
function pressOf(
  state: Readonly<TaskState>,
  press: Extract<Step, { press: unknown }>['press'],
  by: Actor,
): PeopleCommand {
  const attempt = 'nodeId' in press ? { attempt: state.nodes.get(press.nodeId)?.attempt ?? 0 } : {}
  return { ...attempt, ...press, by } as PeopleCommand // its kind's own fields, and who
}
function answerOf(state: Readonly<TaskState>, step: Extract<Step, { answer: unknown }>, by: Actor): PeopleCommand {
  const ask = [...state.asks.values()].findLast((one) => one.state === 'open') ?? [...state.asks.values()].at(-1)
  if (ask === undefined) throw new Error('nobody is asked anything')
  return {
    kind: 'decide',
    by,
    askId: ask.id,
    digest: ask.digest,
    verdict: step.answer,
    ...(step.comment !== undefined && { comment: step.comment }),
    ...(step.fields !== undefined && { fields: step.fields }),
  }
}

const now = async (world: World, id: string): Promise<Readonly<TaskState>> => {
  const view = await world.engine.task(id)
  if (view === null) throw new Error(`there is no task ${id}`)
  return view.state
}
const matches = (state: Readonly<TaskState>, wanted: Seen): boolean => {
  try {
    expect(seenOf(state)).toMatchObject(wanted)
    return true
  } catch {
    return false
  }
}
/** The state once it is as wanted; what differs is shown when it never is. */
async function settled(world: World, id: string, wanted: Seen): Promise<Readonly<TaskState>> {
  try {
    return await world.until(id, (state) => matches(state, wanted))
  } catch {
    const state = await now(world, id)
    expect(seenOf(state)).toMatchObject(wanted)
    return state
  }
}

function expectCalls(calls: readonly string[], scenario: Scenario): void {
  let at = 0
  for (const call of scenario.calls ?? []) {
    const found = calls.indexOf(call, at)
    if (found < 0)
      throw new Error(`expected ${call} after ${calls.slice(0, at).join(', ') || 'nothing'} in ${calls.join(', ')}`)
    at = found + 1
  }
  for (const call of scenario.never ?? []) expect(calls).not.toContain(call)
}

/** Of every row: the history is whole, and what is replayed from it is what is. */
async function holdsTogether(world: World, id: string): Promise<void> {
  expect(await world.engine.verifyHistory(id)).toBeNull()
}
