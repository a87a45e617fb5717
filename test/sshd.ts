/** A real OpenSSH server for one test file: own keys and configuration in a temporary folder, on loopback. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { system } from './system.ts'
import { newKeyPair } from './keys.ts'

export interface SshdOptions {
  /** Programs found by what runs there. */
  readonly path?: string
  /** Shell lines that run before every command, as a profile would. */
  readonly noise?: string
  /** `sshd_config` lines. */
  readonly config?: readonly string[]
  /** For a server that comes back as it was: its folder and port. */
  readonly dir?: string
  readonly port?: number
}
export interface Sshd {
  readonly dir: string
  /** HOME of everything that runs there. */
  readonly home: string
  readonly port: number
  /** Shaped as plugins get a host. */
  readonly host: {
    readonly name: string
    readonly address: string
    readonly port: number
    readonly user: string
    readonly key: string
    readonly hostKey: string
    readonly via: null
  }
  /** What the server wrote. */
  log(): string
  /** Ends the listener and every connection, not what runs detached. */
  stop(): Promise<void>
  /** The same server again, on the same port. `newKeys`: it shows another host key. */
  start(options?: { newKeys?: boolean }): Promise<void>
  /** Ends everything and removes the folder. */
  close(): Promise<void>
}

/** @throws when there is no sshd; ask `system().sshd` first. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const { sshd } = system()
  if (!sshd) throw new Error('expected an OpenSSH server, but there is none on this machine')
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'baton-sshd-'))
  chmodSync(dir, 0o755)
  const home = join(dir, 'home')
  mkdirSync(home, { recursive: true })
  if (options.noise !== undefined)
    writeFileSync(join(dir, 'profile'), `${options.noise}\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`)
  const client = newKeyPair()
  writeFileSync(join(dir, 'authorized_keys'), `${client.public}\n`)
  const port = options.port ?? (await freePort())
  const hostKey = { fingerprint: writeHostKey(dir) }
  let text = ''
  let child: ChildProcess | null = null
  // A test file that times out never comes to its `close`.
  const atExit = () => child?.kill('SIGKILL')
  process.once('exit', atExit)

  const start = async ({ newKeys = false } = {}): Promise<void> => {
    if (newKeys) hostKey.fingerprint = writeHostKey(dir)
    writeFileSync(join(dir, 'sshd_config'), config(dir, home, port, options))
    const server = spawn(sshd, ['-D', '-e', '-f', join(dir, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = server
    const began = text.length
    await new Promise<void>((resolve, reject) => {
      server.stderr?.on('data', (bytes: Buffer) => {
        text += bytes.toString()
        if (text.slice(began).includes('Server listening')) resolve()
      })
      server.once('error', reject)
      server.once('exit', (code) => reject(new Error(`sshd ended with ${code}:\n${text.slice(began)}`)))
    })
  }
  const stop = async (): Promise<void> => {
    const server = child
    child = null
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    // Each connection is a process with a session of its own; what runs detached is none of them.
    for (const pid of connectionsOf(server.pid ?? 0)) signal(pid, 'SIGKILL')
    server.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    dir,
    home,
    port,
    get host() {
      return {
        name: 'web-2',
        address: '127.0.0.1',
        port,
        user: userInfo().username,
        key: client.private,
        hostKey: hostKey.fingerprint,
        via: null,
      }
    },
    log: () => text,
    stop,
    start,
    async close() {
      process.off('exit', atExit)
      await stop()
      for (const pid of processes((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${home}/.baton/`)))
        signal(pid, 'SIGKILL')
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    },
  }
}

/** Processes of this machine for which `holds`; those that end meanwhile are none. */
function processes(holds: (pid: number) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return holds(pid)
      } catch {
        return false
      }
    })
}
/** sshd processes below this one. */
function connectionsOf(listener: number): number[] {
  const parents = new Map<number, number>()
  processes((pid) => {
    const [, comm, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return comm?.startsWith('sshd') === true && parents.set(pid, Number(parent)) !== undefined
  })
  const below = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === listener || below(parent))
  }
  return [...parents.keys()].filter(below)
}
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // it has just ended
  }
}

function config(dir: string, home: string, port: number, { path, noise, config: more = [] }: SshdOptions): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${dir}/host_key`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    'LogLevel VERBOSE',
    `SetEnv HOME=${home} PATH=${path ?? process.env.PATH ?? '/usr/bin:/bin'} BASH_ENV= LANG=C.UTF-8`,
    ...(noise === undefined ? [] : [`ForceCommand /bin/sh ${dir}/profile`]),
    ...more,
    '',
  ].join('\n')
}

function writeHostKey(dir: string): string {
  const key = newKeyPair()
  writeFileSync(join(dir, 'host_key'), key.private)
  chmodSync(join(dir, 'host_key'), 0o600)
  return fingerprintOfPublic(key.public)
}
/** `SHA256:…` of an OpenSSH public key line. */
export const fingerprintOfPublic = (line: string): string =>
  `SHA256:${createHash('sha256')
    .update(Buffer.from(line.split(' ')[1] ?? '', 'base64'))
    .digest('base64')
    .replace(/=+$/, '')}`

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  server.close()
  await once(server, 'close')
  return port
}
