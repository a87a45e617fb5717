import { openInputs, parseInputs } from '../runtime/inputs.ts'
import { createMasker, type Masker } from '../runtime/mask.ts'
import { failure, resultOf, thrown } from '../runtime/result.ts'
import type { pluginInfo } from './catalogue.ts'
import { endingOf, type Ending, type Values } from './ending.testing.ts'
import type { Context, Json, Plugin, Result } from './index.ts'
import { newLife, type BenchLife, type Stops } from './life.testing.ts'
import type { createWorld } from './world.testing.ts'

/** What the bodies of one plugin are called with. */
export interface Rig {
  readonly plugin: Plugin
  readonly info: ReturnType<typeof pluginInfo>
  readonly world: ReturnType<typeof createWorld>
  readonly secrets: { readonly [ref: string]: string }
  /** A deed, or a line of the log: whoever waits for one looks. */
  readonly seen: (what: 'deed' | 'log') => void
}
export interface Attempt {
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
export type Body = (ctx: Context, inputs: never) => Promise<Result<unknown>>
interface RunOptions extends Stops {
  readonly isResume?: boolean
}

/** Calls one of the plugin's bodies as the engine does. */
export function run(rig: Rig, attempt: Attempt, body: Body, options: RunOptions = {}): Promise<Ending> {
  const life = newLife(() => rig.seen('deed'), options)
  attempt.life = life
  const running = Promise.race([answer(rig, attempt, life, body, options.isResume === true), life.died]).finally(() => {
    if (attempt.running === running) attempt.running = null
  })
  attempt.running = running
  return running
}

async function answer(rig: Rig, attempt: Attempt, life: BenchLife, body: Body, isResume: boolean): Promise<Ending> {
  const { plugin } = rig
  const masker = createMasker()
  const { context, values } = await openedFor(rig, attempt, life, masker, (state) => (attempt.state = state))
  const ctx = { ...context, log: watchedLog(rig, context) }
  const parsed = parseInputs(plugin, values)
  if (!parsed.ok) return endingOf(failure(isResume ? 'lost' : 'error', 'INVALID_INPUT', parsed.message))
  try {
    const returned = await body(ctx, parsed.inputs as never) // parsed by the plugin's own schema
    const ending = endingOf(resultOf(plugin, returned, masker))
    noteLeak(rig, returned, masker)
    park(attempt, ending)
    const isEnd = ending.kind === 'done' || ending.kind === 'fail'
    if (isEnd && !attempt.rehearsal && !attempt.life?.dead) await plugin.settled?.(ctx, parsed.inputs as never)
    return ending
  } catch (error) {
    if (life.abort.signal.aborted) return { kind: 'aborted' }
    const failed = thrown(error, masker)
    return endingOf(isResume ? { ...failed, cause: 'lost' } : failed)
  }
}
function noteLeak({ world }: Rig, returned: Result<unknown>, masker: Masker): void {
  const kept = returned?.kind === 'poll' || returned?.kind === 'callback' ? returned.state : null
  if (JSON.stringify(masker.value(kept)) !== JSON.stringify(kept)) (world.leaks as string[]).push('the state') // ours to write
}
function park(attempt: Attempt, ending: Ending): void {
  attempt.parked = ending.kind === 'poll' || ending.kind === 'callback' ? ending.kind : null
  attempt.afterS = ending.kind === 'poll' ? ending.afterS : ending.kind === 'callback' ? (ending.pollAfterS ?? -1) : -1
  if (ending.kind === 'poll' || ending.kind === 'callback') attempt.state = ending.state
}

/** Asks the plugin's own `cancel`. What it throws confirms nothing. */
export async function cancelBy(
  rig: Rig,
  attempt: Attempt,
  cancel: NonNullable<Plugin['cancel']>,
): Promise<{ readonly confirmed: boolean; readonly error?: string }> {
  const masker = createMasker()
  try {
    const life = newLife(() => rig.seen('deed'))
    const { context } = await openedFor(rig, attempt, life, masker, () => undefined)
    return { confirmed: (await cancel.call(rig.plugin, context, attempt.state)) === true }
  } catch (error) {
    return { confirmed: false, error: thrown(error, masker).message }
  }
}

/** Its inputs with their secrets opened, and the context that has them. */
async function openedFor(
  { info, world, secrets: prepared }: Rig,
  { key, number, rehearsal, inputs }: Attempt,
  life: BenchLife,
  masker: Masker,
  onCheckpoint: (state: Json) => void,
): Promise<{ readonly context: Context; readonly values: Values }> {
  const { values, secrets: opened } = await openInputs(inputs, info, (ref) => {
    const value = prepared[ref]
    if (value === undefined)
      throw new Error(`no value is prepared for the secret ${ref}: give { secrets } to testPlugin`)
    return value
  })
  masker.add(opened)
  const given = info.secret.filter((name) => values[name] !== undefined)
  const secrets = Object.fromEntries(given.map((name) => [name, values[name] as Json])) // just seen to be there
  return {
    context: world.context({ key, attempt: number, rehearsal, life, masker, secrets, onCheckpoint }),
    values,
  }
}
const watchedLog =
  (rig: Rig, context: Context): Context['log'] =>
  (text, stream) => {
    context.log(text, stream)
    rig.seen('log')
  }
