import { pluginProblem } from './accept.ts'
import { pluginInfo } from './catalogue.ts'
import type { Json, Plugin } from './index.ts'
import { testPlugin, type Bench, type BenchOptions, type Moment, type Ending } from './testing.ts'

export interface CheckOptions {
  /** Inputs that should work, each tried in a world of its own. */
  readonly inputs: readonly object[]
  /** A fresh far end for each try: servers that count, hosts, secrets. */
  readonly world?: () => BenchOptions
  /** What the far end should look like after each try, however often the process died. Throws, or answers what is wrong. */
  readonly after?: (bench: Bench, ending: Ending) => unknown
  /** Payloads of callbacks, in order, for a plugin that waits for them. */
  readonly callbacks?: readonly Json[]
  /** How often a plugin may poll before that counts as never ending. Default 100. */
  readonly maxPolls?: number
}
const MAX_DEEDS = 200

/**
 * What is wrong with a plugin; an empty list: nothing was found. Tries each of `inputs` straight through, then once more for every
 * point where the process can die (before and after each thing it does outside), resumes, and looks at what is there; then cancels,
 * and rehearses. Says what it did to find a problem.
 */
export async function checkPlugin(plugin: Plugin, options: CheckOptions): Promise<readonly string[]> {
  const problem = pluginProblem(plugin)
  if (problem !== null) return [problem]
  const problems: string[] = []
  for (const [index, inputs] of options.inputs.entries()) {
    const name = options.inputs.length > 1 ? `inputs ${index}: ` : ''
    for (const found of await checkOne(plugin, inputs, options)) problems.push(`${name}${found}`)
  }
  return [...new Set(problems)]
}

async function checkOne(plugin: Plugin, inputs: object, options: CheckOptions): Promise<string[]> {
  const problems: string[] = []
  const fresh = (): Bench => testPlugin(plugin, options.world?.() ?? {})
  const isRepeatable =
    pluginInfo(plugin).repeatable?.(JSON.parse(JSON.stringify(inputs)) as { [name: string]: Json }) === true

  const straight = fresh()
  const ending = await drive(straight, await straight.execute(inputs), options)
  if (ending.kind === 'fail' && ['output_invalid'].includes(ending.cause)) problems.push(ending.message)
  else if (ending.kind !== 'done') problems.push(`it did not end well: ${told(ending)}`)
  problems.push(...(await lookAt(straight, ending, options, 'straight through')))
  for (const leak of straight.world.leaks)
    problems.push(`it put a secret into ${leak}, where it is masked before it is kept`)
  for (const deed of straight.world.deeds)
    if (
      isRepeatable &&
      deed.what === 'fetch' &&
      /^(POST|PUT|PATCH|DELETE) /.test(deed.on) &&
      !deed.headers?.['idempotency-key']
    )
      problems.push(`it says that it may be repeated, but sends ${deed.on} without the header idempotency-key`)

  const deeds = Math.min(straight.world.deeds.length, MAX_DEEDS)
  for (let deed = 0; deed < deeds; deed++)
    for (const when of ['before', 'after'] as const)
      problems.push(
        ...(await crashOnce(
          fresh(),
          inputs,
          { deed, when },
          { ...options, isSafe: isRepeatable || plugin.resume !== undefined },
        )),
      )

  for (let deed = 0; deed < deeds; deed++) problems.push(...(await cancelAt(fresh(), inputs, { deed, when: 'after' })))
  problems.push(...(await rehearseOnce(fresh(), inputs)))
  return problems
}

async function crashOnce(
  bench: Bench,
  inputs: object,
  crashAt: Moment,
  options: CheckOptions & { readonly isSafe: boolean },
): Promise<string[]> {
  const crashed = await bench.execute(inputs, crashAt)
  if (crashed.kind !== 'crashed') return [] // that deed was done by a poll or a callback: they run again by rule
  const where = `after a crash ${crashed.at}`
  const resumed = await drive(bench, await bench.resume(), options)
  if (!options.isSafe) return resumed.kind === 'fail' && resumed.cause === 'lost' ? [] : [`${where}: ${told(resumed)}`]
  const isHonest = resumed.kind === 'done' || (resumed.kind === 'fail' && resumed.cause === 'lost')
  return isHonest ? lookAt(bench, resumed, options, where) : [`${where} it did not end well: ${told(resumed)}`]
}

/** On through polls and callbacks to its end. */
async function drive(bench: Bench, first: Ending, { callbacks = [], maxPolls = 100 }: CheckOptions): Promise<Ending> {
  let ending = first
  const calls = [...callbacks]
  for (let polls = 0; ending.kind === 'poll' || ending.kind === 'callback';) {
    if (ending.kind === 'poll' || (calls.length === 0 && ending.pollAfterS !== undefined)) {
      if (++polls > maxPolls)
        return { kind: 'fail', cause: 'error', code: 'ENDLESS', message: `it polled ${maxPolls} times` }
      ending = await bench.poll()
    } else {
      const payload = calls.shift()
      if (payload === undefined)
        return { kind: 'fail', cause: 'error', code: 'WAITS', message: 'it waits for a callback: give { callbacks }' }
      ending = await bench.callback(payload)
    }
  }
  return ending
}

async function lookAt(bench: Bench, ending: Ending, { after }: CheckOptions, when: string): Promise<string[]> {
  try {
    const said = await after?.(bench, ending)
    return typeof said === 'string' ? [`${when}: ${said}`] : []
  } catch (error) {
    return [`${when}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`]
  }
}

/** A body whose signal is aborted must end, wherever it stands, and begin nothing more outside. */
async function cancelAt(bench: Bench, inputs: object, moment: Moment): Promise<string[]> {
  const begun = bench.begin(inputs, moment)
  await begun.held
  const { body, error } = await bench.cancel()
  const where = `aborted ${moment.when} ${bench.world.deeds[moment.deed]?.on ?? `deed ${moment.deed}`}`
  if (error !== undefined) return [`${where} its cancel threw: ${error}`]
  if (body === null && (await isPending(begun.ending))) return [`${where} it does not end`]
  const more = bench.world.afterEnd.find((deed) => !/^(checkpoint|fetch) /.test(deed)) // those are refused to it
  return more === undefined ? [] : [`${where} it went on: ${more}`]
}
const isPending = async (ending: Promise<Ending>): Promise<boolean> =>
  (await Promise.race([ending, new Promise((resolve) => setImmediate(resolve, 'pending'))])) === 'pending'

/** A rehearsal ends, and leaves nothing anywhere. */
async function rehearseOnce(bench: Bench, inputs: object): Promise<string[]> {
  const ending = await bench.rehearse(inputs)
  const left = bench.world.deeds.find(({ what }) => what === 'send' || what === 'keepFile')
  if (left) return [`a rehearsal left something outside: ${left.what} ${left.on}`]
  return ending.kind === 'done' ? [] : [`a rehearsal did not end well: ${told(ending)}`]
}

const told = (ending: Ending): string =>
  ending.kind === 'fail' ? `${ending.cause}, ${ending.code}: ${ending.message}` : ending.kind
