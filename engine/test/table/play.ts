import { expect } from 'vitest'
import { replay } from '../../core/apply.ts'
import type { WorkCalendar } from '../../core/calendar.ts'
import type { PeopleCommand } from '../../core/command.ts'
import type { Directory, PersonRef, StoodFor } from '../../core/env.ts'
import type { Actor, Ask, TaskState } from '../../core/state.ts'
import { isFinal, li, viewerOf, wu, type MakeWorld, type World } from '../world.ts'
import { player, type Player } from './player.ts'
import type { Scenario, Step } from './scenario.ts'
import { matches, seenOf, wantedOf, type Seen } from './seen.ts'

export const ana: Actor = { person: 'p-ana', name: 'Ana', surface: 'telegram' }
export const bo: Actor = { person: 'p-bo', name: 'Bo', surface: 'terminal' }

const ROLES: { readonly [ref: string]: readonly Actor[] } = {
  'role:qa': [wu, ana],
  'role:ops': [ana, bo],
  'role:duty': [bo],
  'role:nobody': [],
}
const refOf = ({ person, name }: Actor): PersonRef => ({ id: person ?? '', name })
const PEOPLE = [li, wu, ana, bo]
const named = (name: string): Actor => PEOPLE.find((one) => one.name === name)!
type StandIns = NonNullable<Scenario['standIns']>
/** Li starts; Wu and Ana are QA, Ana and Bo are Ops, Bo has the duty; as the row changes it. */
const directoryOf = (roles: typeof ROLES, standIns: StandIns): Directory => ({
  people: (ref, starter) =>
    ref === 'starter' ? [refOf(starter)] : (roles[ref] ?? PEOPLE.filter(({ name }) => name === ref)).map(refOf),
  title: (ref) => ref,
  constants: () => ({ region: 'eu' }),
  hosts: (ref) => [ref],
  calendar: (_, name) => (name === 'always' ? ALWAYS : null),
  standsFor: (id) => stoodFor(standIns, id),
})
const stoodFor = (standIns: StandIns, id: string | null): StoodFor[] =>
  Object.entries(standIns).flatMap(([holder, name]) =>
    named(name).person === id ? [{ ...refOf(named(holder)), via: [] }] : [],
  )
const ALWAYS: WorkCalendar = {
  zone: 'Asia/Shanghai',
  workdays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  hours: ['00:00-24:00'],
}

/** The row as it is played: the engine, the plugin, and the tasks by name (`''` is the row's own). */
interface Play {
  world: World
  readonly cast: Player
  readonly tasks: Map<string, string>
  /** What was asked first, to answer what is no longer asked. */
  firstAsk: Ask | null
  readonly standIns: StandIns
  /** As the row has made it. */
  directory: Directory
}

/** Plays one row on whatever engine `make` makes. */
export async function play(scenario: Scenario, make: MakeWorld): Promise<void> {
  const cast = player()
  const { standIns = {} } = scenario
  const first = directoryOf(ROLES, standIns)
  let look = (): Directory => first
  const world = await make({
    plugins: cast.plugins,
    flows: { main: scenario.flow, ...scenario.others },
    engine: { directory: { ...first, people: (ref, starter) => look().people(ref, starter) } },
  })
  const on: Play = { world, cast, tasks: new Map(), firstAsk: null, standIns, directory: first }
  look = () => on.directory
  try {
    if (scenario.refused !== undefined) {
      await expect(world.launch('main', scenario.launch)).rejects.toMatchObject({ code: scenario.refused })
      return
    }
    const { state } = await world.launch('main', scenario.launch)
    on.tasks.set('', state.id)
    for (const step of scenario.steps ?? []) await take(on, step)
    const { ends } = scenario
    if (ends === undefined) await on.world.until(state.id, isFinal)
    else await settled(on.world, state.id, ends)
    expectCalls(cast.calls, scenario)
    expect(cast.doubled).toEqual([])
    for (const id of on.tasks.values()) await holdsTogether(on.world, id)
  } finally {
    cast.release()
    await on.world.end()
  }
}

