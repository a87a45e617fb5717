import fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogue, EngineError, type Database } from '../../engine/index.ts'
import { createScheduler } from '../modules/schedule/scheduler.ts'
import { startTestServer, type TestServer } from './support.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 10, 20, 8, 30)
const DOCUMENTS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: quick, title: Quick}
spec: {nodes: {go: {use: test.work@1}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: quick, title: Quick}
spec: {flow: quick}
---
apiVersion: baton/v1
kind: Schedule
metadata: {name: often}
spec: {app: quick, cron: "*/10 * * * *", overlap: allow}
`
type Fault = 'none' | 'before' | 'after'
/** A store whose writes fail as `next` says: before anything is on disk, or after all of it is. */
function unsure(db: Database, next: () => Fault): Database {
  return {
    ...db,
    read: (work) => db.read(work),
    async write(work) {
      const fault = next()
      if (fault === 'before') throw new EngineError('UNAVAILABLE', { message: 'not recorded' })
      const result = await db.write(work)
      if (fault === 'after') throw new EngineError('UNAVAILABLE', { message: 'nobody heard the answer' })
      return result
    },
  }
}
const launchesOf = (server: TestServer): string[] =>
  server.db.read((tx) =>
    catalogue
      .runsOf(tx, { project: 'default', name: 'often' }, 1_000)
      .filter(({ state }) => state === 'launched')
      .map(({ key }) => key)
      .sort(),
  )

test('whatever write fails, before or after it is on disk, and whenever the process goes, each due time is launched once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Fault>('none', 'none', 'before', 'after'), { maxLength: 40 }),
      fc.array(fc.record({ minutes: fc.constantFrom(1, 5, 10), restarts: fc.boolean(), twice: fc.boolean() }), {
        minLength: 4,
        maxLength: 12,
      }),
      async (faults, turns) => {
        const server = await startTestServer()
        try {
          server.clock.now = START
          const applied = await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { dryRun } }', {
            d: DOCUMENTS,
          })
          expect(applied.errors).toBeUndefined()
          await server.as('Ada', 'mutation { publishFlow(name: "quick") { version } }')
          const left = [...faults]
          const deps = { ...server.deps, db: unsure(server.db, () => left.shift() ?? 'none') }
          let scheduler = createScheduler(() => deps)
          scheduler.start()
          for (const { minutes, restarts, twice } of turns) {
            server.clock.now += minutes * MINUTE
            scheduler.wake()
            if (twice) scheduler.wake()
            if (restarts) {
              await scheduler.stop()
              scheduler = createScheduler(() => deps)
              scheduler.start()
            }
            await scheduler.idle()
          }
          // The faults are over, and nothing is due any more.
          left.length = 0
          for (let round = 0; round < 3; round += 1) {
            server.clock.now += 10_000
            scheduler.wake()
            await scheduler.idle()
          }
          await scheduler.stop()
          const launched = launchesOf(server)
          expect(new Set(launched).size).toBe(launched.length)
          const missed = server.db.read((tx) =>
            catalogue
              .runsOf(tx, { project: 'default', name: 'often' }, 1_000)
              .reduce((sum, { state, count }) => sum + (state === 'missed' ? count : 0), 0),
          )
          const due = Math.floor((server.clock.now - START) / (10 * MINUTE))
          expect(launched.length + missed).toBe(due)
          const tasks = server.db.read((tx) => catalogue.countTasks(tx, { project: 'default', app: 'quick' }))
          expect(tasks).toBe(launched.length)
        } finally {
          await server.end()
        }
      },
    ),
    { numRuns: 15 },
  )
}, 120_000)
