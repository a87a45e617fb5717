import { expect, test } from 'vitest'
import { bold, line, link, person, quiet, time, type PlacedCard } from '../core/card.ts'
import { lengthOf, visible } from './html.ts'
import { drawCard, inRows, progressMarks } from './render.ts'

const manner = { language: 'en', timeZone: 'Europe/Berlin' }
const base: PlacedCard = {
  kind: 'attention',
  summary: 'Deploy failed on web-2: disk full',
  banner: null,
  mark: 'attention',
  title: 'Deploy failed on web-2',
  lines: [
    line('Disk full on /srv (exit code 3)'),
    line(quiet('1 of 5 hosts · attempt 1 · '), link('#1042', 'https://baton.example/tasks/1042')),
  ],
  progress: null,
  timeline: [],
  facts: [],
  advice: { title: 'Advice', text: 'Usually a full disk.' },
  log: ['14:11:03 tar: No space left <on> device', '14:11:04 exit 3'],
  outcome: null,
  actions: [],
  notes: [line('Asked: ', person({ name: 'Lin Xiao' }))],
}
const action = (label: string, style: 'primary' | 'success' | 'danger' | 'plain', token: string) =>
  ({ label, style, token, target: { verb: label }, confirm: null }) as const

test('a failure is told in this order: what, why, advice, what it printed, who is asked', () => {
  expect(drawCard(base, manner).html).toBe(
    [
      '⚠️ <b>Deploy failed on web-2</b>',
      'Disk full on <code>/srv</code> (exit code 3)',
      '1 of 5 hosts · attempt 1 · <a href="https://baton.example/tasks/1042">#1042</a>',
      '<blockquote><b>Advice</b>\nUsually a full disk.</blockquote>',
      '<pre>14:11:03 tar: No space left &lt;on&gt; device\n14:11:04 exit 3</pre>',
      'Asked: Lin Xiao',
    ].join('\n'),
  )
})
test('a decided card has no mark, one bold line and no keyboard', () => {
  const drawn = drawCard(
    {
      ...base,
      mark: null,
      outcome: line(bold('Li Wei'), ' retried at ', time(Date.UTC(2026, 10, 21, 13, 14))),
      advice: null,
      log: [],
      notes: [],
    },
    manner,
  )
  expect(drawn.html.split('\n')[0]).toBe('<b>Deploy failed on web-2</b>')
  expect(drawn.html).toContain('<b>Li Wei retried at <tg-time unix="1795266840" format="t">14:14</tg-time></b>')
  expect(drawn.keyboard).toBeNull()
})
test('the one thing to do stands alone on top; nothing is red on a card', () => {
  const actions = [
    action('Retry', 'primary', 'a'),
    action('Edit and retry…', 'plain', 'b'),
    action('Skip…', 'plain', 'c'),
    action('Stop…', 'danger', 'd'),
  ]
  expect(drawCard({ ...base, actions }, manner).keyboard?.inline_keyboard).toEqual([
    [{ text: 'Retry', callback_data: 'a', style: 'primary' }],
    [
      { text: 'Edit and retry…', callback_data: 'b' },
      { text: 'Skip…', callback_data: 'c' },
    ],
    [{ text: 'Stop…', callback_data: 'd' }],
  ])
  const ask = [
    action('Approve', 'success', 'a'),
    action('Reject…', 'plain', 'b'),
    action('Transfer…', 'plain', 'c'),
    action('Open', 'plain', 'd'),
  ]
  expect(drawCard({ ...base, actions: ask }, manner).keyboard?.inline_keyboard.map((row) => row.length)).toEqual([2, 2])
})
test('three short actions share a row, long ones have their own', () => {
  const buttons = (...texts: string[]) => inRows(texts.map((text) => ({ text, callback_data: text })))
  expect(buttons('Pause', 'Stop…', 'Open').map((row) => row.length)).toEqual([3])
  expect(buttons('A rather long option title', 'b').map((row) => row.length)).toEqual([1, 1])
  expect(buttons('发布到生产环境的主机集群', '取消').map((row) => row.length)).toEqual([1, 1])
})
test('progress is drawn from counts, at most ten marks, full only at the end', () => {
  expect(progressMarks(3, 6)).toBe('▰▰▰▱▱▱')
  expect(progressMarks(99, 100)).toBe('▰▰▰▰▰▰▰▰▰▱')
  expect(progressMarks(100, 100)).toBe('▰▰▰▰▰▰▰▰▰▰')
  expect(progressMarks(0, 0)).toBe('')
})
test('a card that is too long gives up the head of its log first and always fits', () => {
  const long = {
    ...base,
    log: Array.from({ length: 200 }, (_, n) => `${n} `.padEnd(400, 'x')),
    facts: Array.from({ length: 60 }, (_, n) => ({ title: `fact ${n}`, text: '<&>'.repeat(200) })),
  }
  const { html } = drawCard(long, manner)
  expect(lengthOf(html)).toBeLessThanOrEqual(4096)
  expect(html).toContain('Deploy failed on web-2')
  const tail = drawCard({ ...base, log: long.log.map((text) => text.slice(0, 120)) }, manner).html
  expect(tail).toContain('199 ')
  expect(visible(tail)).not.toContain('\n0 x')
})

test('somebody is called by Telegram’s own id, whatever they are named; never by what is typed', () => {
  const notes = (user: string, name = '<b>Li</b>') => [line('Asked: ', { ...person({ id: 'p', name }), user } as never)]
  expect(drawCard({ ...base, notes: notes('42') }, manner).html).toContain(
    'Asked: <a href="tg://user?id=42">&lt;b&gt;Li&lt;/b&gt;</a>',
  )
  for (const user of ['x', '42"', '-100', ''])
    expect(drawCard({ ...base, notes: notes(user) }, manner).html).not.toContain('tg://')
})
