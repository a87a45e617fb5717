/**
 * Who may do what to a task, a node, an ask: one place for what surfaces offer (`…Actions`) and what commands are held against (`authorize`).
 * Rights are judged here; whether the thing's state allows it is `decide`'s, and looked at here only to know what to offer.
 */
import { approvalsLeftOut, approvalsPassedBy } from './asks/around.ts'
import { approvalsBefore } from './asks/granted.ts'
import { awaited, everybodyAsked, mayAnswerNow, takenBy } from './asks/need.ts'
import { answeredBy, placesOpenTo, stoodForIn } from './asks/stand-in.ts'
import type { PeopleCommand } from './command.ts'
import { changedKeys, grantedBinding } from './decide/edit.ts'
import type { AvailableAction, PersonRef, Right, Viewer } from './env.ts'
import { EngineError } from './error.ts'
import type { Allow, Flow, FlowNode } from './flow.ts'
import { variableNamed } from './nodes/check.ts'
import { liveChildOf } from './nodes/subflow.ts'
import { MAX_VISITS } from './nodes/visit.ts'
import type { Ask, NodeRun, TaskState } from './state.ts'
import type { Values } from './value.ts'

/** May, or who may instead (`grantedBy`: role words or names) and which right is missing. */
type Ruling =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      readonly right: string
      readonly grantedBy: readonly string[]
      readonly why: string
      readonly byAuthor?: true
    }
const MAY: Ruling = { allowed: true }

const isStarter = (state: Readonly<TaskState>, viewer: Viewer): boolean =>
  viewer.actor.person !== null && viewer.actor.person === state.startedBy.person
const isOperator = (viewer: Viewer): boolean => viewer.rights.has('operate') || viewer.app.operate

function needs(viewer: Viewer, right: Right, who: string): Ruling {
  if (viewer.rights.has(right)) return MAY
  return { allowed: false, right, grantedBy: right === 'reassign-ask' ? ['operator'] : ['owner'], why: `Needs ${who}` }
}
const onlyOperators = (viewer: Viewer): Ruling =>
  isOperator(viewer) ? MAY : { allowed: false, right: 'operate', grantedBy: ['operator'], why: 'Operators only' }
const starterOrOperator = (state: Readonly<TaskState>, viewer: Viewer): Ruling =>
  isStarter(state, viewer) || isOperator(viewer)
    ? MAY
    : {
        allowed: false,
        right: 'operate',
        grantedBy: [state.startedBy.name, 'operator'],
        why: `${state.startedBy.name} or an operator`,
      }

/** What was prepared begins by who may launch it now: a starter whose right has gone has it no more for what they prepared before. */
const mayBegin = (state: Readonly<TaskState>, viewer: Viewer): Ruling =>
  isOperator(viewer) || !isStarter(state, viewer) || viewer.app.launch
    ? starterOrOperator(state, viewer)
    : { allowed: false, right: 'launch', grantedBy: ['owner'], why: 'You may not launch this' }

/** `allow` of a node: role words of the task (`starter`, `operator`), of the project, or business roles the viewer stands in. */
function byAllow(state: Readonly<TaskState>, viewer: Viewer, verb: keyof Allow, roles: readonly string[]): Ruling {
  if (roles.length === 0)
    return {
      allowed: false,
      right: verb,
      grantedBy: [],
      why: 'The author of this flow does not allow it here',
      byAuthor: true,
    }
  const stands = (role: string): boolean => {
    switch (role) {
      case 'starter':
        return isStarter(state, viewer)
      case 'operator':
        return isOperator(viewer)
      case 'owner':
        return viewer.rights.has('manage-people')
      case 'author':
        return viewer.rights.has('author')
      case 'viewer':
        return viewer.rights.has('view')
      default:
        return viewer.roles?.includes(role) === true
    }
  }
  return roles.some(stands)
    ? MAY
    : {
        allowed: false,
        right: 'operate',
        grantedBy: roles.map((role) => (role === 'starter' ? state.startedBy.name : role)),
        why: `Only ${wordsOf(roles, state)}`,
      }
}
const wordsOf = (roles: readonly string[], state: Readonly<TaskState>): string =>
  roles
    .map((role) =>
      role === 'starter'
        ? state.startedBy.name
        : role === 'operator'
          ? 'operators'
          : role.replace(/^(role|group):/, ''),
    )
    .join(' or ')

