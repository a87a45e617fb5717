import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../cli/main.ts'
import { openDatabase } from '../../engine/index.ts'
import { headText, isSignedBy } from '../../engine/store/history/index.ts'
import type { World } from '../../cli/context.ts'
import { listen, type Listener } from './listen.ts'
import { startTestServer, type TestServer } from '../test/support.ts'
import { openKey } from './data.ts'
import { historyCommand } from './history.ts'
import { createOwnerToken } from './offline.ts'

let server: TestServer
let listener: Listener
let folder: string
let task: { id: string; number: number }
const KEY = new Uint8Array(32).fill(7) // the test server's
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baton-history-'))
  writeFileSync(join(folder, 'key'), Buffer.from(KEY).toString('base64'))
  server = await startTestServer()
  listener = await listen({ port: 0, host: '127.0.0.1' })
  listener.use((request, bindings) => server.app.fetch(request, bindings))
  task = await server.launch()
  await server.until(task.id, 'waiting')
})
afterAll(async () => {
  await listener.close()
  await server.end()
  rmSync(folder, { recursive: true })
})

async function baton(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const world: World = {
    env: { ...process.env, BATON_URL: listener.url, BATON_TOKEN: server.tokens.Ada, BATON_DATA: folder, BATON_KEY: '' },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    redraw: null,
    readInput: () => '',
    signal: new AbortController().signal,
  }
  const code = await main(argv, world)
  return { code, out: out.join('\n'), err: err.join('\n') }
}
async function entry(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const code = await historyCommand(
    argv,
    { BATON_DATA: folder },
    (line) => out.push(line),
    (line) => err.push(line),
  )
  return { code, out: out.join('\n'), err: err.join('\n') }
}
const file = (name: string): string => join(folder, name)

describe('an auditor with nothing but the file and the public key', () => {
  test('exports, verifies, and is told where somebody changed it', async () => {
    expect(await baton('history', 'export', `#${task.number}`, '-o', file('one'))).toMatchObject({ code: 0, out: '' })
    const key = (await baton('history', 'key')).out
    expect(key).toMatch(/^ed25519:[\w-]{43}$/)
    expect(await baton('verify', file('one'), '--key', key)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Whole: 1 task, \d+ entries, exported .*\nSigned by the key that was expected\.$/),
    })
    expect((await entry('verify', file('one'))).out).toContain('compare it with `baton history key`')
    expect((await entry('verify', file('one'), '--key', file('key'))).code).toBe(0)

    const text = readFileSync(file('one'), 'utf8')
    writeFileSync(file('edited'), text.replace('\\"version\\":\\"v1\\"', '\\"version\\":\\"v9\\"'))
    const edited = await entry('verify', file('edited'), '--key', key)
    expect(edited).toMatchObject({ code: 1, err: expect.stringContaining(`edit       #${task.number}  event 1`) })
    expect(edited.err).toContain('NOT WHOLE')
    writeFileSync(file('cut'), text.split('\n').slice(0, -3).join('\n'))
    expect((await entry('verify', file('cut'), '--json')).code).toBe(1)
    expect(JSON.parse((await entry('verify', file('cut'), '--json')).out)).toMatchObject({
      isWhole: false,
      faults: expect.arrayContaining([expect.objectContaining({ what: 'cut', task: `#${task.number}` })]),
    })
    const stranger = `ed25519:${Buffer.alloc(32, 3).toString('base64url')}`
    expect((await entry('verify', file('one'), '--key', stranger)).err).toContain('not by the key that was expected')
  })

  test('everything, audit included, comes without -o line by line', async () => {
    const { code, out } = await baton('history', 'export')
    expect(code).toBe(0)
    writeFileSync(file('all'), `${out}\n`)
    expect((await entry('verify', file('all'), '--key', file('key'))).out).toContain('of the audit')
  })

  test('what cannot be is one clear line', async () => {
    expect(await baton('history', 'export', '#99')).toMatchObject({
      code: 1,
      err: 'there is no task 99 that you may see',
    })
    expect(await baton('history', 'export', '-o', file('key'))).toMatchObject({
      code: 1,
      err: `${file('key')} exists already`,
    })
    expect((await baton('history', 'forget')).code).toBe(2)
    expect((await entry('verify')).code).toBe(2)
    expect((await entry('verify', file('nothing'))).code).toBe(2)
    expect((await entry('verify', file('one'), '--key', 'rubbish')).code).toBe(2)
    expect((await entry('verify', '--nonsense')).code).toBe(2)
    expect((await entry('forget')).code).toBe(2)
    expect((await entry('backup')).code).toBe(2)
    expect((await entry('restore')).code).toBe(2)
    expect(await entry('backup', '-o', file('b'))).toMatchObject({ code: 1, err: `there is no Baton in ${folder}` })
    expect(await entry('restore', file('nothing'))).toMatchObject({ code: 1, err: `${file('nothing')} does not exist` })
  })
})

test('a head that was kept elsewhere shows a history that ends before it, or is another one', async () => {
  type Shown = { task: { historyHead: { event: number; hash: string; signature: string } } }
  const query = 'query($id: ID!) { task(id: $id) { historyHead { event hash signature } } }'
  const { event, hash, signature } = (await server.as<Shown>('Ada', query, { id: task.id })).data.task.historyHead
  expect(isSignedBy(server.engine.verifyKey, headText(task.id, event, hash), signature)).toBe(true)
  await baton('history', 'export', String(task.number), '-o', file('kept'))
  expect((await entry('verify', file('kept'), '--head', `${event}:${hash}`)).code).toBe(0)
  const later = await entry('verify', file('kept'), '--head', `${event + 1}:${hash}`)
  expect(later.err).toMatch(/the end is missing/)
  const other = await entry('verify', file('kept'), '--head', `${event}:${'0'.repeat(64)}`)
  expect(other.err).toMatch(/is another one than was signed/)
  expect((await entry('verify', file('kept'), '--head', 'then')).code).toBe(2)
})

