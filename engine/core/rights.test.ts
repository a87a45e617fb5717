import { expect, test } from 'vitest'
import type { PeopleCommand } from './command.ts'
import type { Right, Viewer } from './env.ts'
import { askActions, authorize, availableActions, nodeActions } from './rights.ts'
import type { Actor } from './state.ts'
import { act, ana, ask, Bench, bo, directoryOf, flowOf, lin, text, wei } from './test/build.ts'

const viewer = (actor: Actor, rights: readonly Right[] = [], change: Partial<Viewer> = {}): Viewer => ({
  actor,
  rights: new Set(rights),
  app: { launch: false, see: true, operate: false },
  ...change,
})
const starter = viewer(lin)
const operator = viewer(wei, ['view', 'operate'])
const owner = viewer(wei, ['view', 'operate', 'operate-inputs', 'override-approval', 'reassign-ask'])
const stranger = viewer(bo, ['view'])

const GATE = ask('approve', 'deploy', { approvers: ['role:qa'] }, { bind: ['version', 'env'] })
const FLOW = flowOf([GATE, act('deploy', 'end', { title: 'Deploy' })], {
  variables: [text('version'), { ...text('build'), show: false }, text('env'), text('note')],
})
const running = (): Bench => {
  const task = new Bench(
    FLOW,
    { variables: { version: 'v1', env: 'production' }, fixed: ['env'] },
    { directory: directoryOf({ 'role:qa': ['ana'], 'role:empty': [] }) },
  )
  task.answer(ana)
  return task
}
const failed = (change = {}): Bench => {
  const task = running()
  task.fails('deploy', change)
  return task
}
const names = (actions: readonly { action: string; allowed: boolean }[]) =>
  actions.map(({ action, allowed }) => (allowed ? action : `(${action})`))

test.each([
  { who: 'starter', viewer: starter, actions: ['pause', 'edit_variables', 'revoke'] },
  { who: 'operator', viewer: operator, actions: ['pause', 'edit_variables', 'revoke'] },
  { who: 'stranger', viewer: stranger, actions: ['(pause)', '(edit_variables)', '(revoke)'] },
])('on a running task the $who is offered $actions', ({ viewer: who, actions }) => {
  expect(names(availableActions(FLOW, running().state, who))).toEqual(actions)
})

test('an edit is offered while there is one that was not approved as it is', () => {
  const flow = flowOf([GATE, act('deploy', 'end')], { variables: [text('version'), text('env')] })
  const task = new Bench(
    flow,
    { variables: { version: 'v1', env: 'test' } },
    { directory: directoryOf({ 'role:qa': ['ana'] }) },
  )
  const offers = (who: Viewer) =>
    availableActions(flow, task.state, who).find(({ action }) => action === 'edit_variables')
  expect(offers(starter)).toMatchObject({ allowed: true })
  task.answer(ana)
  expect(offers(starter)).toMatchObject({ allowed: false, why: 'Needs the right to override approvals' })
  expect(offers(owner)).toMatchObject({ allowed: true })
})
test('what is not allowed says who may', () => {
  const [pause] = availableActions(FLOW, running().state, stranger)
  expect(pause?.why).toBe('lin or an operator')
})

test('a paused task offers its resume first, an ended one only to run it again', () => {
  const task = running()
  task.do({ kind: 'pause', by: lin })
  expect(names(availableActions(FLOW, task.state, starter))).toEqual(['resume', 'edit_variables', 'revoke'])
  task.do({ kind: 'resume', by: lin })
  task.done('deploy')
  expect(
    names(availableActions(FLOW, task.state, viewer(lin, [], { app: { launch: true, see: true, operate: false } }))),
  ).toEqual(['run_again'])
})

test.each([
  { cause: 'error', actions: ['retry', 'edit_retry', 'byhand', 'skip', 'fail'] },
  { cause: 'lost', actions: ['byhand', 'skip', 'retry', 'edit_retry', 'fail'] },
] as const)('a failure by $cause offers an operator $actions, in this order', ({ cause, actions }) => {
  expect(names(nodeActions(FLOW, failed({ cause }).state, 'deploy', operator))).toEqual(actions)
})

