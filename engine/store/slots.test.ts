import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { openDatabase } from './open.ts'
import { sqlSlots, type SlotAnswer, type Slots } from './slots.ts'

let folder: string
let db: Database
let slots: Slots
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-slots-'))
  db = openDatabase(join(folder, 'baton.db'))
  slots = sqlSlots(db)
})
afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Wish {
  readonly key?: string
  readonly limit?: number
  readonly whenBusy?: 'queue' | 'reject' | 'join'
  readonly digest?: string
  readonly ancestors?: readonly string[]
  readonly project?: string
  readonly place?: number
}
const want = (task: string, wish: Wish = {}): Promise<SlotAnswer> =>
  db.write(() =>
    slots.want({
      project: 'p',
      key: 'k',
      limit: 1,
      whenBusy: 'queue',
      digest: '',
      ancestors: [],
      at: 1,
      task,
      ...wish,
    }),
  )
const release = async (task: string): Promise<readonly string[]> => (await db.write(() => slots.release(task))).next
const GRANTED = { kind: 'granted' }

describe('places under a key', () => {
  test('the first gets it, the others stand in line and are served in their order', async () => {
    expect(await want('a')).toEqual(GRANTED)
    expect(await want('b')).toEqual({ kind: 'queued', position: 1 })
    expect(await want('c')).toEqual({ kind: 'queued', position: 2 })
    expect([slots.holders('c'), slots.position('c'), slots.position('a')]).toEqual([['a'], 2, null])
    expect(await release('a')).toEqual(['b'])
    expect(slots.position('c')).toBe(1)
    expect(await release('b')).toEqual(['c'])
  })
  test('whoever was sent away by a freeze comes back to where they stood, before those who came later', async () => {
    for (const task of ['a', 'b', 'c', 'd']) await want(task)
    const place = slots.number('b')!
    expect(await release('a')).toEqual(['b'])
    expect(await release('b')).toEqual(['c']) // b goes away, and c runs
    await want('e')
    expect(await want('b', { place })).toEqual({ kind: 'queued', position: 1 })
    expect([slots.position('d'), slots.position('e'), slots.number('b')]).toEqual([2, 3, place])
    expect(await want('b', { place })).toEqual({ kind: 'queued', position: 1 })
    expect([await release('c'), await release('b'), await release('d')]).toEqual([['b'], ['d'], ['e']])
  })
  test('a number that somebody has is nobody else’s', async () => {
    await want('a')
    await want('b')
    expect(await want('c', { place: slots.number('b')! })).toEqual({ kind: 'queued', position: 2 })
  })
  test('those near the head of the line hear that they have moved', async () => {
    for (let n = 0; n < 10; n += 1) await want(`t${n}`)
    const { next, moved } = await db.write(() => slots.release('t0'))
    expect([next, moved]).toEqual([['t1'], ['t2', 't3', 't4', 't5', 't6']])
  })
  test('asking twice changes nothing', async () => {
    await want('a')
    await want('b')
    expect([await want('a'), await want('b')]).toEqual([GRANTED, { kind: 'queued', position: 1 }])
    expect(await release('a')).toEqual(['b'])
    expect([await want('b'), await release('a')]).toEqual([GRANTED, []])
  })
  test('another key, and the same key of another project, is another place', async () => {
    await want('a')
    expect(await want('b', { key: 'other' })).toEqual(GRANTED)
    expect(await want('c', { project: 'q' })).toEqual(GRANTED)
  })
  test('one that gives up its place in the line lets the next move up', async () => {
    for (const task of ['a', 'b', 'c']) await want(task)
    expect(await release('b')).toEqual([])
    expect(slots.position('c')).toBe(1)
  })
  test('reject is told who holds it; nothing is kept of it', async () => {
    await want('a')
    expect(await want('b', { whenBusy: 'reject' })).toEqual({ kind: 'busy', holders: ['a'] })
    expect(await release('a')).toEqual([])
    expect(await want('b', { whenBusy: 'reject' })).toEqual(GRANTED)
  })
  test('join leads to an equal one, and is busy for any other', async () => {
    await want('a', { digest: 'x' })
    expect(await want('b', { whenBusy: 'join', digest: 'x' })).toEqual({ kind: 'joined', holder: 'a' })
    expect(await want('c', { whenBusy: 'join', digest: 'y' })).toEqual({ kind: 'busy', holders: ['a'] })
    expect(await want('d', { whenBusy: 'join', digest: '' })).toEqual({ kind: 'busy', holders: ['a'] })
  })
  test('who waits counts as before: a newer flow with a higher limit does not overtake', async () => {
    await want('a', { limit: 1 })
    await want('b', { limit: 1 })
    expect(await want('c', { limit: 5 })).toEqual({ kind: 'queued', position: 2 })
    expect(await release('a')).toEqual(['b', 'c'])
  })
  test('what a launch would meet', async () => {
    const wish = { project: 'p', key: 'k', limit: 1, whenBusy: 'queue', digest: 'd' } as const
    const free = { kind: 'granted', position: null, holders: [], joins: null }
    expect(slots.outlook(wish)).toEqual(free)
    await want('a', { digest: 'd' })
    expect(slots.outlook({ ...wish, whenBusy: 'join' })).toMatchObject({ kind: 'joined', joins: 'a' })
    expect(slots.outlook({ ...wish, whenBusy: 'join', digest: 'other' })).toMatchObject({
      kind: 'busy',
      holders: ['a'],
    })
    expect(slots.outlook({ ...wish, whenBusy: 'reject' })).toMatchObject({ kind: 'busy', holders: ['a'], joins: null })
    await want('b')
    expect(slots.outlook(wish)).toMatchObject({ kind: 'queued', position: 2, holders: ['a'] })
    expect(slots.outlook({ ...wish, key: 'other' })).toEqual(free)
  })
})

