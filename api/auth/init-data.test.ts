import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { verifyInitData } from './init-data.ts'

const botToken = '7000000001:AAtest'
const now = Date.UTC(2026, 10, 21, 12)
const ed25519 = generateKeyPairSync('ed25519')
const publicKeyHex = Buffer.from(ed25519.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex')
const lines = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n')

function launchData(given: Record<string, string> = {}, token = botToken): Record<string, string> {
  const fields: Record<string, string> = {
    user: JSON.stringify({ id: 42, first_name: 'Li', last_name: 'Wei', language_code: 'zh-hans' }),
    auth_date: String(now / 1000 - 30),
    ...given,
  }
  fields['signature'] ??= sign(
    null,
    Buffer.from(`7000000001:WebAppData\n${lines(fields)}`),
    ed25519.privateKey,
  ).toString('base64url')
  const secret = createHmac('sha256', 'WebAppData').update(token).digest()
  return { ...fields, hash: createHmac('sha256', secret).update(lines(fields)).digest('hex') }
}
const verify = (fields: Record<string, string> | string, key?: string) =>
  verifyInitData(typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(), {
    botToken,
    now,
    maxAgeS: 3600,
    ...(key && { publicKeyHex: key }),
  })

test('launch data that Telegram signed names the person, their language and what the app was opened for', async () => {
  expect(await verify(launchData({ start_param: 'task-1042' }), publicKeyHex)).toEqual({
    ok: true,
    user: { id: '42', name: 'Li Wei', language: 'zh-hans' },
    startParam: 'task-1042',
    authAt: now - 30_000,
  })
})
test.each([
  ['another person put in', { ...launchData(), user: JSON.stringify({ id: 43, first_name: 'Mallory' }) }, 'forged'],
  ['signed with another bot’s token', launchData({}, '1:other'), 'forged'],
  ['one digit of the hash changed', { ...launchData(), hash: '0'.repeat(64) }, 'forged'],
  ['without a hash', { auth_date: '1', user: '{}' }, 'malformed'],
  ['a day old', launchData({ auth_date: String(now / 1000 - 86_400) }), 'expired'],
  ['from the future', launchData({ auth_date: String(now / 1000 + 600) }), 'expired'],
  ['a bot as the person', launchData({ user: JSON.stringify({ id: 42, first_name: 'x', is_bot: true }) }), 'malformed'],
  ['an id that is no number', launchData({ user: JSON.stringify({ id: '42 or 1=1', first_name: 'x' }) }), 'malformed'],
  ['no person', launchData({ user: 'null' }), 'malformed'],
  ['empty', '', 'malformed'],
  ['far too long', 'a='.padEnd(9000, 'x'), 'malformed'],
])('launch data is refused: %s', async (_, data, why) => {
  expect(await verify(data)).toEqual({ ok: false, why })
})
test('a name given twice is refused, whichever of the two was signed', async () => {
  expect(await verify(`${new URLSearchParams(launchData())}&user=%7B%22id%22%3A43%7D`)).toEqual({
    ok: false,
    why: 'malformed',
  })
})
test('with Telegram’s public key, its own signature must hold too', async () => {
  const spoilt = launchData({ signature: Buffer.alloc(64, 1).toString('base64url') })
  expect((await verify(spoilt)).ok).toBe(true)
  expect(await verify(spoilt, publicKeyHex)).toEqual({ ok: false, why: 'forged' })
  expect(await verify(launchData(), 'not a key')).toEqual({ ok: false, why: 'forged' })
})
