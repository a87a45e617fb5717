import { expect, test } from 'vitest'
import type { Values } from '../value.ts'
import {
  act,
  ana,
  ask,
  Bench,
  bo,
  directoryOf,
  converge,
  flowOf,
  lin,
  parallel,
  person,
  text,
  wei,
  START,
} from './build.ts'

const ROLES = { 'role:qa': ['ana', 'wei'], 'role:ops': ['wei', 'bo'], 'role:duty': ['dora'], 'role:empty': [] }
const dora = person('dora')
const refusal = (code: string) => expect.objectContaining({ code }) as Error
const told = (code: string, truth: object) =>
  expect.objectContaining({ code, detail: expect.objectContaining({ truth: expect.objectContaining(truth) }) }) as Error

function asking(
  inputs: Values,
  change: Parameters<typeof ask>[3] = {},
  variables: Values = { version: 'v1', env: 'production' },
) {
  const flow = flowOf([ask('approve', 'deploy', inputs, change), act('deploy', 'end')], {
    variables: [text('version'), text('env'), text('build')],
  })
  return new Bench(flow, { variables }, { directory: directoryOf(ROLES) })
}
const QA_AND_OPS: Values = { approvers: ['role:qa', 'role:ops'], need: { 'role:qa': 1, 'role:ops': 1 } }

test('an approval parks its task, waiting for people, with what they are asked frozen', () => {
  const task = asking({ approvers: ['role:qa'] })
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['approval'] })
  expect(task.node('approve')).toMatchObject({ state: 'waiting', waitsFor: 'approval', plugin: null })
  const open = task.openAsk()
  expect(open.need.places).toEqual([{ place: '', title: 'qa', count: 1, people: ['ana', 'wei'] }])
  expect(open.facts).toEqual([
    { key: 'version', title: 'version', value: 'v1' },
    { key: 'env', title: 'env', value: 'production' },
  ])
  expect(open.names).toEqual({ ana: 'ana', wei: 'wei' })
})

test('one approval of those asked lets the token go on, with who decided as outputs', () => {
  const task = asking({ approvers: ['role:qa'] })
  expect(task.answer(ana).map((event) => event.kind)).toEqual([
    'ask_decided',
    'ask_closed',
    'node_succeeded',
    'node_started',
  ])
  expect(task.node('approve').outputs).toMatchObject({
    approved: true,
    decisions: [{ by: 'ana', verdict: 'approve', comment: null }],
  })
})

test.each([
  { need: 2, given: [ana, wei], enough: true },
  { need: 2, given: [ana], enough: false },
  { need: 'all', given: [ana, wei], enough: false },
  { need: 'all', given: [ana, wei, bo], enough: true },
  { need: '50%', given: [ana], enough: false },
  { need: '50%', given: [ana, bo], enough: true },
])('with need $need, $given.length approvals are enough: $enough', ({ need, given, enough }) => {
  const task = asking({ approvers: ['role:qa', 'role:ops'], need })
  for (const by of given) task.answer(by)
  expect(task.node('approve').state).toBe(enough ? 'succeeded' : 'waiting')
})

test('one person fills one place: somebody of both roles does not approve for both', () => {
  const task = asking(QA_AND_OPS)
  task.answer(wei)
  expect(task.node('approve').state).toBe('waiting')
  expect(() => task.answer(wei)).toThrow(told('STALE', { what: 'approved', by: 'wei' }))
  expect(task.openAsk().decisions[0]?.as).toBe('role:qa')
  task.answer(ana) // only QA: wei makes room for her and stands for Ops
  expect([...task.state.asks.values()][0]?.decisions.map((each) => each.as)).toEqual(['role:ops', 'role:qa'])
  expect(task.node('approve').state).toBe('succeeded')
})

test('an answer takes the place that leaves the others to those who can still fill them', () => {
  const task = asking(QA_AND_OPS)
  task.answer(ana) // qa, the only place open to her
  task.answer(wei)
  expect(task.node('approve').state).toBe('succeeded')
  const other = asking(QA_AND_OPS)
  other.answer(wei)
  expect(other.openAsk().decisions[0]?.as).toBe('role:qa')
  other.answer(bo)
  expect(other.node('approve').state).toBe('succeeded')
})

