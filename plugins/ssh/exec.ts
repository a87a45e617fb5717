import { randomBytes } from 'node:crypto'
import type { HostAccess } from '../../engine/plugin/index.ts'
import type { KeySeen, Pool, Shell } from './connection.ts'
import { HostError } from './failure.ts'
import type { Use } from './slots.ts'

export interface Program {
  /** POSIX sh. What it prints goes to `onBytes`. It is parsed whole before any of it runs. */
  readonly body: string
  /** Run after the answer is complete: housekeeping nobody waits for. */
  readonly after?: string
}
export interface ExecOptions {
  readonly use: Use
  readonly signal: AbortSignal
  readonly keySeen: KeySeen
  readonly onBytes: (bytes: Buffer) => void
  /** The program is about to leave: from now on it may run, whatever is heard of it. */
  readonly onSent?: () => void
}

/**
 * Runs a program on a host through the bare `exec /bin/sh -s`, program on standard input: no argument list to read in `ps`,
 * no quoting by a login shell that may be fish or csh. Only what stands between two random markers is ours; profiles may print noise.
 * Resolves when the closing marker has come, with what the program wrote to stderr.
 * @throws HostError, or the signal's reason.
 */
export async function runProgram(
  pool: Pool,
  host: HostAccess,
  program: Program,
  options: ExecOptions,
): Promise<string> {
  const { use, signal, keySeen, onBytes } = options
  const shell = await pool.open(host, { use, signal, keySeen })
  const { channel } = shell
  const marker = randomBytes(16).toString('hex')
  options.onSent?.()
  try {
    return await between(shell, host, marker, wrap(program, marker), { signal, onBytes, silenceMs: pool.silenceMs })
  } catch (error) {
    if (error instanceof HostError && error.code === 'HOST_LOST') pool.drop(host)
    throw error
  } finally {
    channel.close()
    channel.resume()
  }
}

/** The braces matter: a program cut off by a dying connection is a syntax error and does nothing, instead of half of it. */
const wrap = ({ body, after = '' }: Program, marker: string): string => `{
printf '\\036%s\\n' '+${marker}'; printf '\\036%s\\n' '+${marker}' >&2
${body}
printf '\\036%s\\n' '-${marker}' >&2; printf '\\036%s\\n' '-${marker}'
exec >/dev/null 2>&1
${after}
exit 0
}
`

function between(
  { channel, exitCode }: Shell,
  host: HostAccess,
  marker: string,
  text: string,
  { signal, onBytes, silenceMs }: { signal: AbortSignal; onBytes: (bytes: Buffer) => void; silenceMs: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const stdout = markedStream(marker, onBytes)
    const errors: Buffer[] = []
    const stderr = markedStream(marker, (bytes) => errors.push(bytes))
    let silence: NodeJS.Timeout

    const settle = (act: () => void) => {
      clearTimeout(silence)
      signal.removeEventListener('abort', abort)
      act()
    }
    const answer = () => settle(() => resolve(Buffer.concat(errors).toString('utf8').trim()))
    const lost = (why: string) => settle(() => reject(new HostError('HOST_LOST', `${host.name} ${why}`)))
    const abort = () => settle(() => reject(signal.reason))
    const heard = () => {
      clearTimeout(silence)
      silence = setTimeout(() => lost('has fallen silent'), silenceMs)
    }
    heard()
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) return abort()

    channel.on('data', (bytes: Buffer) => {
      heard()
      stdout.push(bytes)
      if (stdout.ended && stderr.ended) answer()
    })
    channel.stderr.on('data', (bytes: Buffer) => {
      stderr.push(bytes)
      if (stdout.ended && stderr.ended) answer()
    })
    channel.on('error', () => lost('broke the connection'))
    channel.on('close', () => {
      if (stdout.ended) return answer()
      if (stdout.begun || exitCode() === null) return lost('ended the connection')
      const said = stdout.noise().trim().split('\n').at(-1) ?? ''
      settle(() =>
        reject(new HostError('HOST_NO_SHELL', `${host.name} gives ${host.user} no POSIX shell${said && `: ${said}`}`)),
      )
    })
    channel.end(text)
  })
}

interface MarkedStream {
  push(bytes: Buffer): void
  readonly begun: boolean
  readonly ended: boolean
  noise(): string
}
/** Passes on what stands between the markers, at once but for a tail that may be the beginning of the closing one. */
export function markedStream(marker: string, pass: (bytes: Buffer) => void): MarkedStream {
  // They begin with a byte that output rarely ends with (not a newline), or every last line would be held back.
  const open = Buffer.from(`\u001e+${marker}\n`)
  const close = Buffer.from(`\u001e-${marker}\n`)
  let held: Buffer = Buffer.alloc(0)
  let begun = false
  let ended = false
  return {
    get begun() {
      return begun
    },
    get ended() {
      return ended
    },
    noise: () => held.toString('utf8'),
    push(bytes) {
      if (ended) return
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      if (!begun) {
        const at = held.indexOf(open)
        if (at < 0) {
          held = held.subarray(-4096)
          return
        }
        begun = true
        held = held.subarray(at + open.length)
      }
      const at = held.indexOf(close)
      const upTo = at >= 0 ? at : held.length - possibleStart(held, close)
      if (upTo > 0) pass(held.subarray(0, upTo))
      held = held.subarray(upTo)
      ended = at >= 0
    },
  }
}
/** Length of the longest end of `bytes` that `marker` may begin with. */
function possibleStart(bytes: Buffer, marker: Buffer): number {
  for (let length = Math.min(marker.length - 1, bytes.length); length > 0; length--)
    if (bytes.subarray(-length).equals(marker.subarray(0, length))) return length
  return 0
}