/** First ruling that says no. */
const all = (...rulings: readonly Ruling[]): Ruling => rulings.find((ruling) => !ruling.allowed) ?? MAY

// ---- one ruling per command ----------------------------------------------------------------------------------------

/** @throws FORBIDDEN with the missing right and who has it, NOT_ALLOWED where the author forbids it to everybody. */
export function authorize(flow: Flow, state: Readonly<TaskState>, command: PeopleCommand, viewer: Viewer): void {
  const ruling = ruleOn(flow, state, command, viewer)
  if (ruling.allowed) return
  const { right, grantedBy, why } = ruling
  throw new EngineError(ruling.byAuthor === true ? 'NOT_ALLOWED' : 'FORBIDDEN', { message: why, why, right, grantedBy })
}

function ruleOn(flow: Flow, state: Readonly<TaskState>, command: PeopleCommand, viewer: Viewer): Ruling {
  switch (command.kind) {
    case 'start':
      return all(mayBegin(state, viewer), throughFreeze(command, viewer))
    case 'plan':
      return command.at === null ? starterOrOperator(state, viewer) : mayBegin(state, viewer)
    case 'set_note':
    case 'pause':
    case 'resume':
    case 'revoke':
      return starterOrOperator(state, viewer)
    case 'claim_request':
      return all(executing(state, viewer), mayEditAll(flow, state, command, viewer), throughFreeze(command, viewer))
    case 'reject_request':
      return all(executing(state, viewer), mayEditAll(flow, state, command, viewer))
    case 'resubmit_request':
      return all(onlyStarter(state, viewer), mayEditAll(flow, state, command, viewer))
    case 'transfer_request':
      return mayPassOn(state, viewer)
    case 'withdraw_request':
      return starterOrOperator(state, viewer)
    case 'edit_variables':
      return all(
        ...Object.keys(command.variables).map((key) => mayEdit(flow, state, key, viewer)),
        mayChange(flow, state, command.variables, viewer),
      )
    case 'follow':
      return command.person === viewer.actor.person ? MAY : onlyOperators(viewer)
    case 'retry':
      return all(
        mayRetry(flow, state, command.nodeId, viewer, command.inputs !== undefined),
        command.edit === undefined
          ? MAY
          : ruleOn(flow, state, { kind: 'edit_variables', by: command.by, ...command.edit }, viewer),
        throughFreeze(command, viewer),
      )
    case 'skip':
    case 'byhand':
    case 'fail':
      return mayEnd(flow, state, command.nodeId, viewer, command.kind)
    case 'pause_before':
    case 'unpause':
    case 'reschedule':
      return onlyOperators(viewer)
    case 'choose_branch': {
      const node = flow.node(command.nodeId)
      const around = node?.kind === 'gateway' && approvalsLeftOut(flow, node, command.branches).length > 0
      return all(onlyOperators(viewer), around ? overriding(viewer) : MAY)
    }
    case 'decide': {
      const ask = state.asks.get(command.askId)
      if (ask === undefined || ask.state === 'closed') return MAY // decide says who answered it
      // The launch form that came back is an edit by another door.
      const corrects = ask.correction === true && command.fields !== undefined
      return all(mayAnswer(state, ask, viewer), corrects ? mayChange(flow, state, command.fields, viewer) : MAY)
    }
    case 'transfer_ask':
    case 'claim_ask': {
      const ask = state.asks.get(command.askId)
      return ask === undefined || ask.state === 'closed' ? MAY : mayAnswer(state, ask, viewer)
    }
    case 'release_ask':
      return mayRelease(state.asks.get(command.askId), viewer)
    case 'remind_ask':
      return starterOrOperator(state, viewer)
    case 'assign_ask':
      return mayAssign(state, state.asks.get(command.askId), viewer)
    case 'comment_ask': {
      const ask = state.asks.get(command.askId)
      if (ask === undefined || mayAnswer(state, ask, viewer).allowed) return MAY
      return starterOrOperator(state, viewer)
    }
  }
}