test('under notStarter who launched is not asked', () => {
  const task = new Bench(
    flowOf([ask('approve', 'end', { approvers: ['role:qa', 'starter'], notStarter: true })]),
    { by: ana },
    { directory: directoryOf(ROLES) },
  )
  expect(task.openAsk().need.places[0]?.people).toEqual(['wei'])
  expect(() => task.answer(ana)).toThrow(refusal('FORBIDDEN'))
})

test('a stranger is refused and told who decides', () => {
  const task = asking({ approvers: ['role:qa'] })
  expect(() => task.answer(bo)).toThrow(
    expect.objectContaining({
      code: 'FORBIDDEN',
      detail: expect.objectContaining({ grantedBy: ['ana', 'wei'] }),
    }) as Error,
  )
})

test('an answer to something else than is asked now is stale, and so is one to an ask that is over', () => {
  const task = asking({ approvers: ['role:qa'] })
  const open = task.openAsk()
  expect(() => task.do({ kind: 'decide', by: ana, askId: open.id, digest: 'other', verdict: 'approve' })).toThrow(
    refusal('STALE'),
  )
  task.answer(ana)
  expect(() =>
    task.do({ kind: 'decide', by: wei, askId: open.id, digest: open.digest, verdict: 'reject', comment: 'no' }),
  ).toThrow(told('STALE', { what: 'granted', by: 'ana', at: START }))
})

test('an ask voided by an edit names who edited, not who had answered it', () => {
  const task = asking({ approvers: ['role:qa'], need: 2 }, { bind: ['version'] })
  const open = task.openAsk()
  task.answer(ana)
  task.do({ kind: 'edit_variables', by: lin, revision: task.state.variablesRevision, variables: { version: 'v2' } })
  expect(() => task.do({ kind: 'decide', by: wei, askId: open.id, digest: open.digest, verdict: 'approve' })).toThrow(
    told('STALE', { what: 'voided', by: 'lin' }),
  )
})

test('an approval somebody went past names them; one that ended at its deadline names nobody', () => {
  const passed = asking({ approvers: ['role:qa'], need: 2 })
  const { id, digest } = passed.openAsk()
  passed.answer(ana)
  passed.press('fail', 'approve', bo, { note: 'not today' })
  const late = { kind: 'decide', by: wei, verdict: 'approve' } as const
  expect(() => passed.do({ ...late, askId: id, digest })).toThrow(told('STALE', { by: 'bo' }))
  const expired = asking({ approvers: ['role:qa'], need: 2, deadline: '1h', onDeadline: 'reject' })
  const open = expired.openAsk()
  expired.answer(ana)
  expired.pass(3_600_000)
  expect(() => expired.do({ ...late, askId: open.id, digest: open.digest })).toThrow(
    told('STALE', { what: 'rejected', by: null }),
  )
})

test.each([
  { comment: 'onReject', verdict: 'reject', needed: true },
  { comment: 'onReject', verdict: 'approve', needed: false },
  { comment: 'always', verdict: 'approve', needed: true },
  { comment: 'never', verdict: 'reject', needed: false },
] as const)('with comment: $comment, $verdict needs one: $needed', ({ comment, verdict, needed }) => {
  const task = asking({ approvers: ['role:qa'], comment })
  const press = () => task.answer(ana, verdict)
  if (needed) expect(press).toThrow(refusal('INVALID_INPUT'))
  else expect(press).not.toThrow()
})

test.each([
  { onReject: 'fail', approve: 'failed', deploy: undefined, phase: 'attention' },
  { onReject: 'continue', approve: 'succeeded', deploy: 'running', phase: 'running' },
] as const)('a rejection with onReject: $onReject leaves the task $phase', ({ onReject, approve, deploy, phase }) => {
  const task = asking({ approvers: ['role:qa'], onReject })
  task.answer(ana, 'reject', { comment: 'wrong version' })
  expect(task.states()['approve']).toBe(approve)
  expect(task.states()['deploy']).toBe(deploy)
  expect(task.state.phase).toBe(phase)
  expect(task.node('approve').finishedOutputs).toMatchObject({ approved: false })
})

