import { createHash } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import ssh2 from 'ssh2'
import type { Client, ClientChannel, ClientErrorExtensions, ServerHostKeyAlgorithm } from 'ssh2'
import type { HostAccess } from '../../engine/plugin/index.ts'
import { HostError } from './failure.ts'
import { pause } from './pause.ts'
import { Slots } from './slots.ts'
import type { Use } from './slots.ts'

export interface PoolOptions {
  /** The shell every program is handed to. Tests put BusyBox here. */
  readonly shell?: string
  readonly channels?: number
  readonly connectTimeoutMs?: number
  /** An unused connection is closed after this. */
  readonly idleMs?: number
  /** A program that says nothing for so long means that the link is dead. */
  readonly silenceMs?: number
}
/** A key shown by a host that we do not (or no longer) know. */
export type KeySeen = (host: HostAccess, fingerprint: string) => Promise<void>
export interface OpenOptions {
  readonly use: Use
  readonly signal: AbortSignal
  readonly keySeen: KeySeen
}
/** A shell's standard input, output and error. */
export type Channel = Duplex & { readonly stderr: Readable; close(): void }
export interface Shell {
  readonly channel: Channel
  /** How it ended; null: it has not, or nobody said. */
  readonly exitCode: () => number | null
}
/** One connection per host, kept for a while after use. */
export interface Pool {
  readonly shell: string
  readonly silenceMs: number
  /** A channel running `exec <shell> -s`. Its place is given back when it closes. */
  open(host: HostAccess, options: OpenOptions): Promise<Shell>
  /** Whether more scripts are followed on this host than there are places for. */
  pressed(host: HostAccess): boolean
  /** Drops the connection: its link has fallen silent. */
  drop(host: HostAccess): void
  close(): Promise<void>
}

/** A host key as `ssh-keygen -lf` prints it. */
const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

