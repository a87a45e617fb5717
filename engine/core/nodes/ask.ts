import { canStillBeGranted } from '../asks/need.ts'
import { digestOf } from '../asks/digest.ts'
import { boundAnswers, earlierAnswers } from '../asks/earlier.ts'
import { ownWorkIn } from '../asks/own-work.ts'
import { needOf, peopleOf, specOf, type AskSpec } from '../asks/spec.ts'
import { keptOut, type Around } from '../asks/stand-in.ts'
import { emit, runOf, setTimer, type Turn } from '../decide/turn.ts'
import type { AskFacts } from '../events.ts'
import type { AskNode } from '../flow.ts'
import { scopeOf } from '../scope.ts'
import type { Ask, NodeError, OwnWork, WaitReason } from '../state.ts'
import type { Value, Values } from '../value.ts'
import { failVisit } from './failure.ts'
import { evaluateAll, failureOf } from './template.ts'
import { refuse, type Visit } from './visit.ts'
import { workingDue } from './wait.ts'

/** Puts the node to people: who they are, what they see and what it binds is frozen now. */
export function startAsk(turn: Turn, visit: Visit, node: AskNode): void {
  let inputs: Values
  let facts: AskFacts
  try {
    inputs = evaluateAll(node.with, scopeOf(turn.flow, turn.state, turn.env, undefined, visit))
    facts = factsOf(turn, node, visit.attempt, specOf(node.ask, inputs))
  } catch (error) {
    return refuse(turn, visit, failureOf(error))
  }
  emit(turn, {
    kind: 'node_started',
    v: 1,
    node: node.id,
    attempt: visit.attempt,
    ...(visit.entering && { token: visit.token }),
    inputs,
    waitsFor: waitsForOf(facts),
  })
  open(turn, node, facts)
}

/** Asks again, the node waiting as before: something bound has changed, or was corrected. */
export function askAgain(turn: Turn, node: AskNode): void {
  const { attempt } = runOf(turn, node.id)
  try {
    const inputs = evaluateAll(node.with, scopeOf(turn.flow, turn.state, turn.env))
    const facts = factsOf(turn, node, attempt, specOf(node.ask, inputs))
    const waitsFor = waitsForOf(facts)
    if (runOf(turn, node.id).waitsFor !== waitsFor)
      emit(turn, { kind: 'node_waiting', v: 1, node: node.id, attempt, waitsFor, state: null })
    open(turn, node, facts)
  } catch (error) {
    failVisit(turn, node, failureOf(error))
  }
}

function open(turn: Turn, node: AskNode, facts: AskFacts): void {
  emit(turn, { kind: 'ask_opened', v: 1, ask: facts })
  const ask = turn.state.asks.get(facts.id) as Ask // just opened
  if (!canStillBeGranted(ask)) return failVisit(turn, node, nobodyFor(ask, node.title)) // the ask stays open: "Assign…" gives it people
  scheduleAsk(turn, ask)
}
/** What the node waits for as the ask stands: to be taken first, where its author wants that. */
export const waitsForOf = (ask: AskFacts & Partial<Pick<Ask, 'claimedBy'>>): WaitReason =>
  ask.correction === true ? 'correction' : ask.claim === true && !ask.claimedBy ? 'claim' : ask.kind
/** Who started the task, as they are called now: they may have been found to be somebody else too. */
export function starterNow({ state, env }: Turn): string | null {
  const { person } = state.startedBy
  return person === null ? null : (env.directory.personNow?.(person)?.id ?? person)
}
export const aroundOf = (turn: Turn): Around => ({
  starter: starterNow(turn),
  rehearsal: turn.state.rehearsal,
  now: (id) => turn.env.directory.personNow?.(id)?.id ?? id,
})
/** Those whose own work an ask is, as they are called now. */
export const keptOutOf = (turn: Turn, ask: Pick<Ask, 'notStarter' | 'ownWork'>): ReadonlySet<string> =>
  keptOut(ask, aroundOf(turn))

const nobodyFor = (ask: Ask, title: string): NodeError => {
  const left = (ask.ownWork ?? []).filter(({ asked }) => asked === true).map(({ name }) => name)
  return left.length === 0 ? NOBODY(title, emptyOf(ask)) : { ...NOBODY(title), message: OWN_WORK(title, left) }
}
const OWN_WORK = (title: string, names: readonly string[]): string =>
  `${title} needs somebody else than ${names.join(' and ')}: it is their own work`
/** Whom it asks without anybody being there: what somebody has to fill. */
const emptyOf = ({ need }: Ask): readonly string[] =>
  need.places.filter(({ people, title }) => people.length === 0 && title !== '').map(({ title }) => title)
export const NOBODY = (title: string, empty: readonly string[] = []): NodeError => ({
  cause: 'nobody_can_answer',
  code: 'NOBODY_CAN_ANSWER',
  message:
    empty.length === 0
      ? `${title} needs more people than can still answer`
      : `${title} asks ${empty.join(' and ')}, and nobody is there who may answer`,
})

export function scheduleAsk(turn: Turn, ask: Ask): void {
  const timer = { nodeId: ask.nodeId, attempt: ask.attempt, askId: ask.id }
  if (ask.deadline !== null)
    setTimer(turn, { ...timer, id: `${ask.id}/deadline`, kind: 'deadline', dueAt: ask.deadline })
  if (ask.remindEveryMs !== null)
    setTimer(turn, { ...timer, id: `${ask.id}/remind`, kind: 'remind', dueAt: turn.now + ask.remindEveryMs })
}

