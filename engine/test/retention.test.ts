import { afterEach, beforeEach, expect, test } from 'vitest'
import { awaitCallback, definePlugin, done, z } from '../plugin/index.ts'
import { keepOf, setKeep, verifyExport } from '../store/history/index.ts'
import { keysOf } from '../store/seal.ts'
import { sqlTitles } from '../store/titles.ts'
import { echo } from './plugins.ts'
import { isFinal, li, viewerOf, world, type World } from './setup.ts'

const KEYS = keysOf(new Uint8Array(32).fill(1))
const DAY = 86_400_000
const chatty = definePlugin({
  code: 'chatty',
  version: '1.0.0',
  title: 'Chatty',
  inputs: z.object({}),
  async execute(ctx) {
    ctx.log('said something\n')
    return done({})
  },
})
let tokens: string[]
const called = definePlugin({
  code: 'called',
  version: '1.0.0',
  title: 'Called',
  inputs: z.object({}),
  async execute(ctx) {
    tokens.push(ctx.callback.token)
    return awaitCallback(null)
  },
  callback: async () => done({}),
})
const flows = {
  plain: { variables: { pin: { type: 'password' } }, nodes: { a: { use: 'chatty@1' } } },
  asked: { nodes: { ok: { use: 'approval', with: { approvers: ['Wu'] } } } },
  called: { nodes: { c: { use: 'called@1' } } },
}
let clock: number
let it: World
beforeEach(async () => {
  clock = Date.UTC(2026, 0, 1)
  tokens = []
  it = await world({ flows, plugins: [echo, chatty, called], engine: { now: () => clock } })
})
afterEach(() => it.end())

const count = (sql: string): number => it.db.prepare(`SELECT count(*) FROM ${sql}`).get()![0] as number
const launch = async (flow = 'plain', over = {}): Promise<{ id: string; number: number }> => {
  const { state } = await it.launch(flow, {
    variables: flow === 'plain' ? { pin: { $secret: 'task:pin' } } : {},
    secrets: flow === 'plain' ? { pin: 'hunter2222' } : {},
    ...over,
  })
  if (flow === 'plain') await it.until(state.id, isFinal)
  await expect.poll(() => count(`task_index WHERE id = '${state.id}' AND version > 0`)).toBe(1)
  await expect.poll(() => count('outbox')).toBe(0)
  return { id: state.id, number: state.number }
}
/** Out of memory, as ended tasks are a moment later. */
const settled = (): Promise<unknown> => expect.poll(() => it.engine.stats().inMemory).toBe(0)
const verified = () => verifyExport(it.engine.exportHistory(), { audit: KEYS.audit })

test('secrets go after a week, logs after 30 days, tasks after 180; each stays what it was until then', async () => {
  const { id } = await launch()
  await settled()
  expect([count('task_secrets'), count('logs'), count('journal')]).toEqual([1, 1, expect.any(Number)])
  clock += 6 * DAY
  expect(await it.engine.tidy()).toMatchObject({ secrets: 0, logs: 0, archived: 0 })
  clock += 2 * DAY
  expect(await it.engine.tidy()).toMatchObject({ secrets: 1, logs: 0, archived: 0 })
  expect(count('task_secrets')).toBe(0)
  clock += 23 * DAY
  expect(await it.engine.tidy()).toMatchObject({ secrets: 0, logs: 1, archived: 0 })
  expect((await it.engine.logLines(id, 'a', 1)).lines).toEqual([])
  clock += 150 * DAY
  expect(await it.engine.tidy()).toMatchObject({ logs: 0, archived: 1 })
  expect(await it.engine.tidy()).toEqual({ secrets: 0, logs: 0, archived: 0, statistics: 0, signed: 0 })
})

