import { expect, test } from 'vitest'
import { askTitle, placeTitle } from './title.ts'

const approval = (title: string) => ({ kind: 'approval', title }) as const
test('an approval is titled by what it decides', () =>
  expect(askTitle(approval('Approve'), 'Release v2.14.0 to production', 'en')).toBe('Release v2.14.0 to production?'))
test('in the reader’s language', () =>
  expect(askTitle(approval('审批'), '将 v2.14.0 发布到生产环境', 'zh')).toBe('将 v2.14.0 发布到生产环境？'))
test('an author’s own question stands, and a task that is one is not asked twice', () => {
  expect(askTitle(approval('Open the gates?'), 'Release', 'en')).toBe('Open the gates?')
  expect(askTitle(approval('Approve'), 'Ship it?', 'en')).toBe('Ship it?')
})
test('forms and confirmations keep their step’s title', () =>
  expect(askTitle({ kind: 'form', title: 'Which ticket' }, 'Release', 'en')).toBe('Which ticket'))

test('whoever started it has a word of each language in their place; a role has its own title', () => {
  expect(placeTitle({ place: 'starter', title: 'starter' }, 'en')).toBe('Starter')
  expect(placeTitle({ place: 'starter', title: 'starter' }, 'zh')).toBe('发起人')
  expect(placeTitle({ place: '', title: 'starter' }, 'zh')).toBe('发起人')
  expect(placeTitle({ place: 'role:qa', title: 'QA' }, 'zh')).toBe('QA')
})