/** Those the request was handed to: nobody else takes it or gives it back. */
function executing(state: Readonly<TaskState>, viewer: Viewer): Ruling {
  const asked = state.handOver
  if (asked === null || viewer.executes === true) return MAY // decide says that it was not handed over
  return { allowed: false, right: 'claim', grantedBy: [asked.title], why: `Only ${asked.title}` }
}
function onlyStarter(state: Readonly<TaskState>, viewer: Viewer): Ruling {
  if (isStarter(state, viewer)) return MAY
  const { name } = state.startedBy
  return { allowed: false, right: 'resubmit', grantedBy: [name], why: `Only ${name}` }
}
/** Who may take it may pass it on, and who carries it; operators see to it that somebody does. */
function mayPassOn(state: Readonly<TaskState>, viewer: Viewer): Ruling {
  const asked = state.handOver
  if (asked === null || isOperator(viewer)) return MAY
  const { holder } = asked
  if (holder === null) return executing(state, viewer)
  if (holder.id === viewer.actor.person) return MAY
  return {
    allowed: false,
    right: 'operate',
    grantedBy: [holder.name, 'operator'],
    why: `${holder.name} or an operator`,
  }
}
/** What is put right in claiming or resubmitting: each value as in any edit. */
function mayEditAll(
  flow: Flow,
  state: Readonly<TaskState>,
  command: Extract<PeopleCommand, { kind: 'claim_request' | 'reject_request' | 'resubmit_request' }>,
  viewer: Viewer,
): Ruling {
  if (command.kind === 'reject_request' || command.edit === undefined) return MAY
  return ruleOn(flow, state, { kind: 'edit_variables', by: command.by, ...command.edit }, viewer)
}

const throughFreeze = ({ overrideFreeze }: { readonly overrideFreeze?: string }, viewer: Viewer): Ruling =>
  overrideFreeze === undefined ? MAY : needs(viewer, 'override-freeze', 'the right to pass a freeze')
const overriding = (viewer: Viewer): Ruling => needs(viewer, 'override-approval', 'the right to override approvals')
const reassigning = (viewer: Viewer): Ruling => needs(viewer, 'reassign-ask', 'the right to reassign asks')
/** Giving people to an approval that has enough of them would choose who approves: that is overriding it. */
function mayAssign(state: Readonly<TaskState>, ask: Ask | undefined, viewer: Viewer): Ruling {
  const lacks = ask === undefined || state.nodes.get(ask.nodeId)?.state === 'failed'
  return all(reassigning(viewer), lacks || ask.kind !== 'approval' ? MAY : overriding(viewer))
}
const isApproval = (node: FlowNode | undefined): boolean => node?.kind === 'ask' && node.ask === 'approval'

/** A starter edits what the app shows and does not fix; operators also mend what nodes wrote. What a child runs with its parent's flow says: no app shows it. */
function mayEdit(flow: Flow, state: Readonly<TaskState>, key: string, viewer: Viewer): Ruling {
  if (isOperator(viewer)) return MAY
  const variable = variableNamed(flow, key)
  const shown =
    variable === undefined ||
    (variable.show && !variable.readOnly && !state.fixed.includes(key) && !state.hidden.includes(key))
  const mayCorrect = isStarter(state, viewer) || (state.stage === 'requested' && viewer.executes === true)
  return mayCorrect && shown && state.parent === null ? MAY : onlyOperators(viewer)
}

/** What an approval was granted for, or what sent the task past one, is changed only by who may override approvals. */
function mayChange(flow: Flow, state: Readonly<TaskState>, variables: Values, viewer: Viewer): Ruling {
  return mayTouch(flow, state, changedKeys(state, variables), viewer)
}
function mayTouch(flow: Flow, state: Readonly<TaskState>, keys: readonly string[], viewer: Viewer): Ruling {
  const touches = grantedBinding(state, keys).length > 0 || approvalsPassedBy(flow, state, keys).length > 0
  return touches ? overriding(viewer) : MAY
}

function mayRetry(flow: Flow, state: Readonly<TaskState>, nodeId: string, viewer: Viewer, raw: boolean): Ruling {
  const node = flow.node(nodeId)
  const run = state.nodes.get(nodeId)
  if (node === undefined) return MAY // decide says NOT_FOUND
  // Nobody can tell whether it still runs: repeating it is a judgement for those who can look.
  const unknown = run?.state === 'failed' && (run.error?.cause === 'lost' || run.cancelUnconfirmed)
  return all(
    byAllow(state, viewer, 'retry', node.allow.retry),
    unknown ? onlyOperators(viewer) : MAY,
    raw ? needs(viewer, 'operate-inputs', 'the right to edit raw inputs: they hold scripts and hosts') : MAY,
    raw && approvalsBefore(flow, state, nodeId).length > 0 ? overriding(viewer) : MAY,
  )
}

