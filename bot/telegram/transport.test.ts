import { Bot } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import { expect, test } from 'vitest'
import { lanesWith, seenOnce } from './lanes.ts'
import { webhookFetch } from './transport.ts'

const me = { id: 7, is_bot: true, first_name: 'Baton', username: 'baton_bot' } as UserFromGetMe // what handling reads of it
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
function hook(inited = true) {
  const got: number[] = []
  const bot = new Bot('7:x', inited ? { botInfo: me } : {})
  bot.use((context) => void got.push(context.update.update_id))
  const fetch = webhookFetch(bot, 's3cret', silent)
  const send = (
    body: string,
    headers: Record<string, string> = { 'x-telegram-bot-api-secret-token': 's3cret' },
    method = 'POST',
  ) =>
    fetch(
      new Request('https://baton.example/telegram/webhook', { method, headers, ...(method === 'POST' && { body }) }),
    )
  return { got, send }
}

test('an update with the right secret is answered at once and worked on', async () => {
  const { got, send } = hook()
  const response = await send('{"update_id": 5}')
  expect([response.status, await response.text()]).toEqual([200, ''])
  await expect.poll(() => got).toEqual([5])
})
test.each([
  ['no secret', '{"update_id": 5}', {}, 401],
  ['a wrong one', '{"update_id": 5}', { 'x-telegram-bot-api-secret-token': 's3cre' }, 401],
  ['not JSON', 'hello', undefined, 400],
  ['no update', '{"message": {}}', undefined, 400],
  ['far too long', `{"update_id": 5, "x": "${'x'.repeat(1024 * 1024)}"}`, undefined, 413],
] as const)('a request is refused and changes nothing: %s', async (_, body, headers, status) => {
  const { got, send } = hook()
  expect((await send(body, headers as Record<string, string> | undefined)).status).toBe(status)
  expect(got).toEqual([])
})
test('a GET decides nothing', async () => {
  expect((await hook().send('', { 'x-telegram-bot-api-secret-token': 's3cret' }, 'GET')).status).toBe(405)
})
test('before the bot knows itself, Telegram is asked to come again', async () => {
  expect((await hook(false).send('{"update_id": 5}')).status).toBe(503)
})

test('within a lane work is done in order, and a failure does not stop it; lanes do not wait for each other', async () => {
  const log: string[] = []
  const lanes = lanesWith((error) => log.push(String(error)))
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  lanes.run('a', async () => {
    await gate
    log.push('a1')
  })
  lanes.run('a', async () => {
    throw new Error('a2')
  })
  lanes.run('a', async () => void log.push('a3'))
  lanes.run('b', async () => {
    log.push('b1')
    open()
  })
  await lanes.idle()
  expect(log).toEqual(['b1', 'a1', 'Error: a2', 'a3'])
})
test('a repeated update is known as such, within what is remembered', () => {
  const isNew = seenOnce(2)
  expect([1, 2, 1, 2, 3, 3].map(isNew)).toEqual([true, true, false, false, true, false])
})
