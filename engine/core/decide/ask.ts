import {
  canStillBeGranted,
  everybodyAsked,
  isAsked,
  isGranted,
  mayAnswerNow,
  placesThatLack,
  seatFor,
} from '../asks/need.ts'
import { peopleOf, variableOfField } from '../asks/spec.ts'
import type { PeopleCommand } from '../command.ts'
import type { PersonRef } from '../env.ts'
import { EngineError, type FieldError } from '../error.ts'
import { askAgain, NOBODY, scheduleAsk } from '../nodes/ask.ts'
import { closeAsk, finishAsk, rejectAsk } from '../nodes/ask-end.ts'
import { failVisit } from '../nodes/failure.ts'
import type { Ask, Decision, Place } from '../state.ts'
import { isSecretRef, isTaskSecret, type Value, type Values } from '../value.ts'
import { checkValue } from '../variables/check.ts'
import { editVariables } from './edit.ts'
import { invalid, notAllowed, stale, staleAsk } from './stale.ts'
import { clearNodeTimers, emit, nodeOf, runOf, type Turn } from './turn.ts'

type Of<K extends PeopleCommand['kind']> = Extract<PeopleCommand, { kind: K }>

function openAsk(turn: Turn, id: string): Ask {
  const ask = turn.state.asks.get(id)
  if (ask === undefined) throw new EngineError('NOT_FOUND', { message: `there is no ask ${id}` })
  return ask.state === 'open' ? ask : staleAsk(ask)
}
const againOf = (turn: Turn, id: string): Ask => turn.state.asks.get(id) as Ask // looked up a moment ago

const VERDICTS = { approval: ['approve', 'reject'], form: ['submit'], confirm: ['confirm'] } as const

/** One person answers. What that comes to is decided with it. */
export function decideAsk(turn: Turn, command: Of<'decide'>): void {
  const ask = openAsk(turn, command.askId)
  const { decision, moved } = checked(turn, ask, command)
  const answers = answersOf(ask, decision.verdict, command.fields ?? {})
  emit(turn, {
    kind: 'ask_decided',
    v: 1,
    ask: ask.id,
    decision,
    ...(Object.keys(moved).length > 0 && { moved }),
  })
  const after = againOf(turn, ask.id)
  switch (decision.verdict) {
    case 'reject':
      return rejected(turn, after, decision)
    case 'approve':
      if (isGranted(after)) return finishAsk(turn, after, 'granted', answers)
      if (!canStillBeGranted(after)) settleShortage(turn, after)
      return
    case 'submit':
      return after.correction === true
        ? corrected(turn, after, answers, command)
        : finishAsk(turn, after, 'submitted', answers)
    case 'confirm':
      return finishAsk(turn, after, 'confirmed', answers)
  }
}

function checked(
  turn: Turn,
  ask: Ask,
  { by, digest, verdict, comment }: Of<'decide'>,
): { readonly decision: Decision; readonly moved: { readonly [person: string]: string } } {
  if (digest !== ask.digest) return staleAsk(ask)
  if (!(VERDICTS[ask.kind] as readonly string[]).includes(verdict))
    return invalid('verdict', 'unknown', `${ask.title} is answered with ${VERDICTS[ask.kind].join(' or ')}`)
  const { person } = by
  const before = ask.decisions.find((each) => each.person === person)
  if (before !== undefined)
    return stale(
      {
        what: before.verdict === 'reject' ? 'rejected' : 'approved',
        by: before.name,
        at: before.at,
        now: 'open',
        attempt: ask.attempt,
      },
      `${before.name} has answered already`,
    )
  if (person === null || !isAsked(ask.need, person)) return notAsked(ask)
  if (turn.state.nodes.get(ask.nodeId)?.state !== 'waiting')
    return notAllowed(`${ask.title} waits for more people to be assigned`, 'NOBODY_CAN_ANSWER')
  if (!mayAnswerNow(ask, person)) return notAllowed(`others answer ${ask.title} before you`, 'NOT_YOUR_TURN')
  const said = comment?.trim() ?? ''
  if (said === '' && (ask.comment === 'always' || (ask.comment === 'onReject' && verdict === 'reject')))
    return invalid('comment', 'required', 'say why')
  const seat = verdict === 'reject' ? null : seatFor(ask, person)
  if (verdict !== 'reject' && seat === null)
    return notAllowed(`${ask.title} has all the answers it needs in your place`, 'PLACE_FILLED')
  const decision: Decision = {
    person,
    name: by.name,
    at: turn.now,
    verdict,
    comment: said === '' ? null : said,
    surface: by.surface,
    as: seat?.as ?? null,
  }
  return { decision, moved: seat?.moved ?? {} }
}
/** Rights are checked before (`rights.ts`); this is the last line of the same rule. */
function notAsked(ask: Ask): never {
  throw new EngineError('FORBIDDEN', {
    message: `${ask.title} does not ask you`,
    right: 'answer',
    grantedBy: everybodyAsked(ask.need).map((person) => ask.names[person] ?? person),
  })
}

