import { expect, test } from 'vitest'
import { freeze, thaw } from './snapshot.ts'
import { STORIES } from './test/golden/stories.ts'
import { act, ask, Bench, flowOf } from './test/build.ts'

test.each(Object.keys(STORIES))('the state of “%s” comes back from its snapshot as it was', (name) => {
  const { state } = STORIES[name]!()
  expect(thaw(freeze(state))).toEqual(state)
})

test('a snapshot of another format is not guessed at: the history is read instead', () => {
  const { state } = new Bench(flowOf([act('a', 'end')]))
  expect(thaw(freeze(state).replace('"format":1', '"format":0'))).toBeNull()
})

test('a task parked on an approval is small', () => {
  const task = new Bench(flowOf([ask('approve', 'end', { approvers: ['ana'] })]), { variables: { version: 'v1' } })
  expect(freeze(task.state).length).toBeLessThan(1500)
})