test('a starter may retry an ordinary failure, and not one that nobody can judge', () => {
  expect(names(nodeActions(FLOW, failed().state, 'deploy', starter))).toEqual([
    'retry',
    'edit_retry',
    '(byhand)',
    '(skip)',
    '(fail)',
  ])
  expect(names(nodeActions(FLOW, failed({ cause: 'lost' }).state, 'deploy', starter))).toEqual([
    '(byhand)',
    '(skip)',
    '(retry)',
    '(edit_retry)',
    '(fail)',
  ])
})

test('an empty list forbids to everybody, named roles open it to them alone', () => {
  const flow = flowOf([
    act('deploy', 'end', { allow: { retry: ['role:duty'], skip: [], byhand: ['starter'], fail: ['operator'] } }),
  ])
  const task = new Bench(flow)
  task.fails('deploy')
  expect(names(nodeActions(flow, task.state, 'deploy', owner))).toEqual([
    '(retry)',
    '(edit_retry)',
    '(byhand)',
    '(skip)',
    'fail',
  ])
  const duty = viewer(bo, [], { roles: ['role:duty'] })
  expect(names(nodeActions(flow, task.state, 'deploy', duty))).toContain('retry')
  const skip: PeopleCommand = { kind: 'skip', by: wei, nodeId: 'deploy', attempt: 1 }
  expect(() => authorize(flow, task.state, skip, owner)).toThrow(
    expect.objectContaining({ code: 'NOT_ALLOWED' }) as Error,
  )
})

test.each([
  { command: { kind: 'pause', by: bo }, who: stranger, right: 'operate' },
  { command: { kind: 'revoke', by: bo, mode: 'cancel' }, who: stranger, right: 'operate' },
  { command: { kind: 'retry', by: bo, nodeId: 'deploy', attempt: 1 }, who: stranger, right: 'operate' },
  {
    command: { kind: 'retry', by: wei, nodeId: 'deploy', attempt: 1, inputs: {} },
    who: operator,
    right: 'operate-inputs',
  },
  {
    command: { kind: 'retry', by: wei, nodeId: 'deploy', attempt: 1, inputs: {} },
    who: viewer(wei, ['operate', 'operate-inputs']),
    right: 'override-approval',
  },
  { command: { kind: 'skip', by: lin, nodeId: 'deploy', attempt: 1 }, who: starter, right: 'operate' },
  { command: { kind: 'skip', by: wei, nodeId: 'approve', attempt: 1 }, who: operator, right: 'override-approval' },
  { command: { kind: 'fail', by: wei, nodeId: 'approve', attempt: 1 }, who: operator, right: 'override-approval' },
  { command: { kind: 'reschedule', by: lin, nodeId: 'deploy', attempt: 1, at: 0 }, who: starter, right: 'operate' },
  {
    command: { kind: 'edit_variables', by: wei, revision: 1, variables: { version: 'v2' } },
    who: operator,
    right: 'override-approval',
  },
  {
    command: { kind: 'edit_variables', by: lin, revision: 1, variables: { build: 'b' } },
    who: starter,
    right: 'operate',
  },
  {
    command: { kind: 'assign_ask', by: wei, askId: 'T1-1', to: ['bo'], reason: 'x' },
    who: operator,
    right: 'reassign-ask',
  },
  { command: { kind: 'follow', by: bo, person: 'lin' }, who: stranger, right: 'operate' },
] as const)('$command.kind needs $right', ({ command, who, right }) => {
  const { state } = failed()
  expect(() => authorize(FLOW, state, command as PeopleCommand, who)).toThrow(
    expect.objectContaining({ code: 'FORBIDDEN', detail: expect.objectContaining({ right }) }) as Error,
  )
})

