/** A task's number is given once, wherever it is written down: a launch writes no counter for it. */
import { afterEach, expect, test } from 'vitest'
import { setKeep } from '../store/history/index.ts'
import { lastNumber } from '../store/numbers.ts'
import { echo, held } from './plugins.ts'
import { isFinal, viewerOf, world, wu, type World } from './setup.ts'

const FLOWS = {
  plain: { nodes: { a: { use: 'echo@1' } } },
  stuck: { nodes: { hold: { use: 'held@1' } } },
}
let open: World | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const begin = async (more: Partial<Parameters<typeof world>[0]> = {}): Promise<World> =>
  (open = await world({ flows: FLOWS, plugins: [echo, held({ repeat: true }).plugin], ...more }))
const counter = (w: World) => w.db.prepare("SELECT value FROM counters WHERE name = 'task_number'").get()?.[0]
const launched = async (w: World, key: string | null): Promise<number> =>
  (await w.launch('stuck', { key, rawInput: 'the same' })).state.number

test('numbers go on after a restart, with launches that have keys and that have none', async () => {
  let w = await begin()
  expect([await launched(w, 'one'), await launched(w, 'two')]).toEqual([1, 2])
  expect(counter(w)).toBeUndefined()
  w = open = await w.restart({ graceMs: 0 })
  expect([await launched(w, null), counter(w)]).toEqual([3, 3])
  expect(await launched(w, 'four')).toBe(4)
  w = open = await w.restart({ graceMs: 0 })
  expect(await launched(w, 'five')).toBe(5)
  expect((await Promise.all(['a', null, 'b', null].map((key) => launched(w, key)))).sort()).toEqual([6, 7, 8, 9])
})

test('the number of a task that the catalogue has not heard of is not given again', async () => {
  let fails = true
  let w = await begin({
    engine: { resendMs: [60_000] },
    onMessage() {
      if (fails) throw new Error('the catalogue is not well')
    },
  })
  expect(await launched(w, 'one')).toBe(1)
  expect(w.db.prepare('SELECT count(*) FROM task_index').get()).toEqual([0])
  w = open = await w.restart({ graceMs: 0 })
  expect(await launched(w, 'two')).toBe(2)
  fails = false
  w = open = await w.restart({ graceMs: 0 })
  await expect.poll(() => w.db.prepare('SELECT number FROM task_index ORDER BY number').all()).toEqual([[1], [2]])
})

test('to find the last number no history is read but of tasks that are awake', async () => {
  const w = await begin()
  let asked = ''
  lastNumber({ prepare: (sql) => w.db.prepare((asked = sql)) })
  const plan = w.db
    .prepare(`EXPLAIN QUERY PLAN ${asked}`)
    .all()
    .map((row) => String(row[3]))
  expect(plan.filter((line) => line.includes('journal'))).toEqual([
    expect.stringContaining('USING INDEX journal_task_seq (task=?'),
  ])
})

test('the number of the newest task is not given again once it lies in the archive', async () => {
  let clock = Date.UTC(2026, 0, 1)
  let w = await begin({ engine: { now: () => clock } })
  const { state } = await w.launch('plain', { key: 'one' })
  await w.until(state.id, isFinal)
  await expect.poll(() => w.engine.stats().inMemory).toBe(0)
  await w.db.write(() => setKeep(w.db, 'default', { tasksDays: 1, logsDays: 1, statisticsDays: null }))
  clock += 3 * 86_400_000
  expect(await w.engine.tidy()).toMatchObject({ archived: 1 })
  w = open = await w.restart()
  expect(await launched(w, 'two')).toBe(2)
})

const makeIll = (w: World) =>
  w.db.write(() =>
    w.db
      .prepare("CREATE TRIGGER ill BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'the journal is not well'); END")
      .run(),
  )
const makeWell = (w: World) => w.db.write(() => w.db.prepare('DROP TRIGGER ill').run())
/** What else is ready in the same turn, before the launch: its commit is undone and each entry repeated by itself. */
const before: { readonly [what: string]: (w: World, task: string) => Promise<unknown> } = {
  nothing: async () => undefined,
  'something that is refused': async (w) => {
    const refused = w.db.write(() => {
      throw new Error('refused')
    })
    refused.catch(() => {})
  },
  'a step of another task': async (w, task) => {
    w.engine.command(task, { kind: 'pause', by: wu }, viewerOf(wu)).catch(() => {})
    await Promise.resolve() // then it has been submitted
  },
}
test.each(Object.keys(before))(
  'the number of a launch whose task could not be recorded is not given again, and its key leads to it still: with %s before it',
  async (what) => {
    let w = await begin()
    const { state } = await w.launch('stuck')
    await makeIll(w)
    await before[what]!(w, state.id)
    await expect(launched(w, 'one')).rejects.toThrow('not recorded')
    await makeWell(w)
    w = open = await w.restart({ graceMs: 0 })
    expect([await launched(w, 'two'), await launched(w, 'one')]).toEqual([3, 2])
    expect(w.db.prepare('SELECT number FROM task_index ORDER BY number').all()).toEqual([[1], [2], [3]])
  },
)

test('whatever fails while a launch is decided, its number and its key stay one', async () => {
  for (let nth = 1; nth < 12; nth++) {
    let left = Infinity
    const now = () => {
      if (--left === 0) throw new Error('no time')
      return Date.UTC(2026, 0, 1)
    }
    let w = await begin({ engine: { now } })
    left = nth
    const first = await launched(w, 'one').catch(() => null)
    left = Infinity
    w = open = await w.restart({ graceMs: 0 })
    const [two, one] = [await launched(w, 'two'), await launched(w, 'one')]
    expect([nth, new Set([one, two]).size, first === null || first === one]).toEqual([nth, 2, true])
    await w.end()
    open = null
  }
})

test('a number that another task bears is never overwritten: what is told waits, and is told once it is free', async () => {
  const w = await begin({ engine: { resendMs: [1] } })
  const columns =
    'number, id, version, sequence, project, title, flow, phase, waiting_for, created_at, updated_at, rehearsal, people'
  await w.db.write(() =>
    w.db
      .prepare(
        `INSERT INTO task_index (${columns}) VALUES (1, 'other', 1, 0, 'p', 'Theirs', 'f', 'running', '[]', 0, 0, 0, '')`,
      )
      .run(),
  )
  const { state } = await w.launch('stuck')
  const listed = () => w.db.prepare('SELECT id, number FROM task_index').all()
  expect([state.number, listed()]).toEqual([1, [['other', 1]]])
  await w.db.write(() => w.db.prepare("DELETE FROM task_index WHERE id = 'other'").run())
  await expect.poll(listed).toEqual([[state.id, 1]])
})