test('a history is checked in place, and a task looked at as it stood', async () => {
  expect(await baton('history', 'check', String(task.number))).toMatchObject({ code: 0, out: 'Whole.' })
  const past = await baton('task', String(task.number), '--at', '1', '--json')
  expect(JSON.parse(past.out)).toMatchObject({ phase: 'RUNNING', availableActions: [] })
  expect((await baton('task', String(task.number), '--at', 'then')).code).toBe(2)
})

test('how long a project keeps what has ended is shown, set, and stands in the audit', async () => {
  expect((await baton('retention')).out).toBe(
    'default keeps ended tasks 180 days, then in the archive; logs 30 days; statistics 730 days; the audit for ever.',
  )
  const unknown = await baton('retention', '--project', 'shop', '--tasks', 'never')
  expect(unknown.code).toBe(1)
  expect(unknown.err).toContain('There is no project “shop” yet.')
  expect(unknown.err).not.toContain('--new-project')
  await server.db.write(() => server.db.prepare("INSERT INTO grants VALUES ('p_olga', 'shop', 'operator')").run())
  // Its documents are gone; its tasks are not.
  await server.db.write(() =>
    server.db.prepare("INSERT INTO flow_versions VALUES ('closed', 'f', 1, 'd', '{}', '', NULL, 0, 0, 'p_ada')").run(),
  )
  expect((await baton('retention', '--project', 'closed')).out).toContain('closed keeps ended tasks 180 days')
  expect((await baton('retention', '--project', 'shpo')).err).toContain('Did you mean “shop”?')
  expect((await baton('retention', '--project', 'shop', '--tasks', 'never')).out).toContain(
    'shop keeps ended tasks for ever',
  )
  expect(JSON.parse((await baton('retention', '--project', 'shop', '--logs', '7', '--json')).out)).toEqual({
    project: 'shop',
    tasksDays: null,
    logsDays: 7,
    statisticsDays: 730,
  })
  expect((await baton('retention', '--logs', '0')).err).toContain('1 to 36500 days')
  expect((await baton('retention', '--logs', 'soon')).code).toBe(2)
  const refused = await server.as('Olga', 'mutation { setRetention(logsDays: 1) { project } }')
  expect(refused.errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
  expect(server.db.prepare("SELECT count(*) FROM audit WHERE what = 'setRetention' AND allowed = 1").get()![0]).toBe(2)
})

test('a backup is made, restored into a folder of its own, and no start takes that for a new one', async () => {
  const [from, to] = ['from', 'to'].map(file) as [string, string]
  const db = openDatabase(join(from, 'baton.db'))
  await createOwnerToken(from)
  expect(await entry('backup', '-o', file('backup'), '--data', from)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/0 tasks.*\nThe key does not lie in it/s),
  })
  expect((await entry('backup', file('with'), '--with-key', '--data', from)).err).toContain('there is no key here')
  expect((await entry('restore', file('backup'), '--data', from)).err).toContain('to be the only engine')
  await db.close()
  const { code, out } = await entry('restore', file('backup'), '--data', to)
  expect([code, out]).toEqual([0, expect.stringContaining('every task that had not ended is paused')])
  expect(existsSync(join(to, 'started'))).toBe(true)
  expect(JSON.parse((await entry('restore', file('backup'), '--data', to, '--go-on', '--json')).out)).toMatchObject({
    tasks: 0,
    aside: expect.stringContaining('before-restore'),
  })
})

test('a token made beside the server stands in the audit, signed where the key lies in the folder', async () => {
  const data = file('beside')
  const db = openDatabase(join(data, 'baton.db'))
  await createOwnerToken(data)
  openKey(data, null)
  await createOwnerToken(data)
  const rows = db.prepare('SELECT hash IS NOT NULL, mac IS NOT NULL FROM audit ORDER BY id').all()
  expect(rows).toEqual([
    [1, 0],
    [1, 1],
  ])
  await db.close()
})

test('an archived task is shown by its number, and says that it is in the archive', async () => {
  const old = await server.launch({ ok: true })
  await server.until(old.id, 'waiting')
  await server.as('Ada', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', { id: old.id })
  await server.until(old.id, 'revoked')
  await expect.poll(() => server.db.prepare('SELECT 1 FROM heads WHERE task = ?').get([old.id])).toBeTruthy()
  await expect.poll(() => server.db.prepare('SELECT count(*) FROM outbox').get()![0]).toBe(0)
  await expect.poll(() => server.db.prepare('SELECT 1 FROM awake WHERE task = ?').get([old.id]) ?? null).toBeNull()
  server.clock.now += 181 * 86_400_000
  await expect.poll(async () => (await server.engine.tidy(), server.engine.archivedAt(old.id))).not.toBeNull()
  const { code, out } = await baton('task', `#${old.number}`)
  expect([code, out]).toEqual([0, expect.stringMatching(/in the archive since 20\d\d-/)])
  expect((await baton('tasks')).out).not.toContain(`#${old.number} `)
  expect((await baton('stop', `#${old.number}`)).code).toBe(1)
  const { data } = await server.as(
    'Ada',
    'query($id: ID!) { task(id: $id) { archivedAt availableActions { action } } }',
    {
      id: old.id,
    },
  )
  expect(data).toMatchObject({ task: { availableActions: [{ action: 'run_again' }] } }) // a launch of its own
  expect((await baton('history', 'check', `#${old.number}`)).out).toBe('Whole.')
})
