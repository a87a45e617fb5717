import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../index.ts'
import { hashOf } from '../store/chain.ts'
import { keysOf } from '../store/seal.ts'
import { verifyExport, type Report } from '../store/history/index.ts'
import { echo } from './plugins.ts'
import { isFinal, li, world, type World } from './setup.ts'

const KEY = keysOf(new Uint8Array(32).fill(1))
const flows = {
  two: {
    variables: { text: { type: 'text' } },
    nodes: { a: { use: 'echo@1', with: { text: '${text}' } }, b: { use: 'echo@1' } },
  },
  asked: { nodes: { a: { use: 'echo@1' }, ok: { use: 'approval', with: { approvers: ['Wu'] } } } },
}
let it: World
beforeEach(async () => {
  it = await world({ flows, plugins: [echo] })
})
afterEach(() => it.end())

const ended = async (text = 'x'): Promise<{ id: string; number: number }> => {
  const { state } = await it.launch('two', { variables: { text } })
  await it.until(state.id, isFinal)
  await told(state.id)
  return { id: state.id, number: state.number }
}
/** The catalogue has heard of the end: its head is signed. */
const told = (id: string): Promise<unknown> =>
  expect.poll(() => it.db.prepare('SELECT 1 FROM heads WHERE task = ?').get([id])).toBeTruthy()
const tamper = (sql: string, ...args: (string | number)[]): Promise<unknown> =>
  it.db.write(() => it.db.prepare(sql).run(args))
const exported = (scope = {}): string[] => [...it.engine.exportHistory(scope)]
const verified = (lines: readonly string[], publicKey: string | null = it.engine.verifyKey): Promise<Report> =>
  verifyExport(lines, { publicKey })
const faultsOf = async (lines: readonly string[]): Promise<string[]> =>
  (await verified(lines)).faults.map(({ what, task, event }) => `${what} ${task} ${event}`)

describe('in the store', () => {
  test('a history nobody touched is whole', async () => {
    const { id } = await ended()
    expect(it.engine.verifyHistory(id)).toBeNull()
  })

  test('an edit is found where it was made', async () => {
    const { id } = await ended('secret plan')
    await tamper(
      `UPDATE journal SET events = replace(events, 'secret plan', 'harmless plan') WHERE task = ? AND seq = 1`,
      id,
    )
    expect(it.engine.verifyHistory(id)).toEqual({
      seq: 1,
      problem: 'the entry, or the hash that it follows, was changed',
    })
  })

  test('a history rewritten with fitting hashes is found by its signed head', async () => {
    const one = await ended('one')
    const two = await ended('two')
    // The other task's entries under this task's name, hashes made to fit, as one can who knows the code and not the key.
    let before = ''
    for (const entry of [...it.engine.exportHistory({ task: two.id })]
      .map((l) => JSON.parse(l))
      .filter((l) => l.kind === 'entry')) {
      const forged = { ...entry, task: one.id }
      before = hashOf(before, forged)
      await it.db.write(() =>
        it.db
          .prepare('UPDATE journal SET at = ?, actor = ?, events = ?, hash = ? WHERE task = ? AND seq = ?')
          .run([forged.at, forged.actor, forged.events, Buffer.from(before, 'hex'), one.id, forged.seq]),
      )
    }
    expect(it.engine.verifyHistory(one.id)?.problem).toMatch(/is another one than was signed/)
    await tamper(`UPDATE heads SET hash = ? WHERE task = ?`, before, one.id)
    expect(it.engine.verifyHistory(one.id)?.problem).toMatch(/signature that does not fit/)
  })

  test('a cut-off end is found, with and without the snapshot', async () => {
    const { id } = await ended()
    await tamper('DELETE FROM journal WHERE task = ? AND seq = (SELECT max(seq) FROM journal WHERE task = ?)', id, id)
    expect(it.engine.verifyHistory(id)?.problem).toMatch(/^the end is missing: the history was signed at event/)
    await tamper('DELETE FROM snapshots WHERE task = ?', id)
    await tamper('DELETE FROM heads WHERE task = ?', id)
    expect(it.engine.verifyHistory(id)?.problem).toMatch(/^the end is missing: the history was known to have reached/)
  })

  test('the end of a parked task is known by its index row', async () => {
    const { state } = await it.launch('asked')
    await it.until(state.id, ({ phase }) => phase === 'waiting')
    await it.heard('ask_opened')
    expect(it.engine.verifyHistory(state.id)).toBeNull()
    await tamper('DELETE FROM snapshots')
    await tamper('DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)')
    expect(it.engine.verifyHistory(state.id)?.problem).toMatch(/the end is missing/)
  })
})

