/** What surfaces offer and what commands are held against are told apart in two places of `rights.ts`: here each is held against the other, as everybody. */
import { describe, expect, test } from 'vitest'
import type { PeopleCommand } from '../command.ts'
import { decideAhead } from '../decide/decide.ts'
import type { AvailableAction, Right, Viewer } from '../env.ts'
import { EngineError } from '../error.ts'
import type { FlowNode } from '../flow.ts'
import { askActions, authorize, availableActions, nodeActions } from '../rights.ts'
import type { Actor, Ask } from '../state.ts'
import type { Values } from '../value.ts'
import {
  act,
  ask,
  Bench,
  branch,
  directoryOf,
  exclusive,
  flowOf,
  is,
  lin,
  person,
  START,
  subflow,
  text,
  value,
  wait,
} from './build.ts'

// ---- who -----------------------------------------------------------------------------------------------------------

const ROLES = { 'role:qa': ['ana', 'wei'], 'role:ops': ['bo', 'wei'], 'role:none': [] }
const STANDS_FOR = { x: [{ id: 'ana', name: 'ana', via: [] }] }
const OWNER: readonly Right[] = [
  ...(['view', 'launch', 'operate', 'operate-inputs', 'override-approval', 'reassign-ask', 'override-freeze'] as const),
  ...(['edit-flow', 'author', 'manage-people'] as const),
]
const VIEWERS: { readonly [who: string]: Viewer } = {
  starter: viewer('lin', ['launch']),
  'starter whose right to launch has gone': viewer('lin', [], { launch: false }),
  'one who is asked': viewer('ana', ['launch']),
  'one who is asked and operates': viewer('wei', ['view', 'launch', 'operate', 'reassign-ask']),
  'one of Ops, whom it may be handed to': viewer('bo', ['launch'], { see: true }, { executes: true }),
  'one whom the app lets operate': viewer('omar', ['launch'], { operate: true }),
  'a stand-in': viewer('x', ['launch'], {}, { standsFor: STANDS_FOR.x }),
  operator: viewer('olga', ['view', 'launch', 'operate', 'reassign-ask']),
  author: viewer('aki', ['view', 'launch', 'operate', 'operate-inputs', 'edit-flow', 'author']),
  owner: viewer('ada', OWNER),
  viewer: viewer('vic', ['view']),
  'nobody in particular': viewer('stu', []),
}
function viewer(
  who: string,
  rights: readonly Right[],
  app: Partial<Viewer['app']> = {},
  more: Partial<Viewer> = {},
): Viewer {
  return {
    actor: person(who),
    rights: new Set(rights),
    app: { launch: true, see: true, operate: false, ...app },
    ...more,
  }
}

// ---- where ---------------------------------------------------------------------------------------------------------

const variables = [text('version'), text('build', { show: false })]
const V1: Values = { version: 'v1' }
type Launch = ConstructorParameters<typeof Bench>[1]
const on = (nodes: readonly FlowNode[], launch: Launch = {}, change: Parameters<typeof flowOf>[1] = {}): Bench =>
  new Bench(
    flowOf(nodes, { variables, ...change }),
    { variables: V1, ...launch },
    { directory: { ...directoryOf(ROLES), standsFor: (id) => STANDS_FOR[id as 'x'] ?? [] } },
  )
const gate = (inputs: Values = {}, change: Parameters<typeof ask>[3] = {}) =>
  ask('gate', 'deploy', { approvers: ['role:qa'], ...inputs }, change)
const deploy = act('deploy', 'end')
const form = (inputs: Values = {}) => ask('gate', 'deploy', { by: ['role:qa'], ...inputs }, { ask: 'form' })
const after = (task: Bench, ...acts: readonly ((task: Bench) => unknown)[]): Bench => {
  for (const one of acts) one(task)
  return task
}
const does = (command: object) => (task: Bench) => task.do(command as PeopleCommand) // as listed below
const [wei, ana, bo] = ['wei', 'ana', 'bo'].map(person) as [Actor, Actor, Actor]
const edits = (by: Actor) => (task: Bench) =>
  task.do({
    kind: 'edit_variables',
    by,
    revision: task.state.variablesRevision,
    variables: { version: 'v2' },
    reason: 'typo',
  })