function factsOf(turn: Turn, node: AskNode, attempt: number, spec: AskSpec): AskFacts {
  const { flow, state, env } = turn
  const bind = node.bind ?? state.launched
  const bound: { [key: string]: Value } = {}
  for (const key of bind) bound[key] = state.variables[key] ?? null
  const facts = bind.map((key) => ({ key, title: titleOf(turn, key), value: bound[key] ?? null }))
  const names = new Map<string, string>()
  const ownWork = spec.notStarter && !state.rehearsal ? ownWorkIn(flow, state, node, bind) : []
  const left = new Map<string, string>()
  const out = keptOutOf(turn, { notStarter: spec.notStarter, ownWork })
  const need = needOf(spec, node.ask, env.directory, state, names, out, left)
  const leftOut = withNames(turn, ownWork, left)
  const earlier = earlierAnswers(state)
  return {
    ...newAskFacts(turn, node, attempt),
    text: spec.text,
    digest: digestOf(env, flow, node.id, facts, bound, earlier.length > 0 ? boundAnswers(env, state, earlier) : null),
    facts,
    ...(earlier.length > 0 && { earlier }),
    ...(spec.claim && { claim: true as const }),
    bind,
    fields: spec.fields,
    need,
    notStarter: spec.notStarter,
    ...(leftOut.length > 0 && { ownWork: leftOut }),
    veto: spec.veto.flatMap((ref) => peopleOf(env.directory, state, ref).map((person) => person.id)),
    order: spec.order,
    reject: spec.reject,
    comment: spec.comment,
    onReject: spec.onReject,
    deadline:
      spec.deadlineIn !== null
        ? workingDue(turn, spec.deadlineIn, 'deadline')
        : spec.deadlineMs === null
          ? null
          : turn.now + spec.deadlineMs,
    onDeadline: spec.onDeadline,
    remindEveryMs: spec.remindEveryMs,
    escalateTo: spec.escalateTo,
    names: Object.fromEntries(names),
  }
}
/** Who is left out, with those among them who would be asked otherwise: they are told why they are not. */
function withNames(
  { env, state }: Turn,
  ownWork: readonly OwnWork[],
  left: ReadonlyMap<string, string>,
): readonly OwnWork[] {
  const nowOf = (id: string): string => env.directory.personNow?.(id)?.id ?? id
  const known = new Set(ownWork.map(({ id }) => nowOf(id)))
  const starter = state.startedBy.person === null ? null : nowOf(state.startedBy.person)
  return [
    ...ownWork.map((one): OwnWork => (left.has(nowOf(one.id)) ? { ...one, asked: true } : one)),
    ...[...left].flatMap(([id, name]): OwnWork[] =>
      id === starter && !known.has(id) ? [{ id, name, of: [], asked: true }] : [],
    ),
  ]
}
const titleOf = (turn: Turn, key: string): string =>
  turn.flow.variables.find((variable) => variable.key === key)?.title ?? key

/** An ask with nothing in it yet. */
function newAskFacts(turn: Turn, node: AskNode, attempt: number): AskFacts {
  return {
    id: `${turn.state.id}-${turn.state.counters.ask + 1}`,
    kind: node.ask,
    nodeId: node.id,
    attempt,
    title: node.title,
    text: null,
    digest: '',
    facts: [],
    bind: [],
    fields: [],
    need: { places: [] },
    notStarter: false,
    veto: [],
    order: 'any',
    remindEveryMs: null,
    reject: 'end',
    comment: 'never',
    onReject: 'fail',
    deadline: null,
    onDeadline: null,
    escalateTo: [],
    names: {},
  }
}

/** `onReject: starter`: the launch form goes back to who filled it in, with the reason. */
export function askForCorrection(turn: Turn, node: AskNode, reason: string): void {
  const { state, flow, env } = turn
  const { attempt } = runOf(turn, node.id)
  const people = env.directory.people('starter', state.startedBy)
  const asked = flow.variables.filter(
    (variable) =>
      state.launched.includes(variable.key) &&
      !state.fixed.includes(variable.key) &&
      !state.hidden.includes(variable.key),
  )
  const fields = asked.map((variable): Values => ({
    key: variable.key,
    title: variable.title,
    type: variable.type,
    required: variable.required,
    default: state.variables[variable.key] ?? null,
    ...(variable.secret && { secret: true }),
  }))
  emit(turn, { kind: 'node_waiting', v: 1, node: node.id, attempt, waitsFor: 'correction', state: null })
  const facts: AskFacts = {
    ...newAskFacts(turn, node, attempt),
    kind: 'form',
    text: reason,
    fields,
    need: {
      places: [{ place: '', title: env.directory.title('starter'), count: 1, people: people.map(({ id }) => id) }],
    },
    names: Object.fromEntries(people.map(({ id, name }) => [id, name])),
    correction: true,
  }
  emit(turn, { kind: 'ask_opened', v: 1, ask: { ...facts, digest: digestOf(env, flow, node.id, facts.facts, {}) } })
  if (people.length === 0) failVisit(turn, node, NOBODY(node.title))
}
