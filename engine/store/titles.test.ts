import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countTasks, listTasks, type SeenBy } from './catalogue/task-lists.ts'
import { sqlCatalogueStore } from './catalogue-store.ts'
import type { Database } from './database.ts'
import type { TaskMessage } from './message.ts'
import { openDatabase } from './open.ts'
import { createTitleIndexing, sqlTitles } from './titles.ts'

let folder: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-titles-'))
  db = openDatabase(join(folder, 'baton.db'))
})
afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

const list = (titles: readonly string[], from = 1): Promise<void> =>
  db.write(() => {
    const insert = db.prepare(
      `INSERT INTO task_index (id, version, sequence, number, project, title, app, flow, phase, waiting_for, started_by, created_at, updated_at, rehearsal, people)
       VALUES (?, 1, 0, ?, ?, ?, ?, 'f', 'waiting', '[]', ?, 0, ?, 0, '')`,
    )
    titles.forEach((title, i) => {
      const n = from + i
      insert.run([
        `t${n}`,
        n,
        n % 3 === 0 ? 'shop' : 'default',
        title,
        n % 2 ? 'a' : null,
        n % 50 === 7 ? 'p1' : 'p2',
        n,
      ])
    })
  })
const all = (): Promise<void> => createTitleIndexing(db).catchUp(1)
const found = (search: string, seenBy: SeenBy | null = null): string[] => {
  const filter = { search, seenBy }
  const rows = db.read((tx) => listTasks(tx, filter, 10_000, null))
  expect([search, db.read((tx) => countTasks(tx, filter))]).toEqual([search, rows.length])
  return rows.map(({ title }) => title).reverse()
}

const TITLES = [
  'Release 1.2 of the web shop',
  'release 1.20 of the mail',
  '发布网站 2.0',
  '回滚支付服务',
  '发布 App 到生产',
  'Rollout_5 100% now',
  `It's "quoted" * and (so) on`,
  'a\\b / c^d:e-f',
  'Straße ÉTÉ été',
  '🚀 launch 🎉',
  'x',
]
const SOUGHT: readonly (readonly [search: string, titles: readonly number[]])[] = [
  ['release', [0, 1]],
  ['RELEASE 1.2', [0, 1]],
  ['1.20', [1]],
  ['eb sho', [0]],
  ['发布', [2, 4]],
  ['布网', [2]],
  ['回', [3]],
  ['支付服务', [3]],
  ['发布 a', [4]],
  ['付网', []],
  ['100%', [5]],
  ['%', [5]],
  ['_', [5]],
  ['t_5', [5]],
  ['*', [6]],
  ['"', [6]],
  [`'s "q`, [6]],
  ['(so)', [6]],
  ['\\', [7]],
  ['c^d:e-f', [7]],
  ['ß', [8]],
  ['été', [8]],
  ['🚀', [9]],
  ['h 🎉', [9]],
  ['x', [10]],
  ['OR', []],
  ['NEAR(a b)', []],
  ['pieces:x', []],
  ['\0', TITLES.map((_, i) => i)],
  ['nothing of the kind', []],
  ['长'.repeat(20_000), []],
]

describe.each([
  ['while none is in the index', () => Promise.resolve()],
  ['once all are', all],
])('any part of a title is found, %s', (_, prepare) => {
  test.each(SOUGHT.map(([search, wanted]) => [search.slice(0, 30), search, wanted] as const))(
    '%j',
    async (__, search, wanted) => {
      await list(TITLES)
      await prepare()
      expect(found(search)).toEqual(wanted.map((at) => TITLES[at]))
    },
  )
})

test('what was listed since is found beside what is in the index, and a part of them in pages', async () => {
  await list(TITLES)
  await all()
  await list(TITLES, 101)
  expect(found('发布').length).toBe(4)
  const [first] = db.read((tx) => listTasks(tx, { search: '发布' }, 1, null))
  const rest = db.read((tx) => listTasks(tx, { search: '发布' }, 9, { updatedAt: first!.updatedAt, id: first!.id }))
  expect([first!.id, ...rest.map(({ id }) => id)]).toEqual(['t105', 't103', 't5', 't3'])
})

