import { Api, GrammyError, HttpError } from 'grammy'
import { expect, test } from 'vitest'
import { PortError } from '../core/contract.ts'
import { calmly } from './calm.ts'
import { parsePlace, placeText } from './place.ts'
import { meaningOf, messagesOver } from './port.ts'

const refusal = (error_code: number, description: string, parameters = {}) =>
  new GrammyError('call failed', { ok: false, error_code, description, parameters }, 'editMessageText', {})
const kindOf = (error: unknown) => {
  const meaning = meaningOf(error)
  return meaning instanceof PortError ? [meaning.kind, meaning.retryAfterS] : meaning
}
test.each([
  [
    refusal(
      400,
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same',
    ),
    'unchanged',
  ],
  [refusal(400, 'Bad Request: message to edit not found'), ['gone', null]],
  [refusal(400, "Bad Request: message can't be edited"), ['gone', null]],
  [refusal(429, 'Too Many Requests: retry after 7', { retry_after: 7 }), ['wait', 7]],
  [refusal(403, 'Forbidden: bot was blocked by the user'), ['undeliverable', null]],
  [refusal(403, 'Forbidden: bot was kicked from the supergroup chat'), ['undeliverable', null]],
  [refusal(400, 'Bad Request: chat not found'), ['undeliverable', null]],
  [refusal(400, 'Bad Request: message thread not found'), ['undeliverable', null]],
  [refusal(400, 'Bad Request: TOPIC_CLOSED'), ['undeliverable', null]],
  [refusal(400, "Bad Request: can't parse entities: Unsupported start tag"), 'unreadable'],
  [
    refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1009 }),
    { movedTo: -1009 },
  ],
  [refusal(400, 'Bad Request: BUTTON_DATA_INVALID'), ['refused', null]],
  [refusal(502, 'Bad Gateway'), ['broken', null]],
  [new HttpError('fetch failed', new Error('ECONNRESET')), ['broken', null]],
])('what a refusal means (%#)', (error, meaning) => {
  expect(kindOf(error)).toEqual(meaning)
})

type Sent = { method: string; payload: Record<string, unknown> }
function apiThat(answer: (call: Sent, n: number) => object) {
  const sent: Sent[] = []
  const api = new Api('7:x')
  api.config.use(async (_, method, payload) => {
    sent.push({ method, payload: payload as unknown as Record<string, unknown> })
    return answer(sent.at(-1) as Sent, sent.length) as never // plays Telegram
  })
  return { api, sent }
}
const ok = (message_id: number) => ({ ok: true, result: { message_id } })
const drawn = { html: '<b>a</b> &lt;b', keyboard: null }

test('a topic’s id is never dropped', async () => {
  const { api, sent } = apiThat(() => ok(5))
  await messagesOver(api).post(parsePlace('telegram:-100123/7'), drawn)
  expect(sent[0]?.payload).toMatchObject({ chat_id: -100123, message_thread_id: 7, parse_mode: 'HTML' })
  expect(placeText(parsePlace('-100123/7'))).toBe('-100123/7')
})
test('a message follows its group to where it moved', async () => {
  const { api, sent } = apiThat((_, n) =>
    n === 1
      ? { ok: false, error_code: 400, description: 'upgraded', parameters: { migrate_to_chat_id: -1009 } }
      : ok(6),
  )
  expect(await messagesOver(api).post(parsePlace('-5'), drawn)).toEqual({
    message: 6,
    place: { chat: -1009, thread: null },
  })
  expect(sent.map(({ payload }) => payload['chat_id'])).toEqual([-5, -1009])
})
test('markup that Telegram does not know goes out as plain text rather than not at all', async () => {
  const { api, sent } = apiThat((_, n) =>
    n === 1 ? { ok: false, error_code: 400, description: "Bad Request: can't parse entities" } : ok(6),
  )
  await messagesOver(api).post(parsePlace('5'), drawn)
  expect(sent[1]?.payload).toMatchObject({ text: 'a <b' })
  expect(sent[1]?.payload).not.toHaveProperty('parse_mode')
})
test('an edit that changes nothing is done; one whose message is gone says so', async () => {
  const same = apiThat(() => ({ ok: false, error_code: 400, description: 'Bad Request: message is not modified' }))
  await messagesOver(same.api).edit(parsePlace('5'), 1, drawn)
  const gone = apiThat(() => ({ ok: false, error_code: 400, description: 'Bad Request: message to edit not found' }))
  await expect(messagesOver(gone.api).edit(parsePlace('5'), 1, drawn)).rejects.toMatchObject({ kind: 'gone' })
})
test('answers to people wait as long as Telegram says, a press never', async () => {
  const busy = (_: Sent, n: number) =>
    n === 1 ? { ok: false, error_code: 429, description: 'x', parameters: { retry_after: 0 } } : ok(1)
  const patient = apiThat(busy)
  patient.api.config.use(calmly())
  await patient.api.sendMessage(5, 'x')
  expect(patient.sent).toHaveLength(2)
  const press = apiThat(busy)
  press.api.config.use(calmly())
  await expect(press.api.answerCallbackQuery('1')).rejects.toThrow('429')
})
test('what is no place is a clear error', () => {
  expect(() => parsePlace('slack:C1')).toThrow('expected a Telegram place such as -100123/7, but got slack:C1')
})