// A server proves one key per connection, and an operator may have confirmed another of its keys than the one we would ask for first.
const KEY_KINDS: readonly (readonly ServerHostKeyAlgorithm[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
]

const REFUSALS = 25
const REFUSED_WAIT_MS = 200

interface Link {
  readonly slots: Slots
  client: Promise<Client> | null
  idle: NodeJS.Timeout | null
}
const identityOf = (host: HostAccess): string =>
  JSON.stringify([
    host.address,
    host.port,
    host.user,
    createHash('sha256').update(host.key).digest('base64'),
    host.hostKey,
    host.via && identityOf(host.via),
  ])

/** @param options limits and the shell; see each field. */
export function createPool(options: PoolOptions = {}): Pool {
  const { shell = '/bin/sh', channels = 8, connectTimeoutMs = 10_000, idleMs = 60_000, silenceMs = 30_000 } = options
  const links = new Map<string, Link>()
  let closed = false

  const linkTo = (host: HostAccess): Link => {
    const id = identityOf(host)
    const known = links.get(id)
    if (known) return known
    const link: Link = { slots: new Slots(channels), client: null, idle: null }
    links.set(id, link)
    return link
  }
  const clientOf = (host: HostAccess, link: Link, keySeen: KeySeen): Promise<Client> => {
    if (link.client) return link.client
    const client = login(host, connectTimeoutMs, keySeen, () => tunnelTo(host, keySeen))
    link.client = client
    const forget = () => {
      if (link.client === client) link.client = null
    }
    client.then((ready) => ready.once('end', forget).once('close', forget), forget)
    return client
  }
  /** The way to a host: a socket of ours, or a channel through its jump host. */
  const tunnelTo = async (host: HostAccess, keySeen: KeySeen): Promise<Readable> => {
    const { via } = host
    if (via === null) return connectTcp(host, connectTimeoutMs)
    const link = linkTo(via)
    const free = await link.slots.take('act', AbortSignal.timeout(connectTimeoutMs))
    const release = () => {
      free()
      restUnlessUsed(link)
    }
    try {
      const jump = await clientOf(via, link, keySeen)
      const tunnel = await new Promise<ClientChannel>((resolve, reject) => {
        jump.forwardOut('127.0.0.1', 0, host.address, host.port, (error, channel) =>
          error
            ? reject(
                new HostError('HOST_UNREACHABLE', `Cannot reach ${host.name} by way of ${via.name}: ${error.message}`, {
                  cause: error,
                }),
              )
            : resolve(channel),
        )
      })
      tunnel.once('close', release)
      // Unlike a socket it stays half open, and ssh2 watches over nothing any more once its reading side has ended.
      tunnel.once('end', () => tunnel.close())
      return tunnel
    } catch (error) {
      release()
      throw error
    }
  }
  const restUnlessUsed = (link: Link): void => {
    if (link.idle) clearTimeout(link.idle)
    if (link.slots.taken > 0) return
    link.idle = setTimeout(() => {
      if (link.slots.taken === 0)
        link.client?.then(
          (client) => client.end(),
          () => {},
        )
    }, idleMs)
    link.idle.unref()
  }

  return {
    shell,
    silenceMs,
    async open(host, { use, signal, keySeen }) {
      if (closed) throw new HostError('HOST_LOST', `${host.name}: Baton is shutting down`)
      const link = linkTo(host)
      for (let stale = 0, refused = 0; ;) {
        const free = await link.slots.take(use, signal)
        const release = () => {
          free()
          restUnlessUsed(link)
        }
        const stood = link.client
        try {
          const client = await abortable(clientOf(host, link, keySeen), signal)
          const opening = startShell(client, host, shell)
          const opened = await abortable(opening, signal).catch((error: unknown) => {
            opening.then(
              (late) => late !== 'full' && late.channel.close(),
              () => {},
            )
            throw error
          })
          if (opened !== 'full') {
            link.slots.given()
            opened.channel.once('close', release)
            return opened
          }
          // Fewer sessions than usual (MaxSessions), or those we closed linger: live with what it gives.
          if (!link.slots.shrink()) {
            if (++refused > REFUSALS) throw new HostError('HOST_LOST', `${host.name} opens no session`)
            await pause(REFUSED_WAIT_MS, signal)
          }
          release()
        } catch (error) {
          release()
          // A connection kept from before has ended unnoticed: nothing was sent, a fresh one tells more.
          if (!(stood && error instanceof HostError && error.code === 'HOST_LOST' && ++stale <= 2)) throw error
          if (link.client === stood) link.client = null
          stood.then(
            (client) => client.destroy(),
            () => {},
          )
        }
      }
    },
    pressed: (host) => linkTo(host).slots.pressed,
    drop(host) {
      linkTo(host).client?.then(
        (client) => client.destroy(),
        () => {},
      )
    },
    async close() {
      closed = true
      const ends = [...links.values()].map(async (link) => {
        if (link.idle) clearTimeout(link.idle)
        const client = await link.client?.catch(() => null)
        client?.end()
      })
      links.clear()
      await Promise.all(ends)
    },
  }
}

function startShell(client: Client, host: HostAccess, shell: string): Promise<Shell | 'full'> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new HostError('HOST_LOST', `The connection to ${host.name} ended`))
    client.once('close', gone)
    client.once('end', gone)
    const deaf = () => {
      client.off('close', gone)
      client.off('end', gone)
    }
    const settle = (error: Error | undefined, channel: ClientChannel): void => {
      deaf()
      if (!error) {
        // Listened for right here: a command that ends at once says so in the packet that follows.
        let exitCode: number | null = null
        channel.once('exit', (code: number | null) => (exitCode = code))
        return resolve({ channel, exitCode: () => exitCode })
      }
      if (/open fail/i.test(error.message)) return resolve('full')
      reject(new HostError('HOST_LOST', `${host.name} opens no session: ${error.message}`, { cause: error }))
    }
    try {
      client.exec(`exec ${shell} -s`, settle)
    } catch (error) {
      // ssh2 throws "Not connected" when the link went away between our look and this call.
      deaf()
      reject(new HostError('HOST_LOST', `The connection to ${host.name} ended`, { cause: error }))
    }
  })
}

function connectTcp(host: { name: string; address: string; port: number }, timeoutMs: number): Promise<Readable> {
  return new Promise((resolve, reject) => {
    // Our own socket, because ssh2's waits for Nagle on each small packet: 5 to 40 times slower.
    const socket = connectSocket({ host: host.address, port: host.port, noDelay: true, keepAlive: true })
    const unreachable = (reason: string, cause?: unknown) =>
      reject(
        new HostError('HOST_UNREACHABLE', `Cannot reach ${host.name} (${host.address}:${host.port}): ${reason}`, {
          cause,
        }),
      )
    const late = setTimeout(() => {
      socket.destroy()
      unreachable('no answer')
    }, timeoutMs)
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(late)
      unreachable(NET_WORDS[error.code ?? ''] ?? error.message, error)
    })
    socket.once('connect', () => {
      clearTimeout(late)
      resolve(socket)
    })
  })
}
const NET_WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'name unknown',
  EAI_AGAIN: 'name lookup failed',
  EHOSTUNREACH: 'no route',
  ENETUNREACH: 'no route',
  ETIMEDOUT: 'no answer',
  ECONNRESET: 'it closed the connection',
}

