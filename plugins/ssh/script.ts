import { definePlugin, done, fail, literal, notPerformed, secret, z } from '../../engine/plugin/index.ts'
import type { Context, Json, Plugin, Result } from '../../engine/plugin/index.ts'
import type { Pool } from './connection.ts'
import { exitMessage, HostError } from './failure.ts'
import { cancelRun, follow, runKey, settleRun } from './follow.ts'
import type { Ended, Followed } from './follow.ts'
import { parseValues } from './output.ts'
import type { Launch } from './runner.ts'

export interface ScriptOptions {
  /** Output of one attempt that reaches its log, in bytes; of more than that, the beginning and the tail do. */
  readonly logBytes?: number
  /** Waits between tries of a host that does not answer; the last one is repeated. */
  readonly retryMs?: readonly number[]
  /** How long a script may take to end after TERM before it is killed. */
  readonly termSeconds?: number
  /** How long a resume may search for its host before the attempt's own deadline counts again. */
  readonly darkMs?: number
  /** How long a cancel tries to reach the host. */
  readonly cancelPatienceMs?: number
}

const MAX_SCRIPT = 1024 * 1024
/** Linux takes no single argument or environment value beyond this. */
const MAX_VALUE = 128 * 1024 - 256
const MAX_VALUES = 1024 * 1024

const word = z.union([z.string(), z.number(), z.boolean(), z.null()])
/** What a script needs, wherever it runs. */
export const scriptFields = {
  script: literal(z.string().min(1).max(MAX_SCRIPT))
    .optional()
    .describe('POSIX shell, or anything with a #! line. ${…} in it is the shell’s own.'),
  scriptFrom: z
    .string()
    .min(1)
    .max(MAX_SCRIPT)
    .optional()
    .describe('A whole script from a variable. Whoever launches decides what runs.'),
  args: z.array(word).default([]).describe('Reach the script as $1, $2, … exactly as they are.'),
  env: secret(z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), word))
    .default({})
    .describe('Environment of the script. Never shown.'),
  cwd: z.string().default('').describe('Folder to run in. Default: the home folder.'),
}
type Texts = { readonly script?: string | undefined; readonly scriptFrom?: string | undefined }
/** A script comes one way or the other. */
export const hasOneScript = ({ script, scriptFrom }: Texts): boolean =>
  (script === undefined) !== (scriptFrom === undefined)
export const ONE_SCRIPT = { message: 'Give either script or scriptFrom', path: ['script'] }
const inputs = z
  .object({ host: z.string().min(1).describe('The host it runs on. For many, use each.'), ...scriptFields })
  .refine(hasOneScript, ONE_SCRIPT)
type Inputs = z.output<typeof inputs>

export const scriptOutputs = z.object({
  exitCode: z.int(),
  stdout: z.string(),
  stderr: z.string(),
  values: z.record(z.string(), z.string()),
})
type Outputs = z.output<typeof scriptOutputs>

/** What `cancel` needs to find the run again. */
interface Place {
  readonly host: string
  readonly run: string
}
const placeOf = (state: Json | null): Place | null =>
  state !== null &&
  typeof state === 'object' &&
  'host' in state &&
  typeof state.host === 'string' &&
  typeof state.run === 'string'
    ? { host: state.host, run: state.run }
    : null

/**
 * `ssh.script@1`: runs a script on a host, once, whatever happens to the connection or to Baton (FLOW §5 "ssh.script, exactly").
 * Codes: `EXIT_<n>`, `CWD_MISSING`, `LOST`, `CANCELLED`, and those of `HostErrorCode`.
 */
