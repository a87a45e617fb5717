import { createHmac } from 'node:crypto'
import type { App, ReceiverEvent } from '@slack/bolt'
import { describe, expect, test } from 'vitest'
import { createReceiver } from './receiver.ts'

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5'
const NOW = Date.parse('2026-11-21T14:00:00Z')
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

function world(
  answer: (event: ReceiverEvent) => Promise<void> = ({ ack }) => Promise.resolve(ack()).then(() => undefined),
) {
  const events: ReceiverEvent[] = []
  const receiver = createReceiver({ signingSecret: SECRET, log: silent, now: () => NOW })
  receiver.init({ processEvent: (event: ReceiverEvent) => (events.push(event), answer(event)) } as unknown as App) // the one method a receiver calls
  return { receiver, events }
}
interface Sent {
  readonly body?: string
  readonly type?: string
  readonly at?: number
  readonly secret?: string
  readonly headers?: Record<string, string>
  readonly method?: string
}
function request({
  body = 'command=%2Fbaton&text=hello',
  type = 'application/x-www-form-urlencoded',
  at = NOW / 1000,
  secret = SECRET,
  headers = {},
  method = 'POST',
}: Sent = {}): Request {
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`
  return new Request('http://baton.example/slack/events', {
    method,
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': signature,
      ...headers,
    },
    ...(method === 'POST' && { body }),
  })
}

describe('requests that say they are Slack', () => {
  test('a signed one is taken, parsed and acknowledged', async () => {
    const { receiver, events } = world()
    expect((await receiver.fetch(request())).status).toBe(200)
    expect(events[0]?.body).toEqual({ command: '/baton', text: 'hello' })
  })
  test('an interaction is read out of its payload', async () => {
    const { receiver, events } = world()
    await receiver.fetch(
      request({ body: new URLSearchParams({ payload: '{"type":"block_actions","actions":[]}' }).toString() }),
    )
    expect(events[0]?.body).toEqual({ type: 'block_actions', actions: [] })
  })
  test.each([
    { why: 'another secret', sent: { secret: 'not-the-secret' } },
    { why: 'no signature', sent: { headers: { 'x-slack-signature': '' } } },
    { why: 'a signature of zeros', sent: { headers: { 'x-slack-signature': `v0=${'0'.repeat(64)}` } } },
    { why: 'another version of signature', sent: { headers: { 'x-slack-signature': `v1=${'0'.repeat(64)}` } } },
    { why: 'six minutes old', sent: { at: NOW / 1000 - 360 } },
    { why: 'six minutes ahead', sent: { at: NOW / 1000 + 360 } },
    { why: 'no time', sent: { headers: { 'x-slack-request-timestamp': '' } } },
    { why: 'a time that is no number', sent: { headers: { 'x-slack-request-timestamp': 'NaN' } } },
    {
      why: 'ssl_check smuggled beside a forged command',
      sent: { body: 'ssl_check=1&command=%2Fbaton', secret: 'not-the-secret' },
    },
  ])('refused: $why', async ({ sent }) => {
    const { receiver, events } = world()
    expect((await receiver.fetch(request(sent))).status).toBe(401)
    expect(events).toEqual([])
  })
  test('the same signed request is taken once', async () => {
    const { receiver, events } = world()
    expect((await receiver.fetch(request())).status).toBe(200)
    expect((await receiver.fetch(request())).status).toBe(200)
    expect(events).toHaveLength(1)
  })
  test('a body altered under its signature is refused', async () => {
    const { receiver } = world()
    const genuine = request()
    const altered = new Request(genuine.url, {
      method: 'POST',
      headers: genuine.headers,
      body: 'command=%2Fbaton&text=hellO',
    })
    expect((await receiver.fetch(altered)).status).toBe(401)
  })
  test('Slack’s own checks are answered: the address, and the certificate without a signature', async () => {
    const { receiver, events } = world()
    const verified = await receiver.fetch(
      request({ body: '{"type":"url_verification","challenge":"c-1"}', type: 'application/json' }),
    )
    expect(await verified.json()).toEqual({ challenge: 'c-1' })
    const check = new Request('http://baton.example/slack/events', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'ssl_check=1&token=x',
    })
    expect((await receiver.fetch(check)).status).toBe(200)
    expect(events).toEqual([])
  })
  test.each([
    { why: 'a GET', sent: { method: 'GET' }, status: 405 },
    { why: 'what is no JSON', sent: { body: 'not json', type: 'application/json' }, status: 400 },
    { why: 'two megabytes', sent: { body: 'x'.repeat(2 * 1024 * 1024) }, status: 413 },
  ])('$why is $status', async ({ sent, status }) =>
    expect((await world().receiver.fetch(request(sent))).status).toBe(status),
  )
  test('an answer goes back with the acknowledgement, as Slack reads it', async () => {
    const { receiver } = world(({ ack }) => Promise.resolve(ack({ response_action: 'clear' })).then(() => undefined))
    expect(await (await receiver.fetch(request())).json()).toEqual({ response_action: 'clear' })
  })
  test('a handler that breaks is 500, so that events are sent again', async () => {
    const { receiver } = world(() => Promise.reject(new Error('bug')))
    expect((await receiver.fetch(request())).status).toBe(500)
  })
})
