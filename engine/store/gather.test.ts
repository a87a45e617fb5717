import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bulk } from './bulk.ts'
import type { Database } from './database.ts'
import { Gather } from './gather.ts'
import { openDatabase } from './open.ts'

let folder: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-gather-'))
  db = openDatabase(join(folder, 'baton.db'))
})
afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})
const wake = () => bulk(db, 1, (rows) => `INSERT INTO awake (task) VALUES ${rows}`)
const awake = (): unknown[] =>
  db
    .prepare('SELECT task FROM awake ORDER BY task')
    .all()
    .map(([task]) => task)

test('what becomes ready in one turn is applied together, each with its own answer', async () => {
  const sizes: number[] = []
  const insert = wake()
  const gather = new Gather<string, string>(db, (_, tasks) => {
    sizes.push(tasks.length)
    insert(tasks)
    return tasks.map((task) => `${task}!`)
  })
  expect(await Promise.all(['a', 'b', 'c'].map((task) => gather.add(task)))).toEqual(['a!', 'b!', 'c!'])
  expect(await gather.add('d')).toBe('d!')
  expect(sizes).toEqual([3, 1])
  expect(awake()).toEqual(['a', 'b', 'c', 'd'])
})

test('one that fails takes nobody with it', async () => {
  const insert = wake()
  const gather = new Gather<string, number>(db, (_, tasks) => {
    insert(tasks)
    return tasks.map(() => 1)
  })
  await gather.add('taken')
  const outcomes = await Promise.allSettled(['a', 'taken', 'b'].map((task) => gather.add(task)))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(awake()).toEqual(['a', 'b', 'taken'])
})

test('a commit that fails tells everybody to try again, and the next one goes on', async () => {
  const gather = new Gather<string, number>(db, (_, tasks) => {
    if (tasks.includes('full')) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
    return tasks.map(() => 1)
  })
  const outcomes = await Promise.allSettled(['a', 'full'].map((task) => gather.add(task)))
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual([
    'UNAVAILABLE',
    'UNAVAILABLE',
  ])
  expect(await gather.add('b')).toBe(1)
})

test.each([0, 1, 7, 8, 9, 63, 64, 200])('%i rows go in whole and in order', async (count) => {
  const send = bulk(db, 2, (rows) => `INSERT INTO outbox (task, body) VALUES ${rows}`)
  const bodies = Array.from({ length: count }, (_, index) => `body ${index}`)
  const last = await db.write(() => send(bodies.flatMap((body) => ['t', body])))
  const rows = db.prepare('SELECT n, body FROM outbox ORDER BY n').all()
  expect(rows.map(([, body]) => body)).toEqual(bodies)
  if (count > 0) expect(rows.at(-1)![0]).toBe(last)
  expect(rows.map(([n]) => n)).toEqual(bodies.map((_, index) => index + 1))
})

test('one that throws as it is told keeps nobody else from hearing', async () => {
  const thrown = new Promise<unknown>((resolve) => {
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', (error) => {
      for (const listener of listeners) process.on('uncaughtException', listener)
      resolve(error)
    })
  })
  const gather = new Gather<number, number>({ write: async (work) => work(null as never, false) }, (_, items) => items)
  const heard: number[] = []
  gather.put(
    1,
    () => {
      throw new Error('a mistake of ours')
    },
    () => {},
  )
  gather.put(
    2,
    (n) => heard.push(n),
    () => {},
  )
  expect(await thrown).toMatchObject({ message: 'a mistake of ours' })
  expect(heard).toEqual([2])
})
