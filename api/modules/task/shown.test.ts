import { expect, test } from 'vitest'
import { shownValue } from './shown.ts'

const en = { language: 'en', timeZone: 'Europe/Berlin' } as const
const zh = { language: 'zh', timeZone: 'Asia/Shanghai' } as const
const env = {
  type: 'select',
  options: [
    { value: 'staging', title: 'Staging' },
    { value: 'production', title: 'Production' },
  ],
} as const
test('an option is shown by its title, several one after the other', () => {
  expect(shownValue(env, 'production', en)).toBe('Production')
  expect(shownValue({ ...env, type: 'multiselect' }, ['staging', 'production'], en)).toBe('Staging, Production')
  expect(shownValue(env, 'gone', en)).toBe('gone')
})
test('yes and no are words', () =>
  expect([
    shownValue({ type: 'boolean' }, true, en),
    shownValue({ type: 'boolean' }, false, zh),
    shownValue(undefined, true, zh),
  ]).toEqual(['Yes', '否', '是']))
test('dates in the reader’s way, times in the reader’s zone', () => {
  expect(shownValue({ type: 'date' }, '2026-11-21', en)).toBe('21 Nov 2026')
  expect(shownValue({ type: 'date' }, '2026-11-21', zh)).toBe('2026年11月21日')
  expect(shownValue({ type: 'datetime' }, '2026-11-21T14:02:00Z', en)).toBe('21 Nov 2026, 15:02')
  expect(shownValue({ type: 'date' }, 'soon', en)).toBe('soon')
})
test('nothing, lists and secrets', () => {
  expect(shownValue({ type: 'text' }, null, en)).toBe('–')
  expect(shownValue({ type: 'hosts' }, ['web-1', 'web-2'], en)).toBe('web-1, web-2')
  expect(shownValue({ type: 'password' }, { $secret: 'task:pw' }, en)).toBe('••••••')
})
