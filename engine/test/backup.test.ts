import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keysOf } from '../store/seal.ts'
import { backUp, BackupError, type BackupFacts } from '../store/history/backup.ts'
import { verifyExport } from '../store/history/index.ts'
import { restore, type Restored } from '../store/history/restore.ts'
import { LockedError } from '../store/lock.ts'
import { echo, held, type Held } from './plugins.ts'
import { isFinal, li, viewerOf, world, wu, type World } from './setup.ts'

const KEY = new Uint8Array(32).fill(1)
const flows = {
  plain: { nodes: { a: { use: 'echo@1' }, b: { use: 'echo@1' }, c: { use: 'echo@1' } } },
  asked: { nodes: { ok: { use: 'approval', with: { approvers: ['Wu'] } }, b: { use: 'echo@1' } } },
  napping: { nodes: { nap: { use: 'wait', with: { for: '1s' } }, b: { use: 'echo@1' } } },
  held: { nodes: { hold: { use: 'held@1' }, b: { use: 'echo@1' } } },
  tracked: { nodes: { hold: { use: 'tracked@1' }, b: { use: 'echo@1' } } },
  safe: { nodes: { hold: { use: 'safe@1' }, b: { use: 'echo@1' } } },
}
let folder: string
let once: Held
let tracked: Held
let safe: Held
let it: World
const start = (): Promise<World> => world({ flows, plugins: [echo, once.plugin, tracked.plugin, safe.plugin], folder })
const renew = (): void => {
  once = held()
  tracked = held({ code: 'tracked', resume: true })
  safe = held({ code: 'safe', repeat: true })
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baton-backup-'))
  renew()
  it = await start()
})
afterEach(async () => {
  await it.end()
  rmSync(folder, { recursive: true, force: true })
})

const place = (name: string): string => join(folder, name)
const back = (to: string, more: Partial<Parameters<typeof backUp>[0]> = {}): BackupFacts =>
  backUp({
    database: it.file,
    files: place('files'),
    to: place(to),
    key: KEY,
    withKey: false,
    version: '1.0.0',
    now: Date.UTC(2026, 10, 21),
    ...more,
  })
const putBack = (from: string, more: Partial<Parameters<typeof restore>[0]> = {}): Restored =>
  restore({
    from: place(from),
    folder,
    database: place('baton.db'),
    files: place('files'),
    keyFile: place('key'),
    key: KEY,
    goOn: false,
    now: Date.UTC(2026, 10, 22),
    ...more,
  })
/** What an operator does: stop, restore, start. */
async function restored(from: string, more: Partial<Parameters<typeof restore>[0]> = {}): Promise<Restored> {
  await it.engine.stop(0)
  await it.db.close()
  const told = putBack(from, more)
  renew()
  it = await start()
  return told
}
const whole = () => verifyExport(it.engine.exportHistory(), { audit: keysOf(KEY).audit })

test('a backup made under load is one consistent state: every history in it verifies, nothing acknowledged before is missing', async () => {
  const before = await Promise.all(Array.from({ length: 30 }, () => it.launch('plain')))
  let isOver = false
  const load = (async () => {
    while (!isOver) await Promise.all(Array.from({ length: 10 }, () => it.launch('plain')))
  })()
  const facts = back('a.backup')
  isOver = true
  await load
  const later = await it.launch('plain')
  expect(facts.tasks).toBeGreaterThanOrEqual(30)
  expect(statSync(place('a.backup')).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).filter((name) => name.startsWith('a.backup'))).toEqual(['a.backup'])

  await restored('a.backup', { goOn: true })
  for (const { state } of before)
    expect((await it.engine.task(state.id))!.state.version).toBeGreaterThanOrEqual(state.version)
  expect(await it.engine.task(later.state.id)).toBeNull()
  const report = await whole()
  expect(report.faults).toEqual([])
  expect(report.tasks).toBe(facts.tasks)
})