async function take(on: Play, step: Step): Promise<void> {
  const { world, cast } = on
  const id = await taskOf(on, step.of ?? '')
  const state = step.when === undefined ? await now(world, id) : await settled(world, id, step.when)
  on.firstAsk ??= [...state.asks.values()][0] ?? null
  if ('release' in step) cast.release(step.release === true ? undefined : step.release)
  else if ('restart' in step) on.world = await world.restart({ graceMs: 0 })
  else if ('look' in step) await settled(world, id, step.look)
  else if ('forge' in step) expect(await world.engine.callback(`${id}.forged`, {}, null)).toBe(false)
  else if ('call' in step) await called(on, step)
  else if ('launch' in step) await launched(on, step)
  else if ('hears' in step) await world.heard(step.hears)
  else if ('silent' in step) expect(noticesOf(world)).not.toContain(step.silent)
  else if ('queued' in step) await queued(on, id, step)
  else if ('roles' in step) await changeRoles(on, id, step.roles)
  else await pressed(on, state, step)
}
const noticesOf = ({ messages }: World): readonly string[] =>
  messages.flatMap(({ notices }) => notices.map(({ kind }) => kind))

/** By name, or by the node whose latest child it is. */
async function taskOf({ world, tasks }: Play, name: string): Promise<string> {
  const known = tasks.get(name)
  if (known !== undefined) return known
  let id = tasks.get('') ?? ''
  for (const node of name.split('/')) {
    const { children } = await world.until(id, (state) =>
      state.children.some((child) => child.node === node && child.number !== null),
    )
    id = children.findLast((child) => child.node === node)!.id
  }
  return id
}

async function called({ world, cast }: Play, step: Extract<Step, { call: string }>): Promise<void> {
  await expect.poll(() => [...cast.addresses.keys()], { message: `nothing waits at ${step.call}` }).toContain(step.call)
  expect(await world.engine.callback(cast.addresses.get(step.call)!, step.payload, step.key ?? null)).toBe(true)
}

async function launched(on: Play, step: Extract<Step, { launch: string }>): Promise<void> {
  const from = step.continues === undefined ? null : await taskOf(on, step.continues)
  const launch = on.world.launch(step.flow ?? 'main', {
    ...step.with,
    ...(from !== null && { continueFrom: from }),
  })
  if (step.refused !== undefined) {
    await expect(launch).rejects.toMatchObject({ code: step.refused })
    return
  }
  const { state } = await launch
  on.tasks.set(step.launch, state.id)
  if (step.like !== undefined) expect(state.id).toBe(on.tasks.get(step.like))
}

async function queued(on: Play, id: string, step: Extract<Step, { queued: unknown }>): Promise<void> {
  const { engine } = on.world
  if (!('queueOf' in engine)) throw new Error('only on Node can a place in the queue be asked for')
  const heldBy = step.heldBy?.map((name) => on.tasks.get(name))
  await expect
    .poll(() => engine.queueOf(id)) // the catalogue hears of an end a little later
    .toMatchObject({ position: step.queued, ...(heldBy !== undefined && { heldBy }) })
}

async function changeRoles(on: Play, id: string, roles: { readonly [ref: string]: readonly string[] }): Promise<void> {
  const { engine } = on.world
  if (!('peopleChanged' in engine)) throw new Error('only on Node are asks held against roles')
  const changed = Object.fromEntries(Object.entries(roles).map(([ref, names]) => [ref, names.map(named)]))
  on.directory = directoryOf({ ...ROLES, ...changed }, on.standIns)
  await engine.peopleChanged(id)
}

