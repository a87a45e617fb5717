import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { BEGINNING, type Change } from '../task-store.ts'
import { sqlTaskStore } from '../sql-task-store.ts'
import type { AlarmOptions } from './alarm.ts'
import { openObject } from './open.ts'
import type { ObjectStorage } from './storage.ts'

const MINUTE = 60_000
const inObject = (body: (storage: ObjectStorage) => Promise<void>): Promise<void> =>
  runInDurableObject(env.STORES.get(env.STORES.newUniqueId()), (_, state) => body(state.storage))
const open = (storage: ObjectStorage, options?: AlarmOptions) => {
  const db = openObject(storage, options)
  return { db, store: sqlTaskStore(db) }
}
const change = (over: Partial<Change>): Change => ({
  taskId: 't1',
  after: BEGINNING,
  entries: [],
  snapshot: null,
  awake: null,
  timers: { set: [], clear: [] },
  outbox: [],
  inbox: { done: [], late: [] },
  secrets: {},
  tokens: [],
  ...over,
})
const timer = (dueAt: number) => change({ timers: { set: [{ id: `t${dueAt}`, dueAt }], clear: [] } })
const within = (expected: number) => ({ asymmetricMatch: (at: number) => Math.abs(at - expected) < 5_000 })

test('nothing due: no alarm', () =>
  inObject(async (storage) => {
    await open(storage).store.commit(change({ secrets: { a: 'b' } }))
    expect(await storage.getAlarm()).toBeNull()
  }))

test('the alarm rings for the earliest timer; a later one does not move it, an earlier one does', () =>
  inObject(async (storage) => {
    const { store } = open(storage)
    const now = Date.now()
    await store.commit(timer(now + 10 * MINUTE))
    expect(await storage.getAlarm()).toEqual(within(now + 10 * MINUTE))
    await store.commit(timer(now + 20 * MINUTE))
    expect(await storage.getAlarm()).toEqual(within(now + 10 * MINUTE))
    await store.commit(timer(now + 5 * MINUTE))
    expect(await storage.getAlarm()).toEqual(within(now + 5 * MINUTE))
  }))

test('timers are due by the clock of the engine', () =>
  inObject(async (storage) => {
    const ahead = 60 * MINUTE
    const { store } = open(storage, { now: () => Date.now() + ahead })
    await store.commit(timer(Date.now() + ahead + 5 * MINUTE))
    expect(await storage.getAlarm()).toEqual(within(Date.now() + 5 * MINUTE))
  }))

test.each<[string, Partial<Change>]>([
  ['a body under way', { awake: true }],
  ['a message on its way', { outbox: ['{}'] }],
])('%s is looked after', (_, over) =>
  inObject(async (storage) => {
    await open(storage, { watchMs: MINUTE }).store.commit(change(over))
    expect(await storage.getAlarm()).toEqual(within(Date.now() + MINUTE))
  }),
)

test('a callback nobody has handled is looked after', () =>
  inObject(async (storage) => {
    const { store } = open(storage, { watchMs: MINUTE })
    await store.receive({ task: 't1', node: 'n', attempt: 1, item: null }, 'k', '{}', 1)
    expect(await storage.getAlarm()).toEqual(within(Date.now() + MINUTE))
  }))

test('a commit that fails leaves no alarm, and the next one sets it', () =>
  inObject(async (storage) => {
    const { db, store } = open(storage)
    const failing = db.write(() => {
      db.prepare("INSERT INTO timers VALUES ('t1', 'x', ?)").run([Date.now() + MINUTE])
      storage.setAlarm(Date.now() + MINUTE).catch(() => {})
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await storage.getAlarm()).toBeNull()
    await store.commit(timer(Date.now() + 5 * MINUTE))
    expect(await storage.getAlarm()).toEqual(within(Date.now() + 5 * MINUTE))
  }))
