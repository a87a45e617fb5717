import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { LockedError } from '../../engine/index.ts'
import { readConfig } from './config.ts'
import { createLog } from './log.ts'
import { startBaton, type Baton } from './node.ts'
import { createOwnerToken, createPersonToken } from './offline.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-entry-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const config = (data: string, env: Record<string, string> = {}) =>
  readConfig([], { PORT: '0', BATON_DATA: join(folder, data), LOG_LEVEL: 'silent', ...env })
const start = async (data: string, env: Record<string, string> = {}): Promise<{ baton: Baton; said: string[] }> => {
  const said: string[] = []
  return { baton: await startBaton(config(data, env), (line) => said.push(line)), said }
}
async function ask<T>(baton: Baton, token: string, query: string, variables: object = {}): Promise<T> {
  const response = await fetch(`${baton.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown }
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}
async function phase(baton: Baton, token: string, id: string, wanted: string): Promise<void> {
  for (;;) {
    const { task } = await ask<{ task: { phase: string } }>(
      baton,
      token,
      'query($id: ID!) { task(id: $id) { phase } }',
      { id },
    )
    if (task.phase === wanted) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

test('a role for newcomers that nobody knows, or that may do too much, stops the start; a company’s own does not', async () => {
  const env = { OIDC_ISSUER: 'https://id.acme.example', OIDC_CLIENT_ID: 'baton', OIDC_ROLE: 'release-manager' }
  await expect(start('newcomers', env)).rejects.toThrow(
    /^OIDC_ROLE: expected .*starter.*, but there is no release-manager/,
  )
  const apply = async (rights: string): Promise<void> => {
    const { baton } = await start('newcomers')
    const d = `apiVersion: baton/v1\nkind: RightsRole\nmetadata: {name: release-manager}\nspec: {rights: [${rights}]}`
    const owner = await createOwnerToken(join(folder, 'newcomers'))
    await ask(baton, owner, 'mutation($d: String!) { apply(documents: $d) { dryRun } }', { d })
    await baton.stop()
  }
  await apply('view, manage-people')
  await expect(start('newcomers', env)).rejects.toThrow(/^OIDC_ROLE: .* but release-manager manages people$/)
  await apply('view, launch')
  await (await start('newcomers', env)).baton.stop()
})

describe('a first start', () => {
  test('where data is configured it says how to have the examples, once', async () => {
    const { baton, said } = await start('unsaid')
    expect(said[1]).toContain('BATON_EXAMPLES=on')
    await baton.stop()
    const again = await start('unsaid')
    expect(again.said.join('\n')).not.toContain('BATON_EXAMPLES')
    await again.baton.stop()
  })
  test('one that failed (its port was taken) does not count: the next one is the first', async () => {
    const other = await startBaton(config('neighbour'), () => undefined)
    const port = new URL(other.url).port
    // Without BATON_DATA named, examples come at the first start by themselves.
    const plain = { ...config('half'), examples: null }
    await expect(startBaton({ ...plain, port: Number(port) }, () => undefined)).rejects.toThrow(/in use/)
    await other.stop()
    const baton = await startBaton(plain, () => undefined)
    const token = await createOwnerToken(join(folder, 'half'))
    const { apps } = await ask<{ apps: { totalCount: number } }>(baton, token, '{ apps { totalCount } }')
    expect(apps.totalCount).toBe(7)
    await baton.stop()
  })
  test('makes a folder for this user alone, loads the examples, prints the link, and the second start goes on', async () => {
    const { baton, said } = await start('first', { BATON_EXAMPLES: 'on' })
    expect(said).toEqual([`Baton runs at ${baton.url}`, `Owner link: ${baton.ownerLink}`])
    const data = join(folder, 'first')
    expect(statSync(data).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(data)) expect(statSync(join(data, name)).mode & 0o077, name).toBe(0)

    const token = await createOwnerToken(data) // beside the running server
    const { apps, viewer } = await ask<{ apps: { nodes: { name: string }[] }; viewer: object }>(
      baton,
      token,
      '{ apps { nodes { name } } viewer { isOwner person { businessRoles } } }',
    )
    expect(apps.nodes.map(({ name }) => name).sort()).toEqual([
      'ask-restart',
      'clear-cache',
      'health-check',
      'release',
      'release-itsm',
      'restart',
      'test-user',
    ])
    expect(viewer).toEqual({
      isOwner: true,
      person: { businessRoles: expect.arrayContaining(['product', 'qa', 'ops', 'qc', 'duty']) },
    })
    const { launch } = await ask<{ launch: { id: string } }>(
      baton,
      token,
      'mutation { launch(input: { app: "release", variables: { version: "v2.14.0" } }) { id } }',
    )
    await phase(baton, token, launch.id, 'WAITING')
    await baton.stop()
    expect(existsSync(join(data, 'baton.db.holder.json'))).toBe(false)

    const again = await start('first', { BATON_EXAMPLES: 'on' })
    expect(again.baton.ownerLink).not.toBe(baton.ownerLink) // a token made by hand does not end it
    await phase(again.baton, token, launch.id, 'WAITING')
    const code = again.baton.ownerLink!.split('code=')[1]
    const signIn = (given: string | undefined) =>
      fetch(`${again.baton.url}/auth/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: given }),
      })
    expect((await signIn(baton.ownerLink!.split('code=')[1])).status).toBe(404)
    expect((await signIn(code)).status).toBe(200)
    await again.baton.stop()
    const third = await start('first', { BATON_EXAMPLES: 'on' })
    expect(third.said).toEqual([`Baton runs at ${third.baton.url}`])
    await third.baton.stop()
  }, 60_000)

  test('without examples there are none', async () => {
    const { baton } = await start('bare')
    const token = await createPersonToken(join(folder, 'bare'), 'Pat', 'viewer')
    expect(
      await ask(baton, token, '{ viewer { person { name role } server { exampleMode } } apps { totalCount } }'),
    ).toEqual({
      viewer: { person: { name: 'Pat', role: 'viewer' }, server: { exampleMode: false } },
      apps: { totalCount: 0 },
    })
    await baton.stop()
  })
})

