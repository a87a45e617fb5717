import { describe, expect, test } from 'vitest'
import type { PeopleCommand } from './command.ts'
import type { Right, Viewer } from './env.ts'
import { authorize } from './rights.ts'
import { act, ana, ask, Bench, bo, branch, directoryOf, exclusive, flowOf, is, lin, text, wei } from './test/build.ts'

/** Ways past an approval that do not press anything on it. */
const viewer = (who: typeof lin, rights: readonly Right[] = []): Viewer => ({
  actor: who,
  rights: new Set(rights),
  app: { launch: true, see: true, operate: false },
})
const starter = viewer(lin)
const operator = viewer(wei, ['view', 'operate'])
const owner = viewer(wei, ['view', 'operate', 'override-approval'])
const directory = directoryOf({ 'role:qa': ['ana'], 'role:ops': ['bo'] })
const NEEDS_OVERRIDE = expect.objectContaining({
  code: 'FORBIDDEN',
  detail: expect.objectContaining({ right: 'override-approval' }),
}) as Error
const edit = (variables: { readonly [key: string]: string }): PeopleCommand => ({
  kind: 'edit_variables',
  by: lin,
  revision: 1,
  variables,
})

describe('the launch form that comes back', () => {
  const returned = (bind: readonly string[] | null = null): Bench => {
    const flow = flowOf(
      [
        ask('qa', 'ops', { approvers: ['role:qa'] }, { bind }),
        ask('ops', 'deploy', { approvers: ['role:ops'], onReject: 'starter' }),
        act('deploy', 'end'),
      ],
      { variables: [text('version'), text('note')] },
    )
    const task = new Bench(flow, { variables: { version: 'v1', note: 'a' } }, { directory })
    task.answer(ana)
    task.answer(bo, 'reject', { comment: 'wrong version' })
    return task
  }
  const submit = (task: Bench, fields: { [key: string]: string }): PeopleCommand => {
    const { id: askId, digest } = task.openAsk()
    return { kind: 'decide', by: lin, askId, digest, verdict: 'submit', fields }
  }

  test('does not let its starter change what another approval was granted for', () => {
    const task = returned()
    expect(() => authorize(task.flow, task.state, submit(task, { version: 'v2' }), starter)).toThrow(NEEDS_OVERRIDE)
  })
  test('keeps a secret that was typed at launch: it is not shown, and need not be typed again', () => {
    const flow = flowOf([ask('ops', 'end', { approvers: ['role:ops'], onReject: 'starter' })], {
      variables: [text('version'), { ...text('token'), secret: true }],
    })
    const variables = { version: 'v1', token: { $secret: 'task:token' } }
    const task = new Bench(flow, { variables }, { directory })
    task.answer(bo, 'reject', { comment: 'wrong version' })
    expect(task.openAsk().fields).toContainEqual(expect.objectContaining({ key: 'token', secret: true }))
    task.answer(lin, 'submit', { fields: { version: 'v2' } })
    expect(task.state.variables).toEqual({ ...variables, version: 'v2' })
    expect(task.openAsk().kind).toBe('approval')
  })
  test('lets them change what no other approval has bound, and submit it as it is', () => {
    const task = returned(['version'])
    expect(() => authorize(task.flow, task.state, submit(task, { version: 'v1', note: 'b' }), starter)).not.toThrow()
    expect(() => authorize(task.flow, task.state, submit(task, {}), starter)).not.toThrow()
  })
})

describe('a value that sent the task past an approval', () => {
  const gated = flowOf(
    [
      exclusive('gate', [branch('approve', is('env', 'production')), branch('deploy')]),
      ask('approve', 'deploy', { approvers: ['role:qa'] }),
      act('deploy', 'end'),
    ],
    { variables: [text('env'), text('version')] },
  )
  const passed = (flow = gated): Bench =>
    new Bench(flow, { variables: { env: 'staging', version: 'v1' } }, { directory })

  test('is changed behind it only by who may override approvals', () => {
    const task = passed()
    expect(task.states()).toMatchObject({ gate: 'succeeded', deploy: 'running' })
    for (const who of [starter, operator])
      expect(() => authorize(gated, task.state, edit({ env: 'production' }), who)).toThrow(NEEDS_OVERRIDE)
    expect(() => authorize(gated, task.state, edit({ env: 'production' }), owner)).not.toThrow()
  })
  test('the same goes for a retry with an edit', () => {
    const task = passed()
    task.fails('deploy')
    const retry: PeopleCommand = {
      kind: 'retry',
      by: lin,
      nodeId: 'deploy',
      attempt: 1,
      edit: { revision: 1, variables: { env: 'production' } },
    }
    expect(() => authorize(gated, task.state, retry, starter)).toThrow(NEEDS_OVERRIDE)
  })
  test('what did not decide the way is free', () => {
    expect(() => authorize(gated, passed().state, edit({ version: 'v2' }), starter)).not.toThrow()
  })
  test('an approval that is still to come needs nothing', () => {
    const flow = flowOf([act('prepare', 'gate'), ...gated.nodes], { variables: gated.variables, start: 'prepare' })
    const before = passed(flow)
    expect(() => authorize(flow, before.state, edit({ env: 'production' }), starter)).not.toThrow()
  })
  test('an approval that was passed over by its own `when` counts too', () => {
    const flow = flowOf(
      [ask('approve', 'deploy', { approvers: ['role:qa'] }, { when: is('env', 'production') }), act('deploy', 'end')],
      { variables: gated.variables },
    )
    const task = passed(flow)
    expect(task.states()).toMatchObject({ approve: 'skipped', deploy: 'running' })
    expect(() => authorize(flow, task.state, edit({ env: 'production' }), operator)).toThrow(NEEDS_OVERRIDE)
  })
  test('and one whose branch depends on it through a computed variable', () => {
    const isLive = { ...text('live'), computed: is('env', 'production') }
    const flow = flowOf(
      [
        exclusive('gate', [branch('approve', is('live', true)), branch('deploy')]),
        ask('approve', 'deploy', { approvers: ['role:qa'] }),
        act('deploy', 'end'),
      ],
      { variables: [...gated.variables, isLive] },
    )
    const task = new Bench(flow, { variables: { env: 'staging', version: 'v1', live: false } }, { directory })
    expect(() => authorize(flow, task.state, edit({ env: 'production' }), starter)).toThrow(NEEDS_OVERRIDE)
  })
})

test('a failed gateway is sent round an approval only by who may override approvals', () => {
  const flow = flowOf(
    [
      exclusive('gate', [branch('approve', is('env', 'production')), branch('deploy', is('env', 'staging'))]),
      ask('approve', 'deploy', { approvers: ['role:qa'] }),
      act('deploy', 'end'),
    ],
    { variables: [text('env')] },
  )
  const task = new Bench(flow, { variables: { env: 'nowhere' } }, { directory })
  const choose = (next: string): PeopleCommand => ({
    kind: 'choose_branch',
    by: wei,
    nodeId: 'gate',
    attempt: 1,
    branches: [next],
  })
  expect(task.states()).toMatchObject({ gate: 'failed' })
  expect(() => authorize(flow, task.state, choose('deploy'), operator)).toThrow(NEEDS_OVERRIDE)
  expect(() => authorize(flow, task.state, choose('approve'), operator)).not.toThrow()
  expect(() => authorize(flow, task.state, choose('deploy'), owner)).not.toThrow()
})
