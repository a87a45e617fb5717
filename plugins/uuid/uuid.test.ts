import { expect, test } from 'vitest'
import { checkPlugin, testPlugin } from '../../engine/plugin/testing.ts'
import { uuid } from './uuid.ts'

test('each run gives another id', async () => {
  const bench = testPlugin(uuid())
  const [one, two] = [await bench.execute({}), await bench.execute({})]
  expect(one).toMatchObject({ kind: 'done', outputs: { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) } })
  expect(one).not.toEqual(two)
  expect(await checkPlugin(uuid(), { inputs: [{}] })).toEqual([])
})