export function sshScript(pool: Pool, options: ScriptOptions = {}): Plugin {
  const {
    logBytes = 4 * 1024 * 1024,
    retryMs = [1000, 2000, 4000, 8000, 15_000, 30_000],
    termSeconds = 8,
    cancelPatienceMs = 25_000,
    darkMs = 10 * 60_000,
  } = options

  const run = async (ctx: Context, given: Inputs, resuming: boolean): Promise<Result<Outputs>> => {
    const problem = problemOf(given)
    if (problem !== null) return fail({ code: 'VALUE_UNFIT', message: problem })
    try {
      const followed = await follow(ctx, pool, given.host, launchOf(ctx, given), {
        logBytes,
        retryMs,
        resuming,
        darkMs,
      })
      return resultOf(given.host, followed)
    } catch (error) {
      if (!(error instanceof HostError)) throw error
      // The script may be running there, and we are not let near it.
      return fail({ code: error.code, cause: 'lost', message: error.message })
    }
  }
  const launchOf = (ctx: Context, given: Inputs): Launch => ({
    key: runKey(ctx.idempotencyKey),
    shell: pool.shell,
    script: given.script ?? given.scriptFrom ?? '',
    args: given.args.map(text),
    env: Object.entries(given.env).map(([name, value]) => [name, text(value)] as const),
    cwd: given.cwd,
  })

  return definePlugin({
    code: 'ssh.script',
    version: '1.0.0',
    title: 'Script over SSH',
    icon: 'terminal',
    inputs,
    outputs: scriptOutputs,
    async execute(ctx, given) {
      const place: Place = { host: given.host, run: runKey(ctx.idempotencyKey) }
      await ctx.checkpoint({ ...place })
      return run(ctx, given, false)
    },
    resume: (ctx, _state, given) => run(ctx, given, true),
    async cancel(ctx, state) {
      const place = placeOf(state)
      // Without a checkpoint nothing was ever sent to a host.
      if (place === null) return true
      return (
        (await cancelRun(ctx, pool, place.host, place.run, { retryMs, patienceMs: cancelPatienceMs, termSeconds })) !==
        'alive'
      )
    },
    settled: (ctx, given) => settleRun(ctx, pool, given.host, runKey(ctx.idempotencyKey)),
    rehearse: (ctx, given) => {
      ctx.log(`Would run a script on ${given.host}. Not performed.\n`, 'info')
      return Promise.resolve(notPerformed({ exitCode: 0, stdout: '', stderr: '', values: {} }))
    },
    dispose: () => pool.close(),
  })
}

const text = (value: string | number | boolean | null): string => (value === null ? '' : String(value))

/** What no process can be given, told before anything is sent. */
function problemOf({ args, env, cwd, script, scriptFrom }: Inputs): string | null {
  const taken = Object.keys(env).find((name) => name.startsWith('BATON_'))
  if (taken !== undefined) return `${taken} cannot be set: names that begin with BATON_ are Baton’s own`
  if ((script ?? scriptFrom ?? '').includes('\0')) return 'The script holds a NUL character, which no shell can read'
  let sum = cwd.length
  for (const [name, value] of [
    ...args.map((arg, index) => [`Argument ${index + 1}`, text(arg)] as const),
    ...Object.entries(env).map(([key, value]) => [key, text(value)] as const),
    ['cwd', cwd] as const,
  ]) {
    const size = Buffer.byteLength(value)
    sum += size
    if (value.includes('\0')) return `${name} holds a NUL character, which cannot be passed to a script`
    if (size > MAX_VALUE)
      return `${name} is too long to pass to a script (${size.toLocaleString('en')} bytes; at most ${MAX_VALUE.toLocaleString('en')})`
  }
  return sum > MAX_VALUES
    ? `Arguments and environment are too long together (${sum.toLocaleString('en')} bytes; at most ${MAX_VALUES.toLocaleString('en')})`
    : null
}

const LOST_WORDS: Record<Extract<Ended, { kind: 'lost' }>['why'], string> = {
  boot: 'restarted while the script ran. How far it came is not known',
  gone: 'no longer has the script’s process, and it left no exit code. How far it came is not known',
  settled: 'has forgotten this run. Whether it ended is not known',
  unrecorded: 'began the script, but left no record of it. Whether it ran is not known',
}

function resultOf(host: string, { ended, stdout, stderr, values }: Followed): Result<Outputs> {
  const partial = { stdout, stderr, values: parseValues(values) }
  switch (ended.kind) {
    case 'exit': {
      const all = { exitCode: ended.code, ...partial }
      if (ended.fault === 'cwd')
        return fail({
          code: 'CWD_MISSING',
          message: exitMessage(host, ended.code, stderr || 'the folder to run in cannot be entered'),
          outputs: all,
        })
      return ended.code === 0
        ? done(all)
        : fail({ code: `EXIT_${ended.code}`, message: exitMessage(host, ended.code, stderr), outputs: all })
    }
    case 'lost':
      return fail({ code: 'LOST', cause: 'lost', message: `${host} ${LOST_WORDS[ended.why]}`, outputs: partial })
    case 'cancelled':
      return fail({ code: 'CANCELLED', message: `The script on ${host} was ended from outside`, outputs: partial })
    case 'unstarted':
      return fail({ code: ended.error.code, message: ended.error.message })
  }
}