/** Skip, by hand, fail. An approval needs more than the plain right (FLOW §2). */
function mayEnd(
  flow: Flow,
  state: Readonly<TaskState>,
  nodeId: string,
  viewer: Viewer,
  verb: 'skip' | 'byhand' | 'fail',
): Ruling {
  const node = flow.node(nodeId)
  if (node === undefined) return MAY
  const roles = node.allow[verb]
  return isApproval(node) && roles.length > 0 ? overriding(viewer) : byAllow(state, viewer, verb, roles)
}

/** Those who are asked, and those who stand in for them now. */
function mayAnswer(state: Readonly<TaskState>, ask: Ask, viewer: Viewer): Ruling {
  if (openTo(state, ask, viewer).length > 0) return MAY
  const names = namesOf(ask, awaited(ask))
  const decides = `${names.join(' or ') || 'Nobody'} decides`
  return { allowed: false, right: 'answer', grantedBy: names, why: `${ownWorkWords(state, ask, viewer)}${decides}` }
}
/** To somebody who would be asked if it were not their own work: what of it is theirs. */
function ownWorkWords(state: Readonly<TaskState>, ask: Ask, { actor, standsFor = [] }: Viewer): string {
  const own = ask.ownWork?.find(({ id }) => id === actor.person)
  const around = { starter: null, rehearsal: state.rehearsal }
  const asked =
    own?.asked === true || stoodForIn({ ...ask, notStarter: false }, around, own?.id ?? '', standsFor).length > 0
  if (own === undefined || !asked) return ''
  return own.of.length === 0 ? 'You started it: ' : `You set ${own.of.join(', ')}: `
}
const openTo = (state: Readonly<TaskState>, ask: Ask, { actor, standsFor = [] }: Viewer): readonly PersonRef[] =>
  actor.person === null
    ? []
    : placesOpenTo(ask, { starter: state.startedBy.person, rehearsal: state.rehearsal }, actor.person, standsFor)
/** Whoever took it gives it back; taking it from somebody is handing it to others. */
const mayRelease = (ask: Ask | undefined, viewer: Viewer): Ruling =>
  ask === undefined || ask.claimedBy?.person === viewer.actor.person ? MAY : reassigning(viewer)
const namesOf = (ask: Ask, people: readonly string[]): readonly string[] =>
  people.map((person) => ask.names[person] ?? person)

// ---- what surfaces offer -------------------------------------------------------------------------------------------

const offer = (action: string, ruling: Ruling): AvailableAction =>
  ruling.allowed ? { action, allowed: true, why: null } : { action, allowed: false, why: ruling.why }
const NONE: readonly AvailableAction[] = []

/** On the task as a whole: what helps now first, stop last. */
export function availableActions(flow: Flow, state: Readonly<TaskState>, viewer: Viewer): readonly AvailableAction[] {
  const plain = starterOrOperator(state, viewer)
  const edit = offer('edit_variables', mayEditAny(flow, state, viewer))
  switch (state.stage) {
    case 'final':
      return [
        offer(
          'run_again',
          viewer.app.launch || viewer.rights.has('operate')
            ? MAY
            : { allowed: false, right: 'launch', grantedBy: ['owner'], why: 'You may not launch this' },
        ),
      ]
    case 'queued':
      return [...passOn(state, viewer), edit, offer('revoke', plain)]
    case 'requested':
      return [...requestActions(state, viewer), edit, offer('withdraw_request', plain)]
    case 'created':
      return [
        offer('start', mayBegin(state, viewer)),
        offer('plan', mayBegin(state, viewer)),
        ...passOn(state, viewer),
        edit,
        offer('revoke', plain),
      ]
    default: {
      // A second stop during `finally`, or cancel after "stop after current steps", are the ways on when it has been stopped already.
      const maySpeedUp =
        state.revoking === null ||
        (state.revoking.mode === 'stop' && !state.finallyRevoked) ||
        (state.stage === 'finally' && !state.finallyRevoked)
      const revoke = maySpeedUp ? [offer('revoke', plain)] : NONE
      if (state.stage === 'main' && (state.revoking !== null || state.outcome !== null)) return revoke
      return [
        ...(state.paused ? [offer('resume', all(plain, withParent(state)))] : []),
        ...(state.paused ? [] : [offer('pause', plain)]),
        edit,
        ...passOn(state, viewer),
        ...revoke,
      ]
    }
  }
}
/** While it waits for somebody to take it, or for whoever asked to change it. */
function requestActions(state: Readonly<TaskState>, viewer: Viewer): readonly AvailableAction[] {
  if (state.handOver?.state === 'rejected') return [offer('resubmit_request', onlyStarter(state, viewer))]
  const mine = executing(state, viewer)
  return [
    offer('claim_request', mine),
    offer('reject_request', mine),
    offer('transfer_request', mayPassOn(state, viewer)),
  ]
}
/** Once claimed: offered to those who may, not as a thing that others may not. */
const passOn = (state: Readonly<TaskState>, viewer: Viewer): readonly AvailableAction[] =>
  state.handOver?.holder != null && mayPassOn(state, viewer).allowed ? [offer('transfer_request', MAY)] : NONE