/** Field values given, each checked like a variable; nothing undeclared. */
function answersOf(ask: Ask, verdict: Decision['verdict'], fields: Values): Values {
  if (verdict === 'reject') return {}
  const errors: FieldError[] = []
  const answers: { [key: string]: Value } = {}
  for (const field of ask.fields) {
    const variable = variableOfField(field)
    const given = fields[variable.key] ?? variable.default ?? null
    const result =
      variable.secret && isTaskSecret(given, variable.key) ? { value: given, error: null } : checkValue(variable, given)
    if (result.error === null)
      answers[variable.key] = result.value as Value // a SecretRef is plain JSON
    else errors.push(result.error)
  }
  const known = new Set(ask.fields.map((field) => field['key']))
  for (const key of Object.keys(fields))
    if (!known.has(key)) errors.push({ field: key, code: 'unknown_field', message: `there is no field ${key}` })
  if (errors.length > 0)
    throw new EngineError('INVALID_INPUT', { message: errors.map(({ message }) => message).join('; '), fields: errors })
  return answers
}

function rejected(turn: Turn, ask: Ask, decision: Decision): void {
  const ends = ask.reject === 'end' || ask.veto.includes(decision.person) || !canStillBeGranted(ask)
  if (ends)
    rejectAsk(
      turn,
      ask,
      decision.comment === null ? `Rejected by ${decision.name}` : `Rejected by ${decision.name}: ${decision.comment}`,
    )
}
/** Too few are left. With a rejection among the answers that is a rejection; else nobody can answer. */
function settleShortage(turn: Turn, ask: Ask): void {
  const rejection = ask.decisions.find((decision) => decision.verdict === 'reject')
  if (rejection !== undefined)
    return rejectAsk(
      turn,
      ask,
      rejection.comment === null
        ? `Rejected by ${rejection.name}`
        : `Rejected by ${rejection.name}: ${rejection.comment}`,
    )
  const node = nodeOf(turn, ask.nodeId)
  failVisit(turn, node, NOBODY(node.title))
}

/** The launch form came back corrected: the variables change, and the approval is asked anew. */
function corrected(turn: Turn, ask: Ask, answers: Values, { by, comment }: Of<'decide'>): void {
  const node = nodeOf(turn, ask.nodeId)
  closeAsk(turn, ask.id, 'submitted', answers)
  const { attempt } = runOf(turn, ask.nodeId)
  const { state } = turn
  const variables: { [key: string]: Value } = {}
  // A secret that was not typed again stays what it is.
  for (const key of Object.keys(answers))
    if (!(isSecretRef(state.variables[key] ?? null) && !isSecretRef(answers[key] ?? null)))
      variables[key] = answers[key] ?? null
  editVariables(turn, {
    kind: 'edit_variables',
    by,
    revision: state.variablesRevision,
    variables,
    reason: comment?.trim() || `Corrected after ${node.title}`,
  })
  if (node.kind !== 'ask') return
  emit(turn, { kind: 'node_waiting', v: 1, node: node.id, attempt, waitsFor: node.ask, state: null })
  askAgain(turn, node)
}

function personOf(turn: Turn, ref: string): PersonRef {
  const [person] = peopleOf(turn.env.directory, turn.state, ref)
  return person ?? invalid('to', 'unknown', `${ref} is nobody here`)
}
function refuseStarter(turn: Turn, ask: Ask, people: readonly PersonRef[]): void {
  if (ask.notStarter && people.some(({ id }) => id === turn.state.startedBy.person))
    invalid('to', 'not_starter', `who started it cannot answer ${ask.title}`)
}

