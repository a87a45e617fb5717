import { canStillBeGranted, everybodyAsked, holderOf, isGranted, takenBy } from '../asks/need.ts'
import { secretKeyOf } from '../asks/secret-fields.ts'
import { variableOfField } from '../asks/spec.ts'
import { answeredBy, placesOpenTo, placeTaken } from '../asks/stand-in.ts'
import type { PeopleCommand } from '../command.ts'
import type { PersonRef, StoodFor } from '../env.ts'
import { EngineError, type FieldError } from '../error.ts'
import type { Variable } from '../flow.ts'
import { aroundOf, askAgain, NOBODY } from '../nodes/ask.ts'
import { closeAsk, finishAsk, rejectAsk } from '../nodes/ask-end.ts'
import { failVisit } from '../nodes/failure.ts'
import type { Ask, Decision } from '../state.ts'
import { isSecretRef, isTaskSecret, type Value, type Values } from '../value.ts'
import { checkValue } from '../variables/check.ts'
import { editVariables } from './edit.ts'
import { invalid, notAllowed, stale, staleAsk } from './stale.ts'
import { emit, nodeOf, runOf, type Turn } from './turn.ts'

type Of<K extends PeopleCommand['kind']> = Extract<PeopleCommand, { kind: K }>

export function openAsk(turn: Turn, id: string): Ask {
  const ask = turn.state.asks.get(id)
  if (ask === undefined) throw new EngineError('NOT_FOUND', { message: `there is no ask ${id}` })
  return ask.state === 'open' ? ask : staleAsk(ask)
}
export const againOf = (turn: Turn, id: string): Ask => turn.state.asks.get(id) as Ask // looked up a moment ago

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
  const before = person === null ? undefined : answeredBy(ask, person)
  if (before !== undefined) return answeredAlready(ask, before)
  const open = openTo(turn, ask, person)
  if (person === null || open.length === 0) return notAsked(ask)
  if (turn.state.nodes.get(ask.nodeId)?.state !== 'waiting')
    return notAllowed(`${ask.title} waits for more people to be assigned`, 'NOBODY_CAN_ANSWER')
  checkTaken(turn, ask, person)
  const taken = placeTaken(ask, person, open, verdict)
  if (taken.kind === 'turn') return notAllowed(`others answer ${ask.title} before you`, 'NOT_YOUR_TURN')
  if (taken.kind === 'answered') return answeredAlready(ask, answeredFor(ask, open))
  const said = comment?.trim() ?? ''
  if (said === '' && (ask.comment === 'always' || (ask.comment === 'onReject' && verdict === 'reject')))
    return invalid('comment', 'required', 'say why')
  if (taken.kind === 'filled')
    return notAllowed(`${ask.title} has all the answers it needs in your place`, 'PLACE_FILLED')
  const { holder, seating } = taken
  const decision: Decision = {
    person,
    name: by.name,
    at: turn.now,
    verdict,
    comment: said === '' ? null : said,
    surface: by.surface,
    as: seating?.as ?? null,
    ...(holder.id !== person && { for: holder }),
  }
  return { decision, moved: seating?.moved ?? {} }
}
/** Whose places are open to whoever presses: their own, and those they stand in for at this moment. */
export const openTo = (turn: Turn, ask: Ask, person: string | null): readonly PersonRef[] =>
  person === null ? [] : placesOpenTo(ask, aroundOf(turn), person, standingFor(turn, person))
export const standingFor = ({ env, now }: Turn, person: string | null): readonly StoodFor[] =>
  person === null ? [] : (env.directory.standsFor?.(person, now) ?? [])
/** One person takes it first, where its author wants that; then it is theirs. */
function checkTaken(turn: Turn, ask: Ask, person: string): void {
  const taken = holdsIt(turn, ask) ? takenBy(ask) : null
  if (taken === null && ask.claim === true) return notAllowed(`take ${ask.title} before you answer it`, 'CLAIM_FIRST')
  if (taken !== null && taken !== person)
    return notAllowed(`${ask.claimedBy?.name ?? taken} has taken ${ask.title}`, 'CLAIMED')
}
/** Somebody has taken it who may still answer: a stand-in whose time is over holds nothing up. */
export const holdsIt = (turn: Turn, ask: Ask): boolean =>
  !!ask.claimedBy && openTo(turn, ask, ask.claimedBy.person).length > 0
const answeredFor = (ask: Ask, open: readonly PersonRef[]): Decision | undefined =>
  ask.decisions.find((decision) => open.some(({ id }) => id === holderOf(decision)))
function answeredAlready(ask: Ask, before: Decision | undefined): never {
  if (before === undefined) return staleAsk(ask)
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
}
/** Rights are checked before (`rights.ts`); this is the last line of the same rule. */
export function notAsked(ask: Ask): never {
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
      variable.secret && given !== null && given !== '' ? sealed(ask, variable, given) : checkValue(variable, given)
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

/** What is typed into a secret field comes sealed, under its own name: no history holds it, and nobody names another secret. */
function sealed(
  ask: Ask,
  { key, title }: Variable,
  given: Value,
): { readonly value: Value; readonly error: null } | { readonly value: null; readonly error: FieldError } {
  return isTaskSecret(given, secretKeyOf(ask, key))
    ? { value: given as unknown as Value, error: null } // a SecretRef is plain JSON
    : { value: null, error: { field: key, code: 'type', message: `${title} is secret and must come sealed` } }
}

function rejected(turn: Turn, ask: Ask, decision: Decision): void {
  const ends =
    ask.reject === 'end' ||
    ask.veto.some((one) => one === decision.person || one === decision.for?.id) ||
    !canStillBeGranted(ask)
  if (ends) rejectAsk(turn, ask, rejectedBy(decision))
}
const rejectedBy = ({ name, comment }: Decision): string =>
  comment === null ? `Rejected by ${name}` : `Rejected by ${name}: ${comment}`
/** Too few are left. With a rejection among the answers that is a rejection; else nobody can answer. */
export function settleShortage(turn: Turn, ask: Ask): void {
  const rejection = ask.decisions.find((decision) => decision.verdict === 'reject')
  if (rejection !== undefined) return rejectAsk(turn, ask, rejectedBy(rejection))
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