/** A child goes on with its parent, not before it. */
function withParent({ heldByParent, parent }: Readonly<TaskState>): Ruling {
  if (!heldByParent || parent === null) return MAY
  return { allowed: false, right: 'operate', grantedBy: [], why: `Paused with #${parent.number}` }
}
/** Found once per version: most flows have none, and lists ask for every task. */
function hasApproval(flow: Flow): boolean {
  let has = APPROVES.get(flow)
  if (has === undefined) APPROVES.set(flow, (has = flow.nodes.some(isApproval)))
  return has
}
const APPROVES = new WeakMap<Flow, boolean>()
/** There is a variable this person may change. */
function mayEditAny(flow: Flow, state: Readonly<TaskState>, viewer: Viewer): Ruling {
  let no: Ruling | null = null
  for (const { key, computed } of flow.variables) {
    if (computed !== undefined || state.fixed.includes(key)) continue
    const own = mayEdit(flow, state, key, viewer)
    // Whatever it would become: what was approved with it is the same for all of its values.
    const ruling = own.allowed && hasApproval(flow) ? mayTouch(flow, state, [key], viewer) : own
    if (ruling.allowed) return MAY
    no ??= ruling
  }
  return no ?? { allowed: false, right: 'operate', grantedBy: [], why: 'There is nothing to edit' }
}

/** On one node, in the order surfaces show them: by cause, the thing to do now first. */
export function nodeActions(
  flow: Flow,
  state: Readonly<TaskState>,
  nodeId: string,
  viewer: Viewer,
): readonly AvailableAction[] {
  const node = flow.node(nodeId)
  const run = state.nodes.get(nodeId)
  if (node === undefined || state.stage === 'final') return NONE
  if (state.pausedBefore.includes(nodeId)) return [offer('unpause', onlyOperators(viewer))]
  if (run === undefined) return mayBeHeld(state, node) ? [offer('pause_before', onlyOperators(viewer))] : NONE
  if (run.givenUp) return NONE
  const isEnding = run.cancelling && run.cancelFor !== 'timeout'
  if (liveChildOf(state, run) !== null)
    return isEnding
      ? NONE
      : (['fail', 'skip', 'byhand'] as const).map((verb) => offer(verb, mayEnd(flow, state, nodeId, viewer, verb)))
  switch (run.state) {
    case 'failed':
      return onFailure(flow, state, node, run, viewer)
    case 'ready':
      return node.kind === 'gateway'
        ? NONE
        : [
            offer('skip', mayEnd(flow, state, nodeId, viewer, 'skip')),
            offer('fail', mayEnd(flow, state, nodeId, viewer, 'fail')),
          ]
    case 'waiting':
      return [
        ...(node.kind === 'wait' ? [offer('reschedule', onlyOperators(viewer))] : []),
        offer('fail', mayEnd(flow, state, nodeId, viewer, 'fail')),
      ]
    case 'running':
      return isEnding ? NONE : [offer('fail', mayEnd(flow, state, nodeId, viewer, 'fail'))]
    default:
      return NONE
  }
}