const HANDED: Launch = { handOver: { to: ['role:ops'] } }
const claimed = { kind: 'claim_request', by: bo, round: 1 }

const STATES: { readonly [where: string]: () => Bench } = {
  'made, not started': () => on([deploy], { startNow: false }),
  planned: () => on([deploy], { startAt: START + 3_600_000 }),
  'waiting for its place': () =>
    on(
      [deploy],
      { slot: { key: 'k', limit: 1, digest: '', granted: false } },
      { concurrency: { key: value('k'), limit: 1, whenBusy: 'queue' } },
    ),
  'handed over': () => on([deploy], HANDED),
  'handed over to nobody': () => on([deploy], { handOver: { to: ['role:none'] } }),
  'given back': () => after(on([deploy], HANDED), does({ kind: 'reject_request', by: bo, round: 1, reason: 'which?' })),
  claimed: () => after(on([deploy], HANDED), does(claimed)),
  running: () => on([deploy]),
  paused: () => after(on([deploy]), does({ kind: 'pause', by: lin })),
  'held before a step': () =>
    after(on([act('first', 'deploy'), deploy]), does({ kind: 'pause_before', by: wei, nodeId: 'deploy', attempt: 0 })),
  'waiting for a time': () => on([wait('sleep', 'deploy', { for: '1h' }), deploy]),
  'waiting for an approval': () => on([gate(), deploy]),
  'an approval that its starter could give': () => on([gate({ approvers: ['role:qa', 'lin'] }), deploy]),
  'an approval that its starter must not give': () =>
    on([gate({ approvers: ['role:qa', 'lin'], notStarter: true }), deploy]),
  'an approval of what somebody has changed': () =>
    after(on([gate({ notStarter: true, approvers: ['role:qa', 'bo'] }), deploy]), edits(wei)),
  'an approval one after the other': () =>
    on([gate({ approvers: ['bo', 'role:qa'], order: 'listed', need: 2 }), deploy]),
  'an approval half given': () => after(on([gate({ need: 2 }), deploy]), (task) => task.answer(wei)),
  'an approval that somebody has put their name to': () =>
    after(on([gate(), deploy]), (task) => task.do({ kind: 'claim_ask', by: wei, askId: task.openAsk().id })),
  'an approval handed to a role': () =>
    after(on([gate(), deploy]), (task) =>
      task.do({ kind: 'transfer_ask', by: ana, askId: task.openAsk().id, to: 'bo', reason: 'away' }),
    ),
  'a form': () => on([form(), deploy]),
  'a form to be taken first': () => on([form({ claim: true }), deploy]),
  'a form that is taken': () =>
    after(on([form({ claim: true }), deploy]), (task) =>
      task.do({ kind: 'claim_ask', by: wei, askId: task.openAsk().id }),
    ),
  'a confirmation': () => on([ask('gate', 'deploy', { by: ['role:qa'] }, { ask: 'confirm' }), deploy]),
  'the launch form that came back': () =>
    after(on([gate({ onReject: 'starter' }), deploy]), (task) => task.answer(wei, 'reject', { comment: 'which?' })),
  'nobody can answer': () => on([gate({ approvers: ['role:none'] }), deploy]),
  rejected: () => after(on([gate(), deploy]), (task) => task.answer(wei, 'reject', { comment: 'no' })),
  'behind an approval': () => after(on([gate(), deploy]), (task) => task.answer(wei)),
  'failed behind an approval': () =>
    after(
      on([gate(), deploy]),
      (task) => task.answer(wei),
      (task) => task.fails('deploy'),
    ),
  'failed, all that can be changed was approved': () =>
    after(
      on([gate(), deploy], {}, { variables: [text('version')] }),
      (task) => task.answer(wei),
      (task) => task.fails('deploy'),
    ),
  failed: () => after(on([deploy]), (task) => task.fails('deploy')),
  'failed, allowed to nobody': () =>
    after(on([act('deploy', 'end', { allow: { retry: [], skip: [], byhand: [], fail: [] } })]), (task) =>
      task.fails('deploy'),
    ),
  'failed, allowed to QA': () =>
    after(
      on([act('deploy', 'end', { allow: { retry: ['role:qa'], skip: ['starter'], byhand: [], fail: ['owner'] } })]),
      (task) => task.fails('deploy'),
    ),
  lost: () => after(on([deploy]), (task) => task.fails('deploy', { cause: 'lost', code: 'LOST' })),
  'a gateway that failed': () =>
    on([
      exclusive('which', [branch('deploy', is('version', 'v9')), branch('gate', is('version', 'v8'))]),
      gate(),
      deploy,
    ]),
  'past an approval by what was said': () =>
    on([exclusive('which', [branch('deploy', is('version', 'v1')), branch('gate', null)]), gate(), deploy]),
  'a task of its own': () => on([subflow('child', 'deploy', { flow: 'ship' }), deploy]),
  'stopped, cleaning up': () =>
    after(on([deploy, act('cleanup', 'end')], {}, { finally: ['cleanup'] }), (task) =>
      task.do({ kind: 'revoke', by: lin, mode: 'cancel' }),
    ),
  'stopped after what runs': () => after(on([deploy]), (task) => task.do({ kind: 'revoke', by: lin, mode: 'stop' })),
  final: () => after(on([deploy]), (task) => task.done('deploy')),
}

