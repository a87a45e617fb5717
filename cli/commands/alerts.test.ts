import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { UsageError } from '../args.ts'
import { DOCUMENTS, drawAlerts, inputOf, minutesOf } from './alerts.ts'

const schema = buildSchema(readFileSync(new URL('../../api/schema.graphql', import.meta.url), 'utf8'))
test.each(Object.entries(DOCUMENTS))('%s is one that the server answers', (_, document) => {
  expect(validate(schema, parse(String(document))).map(({ message }) => message)).toEqual([])
})
test('settings as they are typed', () => {
  expect(inputOf({ channels: 'telegram,slack:10,email:30' })).toEqual({
    channels: [
      { channel: 'TELEGRAM', afterMin: 0 },
      { channel: 'SLACK', afterMin: 10 },
      { channel: 'EMAIL', afterMin: 30 },
    ],
  })
  expect(inputOf({ channels: 'auto', quiet: 'off', urgent: 'none', digest: 'off' })).toEqual({
    channels: null,
    quiet: null,
    urgent: [],
    digestMin: 0,
  })
  expect(inputOf({ quiet: '22:00-07:00', days: '1-4,7', urgent: 'asks,deadline', digest: '1h' })).toEqual({
    quiet: { from: '22:00', to: '07:00', days: [1, 2, 3, 4, 7] },
    urgent: ['ASKS', 'DEADLINE'],
    digestMin: 60,
  })
})
test.each([
  { channels: 'fax' },
  { channels: 'slack:soon' },
  { quiet: 'at night' },
  { quiet: '22:00-07:00', days: '8' },
  { days: '1-5' },
  { urgent: 'everything' },
  { digest: 'often' },
])('%o is no setting, and says what is', (given) => {
  expect(() => inputOf(given)).toThrow(UsageError)
})
test.each([
  ['90', 90],
  ['30m', 30],
  ['2h', 120],
  ['3d', 4320],
] as const)('%s is %i minutes', (typed, minutes) => {
  expect(minutesOf(typed)).toBe(minutes)
})
test('settings as they are shown', () => {
  const now = Date.now()
  const at = new Date(now)
  const clock = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
  const lines = drawAlerts(
    {
      channels: [
        { channel: 'TELEGRAM', afterMin: 0, names: ['42'] },
        { channel: 'SLACK', afterMin: 10, names: [] },
        { channel: 'EMAIL', afterMin: null, names: ['mei@acme.example'] },
      ],
      chosen: true,
      quiet: { from: '22:00', to: '07:00', days: [1, 2, 3, 4, 5] },
      quietUntil: null,
      timeZone: 'Asia/Shanghai',
      urgent: ['ESCALATED'],
      digestMin: 0,
      waiting: 2,
      mutes: [{ app: 'ship', project: 'default', taskId: null, title: 'Ship', until: at.toISOString() }],
    },
    [{ place: 'none:p_1', platform: 'NONE', name: 'p_1', why: 'NO_CHANNEL', since: at.toISOString(), count: 3 }],
    now,
  )
  expect(lines.join('\n')).toContain('after 10 min without an answer')
  expect(lines).toContain('Quiet hours: 22:00 to 07:00 (Asia/Shanghai), beginning Mon, Tue, Wed, Thu, Fri')
  expect(lines).toContain('Passes them: escalation while you are on call')
  expect(lines).toContain(`Muted: Ship, until ${clock}`)
  expect(lines).toContain('2 waiting to be told')
  expect(lines.at(-1)).toBe(
    `Not reached by anything since ${clock}: no chat is linked and no address known (3 missed). baton unreached retry me`,
  )
})
