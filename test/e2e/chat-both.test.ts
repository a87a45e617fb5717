/** One alert on three surfaces, pressed on all of them at the same moment. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ClientError, graphql } from '../../api/client/index.ts'
import { haveEmulators, type SlackMessage } from '../emulators.ts'
import { hasButton, slackWorld, textOf, type World } from './slack-world.ts'
import {
  hasButton as offers,
  press,
  startTelegramEmulator,
  type TelegramEmulator,
  type TgPerson,
} from './telegram-support.ts'

const invite = graphql(`
  mutation BothInvite {
    invite(role: "operator") {
      code
    }
  }
`)
const apply = graphql(`
  mutation BothApply($documents: String!) {
    apply(documents: $documents) {
      documents {
        name
      }
    }
  }
`)
const publish = graphql(`
  mutation BothPublish {
    publishFlow(name: "both") {
      version
    }
  }
`)
const launch = graphql(`
  mutation BothLaunch {
    launch(input: { app: "both" }) {
      id
      number
    }
  }
`)
const retry = graphql(`
  mutation BothRetry($input: NodeInput!) {
    retryNode(input: $input) {
      id
    }
  }
`)
const look = graphql(`
  query BothLook($id: ID!) {
    task(id: $id) {
      phase
      node(id: "check") {
        attempts {
          attempt
          by {
            name
          }
        }
      }
    }
  }
`)

const documents = (port: number) => `
apiVersion: baton/v1
kind: Flow
metadata: {name: both, title: Both}
spec:
  nodes:
    check: {use: http.request@1, title: Check, with: {method: POST, url: "http://127.0.0.1:${port}/"}, onFail: {advice: "Press once."}}
---
apiVersion: baton/v1
kind: App
metadata: {name: both, title: Both}
spec: {flow: both, launch: [everyone], see: [everyone], operators: [Alice Adams, Tess, Owner], taskTitle: "Both at once"}
`

/** Refuses the first request and holds every later one until released. */
async function target() {
  const held: ServerResponse[] = []
  let count = 0
  const server = createServer((_, response) => {
    if (++count === 1) response.writeHead(500).end()
    else held.push(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  return {
    port,
    count: () => count,
    release: () => held.splice(0).forEach((response) => response.end('{}')),
    close: () => void server.close(),
  }
}

describe.skipIf(!haveEmulators)('an alert in Slack, in Telegram and on the phone', () => {
  let world: World
  let telegram: TelegramEmulator
  let tess: TgPerson
  let page: Awaited<ReturnType<typeof target>>
  beforeAll(async () => {
    page = await target()
    telegram = await startTelegramEmulator()
    world = await slackWorld('http', {
      env: { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot },
    })
    tess = telegram.addUser({ first_name: 'Tess' })
    const { code } = (await world.owner.query(invite)).invite
    tess.start(code ?? '')
    await telegram.waitForMessage(tess, (message) => /Tess/.test(message.text ?? ''))
    await world.owner.query(apply, { documents: documents(page.port) })
    await world.owner.query(publish)
  })
  afterAll(async () => {
    if (world) expect([...world.emu.log.failures, ...telegram.log.failures]).toEqual([])
    await world?.stop()
    await telegram?.stop()
    page?.close()
  })

  test('pressed on all three at once: one attempt runs, the others are told who was first, and no copy keeps its buttons', async () => {
    const { emu, alice, owner } = world
    const { id, number } = (await owner.query(launch)).launch
    const about = (message: SlackMessage) => textOf(message).includes(`#${number}`) && hasButton(message, 'retry')
    const [inSlack, inTelegram] = await Promise.all([
      emu.waitForMessage(alice.id, about, 20_000),
      telegram.waitForMessage(tess, offers('Retry')),
    ])
    const mark = emu.log.mark()
    const [, answer, phone] = await Promise.all([
      alice.click(inSlack, 'retry'),
      press(tess, inTelegram, 'Retry'),
      owner.query(retry, { input: { taskId: id, nodeId: 'check', attempt: 1 } }).catch((error: unknown) => error),
    ])
    const attempts = async () => (await owner.query(look, { id })).task?.node?.attempts ?? []
    await expect.poll(async () => (await attempts()).length).toBe(2)
    const winner = (await attempts())[1]!.by.name
    expect(['Alice Adams', 'Tess', 'Owner']).toContain(winner)

    if (winner !== 'Owner') {
      expect(phone).toBeInstanceOf(ClientError)
      expect(phone).toMatchObject({ code: 'STALE', truth: { by: winner, attempt: 2 } })
    }
    if (winner !== 'Tess') expect(answer).toMatchObject({ show_alert: true, text: expect.stringContaining(winner) })
    if (winner !== 'Alice Adams') {
      const told = await emu.log.waitFor(
        (one) => one.kind === 'message' && (one['message'] as SlackMessage)._ephemeralTo === alice.id,
        { since: mark, timeout: 20_000 },
      )
      expect(textOf(told['message'] as SlackMessage)).toContain(winner)
    }
    await emu.waitForMessage(
      alice.id,
      (one) => one.ts === inSlack.ts && !hasButton(one, 'retry') && textOf(one).includes(winner),
      20_000,
    )
    await telegram.waitForMessage(tess, (one) => one.message_id === inTelegram.message_id && !offers('Retry')(one))
    expect(page.count()).toBe(2)
    page.release()
    await expect.poll(async () => (await owner.query(look, { id })).task?.phase).toBe('SUCCEEDED')
    expect((await attempts()).length).toBe(2)
  })
})
