import { describe, expect, test } from 'vitest'
import type { EngineError } from '../error.ts'
import type { Right, Viewer } from '../env.ts'
import { askActions, authorize } from '../rights.ts'
import { requestsOf } from '../requests.ts'
import type { Actor, Ask } from '../state.ts'
import type { Values } from '../value.ts'
import {
  act,
  ana,
  ask,
  Bench,
  bo,
  directoryOf,
  expression,
  flowOf,
  lin,
  person,
  subflow,
  text,
  variable,
  wei,
} from './build.ts'

const ROLES = { 'role:qa': ['ana', 'wei'], 'role:ops': ['wei', 'bo'] }
const variables = [text('version', { title: 'Version' }), text('env'), text('build', { show: false }), text('who')]
const approval = (change: Parameters<typeof ask>[3] = {}, inputs: Values = {}) =>
  ask('approve', 'deploy', { approvers: ['role:qa', 'bo'], notStarter: true, ...inputs }, change)
const on = (nodes: Parameters<typeof flowOf>[0], change: Parameters<typeof flowOf>[1] = {}) =>
  new Bench(
    flowOf([...nodes, act('deploy', 'end')], { variables, ...change }),
    { variables: { version: 'v1', env: 'staging' } },
    { directory: directoryOf(ROLES) },
  )
const asked = (task: Bench): readonly string[] => task.openAsk().need.places.flatMap(({ people }) => people)
const edit = (task: Bench, by: Actor, values: Values): void => {
  task.do({ kind: 'edit_variables', by, revision: task.state.variablesRevision, variables: values, reason: 'typo' })
}
const viewer = (actor: Actor, rights: readonly Right[] = []): Viewer => ({
  actor,
  rights: new Set(rights),
  app: { launch: true, see: true, operate: false },
})
const approves = (task: Bench, by: Actor) => {
  const open: Ask = task.openAsk()
  const command = { kind: 'decide', by, askId: open.id, digest: open.digest, verdict: 'approve' } as const
  return () => {
    authorize(task.flow, task.state, command, viewer(by))
    return task.do(command)
  }
}
const FORBIDDEN = expect.objectContaining({ code: 'FORBIDDEN' }) as EngineError

