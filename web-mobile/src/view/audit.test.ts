import { expect, test } from 'vitest'
import { AUDIT_GROUPS, auditHref, startOf } from './audit.ts'

test.each(Object.entries(AUDIT_GROUPS))('the group %s is one question of the server', (_, acts) => {
  const named: readonly string[] = acts ?? []
  expect(named.length).toBeLessThanOrEqual(20)
  expect(new Set(named).size).toBe(named.length)
})

const task = { kind: 'task', ref: '42' }
test.each([
  [task, '/tasks/42'],
  [{ kind: 'ask', ref: 'a-1' }, '/asks/a-1'],
  [{ kind: 'step', ref: 'deploy' }, '/tasks/42/steps/deploy'],
  [{ kind: 'app', ref: 'a b' }, '/apps/a%20b'],
  [{ kind: 'person', ref: 'p1' }, '/me/people'],
  [{ kind: 'thing', ref: 'x' }, null],
  [{ kind: 'task', ref: null }, null],
])('%j opens at %s', (about, href) => {
  expect(auditHref(about, [about, task])).toBe(href)
})
test('a day begins at its midnight here, and the next one is over a change of months', () => {
  expect(new Date(startOf('2026-11-30')).getHours()).toBe(0)
  expect(new Date(startOf('2026-11-30', 1)).getDate()).toBe(1)
})
test('a step whose task is not named opens nothing', () => {
  expect(auditHref({ kind: 'step', ref: 'deploy' }, [])).toBeNull()
})
