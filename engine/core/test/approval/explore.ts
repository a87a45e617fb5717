/** Every order of what people may do to one approval, up to a depth, on the real `authorize` and `decide`. */
import { applyEntry } from '../../apply.ts'
import type { PeopleCommand, RuntimeCommand } from '../../command.ts'
import { actorOf, decideAhead, record } from '../../decide/decide.ts'
import { decideLaunch } from '../../decide/launch.ts'
import type { DecideEnv, Right, Viewer } from '../../env.ts'
import { EngineError } from '../../error.ts'
import type { Event } from '../../events.ts'
import type { Flow } from '../../flow.ts'
import { standsForIn, type Delegation } from '../../asks/stand-in.ts'
import { authorize } from '../../rights.ts'
import type { Ask, TaskState } from '../../state.ts'
import { act, ask, directoryOf, envOf, flowOf, launchOf, person, START, text } from '../build.ts'
import type { Values } from '../../value.ts'
import * as model from './model.ts'

export type Action =
  | { readonly do: 'answer'; readonly by: string; readonly verdict: 'approve' | 'reject' }
  /** To what was asked first, whatever is asked now. */
  | { readonly do: 'answer_first'; readonly by: string }
  /** To what is asked now, with what was shown first. */
  | { readonly do: 'answer_as_shown_first'; readonly by: string }
  | { readonly do: 'transfer'; readonly by: string; readonly to: string }
  | { readonly do: 'assign'; readonly by: string; readonly to: string; readonly rights: readonly Right[] }
  | { readonly do: 'claim'; readonly by: string }
  /** From whoever has it, with the right to. */
  | { readonly do: 'release'; readonly by: string; readonly rights?: readonly Right[] }
  /** Begins, or ends where it is under way. */
  | { readonly do: 'delegate'; readonly from: string; readonly to: string }
  /** `quietly`: the task is not told. Whoever answers is held against it all the same. */
  | { readonly do: 'role'; readonly role: string; readonly members: readonly string[]; readonly quietly?: true }
  /** Or lifted, where they are. */
  | { readonly do: 'suspend'; readonly who: string; readonly quietly?: true }
  | { readonly do: 'merge'; readonly gone: string; readonly into: string }
  /** What is to be approved becomes another thing, or what it was. */
  | { readonly do: 'edit'; readonly by: string; readonly rights: readonly Right[] }
  | { readonly do: 'deadline' }
  | {
      readonly do: 'past'
      readonly how: 'skip' | 'byhand' | 'fail'
      readonly by: string
      readonly rights: readonly Right[]
    }

export interface Setting {
  readonly rules: model.Rules
  readonly inputs: Values
  readonly roles: model.Around['roles']
  readonly actions: readonly Action[]
}
interface World {
  /** As the engine has last looked at it for the ask that is open. */
  readonly told: model.Around
  /** Delegations that are over. */
  readonly over: model.Around['delegates']
  /** Who has taken a form. */
  readonly taken: string | null
  readonly state: TaskState
  readonly around: model.Around
  readonly entitled: { readonly [ask: string]: model.Entitled }
  readonly firstAsk: { readonly id: string; readonly digest: string }
  readonly late: boolean
}
export interface Found {
  readonly worlds: number
  readonly grants: number
  readonly refusals: number
  readonly answers: number
  /** The first break of a promise, with the way to it. */
  readonly broken: { readonly what: string; readonly way: readonly Action[] } | null
}

const DEADLINE_MS = 3_600_000
const STARTER = 's'