describe('after a restore', () => {
  test('what may have run since is lost and not run again; everything is paused until somebody resumes it', async () => {
    const running = (await it.launch('held')).state.id
    const attached = (await it.launch('tracked')).state.id
    const repeatable = (await it.launch('safe')).state.id
    const napping = (await it.launch('napping')).state.id
    const asked = (await it.launch('asked')).state.id
    const planned = (await it.launch('plain', { startNow: false, startAt: Date.now() + 3_600_000 })).state.id
    const ended = (await it.launch('plain')).state.id
    await Promise.all([once.called('checkpointed 1'), tracked.called('checkpointed 1'), safe.called('checkpointed 1')])
    await it.until(asked, ({ phase }) => phase === 'waiting')
    await it.until(napping, ({ phase }) => phase === 'waiting')
    await it.until(ended, isFinal)
    back('a.backup')
    await restored('a.backup')

    for (const id of [running, attached, repeatable, napping, asked])
      expect((await it.engine.task(id))!.state, id).toMatchObject({
        paused: true,
        note: expect.stringContaining('Restored from a backup'),
      })
    for (const id of [running, attached]) {
      const { state } = (await it.engine.task(id))!
      expect(state.nodes.get('hold')).toMatchObject({ state: 'failed', error: { cause: 'lost' } })
      expect(state.nodes.get('hold')!.error!.message).toContain('restored from a backup')
    }
    expect(once.calls).toEqual([])
    expect(tracked.calls).toEqual([])
    await safe.called('execute 1') // repeating it is harmless by its author's word
    expect((await it.engine.task(planned))!.state.timers.size).toBe(0)
    expect((await it.engine.task(ended))!.state).toMatchObject({ phase: 'succeeded', note: null })
    // Every card of what had not ended is drawn anew.
    const redrawn = new Set(
      it.messages.filter(({ notices }) => notices.some(({ kind }) => kind === 'changed')).map(({ from }) => from),
    )
    for (const id of [running, attached, repeatable, napping, asked, planned]) expect(redrawn, id).toContain(id)

    await it.engine.command(napping, { kind: 'resume', by: li }, viewerOf(li))
    await it.until(napping, isFinal)
    safe.release()
    expect((await whole()).faults).toEqual([])
  })

  test('a second start goes on as usual: what was resumed is not paused again', async () => {
    const asked = (await it.launch('asked')).state.id
    await it.until(asked, ({ phase }) => phase === 'waiting')
    back('a.backup')
    await restored('a.backup')
    await it.engine.command(asked, { kind: 'resume', by: li }, viewerOf(li))
    it = await it.restart()
    const { state } = (await it.engine.task(asked))!
    expect(state.paused).toBe(false)
    const ask = [...state.asks.values()][0]!
    await it.engine.command(
      asked,
      { kind: 'decide', by: wu, askId: ask.id, digest: ask.digest, verdict: 'approve' },
      viewerOf(wu),
    )
    await it.until(asked, isFinal)
  })

  test('numbers given since the backup are not given again, and what was there is kept aside', async () => {
    await it.launch('plain')
    back('a.backup')
    const given = Math.max(
      ...(await Promise.all([1, 2, 3].map(() => it.launch('plain')))).map(({ state }) => state.number),
    )
    const told = await restored('a.backup')
    expect((await it.launch('plain', { key: 'after' })).state.number).toBe(given + 1)
    expect(existsSync(join(told.aside!, 'baton.db'))).toBe(true)
    expect(told).toMatchObject({ tasks: 1, keyFits: true })
  })

  test('numbers leap when what was there cannot be read any more', async () => {
    await it.launch('plain')
    back('a.backup')
    await it.engine.stop(0)
    await it.db.close()
    writeFileSync(it.file, 'not a database')
    rmSync(`${it.file}-wal`, { force: true })
    putBack('a.backup')
    it = await start()
    expect((await it.launch('plain', { key: 'after' })).state.number).toBe(1_002)
  })

  test('files come back, and the key where it lay in the backup', async () => {
    mkdirSync(place('files/ab'), { recursive: true })
    writeFileSync(place('files/ab/f_1'), 'content')
    expect(back('a.backup', { withKey: true })).toMatchObject({ files: 1, hasKey: true })
    rmSync(place('files'), { recursive: true })
    await it.engine.stop(0)
    await it.db.close()
    expect(putBack('a.backup', { key: null })).toMatchObject({ keyFits: true })
    expect(readFileSync(place('files/ab/f_1'), 'utf8')).toBe('content')
    expect(Buffer.from(readFileSync(place('key'), 'utf8'), 'base64')).toEqual(Buffer.from(KEY))
    it = await start()
  })

  test('another key is told', async () => {
    back('a.backup')
    expect((await restored('a.backup', { key: new Uint8Array(32).fill(9) })).keyFits).toBe(false)
  })
})

describe('refused, with nothing changed', () => {
  test('a restore while a server runs, which is named', () => {
    back('a.backup')
    expect(() => putBack('a.backup')).toThrow(LockedError)
    expect(() => putBack('a.backup')).toThrow(`process ${process.pid}`)
  })

  test('a backup onto a file that exists, into no folder, of nothing', () => {
    writeFileSync(place('there'), 'precious')
    expect(() => back('there')).toThrow(/exists already/)
    expect(readFileSync(place('there'), 'utf8')).toBe('precious')
    expect(() => back('no/such/folder')).toThrow(/does not exist/)
    expect(() => back('x', { database: place('nothing.db') })).toThrow(/there is no Baton/)
    expect(() => back('x', { key: null, withKey: true })).toThrow(/no key/)
  })

  test('what is no backup, or a damaged one', async () => {
    await it.launch('plain')
    back('a.backup')
    await it.engine.stop(0)
    await it.db.close()
    const data = readFileSync(it.file)
    writeFileSync(place('text'), 'hello')
    copyFileSync(it.file, place('database'))
    const bytes = readFileSync(place('a.backup'))
    bytes.fill(0xff, 4096 * 2, 4096 * 4)
    writeFileSync(place('damaged'), bytes)
    for (const name of ['text', 'database', 'damaged', 'nothing', '.'])
      expect(() => putBack(name), name).toThrow(BackupError)
    expect(readFileSync(it.file)).toEqual(data)
    expect(readdirSync(folder).filter((name) => name.includes('restore'))).toEqual([])
    it = await start()
  })
})