type Pressed = Extract<Step, { press: unknown } | { answer: unknown } | { on: 'ask' }>
async function pressed(on: Play, state: Readonly<TaskState>, step: Pressed): Promise<void> {
  const by = step.by ?? ('answer' in step ? wu : li)
  const viewer = { ...viewerOf(by), executes: standsAmong(state, by), standsFor: stoodFor(on.standIns, by.person) }
  const may =
    step.rights === undefined
      ? viewer
      : { ...viewer, rights: new Set(step.rights), app: { launch: true, see: true, operate: false } }
  const before = state.version
  const command = 'press' in step ? pressOf(state, step.press, by) : askOf(on, state, step, by)
  const pressing = on.world.engine.command(state.id, command, may)
  if (step.refused === undefined) {
    await pressing
    return
  }
  await expect(pressing).rejects.toMatchObject({ code: step.refused })
  const done = (await on.world.engine.history(state.id, before, 100)).flatMap(({ events, by: who }) =>
    who.person === by.person ? events.map(({ kind }) => kind) : [],
  )
  expect(done, 'what a refused press has done').toEqual([])
}
/** As the API looks it up for whoever presses. */
const standsAmong = ({ handOver, startedBy }: Readonly<TaskState>, { person }: Actor): boolean =>
  handOver?.to.some((ref) =>
    directoryOf(ROLES, {})
      .people(ref, startedBy)
      .some(({ id }) => id === person),
  ) === true
function pressOf(
  state: Readonly<TaskState>,
  press: Extract<Step, { press: unknown }>['press'],
  by: Actor,
): PeopleCommand {
  const attempt = 'nodeId' in press ? { attempt: state.nodes.get(press.nodeId)?.attempt ?? 0 } : {}
  const round = press.kind.endsWith('_request') ? { round: state.handOver?.round ?? 0 } : {}
  return { ...attempt, ...round, ...press, by } as PeopleCommand // its kind's own fields, and who
}
function askOf(
  on: Play,
  state: Readonly<TaskState>,
  step: Exclude<Pressed, { press: unknown }>,
  by: Actor,
): PeopleCommand {
  const latest = [...state.asks.values()].findLast((one) => one.state === 'open') ?? [...state.asks.values()].at(-1)
  const ask = 'stale' in step ? on.firstAsk : latest
  if (ask === undefined || ask === null) throw new Error('nobody is asked anything')
  if ('reassign' in step) return { kind: 'assign_ask', by, askId: ask.id, to: step.reassign, reason: 'they are away' }
  if ('transfer' in step) return { kind: 'transfer_ask', by, askId: ask.id, to: step.transfer, reason: 'I am away' }
  if ('take' in step)
    return step.take === true
      ? { kind: 'claim_ask', by, askId: ask.id }
      : { kind: 'release_ask', by, askId: ask.id, reason: 'I am away' }
  if ('remind' in step) return { kind: 'remind_ask', by, askId: ask.id }
  if ('say' in step) return { kind: 'comment_ask', by, askId: ask.id, comment: step.say }
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
/** The state once it is as wanted; what differs is shown when it never is. */
async function settled(world: World, id: string, wanted: Seen): Promise<Readonly<TaskState>> {
  try {
    return await world.until(id, (state) => matches(state, wanted))
  } catch {
    const state = await now(world, id)
    expect(seenOf(state)).toMatchObject(wantedOf(wanted))
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

/** Of every row and every task in it: the history is whole, what is replayed from it is what is, and what has ended has nothing left. */
async function holdsTogether(world: World, id: string): Promise<void> {
  expect(await world.engine.verifyHistory(id)).toBeNull()
  let live = await now(world, id)
  let replayed = replay(await world.engine.history(id, 0, 10_000))
  while (replayed.version !== live.version) {
    live = await now(world, id)
    replayed = replay(await world.engine.history(id, 0, 10_000))
  }
  expect(plainOf(replayed)).toEqual(plainOf(live))
  if (live.stage !== 'final') return
  expect([live.tokens.size, live.forks.size, live.timers.size]).toEqual([0, 0, 0])
  expect([...live.asks.values()].filter(({ state }) => state === 'open')).toEqual([])
  for (const { phase } of live.children) expect([null, 'succeeded', 'failed', 'revoked']).toContain(phase)
}
/** Without the order of its tables, which nobody reads. */
const plainOf = (state: Readonly<TaskState>): object =>
  JSON.parse(
    JSON.stringify(state, (_, value: unknown) =>
      value instanceof Map
        ? Object.fromEntries([...(value as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    ),
  ) as object