test('a rejection that fails says who and why', () => {
  const task = asking({ approvers: ['role:qa'] })
  task.answer(ana, 'reject', { comment: 'wrong version' })
  expect(task.node('approve').error).toMatchObject({ cause: 'rejected', message: 'Rejected by ana: wrong version' })
})

test('onReject: goto sends the token back, and the ask comes anew', () => {
  const flow = flowOf([
    act('build', 'approve'),
    ask('approve', 'end', { approvers: ['role:qa'], onReject: 'goto build' }),
  ])
  const task = new Bench(flow, {}, { directory: directoryOf(ROLES) })
  task.done('build')
  const first = task.openAsk()
  task.answer(ana, 'reject', { comment: 'build again' })
  expect(task.node('build')).toMatchObject({ visit: 2, state: 'running' })
  task.done('build')
  expect(task.openAsk().id).not.toBe(first.id)
})

test('onReject: starter returns the form with the reason; what comes back is asked anew', () => {
  const task = asking({ approvers: ['role:qa'], onReject: 'starter' })
  task.answer(ana, 'reject', { comment: 'wrong version' })
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['correction'] })
  const correction = task.openAsk()
  expect(correction).toMatchObject({
    kind: 'form',
    correction: true,
    text: 'Rejected by ana: wrong version',
    need: { places: [{ people: ['lin'] }] },
  })
  expect(correction.fields.map((field) => [field['key'], field['default']])).toEqual([
    ['version', 'v1'],
    ['env', 'production'],
  ])
  task.answer(lin, 'submit', { fields: { version: 'v2', env: 'production' } })
  expect(task.state.variables).toMatchObject({ version: 'v2' })
  expect(task.state.waitingFor).toEqual(['approval'])
  expect(task.openAsk()).toMatchObject({
    kind: 'approval',
    facts: [{ value: 'v2' }, { value: 'production' }],
    decisions: [],
  })
  task.answer(ana)
  expect(task.node('deploy').state).toBe('running')
})

test('reject: wait hears the others; a veto ends it at once', () => {
  const waiting = asking({ approvers: ['role:qa', 'role:ops'], need: 2, reject: 'wait' })
  waiting.answer(ana, 'reject', { comment: 'no' })
  expect(waiting.node('approve').state).toBe('waiting')
  waiting.answer(wei)
  waiting.answer(bo)
  expect(waiting.node('approve').state).toBe('succeeded')
  const vetoed = asking({ approvers: ['role:qa', 'role:ops'], need: 2, reject: 'wait', veto: ['ana'] })
  vetoed.answer(ana, 'reject', { comment: 'no' })
  expect(vetoed.node('approve').state).toBe('failed')
})

test('with reject: wait, too many rejections are a rejection', () => {
  const task = asking({ approvers: ['role:qa'], need: 2, reject: 'wait' })
  task.answer(ana, 'reject', { comment: 'no' })
  expect(task.node('approve').error?.cause).toBe('rejected')
})

test('order: listed passes over those of whom nobody may answer, is left, or has answered for another', () => {
  const passed = asking({ approvers: ['starter', 'role:qa'], order: 'listed', notStarter: true })
  passed.answer(wei)
  expect(passed.state.phase).toBe('running')
  const gone = asking({ approvers: ['role:qa', 'role:duty'], order: 'listed' })
  gone.env = { ...gone.env, directory: directoryOf({ ...ROLES, 'role:qa': [] }) }
  gone.do({ kind: 'people_changed' })
  gone.answer(dora)
  expect(gone.state.phase).toBe('running')
  const handedOn = asking({ approvers: ['ana', 'role:ops', 'dora'], need: 2, order: 'listed' })
  handedOn.do({ kind: 'transfer_ask', by: ana, askId: handedOn.openAsk().id, to: 'bo', reason: 'away' })
  handedOn.answer(bo) // one of the second turn has answered with that, too
  handedOn.answer(dora)
  expect(handedOn.state.phase).toBe('running')
})
test('order: listed hears one after the other', () => {
  const task = asking({ approvers: ['role:qa', 'role:ops'], need: { 'role:ops': 1, 'role:qa': 1 }, order: 'listed' })
  expect(() => task.answer(bo)).toThrow(refusal('NOT_ALLOWED'))
  task.answer(ana)
  task.answer(bo)
  expect(task.node('approve').state).toBe('succeeded')
  const people = asking({ approvers: ['ana', 'role:ops'], need: 2, order: 'listed' })
  expect(() => people.answer(bo)).toThrow(refusal('NOT_ALLOWED'))
  people.answer(ana)
  people.answer(bo)
  expect(people.node('approve').state).toBe('succeeded')
})