test('who has the right is not stopped', () => {
  const { state } = failed()
  const commands: readonly PeopleCommand[] = [
    { kind: 'retry', by: wei, nodeId: 'deploy', attempt: 1, inputs: {} },
    { kind: 'skip', by: wei, nodeId: 'approve', attempt: 1 },
    { kind: 'edit_variables', by: wei, revision: 1, variables: { version: 'v2', build: 'b' } },
    { kind: 'follow', by: wei, person: 'wei' },
  ]
  for (const command of commands) expect(() => authorize(FLOW, state, command, owner)).not.toThrow()
  expect(() => authorize(FLOW, state, { kind: 'retry', by: lin, nodeId: 'deploy', attempt: 1 }, starter)).not.toThrow()
})

test('an ask offers answering to those who are asked, and says to others who decides', () => {
  const task = new Bench(
    FLOW,
    { variables: { version: 'v1', env: 'x' } },
    { directory: directoryOf({ 'role:qa': ['ana'] }) },
  )
  const open = task.openAsk()
  expect(names(askActions(task.state, open, viewer(ana)))).toEqual(['approve', 'reject', 'transfer', 'comment'])
  expect(names(askActions(task.state, open, stranger))).toEqual(['(approve)', '(reject)', '(comment)'])
  expect(askActions(task.state, open, stranger)[0]?.why).toBe('ana decides')
  expect(names(askActions(task.state, open, owner))).toEqual(['(approve)', '(reject)', 'assign', 'remind', 'comment'])
  const late = { kind: 'decide', by: bo, askId: open.id, digest: open.digest, verdict: 'approve' } as const
  expect(() => authorize(FLOW, task.state, late, owner)).toThrow(
    expect.objectContaining({ code: 'FORBIDDEN', detail: expect.objectContaining({ right: 'answer' }) }) as Error,
  )
  task.answer(ana)
  // Whoever comes too late is told who answered, not that nobody may.
  expect(() => authorize(FLOW, task.state, late, owner)).not.toThrow()
  expect(() => task.do(late)).toThrow(
    expect.objectContaining({
      detail: expect.objectContaining({ truth: expect.objectContaining({ by: 'ana' }) }),
    }) as Error,
  )
  expect(askActions(task.state, [...task.state.asks.values()][0]!, viewer(ana))).toEqual([])
})

test('giving people to an approval that lacks none is overriding it', () => {
  const task = new Bench(FLOW, {}, { directory: directoryOf({ 'role:qa': ['ana'] }) })
  const askId = task.openAsk().id
  const assign: PeopleCommand = { kind: 'assign_ask', by: wei, askId, to: ['bo'], reason: 'quicker' }
  expect(() => authorize(FLOW, task.state, assign, viewer(wei, ['view', 'operate', 'reassign-ask']))).toThrow(
    expect.objectContaining({
      code: 'FORBIDDEN',
      detail: expect.objectContaining({ right: 'override-approval' }),
    }) as Error,
  )
  authorize(FLOW, task.state, assign, owner)
})

test('an ask that nobody can answer offers "assign" first', () => {
  const flow = flowOf([ask('approve', 'end', { approvers: ['role:empty'] })])
  const task = new Bench(flow, {}, { directory: directoryOf({ 'role:empty': [] }) })
  expect(names(nodeActions(flow, task.state, 'approve', owner))).toEqual(['assign', 'retry', 'byhand', 'skip', 'fail'])
  expect(names(askActions(task.state, task.openAsk(), owner))).toEqual(['assign', 'comment'])
})

test('the variables of a child are its parent flow’s word: whoever started it does not change what an app fixed there', () => {
  const task = new Bench(FLOW, {
    variables: { version: 'v1', env: 'production' },
    parent: { task: 'T0', number: 1041, node: 'call', attempt: 1, ancestors: ['T0'] },
  })
  const edit: PeopleCommand = { kind: 'edit_variables', by: lin, revision: 1, variables: { env: 'staging' } }
  expect(() => authorize(FLOW, task.state, edit, starter)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
  expect(names(availableActions(FLOW, task.state, starter))).toContain('(edit_variables)')
  expect(() => authorize(FLOW, task.state, edit, operator)).not.toThrow()
})
