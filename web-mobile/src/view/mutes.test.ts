import { expect, test } from 'vitest'
import { mutedBy, muteOf } from './mutes.ts'

const now = Date.parse('2026-11-21T14:00:00Z')
const app = { name: 'release', project: 'default' }
const ofApp = { app: 'release', project: 'default', taskId: null, until: '2026-11-21T15:00:00Z' }
const ofTask = { app: null, project: null, taskId: 't1', until: null }

test.each([
  ['a task by itself', { taskId: 't1', app }, [ofApp, ofTask], ofTask],
  ['a task by its app', { taskId: 't2', app }, [ofApp, ofTask], ofApp],
  ['an app', { taskId: null, app }, [ofTask, ofApp], ofApp],
  ['an app of that name elsewhere: not', { taskId: null, app: { name: 'release', project: 'shop' } }, [ofApp], null],
  ['what is over: not', { taskId: null, app }, [{ ...ofApp, until: '2026-11-21T13:00:00Z' }], null],
  ['a raw flow’s task: not', { taskId: 't3', app: null }, [ofApp, ofTask], null],
])('is muted: %s', (_, target, mutes, expected) => {
  expect(muteOf(target, mutes, now)).toEqual(expected)
})
test('a task is muted for itself, an app for all of its tasks', () => {
  expect(mutedBy({ taskId: 't1', app })).toEqual({ taskId: 't1' })
  expect(mutedBy({ taskId: null, app })).toEqual({ app: 'release', project: 'default' })
})