test('an ask that too few can answer is in attention; assigning people lets it go on with the answers it has', () => {
  const task = asking({ approvers: ['role:empty'], need: 1 })
  expect(task.node('approve').error?.cause).toBe('nobody_can_answer')
  expect(task.state).toMatchObject({ phase: 'attention' })
  const before = task.openAsk()
  expect(() => task.do({ kind: 'assign_ask', by: wei, askId: before.id, to: ['role:qa'], reason: ' ' })).toThrow(
    refusal('INVALID_INPUT'),
  )
  task.do({ kind: 'assign_ask', by: wei, askId: before.id, to: ['role:qa'], reason: 'role is empty' })
  expect(task.node('approve')).toMatchObject({ state: 'waiting', attempt: 2 })
  expect(task.openAsk()).toMatchObject({ id: before.id, attempt: 2, digest: before.digest })
  task.answer(ana)
  expect(task.node('approve').state).toBe('succeeded')
})

test('nobody_can_answer is never passed over by `then: ignore`', () => {
  const task = asking(
    { approvers: ['role:empty'] },
    { onFail: { retry: null, timeoutMs: null, then: 'ignore', advice: null } },
  )
  expect(task.state.phase).toBe('attention')
})

test('an approval that was rejected or ran out is never passed over by `then: ignore`', () => {
  const ignoring = { onFail: { retry: null, timeoutMs: null, then: 'ignore' as const, advice: null } }
  const rejected = asking({ approvers: ['role:qa'] }, ignoring)
  rejected.answer(ana, 'reject', { comment: 'no' })
  expect(rejected.state.phase).toBe('attention')
  const late = asking({ approvers: ['role:qa'], deadline: '1m', onDeadline: 'fail' }, ignoring)
  late.pass(60_000)
  expect(late.state.phase).toBe('attention')
})

test('nobody makes themselves an approver, and people go to the places that lack them', () => {
  const need = { 'role:qa': 1, 'role:empty': 1 }
  const task = asking({ approvers: ['role:qa', 'role:empty'], need })
  const assign = (by: typeof bo, to: string) =>
    task.do({ kind: 'assign_ask', by, askId: task.openAsk().id, to: [to], reason: 'nobody there' })
  expect(() => assign(bo, 'bo')).toThrow(refusal('INVALID_INPUT'))
  assign(wei, 'bo')
  expect(task.openAsk().need.places.map(({ people }) => people)).toEqual([['ana', 'wei'], ['bo']])
})

test('a step that writes a bound variable voids what was answered, as an edit does', () => {
  const flow = flowOf(
    [
      parallel('fork', ['approve', 'build'], 'join'),
      ask('approve', 'join', { approvers: ['role:qa'], need: 2 }, { bind: ['version'] }),
      act('build', 'join', { save: { version: 'built' } }),
      converge('join', 'end'),
    ],
    { variables: [text('version')] },
  )
  const task = new Bench(flow, { variables: { version: 'v1' } }, { directory: directoryOf(ROLES) })
  const before = task.openAsk()
  task.answer(ana)
  task.done('build', { built: 'evil' })
  expect(task.state.asks.get(before.id)).toMatchObject({ state: 'closed', end: 'voided' })
  expect(task.openAsk()).toMatchObject({ decisions: [], facts: [{ value: 'evil' }] })
  expect(() =>
    task.do({ kind: 'decide', by: wei, askId: before.id, digest: before.digest, verdict: 'approve' }),
  ).toThrow(refusal('STALE'))
})