/** Logs in, trying the host's other keys before its identity counts as changed. */
async function login(
  host: HostAccess,
  timeoutMs: number,
  keySeen: KeySeen,
  tunnel: () => Promise<Readable>,
): Promise<Client> {
  const key = ssh2.utils.parseKey(keyText(host.key))
  if (key instanceof Error || !(Array.isArray(key) ? key[0] : key)?.isPrivateKey())
    throw new HostError(
      'HOST_KEY_UNUSABLE',
      `The private key for ${host.name} cannot be read. Store it again in OpenSSH format, without a passphrase`,
    )
  let first: string | null = null
  for (const kind of host.hostKey === null ? [undefined] : [undefined, ...KEY_KINDS]) {
    const outcome = await handshake(host, await tunnel(), timeoutMs, kind)
    if (outcome.client) return outcome.client
    if (outcome.shown === null) continue // has no key of this kind
    first ??= outcome.shown
    if (host.hostKey === null) break
  }
  if (first !== null) await keySeen(host, first)
  if (host.hostKey === null)
    throw new HostError(
      'HOST_KEY_UNCONFIRMED',
      `Nobody has confirmed the key of ${host.name} yet. An owner or operator compares its fingerprint ${first ?? ''} and confirms it`,
    )
  throw new HostError(
    'HOST_KEY_CHANGED',
    `${host.name} shows another key than the confirmed one. It may have been replaced, or someone may be in between. An operator must look before anything runs there`,
  )
}

/** A key that was pasted may have lost its last newline, or gained carriage returns. */
const keyText = (key: string): string => `${key.replaceAll('\r', '').trim()}\n`

/** One attempt: a client that is logged in, or the key the host showed in vain (null: none of this kind). */
function handshake(
  host: HostAccess,
  sock: Readable,
  timeoutMs: number,
  kind: readonly ServerHostKeyAlgorithm[] | undefined,
): Promise<{ client: Client } | { client: null; shown: string | null }> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    let shown: string | null = null
    let accepted = false
    client.once('ready', () => resolve({ client }))
    // Never taken off: an error event without a listener would end the process. After `ready`, `close` follows and says enough.
    client.on('error', (error: Error & ClientErrorExtensions) => {
      client.destroy()
      sock.destroy()
      if (shown !== null && !accepted) return resolve({ client: null, shown })
      if (kind && shown === null && /no matching host key/i.test(error.message))
        return resolve({ client: null, shown: null })
      reject(loginError(host, error))
    })
    client.once('close', () => reject(new HostError('HOST_UNREACHABLE', `${host.name} closed the connection`)))
    client.connect({
      sock,
      username: host.user,
      privateKey: keyText(host.key),
      readyTimeout: timeoutMs,
      keepaliveInterval: 10_000,
      keepaliveCountMax: 3,
      ...(kind && { algorithms: { serverHostKey: [...kind] } }),
      hostVerifier: (key: Buffer): boolean => {
        const fingerprint = fingerprintOf(key)
        // A rekey comes here too, and must show the same key.
        accepted = host.hostKey !== null && fingerprint === host.hostKey
        shown = fingerprint
        return accepted
      },
    })
  })
}

function loginError(host: HostAccess, error: Error & ClientErrorExtensions): HostError {
  if (error.level === 'client-authentication')
    return new HostError('HOST_LOGIN_REFUSED', `${host.name} does not let ${host.user} in with the stored key`, {
      cause: error,
    })
  if (error.level === 'client-timeout')
    return new HostError('HOST_UNREACHABLE', `${host.name} does not answer`, { cause: error })
  const words = NET_WORDS[(error as NodeJS.ErrnoException).code ?? ''] ?? error.message
  return new HostError('HOST_UNREACHABLE', `Cannot reach ${host.name}: ${words}`, { cause: error })
}

/**
 * The key a host shows, for an operator to compare and confirm; nothing is trusted by it.
 * @throws HostError HOST_UNREACHABLE
 */
export async function scanHostKey(address: string, port = 22, timeoutMs = 10_000): Promise<string> {
  const name = `${address}:${port}`
  const sock = await connectTcp({ name, address, port }, timeoutMs)
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    let shown: string | null = null
    const end = (error?: Error) => {
      client.destroy()
      sock.destroy()
      if (shown !== null) resolve(shown)
      else
        reject(
          new HostError('HOST_UNREACHABLE', `${name} shows no SSH host key${error ? `: ${error.message}` : ''}`, {
            cause: error,
          }),
        )
    }
    client.on('error', end)
    client.once('close', () => end())
    client.connect({
      sock,
      username: 'baton',
      readyTimeout: timeoutMs,
      hostVerifier: (key: Buffer): boolean => {
        shown = fingerprintOf(key)
        return false
      },
    })
  })
}

/** Gives up waiting when the signal says so; what was waited for goes on. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
