/**
 * Remote plugins: services that speak the bk-plugin protocol of BlueKing.
 * `GET meta/` names code and versions, `GET detail/<version>` the schemas, `POST invoke/<version>` begins, `GET schedule/<trace id>` tells how it is.
 */
import {
  awaitCallback,
  definePlugin,
  done,
  fail,
  json,
  notPerformed,
  pollAfter,
  secret,
  z,
} from '../../engine/plugin/index.ts'
import type { Context, Json, Plugin, Result } from '../../engine/plugin/index.ts'
import { refused, sendFailure } from './failure.ts'

/** One version of a service, as it describes itself: JSON, so that it can be remembered. */
export interface RemoteRelease {
  readonly service: string
  /** Their name of the version, as their addresses want it. */
  readonly version: string
  readonly description: string
  readonly inputs: Json
  readonly outputs: Json
  /** Calls back when it has ended. */
  readonly callsBack: boolean
}
const TIMEOUT_S = 60
const READ_S = 10
/** Looks that may fail one after the other before nobody can tell any more what became of it. */
const MAX_MISSES = 20
const [POLL, CALLBACK, SUCCESS, FAIL] = [2, 3, 4, 5]

/** What a service offers. @throws in words. */
export async function readRemote(url: string, call: typeof fetch = fetch): Promise<RemoteRelease[]> {
  const base = baseOf(url)
  const read = async (path: string): Promise<Record<string, Json>> => {
    const answer = await call(new URL(path, base), { signal: AbortSignal.timeout(READ_S * 1000) }).catch(
      (error: unknown) => {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
        throw new Error(`${base.host} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`)
      },
    )
    if (!answer.ok) throw new Error(`${base.host} answered ${answer.status} to ${path}`)
    const { result, data, message } = (await answer.json().catch(() => ({}))) as Record<string, Json>
    if (result !== true || typeof data !== 'object' || data === null || Array.isArray(data))
      throw new Error(
        `${base.host} speaks no bk-plugin protocol${typeof message === 'string' && message ? `: ${message}` : ''}`,
      )
    return data as Record<string, Json> // just seen to be a map
  }
  const meta = await read('meta/')
  const service = typeof meta['code'] === 'string' ? meta['code'] : base.hostname
  const versions = Array.isArray(meta['versions']) ? meta['versions'].filter((one) => typeof one === 'string') : []
  return Promise.all(
    versions.map(async (version): Promise<RemoteRelease> => {
      const detail = await read(`detail/${encodeURIComponent(version)}`)
      return {
        service,
        version,
        description: textOr(detail['desc'] ?? meta['description'], service),
        inputs: detail['inputs'] ?? {},
        outputs: detail['outputs'] ?? {},
        callsBack: detail['enable_plugin_callback'] === true,
      }
    }),
  )
}
const textOr = (value: Json | undefined, other: string): string =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : other
const baseOf = (url: string): URL => new URL(url.endsWith('/') ? url : `${url}/`)

/** `bk.<service>`, and their version as three numbers: `v1.2` is 1.2.0. */
export const remoteCode = (service: string): string => `bk.${service.toLowerCase().replace(/[^a-z0-9_]+/g, '_').replace(/^[^a-z]+/, '')}` // prettier-ignore
const versionOf = (version: string): string => {
  const [, major, minor = '0', patch = '0'] = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(version) ?? []
  return major === undefined ? version : [major, minor, patch].map(Number).join('.')
}