test('an archived task is in no list, is found by its number, looks as it did and still verifies', async () => {
  const { id, number } = await launch()
  await settled()
  const before = (await it.engine.task(id))!.state
  clock += 181 * DAY
  await it.engine.tidy()
  it = await it.restart()
  for (const table of ['task_index', 'journal', 'snapshots', 'launch_keys', 'logs', 'followers'])
    expect(count(table), table).toBe(0)
  expect(it.engine.taskIdOf({ number })).toBe(id)
  expect((await it.engine.task(id))!.state).toEqual(before)
  expect(it.engine.archivedAt(id)).toBe(clock)
  expect(it.engine.verifyHistory(id)).toBeNull()
  expect(await verified()).toMatchObject({ isWhole: true, tasks: 1 })
  await expect(it.engine.command(id, { kind: 'follow', by: li, person: 'p-li' }, viewerOf(li))).rejects.toMatchObject({
    code: 'FINAL',
  })
  expect((await it.launch('plain')).state.number).toBe(number + 1)
})

test('what is put away leaves the words of its title nowhere in the lists', async () => {
  const { number } = await launch()
  await launch('asked')
  await it.db.write(() => sqlTitles(it.db).advance(10))
  const words = `task_titles WHERE task_titles MATCH '"a"'`
  expect(count(words)).toBe(2)
  await settled()
  clock += 181 * DAY
  expect(await it.engine.tidy()).toMatchObject({ archived: 1 })
  expect(it.db.prepare(`SELECT rowid FROM ${words}`).all()).toEqual([[number + 1]])
})

test('an archived history that is tampered with does not verify', async () => {
  const { id, number } = await launch()
  await launch()
  await settled()
  clock += 181 * DAY
  expect(await it.engine.tidy()).toMatchObject({ archived: 2 })
  await it.db.write(() => {
    const other = it.db.prepare('SELECT body FROM archive WHERE id <> ?').get([id])![0]!
    it.db.prepare('UPDATE archive SET body = ? WHERE id = ?').run([other, id])
  })
  expect((await verified()).faults.map(({ what, task }) => `${what} ${task}`)).toContain(`edit #${number}`)
})

test('what has not ended is never touched, however old; nor is one that was touched lately', async () => {
  const { id: asked } = await launch('asked')
  const { id: waiting } = await launch('called')
  const { id: ended } = await launch()
  clock += 150 * DAY
  await it.engine.command(ended, { kind: 'follow', by: li, person: 'p-wu' }, viewerOf(li))
  await expect.poll(() => count(`task_index WHERE updated_at = ${clock}`)).toBe(1)
  clock += 150 * DAY
  expect((await it.engine.tidy()).archived).toBe(0)
  for (const id of [asked, waiting, ended]) expect(it.engine.archivedAt(id)).toBeNull()
  expect(await it.engine.callback(tokens[0]!, {}, null)).toBe(true)
  await it.until(waiting, isFinal)
})

test('a project keeps for as long as it says; the others as ever', async () => {
  await it.db.write(() => setKeep(it.db, 'short', { tasksDays: 2, logsDays: 1, statisticsDays: 5 }))
  await it.db.write(() => setKeep(it.db, 'ever', { tasksDays: null, logsDays: null, statisticsDays: null }))
  expect([keepOf(it.db, 'short'), keepOf(it.db, 'other')]).toEqual([
    { tasksDays: 2, logsDays: 1, statisticsDays: 5 },
    { tasksDays: 180, logsDays: 30, statisticsDays: 730 },
  ])
  const short = await launch('plain', { project: 'short' })
  const ever = await launch('plain', { project: 'ever' })
  const other = await launch()
  await settled()
  clock += 3 * DAY
  expect(await it.engine.tidy()).toMatchObject({ logs: 1, archived: 1 })
  expect(it.engine.archivedAt(short.id)).not.toBeNull()
  clock += 400 * DAY
  await it.engine.tidy()
  expect(it.engine.archivedAt(other.id)).not.toBeNull()
  expect(it.engine.archivedAt(ever.id)).toBeNull()
  expect((await it.engine.logLines(ever.id, 'a', 1)).total).toBe(1)
})