test('assigning cannot name the starter under notStarter', () => {
  const task = asking({ approvers: ['role:empty'], notStarter: true })
  expect(() =>
    task.do({ kind: 'assign_ask', by: wei, askId: task.openAsk().id, to: ['starter'], reason: 'why not' }),
  ).toThrow(refusal('INVALID_INPUT'))
})

test('a place is handed to another; the one who gave it can no longer answer', () => {
  const task = asking({ approvers: ['role:qa'] })
  task.do({ kind: 'transfer_ask', by: ana, askId: task.openAsk().id, to: 'bo', reason: 'on leave' })
  expect(task.openAsk().need.places[0]?.people).toEqual(['bo', 'wei'])
  expect(task.openAsk().handedOn).toMatchObject([{ by: { person: 'ana' }, to: [{ id: 'bo' }], reason: 'on leave' }])
  expect(() => task.answer(ana)).toThrow(refusal('FORBIDDEN'))
  task.answer(bo)
  expect(task.node('approve').state).toBe('succeeded')
})

test('a place is handed to a role: any one of it may answer, whoever has answered or gave it may not', () => {
  const task = asking({ approvers: ['ana'] })
  task.do({ kind: 'transfer_ask', by: ana, askId: task.openAsk().id, to: 'role:ops', reason: 'theirs' })
  expect(task.openAsk().need.places[0]?.people).toEqual(['wei', 'bo'])
  expect(() => task.answer(ana)).toThrow(refusal('FORBIDDEN'))
  task.answer(bo)
  expect(task.node('approve').state).toBe('succeeded')
})
test('handed to a role of one’s own, it goes to the others in it', () => {
  const task = asking({ approvers: ['wei'] })
  task.do({ kind: 'transfer_ask', by: wei, askId: task.openAsk().id, to: 'role:ops', reason: 'away' })
  expect(task.openAsk().need.places[0]?.people).toEqual(['bo'])
})
test('where several are needed a place goes to one person: two of a role would fill another’s', () => {
  const task = asking({ approvers: ['ana', 'lin'], need: 'all' })
  const hand = (to: string) => () =>
    task.do({ kind: 'transfer_ask', by: ana, askId: task.openAsk().id, to, reason: 'away' })
  expect(hand('role:ops')).toThrow(refusal('INVALID_INPUT'))
  expect(hand('role:empty')).toThrow(refusal('INVALID_INPUT'))
  hand('role:duty')()
  expect(task.openAsk().need.places[0]?.people).toEqual(['dora', 'lin'])
})
test('nor does a role bring back the starter where they may not answer', () => {
  const task = asking({ approvers: ['ana'], notStarter: true })
  const started = task.state.startedBy.person
  task.do({ kind: 'transfer_ask', by: ana, askId: task.openAsk().id, to: 'role:qa', reason: 'away' })
  expect(task.openAsk().need.places[0]?.people).not.toContain(started)
})

test('a changed bound variable voids what was answered and asks again, with another digest', () => {
  const task = asking({ approvers: ['role:qa', 'role:ops'], need: 2 })
  const before = task.openAsk()
  task.answer(ana)
  task.do({ kind: 'edit_variables', by: wei, revision: 1, variables: { version: 'v2' } })
  expect(task.state.asks.get(before.id)).toMatchObject({ state: 'closed', end: 'voided' })
  const after = task.openAsk()
  expect(after).toMatchObject({ decisions: [] })
  expect(after.digest).not.toBe(before.digest)
  expect(() =>
    task.do({ kind: 'decide', by: wei, askId: before.id, digest: before.digest, verdict: 'approve' }),
  ).toThrow(refusal('STALE'))
  task.answer(ana)
  task.answer(wei)
  expect(task.node('approve').state).toBe('succeeded')
})