// ---- what ----------------------------------------------------------------------------------------------------------

interface About {
  readonly by: Actor
  readonly task: Bench
  readonly node?: FlowNode
  readonly ask?: Ask
}
/** Commands an action stands for. Where it leaves a choice: each that can be made. */
function commandsOf(action: string, { by, task, node, ask: of }: About): readonly PeopleCommand[] {
  const { state, flow } = task
  const round = state.handOver?.round ?? 1
  const edit = flow.variables.map(({ key }) => ({
    revision: state.variablesRevision,
    variables: { [key]: 'other' },
    reason: 'why',
  }))
  const at = { by, nodeId: node?.id ?? '', attempt: state.nodes.get(node?.id ?? '')?.attempt ?? 0, note: 'why' }
  const on = { by, askId: of?.id ?? state.nodes.get(node?.id ?? '')?.askId ?? '' }
  const to = ['dora']
  switch (action) {
    case 'start':
    case 'pause':
    case 'resume':
      return [{ kind: action, by }]
    case 'plan':
      return [{ kind: 'plan', by, at: START + 7_200_000 }]
    case 'revoke':
      return [{ kind: 'revoke', by, mode: 'cancel' }]
    case 'edit_variables':
      return edit.map((one) => ({ kind: 'edit_variables', by, ...one }))
    case 'claim_request':
      return [{ kind: 'claim_request', by, round }]
    case 'reject_request':
      return [{ kind: 'reject_request', by, round, reason: 'why' }]
    case 'resubmit_request':
      return [{ kind: 'resubmit_request', by, round }]
    case 'transfer_request':
      return [{ kind: 'transfer_request', by, round, to, reason: 'why' }]
    case 'withdraw_request':
      return [{ kind: 'withdraw_request', by, round }]
    case 'retry':
      return [{ kind: 'retry', ...at }]
    case 'edit_retry':
      return edit.map((one) => ({ kind: 'retry', ...at, edit: one }))
    case 'skip':
    case 'fail':
      return [{ kind: action, ...at }]
    case 'byhand':
      return [{ kind: 'byhand', ...at, outputs: {} }]
    case 'reschedule':
      return [{ kind: 'reschedule', ...at, at: START + 60_000 }]
    case 'pause_before':
    case 'unpause':
      return [{ kind: action, ...at }]
    case 'choose_branch':
      return node?.kind !== 'gateway'
        ? []
        : node.branches.map(({ next }) => ({ kind: 'choose_branch', ...at, branches: [next] }))
    case 'approve':
    case 'reject':
    case 'submit':
    case 'confirm':
      return [{ kind: 'decide', ...on, digest: of?.digest ?? '', verdict: action, comment: 'why' }]
    case 'claim':
      return [{ kind: 'claim_ask', ...on }]
    case 'release':
      return [{ kind: 'release_ask', ...on, reason: 'why' }]
    case 'transfer':
      return [{ kind: 'transfer_ask', ...on, to: 'dora', reason: 'why' }]
    case 'assign':
      return [{ kind: 'assign_ask', ...on, to, reason: 'why' }]
    case 'remind':
      return [{ kind: 'remind_ask', ...on }]
    case 'comment':
      return [{ kind: 'comment_ask', ...on, comment: 'hm' }]
    default:
      return []
  }
}
const OF_TASK = ['start', 'plan', 'pause', 'resume', 'revoke', 'edit_variables']
const OF_REQUEST = ['claim_request', 'reject_request', 'resubmit_request', 'transfer_request', 'withdraw_request']
const OF_NODE = [
  'retry',
  'edit_retry',
  'skip',
  'byhand',
  'fail',
  'reschedule',
  'pause_before',
  'unpause',
  'choose_branch',
]
const OF_ASK = ['approve', 'reject', 'submit', 'confirm', 'claim', 'release', 'transfer', 'assign', 'remind', 'comment']

