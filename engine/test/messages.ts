import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { TaskState } from '../core/state.ts'
import { definePlugin, done, z } from '../plugin/index.ts'
import type { LaunchRequest } from '../runtime/engine.ts'
import type { Tx } from '../store/database.ts'
import { faultyPort } from './faulty-port.ts'
import { li, viewerOf, type MakeWorld, type World } from './world.ts'

/** May be repeated: wherever it is cut off, nobody has to be asked. */
const say = definePlugin({
  code: 'say',
  version: '1.0.0',
  title: 'Say',
  inputs: z.object({}),
  repeat: () => true,
  execute: async () => done({}),
})
const call = (flow: string) => ({ use: 'flow', with: { flow } })
/** Two leaves at once, two outers at once; each outer has a middle with a leaf in it, and a leaf of its own. */
const FLOWS = {
  leaf: { concurrency: { key: 'leaf', limit: 2 }, nodes: { say: { use: 'say@1' } } },
  middle: { nodes: { before: { use: 'say@1' }, call: call('leaf'), after: { use: 'say@1' } } },
  outer: { concurrency: { key: 'outer', limit: 2 }, nodes: { call: call('middle'), second: call('leaf') } },
}
const OUTERS = 4
const ROUNDS = [1, 22, 333]

/** What the catalogue was told, kept in its own transaction: what is undone was not told. */
function keep(tx: Tx, from: string, sequence: number, version: number): void {
  tx.run(sql`CREATE TABLE IF NOT EXISTS told (n INTEGER PRIMARY KEY, task TEXT, sequence INTEGER, version INTEGER)`)
  tx.run(sql`INSERT INTO told (task, sequence, version) VALUES (${from}, ${sequence}, ${version})`)
}
/** Again until an answer comes: what a caller does whose line is bad too. */
async function launchSurely(w: World, request: Partial<LaunchRequest>): Promise<Readonly<TaskState>> {
  for (;;) {
    try {
      return (await w.launch('outer', request)).state
    } catch (error) {
      if ((error as { code?: string }).code !== 'UNAVAILABLE') throw error
    }
  }
}

/**
 * Task and catalogue over lines that lose, delay, double, tear and reorder what they carry, in both directions. `ends`: how
 * often the engine ends in the middle of it.
 */
export function messages(name: string, makeWorld: MakeWorld): void {
  describe(name, () => {
    describe.each([{ ends: 0 }, { ends: 3 }])('with $ends ends in the middle', ({ ends }) => {
      test.each(ROUNDS)(
        'over bad lines (%i) all is told once and in order, and lists come to say what is true',
        async (seed) => {
          const faults = faultyPort(seed, { sometimes: 0.4 })
          let w = await makeWorld({
            plugins: [say],
            flows: FLOWS,
            engine: { carry: faults.carry, carryLetters: faults.carryLetters, resendMs: [5] },
            strike: faults.strike,
            onMessage: (tx, { from, sequence, row }) => keep(tx, from, sequence, row.version),
          })
          try {
            const keys = Array.from({ length: OUTERS }, (_, i) => ({ key: `launch ${i}`, rawInput: `${i}` }))
            const twice = await Promise.all([...keys, ...keys].map((request) => launchSurely(w, request)))
            const ids = [...new Set(twice.map(({ id }) => id))]
            expect(ids).toHaveLength(OUTERS)
            const revoke = { kind: 'revoke', by: li, mode: 'cancel' } as const
            await w.engine.command(ids[2]!, revoke, viewerOf(li)).catch(allowFinal)
            for (let i = 0; i < ends; i++) w = await w.restart({ graceMs: 0 })
            const stages = () => Promise.all(ids.map(async (id) => (await w.engine.task(id))?.state.stage))
            await expect.poll(stages, { timeout: 45_000, interval: 20 }).toEqual(ids.map(() => 'final'))
            faults.heal()
            if (ends === 0) await faults.settled() // what was late at an end went with it
            await isQuiet(w)
            await saysTheTruth(w)
            await wasToldInOrder(w)
            expect(await most(w, 'leaf')).toBeLessThanOrEqual(2)
            expect(await most(w, 'outer')).toBeLessThanOrEqual(2)
          } finally {
            await w.end()
          }
        },
        60_000,
      )
    })
  })
}

/** Stopped too late: it had ended. */
const allowFinal = (error: { code?: string }): void => expect(['FINAL', 'STALE']).toContain(error.code)

/** Whatever was to be said has been heard, nothing is half launched, and no place is held by anybody. */
async function isQuiet(w: World): Promise<void> {
  const LEFT = `SELECT 'message', task FROM outbox UNION ALL SELECT 'letter', task FROM letters
    UNION ALL SELECT 'launch', task FROM launch_keys WHERE request IS NOT NULL UNION ALL SELECT 'place', task FROM slots`
  await expect.poll(() => w.rows(LEFT), { timeout: 20_000 }).toEqual([])
}
async function saysTheTruth(w: World): Promise<void> {
  const listed = await w.rows('SELECT id, phase, outcome, number, version FROM task_index')
  expect(new Set(listed.map(([, , , number]) => number)).size).toBe(listed.length)
  for (const [id, phase, outcome, number] of listed) {
    const { state } = (await w.engine.task(id as string))!
    expect({ phase, outcome, number }).toEqual({ phase: state.phase, outcome: state.outcome, number: state.number })
    expect(state.stage).toBe('final')
    expect(await w.engine.verifyHistory(id as string)).toBeNull()
    // Each child of it is listed, and was made once.
    for (const child of state.children)
      expect(listed.filter(([other]) => other === child.id).length).toBeLessThanOrEqual(1)
  }
}
/** Every message that a task ever put into its outbox, and no other, once and in the order it was put there. */
async function wasToldInOrder(w: World): Promise<void> {
  const told = (await w.rows('SELECT task, sequence, version FROM told ORDER BY n', 'catalogue')) as [
    string,
    number,
    number,
  ][]
  for (const task of new Set(told.map(([from]) => from))) {
    const own = told.filter(([from]) => from === task)
    const sequences = own.map(([, sequence]) => sequence)
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b))
    const versions = own.map(([, , version]) => version)
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
  }
  // Outboxes number without gaps, and remember how far they came.
  const sent = await w.rows("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'", 'tasks')
  expect(told.length).toBe(sent.reduce((sum, [last]) => sum + (last as number), 0))
}
/** How many tasks of a flow were under way at once. */
async function most(w: World, flow: string): Promise<number> {
  const listed = await w.rows(`SELECT id FROM task_index WHERE flow = '${flow}'`)
  const spans: [number, 1 | -1][] = []
  for (const [id] of listed) {
    const { startedAt, endedAt } = (await w.engine.task(id as string))!.state
    if (startedAt !== null && endedAt !== null && endedAt > startedAt) spans.push([startedAt, 1], [endedAt, -1])
  }
  let now = 0
  let peak = 0
  // Who ends in the same millisecond has ended before.
  for (const [, by] of spans.sort(([a, x], [b, y]) => a - b || x - y)) peak = Math.max(peak, (now += by))
  return peak
}
