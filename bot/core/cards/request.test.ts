import { describe, expect, test } from 'vitest'
import type { Card, Line } from '../card.ts'
import type { RequestData, TaskData } from '../queries/index.ts'
import { actor, fieldSample, taskSample } from '../test/samples.ts'
import { textsFor } from '../texts.ts'
import { requestCard } from './request.ts'
import { taskCard, type View } from './task.ts'

const view = (extra: Partial<View> = {}): View => ({
  texts: textsFor('en'),
  shared: false,
  now: Date.parse('2026-11-21T14:10:00Z'),
  ...extra,
})
const may = (...actions: string[]) => actions.map((action) => ({ action, allowed: true, why: null }))
const handOver = (extra: object = {}) => ({
  state: 'OPEN',
  round: 3,
  to: 'Ops',
  nobody: false,
  holder: null,
  reason: null,
  lastBy: actor('Lin Xiao'),
  lastAt: '2026-11-21T14:02:00Z',
  corrections: [],
  ...extra,
})
const sample = (asked: object, extra: object = {}) => ({
  ...taskSample({
    phase: 'REQUESTED',
    startedAt: null,
    waitingFor: ['CLAIM'],
    availableActions: may('claim_request', 'reject_request', 'transfer_request', 'edit_variables'),
    ...extra,
  }),
  handOver: handOver(asked),
  variablesRevision: 1,
  variableFields: [
    { ...fieldSample({ value: 'v2' }), text: 'v2' },
    { ...fieldSample({ key: 'token', title: 'Token', secret: true }), text: null },
  ],
})
const request = (asked: object = {}, extra: object = {}, how = view()): Card =>
  requestCard(how, sample(asked, extra) as unknown as RequestData)
const said = (line: Line): string =>
  line.map((span) => (span.kind === 'time' ? 'T' : span.kind === 'person' ? span.name : span.text)).join('')
const labels = (card: Card): string[] => card.actions.map(({ label }) => label)

describe('the card of a request', () => {
  test('says who asks whom for what, and offers what the server allows, with the round that was seen', () => {
    const card = request()
    expect(said(card.lines[0]!)).toBe('Lin Xiao asks Ops.')
    expect(card.facts).toEqual([{ title: 'Version', text: 'v2' }])
    expect(labels(card)).toEqual(['Claim', 'Correct and claim…', 'Reject…', 'Transfer…', 'Open'])
    expect(card.actions.slice(0, 4).map(({ target }) => target.attempt)).toEqual([3, 3, 3, 3])
    expect(card.mark).toBe('waiting')
  })
  test('given back, it tells whoever asked why, and offers to change it', () => {
    const card = request(
      { state: 'REJECTED', reason: 'which server?', lastBy: actor('Li Wei') },
      { availableActions: may('resubmit_request', 'withdraw_request') },
    )
    expect(said(card.lines[1]!)).toBe('Rejected by Li Wei: which server?')
    expect(labels(card)).toEqual(['Change and resubmit…', 'Withdraw…', 'Open'])
  })
  test('given back, it has been dealt with for those who could claim it', () => {
    const card = request(
      { state: 'REJECTED', reason: 'which server?', lastBy: actor('Li Wei') },
      { availableActions: [] },
    )
    expect(card.actions).toEqual([])
    expect(said(card.outcome!)).toBe('Rejected by Li Wei at T: which server?')
  })
  test('once somebody has it, it shows who and loses its buttons', () => {
    const card = request({ state: 'CLAIMED', holder: actor('Li Wei'), lastBy: actor('Li Wei') }, { phase: 'RUNNING' })
    expect(card.actions).toEqual([])
    expect(said(card.outcome!)).toBe('✅ Claimed by Li Wei at T')
  })
  test('withdrawn, likewise; in Chinese too', () => {
    const card = request({ state: 'WITHDRAWN' }, { phase: 'REVOKED' }, view({ texts: textsFor('zh-CN') }))
    expect(said(card.outcome!)).toBe('Lin Xiao T 已撤回')
  })
  test('in a shared room: no values and nothing that was said', () => {
    const card = request({ reason: 'secret plan' }, {}, view({ shared: true }))
    expect(JSON.stringify(card)).not.toContain('secret plan')
    expect(card.facts).toEqual([{ title: 'Environment', text: 'production' }])
  })
})

describe('the task card of work handed over', () => {
  const task = (asked: object, extra: object = {}, how = view()): Card =>
    taskCard(how, { ...sample(asked, extra), asks: [], failures: [] } as unknown as TaskData)
  test('says who can claim it; a room offers that to whoever presses', () => {
    expect(task({}).lines.map(said)).toContain('Ops can claim it')
    expect(labels(task({}, {}, view({ shared: true })))).toEqual(['Claim', 'Open'])
  })
  test('says who carries it and what they put right', () => {
    const corrections = [{ title: 'Version', before: 'v1', after: 'v2' }]
    const lines = task(
      { state: 'CLAIMED', holder: actor('Li Wei'), reason: 'v1 is broken', corrections },
      { phase: 'RUNNING' },
    ).lines.map(said)
    expect(lines).toContain('Claimed by Li Wei: v1 is broken')
    expect(lines).toContain('Version: v1 → v2')
  })
})

test('with nobody there to claim it, the card says so to whoever may pass it on', () => {
  const task = sample({ nobody: true }, { availableActions: may('transfer_request') })
  const card = requestCard(view(), { ...task, phase: 'ATTENTION' } as unknown as RequestData)
  expect(JSON.stringify(card.lines)).toContain('Nobody is in Ops now')
  expect(labels(card)).toEqual(['Transfer…', 'Open'])
})