describe('children', () => {
  test('share the place of a task above them, and keep it when they outlive that one', async () => {
    await want('root')
    expect(await want('child', { ancestors: ['root'] })).toEqual(GRANTED)
    expect(await want('grandchild', { ancestors: ['root', 'child'] })).toEqual(GRANTED)
    expect(await want('other')).toEqual({ kind: 'queued', position: 1 })
    expect(await release('root')).toEqual([])
    expect(slots.holders('other')).toEqual(['child'])
    expect(await release('child')).toEqual([])
    expect(slots.holders('other')).toEqual(['grandchild'])
    expect(await release('grandchild')).toEqual(['other'])
  })
  test('the one whose wait would close a circle is told so', async () => {
    await want('p1', { key: 'k1' })
    await want('p2', { key: 'k2' })
    expect(await want('c1', { key: 'k2', ancestors: ['p1'] })).toMatchObject({ kind: 'queued' })
    expect(await want('c2', { key: 'k1', ancestors: ['p2'] })).toEqual({ kind: 'deadlock', holders: ['p1'] })
    expect(await release('p2')).toEqual(['c1'])
  })
  test('a circle over three, and over a place that a child shares', async () => {
    for (const n of [1, 2, 3]) await want(`p${n}`, { key: `k${n}` })
    await want('s1', { key: 'k1', ancestors: ['p1'] })
    await want('c1', { key: 'k2', ancestors: ['p1', 's1'] })
    await want('c2', { key: 'k3', ancestors: ['p2'] })
    expect(await want('c3', { key: 'k1', ancestors: ['p3'] })).toMatchObject({ kind: 'deadlock' })
  })
  test('a place that one of its holders can give back is no circle', async () => {
    await want('p1', { key: 'k1' })
    await want('p2', { key: 'k2', limit: 2 })
    await want('free', { key: 'k2', limit: 2 })
    await want('c2', { key: 'k1', ancestors: ['p2'] })
    expect(await want('c1', { key: 'k2', limit: 2, ancestors: ['p1'] })).toMatchObject({ kind: 'queued' })
  })
})

test('a line of thousands costs what its head does', async () => {
  await db.write(() => {
    for (let n = 0; n < 5_000; n += 1)
      slots.want({
        project: 'p',
        key: 'k',
        limit: 1,
        whenBusy: 'queue',
        digest: '',
        ancestors: [],
        at: 1,
        task: `t${n}`,
      })
  })
  expect(slots.position('t4999')).toBe(4_999)
  const plan = (sql: string): string => JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
  for (const state of ['held', 'waiting'])
    expect(
      plan(`SELECT task FROM slots WHERE project = 'p' AND key = 'k' AND state = '${state}' ORDER BY n LIMIT 1`),
    ).toMatch(/SEARCH slots USING (COVERING )?INDEX slots_line(?!.*TEMP B-TREE)/)
  for (let n = 0; n < 50; n += 1) expect(await release(`t${n}`)).toEqual([`t${n + 1}`])
})

test('never more than the limit hold a key, all come in order, and nobody starves', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.record({ ends: fc.boolean(), which: fc.nat({ max: 20 }) }), { maxLength: 40 }),
      async (limit, steps) => {
        const key = `k${Math.random()}`
        const queue: string[] = []
        const holds = new Set<string>()
        const served: string[] = []
        const asked: string[] = []
        const serve = (tasks: readonly string[]): void => {
          for (const task of tasks) {
            expect(queue.shift()).toBe(task)
            holds.add(task)
            served.push(task)
          }
          expect(holds.size).toBeLessThanOrEqual(limit)
        }
        const end = async (task: string): Promise<void> => {
          const at = queue.indexOf(task)
          if (at >= 0) queue.splice(at, 1)
          else holds.delete(task)
          serve(await release(task))
        }
        for (const { ends, which } of steps) {
          const all = [...holds, ...queue]
          if (ends && all.length > 0) await end(all[which % all.length]!)
          else {
            const task = `${key}-${asked.length}`
            asked.push(task)
            const answer = await want(task, { key, limit })
            queue.push(task)
            if (answer.kind === 'granted') serve([task])
            else expect(answer).toEqual({ kind: 'queued', position: queue.length })
          }
          // A free place and somebody who waits for it do not stand side by side.
          expect(queue.length === 0 || holds.size === limit).toBe(true)
        }
        while (holds.size > 0) await end([...holds][0]!)
        expect(queue).toEqual([])
        expect(served).toEqual([...served].sort((a, b) => asked.indexOf(a) - asked.indexOf(b)))
      },
    ),
    { numRuns: 30 },
  )
})
