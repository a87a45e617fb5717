/** What adding a host finds there, as people read it. */
import { afterEach, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import type { HostProbe } from '../modules/host/prober.ts'
import { startTestServer, type TestServer } from './support.ts'

const KEY = `SHA256:${'a'.repeat(43)}`
const DOCUMENTS = `
apiVersion: baton/v1
kind: SecretRef
metadata: {name: ssh}
spec: {keys: [key]}
---
apiVersion: baton/v1
kind: Host
metadata: {name: web-1}
spec: {address: 10.0.0.1, user: deploy, key: ssh.key}
`
const PROBE = '{ hosts { name probe { state ok system missing { code needed what why wayOut } } } }'
interface Probed {
  readonly hosts: readonly {
    readonly probe: {
      readonly state: string
      readonly ok: boolean
      readonly system: string | null
      readonly missing: readonly { code: string; needed: boolean; what: string; why: string; wayOut: string }[]
    } | null
  }[]
}

let server: TestServer
afterEach(() => server?.end())

async function withHost(probeHost: HostProbe, { secret = true } = {}): Promise<void> {
  server = await startTestServer({ over: { probeHost } })
  const { errors } = await server.as(
    'Ada',
    'mutation($documents: String!) { apply(documents: $documents) { dryRun } }',
    {
      documents: DOCUMENTS,
    },
  )
  expect(errors).toBeUndefined()
  if (secret)
    await server.as('Ada', 'mutation { setSecret(namespace: "ssh", key: "key", value: "a key, private") { key } }')
  await server.as('Ada', 'mutation { scanHost(name: "web-1") { name } }')
}
const confirm = (who: 'Ada' | 'Mai' = 'Ada') =>
  server.as<{ confirmHostKey: { probe: { state: string } | null } }>(
    who,
    'mutation($fingerprint: String!) { confirmHostKey(name: "web-1", fingerprint: $fingerprint) { probe { state } } }',
    { fingerprint: KEY },
  )
const found = async (language = 'en') => {
  await server.as('Ada', 'mutation { probeHost(name: "web-1") { name } }')
  const { data } = await server.as<Probed>('Ada', PROBE, {}, { 'accept-language': language })
  return data.hosts[0]!.probe
}

test('confirming a key starts a look, and does not wait for it', async () => {
  let looks = 0
  let answer = (): void => undefined
  await withHost(async (host) => {
    looks += 1
    expect(host).toMatchObject({ name: 'web-1', hostKey: KEY, key: 'a key, private' })
    await new Promise<void>((resolve) => (answer = resolve))
    return { system: 'Linux 6.1.0 x86_64', findings: [] }
  })
  expect((await server.as<Probed>('Ada', PROBE)).data.hosts[0]!.probe).toBeNull()
  expect((await confirm()).data.confirmHostKey.probe).toEqual({ state: 'PROBING' })
  await expect.poll(() => looks).toBe(1)
  const asked = found() // joins the look under way
  answer()
  expect(await asked).toEqual({ state: 'READY', ok: true, system: 'Linux 6.1.0 x86_64', missing: [] })
  expect(looks).toBe(1)
})

test('what is missing is named with the reason and the way out, in the reader’s language', async () => {
  await withHost(async () => ({
    system: 'Linux',
    findings: [
      { code: 'NO_LINGER', fatal: true, arg: 'deploy', message: '…' },
      { code: 'NO_SETSID', fatal: false, arg: '' },
    ],
  }))
  await confirm()
  expect(await found()).toMatchObject({
    state: 'LACKING',
    ok: false,
    missing: [
      { code: 'NO_LINGER', needed: true, wayOut: 'Run there: loginctl enable-linger deploy' },
      { code: 'NO_SETSID', needed: false, wayOut: 'Install util-linux on web-1.' },
    ],
  })
  expect((await found('zh'))!.missing[0]!.wayOut).toBe('在那里运行：loginctl enable-linger deploy')
})

test('a host that only lacks what is good to have is ready', async () => {
  await withHost(async () => ({ system: 'Linux', findings: [{ code: 'NO_SETSID', fatal: false, arg: '' }] }))
  await confirm()
  expect(await found()).toMatchObject({ state: 'READY', ok: true, missing: [{ code: 'NO_SETSID' }] })
})

test('a host that cannot be reached says why', async () => {
  await withHost(async () => {
    throw Object.assign(new Error('Cannot reach web-1 (10.0.0.1:22): no answer in 10 s'), { code: 'HOST_UNREACHABLE' })
  })
  await confirm()
  expect(await found()).toMatchObject({
    state: 'UNREACHABLE',
    missing: [{ code: 'HOST_UNREACHABLE', needed: true, why: 'Cannot reach web-1 (10.0.0.1:22): no answer in 10 s' }],
  })
})

test('a key that was never stored is told before anything is tried', async () => {
  await withHost(
    async () => {
      throw new Error('never asked')
    },
    { secret: false },
  )
  await confirm()
  const probe = await found()
  expect(probe).toMatchObject({ state: 'UNREACHABLE', missing: [{ code: 'NOT_FOUND' }] })
  expect(probe!.missing[0]!.why).toContain('ssh.key has no value yet')
})

test('a host whose key a document brings is looked at when it is added', async () => {
  let looks = 0
  await withHost(async () => {
    looks += 1
    return { system: 'Linux', findings: [] }
  })
  const pinned = DOCUMENTS.replace('key: ssh.key', `key: ssh.key, hostKey: "${KEY}"`).replaceAll('web-1', 'web-9')
  await server.as('Ada', 'mutation($documents: String!) { apply(documents: $documents) { dryRun } }', {
    documents: pinned,
  })
  await expect.poll(() => looks).toBe(1)
})

test('who may not manage hosts looks at none', async () => {
  await withHost(async () => ({ system: 'Linux', findings: [] }))
  expect((await confirm('Mai')).errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-hosts' })
  const { errors } = await server.as('Mai', 'mutation { probeHost(name: "web-1") { name } }')
  expect(errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-hosts' })
})

test('two projects may each have a host of one name: who manages one has no say over the other', async () => {
  await withHost(async () => ({ system: 'Linux', findings: [] }), { secret: false })
  await server.as('Ada', 'mutation($documents: String!) { apply(documents: $documents) { dryRun } }', {
    documents: DOCUMENTS.replaceAll('name: ssh', 'name: shop_ssh, project: shop')
      .replaceAll('name: web-1', 'name: web-1, project: shop')
      .replaceAll('ssh.key', 'shop_ssh.key')
      .replaceAll('shop_shop_', 'shop_'),
  })
  const hosts = async (wanted = ''): Promise<unknown> =>
    (await server.as<{ hosts: unknown }>('Ada', `{ hosts${wanted} { project name offeredFingerprint } }`)).data.hosts
  expect(await hosts()).toHaveLength(2)
  expect(await hosts('(project: "shop")')).toEqual([{ project: 'shop', name: 'web-1', offeredFingerprint: null }])
  await server.db.write((tx) => catalogue.grant(tx, server.ids.Omar, 'shop', 'author'))
  const scan = (project?: string) =>
    server.as('Omar', 'mutation($project: String) { scanHost(name: "web-1", project: $project) { project } }', {
      project,
    })
  expect((await scan('shop')).data).toEqual({ scanHost: { project: 'shop' } })
  expect((await scan()).errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-hosts' })
  expect(await hosts('(project: "shop")')).toMatchObject([{ offeredFingerprint: KEY }])
})