interface Look {
  readonly trace: string
  readonly looks: number
  readonly misses: number
}
/** A plugin that has its work done by a service. Beginning it twice would do it twice: after a crash in between a person is asked. */
export function remotePlugin(url: string, release: RemoteRelease): Plugin {
  const base = baseOf(url)
  const key = secret(z.union([z.string(), z.record(z.string(), z.string())]))
    .optional()
    .describe('Sent as X-Bkapi-Authorization, where the service stands behind an API gateway.')
  const headersOf = (ctx: Context): Record<string, string> => {
    const { bkapi } = ctx.secrets
    if (bkapi === undefined) return {}
    return { 'x-bkapi-authorization': typeof bkapi === 'string' ? bkapi : JSON.stringify(bkapi) }
  }
  const wait = (look: Look): Result<never> =>
    release.callsBack
      ? awaitCallback({ ...look }, { pollAfterS: Math.max(60, pauseS(look.looks)) })
      : pollAfter(pauseS(look.looks), { ...look })

  /** What it said of an execution; null: nothing that could be read. */
  const settle = (said: Record<string, Json>, look: Look): Result<{ [name: string]: Json }> => {
    const { state, outputs, err } = (said['data'] ?? {}) as Record<string, Json> // every key is looked at before use
    const given = typeof outputs === 'object' && outputs !== null && !Array.isArray(outputs) ? outputs : {}
    if (state === SUCCESS) return done(given as { [name: string]: Json })
    if (state === FAIL)
      return fail({ code: 'REMOTE_FAILED', message: `${release.service}: ${textOr(err, 'failed')}`, outputs: given })
    if (state === POLL || state === CALLBACK) return wait(look)
    return fail({
      code: 'REMOTE_ODD',
      message: `${release.service} answered a state that is not known: ${String(state)}`,
    })
  }
  const look = async (ctx: Context, last: Look): Promise<Result<{ [name: string]: Json }>> => {
    const { trace, looks, misses } = last
    const missed = (why: string): Result<never> =>
      misses + 1 >= MAX_MISSES
        ? fail({
            code: 'LOST',
            cause: 'lost',
            message: `${base.host} ${why}, ${MAX_MISSES} times. What became of it is not known`,
          })
        : pollAfter(pauseS(looks), { trace, looks: looks + 1, misses: misses + 1 })
    let answer: Response
    try {
      answer = await ctx.fetch(new URL(`schedule/${encodeURIComponent(trace)}`, base).href, {
        headers: headersOf(ctx),
        timeoutS: TIMEOUT_S,
      })
    } catch (error) {
      ctx.signal.throwIfAborted()
      ctx.log(`${base.host} cannot be reached: ${error instanceof Error ? error.message : String(error)}\n`)
      return missed('cannot be reached')
    }
    const said = await jsonOf(answer)
    if (!answer.ok || said === null) return missed(`answered ${answer.status}`)
    if (said['result'] !== true) return missed(textOr(said['message'], 'does not know it'))
    return settle(said, { trace, looks: looks + 1, misses: 0 })
  }

  return definePlugin({
    code: remoteCode(release.service),
    version: versionOf(release.version),
    title: release.description,
    icon: 'plug',
    inputs: z.object({ ...shapeOf(release.inputs), bkapi: key }),
    outputs: outputsOf(release.outputs),
    async execute(ctx, given) {
      const { bkapi: _, ...inputs } = given
      const context = {
        executor: ctx.task.startedBy,
        operator: ctx.task.startedBy,
        task_id: ctx.task.id,
        task_name: ctx.task.title,
        ...(release.callsBack && { plugin_callback_info: { url: ctx.callback.url, data: {} } }),
      }
      let answer: Response
      try {
        answer = await ctx.fetch(new URL(`invoke/${encodeURIComponent(release.version)}`, base).href, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': 'Baton', ...headersOf(ctx) },
          body: JSON.stringify({ inputs, context }),
          timeoutS: TIMEOUT_S,
        })
      } catch (error) {
        ctx.signal.throwIfAborted()
        return sendFailure(error, base.host, { isRepeatable: false, timeoutS: TIMEOUT_S })
      }
      const said = await jsonOf(answer)
      if (said === null || (!answer.ok && said['result'] === undefined)) return refused(base.host, answer.status)
      const trace = textOr(said['trace_id'], '')
      if (trace !== '') ctx.log(`trace_id ${trace}\n`)
      if (said['result'] !== true)
        return fail({ code: 'REMOTE_REFUSED', message: `${release.service}: ${textOr(said['message'], 'refused')}` })
      return settle(said, { trace, looks: 0, misses: 0 })
    },
    poll: (ctx, state) => look(ctx, state as unknown as Look), // as `wait` put it there
    // Whoever called, what counts is what the service itself says.
    callback: (ctx, _payload, state) => look(ctx, state as unknown as Look),
    rehearse(ctx) {
      ctx.log(`Would have ${release.service} do it. Not performed.\n`)
      return Promise.resolve(notPerformed())
    },
  })
}
/** As BlueKing itself looks: every 10 s at first, then ever more rarely, at most every 10 min. */
const pauseS = (looks: number): number => (looks < 30 ? 10 : Math.min((looks - 25) ** 2, 600))

async function jsonOf(answer: Response): Promise<Record<string, Json> | null> {
  try {
    const said: unknown = await answer.json()
    return typeof said === 'object' && said !== null && !Array.isArray(said) ? (said as Record<string, Json>) : null
  } catch {
    return null
  }
}
/** Their JSON Schema as ours; what cannot be read may be anything, and is checked by the service. */
function shapeOf(schema: Json): { [name: string]: z.ZodType } {
  try {
    const read = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
    if (read instanceof z.ZodObject) return { ...read.shape } as { [name: string]: z.ZodType } // zod's own are schemas
  } catch {
    // as below
  }
  return Object.fromEntries(namesIn(schema).map((name) => [name, json().optional()]))
}
/** Names alone: what a service leaves out or adds is no fault of the step. */
const outputsOf = (schema: Json): z.ZodObject =>
  z.looseObject(Object.fromEntries(namesIn(schema).map((name) => [name, json().optional()])))
function namesIn(schema: Json): string[] {
  const { properties } = (schema ?? {}) as { readonly properties?: Json } // a look at one key
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties)
    ? Object.keys(properties)
    : []
}