test('a variable that is not bound leaves the ask as it is', () => {
  const task = asking({ approvers: ['role:qa'] }, { bind: ['version'] })
  const before = task.openAsk()
  task.do({ kind: 'edit_variables', by: wei, revision: 1, variables: { env: 'staging' } })
  expect(task.openAsk()).toEqual(before)
})

test('after it was granted, changing what it bound needs a reason, and the approval no longer stands', () => {
  const task = asking({ approvers: ['role:qa'] })
  const granted = task.openAsk().id
  task.answer(ana)
  const edit = (reason?: string) =>
    task.do({
      kind: 'edit_variables',
      by: wei,
      revision: 1,
      variables: { version: 'v2' },
      ...(reason !== undefined && { reason }),
    })
  expect(() => edit()).toThrow(refusal('INVALID_INPUT'))
  expect(edit('hotfix').map((event) => event.kind)).toEqual(['variables_edited', 'approval_overridden'])
  expect(task.state.asks.get(granted)?.end).toBe('overridden')
})

test('raw inputs behind a granted approval need a reason and override it', () => {
  const task = asking({ approvers: ['role:qa'] })
  task.answer(ana)
  task.fails('deploy')
  expect(() => task.press('retry', 'deploy', wei, { inputs: { x: 1 } })).toThrow(refusal('INVALID_INPUT'))
  task.press('retry', 'deploy', wei, { inputs: { x: 1 }, note: 'host is gone' })
  expect([...task.state.asks.values()].map((each) => each.end)).toEqual(['overridden'])
})

test('skipping an approval needs a reason and is recorded as overridden', () => {
  const task = asking({ approvers: ['role:empty'] })
  expect(() => task.press('skip', 'approve')).toThrow(refusal('INVALID_INPUT'))
  task.press('skip', 'approve', wei, { note: 'nobody left in QA' })
  expect(task.states()).toEqual({ approve: 'skipped', deploy: 'running' })
  expect([...task.state.asks.values()][0]?.end).toBe('overridden')
})

test.each([
  { onDeadline: 'fail', end: 'expired', cause: 'timeout' },
  { onDeadline: 'reject', end: 'rejected', cause: 'rejected' },
] as const)('a deadline with $onDeadline fails by $cause, never approves', ({ onDeadline, end, cause }) => {
  const task = asking({ approvers: ['role:qa'], deadline: '2h', onDeadline })
  task.pass(7_200_000)
  expect([...task.state.asks.values()][0]?.end).toBe(end)
  expect(task.node('approve').error?.cause).toBe(cause)
})

test('a deadline escalates to those named, who may answer then', () => {
  const task = asking({ approvers: ['role:qa'], deadline: '2h', escalateTo: ['role:duty'] })
  expect(() => task.answer(dora)).toThrow(refusal('FORBIDDEN'))
  task.pass(7_200_000)
  expect(task.openAsk().need.places[0]?.people).toEqual(['ana', 'wei', 'dora'])
  task.answer(dora)
  expect(task.node('approve').state).toBe('succeeded')
})

test('those who have not answered are reminded', () => {
  const task = asking({ approvers: ['role:qa'], need: 2, remindEvery: '30m' })
  task.answer(ana)
  task.pass(3_600_000)
  const reminders = task.history.flatMap((entry) => entry.events).filter((event) => event.kind === 'ask_reminded')
  expect(reminders).toMatchObject([{ people: ['wei'] }, { people: ['wei'] }])
})

test('fields of an ask are checked and become outputs', () => {
  const task = asking({
    approvers: ['role:qa'],
    fields: { window: { type: 'integer', title: 'Window', required: true, min: 1 } },
  })
  expect(() => task.answer(ana)).toThrow(refusal('INVALID_INPUT'))
  expect(() => task.answer(ana, 'approve', { fields: { window: 0 } })).toThrow(refusal('INVALID_INPUT'))
  expect(() => task.answer(ana, 'approve', { fields: { window: 2, other: 1 } })).toThrow(refusal('INVALID_INPUT'))
  task.answer(ana, 'approve', { fields: { window: 2 } })
  expect(task.node('approve').outputs).toMatchObject({ approved: true, window: 2 })
})

