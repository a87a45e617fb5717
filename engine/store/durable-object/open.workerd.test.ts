import { env, runInDurableObject } from 'cloudflare:test'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { taskStoreContract, type Opened } from '../test/contract.ts'
import { sqlTaskStore } from '../sql-task-store.ts'
import { sqlTitles } from '../titles.ts'
import { listTasks } from '../catalogue/task-lists.ts'
import type { Recorded } from '../../core/events.ts'
import { SYSTEM } from '../../core/state.ts'
import { BEGINNING } from '../task-store.ts'
import { openObject } from './open.ts'
import type { ObjectStorage } from './storage.ts'

/** Each test has an object to itself. */
const inObject = (body: (storage: ObjectStorage) => Promise<void>): Promise<void> =>
  runInDurableObject(env.STORES.get(env.STORES.newUniqueId()), (_, state) => body(state.storage))

let storage: ObjectStorage
function open(): Opened {
  const db = openObject(storage)
  return {
    store: sqlTaskStore(db),
    tamper: (text) => db.read((tx) => void tx.run(sql.raw(text))),
    async reopen() {
      await db.close()
      return open()
    },
    close: () => db.close(),
  }
}
taskStoreContract(
  'tasks in a Durable Object',
  async () => open(),
  (body) =>
    inObject(async (own) => {
      storage = own
      await body()
    }),
)

test('work that throws leaves nothing, and its neighbours are not touched', () =>
  inObject(async (own) => {
    const db = openObject(own)
    const put = (key: string, fails = false) =>
      db.write(() => {
        db.prepare('INSERT INTO unbegun (key) VALUES (?)').run([key])
        if (fails) throw new Error('no')
      })
    const outcomes = await Promise.allSettled([put('a'), put('b', true), put('c')])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(db.prepare('SELECT key FROM unbegun ORDER BY key').all()).toEqual([['a'], ['c']])
  }))

test('asynchronous work is refused and leaves nothing', () =>
  inObject(async (own) => {
    const db = openObject(own)
    const write = db.write(async () => void db.prepare("INSERT INTO unbegun (key) VALUES ('a')").run())
    await expect(write).rejects.toThrow('expected synchronous work')
    expect(db.prepare('SELECT key FROM unbegun').all()).toEqual([])
  }))

test('a truth value is stopped: it would be stored as a word', () =>
  inObject(async (own) => {
    const db = openObject(own)
    expect(() => db.prepare('SELECT ?').all([true as never])).toThrow('expected text, a number, bytes or null')
  }))

test('a closed database is unavailable', () =>
  inObject(async (own) => {
    const db = openObject(own)
    await db.close()
    await expect(db.write(() => 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  }))

test('opening again brings nothing anew; storage of a newer Baton is refused', () =>
  inObject(async (own) => {
    const db = openObject(own)
    const applied = db.prepare('SELECT count(*) FROM migrations').get()
    expect(openObject(own).prepare('SELECT count(*) FROM migrations').get()).toEqual(applied)
    db.prepare("INSERT INTO migrations VALUES ('9999_later', 1)").run()
    expect(() => openObject(own)).toThrow('newer Baton (9999_later)')
  }))

test('a snapshot that the platform would not take is left out: the task is woken from its history', () =>
  inObject(async (own) => {
    const store = sqlTaskStore(openObject(own))
    const entry: Recorded = {
      seq: 1,
      at: 1,
      by: SYSTEM,
      events: [{ kind: 'node_ignored', v: 1, node: 'a', attempt: 1 }],
    }
    const change = {
      taskId: 't1',
      after: BEGINNING,
      entries: [entry],
      awake: null,
      timers: { set: [], clear: [] },
      outbox: [],
      inbox: { done: [], late: [] },
      secrets: {},
      tokens: [],
    }
    await store.commit({ ...change, snapshot: 'é'.repeat(1_000_000) })
    expect(store.load('t1')).toMatchObject({ snapshot: null, entries: [entry], head: { version: 1 } })
  }))

test('titles are found by any part of them, in scripts without spaces too', () =>
  inObject(async (own) => {
    const db = openObject(own)
    const titles = sqlTitles(db)
    await db.write(() => {
      const insert = db.prepare(
        `INSERT INTO task_index (id, version, sequence, number, project, title, flow, phase, waiting_for, created_at, updated_at, rehearsal, people)
         VALUES (?, 1, 0, ?, 'default', ?, 'f', 'waiting', '[]', 0, ?, 0, '')`,
      )
      for (const [i, title] of ['发布网站', 'Release 1.2', '回滚支付'].entries()) insert.run([`t${i}`, i + 1, title, i])
    })
    const found = (search: string): string[] =>
      db.read((tx) => listTasks(tx, { search }, 10, null)).map(({ title }) => title)
    const asked = (): string[][] => ['布', '网站', 'ease 1', '"', '支付'].map(found)
    const before = asked()
    expect(before).toEqual([['发布网站'], ['发布网站'], ['Release 1.2'], [], ['回滚支付']])
    await db.write(() => titles.advance(10))
    expect(asked()).toEqual(before)
    await db.write(() => {
      titles.dropped(1, '发布网站')
      db.prepare('DELETE FROM task_index WHERE number = 1').run()
    })
    expect(db.prepare('SELECT count(*) FROM task_titles WHERE task_titles MATCH ?').get(['"网"'])).toEqual([0])
  }))
