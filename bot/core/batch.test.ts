import { expect, test } from 'vitest'
import { approveAll, batchActions, batchCard } from './batch.ts'
import type { BatchAsk, HomeData } from './queries/index.ts'
import { press } from './press.ts'
import { placeMenu } from './place.ts'
import { actingOf, fakeClient } from './test/fake-client.ts'

const ask = (id: string, more: object = {}) =>
  ({
    id,
    kind: 'APPROVAL',
    title: 'Ship?',
    text: null,
    digest: `digest-${id}`,
    commentRule: 'ON_REJECT',
    facts: [{ title: 'Version', text: `v${id}` }],
    fields: [],
    availableActions: [{ action: 'APPROVE', allowed: true, why: null }],
    task: {
      number: 10,
      title: `Ship v${id}`,
      rehearsal: false,
      startedBy: { name: 'Lin' },
      app: { name: 'ship', title: 'Ship' },
    },
    ...more,
  }) as unknown as BatchAsk
const server = (...nodes: BatchAsk[]) =>
  fakeClient({
    BotBatch: () => ({ inbox: { nodes } }),
    BotDecideAll: ({ inputs }) => ({
      decideAll: (inputs as { askId: string }[]).map(({ askId }) => ({
        askId,
        message: askId === '2' ? 'It has changed.' : null,
      })),
    }),
  })

test('offered where two approvals of one app wait', () => {
  const home = (...nodes: BatchAsk[]) => ({ inbox: { nodes } }) as unknown as HomeData
  const acting = actingOf(server())
  expect(batchActions(acting, home(ask('1')))).toEqual([])
  expect(batchActions(acting, home(ask('1'), ask('2'), ask('3', { kind: 'FORM' }))).map(({ label }) => label)).toEqual([
    'Approve several of Ship…',
  ])
})
test('each is shown with who asks and all its facts; what does not fit, or wants words, is left to be looked at by itself', async () => {
  const long = [{ title: 'Note', text: 'x'.repeat(400) }]
  const client = server(
    ask('1'),
    ask('2'),
    ask('3', { facts: long }),
    ask('4', { commentRule: 'ALWAYS' }),
    ask('5', { fields: [{ visible: true, fixed: false }] }),
    ask('6', { availableActions: [{ action: 'APPROVE', allowed: false, why: 'QA answers first' }] }),
    ask('7', { text: 'Read this first' }),
  )
  const reply = await batchCard(actingOf(client), 'ship')
  if (reply.kind !== 'card') throw new Error(reply.kind)
  expect(reply.card.facts).toEqual([
    { title: '#10 Ship v1', text: 'Lin asks\nVersion: v1' },
    { title: '#10 Ship v2', text: 'Lin asks\nVersion: v2' },
  ])
  expect(reply.card.actions.map(({ label }) => label)).toEqual(['Approve all 2'])
  expect(JSON.stringify(reply.card.notes)).toContain('5 more are to be looked at')
})
test('what is approved is what was shown, by its digests, after asking once more; each refusal is told', async () => {
  const client = server(ask('1'), ask('2'))
  const acting = actingOf(client)
  const reply = await batchCard(acting, 'ship')
  if (reply.kind !== 'card') throw new Error(reply.kind)
  const [button] = (await placeMenu(client, reply.card)).actions
  const asked = await press(acting, button?.token ?? '')
  expect(asked).toMatchObject({ kind: 'confirm', token: button?.token, confirm: { title: 'Approve these 2?' } })
  expect(client.calls.some(({ operation }) => operation === 'BotDecideAll')).toBe(false)
  const done = await press(acting, button?.token ?? '', { confirmed: true, key: 'once' })
  expect(client.calls.at(-1)).toMatchObject({
    account: 'slack:T1:U1',
    variables: {
      inputs: [
        { askId: '1', digest: 'digest-1', verdict: 'APPROVE', clientMutationId: 'once:0' },
        { askId: '2', digest: 'digest-2', verdict: 'APPROVE', clientMutationId: 'once:1' },
      ],
    },
  })
  expect(JSON.stringify(done)).toContain('Approved 1.')
  expect(JSON.stringify(done)).toContain('#10 Ship v2: It has changed.')
})
test('one alone is not several; nothing invented is approved', async () => {
  expect(await batchCard(actingOf(server(ask('1'))), 'ship')).toMatchObject({ kind: 'tell', alert: true })
  const client = server()
  await approveAll(actingOf(client), 't', { asks: [{ askId: 1 }] }, { confirmed: true })
  expect(client.calls).toEqual([])
})
