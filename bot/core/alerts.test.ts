import { describe, expect, test } from 'vitest'
import { parseCommand, runCommand } from './commands.ts'
import { actingOf, fakeClient } from './test/fake-client.ts'

const server = (over: object = {}) =>
  fakeClient({
    BotAlerts: () => ({
      viewer: {
        alerts: {
          channels: [
            { channel: 'TELEGRAM', afterMin: 0, names: ['42'] },
            { channel: 'SLACK', afterMin: 10, names: ['U1'] },
            { channel: 'EMAIL', afterMin: null, names: ['mei@acme.example'] },
          ],
          quiet: { from: '22:00', to: '07:00', days: [1, 2, 3, 4, 5, 6, 7] },
          quietUntil: null,
          timeZone: 'Asia/Shanghai',
          urgent: ['ESCALATED'],
          digestMin: 0,
          waiting: 2,
          mutes: [{ title: 'Ship', until: null }],
          ...over,
        },
        unreached: [
          { platform: 'SLACK', name: 'U1', why: 'account_inactive', since: '2026-11-21T14:02:00Z', count: 3 },
        ],
      },
    }),
    BotSetAlerts: () => ({ setAlertSettings: { timeZone: 'Asia/Shanghai' } }),
    BotMute: ({ minutes }) => ({
      mute: { mutes: [{ app: 'ship', taskId: null, title: 'Ship', until: minutes ? '2026-11-21T16:02:00Z' : null }] },
    }),
    BotUnmute: () => ({ unmute: { chosen: true } }),
  })
const run = async (text: string, language = 'en') => {
  const client = server()
  const reply = await runCommand(actingOf(client, language), text, { fullMember: true })
  return {
    reply,
    sent: client.calls.filter(({ operation }) => /Alerts|ute/.test(operation)).map(({ variables }) => variables),
  }
}

test.each([
  ['alerts', 'alerts'],
  ['quiet off', 'quiet'],
  ['mute release 2h', 'mute'],
  ['unmute #1042', 'unmute'],
  ['mute the radio for good', 'app'],
  ['alerts version=v1', 'app'],
])('“%s” is about %s', (text, kind) => {
  expect(parseCommand(text).kind).toBe(kind)
})
describe('how one is told', () => {
  test('is shown, with what waits and what was missed', async () => {
    const { reply } = await run('alerts')
    expect(reply).toMatchObject({
      kind: 'card',
      card: {
        title: 'How you are told',
        facts: [
          { title: 'Channels', text: 'Telegram at once, Slack after 10 min without an answer' },
          { title: 'Quiet hours', text: '22:00 to 07:00 (Asia/Shanghai)' },
          { title: 'Passes them', text: 'escalation while you are on call' },
          { title: 'Digest', text: 'no, each by itself' },
          { title: 'Muted', text: 'Ship' },
        ],
      },
    })
    expect(JSON.stringify(reply)).toContain('Could not reach you by Slack: U1: 3 missed')
    expect(JSON.stringify((await run('alerts', 'zh')).reply)).toContain('免打扰')
  })
  test('quiet hours are set as people write them, and ended', async () => {
    expect((await run('quiet')).reply).toMatchObject({ kind: 'card' })
    expect((await run('quiet 22:00 – 7:00')).sent).toEqual([{ input: { quiet: { from: '22:00', to: '07:00' } } }])
    expect(JSON.stringify((await run('quiet 22:00-07:00')).reply)).toContain('22:00 to 07:00 (Asia/Shanghai)')
    expect((await run('quiet off')).sent).toEqual([{ input: { quiet: null } }])
    expect(await run('quiet tonight')).toMatchObject({ reply: { kind: 'tell', alert: true }, sent: [] })
  })
  test('an app or a task is muted for a time, or until it is taken back', async () => {
    expect((await run('mute ship 2h')).sent).toEqual([{ app: 'ship', minutes: 120 }])
    expect((await run('mute #1042')).sent).toEqual([{ taskId: '#1042', minutes: null }])
    expect((await run('unmute ship')).sent).toEqual([{ app: 'ship' }])
    expect(JSON.stringify((await run('mute ship')).reply)).toContain(
      'Ship is muted. It waits in your inbox all the same.',
    )
    expect(JSON.stringify((await run('mute ship 2h')).reply)).toContain('"kind":"time"')
    expect(await run('mute ship soon')).toMatchObject({ reply: { kind: 'tell', alert: true }, sent: [] })
  })
})
