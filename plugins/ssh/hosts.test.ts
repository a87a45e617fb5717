/** Who a host is, whether it lets us in, and by which way. */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HostAccess, Plugin } from '../../engine/plugin/index.ts'
import { fingerprintOfPublic, startSshd } from '../../test/sshd.ts'
import type { Sshd } from '../../test/sshd.ts'
import { skipLine, system } from '../../test/system.ts'
import { testContext, until } from '../testing.ts'
import { createPool, scanHostKey } from './connection.ts'
import { sshPut } from './put.ts'
import { sshScript } from './script.ts'
import { newKeyPair } from '../../test/keys.ts'

const { sshd: hasSshd } = system()
if (!hasSshd) skipLine('host keys and logins against a real OpenSSH server: sshd is missing')

describe.skipIf(!hasSshd)('a host', () => {
  let sshd: Sshd
  let plugin: Plugin
  beforeAll(async () => {
    sshd = await startSshd()
    plugin = sshScript(createPool({ connectTimeoutMs: 2000 }), { retryMs: [50] })
  })
  afterAll(async () => {
    await plugin.dispose?.()
    await sshd.close()
  })
  const run = async (host: HostAccess, script = 'echo hi') => {
    const ctx = testContext({ hosts: [host] })
    return { ctx, result: await plugin.execute(ctx, plugin.inputs.parse({ host: 'web-2', script })) }
  }

  test('shows its key as ssh-keygen prints it', async () => {
    const printed = execFileSync('ssh-keygen', ['-lf', join(sshd.dir, 'host_key')], { encoding: 'utf8' })
    expect(await scanHostKey('127.0.0.1', sshd.port)).toBe(printed.split(' ')[1])
    expect(sshd.host.hostKey).toBe(printed.split(' ')[1])
  })

  test('whose key nobody has confirmed is refused, and the owner is told its fingerprint', async () => {
    const { ctx, result } = await run({ ...sshd.host, hostKey: null })
    expect(result).toMatchObject({
      kind: 'fail',
      code: 'HOST_KEY_UNCONFIRMED',
      message: expect.stringContaining(sshd.host.hostKey),
    })
    expect(ctx.keysSeen).toEqual([{ host: 'web-2', fingerprint: sshd.host.hostKey }])
  })

  test('that shows another key than the confirmed one is refused, and the owner is told', async () => {
    const confirmed = sshd.host
    await sshd.stop()
    await sshd.start({ newKeys: true })
    const { ctx, result } = await run(confirmed)
    expect(result).toMatchObject({ kind: 'fail', code: 'HOST_KEY_CHANGED' })
    expect(ctx.keysSeen).toEqual([{ host: 'web-2', fingerprint: sshd.host.hostKey }])
    expect((await run(sshd.host)).result).toMatchObject({ kind: 'done' })
  })

  test('whose key changes while a script runs there: lost, since we cannot look', async () => {
    const ctx = testContext({ hosts: [sshd.host] })
    const running = plugin.execute(ctx, plugin.inputs.parse({ host: 'web-2', script: 'echo begun; sleep 30' }))
    await until('it runs', () => ctx.logged() === 'begun\n')
    await sshd.stop()
    await sshd.start({ newKeys: true })
    expect(await running).toMatchObject({ kind: 'fail', code: 'HOST_KEY_CHANGED', cause: 'lost' })
  })

  test('is known by any of its keys, not only the one we would ask for first', async () => {
    const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
    const server = await startSshd()
    writeFileSync(join(server.dir, 'rsa'), rsa.private, { mode: 0o600 })
    await server.stop()
    const both = await startSshd({ dir: server.dir, port: server.port, config: [`HostKey ${server.dir}/rsa`] })
    expect((await run({ ...both.host, hostKey: fingerprintOfPublic(rsa.public) })).result).toMatchObject({
      kind: 'done',
    })
    expect((await run({ ...both.host, hostKey: both.host.hostKey })).result).toMatchObject({ kind: 'done' })
    await both.close()
  })

  test('that does not know our key, and a key that is none, are told apart', async () => {
    const stranger = newKeyPair().private
    expect((await run({ ...sshd.host, key: stranger })).result).toMatchObject({
      code: 'HOST_LOGIN_REFUSED',
      message: expect.stringMatching(/^web-2 does not let .* in with the stored key$/),
    })
    const pasted = sshd.host.key.trim().replaceAll('\n', '\r\n')
    expect((await run({ ...sshd.host, key: pasted })).result).toMatchObject({ kind: 'done' })
    const broken = (await run({ ...sshd.host, key: 'ssh-rsa oh-so-secret' })).result
    expect(broken).toMatchObject({ code: 'HOST_KEY_UNUSABLE' })
    expect(JSON.stringify(broken)).not.toContain('oh-so-secret')
    expect((await run({ ...sshd.host, name: 'other' })).result).toMatchObject({
      code: 'HOST_UNKNOWN',
      message: 'There is no host web-2',
    })
    expect((await run({ ...sshd.host, address: 'no-such-name.invalid' })).result).toMatchObject({
      code: 'HOST_UNREACHABLE',
    })
  })

  test('that is silent after it took the connection is unreachable', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as AddressInfo
    expect((await run({ ...sshd.host, port })).result).toMatchObject({ code: 'HOST_UNREACHABLE' })
    await expect(scanHostKey('127.0.0.1', port, 300)).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' })
    mute.close()
  })

  test('behind a jump host is reached through it, and both must be known', async () => {
    const inner = await startSshd()
    const relay = await startRelay(sshd.port)
    const jump: HostAccess = { ...sshd.host, name: 'bastion', port: relay.port }
    expect((await run({ ...inner.host, via: jump }, 'echo "$HOME"')).result).toMatchObject({
      kind: 'done',
      outputs: { stdout: `${inner.home}\n` },
    })
    expect(relay.connections()).toBe(1)
    const unconfirmed = await run({ ...inner.host, via: { ...jump, hostKey: null } })
    expect(unconfirmed.result).toMatchObject({ code: 'HOST_KEY_UNCONFIRMED' })
    expect(unconfirmed.ctx.keysSeen).toEqual([{ host: 'bastion', fingerprint: sshd.host.hostKey }])
    await inner.stop()
    expect((await run({ ...inner.host, via: jump })).result).toMatchObject({ code: 'HOST_UNREACHABLE' })
    relay.close()
    await inner.close()
  })

  test('gets one connection, however many scripts run there', async () => {
    const relay = await startRelay(sshd.port)
    const host = { ...sshd.host, port: relay.port }
    await Promise.all(Array.from({ length: 12 }, () => run(host, 'sleep 0.3')))
    expect(relay.connections()).toBe(1)
    relay.cut()
    expect((await run(host)).result).toMatchObject({ kind: 'done' })
    relay.close()
  })

  test('a connection that hangs without a word is given up, and the script is followed over a new one', async () => {
    const impatient = sshScript(createPool({ silenceMs: 6000 }), { retryMs: [50] })
    const relay = await startRelay(sshd.port)
    const ctx = testContext({ hosts: [{ ...sshd.host, port: relay.port }] })
    const running = impatient.execute(
      ctx,
      impatient.inputs.parse({
        host: 'web-2',
        script: 'echo begun; while [ ! -e thawed ]; do sleep 0.05; done; echo ended',
      }),
    )
    await until('it runs', () => ctx.logged() === 'begun\n')
    relay.freeze()
    await until('it is being looked for', () => ctx.progressed.includes('checking web-2'), 60_000)
    writeFileSync(join(sshd.home, 'thawed'), '')
    expect(await running).toMatchObject({ kind: 'done', outputs: { stdout: 'begun\nended\n' } })
    await impatient.dispose?.()
    relay.close()
  }, 90_000)
})

