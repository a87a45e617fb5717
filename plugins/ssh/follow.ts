import { createHash, randomBytes } from 'node:crypto'
import type { Context, HostAccess } from '../../engine/plugin/index.ts'
import type { Pool } from './connection.ts'
import { runProgram } from './exec.ts'
import type { Program } from './exec.ts'
import { HostError } from './failure.ts'
import { frameReader } from './frames.ts'
import { OutputStream } from './output.ts'
import { pause } from './pause.ts'
import { beginProgram, cancelProgram, settleProgram, watchProgram } from './runner.ts'
import type { Launch, Look } from './runner.ts'
import type { Use } from './slots.ts'

/** Folder name of a run: readable, and no two idempotency keys share one. */
export const runKey = (idempotencyKey: string): string =>
  `${idempotencyKey
    .replace(/[^A-Za-z0-9_-]+/g, '.')
    .replace(/^\.+/, '')
    .slice(0, 80)}-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 12)}`

export type Ended =
  | { readonly kind: 'exit'; readonly code: number; readonly fault: string }
  | { readonly kind: 'lost'; readonly why: 'boot' | 'gone' | 'settled' | 'unrecorded' }
  | { readonly kind: 'cancelled' }
  /** It certainly never started. */
  | { readonly kind: 'unstarted'; readonly error: HostError }
export interface Followed {
  readonly ended: Ended
  readonly stdout: string
  readonly stderr: string
  readonly values: string
}
export interface FollowOptions {
  /** Bytes of output that reach the log; of what is beyond, only the tail does. */
  readonly logBytes: number
  readonly retryMs: readonly number[]
  /** Began in an earlier process: the host is tried until it answers. */
  readonly resuming: boolean
  /** How long a resume may be in the dark before it says so, from when on the attempt's own deadline counts again. */
  readonly darkMs: number
}

const STAY_SECONDS = 5
const FIRST_STAY_SECONDS = 2

/** Stages and starts a run where that has not happened yet, and stays with it until it has ended, through lost connections. */
export async function follow(
  ctx: Context,
  pool: Pool,
  hostName: string,
  launch: Launch,
  options: FollowOptions,
): Promise<Followed> {
  const { logBytes, retryMs, resuming, darkMs } = options
  const note = (bytes: number) => ctx.log(`[${bytes.toLocaleString('en')} bytes of output not shown]\n`, 'info')
  const stdout = new OutputStream((text) => ctx.log(text, 'stdout'), note)
  const stderr = new OutputStream((text) => ctx.log(text, 'stderr'), note)
  let values = Buffer.alloc(0)
  let answer: readonly string[]
  // A log line or a restart of the log tells the engine that a resume knows how things stand; before that it must not.
  let inTheDark = resuming
  const sawIt = () => {
    if (inTheDark) ctx.restartLog?.()
    inTheDark = false
  }
  const read = () =>
    frameReader({
      onOutput(stream, offset, bytes) {
        sawIt()
        if (stream === 'stdout') stdout.take(offset, bytes)
        else if (stream === 'stderr') stderr.take(offset, bytes)
        else values = Buffer.concat([offset === 0 ? Buffer.alloc(0) : values, bytes])
      },
      onWord(word, args) {
        sawIt()
        answer = [word, ...args]
      },
    })
  const result = (ended: Ended): Followed => {
    stdout.end()
    stderr.end()
    return { ended, stdout: stdout.tail, stderr: stderr.tail, values: values.toString('utf8') }
  }
  const look = (staySeconds: number): Look => ({
    stdoutAt: stdout.at,
    stderrAt: stderr.at,
    budget: Math.max(0, logBytes - (stdout.at - stdout.dropped) - (stderr.at - stderr.dropped)),
    staySeconds,
  })

  let host: HostAccess | null = null
  let mayHaveStarted = resuming
  let begun = false
  let starts = 0
  let oddLooks = 0
  let failures = 0
  let toldOfDark = false
  const darkUntil = ctx.now() + darkMs
  for (;;) {
    ctx.signal.throwIfAborted()
    answer = []
    let errors: string
    const mightBefore = mayHaveStarted
    try {
      host ??= await hostOf(ctx, hostName)
      const pressed = pool.pressed(host)
      const program: Program = begun
        ? { body: watchProgram(launch.key, look(pressed ? 0 : STAY_SECONDS)) }
        : beginProgram(launch, look(pressed ? 0 : FIRST_STAY_SECONDS), randomBytes(16).toString('hex'))
      // From here on the host may have got the program whatever we hear of it.
      errors = await runOn(ctx, pool, host, program, begun ? 'watch' : 'act', read(), () => (mayHaveStarted = true))
      if (failures > 0) ctx.progress(`running on ${hostName}`)
      failures = 0
      if (pressed && answer[0] === 'r') await pause(500, ctx.signal)
    } catch (error) {
      ctx.signal.throwIfAborted()
      if (!(error instanceof HostError)) throw error
      if (error.code === 'HOST_NO_SHELL') mayHaveStarted = mightBefore // nobody read the program
      if (!mayHaveStarted) return result({ kind: 'unstarted', error })
      if (!error.passing) throw error
      ctx.progress(`checking ${hostName}`)
      if (inTheDark ? ctx.now() > darkUntil && !toldOfDark : failures === 0) {
        toldOfDark = inTheDark
        ctx.log(`${error.message}. Trying again until it answers.\n`, 'info')
      }
      await pause(retryMs[Math.min(failures++, retryMs.length - 1)] ?? 1000, ctx.signal)
      host = null // its address may have been mended meanwhile
      continue
    }
    const [word, ...args] = answer
    if (word !== 'w') oddLooks = 0
    switch (word) {
      case 'x':
        return result({ kind: 'exit', code: Number(args[0]), fault: args[1] ?? '' })
      case 'r':
        begun = true
        continue
      case 'l':
        return result({ kind: 'lost', why: args[0] === 'boot' ? 'boot' : 'gone' })
      case 'c':
        return result({ kind: 'cancelled' })
      case 't':
        return result({ kind: 'lost', why: 'settled' })
      case 'w': // claimed, but no record of by whom: it is written within milliseconds or never
        begun = true
        if (++oddLooks > 5) return result({ kind: 'lost', why: 'unrecorded' })
        continue
      case 'g': // its folder went away under us
        return result({ kind: 'lost', why: 'gone' })
      case 'n':
        begun = false
        if (++starts < 3) continue
        break
      case '!':
        break
      default:
        throw new Error(`expected an answer of the runner on ${hostName}, but got ${JSON.stringify(answer)}`)
    }
    // It could not be started. Claim it ourselves before saying so: a start that is still on its way must find it taken.
    const error = startTrouble(hostName, answer, errors)
    if (word === '!' && !mightBefore) return result({ kind: 'unstarted', error })
    const claimed = await cancelRun(ctx, pool, hostName, launch.key, { retryMs, patienceMs: 30_000, termSeconds: 1 })
    if (claimed === 'never') return result({ kind: 'unstarted', error })
    if (claimed !== 'ended') return result({ kind: 'lost', why: 'unrecorded' })
    begun = true
  }
}

