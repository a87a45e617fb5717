import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connect, type Connection } from './connection.ts'

describe('reads of one turn', () => {
  let folder: string
  let here: Connection
  let there: Connection
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'baton-turn-'))
    here = connect(join(folder, 'a.db'))
    here.exec('CREATE TABLE words (word TEXT)')
    there = connect(join(folder, 'a.db'))
  })
  afterEach(() => {
    here.close()
    there.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
  const count = (connection: Connection) => connection.prepare('SELECT count(*) FROM words').get()![0]
  const add = (connection: Connection) => connection.prepare("INSERT INTO words VALUES ('a')").run()

  it('see one state of the file, and the next turn sees what others wrote meanwhile', async () => {
    expect(count(here)).toBe(0)
    add(there)
    expect(count(here)).toBe(0)
    await nextTurn()
    expect(count(here)).toBe(1)
  })
  it('see what was written here, at once', () => {
    expect(count(here)).toBe(0)
    add(here)
    expect(count(here)).toBe(1)
    here.exec("BEGIN IMMEDIATE; INSERT INTO words VALUES ('b')")
    expect([count(here), here.inTransaction]).toEqual([2, true])
    here.exec('COMMIT')
    expect([count(here), here.inTransaction]).toEqual([2, false])
  })
  it('are no transaction to anybody else: what was written under them is there for others', () => {
    expect([count(here), here.inTransaction]).toEqual([0, false])
    add(here)
    expect(count(there)).toBe(1)
    expect(here.prepare('INSERT INTO words VALUES (?) RETURNING word').get(['c'])).toEqual(['c'])
    expect(count(here)).toBe(2)
  })
  it('keep nobody from writing, from shortening the log or from compacting the file', async () => {
    expect(count(here)).toBe(0)
    await nextTurn()
    expect(there.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()![0]).toBe(0)
    expect(count(here)).toBe(0)
    expect(here.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()![0]).toBe(0)
    expect(count(here)).toBe(0)
    here.exec('VACUUM')
    expect(count(here)).toBe(0)
  })
  it('end with the connection: who reads after it does no harm', async () => {
    const statement = here.prepare('SELECT count(*) FROM words')
    expect(statement.get()).toEqual([0])
    here.close()
    statement.get() // libsql answers as long as somebody holds a statement
    expect(() => here.exec('BEGIN')).toThrow()
    expect(here.inTransaction).toBe(false)
    await nextTurn()
    here = connect(join(folder, 'a.db'))
    expect(count(here)).toBe(0)
  })
})