describe.skipIf(!hasSshd)('ssh.put', () => {
  let sshd: Sshd
  let plugin: Plugin
  beforeAll(async () => {
    sshd = await startSshd()
    plugin = sshPut(createPool())
  })
  afterAll(async () => {
    await plugin.dispose?.()
    await sshd.close()
  })
  const put = (inputs: object) =>
    plugin.execute(testContext({ hosts: [sshd.host] }), plugin.inputs.parse({ host: 'web-2', ...inputs }))
  const read = (name: string) => readFileSync(join(sshd.home, name), 'utf8')
  const modeOf = (name: string) => statSync(join(sshd.home, name)).mode & 0o777

  test('a text arrives byte by byte, whatever is in it, and says its size and sum', async () => {
    const content = `no newline at the end; $(rm -rf ~) '"\`\\ %s\r\n中文🚀\u0001\u0081 end`
    expect(await put({ path: "~/odd name'$(x).txt", content })).toEqual({
      kind: 'done',
      outputs: {
        bytes: Buffer.byteLength(content),
        sha256: execFileSync('sha256sum', [join(sshd.home, "odd name'$(x).txt")], { encoding: 'utf8' })
          .split(' ')[0]
          ?.replace('\\', ''),
      },
    })
    expect(read("odd name'$(x).txt")).toBe(content)
    expect(await put({ path: 'empty', content: '' })).toMatchObject({ kind: 'done', outputs: { bytes: 0 } })
    const large = '🚀é'.repeat(400_000)
    expect(await put({ path: 'large', content: large })).toMatchObject({ kind: 'done', outputs: { bytes: 2_400_000 } })
    expect(read('large')).toBe(large)
  })

  test('the mode is the one asked for, else the one the file has, else 0644', async () => {
    await put({ path: 'mode', content: 'a' })
    expect(modeOf('mode')).toBe(0o644)
    await put({ path: 'mode', content: 'b', mode: '0600' })
    expect(modeOf('mode')).toBe(0o600)
    await put({ path: 'mode', content: 'c' })
    expect(modeOf('mode')).toBe(0o600)
    expect(read('mode')).toBe('c')
    execFileSync('ln', ['-s', 'mode', join(sshd.home, 'link')])
    await put({ path: 'link', content: 'through the link' })
    expect(read('mode')).toBe('through the link')
    expect(plugin.inputs.safeParse({ host: 'h', path: 'p', content: '', mode: 'u+x; reboot' }).success).toBe(false)
  })

  test('a place where no file can be is refused by name, and nothing is left there', async () => {
    expect(await put({ path: '/no/such/folder/file', content: 'x' })).toMatchObject({
      kind: 'fail',
      code: 'PUT_FAILED',
      message: expect.stringMatching(/^web-2: the folder it should go to does not exist/),
    })
    expect(await put({ path: sshd.home, content: 'x' })).toMatchObject({
      kind: 'fail',
      message: expect.stringContaining('that is a folder'),
    })
    expect(await put({ path: '/proc/version', content: 'x' })).toMatchObject({ kind: 'fail', code: 'PUT_FAILED' })
    expect(await put({ path: 'nul', content: 'a\0b' })).toMatchObject({ kind: 'fail', code: 'VALUE_UNFIT' })
    expect(execFileSync('find', [sshd.home, '-name', '.baton-*'], { encoding: 'utf8' })).toBe('')
  })
})

interface Relay {
  readonly port: number
  connections(): number
  /** Ends every connection. */
  cut(): void
  /** The connections of now pass nothing on any more and stay open; later ones are well. */
  freeze(): void
  close(): void
}
/** A wire between us and the server that can be counted, cut and frozen. */
async function startRelay(to: number): Promise<Relay> {
  const pairs: [Socket, Socket][] = []
  const server: Server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    near.on('error', () => {})
    far.on('error', () => {})
    near.pipe(far).pipe(near)
    pairs.push([near, far])
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => pairs.length,
    cut: () => pairs.flat().forEach((socket) => socket.destroy()),
    freeze: () => pairs.flat().forEach((socket) => socket.unpipe().pause()),
    close() {
      for (const socket of pairs.flat()) socket.destroy()
      server.close()
    },
  }
}