export function explore({ rules, inputs, roles, actions }: Setting, depth: number): Found {
  const flow = flowOf(
    [
      rules.taken
        ? ask('approve', 'deploy', { ...inputs, claim: true, deadline: '1h' }, { ask: 'form', bind: ['version'] })
        : ask('approve', 'deploy', { ...inputs, notStarter: rules.notStarter, deadline: '1h' }),
      act('deploy', 'end'),
    ],
    { variables: [text('version')] },
  )
  const first = begin(flow, rules, roles)
  const counts = { worlds: 1, grants: 0, refusals: 0, answers: 0 }
  const seen = new Set([keyOf(first)])
  // It costs as much as all the rest: where people wait for each other, and where they go.
  const looksForStuck = rules.order === 'listed' || actions.some((action) => action.do === 'suspend')
  let front: { readonly world: World; readonly way: readonly Action[] }[] = [{ world: first, way: [] }]
  for (let at = 0; at < depth; at++) {
    const next: typeof front = []
    for (const { world, way } of front)
      for (const action of actions) {
        const after = take(flow, rules, world, action)
        if (after === null) {
          counts.refusals++
          continue
        }
        if ('broken' in after) return { ...counts, broken: { what: after.broken, way: [...way, action] } }
        if (after.world.state.asks.size > 0 && after.granted) counts.grants++
        if (after.answered) counts.answers++
        const key = keyOf(after.world)
        if (seen.has(key)) continue
        seen.add(key)
        counts.worlds++
        if (looksForStuck && isStuck(flow, rules, after.world))
          return { ...counts, broken: { what: 'nobody can answer, and nobody is told', way: [...way, action] } }
        next.push({ world: after.world, way: [...way, action] })
      }
    front = next
  }
  return { ...counts, broken: null }
}

function begin(flow: Flow, rules: model.Rules, roles: model.Around['roles']): World {
  const around: model.Around = {
    ...{ roles, delegates: {}, became: {}, suspended: [] },
    ...{ starter: STARTER, wrote: [], value: 'v1' },
  }
  const launch = launchOf({ variables: { version: 'v1' }, by: person(STARTER) })
  const { state } = decideLaunch(flow, launch, envAt(rules, { around, over: {}, late: false }))
  const open = [...state.asks.values()][0]!
  const entitled = { [open.id]: model.opened(rules, around) }
  const first = { firstAsk: { id: open.id, digest: open.digest }, late: false }
  return { state, around, told: around, over: {}, taken: null, entitled, ...first }
}

type Taken =
  null | { readonly broken: string } | { readonly world: World; readonly granted: boolean; readonly answered: boolean }

/** Null: refused, and nothing has changed. */
function take(flow: Flow, rules: model.Rules, world: World, action: Action): Taken {
  switch (action.do) {
    case 'delegate': {
      const { from, to } = action
      const { [from]: now, ...rest } = world.around.delegates
      if (now !== undefined && now !== to) return null
      const delegates = now === to ? rest : { ...rest, [from]: to }
      return { world: { ...world, around: { ...world.around, delegates } }, granted: false, answered: false }
    }
    case 'role': {
      const around = { ...world.around, roles: { ...world.around.roles, [action.role]: action.members } }
      return action.quietly ? quiet(world, around) : lookAgain(flow, rules, world, around)
    }
    case 'suspend': {
      const others = world.around.suspended.filter((one) => one !== action.who)
      const isLifted = others.length < world.around.suspended.length
      const around = { ...world.around, suspended: isLifted ? others : [...others, action.who].sort() }
      return action.quietly ? quiet(world, around) : lookAgain(flow, rules, world, around)
    }
    case 'merge': {
      const became = { ...world.around.became, [action.gone]: action.into }
      if (world.around.became[action.gone] !== undefined) return null
      return lookAgain(flow, rules, world, { ...world.around, became })
    }
    case 'deadline': {
      const timer = [...world.state.timers.values()].find(({ kind }) => kind === 'deadline')
      if (timer === undefined || world.late) return null
      const { delegates } = world.around
      const ended = rules.delegationsEnd && { over: delegates, around: { ...world.around, delegates: {} } }
      const after = { ...world, late: true, ...ended }
      return sent(flow, rules, after, { kind: 'timer', timerId: timer.id }, (entitled, around) =>
        rules.escalateTo.length > 0 ? model.added(rules, around, entitled, rules.escalateTo) : entitled,
      )
    }
    default:
      return pressed(flow, rules, world, action)
  }
}
const quiet = (world: World, around: model.Around): Taken => ({
  world: { ...world, around },
  granted: false,
  answered: false,
})
function lookAgain(flow: Flow, rules: model.Rules, world: World, around: model.Around): Taken {
  const became = around.became
  return sent(
    flow,
    rules,
    { ...world, around },
    { kind: 'people_changed', ...(Object.keys(became).length > 0 && { became }) },
    (entitled) => model.lookedAgain(rules, world.told, around, entitled),
  )
}

/** Who stands where is as the task knows it. */
const isTold = ({ told, around }: Pick<World, 'told' | 'around'>): boolean =>
  told.roles === around.roles && told.suspended === around.suspended && told.became === around.became

