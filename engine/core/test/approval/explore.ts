/** Every order of what people may do to one approval, up to a depth, on the real `authorize` and `decide`. */
import { applyEntry } from '../../apply.ts'
import type { PeopleCommand, RuntimeCommand } from '../../command.ts'
import { actorOf, decideAhead, record } from '../../decide/decide.ts'
import { decideLaunch } from '../../decide/launch.ts'
import type { DecideEnv, Right, Viewer } from '../../env.ts'
import { EngineError } from '../../error.ts'
import type { Event } from '../../events.ts'
import type { Flow } from '../../flow.ts'
import { standsForIn } from '../../asks/stand-in.ts'
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
  | { readonly do: 'claim' | 'release'; readonly by: string }
  /** Begins, or ends where it is under way. */
  | { readonly do: 'delegate'; readonly from: string; readonly to: string }
  | { readonly do: 'role'; readonly role: string; readonly members: readonly string[] }
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
    [ask('approve', 'deploy', { ...inputs, notStarter: rules.notStarter, deadline: '1h' }), act('deploy', 'end')],
    { variables: [text('version')] },
  )
  const first = begin(flow, rules, roles)
  const counts = { worlds: 1, grants: 0, refusals: 0, answers: 0 }
  const seen = new Set([keyOf(first)])
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
        next.push({ world: after.world, way: [...way, action] })
      }
    front = next
  }
  return { ...counts, broken: null }
}

function begin(flow: Flow, rules: model.Rules, roles: model.Around['roles']): World {
  const around: model.Around = { roles, delegates: {}, became: {}, starter: STARTER, wrote: [], value: 'v1' }
  const launch = launchOf({ variables: { version: 'v1' }, by: person(STARTER) })
  const { state } = decideLaunch(flow, launch, envAt(around, false))
  const open = [...state.asks.values()][0]!
  const entitled = { [open.id]: model.opened(rules, around) }
  return { state, around, entitled, firstAsk: { id: open.id, digest: open.digest }, late: false }
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
      const roles = { ...world.around.roles, [action.role]: action.members }
      return lookAgain(flow, rules, world, { ...world.around, roles })
    }
    case 'merge': {
      const became = { ...world.around.became, [action.gone]: action.into }
      if (world.around.became[action.gone] !== undefined) return null
      return lookAgain(flow, rules, world, { ...world.around, became })
    }
    case 'deadline': {
      const timer = [...world.state.timers.values()].find(({ kind }) => kind === 'deadline')
      if (timer === undefined || world.late) return null
      return sent(flow, rules, { ...world, late: true }, { kind: 'timer', timerId: timer.id }, (entitled, around) =>
        rules.escalateTo.length > 0 ? model.added(rules, around, entitled, rules.escalateTo) : entitled,
      )
    }
    default:
      return pressed(flow, rules, world, action)
  }
}
function lookAgain(flow: Flow, rules: model.Rules, world: World, around: model.Around): Taken {
  const became = around.became
  return sent(
    flow,
    rules,
    { ...world, around },
    { kind: 'people_changed', ...(Object.keys(became).length > 0 && { became }) },
    (entitled) => model.lookedAgain(rules, world.around, around, entitled),
  )
}

type Pressed = Exclude<Action, { do: 'delegate' | 'role' | 'merge' | 'deadline' }>
function pressed(flow: Flow, rules: model.Rules, world: World, action: Pressed): Taken {
  const { state, around } = world
  const open = [...state.asks.values()].find((one) => one.state === 'open')
  const by = person(model.nowIs(around, action.by)) // another account of theirs presses as the same person
  const command = commandOf(world, open, action, by)
  if (command === null) return null
  const viewer = viewerOf(around, by, 'rights' in action ? action.rights : [])
  try {
    authorize(flow, state, command, viewer)
  } catch (error) {
    if (error instanceof EngineError) return null
    throw error
  }
  const overrides = viewer.rights.has('override-approval')
  if (action.do === 'past' && !overrides)
    return { broken: `${action.how} of an approval without the right to override it` }
  return sent(flow, rules, world, command, (entitled) => {
    if (action.do === 'transfer') return model.transferred(entitled, by.person ?? '', action.to)
    return action.do === 'assign' ? model.added(rules, around, entitled, [action.to]) : entitled
  })
}
function commandOf(
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
  const env = envAt(world.around, world.late)
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
  const granted = events.some((event) => event.kind === 'ask_closed' && event.end === 'granted')
  return {
    world: { ...world, state, around, entitled },
    granted,
    answered: events.some(({ kind }) => kind === 'ask_decided'),
  }
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
    }
    if (event.kind === 'ask_closed' && event.end === 'granted') {
      const wrong = model.wrongWithGrant(rules, around, entitled[event.ask]!, state.asks.get(event.ask)!.decisions)
      if (wrong !== null) return wrong
    }
  }
  const went = state.nodes.has('deploy')
  const ends = [...state.asks.values()].map(({ end }) => end)
  if (went && !ends.some((end) => end === 'granted' || end === 'overridden')) return 'it went on without a grant'
  return null
}

// ---- surroundings --------------------------------------------------------------------------------------------------

function envAt(around: model.Around, late: boolean): DecideEnv {
  const now = (id: string) => model.nowIs(around, id)
  const roles = Object.fromEntries(
    Object.entries(around.roles).map(([ref, members]) => [ref, [...new Set(members.map(now))]]),
  )
  const plain = directoryOf(roles)
  return envOf({
    now: late ? START + DEADLINE_MS : START,
    directory: {
      ...plain,
      people: (ref, starter) => plain.people(ref, starter).map(({ id }) => ({ id: now(id), name: now(id) })),
      personNow: (id) => ({ id: now(id), name: now(id) }),
      standsFor: (id, at) => standsForIn(delegationsOf(around), id, at),
    },
  })
}
const delegationsOf = ({ delegates }: model.Around) =>
  Object.entries(delegates).map(([from, to]) => ({
    from: { id: from, name: from },
    to: { id: to, name: to },
    fromAt: 0,
    untilAt: Number.MAX_SAFE_INTEGER,
  }))
const viewerOf = (around: model.Around, actor: ReturnType<typeof person>, rights: readonly Right[]): Viewer => ({
  actor,
  rights: new Set(rights),
  app: { launch: true, see: true, operate: rights.includes('operate') },
  standsFor: standsForIn(delegationsOf(around), actor.person ?? '', START),
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
function keyOf({ state, around, late }: World): string {
  const asks = [...state.asks.values()].map((one) => [
    one.id,
    one.end,
    one.claimedBy?.person,
    one.decisions.map(({ person: who, for: holder, verdict, as }) => [who, holder?.id, verdict, as]),
    one.need.places.map(({ people, turns }) => [people, turns]),
    one.asked?.places.map(({ people }) => people),
  ])
  const nodes = [...state.nodes.values()].map((run) => [run.id, run.state, run.attempt, run.error?.cause])
  return JSON.stringify([asks, nodes, state.variables, around, late])
}
