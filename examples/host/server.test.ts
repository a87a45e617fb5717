import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, expect, test } from 'vitest'
import { builtInPlugins, probeHost, scanHostKey } from '../../plugins/index.ts'
import { testContext, until } from '../../plugins/testing.ts'
import { startExampleHosts } from './server.ts'
import type { ExampleHost } from './server.ts'
import { newKeyPair } from '../../test/keys.ts'

const dir = mkdtempSync(join(tmpdir(), 'baton-example-'))
const plugins = builtInPlugins({ ssh: { retryMs: [50] } })
const script = plugins.find((plugin) => plugin.code === 'ssh.script')!
afterAll(async () => {
  for (const plugin of plugins) await plugin.dispose?.()
  rmSync(dir, { recursive: true, force: true })
})
const access = (host: ExampleHost) => ({
  name: host.name,
  address: host.address,
  port: host.port,
  user: host.user,
  key: host.privateKeyPem,
  hostKey: host.fingerprint,
  via: null,
})
const inputs = (host: ExampleHost, text: string) => script.inputs.parse({ host: host.name, script: text })

test('each example host has its own home, and scripts reach it by the ordinary path', async () => {
  const example = await startExampleHosts({ dir, names: ['build-1', 'web-1'] })
  const [build, web] = example.hosts as [ExampleHost, ExampleHost]
  const ctx = () => testContext({ hosts: example.hosts.map(access) })
  expect(await script.execute(ctx(), inputs(build, 'echo "$HOME"; exit 3'))).toMatchObject({
    kind: 'fail',
    code: 'EXIT_3',
    outputs: { stdout: `${join(dir, 'build-1/home')}\n` },
  })
  expect(await script.execute(ctx(), inputs(web, 'echo "$HOME"'))).toMatchObject({
    kind: 'done',
    outputs: { stdout: `${join(dir, 'web-1/home')}\n` },
  })
  expect(await scanHostKey('127.0.0.1', web.port)).toBe(web.fingerprint)
  expect(await probeHost(access(web))).toMatchObject({ fit: true, home: join(dir, 'web-1/home') })
  expect(statSync(join(dir, 'login_key')).mode & 0o777).toBe(0o600)
  expect(statSync(join(dir, 'web-1/host_key')).mode & 0o777).toBe(0o600)
  await example.close()
})

test('a restart keeps keys and ports, and a script that runs meanwhile is picked up again', async () => {
  const first = await startExampleHosts({ dir, names: ['web-1'] })
  const host = first.hosts[0]!
  const text = 'echo one; while [ ! -e go ]; do sleep 0.05; done; echo two; echo x >> ran'
  const before = testContext({ hosts: [access(host)] })
  const running = script.execute(before, inputs(host, text))
  await until('it runs', () => before.logged() === 'one\n')
  before.abort('detach')
  await expect(running).rejects.toBe('detach')
  await first.close()

  const second = await startExampleHosts({ dir, names: ['web-1'] })
  expect(second.hosts).toEqual(first.hosts)
  writeFileSync(join(dir, 'web-1/home/go'), '')
  const after = testContext({ hosts: [access(host)], key: before.idempotencyKey })
  expect(await script.resume?.(after, null, inputs(host, text))).toMatchObject({
    kind: 'done',
    outputs: { stdout: 'one\ntwo\n' },
  })
  expect(readFileSync(join(dir, 'web-1/home/ran'), 'utf8')).toBe('x\n')
  await second.close()
})

test('no other key, and no terminal', async () => {
  const example = await startExampleHosts({ dir, names: ['web-1'] })
  const host = example.hosts[0]!
  const stranger = newKeyPair().private
  const ctx = testContext({ hosts: [{ ...access(host), key: stranger }] })
  expect(await script.execute(ctx, inputs(host, 'true'))).toMatchObject({ kind: 'fail', code: 'HOST_LOGIN_REFUSED' })
  const client = new ssh2.Client()
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve)
    client.once('error', reject)
    client.connect({ host: host.address, port: host.port, username: host.user, privateKey: host.privateKeyPem })
  })
  await expect(
    new Promise((resolve, reject) => client.shell((error, channel) => (error ? reject(error) : resolve(channel)))),
  ).rejects.toThrow()
  client.end()
  await example.close()
})