/** It waits for people of whom none can do anything. */
function isStuck(flow: Flow, rules: model.Rules, world: World): boolean {
  if (world.state.nodes.get('approve')?.state !== 'waiting') return false
  const open = [...world.state.asks.values()].find((one) => one.state === 'open')
  // Who changed it without a word says so a moment later.
  if (open === undefined || !isTold(world)) return false
  const { roles, delegates, suspended } = world.around
  const people = new Set([...Object.values(roles).flat(), ...Object.values(delegates), 'x', 'w', 'c'])
  const asked = open.need.places.flatMap((place) => place.people)
  for (const by of [...asked, ...people])
    if (!suspended.includes(by))
      for (const action of [
        { do: 'answer', by, verdict: 'approve' },
        { do: 'answer', by, verdict: 'reject' },
        { do: 'claim', by },
      ] as const)
        if (pressed(flow, rules, world, action) !== null) return false
  return true
}

type Pressed = Exclude<Action, { do: 'delegate' | 'role' | 'suspend' | 'merge' | 'deadline' }>
/** What an ask is held against who stands where for, before it counts. */
const LOOKS: ReadonlySet<PeopleCommand['kind']> = new Set(['decide', 'transfer_ask', 'claim_ask'])
function pressed(flow: Flow, rules: model.Rules, world: World, action: Pressed): Taken {
  const { state, around } = world
  const open = [...state.asks.values()].find((one) => one.state === 'open')
  const by = person(model.nowIs(around, action.by)) // another account of theirs presses as the same person
  const command = commandOf(rules, world, open, action, by)
  if (command === null) return null
  const viewer = viewerOf(rules, world, by, ('rights' in action ? action.rights : undefined) ?? [])
  try {
    authorize(flow, state, command, viewer)
  } catch (error) {
    if (error instanceof EngineError) return null
    throw error
  }
  const overrides = viewer.rights.has('override-approval')
  if (action.do === 'past' && !overrides && !rules.taken)
    return { broken: `${action.how} of an approval without the right to override it` }
  if (action.do === 'edit' && !overrides && [...state.asks.values()].some(({ end }) => end === 'granted'))
    return { broken: 'what was granted was changed without the right to' }
  if (action.do === 'release' && world.taken !== by.person && !viewer.rights.has('reassign-ask'))
    return { broken: 'it was taken from somebody without the right to' }
  const lacks = state.nodes.get('approve')?.state === 'failed'
  if (action.do === 'assign' && !(viewer.rights.has('reassign-ask') && (lacks || overrides)))
    return { broken: 'people were assigned without the right to' }
  if (action.do === 'assign' && makesThemselves(world, by.person ?? '', action.to))
    return (
      sent(flow, rules, world, command, (entitled) => entitled) && { broken: 'somebody made themselves an approver' }
    )
  return sent(flow, rules, world, command, (before) => {
    const entitled = LOOKS.has(command.kind) ? model.lookedAgain(rules, world.told, around, before) : before
    if (action.do === 'transfer') return model.transferred(rules, around, entitled, by.person ?? '', action.to)
    return action.do === 'assign' ? model.added(rules, around, entitled, [action.to]) : entitled
  })
}
/** By name, or by the name of somebody they stand in for: who is in a role was decided elsewhere. */
const makesThemselves = ({ around }: World, by: string, to: string): boolean =>
  around.roles[to] === undefined && (to === by || model.standsFor(around, by, to))
function commandOf(
  rules: model.Rules,
  { state, around, firstAsk }: World,
  open: Ask | undefined,
  action: Pressed,
  by: ReturnType<typeof person>,
): PeopleCommand | null {
  if (action.do === 'answer_first')
    return { kind: 'decide', by, askId: firstAsk.id, digest: firstAsk.digest, verdict: 'approve' }
  if (action.do === 'edit') {
    const variables = { version: state.variables['version'] === 'v1' ? 'v2' : 'v1' }
    return { kind: 'edit_variables', by, revision: state.variablesRevision, variables, reason: 'typo' }
  }
  if (action.do === 'past') {
    const at = { by, nodeId: 'approve', attempt: state.nodes.get('approve')?.attempt ?? 0, note: 'why' }
    return action.how === 'byhand' ? { kind: 'byhand', ...at, outputs: {} } : { kind: action.how, ...at }
  }
  if (open === undefined) return null
  const askId = open.id
  if (rules.taken && action.do === 'answer')
    return { kind: 'decide', by, askId, digest: open.digest, verdict: 'submit', fields: {} }
  switch (action.do) {
    case 'answer_as_shown_first':
      return { kind: 'decide', by, askId, digest: firstAsk.digest, verdict: 'approve' }
    case 'answer':
      return { kind: 'decide', by, askId, digest: open.digest, verdict: action.verdict, comment: 'because' }
    case 'transfer':
      return { kind: 'transfer_ask', by, askId, to: model.nowIs(around, action.to), reason: 'away' }
    case 'assign':
      return { kind: 'assign_ask', by, askId, to: [action.to], reason: 'needed' }
    case 'claim':
      return { kind: 'claim_ask', by, askId }
    case 'release':
      return { kind: 'release_ask', by, askId, reason: 'mine' }
  }
}

