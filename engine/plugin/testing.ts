/**
 * `baton/plugin-testing`: runs one plugin in memory as the engine would, through polls, callbacks, cancels, crashes and rehearsals.
 * Main path: `testPlugin` → `execute` … → an `Ending`; `checkPlugin` does all of it at every point where a process can die.
 */
import { openInputs, parseInputs } from '../runtime/inputs.ts'
import { createMasker, type Masker } from '../runtime/mask.ts'
import { failure, resultOf, thrown } from '../runtime/result.ts'
import { pluginProblem } from './accept.ts'
import { pluginInfo } from './catalogue.ts'
import { notPerformed, type Json, type Plugin, type Result } from './index.ts'
import { createWorld, type Deed, type Life, type World, type WorldOptions } from './world.testing.ts'

export { checkPlugin, type CheckOptions } from './check.testing.ts'
export { CALLBACK } from './world.testing.ts'
export type { Deed, FakeFetch, World, WorldOptions } from './world.testing.ts'

type Values = { readonly [name: string]: Json }
/** How a body ended, as the engine would take it in: checked against the schemas, and masked. */
export type Ending =
  /** `notPerformed`: of a rehearsal, samples. */
  | { readonly kind: 'done'; readonly outputs: Values; readonly notPerformed?: true }
  | {
      readonly kind: 'fail'
      /** `error timeout lost output_invalid` */
      readonly cause: string
      readonly code: string
      readonly message: string
      readonly outputs?: Values
    }
  /** Parked until `poll`. */
  | { readonly kind: 'poll'; readonly afterS: number; readonly state: Json }
  /** Parked until `callback`. */
  | { readonly kind: 'callback'; readonly state: Json; readonly pollAfterS?: number }
  /** The process died. `at` is the deed it died before or after. */
  | { readonly kind: 'crashed'; readonly at: string }
  /** Its signal was aborted and it threw, as it should. */
  | { readonly kind: 'aborted' }

export interface Cancelled {
  /** The end outside is confirmed; false is what people see as "may still run". */
  readonly confirmed: boolean
  /** What the plugin's `cancel` threw, masked. To the engine that is an end nobody has confirmed. Absent: it threw nothing. */
  readonly error?: string
  /** How the body that was running ended; null: none was, or it did not end within `patienceMs`. */
  readonly body: Ending | null
}
export interface BenchOptions extends WorldOptions {
  /** What idempotency keys begin with. Default: another for each bench, so that real far ends tell them apart. */
  readonly key?: string
  /** How long a body may go on after its signal was aborted. Default 2,000 ms. */
  readonly patienceMs?: number
}
/** A point between two things a body does outside: deeds count from 0. */
export interface Moment {
  readonly deed: number
  readonly when: 'before' | 'after'
}
export interface Begun {
  readonly ending: Promise<Ending>
  /** Resolves when the body stands at `holdAt`, or has ended before it came there. */
  readonly held: Promise<unknown>
  /** Lets it go on. */
  release(): void
}

/** One plugin on a bench. Everything the plugin did is in `world`. */
export interface Bench {
  readonly world: World
  /** What is kept of the attempt between two calls. */
  readonly state: Json | null
  /** Begins a new attempt and resolves when its body ends, or dies at `crashAt`. */
  execute(inputs: object, crashAt?: Moment): Promise<Ending>
  /** Begins a new attempt and does not wait for its end: for `cancel` and `crash` in the middle. With `holdAt` the body stands still there until then. */
  begin(inputs: object, holdAt?: Moment): Begun
  /** Resolves when the plugin has done this for the n-th time (1 is the first): a moment for `cancel` or `crash`. */
  reached(what: Deed['what'] | 'log', times?: number): Promise<void>
  /** The time of the next poll has come: the clock is moved there. */
  poll(): Promise<Ending>
  /** Somebody calls `ctx.callback.url`. */
  callback(payload: Json): Promise<Ending>
  /** Revoked or out of time: the signal is aborted, then the plugin's `cancel` is asked. */
  cancel(): Promise<Cancelled>
  /** `kill -9`: nothing of the running body is heard of any more; what it did outside stays done. */
  crash(): void
  /** The process is there again: what the engine does with an attempt whose body was running. */
  resume(): Promise<Ending>
  rehearse(inputs: object): Promise<Ending>
}

