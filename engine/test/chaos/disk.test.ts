import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineError } from '../../core/error.ts'
import { backUp } from '../../store/history/backup.ts'
import { verifyExport } from '../../store/history/index.ts'
import { openDatabase } from '../../store/open.ts'
import { keysOf } from '../../store/seal.ts'
import type { WalDamage } from '../../store/wal-check.ts'
import { echo } from '../plugins.ts'
import { isFinal, li, viewerOf, world, wu, type World } from '../setup.ts'
import { canMount, counted, smallDisk, told, type SmallDisk } from './support.ts'

const KEYS = keysOf(new Uint8Array(32).fill(1))
const flows = {
  work: {
    variables: { text: { type: 'text' } },
    nodes: { a: { use: 'counted@1', with: { text: '${text}' } }, b: { use: 'counted@1' } },
  },
  asked: { nodes: { ok: { use: 'approval', with: { approvers: ['Wu'] } }, b: { use: 'counted@1' } } },
  napping: { nodes: { nap: { use: 'wait', with: { for: '50ms' } }, b: { use: 'counted@1' } } },
}
let it: World
let disk: SmallDisk | null = null
let steps: ReturnType<typeof counted>
let heard: ReturnType<typeof told>
let outages: string[]
beforeEach(() => {
  steps = counted()
  heard = told()
  outages = []
})
afterEach(async () => {
  await (it as World | undefined)?.end()
  it = undefined as never // not every test has one
  disk?.end()
  disk = null
})
const start = (folder?: string): Promise<World> =>
  world({
    flows,
    plugins: [echo, steps.plugin],
    engine: { log: heard.log },
    open: { onOutage: (error) => outages.push(String(error)) },
    ...(folder && { folder }),
  })

const refused = async (act: Promise<unknown>): Promise<void> => {
  const error = await act.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(EngineError)
  expect((error as EngineError).code).toBe('UNAVAILABLE')
}
const answer = async (id: string): Promise<unknown> => {
  const ask = [...(await it.engine.task(id))!.state.asks.values()][0]!
  return it.engine.command(
    id,
    { kind: 'decide', by: wu, askId: ask.id, digest: ask.digest, verdict: 'approve' },
    viewerOf(wu),
  )
}
/** Everything acknowledged goes on to its end, nothing ran twice, every history is whole. */
async function recovered(ids: readonly string[]): Promise<void> {
  for (const id of ids) await it.until(id, isFinal)
  for (const id of ids) expect((await it.engine.task(id))!.state.outcome).toBe('succeeded')
  expect([...steps.begun.values()].filter((times) => times !== 1)).toEqual([])
  await expect.poll(() => it.db.prepare('SELECT count(*) FROM outbox').get()![0]).toBe(0)
  const report = await verifyExport(it.engine.exportHistory(), { audit: KEYS.audit })
  expect(report.faults).toEqual([])
  expect(report.tasks).toBeGreaterThanOrEqual(ids.length)
}

/** A task in each state it may be in when trouble comes. */
async function underWay(): Promise<{ ids: string[]; asked: string }> {
  steps.hold()
  const [working, asked, napping] = await Promise.all(
    ['work', 'asked', 'napping'].map((flow) => it.launch(flow, { variables: flow === 'work' ? { text: '' } : {} })),
  )
  await it.until(asked!.state.id, ({ phase }) => phase === 'waiting')
  await expect.poll(() => steps.begun.size).toBeGreaterThanOrEqual(1)
  return { ids: [working!, asked!, napping!].map(({ state }) => state.id), asked: asked!.state.id }
}
/** While nothing can be written: everything new is refused and says so, what runs is kept and offered again. */
async function holdsOut(asked: string): Promise<void> {
  await refused(it.launch('work', { variables: { text: 'x'.repeat(100_000) } }))
  await refused(answer(asked))
  steps.release()
  await expect.poll(() => heard.lines.filter((line) => /tried again|not recorded/.test(line)).length).toBeGreaterThan(0)
  await refused(it.engine.command(asked, { kind: 'pause', by: li }, viewerOf(li)))
  expect((await it.engine.task(asked))!.state.phase).toBe('waiting') // reading goes on
}

