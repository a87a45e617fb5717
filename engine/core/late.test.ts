import { expect, test } from 'vitest'
import type { Directory } from './env.ts'
import { ana, ask, act, Bench, bo, directoryOf, flowOf, text } from './test/build.ts'

/** A role that changes while an ask opens, where nobody tells the task of it. */
const flow = flowOf([ask('approve', 'deploy', { approvers: ['role:qa'] }), act('deploy', 'end')], {
  variables: [text('version')],
})
const among = (qa: readonly string[]): Directory => directoryOf({ 'role:qa': qa })

test('who has left the role that is asked answers no more, though nobody has told the task of it', () => {
  const task = new Bench(flow, { variables: { version: 'v1' } }, { directory: among(['ana', 'bo']) })
  task.env = { ...task.env, directory: among(['bo']) }
  expect(() => task.answer(ana)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
  task.answer(bo)
  expect(task.states()).toMatchObject({ approve: 'succeeded' })
  expect(task.replayed()).toEqual(task.state)
})
test('who hands their place on must have it still', () => {
  const task = new Bench(flow, { variables: { version: 'v1' } }, { directory: among(['ana', 'bo']) })
  task.env = { ...task.env, directory: among(['bo']) }
  const { id: askId } = task.openAsk()
  expect(() => task.do({ kind: 'transfer_ask', by: ana, askId, to: 'lin', reason: 'away' })).toThrow(
    expect.objectContaining({ code: 'FORBIDDEN' }),
  )
})
test('a rehearsal goes on asking whoever rehearses when people change', () => {
  const both = flowOf([ask('approve', 'end', { approvers: ['role:qa'], notStarter: true })])
  const task = new Bench(both, { rehearsal: true }, { directory: among(['ana']) })
  task.env = { ...task.env, directory: among(['bo']) }
  task.do({ kind: 'people_changed' })
  expect(task.openAsk().need.places[0]?.people).toEqual(['lin'])
})