interface Attempt {
  readonly key: string
  readonly number: number
  readonly inputs: Values
  readonly rehearsal: boolean
  state: Json | null
  parked: 'poll' | 'callback' | null
  afterS: number
  life: BenchLife | null
  running: Promise<Ending> | null
}
interface BenchLife extends Life {
  readonly abort: AbortController
  die(at: string): void
  readonly died: Promise<Ending>
  readonly held: Promise<void>
  release(): void
}
interface Stops {
  readonly crashAt?: Moment | undefined
  readonly holdAt?: Moment | undefined
}
const isAt = (moment: Moment | undefined, deed: number, when: Moment['when']): boolean =>
  moment?.deed === deed && moment.when === when

/** Puts a plugin on a bench. @throws when Baton would not load it. */
export function testPlugin(plugin: Plugin, options: BenchOptions = {}): Bench {
  const problem = pluginProblem(plugin)
  if (problem !== null) throw new Error(problem)
  const info = pluginInfo(plugin)
  const world = createWorld(options)
  const { patienceMs = 2_000, key: task = `testing-${crypto.randomUUID().slice(0, 8)}` } = options
  const listeners = new Set<() => void>()
  let logs = 0
  let attempts = 0
  let current: Attempt | null = null

  const newLife = ({ crashAt, holdAt }: Stops = {}): BenchLife => {
    const abort = new AbortController()
    const died = Promise.withResolvers<Ending>()
    const held = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    abort.signal.addEventListener('abort', () => released.resolve())
    let deeds = 0
    const life: BenchLife = {
      dead: false,
      abort,
      signal: abort.signal,
      died: died.promise,
      held: held.promise,
      release: () => released.resolve(),
      die(at) {
        life.dead = true
        died.resolve({ kind: 'crashed', at })
      },
      async passes(deed, when) {
        // Told after the deed, so that whoever waits for it finds it done.
        if (when === 'after') for (const look of [...listeners]) look()
        const n = when === 'before' ? deeds : deeds++
        if (!life.dead && isAt(crashAt, n, when)) life.die(`${when} ${deed.what} ${deed.on}`)
        if (isAt(holdAt, n, when)) {
          held.resolve()
          await released.promise
        }
        // Nobody is there any more to go on.
        if (life.dead) await new Promise(() => {})
      },
    }
    return life
  }

  /** Calls one of the plugin's bodies as the engine does. */
  const run = (
    attempt: Attempt,
    body: (ctx: ReturnType<typeof world.context>, inputs: never) => Promise<Result<unknown>>,
    { isResume = false, ...stops }: Stops & { readonly isResume?: boolean } = {},
  ): Promise<Ending> => {
    const life = newLife(stops)
    attempt.life = life
    const masker = createMasker()
    const secrets: { [input: string]: Json } = {}
    const context = world.context({
      secrets,
      key: attempt.key,
      attempt: attempt.number,
      rehearsal: attempt.rehearsal,
      life,
      masker,
      onCheckpoint: (state) => (attempt.state = state),
    })
    const ctx = {
      ...context,
      log(text: string, stream?: 'stdout' | 'stderr' | 'info') {
        context.log(text, stream)
        logs += 1
        for (const look of [...listeners]) look()
      },
    }
    const answer = async (): Promise<Ending> => {
      const opened = await openInputs(attempt.inputs, info, secretOf)
      masker.add(opened.secrets)
      Object.assign(secrets, secretInputs(opened.values))
      const parsed = parseInputs(plugin, opened.values)
      if (!parsed.ok) return endingOf(failure(isResume ? 'lost' : 'error', 'INVALID_INPUT', parsed.message))
      try {
        const returned = await body(ctx, parsed.inputs as never) // parsed by the plugin's own schema
        const ending = endingOf(resultOf(plugin, returned, masker))
        noteLeak(returned, masker)
        park(attempt, ending)
        if (ending.kind === 'done' || ending.kind === 'fail') await settle(attempt, ctx, parsed.inputs)
        return ending
      } catch (error) {
        if (life.abort.signal.aborted) return { kind: 'aborted' }
        const failed = thrown(error, masker)
        return endingOf(isResume ? { ...failed, cause: 'lost' } : failed)
      }
    }
    const running = Promise.race([answer(), life.died]).finally(() => {
      if (attempt.running === running) attempt.running = null
    })
    attempt.running = running
    return running
  }
  const settle = async (attempt: Attempt, ctx: ReturnType<typeof world.context>, inputs: unknown): Promise<void> => {
    if (!attempt.rehearsal && !attempt.life?.dead) await plugin.settled?.(ctx, inputs as never)
  }
  const secretOf = (ref: string): string => {
    const value = options.secrets?.[ref]
    if (value === undefined)
      throw new Error(`no value is prepared for the secret ${ref}: give { secrets } to testPlugin`)
    return value
  }
  const noteLeak = (returned: Result<unknown>, masker: Masker): void => {
    const kept = returned?.kind === 'poll' || returned?.kind === 'callback' ? returned.state : null
    if (JSON.stringify(masker.value(kept)) !== JSON.stringify(kept)) (world.leaks as string[]).push('the state') // ours to write
  }
  const attemptNow = (): Attempt => {
    if (!current) throw new Error('nothing was executed yet')
    return current
  }
  const parkedFor = (kind: 'poll' | 'callback'): Attempt => {
    const attempt = attemptNow()
    const fits = attempt.parked === kind || (kind === 'poll' && attempt.parked === 'callback' && attempt.afterS >= 0)
    if (!fits) {
      const died = attempt.life?.dead === true ? 'its process died: resume it first' : null
      const stands = attempt.parked
        ? `for a ${attempt.parked}`
        : (died ?? (attempt.running ? 'still runs' : 'has ended'))
      throw new Error(`the attempt does not wait for a ${kind}, but ${stands}`)
    }
    return attempt
  }
  const missing = (body: string): Result<never> => ({
    kind: 'fail',
    code: 'PLUGIN_BROKEN',
    message: `${plugin.code} asked for a ${body} that it does not have`,
  })
  const newAttempt = (inputs: object, rehearsal: boolean): Attempt => {
    world.newLog()
    attempts += 1
    // Through JSON and back, as a history keeps them.
    const kept = JSON.parse(JSON.stringify(inputs)) as Values
    return (current = {
      key: `${task}/node/${attempts}`,
      number: attempts,
      inputs: kept,
      rehearsal,
      state: null,
      parked: null,
      afterS: -1,
      life: null,
      running: null,
    })
  }
  const begin = (inputs: object, stops: Stops = {}): Promise<Ending> =>
    run(newAttempt(inputs, false), (ctx, given) => plugin.execute(ctx, given), stops)

  return {
    world,
    get state() {
      return current?.state ?? null
    },
    execute: (inputs, crashAt) => begin(inputs, { crashAt }),
    begin(inputs, holdAt) {
      const ending = begin(inputs, { holdAt })
      const life = attemptNow().life! // it has just begun
      return { ending, held: Promise.race([life.held, ending]), release: () => life.release() }
    },
    reached: (what, times = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          const count = what === 'log' ? logs : world.deeds.filter((deed) => deed.what === what).length
          if (count < times) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
      }),
    async poll() {
      const attempt = parkedFor('poll')
      world.clock.advance(Math.max(0, attempt.afterS) * 1000)
      const state = attempt.state as Json // parked attempts have one
      return run(attempt, (ctx) => plugin.poll?.(ctx, state) ?? Promise.resolve(missing('poll')))
    },
    async callback(payload) {
      const attempt = parkedFor('callback')
      const state = attempt.state as Json // parked attempts have one
      return run(attempt, (ctx) => plugin.callback?.(ctx, payload, state) ?? Promise.resolve(missing('callback')))
    },
    async cancel() {
      const attempt = attemptNow()
      const running = attempt.running
      attempt.life?.abort.abort(new Error('revoked'))
      const late = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null).unref())
      attempt.parked = null
      const cancelled = plugin.cancel
        ? await cancelBy(plugin.cancel, attempt)
        : { confirmed: info.repeatable?.(attempt.inputs) === true }
      return { ...cancelled, body: running ? await Promise.race([running, late]) : null }
    },
    crash() {
      attemptNow().life?.die('when told to')
    },
    async resume() {
      const attempt = attemptNow()
      if (attempt.life && !attempt.life.dead && attempt.running) throw new Error('it still runs: crash it first')
      const { state } = attempt
      if (attempt.parked === 'poll') return this.poll()
      if (attempt.parked === 'callback') return { kind: 'callback', state: state as Json }
      if (plugin.resume) return run(attempt, (ctx, given) => plugin.resume!(ctx, state, given), { isResume: true })
      if (info.repeatable?.(attempt.inputs)) return run(attempt, (ctx, given) => plugin.execute(ctx, given))
      return endingOf(failure('lost', 'LOST', 'Baton was restarted while this ran. Nobody can tell whether it ended'))
    },
    rehearse: (inputs) =>
      run(newAttempt(inputs, true), (ctx, given) =>
        plugin.rehearse ? plugin.rehearse(ctx, given) : Promise.resolve(notPerformed()),
      ),
  }

  function secretInputs(values: Values): { [input: string]: Json } {
    const given = info.secret.filter((name) => values[name] !== undefined)
    return Object.fromEntries(given.map((name) => [name, values[name] as Json])) // just seen to be there
  }
  async function cancelBy(
    cancel: NonNullable<Plugin['cancel']>,
    attempt: Attempt,
  ): Promise<Pick<Cancelled, 'confirmed' | 'error'>> {
    const masker = createMasker()
    try {
      return { confirmed: (await cancel.call(plugin, await cancelContext(attempt, masker), attempt.state)) === true }
    } catch (error) {
      return { confirmed: false, error: thrown(error, masker).message }
    }
  }
  async function cancelContext(attempt: Attempt, masker: Masker) {
    const life = newLife()
    const { key, number, rehearsal } = attempt
    const opened = await openInputs(attempt.inputs, info, secretOf)
    masker.add(opened.secrets)
    const secrets = secretInputs(opened.values)
    return world.context({ key, attempt: number, rehearsal, life, masker, secrets, onCheckpoint: () => undefined })
  }
}

function park(attempt: Attempt, ending: Ending): void {
  attempt.parked = ending.kind === 'poll' || ending.kind === 'callback' ? ending.kind : null
  attempt.afterS = ending.kind === 'poll' ? ending.afterS : ending.kind === 'callback' ? (ending.pollAfterS ?? -1) : -1
  if (ending.kind === 'poll' || ending.kind === 'callback') attempt.state = ending.state
}
function endingOf(result: ReturnType<typeof resultOf>): Ending {
  switch (result.kind) {
    case 'poll':
      return { kind: 'poll', afterS: result.afterMs / 1000, state: result.state }
    case 'callback':
      return {
        kind: 'callback',
        state: result.state,
        ...(result.pollAfterMs !== undefined && { pollAfterS: result.pollAfterMs / 1000 }),
      }
    default:
      return result
  }
}
