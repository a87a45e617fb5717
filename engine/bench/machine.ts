import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, LOG_PAGES } from '../store/connection.ts'
import { median, nowMs, type Value } from './measure.ts'
import { remove } from './world.ts'

/** A row as small as the one that was measured when the goals were set. */
const EVENTS = 'x'.repeat(60)
const HASH = Buffer.alloc(32)
/** More than half a page. */
const FILLER = Buffer.alloc(3_000)

/** Rows appended in a second, so many in each commit, with nothing around it: no engine, no index. */
function appends(perCommit: number, rows: number): number {
  const file = join(mkdtempSync(join(tmpdir(), 'baton-bench-')), 'baton.db')
  const db = connect(file)
  db.exec('CREATE TABLE journal (n INTEGER PRIMARY KEY, task TEXT, seq INTEGER, events TEXT, hash BLOB)')
  const insert = db.prepare('INSERT INTO journal (task, seq, events, hash) VALUES (?, ?, ?, ?)')
  let seq = 0
  const run = (count: number): void => {
    for (let done = 0; done < count; done += perCommit) {
      db.exec('BEGIN IMMEDIATE')
      for (let i = 0; i < perCommit; i++) insert.run(['task', seq++, EVENTS, HASH])
      db.exec('COMMIT')
    }
  }
  // The log has its size: one that still grows costs every commit twice as much, and no server is that young for long.
  db.exec('CREATE TABLE filler (bytes BLOB)')
  db.exec('BEGIN IMMEDIATE')
  const fill = db.prepare('INSERT INTO filler VALUES (?)')
  for (let page = 0; page < LOG_PAGES; page++) fill.run([FILLER])
  db.exec('COMMIT; DROP TABLE filler')
  run(rows / 4) // the code is compiled
  const begin = nowMs()
  run(rows)
  const took = nowMs() - begin
  db.close()
  remove(file)
  return (rows * 1000) / took
}

/**
 * W0: what this machine does today without Baton. The goals were set where one commit for each row made 8,500–10,000 a second
 * and a hundred rows in each 219,000: nothing that is on disk before it is told can be faster than that.
 */
export async function w0(rounds = 3): Promise<Value[]> {
  const value = (metric: string, perCommit: number, rows: number): Value => ({
    workload: 'W0',
    metric,
    value: median(Array.from({ length: rounds }, () => appends(perCommit, rows))),
    unit: '1/s',
    settings: { per_commit: perCommit, rows, rounds },
  })
  return [value('commits_per_s', 1, 2_000), value('rows_per_s', 100, 40_000)]
}