describe('exported', () => {
  test('one task, a project and everything verify with the public key alone', async () => {
    const { id } = await ended()
    await ended()
    await it.launch('asked')
    await it.db.write((tx) =>
      catalogue.addAudit(tx, { at: 1, by: li, what: 'launch', allowed: true, detail: { n: 1 } }, KEY.audit),
    )
    expect(await verified(exported({ task: id }))).toMatchObject({
      isWhole: true,
      isTrusted: true,
      tasks: 1,
      auditRows: 0,
    })
    expect(await verified(exported({ project: 'default' }))).toMatchObject({ isWhole: true, tasks: 3 })
    expect(await verified(exported({ project: 'elsewhere' }))).toMatchObject({ isWhole: true, tasks: 0 })
    const all = exported()
    expect(await verified(all)).toMatchObject({ isWhole: true, isTrusted: true, tasks: 3, auditRows: 1, faults: [] })
    expect(await verifyExport(all, { audit: KEY.audit })).toMatchObject({ isWhole: true, isTrusted: false })
  })

  test('a signature by another key is not trusted', async () => {
    await ended()
    const report = await verified(exported(), Buffer.alloc(32, 7).toString('base64url'))
    expect(report).toMatchObject({ isWhole: false, isTrusted: false, faults: [{ what: 'signature' }] })
  })

  test('an edit, a gap and a cut-off end of the file are each told where they are', async () => {
    const { id, number } = await ended('plan A')
    const lines = exported({ task: id })
    const entry = (nth: number): number => lines.findIndex((line) => line.includes('"kind":"entry"')) + nth
    const without = (at: number): string[] => lines.filter((_, index) => index !== at)
    const seqOf = (at: number): number => (JSON.parse(lines[at]!) as { seq: number }).seq

    expect(await faultsOf(lines.with(entry(0), lines[entry(0)]!.replace('plan A', 'plan B')))).toEqual([
      `edit #${number} 1`,
      'signature null null',
    ])
    expect(await faultsOf(without(entry(1)))).toEqual([
      `gap #${number} ${seqOf(entry(1))}`,
      `cut #${number} ${JSON.parse(lines.at(-2)!).version + 1}`,
      'signature null null',
      'signature null null',
    ])
    expect((await faultsOf(lines.slice(0, entry(2))))[0]).toBe(`cut #${number} ${seqOf(entry(2))}`)
    expect(await faultsOf(lines.slice(0, -1))).toEqual(['cut null null'])
    expect(await faultsOf([])).toEqual(['cut null null'])
  })

  test('a task taken out of the file whole, with all it signed, shows', async () => {
    const { id } = await ended()
    await ended()
    const lines = exported().filter((line) => !line.includes(id))
    expect((await verified(lines)).faults.map(({ problem }) => problem)).toContain('signed head 1 is missing')
  })

  test('what was tampered with in the store before the export shows too, and so does a removed row of the audit', async () => {
    const { id, number } = await ended('plan A')
    for (const what of ['one', 'two', 'three'])
      await it.db.write((tx) => catalogue.addAudit(tx, { at: 1, by: li, what, allowed: true }, KEY.audit))
    await tamper(`UPDATE journal SET events = replace(events, 'plan A', 'plan B') WHERE task = ? AND seq = 1`, id)
    await tamper(`DELETE FROM audit WHERE what = 'two'`)
    expect(await faultsOf(exported())).toEqual([`edit #${number} 1`, 'removed null 2'])
    await tamper(`DELETE FROM audit WHERE what = 'three'`)
    expect(await faultsOf(exported())).toEqual([`edit #${number} 1`, 'cut null 2'])
    await tamper(`UPDATE audit SET allowed = 0`)
    expect(await faultsOf(exported())).toEqual([`edit #${number} 1`, 'edit null 1', 'cut null 2'])
  })

  test('an audit that was shortened with its counter, or made anew, shows against a row that was kept elsewhere', async () => {
    for (const what of ['one', 'two', 'three'])
      await it.db.write((tx) => catalogue.addAudit(tx, { at: 1, by: li, what, allowed: true }, KEY.audit))
    const rows = it.db.read((tx) => catalogue.auditAfter(tx, 0, 10))
    const { id: row, hash } = rows.at(-1)!
    const auditHead = { row, hash: hash! }
    expect(await verifyExport(exported(), { auditHead })).toMatchObject({ isWhole: true })
    expect(await verifyExport(exported(), { auditHead: { row, hash: rows[0]!.hash! } })).toMatchObject({
      faults: [{ what: 'rewritten', event: row }],
    })
    await tamper(`DELETE FROM audit WHERE what = 'three'`)
    await tamper(`UPDATE sqlite_sequence SET seq = ${row - 1} WHERE name = 'audit'`)
    expect(await verifyExport(exported())).toMatchObject({ isWhole: true }) // nobody else could know
    expect(await verifyExport(exported(), { auditHead })).toMatchObject({ faults: [{ what: 'cut', event: row }] })
  })

  test('a removed head shows to whoever has the key, and in the chain of signatures to everybody', async () => {
    await ended()
    const { id } = await ended()
    await ended()
    await tamper('DELETE FROM heads WHERE task = ?', id)
    const report = await verifyExport(exported(), { audit: KEY.audit })
    expect(report.faults.map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/the head signed before it, was changed or removed/),
      'signed head 2 is missing',
    ])
  })

  test('any byte that is changed, any line that is left out or moved, shows', async () => {
    await ended('some text')
    await it.db.write((tx) => catalogue.addAudit(tx, { at: 1, by: li, what: 'launch', allowed: true }, KEY.audit))
    const lines = exported()
    const text = lines.join('\n')
    const isWhole = async (changed: string): Promise<boolean> => (await verified(changed.split('\n'))).isWhole
    expect(await isWhole(text)).toBe(true)
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 33, max: 126 }), async (at, code) => {
        const byte = String.fromCharCode(code)
        fc.pre(text[at] !== byte)
        expect(await isWhole(text.slice(0, at) + byte + text.slice(at + 1))).toBe(false)
      }),
      { numRuns: 200 },
    )
    for (const last of 'AEIMQUYcgkosw048BCDF') {
      const changed = text.slice(0, -3) + last + text.slice(-2) // left-over bits of the signature
      if (changed !== text) expect(await isWhole(changed)).toBe(false)
    }
    for (const [at] of lines.entries()) {
      expect(await isWhole(lines.filter((_, index) => index !== at).join('\n'))).toBe(false)
      if (at > 0)
        expect(
          await isWhole(
            lines
              .with(at, lines[at - 1]!)
              .with(at - 1, lines[at]!)
              .join('\n'),
          ),
        ).toBe(false)
      expect(await isWhole(lines.slice(0, at).join('\n'))).toBe(false)
    }
  })

  test('a file that is none, or damaged, is told and not thrown', async () => {
    await ended()
    const lines = exported()
    for (const broken of [
      ['{}'],
      ['hello'],
      ['null', '[]', '1'],
      lines.map((line) => line.replace(/"(seq|events|version|hash|id)":[^,}]+/, '"$1":{}')),
      [...lines, ...lines],
      lines.toReversed(),
    ]) {
      const report = await verified(broken)
      expect(report.isWhole).toBe(false)
      expect(report.faults.length).toBeGreaterThan(0)
    }
  })
})