/** Before it a token can be made to wait: it has not come yet, and will not be let through by a joining of branches. */
const mayBeHeld = (state: Readonly<TaskState>, node: FlowNode): boolean =>
  state.stage !== 'finally' && !node.inFinally && !(node.kind === 'gateway' && node.gateway === 'converge')

function onFailure(
  flow: Flow,
  state: Readonly<TaskState>,
  node: FlowNode,
  run: NodeRun,
  viewer: Viewer,
): readonly AvailableAction[] {
  const end = (verb: 'skip' | 'byhand' | 'fail'): AvailableAction =>
    offer(verb, mayEnd(flow, state, node.id, viewer, verb))
  if (run.error?.code === MAX_VISITS) return [...(node.kind === 'gateway' ? [] : [end('skip')]), end('fail')]
  const retrying = mayRetry(flow, state, node.id, viewer, false)
  const retry = offer('retry', retrying)
  if (node.kind === 'gateway') return [offer('choose_branch', onlyOperators(viewer)), retry, end('fail')]
  const edit = offer('edit_retry', all(retrying, mayEditAny(flow, state, viewer)))
  const rest = [end('byhand'), end('skip'), end('fail')]
  switch (run.error?.cause) {
    case 'rejected':
      return [edit, retry, ...rest]
    case 'nobody_can_answer':
      return [offer('assign', reassigning(viewer)), retry, ...rest]
    case 'lost':
      return [end('byhand'), end('skip'), retry, edit, end('fail')] // "Check first" leads: what was done may only need saying so
    default:
      return [retry, edit, ...rest]
  }
}

const VERDICTS = { approval: ['approve', 'reject'], form: ['submit'], confirm: ['confirm'] } as const
/** On an ask: answering first, for those who are asked. */
export function askActions(state: Readonly<TaskState>, ask: Ask, viewer: Viewer): readonly AvailableAction[] {
  if (ask.state === 'closed' || state.stage === 'final') return NONE
  const { person } = viewer.actor
  const open = openTo(state, ask, viewer)
  const asked = mayAnswer(state, ask, viewer)
  const assign = mayAssign(state, ask, viewer)
  const comment = offer('comment', asked.allowed ? MAY : starterOrOperator(state, viewer))
  if (state.nodes.get(ask.nodeId)?.state === 'failed') return [offer('assign', assign), comment]
  const plain = starterOrOperator(state, viewer)
  const remind = plain.allowed && awaited(ask).some((one) => one !== person) ? [offer('remind', plain)] : []
  const answered =
    person !== null && (answeredBy(ask, person) ?? open.every(({ id }) => answeredBy(ask, id) !== undefined))
  if (asked.allowed && answered) return [...(assign.allowed ? [offer('assign', assign)] : []), ...remind, comment]
  const taken = takenBy(ask)
  const mine = taken !== null && taken === person
  const mayTakeOver = taken !== null && !mine && reassigning(viewer).allowed
  const first =
    taken !== null && !mine && asked.allowed
      ? takenAway(ask)
      : asked.allowed && open.every(({ id }) => !mayAnswerNow(ask, id))
        ? waitsFor(ask)
        : asked
  const mustTake = ask.claim === true && taken === null
  return [
    ...(mustTake ? [offer('claim', first)] : VERDICTS[ask.kind].map((verdict) => offer(verdict, first))),
    ...(ask.claimedBy?.person === person && asked.allowed ? [offer('release', MAY)] : []),
    ...(mayTakeOver ? [offer('release', MAY)] : []),
    ...(asked.allowed && open.some(({ id }) => id === person) && (taken === null || mine)
      ? [offer('transfer', MAY)]
      : []),
    ...(asked.allowed && !mustTake && !ask.claimedBy && everybodyAsked(ask.need).length > 1
      ? [offer('claim', first)]
      : []),
    ...(assign.allowed ? [offer('assign', assign)] : []),
    ...remind,
    comment,
  ]
}
const takenAway = (ask: Ask): Ruling => {
  const name = ask.claimedBy?.name ?? ''
  return { allowed: false, right: 'answer', grantedBy: [name], why: `${name} has taken it` }
}
const waitsFor = (ask: Ask): Ruling => {
  const names = namesOf(ask, awaited(ask))
  return { allowed: false, right: 'answer', grantedBy: names, why: `${names.join(' or ')} answers first` }
}
