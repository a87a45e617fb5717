import { afterEach, expect, test } from 'vitest'
import { definePlugin, done, notPerformed, z } from '../plugin/index.ts'
import { sampleOutputs } from '../plugin/sample.ts'
import { isFinal, li, viewerOf, world, type World } from './setup.ts'

let w: World | null = null
afterEach(async () => {
  await w?.end()
  w = null
})

let executed: string[] = []
const acts = definePlugin({
  code: 'test.acts',
  version: '1.0.0',
  title: 'Acts',
  inputs: z.object({ text: z.string().default('') }),
  outputs: z.object({
    id: z.uuid(),
    state: z.enum(['green', 'red']),
    count: z.int().min(3),
    rows: z.array(z.string()),
    more: z.object({ at: z.iso.datetime() }),
    maybe: z.string().optional(),
  }),
  async execute() {
    executed.push('acts')
    throw new Error('a rehearsal must not come here')
  },
})
const writes = definePlugin({
  code: 'test.writes',
  version: '1.0.0',
  title: 'Writes',
  inputs: z.object({ how: z.string() }),
  outputs: z.object({ said: z.string() }),
  execute: async () => done({ said: 'executed' }),
  async rehearse(ctx, { how }) {
    if (how === 'post') await ctx.fetch('http://192.0.2.1/', { method: 'POST' })
    if (how === 'host') await ctx.host('web-1')
    return how === 'says' ? notPerformed({ said: 'would say' }) : done({ said: 'really looked' })
  },
})

test('what a rehearsal did not do has samples for outputs, and says so; steps behind go on with them', async () => {
  executed = []
  w = await world({
    plugins: [acts, writes],
    flows: {
      f: {
        variables: {
          colour: { type: 'select', title: 'Colour', options: ['blue', 'red'], show: false },
          count: { type: 'integer', title: 'Count', show: false },
        },
        nodes: {
          a: { use: 'test.acts@1', save: { colour: 'state', count: 'count' } },
          b: { use: 'test.writes@1', with: { how: 'says' } },
          c: { use: 'test.writes@1', with: { how: '${colour}' } },
        },
        outputs: { id: '${a.outputs.id}', colour: '${colour}', count: '${count}' },
      },
    },
  })
  const { state } = await w.launch('f', { rehearsal: true })
  const end = await w.until(state.id, isFinal)
  expect(executed).toEqual([])
  expect(end).toMatchObject({
    phase: 'succeeded',
    // `green` is no option of Colour: a sample of the variable stands in.
    outputs: { id: '00000000-0000-4000-8000-000000000000', colour: 'blue', count: 3 },
  })
  expect(
    [...end.nodes.values()].map(({ id, notPerformed: not, finishedOutputs }) => [id, not, finishedOutputs]),
  ).toEqual([
    ['a', true, sampleOutputs(acts)],
    ['b', true, { said: 'would say' }],
    ['c', undefined, { said: 'really looked' }],
  ])
})

test('a rehearsal that would write, or reach a host, fails there and says why', async () => {
  w = await world({
    plugins: [writes],
    flows: {
      f: {
        variables: { how: { type: 'text', title: 'How' } },
        nodes: { a: { use: 'test.writes@1', with: { how: '${how}' } } },
      },
    },
  })
  for (const [how, message] of [
    ['post', 'a rehearsal sends no POST'],
    ['host', 'a rehearsal reaches no host'],
  ]) {
    const { state } = await w.launch('f', { rehearsal: true, variables: { how: how! } })
    const failed = await w.until(state.id, ({ phase }) => phase === 'attention')
    expect(failed.nodes.get('a')!.error!.message).toBe(message)
  }
})

test('samples fit the schema they are made from, or are none', () => {
  expect(sampleOutputs(acts)).toEqual({
    id: '00000000-0000-4000-8000-000000000000',
    state: 'green',
    count: 3,
    rows: [],
    more: { at: '2026-01-01T00:00:00Z' },
  })
  const odd = { ...acts, outputs: z.object({ version: z.string().regex(/^v\d+$/) }) }
  expect(sampleOutputs(odd)).toEqual({})
  const { outputs: _, ...dynamic } = acts
  expect(sampleOutputs(dynamic)).toEqual({})
})

test('only whoever rehearses hears of it: no duty is woken, no room is told', async () => {
  w = await world({
    plugins: [writes],
    flows: {
      f: {
        nodes: { a: { use: 'test.writes@1', with: { how: 'host' } } },
        notify: { attention: ['role:duty'], finished: ['room:#release'] },
      },
    },
  })
  const { state } = await w.launch('f', { rehearsal: true })
  await w.until(state.id, ({ phase }) => phase === 'attention')
  await w.heard('attention')
  await w.engine.command(state.id, { kind: 'revoke', mode: 'cancel', by: li }, viewerOf(li))
  await w.until(state.id, isFinal)
  await w.heard('finished')
  const refs = w.messages.flatMap(({ notices }) => notices.flatMap((notice) => ('refs' in notice ? notice.refs : [])))
  expect(new Set(refs)).toEqual(new Set(['starter']))
})