describe('under notStarter nobody decides about what they have set themselves', () => {
  test('an edit while it is asked: it is asked anew, without whoever changed it', () => {
    const task = on([approval()])
    expect(asked(task)).toEqual(['ana', 'wei', 'bo'])
    edit(task, bo, { version: 'v2' })
    expect(asked(task)).toEqual(['ana', 'wei'])
    expect(approves(task, bo)).toThrow(FORBIDDEN)
    approves(task, ana)()
    expect(task.openAsk).toThrow()
  })
  test('an edit before it is asked counts as well, and stays when somebody else changes it once more', () => {
    const task = on([act('prepare', 'approve'), approval()])
    edit(task, bo, { version: 'v2' })
    edit(task, wei, { version: 'v3' })
    task.done('prepare')
    expect(asked(task)).toEqual(['ana'])
  })
  test('what is not bound is nobody’s affair here', () => {
    const task = on([act('prepare', 'approve'), approval({ bind: ['version'] })])
    edit(task, bo, { env: 'production' })
    task.done('prepare')
    expect(asked(task)).toEqual(['ana', 'wei', 'bo'])
  })
  test('without notStarter it may be their own work', () => {
    const task = on([approval({}, { notStarter: false })])
    edit(task, bo, { version: 'v2' })
    approves(task, bo)()
    expect(task.states()).toMatchObject({ approve: 'succeeded' })
  })
  test('whoever claims it with corrections', () => {
    const flow = flowOf([approval(), act('deploy', 'end')], { variables })
    const handOver = { to: ['role:ops'] }
    const launch = { variables: { version: 'v1', env: 'staging' }, handOver }
    const task = new Bench(flow, launch, { directory: directoryOf(ROLES) })
    const correction = { revision: task.state.variablesRevision, variables: { version: 'v2' } }
    task.do({ kind: 'claim_request', by: bo, round: 1, edit: correction })
    expect(asked(task)).toEqual(['ana', 'wei'])
  })
  test('who filled in the form that it is saved from', () => {
    const form = ask(
      'fill',
      'approve',
      { by: ['role:ops'], fields: [{ key: 'target', type: 'text' }] },
      { ask: 'form', save: { build: 'target' } },
    )
    const task = on([form, approval({ bind: ['build'] })])
    task.answer(bo, 'submit', { fields: { target: 'web-1' } })
    expect(asked(task)).toEqual(['ana', 'wei'])
  })
  test('who did the step by hand that it is saved from; what a step worked out itself is nobody’s', () => {
    const nodes = [act('make', 'approve', { save: { build: 'id' } }), approval({ bind: ['build'] })]
    const byHand = on(nodes)
    byHand.fails('make')
    byHand.do({ kind: 'byhand', by: wei, nodeId: 'make', attempt: 1, outputs: { id: 'b7' } })
    expect(asked(byHand)).toEqual(['ana', 'bo'])
    const worked = on(nodes)
    worked.fails('make')
    worked.press('retry', 'make', wei)
    worked.done('make', { id: 'b7' })
    expect(asked(worked)).toEqual(['ana', 'wei', 'bo'])
  })
  test('who had it made with inputs of their own', () => {
    const task = on([act('make', 'approve', { save: { build: 'id' } }), approval({ bind: ['build'] })])
    task.fails('make')
    task.press('retry', 'make', wei, { inputs: { script: 'echo b7' } })
    task.done('make', { id: 'b7' })
    expect(asked(task)).toEqual(['ana', 'bo'])
  })
  test('what is computed from what they set', () => {
    const target = text('target', { computed: variable('env') })
    const task = on([act('prepare', 'approve'), approval({ bind: ['target'] })], { variables: [...variables, target] })
    edit(task, bo, { env: 'production' })
    task.done('prepare')
    expect(asked(task)).toEqual(['ana', 'wei'])
  })
  test('who named the approvers has not chosen themselves', () => {
    const task = on([act('prepare', 'approve'), approval({ bind: ['version'] }, { approvers: ['var:who', 'role:qa'] })])
    edit(task, bo, { who: 'bo' })
    task.done('prepare')
    expect(asked(task)).toEqual(['ana', 'wei'])
  })
  test('handed down to a task of its own: there as well', () => {
    const reads = expression('', ['version', 'env'], () => ({ tag: 'v2', where: 'staging' }))
    const given = { ...reads, source: { tag: '${version}', where: '${env}' } }
    const node = subflow('child', 'deploy', { flow: 'ship' })
    const task = on([act('prepare', 'child'), { ...node, with: { ...node.with, variables: given } }])
    edit(task, bo, { version: 'v2' })
    const [wanted] = requestsOf(task.done('prepare'), null, task.state).filter(({ kind }) => kind === 'child_wanted')
    expect(wanted).toMatchObject({ parent: { setBy: { tag: [{ id: 'bo', name: 'bo' }] } } })
    if (wanted?.kind !== 'child_wanted') return
    const flow = flowOf([approval({ bind: ['tag'] }), act('deploy', 'end')], {
      variables: [text('tag'), text('where')],
    })
    const launch = { variables: wanted.variables, parent: wanted.parent }
    expect(asked(new Bench(flow, launch, { directory: directoryOf(ROLES) }))).toEqual(['ana', 'wei'])
  })
  test('the launch form that came back, filled in by whoever stands in for the starter', () => {
    const flow = flowOf([approval({}, { onReject: 'starter' }), act('deploy', 'end')], { variables })
    const directory = {
      ...directoryOf(ROLES),
      standsFor: (id: string) => (id === 'bo' ? [{ id: 'lin', name: 'lin', via: [] }] : []),
    }
    const task = new Bench(flow, { variables: { version: 'v1' } }, { directory })
    task.answer(ana, 'reject', { comment: 'which one?' })
    task.answer(bo, 'submit', { fields: { version: 'v2' } })
    expect(asked(task)).toEqual(['ana', 'wei'])
  })
  test('handing it to them, or naming them, is refused by what is the matter', () => {
    const task = on([approval()])
    edit(task, bo, { version: 'v2' })
    const { id: askId } = task.openAsk()
    const own = expect.objectContaining({
      detail: expect.objectContaining({ fields: [expect.objectContaining({ code: 'own_work' })] }),
    })
    expect(() => task.do({ kind: 'transfer_ask', by: ana, askId, to: 'bo', reason: 'away' })).toThrow(own)
    expect(() => task.do({ kind: 'assign_ask', by: lin, askId, to: ['bo'], reason: 'more' })).toThrow(own)
    // Through a role everybody else of it comes.
    task.do({ kind: 'transfer_ask', by: ana, askId, to: 'role:ops', reason: 'away' })
    expect(asked(task)).toEqual(['wei'])
  })
  test('nobody else is left: attention, and it says why', () => {
    const task = on([approval({}, { approvers: ['bo'] })])
    edit(task, bo, { version: 'v2' })
    expect(task.node('approve')).toMatchObject({
      state: 'failed',
      error: {
        cause: 'nobody_can_answer',
        message: 'approve needs somebody else than bo: it is their own work',
      },
    })
  })
  test('a rehearsal asks whoever rehearses, whatever they changed', () => {
    const flow = flowOf([approval(), act('deploy', 'end')], { variables })
    const task = new Bench(flow, { variables: { version: 'v1' }, rehearsal: true }, { directory: directoryOf(ROLES) })
    edit(task, lin, { version: 'v2' })
    expect(asked(task)).toEqual(['lin'])
  })
  test('a history says it again', () => {
    const task = on([approval()])
    edit(task, bo, { version: 'v2' })
    expect(task.replayed()).toEqual(task.state)
    expect(task.replayed().setBy).toEqual({ version: [{ id: 'bo', name: 'bo' }] })
  })
})

describe('what they are told', () => {
  const offered = (task: Bench, actor: Actor, standsFor: Viewer['standsFor'] = []) =>
    askActions(task.state, task.openAsk(), { ...viewer(actor), standsFor }).find(({ action }) => action === 'approve')
  test('why they are not asked, and who is', () => {
    const task = on([approval()])
    edit(task, bo, { version: 'v2', env: 'production' })
    expect(offered(task, bo)).toEqual({
      action: 'approve',
      allowed: false,
      why: 'You set Version, env: ana or wei decides',
    })
    expect(offered(task, person('vic'))?.why).toBe('ana or wei decides')
  })
  test('the starter too, where they would be asked', () => {
    const task = on([approval({}, { approvers: ['role:qa', 'lin'] })])
    expect(offered(task, lin)?.why).toBe('You started it: ana or wei decides')
  })
  test('whoever would have answered for somebody else', () => {
    const task = on([approval({}, { approvers: ['role:qa'] })])
    edit(task, bo, { version: 'v2' })
    expect(offered(task, bo)?.why).toBe('ana or wei decides')
    expect(offered(task, bo, [{ id: 'ana', name: 'ana', via: [] }])).toMatchObject({
      allowed: false,
      why: 'You set Version: ana or wei decides',
    })
  })
})