/** What stands against it; null: nothing does. */
function against(task: Bench, command: PeopleCommand, who: Viewer): string | null {
  try {
    authorize(task.flow, task.state, command, who)
    decideAhead(task.flow, task.state, command, task.env)
    return null
  } catch (error) {
    if (error instanceof EngineError) return error.code
    throw error
  }
}
/** What is a matter of right, or of whether it can be done at all; the rest is a matter of what was typed. */
const BARS = new Set(['FORBIDDEN', 'NOT_ALLOWED', 'STALE'])

/** Taken, and offered to nobody: each may be done by right, and there is a reason not to hold it out. */
const QUIET: { readonly [action: string]: string } = {
  pause_before: 'a step that has been visited may be come to again by a loop',
  edit_retry: 'where somebody is to be assigned, or a branch chosen, another way is meant',
  revoke: 'of a request it is to withdraw it; pressed once more it changes nothing',
  edit_variables: 'what winds down reads few of them',
  release: 'a name put to an approval keeps nobody from answering',
  transfer: 'while another has taken it nobody waits for their place',
  claim: 'nobody else is asked who would have to know',
  remind: 'nobody but themselves would be reminded',
}
function differences(task: Bench, who: Viewer): string[] {
  const { flow, state } = task
  const by = who.actor
  const found: string[] = []
  const hold = (where: string, known: readonly string[], offered: readonly AvailableAction[], about: About): void => {
    for (const action of new Set([...known, ...offered.map((one) => one.action)])) {
      const commands = commandsOf(action, about)
      if (commands.length === 0) continue
      const codes = commands.map((command) => against(task, command, who))
      const said = offered.find((one) => one.action === action)
      if (said?.allowed === true && codes.every((code) => code !== null && BARS.has(code)))
        found.push(`${where}${action} is offered, and refused: ${codes.join(' ')}`)
      if (said?.allowed === false && codes.includes(null))
        found.push(`${where}${action} is taken in spite of “${said.why}”`)
      if (said === undefined && codes.includes(null) && QUIET[action] === undefined)
        found.push(`${where}${action} is not offered, and taken`)
    }
  }
  hold('', [...OF_TASK, ...OF_REQUEST], availableActions(flow, state, who), { by, task })
  for (const node of flow.nodes)
    hold(`${node.id}: `, OF_NODE, nodeActions(flow, state, node.id, who), { by, task, node })
  for (const one of state.asks.values())
    hold(`${one.id}: `, OF_ASK, askActions(state, one, who), { by, task, ask: one })
  return found
}

describe.each(Object.keys(STATES))('what is offered is taken, and what is not is refused: %s', (where) => {
  test.each(Object.keys(VIEWERS))('%s', (who) => {
    expect(differences(STATES[where]!(), VIEWERS[who]!)).toEqual([])
  })
})
