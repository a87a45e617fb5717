import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect, type Connection } from './connection.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { migrate } from './migrate.ts'

let folder: string
let file: Connection
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-migrate-'))
  file = connect(join(folder, 'baton.db'))
})
afterEach(() => {
  file.close()
  rmSync(folder, { recursive: true })
})

/** The schema as it was before a migration. */
function until(tag: string): void {
  file.exec('CREATE TABLE migrations (tag TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)')
  for (const migration of MIGRATIONS.slice(
    0,
    MIGRATIONS.findIndex((one) => one.tag === tag),
  )) {
    for (const statement of migration.sql) file.exec(statement)
    file.prepare('INSERT INTO migrations VALUES (?, 0)').run([migration.tag])
  }
}
/** drizzle knows nothing of it: a table that it makes anew would have row ids again. */
const hasRowIds = (table: string): boolean => {
  try {
    return file.prepare(`SELECT rowid FROM ${table}`).all().length >= 0
  } catch {
    return false
  }
}
const indexesOf = (table: string): unknown[] =>
  file.prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type = 'index' ORDER BY name").all([table])

test('tables that are made anew keep every row: lists, keys and who was awake', () => {
  until('0021_fewer_pages')
  const columns =
    'id, version, sequence, number, project, title, app, flow, phase, waiting_for, outcome, started_by, created_at, ended_at, updated_at, rehearsal, people, parent'
  const insert = file.prepare(`INSERT INTO task_index (${columns}) VALUES (${columns.replaceAll(/\w+/g, '?')})`)
  insert.run([
    'b',
    7,
    3,
    2,
    'shop',
    'Zwei',
    null,
    'f',
    'waiting',
    '["ask"]',
    null,
    null,
    1,
    null,
    5,
    0,
    '[[],["p"]]',
    'a',
  ])
  insert.run(['a', 9, 0, 1, 'shop', 'Eins', 'x', 'f', 'failed', '[]', 'failed', 'p', 1, 4, 4, 1, '', null])
  file.exec(
    `INSERT INTO launch_keys VALUES ('shop', 'c', 'k', 'a', 1, 'h', 1, NULL), ('shop', 'c', 'l', 'z', 3, 'h', 2, '{}')`,
  )
  file.exec(`INSERT INTO awake VALUES ('b'), ('z')`)
  const [listed, keys] = [`SELECT ${columns} FROM task_index ORDER BY id`, 'SELECT * FROM launch_keys ORDER BY key']
  const before = [file.prepare(listed).all(), file.prepare(keys).all()]
  const pending = indexesOf('launch_keys').filter((sql) => JSON.stringify(sql).includes('pending'))

  migrate(file)
  expect([file.prepare(listed).all(), file.prepare(keys).all()]).toEqual(before)
  expect(file.prepare('SELECT task FROM awake').all()).toEqual([['b'], ['z']])
  expect(indexesOf('launch_keys').filter((sql) => JSON.stringify(sql).includes('pending'))).toEqual(pending)
  expect(() => file.exec(`INSERT INTO launch_keys SELECT * FROM launch_keys`)).toThrow('UNIQUE')
  expect(() =>
    insert.run(['a', 1, 0, 5, 'p', '', null, 'f', 'planned', '[]', null, null, 1, null, 1, 0, '', null]),
  ).toThrow('task_index.id')
  expect(file.prepare('PRAGMA integrity_check').get()).toEqual(['ok'])
})

test('launch keys and who is awake are in the order of their keys, with no page for row ids', () => {
  migrate(file)
  expect(['launch_keys', 'awake', 'needs'].map(hasRowIds)).toEqual([false, false, true])
  expect(indexesOf('task_index')).toHaveLength(6)
})
