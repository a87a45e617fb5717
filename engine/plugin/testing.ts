/**
 * `baton/plugin-testing`: runs one plugin in memory as the engine would, through polls, callbacks, cancels, crashes and rehearsals.
 * Main path: `testPlugin` → `execute` … → an `Ending`; `checkPlugin` does all of it at every point where a process can die.
 */
import { failure } from '../runtime/result.ts'
import { pluginProblem } from './accept.ts'
import { cancelBy, run, type Attempt, type Body, type Rig } from './body.testing.ts'
import { pluginInfo } from './catalogue.ts'
import { endingOf, type Ending, type Values } from './ending.testing.ts'
import { notPerformed, type Json, type Plugin, type Result } from './index.ts'
import type { Moment, Stops } from './life.testing.ts'
import { createWorld, type Deed, type World, type WorldOptions } from './world.testing.ts'

export { checkPlugin, type CheckOptions } from './check.testing.ts'
export { CALLBACK } from './world.testing.ts'
export type { Ending } from './ending.testing.ts'
export type { Moment } from './life.testing.ts'
export type { Deed, FakeFetch, World, WorldOptions } from './world.testing.ts'

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

/** Puts a plugin on a bench. @throws when Baton would not load it. */
export function testPlugin(plugin: Plugin, options: BenchOptions = {}): Bench {
  const problem = pluginProblem(plugin)
  if (problem !== null) throw new Error(problem)
  const world = createWorld(options)
  const watch = createWatch(world)
  return benchFor(
    { plugin, info: pluginInfo(plugin), world, secrets: options.secrets ?? {}, seen: watch.seen },
    watch,
    options,
  )
}

function benchFor(rig: Rig, { reached }: Watch, options: BenchOptions): Bench {
  const { plugin, info, world } = rig
  const { patienceMs = 2_000, key: task = `testing-${crypto.randomUUID().slice(0, 8)}` } = options
  let attempts = 0
  let current: Attempt | null = null
  const attemptNow = (): Attempt => {
    if (!current) throw new Error('nothing was executed yet')
    return current
  }
  const newAttempt = (inputs: object, rehearsal: boolean): Attempt => {
    world.newLog()
    attempts += 1
    return (current = attemptOf(`${task}/node/${attempts}`, attempts, inputs, rehearsal))
  }
  const execute: Body = (ctx, given) => plugin.execute(ctx, given)
  const begin = (inputs: object, stops: Stops = {}): Promise<Ending> =>
    run(rig, newAttempt(inputs, false), execute, stops)

  return {
    world,
    get state() {
      return current?.state ?? null
    },
    reached,
    execute: (inputs, crashAt) => begin(inputs, { crashAt }),
    begin(inputs, holdAt) {
      const ending = begin(inputs, { holdAt })
      const life = attemptNow().life! // it has just begun
      return { ending, held: Promise.race([life.held, ending]), release: () => life.release() }
    },
    async poll() {
      const attempt = parkedFor('poll', attemptNow())
      world.clock.advance(Math.max(0, attempt.afterS) * 1000)
      const state = attempt.state as Json // parked attempts have one
      return run(rig, attempt, (ctx) => plugin.poll?.(ctx, state) ?? missing(plugin, 'poll'))
    },
    async callback(payload) {
      const attempt = parkedFor('callback', attemptNow())
      const state = attempt.state as Json // parked attempts have one
      return run(rig, attempt, (ctx) => plugin.callback?.(ctx, payload, state) ?? missing(plugin, 'callback'))
    },
    async cancel() {
      const attempt = attemptNow()
      const running = attempt.running
      attempt.life?.abort.abort(new Error('revoked'))
      const late = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null).unref())
      attempt.parked = null
      const cancelled = plugin.cancel
        ? await cancelBy(rig, attempt, plugin.cancel)
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
      if (plugin.resume) return run(rig, attempt, (ctx, given) => plugin.resume!(ctx, state, given), { isResume: true })
      if (info.repeatable?.(attempt.inputs)) return run(rig, attempt, execute)
      return endingOf(failure('lost', 'LOST', 'Baton was restarted while this ran. Nobody can tell whether it ended'))
    },
    rehearse: (inputs) =>
      run(rig, newAttempt(inputs, true), (ctx, given) =>
        plugin.rehearse ? plugin.rehearse(ctx, given) : Promise.resolve(notPerformed()),
      ),
  }
}

const attemptOf = (key: string, number: number, inputs: object, rehearsal: boolean): Attempt => ({
  key,
  number,
  inputs: JSON.parse(JSON.stringify(inputs)) as Values, // through JSON and back, as a history keeps them
  rehearsal,
  state: null,
  parked: null,
  afterS: -1,
  life: null,
  running: null,
})
/** The attempt that waits for this. @throws what it does instead. */
function parkedFor(kind: 'poll' | 'callback', attempt: Attempt): Attempt {
  const fits = attempt.parked === kind || (kind === 'poll' && attempt.parked === 'callback' && attempt.afterS >= 0)
  if (fits) return attempt
  const died = attempt.life?.dead === true ? 'its process died: resume it first' : null
  const stands = attempt.parked ? `for a ${attempt.parked}` : (died ?? (attempt.running ? 'still runs' : 'has ended'))
  throw new Error(`the attempt does not wait for a ${kind}, but ${stands}`)
}
const missing = (plugin: Plugin, body: string): Promise<Result<never>> =>
  Promise.resolve({
    kind: 'fail',
    code: 'PLUGIN_BROKEN',
    message: `${plugin.code} asked for a ${body} that it does not have`,
  })

interface Watch extends Pick<Bench, 'reached'> {
  readonly seen: Rig['seen']
}
/** Who waits for a deed, or for a line of the log. */
function createWatch(world: World): Watch {
  const listeners = new Set<() => void>()
  let logs = 0
  return {
    seen(what) {
      if (what === 'log') logs += 1
      for (const look of [...listeners]) look()
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
  }
}
