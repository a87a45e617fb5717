/** What owners do in the terminal, against the whole API. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, startTestServer, type Name, type TestServer } from '../api/test/support.ts'
import { verifyExport } from '../engine/index.ts'
import type { World } from '../cli/context.ts'
import { main } from '../cli/main.ts'

let server: TestServer
let folder: string
beforeEach(async () => {
  server = await startTestServer()
  folder = mkdtempSync(join(tmpdir(), 'baton-admin-'))
})
afterEach(() => server.end())

async function baton(
  who: Name,
  argv: readonly string[],
  input = '',
): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const world: World = {
    env: { BATON_TOKEN: server.tokens[who], BATON_URL: 'http://baton.test', HOME: folder },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    redraw: null,
    readInput: () => input,
    fetch: (request) => server.app.request(request),
    signal: new AbortController().signal,
  }
  const code = await main(argv, world)
  return { code, out: out.join('\n'), err: err.join('\n') }
}
const file = (text: string): string => {
  const path = join(folder, 'd.yaml')
  writeFileSync(path, text)
  return path
}
const CONSTANT = 'apiVersion: baton/v1\nkind: Constant\nmetadata: {name: REGION}\nspec: {value: eu}\n'

test('secrets: set, listed with who may use them and never shown, removed', async () => {
  await baton('Ada', [
    'apply',
    file('apiVersion: baton/v1\nkind: SecretRef\nmetadata: {name: web}\nspec: {keys: [token], flows: [ship]}\n'),
  ])
  expect((await baton('Ada', ['secret', 'list'])).out).toMatch(/web\.token +NOT SET +for ship +never used/)
  expect((await baton('Ada', ['secret', 'set', 'web.token'], 'correct horse\n')).out).toBe('web.token is set.')
  const { out } = await baton('Ada', ['secret', 'list'])
  expect(out).toMatch(/web\.token +set .* by Ada/)
  expect(out).not.toContain('correct horse')
  expect(JSON.parse((await baton('Ada', ['secret', 'list', '--json'])).out)).toMatchObject([
    { key: 'token', flows: ['ship'] },
  ])
  expect(await baton('Ada', ['secret', 'remove', 'web.token'])).toMatchObject({ code: 0, out: 'web.token is gone.' })
  expect(await baton('Mai', ['secret', 'list'])).toMatchObject({ code: 4 })
  expect(await baton('Ada', ['secret', 'set', 'web'])).toMatchObject({ code: 2 })
})

test('documents: listed, shown with their status as comments, and what was shown can be applied again', async () => {
  expect((await baton('Ada', ['apply', file(CONSTANT), '--manager', 'git'])).out).toContain('Constant/REGION created')
  expect((await baton('Ada', ['get', 'Constant'])).out).toMatch(/Constant\/REGION +generation 1 .* git/)
  const { out } = await baton('Ada', ['get', 'Constant/REGION', '--status'])
  expect(out).toContain('# Valid: true')
  expect(out).toContain('# git looks after spec.value')
  expect((await baton('Ada', ['apply', file(`${out}\n`), '--manager', 'git'])).out).toContain('unchanged')
  expect(await baton('Ada', ['get', 'Constant/NOWHERE'])).toMatchObject({ code: 1 })
})

test('apply names each field that is somebody else’s, shows the diff beforehand, and says what force took', async () => {
  await baton('Ada', ['apply', file(CONSTANT), '--manager', 'git'])
  const other = file(CONSTANT.replace('eu', 'us'))
  expect(await baton('Ada', ['apply', other])).toMatchObject({
    code: 5,
    err: expect.stringContaining('Constant/REGION spec.value, looked after by git'),
  })
  expect((await baton('Ada', ['apply', other, '--force', '--dry-run'])).out).toContain('spec.value: "eu" → "us"')
  expect((await baton('Ada', ['get', 'Constant/REGION'])).out).toContain('eu')
  expect((await baton('Ada', ['apply', other, '--force'])).out).toContain('spec.value taken from git')
})

test('the audit: found by what and who, whole, exported and verified', async () => {
  await baton('Mai', ['secret', 'set', 'web.token'], 'correct horse')
  await baton('Ada', ['secret', 'set', 'web.token'], 'correct horse')
  const rows = await eventually(async () => {
    const { out } = await baton('Ada', ['audit', 'list', '--what', 'setSecret', '--json'])
    const found = out.split('\n').filter(Boolean)
    return found.length === 2 && found.map((line) => JSON.parse(line) as { allowed: boolean; by: { name: string } })
  })
  expect(rows).toMatchObject([
    { allowed: true, by: { name: 'Ada' } },
    { allowed: false, by: { name: 'Mai' } },
  ])
  expect((await baton('Ada', ['audit', '--refused'])).out).toMatch(
    /Refused: Mai wanted to set the secret .*Right missing: manage secrets \(manage-secrets\)/,
  )
  expect((await baton('Ada', ['audit', 'list', '--person', 'Mai', '--from', '2030-01-01'])).out).toBe('')
  expect(await baton('Ada', ['audit', 'list', '--from', 'soon'])).toMatchObject({ code: 2 })
  expect((await baton('Ada', ['audit', 'check'])).out).toMatch(/^Whole: \d+ rows/)
  const path = join(folder, 'audit.jsonl')
  expect(await baton('Ada', ['audit', 'export', '-o', path])).toMatchObject({ code: 0 })
  expect(await verifyExport(readFileSync(path, 'utf8').trimEnd().split('\n'))).toMatchObject({
    isWhole: true,
    tasks: 0,
  })
  await server.db.write(() => server.db.prepare("UPDATE audit SET name = 'Nobody' WHERE what = 'setSecret'").run())
  expect(await baton('Ada', ['audit', 'check'])).toMatchObject({ code: 1, out: expect.stringContaining('NOT WHOLE') })
  expect(await baton('Aki', ['audit'])).toMatchObject({ code: 4 })
})

test('statistics: by app and by step, and counted anew', async () => {
  expect((await baton('Ada', ['stats'])).out).toBe('No task ended in these days.')
  const { data } = await server.as<{ launch: { id: string } }>(
    'Ada',
    'mutation { launch(input: {flow: "wait"}) { id } }',
  )
  await server.until(data.launch.id, 'running')
  server.clock.now += 90_000
  await server.as('Ada', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', data.launch)
  await server.until(data.launch.id, 'revoked')
  expect((await baton('Ada', ['stats'])).out).toMatch(/Wait +1 +– .* 1$/m)
  expect((await baton('Ada', ['stats', '--flow', 'wait', '--days', '7'])).out).toMatch(/Hang +1/)
  expect((await baton('Ada', ['stats', 'rebuild'])).out).toBe('1 task was counted anew.')
  expect(JSON.parse((await baton('Ada', ['stats', '--json'])).out)).toMatchObject({ total: { runs: 1, revoked: 1 } })
  expect(await baton('Stu', ['stats'])).toMatchObject({ code: 4 })
  expect(await baton('Ada', ['stats', '--days', 'many'])).toMatchObject({ code: 2 })
})