/** The presser's own place goes to another. */
export function transferAsk(turn: Turn, { askId, to, reason, by }: Of<'transfer_ask'>): void {
  const ask = openAsk(turn, askId)
  if (reason.trim() === '') return invalid('reason', 'required', 'say why')
  const from = by.person
  if (from === null || !isAsked(ask.need, from)) return notAsked(ask)
  if (ask.decisions.some((decision) => decision.person === from)) return staleAsk(ask)
  const person = personOf(turn, to)
  refuseStarter(turn, ask, [person])
  if (ask.decisions.some((decision) => decision.person === person.id))
    return invalid('to', 'answered', `${person.name} has answered already`)
  const swap = (people: readonly string[]): readonly string[] => [
    ...new Set(people.map((each) => (each === from ? person.id : each))),
  ]
  const places = ask.need.places.map((place): Place => ({
    ...place,
    people: swap(place.people),
    ...(place.turns !== undefined && { turns: place.turns.map(swap) }),
  }))
  emit(turn, {
    kind: 'ask_people_changed',
    v: 1,
    ask: ask.id,
    why: 'transferred',
    need: { places },
    added: [person],
    reason,
  })
  const after = againOf(turn, askId)
  if (turn.state.nodes.get(ask.nodeId)?.state === 'waiting' && !canStillBeGranted(after)) settleShortage(turn, after)
}

/** Gives the ask people where too few can answer, or more of them. A node that had failed for it goes on, answers kept. */
export function assignAsk(turn: Turn, { askId, to, reason, by }: Of<'assign_ask'>): void {
  const ask = openAsk(turn, askId)
  if (reason.trim() === '') return invalid('reason', 'required', 'say why')
  const people = to.flatMap((ref) => {
    const found = peopleOf(turn.env.directory, turn.state, ref)
    // Through a role is different: who is in it was decided elsewhere.
    if (ask.kind === 'approval' && !/^(role|group):/.test(ref) && found.some(({ id }) => id === by.person))
      return invalid('to', 'yourself', 'you cannot make yourself an approver')
    return found.length === 0 ? invalid('to', 'unknown', `${ref} is nobody here`) : found
  })
  if (people.length === 0) return invalid('to', 'required', 'name somebody')
  refuseStarter(turn, ask, people)
  const ids = people.map(({ id }) => id).filter((id) => !ask.decisions.some((decision) => decision.person === id))
  if (ids.length === 0) return invalid('to', 'answered', 'they have answered already')
  const short = placesThatLack(ask)
  const places = ask.need.places.map((place): Place =>
    short.length > 0 && !short.includes(place)
      ? place
      : {
          ...place,
          people: [...new Set([...place.people, ...ids])],
          ...(place.turns !== undefined && { turns: [...place.turns, ids] }),
        },
  )
  const run = runOf(turn, ask.nodeId)
  const goesOn = run.state === 'failed' && run.error?.cause === 'nobody_can_answer'
  if (goesOn && !canStillBeGranted({ ...ask, need: { places } }))
    return invalid('to', 'too_few', `${ask.title} needs more people than that`)
  const attempt = run.attempt + 1
  if (goesOn) {
    clearNodeTimers(turn, ask.nodeId)
    emit(turn, { kind: 'node_retried', v: 1, node: ask.nodeId, attempt, auto: false, notBefore: null, note: reason })
    emit(turn, {
      kind: 'node_started',
      v: 1,
      node: ask.nodeId,
      attempt,
      inputs: run.inputs ?? {},
      waitsFor: ask.correction === true ? 'correction' : ask.kind,
    })
  }
  emit(turn, {
    kind: 'ask_people_changed',
    v: 1,
    ask: ask.id,
    why: 'assigned',
    need: { places },
    added: people,
    reason,
    ...(goesOn && { attempt }),
  })
  if (goesOn) scheduleAsk(turn, againOf(turn, askId))
}

export function commentAsk(turn: Turn, { askId, comment }: Of<'comment_ask'>): void {
  const ask = openAsk(turn, askId)
  if (comment.trim() === '') return invalid('comment', 'required', 'write something')
  emit(turn, { kind: 'ask_commented', v: 1, ask: ask.id, comment: comment.trim() })
}
