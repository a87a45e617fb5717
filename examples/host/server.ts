/**
 * The hosts of the examples: a small SSH server on loopback, one port per name, started in example mode only.
 * A fresh machine may have no SSH server of its own; all else takes the ordinary path, as on a real host.
 * Commands run as the person who started Baton, with HOME in a folder of their own.
 */
import { spawn } from 'node:child_process'
import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { Connection, ParsedKey, Server, ServerChannel, Session } from 'ssh2'

export interface ExampleHostsOptions {
  /** Keys, remembered ports and the hosts' home folders live here. */
  readonly dir: string
  readonly names: readonly string[]
  readonly log?: (line: string) => void
}
export interface ExampleHost {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** The one key that is let in. */
  readonly privateKeyPem: string
  /** Of the host's own key, as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string
}
export interface ExampleHosts {
  readonly hosts: readonly ExampleHost[]
  /** Ends the servers and their connections. Scripts that run detached go on, as on a host whose SSH server restarts. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

/** Starts them. Keys and ports are made at the first start and kept, so that a restart finds the same hosts. */
export async function startExampleHosts({ dir, names, log = () => {} }: ExampleHostsOptions): Promise<ExampleHosts> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const user = userInfo().username
  const login = keyIn(dir, 'login_key')
  const allowed = parsed(login.privateKeyPem)
  const ports = portsIn(dir)
  const servers: { stop(): Promise<void> }[] = []
  const hosts: ExampleHost[] = []
  try {
    for (const name of names) {
      if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
        throw new Error(`expected a host name like web-1, but got ${JSON.stringify(name)}`)
      const home = join(dir, name, 'home')
      mkdirSync(home, { recursive: true, mode: 0o700 })
      const key = keyIn(join(dir, name), 'host_key')
      const server = serve({ name, user, home, hostKey: key.privateKeyPem, allowed, log })
      const port = await listen(server.ssh, ports[name])
      ports[name] = port
      servers.push(server)
      hosts.push({
        name,
        address: LOOPBACK,
        port,
        user,
        privateKeyPem: login.privateKeyPem,
        fingerprint: key.fingerprint,
      })
    }
    writePrivate(join(dir, 'ports.json'), `${JSON.stringify(ports)}\n`)
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()))
    throw error
  }
  return {
    hosts,
    async close() {
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

interface ServeOptions {
  readonly name: string
  readonly user: string
  readonly home: string
  readonly hostKey: string
  readonly allowed: ParsedKey
  readonly log: (line: string) => void
}
function serve({ name, user, home, hostKey, allowed, log }: ServeOptions): { ssh: Server; stop(): Promise<void> } {
  const connections = new Set<Connection>()
  const ssh = new ssh2.Server({ hostKeys: [hostKey], ident: 'Baton-example' }, (connection) => {
    connections.add(connection)
    connection.on('error', (error) => log(`${name}: ${error.message}`))
    connection.once('close', () => connections.delete(connection))
    connection.on('authentication', (attempt) => {
      if (
        attempt.method !== 'publickey' ||
        attempt.username !== user ||
        !isSame(attempt.key.data, allowed.getPublicSSH())
      )
        return attempt.reject(['publickey'])
      // Without a signature the other side only asks whether this key would do.
      if (!attempt.signature || !attempt.blob) return attempt.accept()
      if (allowed.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true) attempt.accept()
      else attempt.reject()
    })
    connection.once('ready', () => connection.on('session', (accept) => run(accept(), { name, user, home })))
  })
  ssh.on('error', (error: Error) => log(`${name}: ${error.message}`))
  return {
    ssh,
    async stop() {
      const closed = once(ssh, 'close')
      ssh.close()
      for (const connection of connections) connection.end()
      await closed
    },
  }
}

/** Commands only: no terminal, no forwarding, no file transfer. */
function run(session: Session, { name, user, home }: { name: string; user: string; home: string }): void {
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept()
    // `detached` gives it a process group of its own, as sshd does, and keeps a Ctrl-C in Baton's terminal from it.
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: home,
      detached: true,
      env: {
        HOME: home,
        USER: user,
        LOGNAME: user,
        SHELL: '/bin/sh',
        PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
        BATON_EXAMPLE_HOST: name,
      },
    })
    child.once('error', () => end(channel, 127))
    child.stdin.on('error', () => {}) // it may end without reading all
    channel.on('error', () => {})
    channel.pipe(child.stdin)
    child.stdout.pipe(channel, { end: false })
    child.stderr.pipe(channel.stderr, { end: false })
    child.once('close', (code) => end(channel, code ?? 255))
    // Its readers are gone: let go of the pipes, so that it notices at its next word. Nothing is killed.
    channel.once('close', () => {
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
    })
  })
}
function end(channel: ServerChannel, code: number): void {
  if (channel.destroyed || channel.writableEnded) return
  channel.exit(code)
  channel.end()
}

/** The port it had before; another when that is taken by now. */
async function listen(server: Server, before: number | undefined): Promise<number> {
  const attempt = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, LOOPBACK, () => {
        server.off('error', reject)
        resolve()
      })
    })
  await attempt(before ?? 0).catch((error: NodeJS.ErrnoException) => {
    if (before === undefined || error.code !== 'EADDRINUSE') throw error
    return attempt(0)
  })
  return (server.address() as AddressInfo).port // it listens on TCP
}

function keyIn(dir: string, name: string): { privateKeyPem: string; fingerprint: string } {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, name)
  let privateKeyPem: string
  try {
    privateKeyPem = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // thrown by the file system
    privateKeyPem = newKey()
    writePrivate(path, privateKeyPem)
  }
  const digest = createHash('sha256').update(parsed(privateKeyPem).getPublicSSH()).digest('base64')
  return { privateKeyPem, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` }
}
/** About one in five hundred keys that ssh2 writes it cannot read itself: those are made anew. */
function newKey(): string {
  for (;;) {
    const pem = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'baton example' }).private
    if (!(ssh2.utils.parseKey(pem) instanceof Error)) return pem
  }
}
function parsed(pem: string): ParsedKey {
  const key = ssh2.utils.parseKey(pem)
  const one = Array.isArray(key) ? (key[0] as ParsedKey) : key // several keys in one file come as a list
  if (one instanceof Error)
    throw new Error('expected a private key of the example hosts, but it cannot be read', { cause: one })
  return one
}
function portsIn(dir: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(join(dir, 'ports.json'), 'utf8')) as Record<string, number> // written by us
  } catch {
    return {}
  }
}
function writePrivate(path: string, text: string): void {
  const temp = `${path}.${process.pid}`
  writeFileSync(temp, text, { mode: 0o600 })
  chmodSync(temp, 0o600)
  renameSync(temp, path)
}
const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other)