function startTrouble(host: string, [word, kind]: readonly string[], errors: string): HostError {
  if (word === 'n') return new HostError('HOST_UNSUITED', `${host} did not start the script`)
  if (kind === 'group')
    return new HostError(
      'HOST_UNSUITED',
      `${host} has no setsid, and its SSH server keeps commands in its own process group: nothing can run on there`,
    )
  const reason = errors.split('\n').at(-1)?.split(': ').at(-1)
  return new HostError(
    'HOST_NO_SPACE',
    `${host}: nothing can be stored in the home folder${reason ? ` (${reason})` : ''}`,
  )
}

/** The host as it is now. */
export async function hostOf(ctx: Context, name: string): Promise<HostAccess> {
  try {
    return await ctx.host(name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'HOST_UNKNOWN')) throw error
    throw new HostError('HOST_UNKNOWN', `There is no host ${name}`, { cause: error })
  }
}

export interface CancelOptions {
  readonly retryMs: readonly number[]
  /** How long an unreachable host is tried. */
  readonly patienceMs: number
  readonly termSeconds: number
}
/** How a cancel found the run; `alive`: its end could not be confirmed. */
export type Cancelled = 'never' | 'ended' | 'gone' | 'killed' | 'alive'
/** Ends a run: TERM, then KILL, to its process group, until nobody of it is left. */
export async function cancelRun(
  ctx: Context,
  pool: Pool,
  hostName: string,
  key: string,
  options: CancelOptions,
): Promise<Cancelled> {
  const { retryMs, patienceMs, termSeconds } = options
  const until = ctx.now() + patienceMs
  for (let failures = 0; ; failures++) {
    let word: Cancelled = 'alive'
    try {
      const host = await hostOf(ctx, hostName)
      const read = frameReader({ onOutput: () => {}, onWord: (_, args) => (word = (args[0] ?? 'alive') as Cancelled) }) // `cancelProgram` prints no other
      await runOn(ctx, pool, host, { body: cancelProgram(key, termSeconds) }, 'cancel', read)
      return word
    } catch (error) {
      ctx.signal.throwIfAborted()
      if (!(error instanceof HostError) || !error.passing || ctx.now() >= until) return 'alive'
      await pause(retryMs[Math.min(failures, retryMs.length - 1)] ?? 1000, ctx.signal)
    }
  }
}

/** Removes a run's folder. A host that does not answer keeps it; it goes with the orphans. */
export async function settleRun(ctx: Context, pool: Pool, hostName: string, key: string): Promise<void> {
  try {
    await runOn(ctx, pool, await hostOf(ctx, hostName), { body: settleProgram(key) }, 'act', () => {})
  } catch (error) {
    if (!(error instanceof HostError)) throw error
  }
}

/** `runProgram` with the context's signal and its ear for unknown host keys. */
export async function runOn(
  ctx: Context,
  pool: Pool,
  host: HostAccess,
  program: Program,
  use: Use,
  onBytes: (bytes: Buffer) => void,
  onSent: () => void = () => {},
): Promise<string> {
  return runProgram(pool, host, program, {
    use,
    signal: ctx.signal,
    keySeen: (seen, fingerprint) => ctx.hostKeySeen(seen.name, fingerprint),
    onBytes,
    onSent,
  })
}