describe('rebuilt', () => {
  test('a task can be looked at as it stood after any event', async () => {
    const { id } = await ended()
    const now = (await it.engine.task(id))!.state
    expect((await it.engine.taskAt(id, 1))!.state).toMatchObject({ version: expect.any(Number), phase: 'running' })
    expect((await it.engine.taskAt(id, now.version))!.state).toEqual(now)
    expect(await it.engine.taskAt(id, 0)).toBeNull()
    expect(await it.engine.taskAt('nobody', 5)).toBeNull()
  })

  test('snapshots of another format, or none, are rebuilt from the history', async () => {
    const { state } = await it.launch('asked')
    const parked = await it.until(state.id, ({ phase }) => phase === 'waiting')
    const at = parked.version
    for (const sql of [`UPDATE snapshots SET state = json_set(state, '$.format', 999)`, 'DELETE FROM snapshots']) {
      await tamper(sql)
      it = await it.restart()
      const view = await it.engine.task(state.id)
      expect(view!.state.version).toBe(at)
      expect(view!.state).toEqual((await it.engine.taskAt(state.id, at))!.state)
    }
  })
})

test('rows of an audit from before it was a chain join it with the next one', async () => {
  const add = (what: string): Promise<void> =>
    it.db.write((tx) => catalogue.addAudit(tx, { at: 1, by: li, what, allowed: true }, KEY.audit))
  await add('one')
  await add('two')
  await tamper('UPDATE audit SET hash = NULL, mac = NULL')
  await add('three')
  expect(await verified(exported())).toMatchObject({ isWhole: true, auditRows: 3, unsignedRows: 0 })
})
