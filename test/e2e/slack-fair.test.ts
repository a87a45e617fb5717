import { afterEach, expect, test, vi } from 'vitest'
import { fakeClient } from '../../bot/core/test/fake-client.ts'
import { taskSample } from '../../bot/core/test/samples.ts'
import { startSlack } from '../../bot/slack/index.ts'
import { haveEmulators, startSlackEmulator } from '../emulators.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const CARDS = 50
/** A server with fifty live tasks, all of which move on all the time; each delivery is given once. */
function server() {
  const queue: object[] = []
  const acked = new Set<string>()
  const tasks = new Map<string, ReturnType<typeof taskSample>>()
  const messages = new Map<string, string>()
  let deliveries = 0
  let wake: () => void = () => undefined
  const give = (task: string, urgent: boolean): string => {
    const id = `d${deliveries++}`
    const place = 'slack:C0OPS'
    queue.push({
      id,
      urgent,
      why: 'changed',
      title: null,
      text: null,
      level: null,
      attempts: 1,
      createdAt: '2026-11-21T14:00:00Z',
      card: {
        id: `card-${task}`,
        kind: 'TASK',
        taskId: task,
        askId: null,
        nodeId: null,
        platform: 'SLACK',
        place,
        messageId: messages.get(task) ?? '',
        shared: true,
        person: null,
      },
    })
    wake()
    return id
  }
  const client = fakeClient({
    BotSeeWorkspace: () => ({ seeWorkspace: { id: 'T', trusted: true } }),
    BotDeliveries: async ({ max }) => {
      if (queue.length === 0) await new Promise<void>((resolve) => ((wake = resolve), setTimeout(resolve, 50)))
      return { nextDeliveries: queue.splice(0, Number(max)) }
    },
    BotAck: ({ id }) => (acked.add(String(id)), { ackDelivery: true }),
    BotTaskCard: ({ id }) => ({ task: tasks.get(String(id)) }),
    BotMakeButtons: ({ buttons }) => ({ makeButtons: (buttons as unknown[]).map((_, n) => `token-${n}`) }),
  })
  return { client, give, acked, tasks, messages }
}

test.skipIf(!haveEmulators)(
  'with fifty live tasks a state change shows within two seconds, Slack never has to ask for patience, and the last state of each gets out',
  async () => {
    const emu = await startSlackEmulator({ mode: 'socket' })
    ends.push(() => emu.stop())
    const ops = emu.addChannel({ id: 'C0OPS', name: 'ops' })
    const { client, give, acked, tasks, messages } = server()
    const post = async (text: string): Promise<string> => {
      const sent = await fetch(`${emu.apiUrl}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${emu.botToken}`, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ channel: ops, text }),
      })
      return ((await sent.json()) as { ts?: string }).ts ?? ''
    }
    // The messages are there already; posting fifty at one a second is not what is asked here.
    ;(emu as unknown as { rateLimits: boolean }).rateLimits = false
    for (let n = 0; n < CARDS; n++) {
      tasks.set(`t${n}`, taskSample({ id: `t${n}`, title: `Task ${n}` }))
      messages.set(`t${n}`, `${ops}:${await post(`Task ${n}`)}`)
    }
    ;(emu as unknown as { rateLimits: boolean }).rateLimits = true
    const slack = await startSlack({
      client,
      config: { botToken: emu.botToken, appToken: emu.appToken, apiUrl: emu.apiUrl },
      log: silent,
    })
    ends.push(() => slack.stop())

    const shown = (n: number): string => JSON.stringify(emu.message(ops, messages.get(`t${n}`)?.split(':')[1] ?? ''))
    let round = 0
    const moving = setInterval(() => {
      round++
      for (let n = 0; n < CARDS; n++) {
        tasks.set(`t${n}`, taskSample({ id: `t${n}`, title: `Task ${n}`, progress: { done: round, total: 99 } }))
        give(`t${n}`, false)
      }
    }, 1000)
    ends.push(async () => clearInterval(moving))
    await vi.waitFor(
      () => expect(emu.log.filter(({ method }) => method === 'chat.update').length).toBeGreaterThanOrEqual(14),
      { timeout: 20_000 },
    )

    for (const n of [7, 23, 41]) {
      tasks.set(
        `t${n}`,
        taskSample({
          id: `t${n}`,
          title: `Task ${n}`,
          phase: 'SUCCEEDED',
          endedAt: '2026-11-21T14:18:00Z',
          progress: { done: 99, total: 99 },
        }),
      )
      const from = Date.now()
      give(`t${n}`, true)
      await vi.waitFor(() => expect(shown(n)).toContain('Succeeded'), { timeout: 5000, interval: 10 })
      expect(Date.now() - from).toBeLessThan(2000)
    }
    clearInterval(moving)
    for (let n = 0; n < CARDS; n++)
      tasks.set(`t${n}`, taskSample({ id: `t${n}`, title: `Task ${n}`, progress: { done: 98, total: 99 } }))
    const last = Array.from({ length: CARDS }, (_, n) => give(`t${n}`, false))
    await vi.waitFor(() => expect(last.filter((id) => !acked.has(id))).toEqual([]), { timeout: 90_000 })
    for (let n = 0; n < CARDS; n++) expect(shown(n)).toContain('98 of 99')
    expect(emu.log.warnings.filter(({ code }) => code === 'slack_rate_limited')).toEqual([])
    emu.log.assertClean()
  },
)
