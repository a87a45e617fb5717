import { describe, expect, test } from 'vitest'
import { haveEmulators, validateManifest } from '../../test/emulators.ts'
import { LINK_SCOPES, SCOPES, slackManifest } from './manifest.ts'

describe('the generated manifest', () => {
  test.skipIf(!haveEmulators).each([
    { mode: 'Socket Mode', options: {} },
    { mode: 'HTTP', options: { url: 'https://baton.example/' } },
  ])('is one that Slack takes, for $mode', async ({ options }) =>
    expect(await validateManifest(slackManifest(options))).toEqual([]),
  )
  test('asks for nothing that is not explained', () => {
    const { oauth_config, settings } = slackManifest()
    expect(oauth_config.scopes.bot.every((scope) => SCOPES[scope])).toBe(true)
    const { scopes } = slackManifest({ url: 'https://baton.example' }).oauth_config
    expect(scopes.bot.every((scope) => SCOPES[scope] ?? LINK_SCOPES[scope])).toBe(true)
    expect(settings.socket_mode_enabled).toBe(true)
  })
  test('names one address for everything in HTTP mode', () => {
    const text = JSON.stringify(slackManifest({ url: 'https://baton.example' }))
    expect(new Set(text.match(/https:\/\/[^"]+/g))).toEqual(new Set(['https://baton.example/slack/events']))
  })
})