test('of thousands, the old and rare, the frequent, and what little somebody sees of either are found alike', async () => {
  const titles = Array.from(
    { length: 5_000 },
    (_, i) => `${i < 3_500 ? 'Old' : 'New'} task ${i}${i === 123 ? ' 灰度' : ''}`,
  )
  await list(titles)
  const seers: (SeenBy | null)[] = [
    null,
    { person: 'p1', apps: [], projects: ['shop'] },
    { person: 'p1', apps: ['shop/a'], projects: [] },
    { person: null, apps: ['shop/a'], projects: ['shop'], allBut: true },
  ]
  const asked = ['old', 'task', 'task 48', '灰度', '灰', 'old task 3499', 'k 1', 'new', 'nil']
  const before = seers.map((seer) => asked.map((search) => found(search, seer)))
  await db.write(() => sqlTitles(db).advance(10_000))
  expect(seers.map((seer) => asked.map((search) => found(search, seer)))).toEqual(before)
  expect(before[0]!.map((titlesFound) => titlesFound.length)).toEqual([3500, 5000, 111, 1, 1, 1, 1111, 1500, 0])
  expect(before[1]!.every((titlesFound, i) => titlesFound.length <= before[0]![i]!.length)).toBe(true)
})

test('a title that changes is found by its new words only, and one that goes by none', async () => {
  await list(TITLES)
  await all()
  const matching = (piece: string): number =>
    db.prepare('SELECT count(*) FROM task_titles WHERE task_titles MATCH ?').get([`"${piece}"`])![0] as number
  const titles = sqlTitles(db)
  await db.write(() => {
    db.prepare("UPDATE task_index SET title = '灰度 of it' WHERE number = 3").run()
    titles.listed([{ number: 3, before: TITLES[2]!, title: '灰度 of it' }])
    titles.dropped(5, TITLES[4]!)
    db.prepare('DELETE FROM task_index WHERE number = 5').run()
    // Listed late, with a number of before; and one that is not reached yet.
    titles.listed([
      { number: 0, before: null, title: '迟' },
      { number: 99, before: null, title: '早' },
    ])
  })
  expect(['灰度', '发布', '迟', '早'].map(matching)).toEqual([1, 0, 1, 0])
  expect(found('灰')).toEqual(['灰度 of it'])
  expect(found('网站')).toEqual([])
  expect(db.prepare('PRAGMA integrity_check').all()).toEqual([['ok']])
})

test('what the catalogue hears of a task is found: listed late, under another title, as it was before once it is undone', async () => {
  await list(TITLES)
  await all()
  const message = (sequence: number, number: number, title: string): TaskMessage => ({
    from: `n${number}`,
    sequence,
    at: sequence,
    row: {
      id: `n${number}`,
      version: sequence,
      number,
      project: 'default',
      title,
      app: null,
      flow: 'f',
      phase: 'requested',
      waitingFor: [],
      outcome: null,
      startedBy: null,
      createdAt: 0,
      endedAt: null,
      updatedAt: sequence,
      rehearsal: false,
      needs: [],
      followers: [],
    },
    notices: [],
  })
  const store = sqlCatalogueStore(db)
  const hear = (...messages: TaskMessage[]) => store.apply(messages, () => undefined)
  await hear(message(1, 0, '灰度 one')) // before all that is in the index
  await hear(message(2, 50, '灰度 two')) // behind it
  expect(found('灰度')).toEqual(['灰度 one', '灰度 two'])
  await hear(message(3, 0, '全量 one'))
  await hear(message(4, 50, '全量 two'))
  expect([found('灰度'), found('全量')]).toEqual([[], ['全量 one', '全量 two']])
  const undone = store.apply([message(5, 0, '灰度 again')], () => {
    throw new Error('no')
  })
  await expect(undone).rejects.toThrow('no')
  expect([found('灰度'), found('全量 one')]).toEqual([[], ['全量 one']])
  expect(db.prepare('PRAGMA integrity_check').all()).toEqual([['ok']])
})

test('taking in goes on where it was ended, and leaves a few for later', async () => {
  await list(TITLES)
  await createTitleIndexing(db).catchUp()
  const through = (): unknown => db.prepare("SELECT value FROM counters WHERE name = 'titles indexed'").get()?.[0]
  expect(through()).toBeUndefined()
  expect(await db.write(() => sqlTitles(db).advance(4))).toBe(4)
  expect(through()).toBe(4)
  await all()
  expect(through()).toBe(TITLES.length)
})
