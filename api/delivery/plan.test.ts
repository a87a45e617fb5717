import { describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { orderOf, sendingsOf, type Alert, type Reader } from './plan.ts'

const now = Date.parse('2026-11-20T23:10:00Z')
const morning = Date.parse('2026-11-21T07:00:00Z')
const min = 60_000
const slack = { channel: 'slack', place: 'slack:@U1' } as const
const telegram = { channel: 'telegram', place: 'telegram:42' } as const
const email = { channel: 'email', place: 'email:mei@acme.example' } as const
const settings = (over: Partial<catalogue.AlertSettings> = {}) => ({ ...catalogue.DEFAULT_SETTINGS, ...over })
const reader = (over: Partial<Reader> = {}): Reader => ({
  settings: settings(),
  zone: 'UTC',
  ways: [slack, telegram, email],
  isMuted: false,
  isOnCall: false,
  ...over,
})
const alert = (over: Partial<Alert> = {}): Alert => ({ kind: 'attention', isEscalated: false, deadline: null, ...over })
const night = { from: '22:00', to: '07:00', days: [1, 2, 3, 4, 5, 6, 7] }
const quiet = (urgent: readonly catalogue.Urgent[] = []) => reader({ settings: settings({ quiet: night, urgent }) })
const said = (of: Alert, to: Reader) =>
  sendingsOf(of, to, now).map(
    ({ channel, at, reason }) => `${channel} +${(at - now) / min}${reason ? ` ${reason}` : ''}`,
  )

describe('the order of channels', () => {
  test('whoever chose nothing is told in every chat at once, and by mail only without one', () => {
    expect(said(alert(), reader())).toEqual(['slack +0', 'telegram +0'])
    expect(said(alert(), reader({ ways: [email] }))).toEqual(['email +0'])
    expect(said(alert(), reader({ ways: [] }))).toEqual([])
  })
  const order = settings({
    channels: [
      { channel: 'telegram', afterMin: 0 },
      { channel: 'email', afterMin: 15 },
    ],
  })
  test('the next channel has its turn after its minutes; what is not named is not used', () => {
    expect(said(alert(), reader({ settings: order }))).toEqual(['telegram +0', 'email +15 order'])
  })
  test('nobody answers a message: it goes to the first alone', () => {
    expect(said(alert({ kind: 'message' }), reader({ settings: order }))).toEqual(['telegram +0'])
  })
  test('where the first is gone, the next has its turn at once', () => {
    expect(said(alert(), reader({ settings: order, ways: [slack, email] }))).toEqual(['email +0'])
  })
  test('where none of the chosen is left, whatever reaches them is used', () => {
    expect(orderOf({ settings: order, ways: [slack] })).toEqual([{ ...slack, after: 0 }])
  })
})

describe('quiet hours', () => {
  test('alerts and asks wait for their end', () => {
    expect(sendingsOf(alert(), quiet(), now).map(({ at, reason }) => [at, reason])).toEqual([
      [morning, 'quiet'],
      [morning, 'quiet'],
    ])
    expect(said(alert({ kind: 'ask' }), quiet())[0]).toBe('slack +470 quiet')
  })
  test('the order of channels begins when they end', () => {
    const channels = [{ channel: 'slack', afterMin: 0 } as const, { channel: 'email', afterMin: 10 } as const]
    expect(said(alert(), reader({ settings: settings({ quiet: night, channels }) }))).toEqual([
      'slack +470 quiet',
      'email +480 order',
    ])
  })
  test.each([
    { what: 'asks', of: alert({ kind: 'ask' }), urgent: ['asks'] },
    { what: 'requests', of: alert({ kind: 'request' }), urgent: ['asks'] },
    { what: 'failures', of: alert(), urgent: ['failures'] },
    {
      what: 'an ask that runs out before they end',
      of: alert({ kind: 'ask', deadline: morning - min }),
      urgent: ['deadline'],
    },
  ] as const)('$what pass where the person wants it', ({ of, urgent }) => {
    expect(said(of, quiet(urgent))).toEqual(['slack +0', 'telegram +0'])
    expect(said(of, quiet())[0]).toBe('slack +470 quiet')
  })
  test('an ask that runs out later waits', () => {
    expect(said(alert({ kind: 'ask', deadline: morning + min }), quiet(['deadline']))[0]).toBe('slack +470 quiet')
  })
  test('escalation wakes those on call alone', () => {
    const of = alert({ isEscalated: true })
    expect(said(of, quiet(['escalated']))[0]).toBe('slack +470 quiet')
    expect(said(of, { ...quiet(['escalated']), isOnCall: true })[0]).toBe('slack +0')
    expect(said(of, { ...quiet([]), isOnCall: true })[0]).toBe('slack +470 quiet')
  })
})

describe('digest and mute', () => {
  test('what is not urgent waits for the next digest, all of it for the same', () => {
    const to = reader({ settings: settings({ digestMin: 30 }) })
    expect(said(alert(), to)).toEqual(['slack +20 digest', 'telegram +20 digest'])
    expect(sendingsOf(alert(), to, now + 5 * min)[0]?.at).toBe(now + 20 * min)
    expect(said(alert({ isEscalated: true }), { ...to, isOnCall: true })).toEqual(['slack +0', 'telegram +0'])
  })
  test('what is muted is not told, but for an escalation to somebody on call', () => {
    expect(said(alert({ kind: 'ask' }), reader({ isMuted: true }))).toEqual([])
    expect(said(alert({ isEscalated: true }), reader({ isMuted: true }))).toEqual([])
    expect(said(alert({ isEscalated: true }), reader({ isMuted: true, isOnCall: true }))).toEqual([
      'slack +0',
      'telegram +0',
    ])
  })
})
