import { expect, test } from 'vitest'
import { checkPlugin, testPlugin } from '../../engine/plugin/testing.ts'
import { callback } from './callback.ts'

const plugin = callback()

test('it waits, tells people for whom, and gives on what was sent', async () => {
  const bench = testPlugin(plugin)
  expect(await bench.execute({ text: 'The scanner calls when it is through' })).toMatchObject({ kind: 'callback' })
  expect(bench.world.log()).toBe('The scanner calls when it is through\n')
  expect(await bench.callback({ ok: true })).toEqual({ kind: 'done', outputs: { payload: { ok: true } } })
})
test('nobody called in time', async () => {
  const bench = testPlugin(plugin)
  expect(await bench.execute({ timeoutS: 5400 })).toMatchObject({ kind: 'callback', pollAfterS: 5400 })
  expect(await bench.poll()).toMatchObject({
    kind: 'fail',
    cause: 'timeout',
    code: 'NO_CALL',
    message: 'Nobody called within 5,400 s',
  })
})
test('a stop is confirmed at once, and a restart goes on waiting', async () => {
  const bench = testPlugin(plugin)
  await bench.execute({})
  expect(await bench.resume()).toMatchObject({ kind: 'callback' })
  expect(await bench.cancel()).toEqual({ confirmed: true, body: null })
  expect(await checkPlugin(plugin, { inputs: [{}, { timeoutS: 60 }], callbacks: ['x'] })).toEqual([])
})