function sent(
  flow: Flow,
  rules: model.Rules,
  world: World,
  command: PeopleCommand | RuntimeCommand,
  change: (entitled: model.Entitled, around: model.Around) => model.Entitled,
): Taken {
  const env = envAt(rules, world)
  let events: readonly Event[]
  try {
    events = decideAhead(flow, world.state, command, env).events
  } catch (error) {
    if (error instanceof EngineError) return null
    throw error
  }
  const state = copied(world.state)
  const entry = record(world.state, events, actorOf(command), env.now)
  if (entry !== null) applyEntry(state, entry)
  const around = writtenIn(world.around, events, command, String(state.variables['version']))
  const before = world.entitled
  // Whom an ask asks follows what was done to it; one that opened now asks whom it should by now.
  const entitled = Object.fromEntries(
    [...state.asks.values()].map((one) => [
      one.id,
      before[one.id] === undefined
        ? model.opened(rules, around)
        : world.state.asks.get(one.id)?.state === 'open'
          ? change(before[one.id]!, around)
          : before[one.id]!,
    ]),
  )
  const broken = brokenBy(rules, world, around, entitled, events, state, command)
  if (broken !== null) return { broken }
  const took = takenBy(world, entitled, events, command)
  if (took !== null && typeof took === 'object') return took
  const granted = events.some(
    (event) => event.kind === 'ask_closed' && (event.end === 'granted' || event.end === 'submitted'),
  )
  const looked = command.kind === 'people_changed' || LOOKS.has(command.kind as PeopleCommand['kind'])
  const told = looked || events.some(({ kind }) => kind === 'ask_opened') ? around : world.told
  return {
    world: { ...world, state, around, told, entitled, taken: took },
    granted,
    answered: events.some(({ kind }) => kind === 'ask_decided'),
  }
}

/** Who has it after these events, as far as they may. */
function takenBy(
  { taken }: World,
  entitled: World['entitled'],
  events: readonly Event[],
  command: PeopleCommand | RuntimeCommand,
): string | null | { readonly broken: string } {
  let now = taken
  for (const event of events) {
    const mayStill =
      now !== null &&
      'ask' in event &&
      typeof event.ask === 'string' &&
      entitled[event.ask]?.places.some(({ who }) => who.includes(now!)) === true
    if (event.kind === 'ask_released') {
      if (event.why === 'gone' && mayStill) return { broken: 'it was taken from somebody who may answer' }
      if (event.why === 'transferred' && actorOf(command).person !== now) return { broken: 'another’s was handed on' }
      now = null
    }
    if (event.kind === 'ask_claimed') {
      if (mayStill && now !== event.person.id) return { broken: 'two have taken it' }
      now = event.person.id
    }
    if (event.kind === 'ask_opened') now = null
  }
  return now
}

/** Whoever changes it has had a hand in it from then on, whatever it becomes. */
function writtenIn(
  around: model.Around,
  events: readonly Event[],
  command: PeopleCommand | RuntimeCommand,
  value: string,
): model.Around {
  const by = events.some(({ kind }) => kind === 'variables_edited') ? actorOf(command).person : null
  if (by === null || around.wrote.includes(by)) return { ...around, value }
  return { ...around, value, wrote: [...around.wrote, by] }
}