test('an idle connection is kept for longer than clients keep theirs, so that none closes while a call is on its way', async () => {
  const { baton } = await start('idle')
  const seconds = /timeout=(\d+)/.exec((await fetch(`${baton.url}/healthz`)).headers.get('keep-alive') ?? '')?.[1]
  expect(Number(seconds)).toBeGreaterThan(60)
  await baton.stop()
})

describe('a start that cannot be', () => {
  test('a second engine on the same folder names the first', async () => {
    const { baton } = await start('locked')
    await expect(start('locked')).rejects.toThrow(LockedError)
    await expect(start('locked')).rejects.toThrow(`process ${process.pid}`)
    await baton.stop()
  })
  test('a port in use is one clear line', async () => {
    const { baton } = await start('port')
    await expect(start('port2', { PORT: new URL(baton.url).port })).rejects.toThrow(/^PORT: .* is in use/)
    await baton.stop()
  })
  test('a token where there is no Baton says so', async () => {
    await expect(createOwnerToken(join(folder, 'nowhere'))).rejects.toThrow(/there is no Baton in/)
  })
})

test('logs mask known secrets by value, wherever they stand', () => {
  const lines: string[] = []
  const { log, masking } = createLog('info', (line) => lines.push(line))
  masking.add('xoxb-very-secret')
  masking.add('line one\nline "two"')
  log.error(
    { err: new Error('refused xoxb-very-secret'), headers: { authorization: 'Bearer abc' } },
    'said line one\nline "two"',
  )
  expect(lines.join('')).not.toMatch(/xoxb-very-secret|Bearer abc|line one/)
})
