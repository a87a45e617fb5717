import { expect, test } from 'vitest'
import { runMenuVerb } from './menu.ts'
import { press } from './press.ts'
import { actingOf, fakeClient } from './test/fake-client.ts'

const button = () => ({
  resolveButton: {
    verb: 'log',
    taskId: 't1',
    nodeId: null,
    attempt: null,
    askId: null,
    digest: null,
    app: null,
    data: null,
    cardId: 'c',
    stale: false,
    truth: null,
    allowed: true,
    why: null,
  },
})
const step = (nodeId: string, state: string | null, minute: number, kind = 'activity') => ({
  nodeId,
  title: nodeId,
  kind,
  state,
  startedAt: `2026-11-21T14:0${minute}:00Z`,
})
const steps = [
  step('build', 'SUCCEEDED', 1),
  step('ok', 'SUCCEEDED', 2, 'approval'),
  step('deploy', 'FAILED', 3),
  step('set', 'RUNNING', 4),
]
const server = (printed: Readonly<Record<string, number>>) =>
  fakeClient({
    BotButton: button,
    BotLoggedSteps: () => ({ task: { id: 't1', steps } }),
    BotLogTail: ({ node }) => ({
      task: {
        id: 't1',
        number: 7,
        title: 'Release',
        url: 'http://x/tasks/7',
        node: {
          id: node,
          title: node,
          state: 'FAILED',
          attempt: 1,
          log: {
            total: printed[String(node)] ?? 0,
            lines: printed[String(node)] ? [{ at: '2026-11-21T14:03:09Z', text: `line of ${String(node)}` }] : [],
          },
        },
      },
    }),
  })

test('the log of what failed comes first, to the presser alone, the others a press away', async () => {
  const client = server({ build: 3, deploy: 214 })
  const reply = await press(actingOf(client), 'tok')
  expect(reply.kind === 'card' && reply.card.log).toEqual(['14:03:09  line of deploy'])
  expect(reply.kind === 'card' && reply.card.actions.map(({ target }) => target.nodeId)).toEqual(['set', 'build'])
  expect(client.calls.every(({ account }) => account === 'slack:T1:U1')).toBe(true)
})
test('a step that printed nothing is passed over; asked for by name it says so', async () => {
  const client = server({ build: 3 })
  const reply = await press(actingOf(client), 'tok')
  expect(reply.kind === 'card' && reply.card.title).toBe('build')
  const named = await runMenuVerb(actingOf(client), { verb: 'log', taskId: 't1', nodeId: 'deploy' }, 'm.x.0', {})
  expect(JSON.stringify(named)).toContain('Nothing has been printed yet')
})
test('whoever may not see the task is told whom to ask, and nothing of it', async () => {
  const client = fakeClient({ BotButton: button, BotLoggedSteps: () => ({ task: null }) })
  const reply = await press(actingOf(client), 'tok')
  expect(JSON.stringify(reply)).toContain('You may not see what this task prints')
})