test('a form is submitted, a confirm confirmed, by one of those asked', () => {
  const form = asking({ by: ['role:ops'], fields: { size: { type: 'integer' } } }, { ask: 'form' })
  expect(form.state.waitingFor).toEqual(['form'])
  form.answer(bo, 'submit', { fields: { size: 3 } })
  expect(form.node('approve').outputs).toMatchObject({ size: 3, by: 'bo' })
  const confirm = asking({ by: ['role:ops'], text: 'Pull the plug' }, { ask: 'confirm' })
  expect(confirm.openAsk().text).toBe('Pull the plug')
  expect(() => confirm.answer(bo, 'approve')).toThrow(refusal('INVALID_INPUT'))
  confirm.answer(bo, 'confirm')
  expect(confirm.node('approve').state).toBe('succeeded')
})

test('a rehearsal asks the rehearser alone', () => {
  const task = new Bench(
    flowOf([ask('approve', 'end', { approvers: ['role:qa'], need: 1 })]),
    { rehearsal: true },
    { directory: directoryOf(ROLES) },
  )
  expect(task.openAsk().need.places[0]?.people).toEqual(['lin'])
})

test.each<[string, Values]>([
  ['the starter may not answer', { approvers: ['role:qa'], notStarter: true }],
  ['several people are needed', { approvers: ['role:qa'], need: 2 }],
  ['several roles are needed', { ...QA_AND_OPS, notStarter: true }],
  ['nobody is in the role', { approvers: ['role:empty'], need: 'all' }],
])('whoever rehearses answers for everybody, also where %s', (_, inputs) => {
  const task = new Bench(
    flowOf([ask('approve', 'end', inputs)]),
    { rehearsal: true },
    { directory: directoryOf(ROLES) },
  )
  expect(task.state.phase).toBe('waiting')
  expect(task.openAsk().need.places).toMatchObject([{ count: 1, people: ['lin'] }])
  task.answer(lin)
  expect(task.state.phase).toBe('succeeded')
})

test('`var:` asks whom a variable names', () => {
  const task = asking({ approvers: ['var:env'] }, {}, { version: 'v1', env: 'bo' })
  expect(task.openAsk().need.places[0]?.people).toEqual(['bo'])
})

test('a secret that is bound reaches the digest as HMAC, and no fact shows it', () => {
  const flow = flowOf([ask('approve', 'end', { approvers: ['role:qa'] })], {
    variables: [{ ...text('pin'), secret: true }],
  })
  const task = new Bench(flow, { variables: { pin: { $secret: 'task:pin' } } }, { directory: directoryOf(ROLES) })
  expect(task.openAsk().digest).toContain('hmac(')
  expect(task.openAsk().facts).toEqual([{ key: 'pin', title: 'pin', value: { $secret: 'task:pin' } }])
})

test('a field of a form takes no reference to a secret as its answer', () => {
  const fields: Values = { pin: { type: 'password' }, size: { type: 'text' } }
  const form = asking({ by: ['role:ops'], fields }, { ask: 'form' })
  const submit = (given: Values) => form.answer(wei, 'submit', { fields: given })
  expect(() => submit({ pin: { $secret: 'prod.root' } })).toThrow(refusal('INVALID_INPUT'))
  expect(() => submit({ size: { $secret: 'task:size' } })).toThrow(refusal('INVALID_INPUT'))
  expect(() => submit({ pin: '12345678' })).toThrow(refusal('INVALID_INPUT')) // no history holds a secret
  expect(() => submit({ pin: { $secret: 'task:pin' } })).toThrow(refusal('INVALID_INPUT')) // that of a variable
  submit({ pin: { $secret: 'task:approve.pin' } })
  expect(form.node('approve').outputs).toMatchObject({ pin: { $secret: 'task:approve.pin' } })
})