describe('a disk that is full', () => {
  test('as SQLite sees it: what finds no room is refused and told, and all goes on once there is', async () => {
    it = await start()
    const { ids, asked } = await underWay()
    it.db.prepare('PRAGMA max_page_count = 1').all() // no fewer than there are: not one more
    await refused(it.launch('work', { variables: { text: 'x'.repeat(100_000) } }))
    expect(outages.join()).toMatch(/full/)
    it.db.prepare('PRAGMA max_page_count = 1073741823').all()
    steps.release()
    await answer(asked)
    await recovered(ids)
  })

  test.skipIf(!canMount())('as the machine has it: refused and told, and all goes on once there is room', async () => {
    disk = smallDisk(8 * 1024 * 1024)!
    it = await start(disk.folder)
    const { ids, asked } = await underWay()
    disk.fill()
    await holdsOut(asked)
    const files = join(disk.folder, 'files')
    const more = { key: null, withKey: false, version: '0', now: 0 }
    expect(() => backUp({ database: it.file, files, to: join(it.file, '../backup'), ...more })).toThrow(
      /there is no room/,
    )
    disk.empty()
    await answer(asked)
    await recovered(ids)
  })
})

test('a file that becomes read-only: refused and told, and all goes on once it can be written', async () => {
  it = await start()
  const { ids, asked } = await underWay()
  it.db.prepare('PRAGMA query_only = ON').all()
  await holdsOut(asked)
  it.db.prepare('PRAGMA query_only = OFF').all()
  await answer(asked)
  await recovered(ids)
})

test.skipIf(!canMount())('a folder that is read-only from the start is one clear refusal', async () => {
  disk = smallDisk(4 * 1024 * 1024)!
  const db = openDatabase(join(disk.folder, 'baton.db'))
  await db.close()
  const view = disk.readOnly()
  expect(() => openDatabase(join(view, 'baton.db'))).toThrow(/EROFS|read-only/)
})

describe('the last frame of the write-ahead log is damaged', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'baton-wal-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const FRAME = 24 + 4096
  /** What a kill leaves: the files as they lie there now. `damage` gets the log, and where its last frame begins. */
  async function killed(damage: (log: Buffer, last: number) => void): Promise<WalDamage[]> {
    copyFileSync(it.file, join(folder, 'baton.db'))
    const log = readFileSync(`${it.file}-wal`)
    damage(log, 32 + (Math.floor((log.length - 32) / FRAME) - 1) * FRAME)
    writeFileSync(join(folder, 'baton.db-wal'), log)
    await it.end()
    const found: WalDamage[] = []
    const db = openDatabase(join(folder, 'baton.db'), { onDamage: (one) => found.push(one) })
    await db.close()
    steps = counted()
    it = await start(folder)
    return found
  }

  test('the last one: told, the rest is there and goes on', async () => {
    it = await start()
    const launched = await Promise.all(Array.from({ length: 5 }, () => it.launch('asked')))
    for (const { state } of launched) await it.until(state.id, ({ phase }) => phase === 'waiting')
    await expect.poll(() => it.db.prepare('SELECT count(*) FROM outbox').get()![0]).toBe(0)
    await it.engine.command(
      launched[0]!.state.id,
      { kind: 'set_note', by: li, text: 'the last thing said' },
      viewerOf(li),
    )
    const found = await killed((log, last) => log.fill(0xaa, last + 24, last + FRAME))
    expect(found).toHaveLength(1)
    const report = await verifyExport(it.engine.exportHistory(), { audit: KEYS.audit })
    expect(report.faults).toEqual([])
    for (const { state } of launched) expect(await it.engine.task(state.id)).not.toBeNull()
  })

  test('one with commits behind it: told, and nothing that may have gone on is taken up by itself', async () => {
    it = await start()
    const { asked, ids } = await underWay()
    await expect.poll(() => it.db.prepare('SELECT count(*) FROM outbox').get()![0]).toBe(0)
    for (const text of ['one', 'two', 'three'])
      await it.engine.command(asked, { kind: 'set_note', by: li, text }, viewerOf(li))
    const found = await killed((log, last) => log.fill(0xaa, last - FRAME + 24, last))
    expect(found).toEqual([{ frames: expect.any(Number), isCertain: true }])
    expect(heard.lines.join('\n')).toMatch(/log was damaged, and what was recorded last is lost/)
    for (const id of ids) expect((await it.engine.task(id))!.state).toMatchObject({ paused: true })
    expect((await it.engine.task(ids[0]!))!.state.nodes.get('a')!.error).toMatchObject({ cause: 'lost' })
    expect(steps.begun.size).toBe(0)
    const report = await verifyExport(it.engine.exportHistory(), { audit: KEYS.audit })
    expect(report.faults).toEqual([])
    await it.engine.command(asked, { kind: 'resume', by: li }, viewerOf(li))
    await answer(asked)
    await it.until(asked, isFinal)
  })

  test('an undamaged log, a torn write that nobody was told of, and none at all are nothing to tell', async () => {
    it = await start()
    await it.launch('asked')
    expect(await killed(() => {})).toEqual([])
    copyFileSync(it.file, join(folder, 'copy.db'))
    expect(await killed((log, last) => log.fill(0, last, last + FRAME))).toEqual([])
  })
})
