import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Tx } from './database.ts'
import { LockedError } from './lock.ts'
import { openDatabase } from './open.ts'
import { counters } from './schema.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const file = () => join(folder, 'baton.db')
const count = (name: string) => (tx: Tx) => {
  tx.insert(counters).values({ name, value: 1 }).run()
}
const names = (tx: Tx) =>
  tx
    .select()
    .from(counters)
    .all()
    .map((row) => row.name)
    .sort()

test('what was written is there after closing and opening again, in a file only its owner can read', async () => {
  const db = openDatabase(file())
  await db.write(count('a'))
  await db.close()
  const again = openDatabase(file())
  expect(again.read(names)).toEqual(['a'])
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  await again.close()
})

test('writes of one turn land in one transaction, in order', async () => {
  const db = openDatabase(file())
  const commits = await Promise.all(
    [1, 2, 3].map((value) =>
      db.write((tx) => {
        tx.insert(counters)
          .values({ name: `n${value}`, value })
          .run()
        return tx
          .select({ n: sql<number>`count(*)` })
          .from(counters)
          .get()?.n
      }),
    ),
  )
  expect(commits).toEqual([1, 2, 3])
  await db.close()
})

test('an entry that fails is refused alone: what came with it is recorded', async () => {
  const db = openDatabase(file())
  const outcomes = await Promise.allSettled([
    db.write(count('before')),
    db.write((tx) => {
      count('half')(tx)
      throw new Error('changed my mind')
    }),
    db.write(count('before')), // the name is taken
    db.write(count('after')),
  ])
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  expect(db.read(names)).toEqual(['after', 'before'])
  await db.close()
})

test('asynchronous work is refused, and nothing of it stays', async () => {
  const db = openDatabase(file())
  const neighbour = db.write(count('neighbour'))
  await expect(
    db.write(async (tx) => {
      count('async')(tx)
    }),
  ).rejects.toThrow('expected synchronous work')
  await neighbour
  expect(db.read(names)).toEqual(['neighbour'])
  await db.close()
})

test('when a commit itself fails, everybody in it is told to try again and nothing is recorded', async () => {
  const db = openDatabase(file())
  await db.write((tx) => {
    tx.run(sql`CREATE TABLE parent (id INTEGER PRIMARY KEY)`)
    tx.run(sql`CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)`)
  })
  // A deferred foreign key is judged by COMMIT: the one way to make a real one fail.
  const outcomes = await Promise.allSettled([
    db.write(count('a')),
    db.write((tx) => void tx.run(sql`INSERT INTO child VALUES (7)`)),
    db.write(count('b')),
  ])
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } })
  expect(db.read(names)).toEqual([])
  await db.write(count('later'))
  expect(db.read(names)).toEqual(['later'])
  await db.close()
})

test('a second transaction inside undoes only itself', async () => {
  const db = openDatabase(file())
  await db.write((tx) => {
    count('outer')(tx)
    expect(() =>
      tx.transaction((inner) => {
        count('inner')(inner as unknown as Tx)
        throw new Error('no')
      }),
    ).toThrow('no')
  })
  expect(db.read(names)).toEqual(['outer'])
  await db.close()
})

test('a boolean or a date is refused before it reaches the driver, which would abort the process', async () => {
  const db = openDatabase(file())
  await expect(
    db.write(() => db.prepare('INSERT INTO counters VALUES (?, ?)').run(['x', true as never])),
  ).rejects.toThrow('expected text')
  await expect(
    db.write(() => db.prepare('INSERT INTO counters VALUES (?, ?)').run(['x', new Date() as never])),
  ).rejects.toThrow('expected text')
  await db.close()
})

test('after closing, writes are refused as retryable', async () => {
  const db = openDatabase(file())
  const last = db.write(count('last'))
  await db.close()
  await last
  await expect(db.write(count('late'))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  const again = openDatabase(file())
  expect(again.read(names)).toEqual(['last'])
  await again.close()
})

test('one engine per file: a second names the holder, a tool beside it may still write, and a kill frees the lock', async () => {
  const script = `const { openDatabase } = await import(${JSON.stringify(new URL('./open.ts', import.meta.url).href)});
    openDatabase(${JSON.stringify(file())}); console.log('open'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  expect(() => openDatabase(file())).toThrow(LockedError)
  expect(() => openDatabase(file())).toThrow(`process ${holder.pid}`)
  const beside = openDatabase(file(), { beside: true })
  await beside.write(count('token'))
  await beside.close()
  const gone = once(holder, 'exit')
  holder.kill('SIGKILL')
  await gone
  const db = openDatabase(file())
  expect(db.read(names)).toEqual(['token'])
  await db.close()
})
