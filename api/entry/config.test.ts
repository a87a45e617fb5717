import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('nothing is required', () => {
  expect(readConfig([], {})).toMatchObject({
    port: 8787,
    host: '127.0.0.1',
    url: null,
    key: null,
    examples: null,
    slack: null,
    telegram: null,
  })
})
test('examples stay away where chat or data is configured, unless they are asked for', () => {
  expect(readConfig([], { BATON_DATA: '/srv/baton' }).examples).toBe(false)
  expect(readConfig([], { BATON_DATA: '/srv/baton', BATON_EXAMPLES: 'on' }).examples).toBe(true)
})
test('rooms are spoken to in one language, English unless it is said', () => {
  expect(readConfig([], {}).language).toBe('en')
  expect(readConfig([], { BATON_LANGUAGE: 'zh' }).language).toBe('zh')
  expect(() => readConfig([], { BATON_LANGUAGE: 'fr' })).toThrow(/^BATON_LANGUAGE: expected en or zh/)
})
test('a file brings the same names, the environment wins', () => {
  const file = join(folder, 'baton.env')
  writeFileSync(file, '# ours\nPORT=9000\nexport BATON_URL="https://baton.example/"\n')
  const config = readConfig(['--config', file], { PORT: '9001' })
  expect([config.port, config.url]).toEqual([9001, 'https://baton.example'])
})
test('what steps may do beyond the usual is off unless the owner says so', () => {
  expect(readConfig([], {})).toMatchObject({ plugins: [], localScript: false, allowAddresses: [] })
  const given = {
    BATON_PLUGINS: './a, b',
    BATON_LOCAL_SCRIPT: 'on',
    BATON_ALLOW_ADDRESSES: '169.254.1.1, Printer.local',
  }
  expect(readConfig([], given)).toMatchObject({
    plugins: ['./a', 'b'],
    localScript: true,
    allowAddresses: ['169.254.1.1', 'printer.local'],
  })
})
test('a home folder is written ~ in every entry, and nowhere else in a name', () => {
  expect(readConfig([], { BATON_PLUGINS: '~/a, ~/b,x~/c,~other/d,~,acme-tools' }).plugins).toEqual([
    join(homedir(), 'a'),
    join(homedir(), 'b'),
    'x~/c',
    '~other/d',
    homedir(),
    'acme-tools',
  ])
})
test.each([
  [{ BATON_LOCAL_SCRIPT: 'yes' }, /^BATON_LOCAL_SCRIPT: expected on or off/],
  [{ PORT: '99999' }, /^PORT: expected a number/],
  [{ PORT: 'http' }, /^PORT/],
  [{ BATON_URL: 'baton.example' }, /^BATON_URL: expected an address/],
  [{ BATON_URL: 'javascript:alert(1)' }, /^BATON_URL/],
  [{ BATON_KEY: 'short' }, /^BATON_KEY: expected 32 bytes/],
  [{ BATON_EXAMPLES: 'yes' }, /^BATON_EXAMPLES: expected on or off/],
  [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL: expected one of/],
  [{ SLACK_BOT_TOKEN: 'xoxb-1' }, /^SLACK_BOT_TOKEN: needs SLACK_APP_TOKEN/],
  [{ SLACK_BOT_TOKEN: 'hello', SLACK_APP_TOKEN: 'xapp-1' }, /begins with xoxb-/],
  [{ SLACK_APP_TOKEN: 'xapp-1' }, /^SLACK_BOT_TOKEN: is missing/],
  [{ TELEGRAM_BOT_TOKEN: 'abc' }, /^TELEGRAM_BOT_TOKEN: expected the token that BotFather gave/],
  [{ TELEGRAM_BOT_TOKEN: '1:abc', TELEGRAM_WEBHOOK_SECRET: 'a b' }, /^TELEGRAM_WEBHOOK_SECRET/],
  [{ TELEGRAM_INITDATA_KEY: 'zz' }, /^TELEGRAM_INITDATA_KEY: expected 64 hex digits/],
  [{ SMTP_URL: 'mail.example' }, /^SMTP_URL/],
  [{ OIDC_CLIENT_ID: 'baton' }, /^OIDC_ISSUER: is missing/],
  [{ OIDC_ISSUER: 'https://id.acme.example' }, /^OIDC_CLIENT_ID: is missing/],
  [{ OIDC_ISSUER: 'http://id.acme.example', OIDC_CLIENT_ID: 'baton' }, /^OIDC_ISSUER: expected an https address/],
  [{ OIDC_ISSUER: 'https://id.acme.example', OIDC_CLIENT_ID: 'baton', OIDC_ROLE: 'owner' }, /^OIDC_ROLE: expected/],
])('a wrong value is one clear line: %j', (env, says) => {
  expect(() => readConfig([], env)).toThrow(ConfigError)
  expect(() => readConfig([], env)).toThrow(says)
})
test('a file with an unknown name is refused with its line', () => {
  const file = join(folder, 'wrong.env')
  writeFileSync(file, 'PORT=1\nBATON_URI=x\n')
  expect(() => readConfig([`--config=${file}`], {})).toThrow(/line 2: BATON_URI is not a setting/)
  expect(() => readConfig(['--config', join(folder, 'none')], {})).toThrow(/there is no file/)
})
test('the company’s sign-in is named by its host, unless it has a name', () => {
  const env = { OIDC_ISSUER: 'https://id.acme.example/realm/', OIDC_CLIENT_ID: 'baton', OIDC_ROLE: 'starter' }
  expect(readConfig([], { ...env, OIDC_ROLE: 'release-manager' }).company?.role).toBe('release-manager')
  expect(readConfig([], env).company).toEqual({
    issuer: 'https://id.acme.example/realm/',
    clientId: 'baton',
    clientSecret: null,
    name: 'id.acme.example',
    role: 'starter',
  })
  expect(readConfig([], { ...env, OIDC_NAME: 'Acme' }).company?.name).toBe('Acme')
  expect(readConfig([], {}).company).toBeNull()
})
