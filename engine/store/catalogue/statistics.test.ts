import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TaskFacts } from '../../core/statistics.ts'
import { openDatabase } from '../open.ts'
import { createStatistics, startOfDay } from './statistics.ts'

const facts = (day: number, app: string, workMs: number, failed = false): TaskFacts => ({
  task: `${day}${app}${workMs}`,
  at: startOfDay(day),
  project: 'default',
  app,
  flow: 'f',
  outcome: failed ? 'failed' : 'succeeded',
  workMs,
  waitMs: 0,
  causes: failed ? { error: 1 } : {},
  nodes: [
    {
      node: 'build',
      runs: 1,
      succeeded: 1,
      failed: 0,
      revoked: 0,
      retries: failed ? 1 : 0,
      work: [workMs],
      wait: [],
      causes: {},
    },
  ],
})

test('what days that are over came to stays right: with what is added late, dropped, or counted anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-statistics-'))
  const db = openDatabase(join(folder, 'baton.db'))
  const statistics = createStatistics(db)
  const filter = { project: 'default', fromDay: 1, toDay: 30 }
  /** One that remembers nothing says what is there. */
  const agreed = (): { readonly apps: readonly [string, number, number][]; readonly retries: number } => {
    const read = (one: typeof statistics) =>
      [one.tasks(filter, ['f', 'gone', 'f']), one.nodes(filter, ['f']), one.tasks({ ...filter, app: 'a' }, ['f'])].map(
        (rows) => [...rows].sort((x, y) => (x.name < y.name ? -1 : 1)),
      )
    const [apps, nodes] = read(statistics)
    const most = (one: typeof statistics) => [one.busiest(filter, 1), one.mostRetried({ ...filter, flow: 'f' }, 5)]
    expect(most(statistics)).toEqual(most(createStatistics(db)))
    expect(read(statistics)).toEqual(read(createStatistics(db)))
    return {
      apps: apps!.map(({ name, runs, workMs }) => [name, runs, workMs]),
      retries: nodes!.reduce((sum, { retries }) => sum + retries, 0),
    }
  }
  const ended = async (...all: TaskFacts[]): Promise<void> => {
    await db.write(() => all.forEach((one) => statistics.note(one)))
    await statistics.fold()
  }
  expect(agreed()).toEqual({ apps: [], retries: 0 })
  await ended(facts(3, 'a', 100), facts(30, 'a', 10), facts(29, 'b', 1, true), facts(31, 'a', 1))
  expect(agreed()).toEqual({
    apps: [
      ['a', 2, 110],
      ['b', 1, 1],
    ],
    retries: 1,
  })
  await ended(facts(30, 'b', 5))
  expect(agreed()).toEqual({
    apps: [
      ['a', 2, 110],
      ['b', 2, 6],
    ],
    retries: 1,
  })
  await ended(facts(3, 'a', 7, true)) // late, into a row there is
  expect(agreed()).toEqual({
    apps: [
      ['a', 3, 117],
      ['b', 2, 6],
    ],
    retries: 2,
  })
  await db.write(() => db.prepare('DELETE FROM statistics WHERE day = 3').run())
  expect(agreed()).toEqual({
    apps: [
      ['a', 1, 10],
      ['b', 2, 6],
    ],
    retries: 1,
  })
  await statistics.rebuild(() => Promise.resolve(null))
  expect(agreed()).toEqual({ apps: [], retries: 0 })
  await db.close()
  rmSync(folder, { recursive: true })
})