test('comments stand beside an ask and change nothing else', () => {
  const task = asking({ approvers: ['role:qa'] })
  task.do({ kind: 'comment_ask', by: lin, askId: task.openAsk().id, comment: 'please look soon' })
  expect(task.openAsk().comments).toMatchObject([{ by: lin, text: 'please look soon' }])
})

test('a claim ends where its ask escalates, is handed on, or is asked anew', () => {
  const fields: Values = { size: { type: 'integer' } }
  const form = (more: Values = {}) =>
    asking({ by: ['role:qa', 'starter'], fields, claim: true, ...more }, { ask: 'form', bind: ['version'] })
  const take = (task: Bench) => task.do({ kind: 'claim_ask', by: ana, askId: task.openAsk().id })
  const late = form({ deadline: '1h', escalateTo: ['role:duty'] })
  take(late)
  late.pass(3_600_000)
  expect(late.openAsk().claimedBy).toBeNull()
  expect(late.state.waitingFor).toEqual(['claim'])
  const handed = form()
  take(handed)
  handed.do({ kind: 'transfer_ask', by: ana, askId: handed.openAsk().id, to: 'bo', reason: 'on leave' })
  expect(handed.openAsk()).toMatchObject({ claimedBy: null })
  const edited = form()
  take(edited)
  expect(edited.state.waitingFor).toEqual(['form'])
  edited.do({ kind: 'edit_variables', by: lin, revision: 1, variables: { version: 'v2' } })
  expect(edited.openAsk().claimedBy).toBeUndefined()
  expect(edited.state.waitingFor).toEqual(['claim'])
})

test('a stand-in whose time is over holds nothing up: somebody else takes it', () => {
  const task = asking({ by: ['role:qa'], fields: {}, claim: true }, { ask: 'form' })
  const askId = task.openAsk().id
  const plain = directoryOf(ROLES)
  const away = { ...plain, standsFor: (id: string) => (id === 'bo' ? [{ id: 'ana', name: 'ana', via: [] }] : []) }
  task.env = { ...task.env, directory: away }
  task.do({ kind: 'claim_ask', by: bo, askId })
  expect(() => task.do({ kind: 'claim_ask', by: wei, askId })).toThrow(told('STALE', { what: 'claimed', by: 'bo' }))
  task.env = { ...task.env, directory: plain }
  expect(() => task.answer(bo, 'submit')).toThrow(refusal('FORBIDDEN'))
  task.do({ kind: 'claim_ask', by: wei, askId })
  task.answer(wei, 'submit')
  expect(task.node('approve').outputs).toMatchObject({ by: 'wei' })
})

test('naming whom one stands in for would be naming oneself', () => {
  const task = asking({ approvers: ['role:empty'] })
  const standsFor = (id: string) => (id === 'bo' ? [{ id: 'ana', name: 'ana', via: [] }] : [])
  task.env = { ...task.env, directory: { ...directoryOf(ROLES), standsFor } }
  expect(() => task.do({ kind: 'assign_ask', by: bo, askId: task.openAsk().id, to: ['ana'], reason: 'quick' })).toThrow(
    refusal('INVALID_INPUT'),
  )
})

test('a rehearsal is nobody’s to stand in for', () => {
  const flow = flowOf([ask('approve', 'end', { approvers: ['role:qa'] })])
  const standsFor = () => [{ id: 'lin', name: 'lin', via: [] }]
  const task = new Bench(flow, { rehearsal: true }, { directory: { ...directoryOf(ROLES), standsFor } })
  expect(() => task.answer(bo)).toThrow(refusal('FORBIDDEN'))
})

test('with a veto in somebody’s hand, their stand-in holds it', () => {
  const task = asking({ approvers: ['role:qa', 'role:ops'], need: 2, reject: 'wait', veto: ['ana'] })
  const standsFor = (id: string) => (id === 'dora' ? [{ id: 'ana', name: 'ana', via: [] }] : [])
  task.env = { ...task.env, directory: { ...directoryOf(ROLES), standsFor } }
  task.answer(dora, 'reject', { comment: 'no' })
  expect(task.node('approve').error).toMatchObject({ cause: 'rejected', message: 'Rejected by dora: no' })
})