test('sums of days that are not kept any longer go, those of projects that keep theirs for ever stay', async () => {
  await it.db.write(() => setKeep(it.db, 'ever', { tasksDays: null, logsDays: null, statisticsDays: null }))
  await it.db.write(() => {
    const insert = it.db.prepare(
      `INSERT INTO statistics (project, flow, day, app, node, runs, succeeded, failed, revoked, retries, work_ms, wait_ms, sums)
       VALUES (?, 'f', ?, '', '', 1, 1, 0, 0, 0, 0, 0, '{"causes":{},"work":{},"wait":{}}')`,
    )
    const today = Math.floor(clock / DAY)
    for (const project of ['ever', 'other']) for (const ago of [0, 729, 731, 900]) insert.run([project, today - ago])
  })
  expect(await it.engine.tidy()).toMatchObject({ statistics: 2 })
  expect(count(`statistics WHERE project = 'ever'`)).toBe(4)
  expect(count(`statistics WHERE project = 'other'`)).toBe(2)
  expect(await it.engine.tidy()).toMatchObject({ statistics: 0 })
})

test('many are put away a little at a time, and none is left over', async () => {
  await Promise.all(Array.from({ length: 250 }, () => it.launch('plain')))
  await expect.poll(() => count(`task_index WHERE phase = 'succeeded'`)).toBe(250)
  await expect.poll(() => count('outbox')).toBe(0)
  await settled()
  clock += 181 * DAY
  let archived = 0
  for (let rounds = 0; rounds < 5; rounds++) archived += (await it.engine.tidy()).archived
  expect(archived).toBe(250)
  expect(count('logs') + count('journal') + count('callback_tokens')).toBe(0)
  expect(await verified()).toMatchObject({ isWhole: true, tasks: 250 })
})

test('tasks that cannot be put away yet do not stand in the way of younger ones, and get their turn again', async () => {
  await Promise.all(Array.from({ length: 150 }, () => it.launch('plain')))
  await expect.poll(() => count(`task_index WHERE phase = 'succeeded'`)).toBe(150)
  await expect.poll(() => count('outbox')).toBe(0)
  await settled()
  const oldest = 'SELECT id FROM task_index ORDER BY updated_at, id LIMIT 120'
  await it.db.write(() => it.db.prepare(`INSERT INTO awake SELECT id FROM (${oldest})`).run([]))
  clock += 181 * DAY
  let archived = 0
  for (let rounds = 0; rounds < 4; rounds++) archived += (await it.engine.tidy()).archived
  expect(archived).toBe(30)
  await it.db.write(() => it.db.prepare('DELETE FROM awake').run([]))
  for (let rounds = 0; rounds < 4; rounds++) archived += (await it.engine.tidy()).archived
  expect(archived).toBe(150)
})

test('a history that stands for an hour is signed as it stands, once', async () => {
  const { id } = await launch('called')
  await it.until(id, ({ phase }) => phase === 'waiting')
  await settled()
  expect(await it.engine.tidy()).toMatchObject({ signed: 0 })
  clock += 2 * 3_600_000
  expect(await it.engine.tidy()).toMatchObject({ signed: 1 })
  expect(await it.engine.tidy()).toMatchObject({ signed: 0 })
  await it.db.write(() => {
    it.db.prepare('DELETE FROM snapshots').run()
    it.db.prepare('UPDATE task_index SET version = 1').run()
    it.db.prepare('DELETE FROM journal WHERE seq > 1').run()
  })
  expect(it.engine.verifyHistory(id)?.problem).toMatch(/^the end is missing: the history was signed at event/)
})

test('the newest signature stands in the audit: heads that are cut off with it show there', async () => {
  await launch()
  clock += 2 * 3_600_000
  await it.engine.tidy()
  const row = it.db.prepare("SELECT detail, mac FROM audit WHERE what = 'signHistory'").get()!
  expect(JSON.parse(row[0] as string)).toMatchObject({ heads: 1 })
  expect(row[1]).not.toBeNull()
})
