import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { isSigned, signedHeaders } from './signature.ts'

const now = 1_700_000_000_000
test('a call is signed as any library of Standard Webhooks checks it', async () => {
  const headers = await signedHeaders('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'msg_1', '{"a":1}', now)
  const expected = createHmac('sha256', Buffer.from('C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'base64'))
    .update('msg_1.1700000000.{"a":1}')
    .digest('base64')
  expect(headers).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': `v1,${expected}`,
  })
})
test('the receiver tells a signed call from a changed, a foreign, an old and an unsigned one', async () => {
  const headers = new Headers({ ...(await signedHeaders('a plain text', 'm', 'body', now)) })
  expect(await isSigned('a plain text', headers, 'body', now + 60_000)).toBe(true)
  expect(await isSigned('a plain text', headers, 'Body', now)).toBe(false)
  expect(await isSigned('another', headers, 'body', now)).toBe(false)
  expect(await isSigned('a plain text', headers, 'body', now + 600_000)).toBe(false)
  expect(await isSigned('a plain text', new Headers(), 'body', now)).toBe(false)
  const both = new Headers(headers)
  both.set('webhook-signature', `v1,AAAA ${headers.get('webhook-signature')}`)
  expect(await isSigned('a plain text', both, 'body', now)).toBe(true)
})