function brokenBy(
  rules: model.Rules,
  world: World,
  around: model.Around,
  entitled: World['entitled'],
  events: readonly Event[],
  state: TaskState,
  command: PeopleCommand | RuntimeCommand,
): string | null {
  for (const event of events) {
    if (event.kind === 'ask_decided') {
      const asked = world.state.asks.get(event.ask)!
      if (command.kind !== 'decide' || command.digest !== asked.digest) return 'an answer to something else counted'
      const wrong = model.wrongWith(rules, world.around, entitled[event.ask]!, event.decision, asked.decisions)
      if (wrong !== null) return wrong
      if (rules.taken && model.nowIs(around, world.taken ?? '') !== event.decision.person)
        return 'it was answered by somebody who has not taken it'
    }
    if (event.kind === 'ask_closed' && event.end === 'granted') {
      const wrong = model.wrongWithGrant(rules, around, entitled[event.ask]!, state.asks.get(event.ask)!.decisions)
      if (wrong !== null) return wrong
    }
  }
  const went = state.nodes.has('deploy')
  const ends = [...state.asks.values()].map(({ end }) => end)
  const fine = rules.taken ? ['submitted', 'revoked'] : ['granted', 'overridden']
  if (went && !ends.some((end) => end !== null && fine.includes(end))) return 'it went on without a grant'
  return null
}

// ---- surroundings --------------------------------------------------------------------------------------------------

type Surroundings = Pick<World, 'around' | 'over' | 'late'>
const nowOf = ({ late }: Surroundings): number => (late ? START + DEADLINE_MS : START)
function envAt(rules: model.Rules, world: Surroundings): DecideEnv {
  const { around } = world
  const now = (id: string) => model.nowIs(around, id)
  const isThere = (id: string) => !around.suspended.includes(id)
  const roles = Object.fromEntries(
    Object.entries(around.roles).map(([ref, members]) => [ref, [...new Set(members.map(now))].filter(isThere)]),
  )
  const plain = directoryOf(roles)
  const delegations = delegationsOf(rules, world)
  return envOf({
    now: nowOf(world),
    directory: {
      ...plain,
      people: (ref, starter) =>
        plain
          .people(ref, starter)
          .map(({ id }) => ({ id: now(id), name: now(id) }))
          .filter(({ id }) => isThere(id)),
      personNow: (id) => (isThere(now(id)) ? { id: now(id), name: now(id) } : null),
      standsFor: (id, at) => standsForIn(delegations, id, at),
    },
  })
}
/** Between people who are there. */
function delegationsOf({ delegationsEnd }: model.Rules, { around, over, late }: Surroundings): readonly Delegation[] {
  const until = delegationsEnd && !late ? START + DEADLINE_MS : Number.MAX_SAFE_INTEGER
  const between = (pairs: model.Around['delegates'], untilAt: number): Delegation[] =>
    Object.entries(pairs).map(([from, to]) => ({
      from: { id: from, name: from },
      to: { id: to, name: to },
      fromAt: 0,
      untilAt,
    }))
  return [...between(around.delegates, until), ...between(over, START + DEADLINE_MS)].filter(
    ({ from, to }) => !around.suspended.includes(from.id) && !around.suspended.includes(to.id),
  )
}
const viewerOf = (
  rules: model.Rules,
  world: Surroundings,
  actor: ReturnType<typeof person>,
  rights: readonly Right[],
): Viewer => ({
  actor,
  rights: new Set(rights),
  app: { launch: true, see: true, operate: rights.includes('operate') },
  standsFor: standsForIn(delegationsOf(rules, world), actor.person ?? '', nowOf(world)),
})

const copied = (state: TaskState): TaskState => ({
  ...state,
  nodes: new Map(state.nodes.entries()),
  tokens: new Map(state.tokens.entries()),
  forks: new Map(state.forks.entries()),
  asks: new Map(state.asks.entries()),
  items: new Map(state.items.entries()),
  timers: new Map(state.timers.entries()),
})
/** Two worlds that look alike go on alike. */
function keyOf({ state, around, told, over, taken, late }: World): string {
  const asks = [...state.asks.values()].map((one) => [
    one.id,
    one.end,
    one.claimedBy?.person,
    one.decisions.map(({ person: who, for: holder, verdict, as }) => [who, holder?.id, verdict, as]),
    one.need.places.map(({ people, turns }) => [people, turns]),
    one.asked?.places.map(({ people }) => people),
  ])
  const nodes = [...state.nodes.values()].map((run) => [run.id, run.state, run.attempt, run.error?.cause])
  const quietly = isTold({ told, around }) ? null : [told.roles, told.suspended]
  return JSON.stringify([asks, nodes, state.variables, around, quietly, over, taken, late])
}
