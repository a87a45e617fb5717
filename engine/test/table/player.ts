import {
  awaitCallback,
  definePlugin,
  done,
  fail,
  notPerformed,
  pollAfter,
  z,
  type Context,
  type Plugin,
} from '../../plugin/index.ts'
import { eventually } from '../eventually.ts'

/**
 * What one attempt of a step does. `ok` gives `out`; `fail`, `lost`, `throw` end it; `poll` ends at its second poll; `call` waits to be
 * called and gives what came; `slowcall` begins to wait when it is released, `slowpoll` to poll; `callpoll` looks for itself when no call comes; `hold` runs until it is
 * told to end; `deaf` runs until then and never confirms; `bad` gives what breaks its schema; `big` hands over more state than there is room for.
 */
const DOINGS = [
  'ok',
  'fail',
  'lost',
  'throw',
  'poll',
  'slowpoll',
  'call',
  'slowcall',
  'callpoll',
  'hold',
  'deaf',
  'bad',
  'big',
] as const
export type Doing = (typeof DOINGS)[number]

/** A plugin whose behaviour stands in the flow, attempt by attempt (the last one goes on for ever), and what it has been asked to do. `act.again` is the same and can be attached to after a restart. */
export interface Player {
  readonly plugins: readonly Plugin[]
  /** `a/1 execute`, `a/1 cancel`, in order. */
  readonly calls: readonly string[]
  /** Executions that were begun twice although they must not be. */
  readonly doubled: readonly string[]
  /** Where an attempt can be called back: `a/1`, `deploy/1/2` for an item. */
  readonly addresses: ReadonlyMap<string, string>
  /** Lets what holds end with success: everything, or one step. */
  release(node?: string): void
}

const nameOf = ({ nodeId, attempt, item }: Context): string =>
  [nodeId, attempt, ...(item === null ? [] : [item])].join('/')

const inputs = z.object({
  /** By attempt, from the first on. */
  does: z.array(z.enum(DOINGS)).default(['ok']),
  /** By item: an item in here does that in its first attempt, and `ok` after. */
  items: z.record(z.string(), z.enum(DOINGS)).default({}),
  item: z.json().default(null),
  out: z.record(z.string(), z.json()).default({}),
  repeat: z.boolean().default(false),
  cancels: z.boolean().default(true),
})
type Given = z.output<typeof inputs>
function doing({ attempt }: Context, { items, item, does }: Given): Doing {
  const own = items[String(item)]
  if (own !== undefined) return attempt === 1 ? own : 'ok'
  return does[Math.min(attempt, does.length) - 1] ?? 'ok'
}

export function player(): Player {
  const calls: string[] = []
  const doubled: string[] = []
  const begun = new Set<string>()
  const addresses = new Map<string, string>()
  const gates = gateways()
  const shared = {
    title: 'Act',
    version: '1.0.0',
    inputs,
    outputs: z.record(z.string(), z.json()).refine((out) => out['broken'] !== true, 'is broken'),
    repeat: ({ repeat }: Given) => repeat,
    async execute(ctx: Context, given: Given) {
      calls.push(`${nameOf(ctx)} execute`)
      if (begun.has(ctx.idempotencyKey) && !given.repeat) doubled.push(ctx.idempotencyKey)
      begun.add(ctx.idempotencyKey)
      const does = doing(ctx, given)
      switch (does) {
        case 'ok':
          return done(given.out)
        case 'fail':
          return fail({ code: 'EXIT_3', message: `exit code 3 in attempt ${ctx.attempt}`, outputs: given.out })
        case 'lost':
          return fail({ code: 'LOST', message: 'nobody can tell', cause: 'lost' })
        case 'throw':
          throw new Error('the plugin broke')
        case 'bad':
          return done({ broken: true })
        case 'big':
          return pollAfter(0.002, 'x'.repeat(100_000))
        case 'slowpoll':
          await gates.held(ctx)
          return pollAfter(0.002, 1)
        case 'poll':
          return pollAfter(0.002, 1)
        case 'call':
        case 'callpoll':
          addresses.set(nameOf(ctx), ctx.callback.token)
          return awaitCallback({ got: [] }, does === 'callpoll' ? { pollAfterS: 0.02 } : {})
        case 'slowcall':
          addresses.set(nameOf(ctx), ctx.callback.token)
          await gates.held(ctx)
          return awaitCallback({ got: [] })
        case 'deaf':
        case 'hold':
          await ctx.checkpoint({ deaf: does === 'deaf' || !given.cancels })
          await gates.held(ctx)
          return done(given.out)
      }
    },
    async poll(ctx: Context, state: unknown) {
      calls.push(`${nameOf(ctx)} poll`)
      return state === 1 ? pollAfter(0.002, 2) : done({ polls: 2 })
    },
    async callback(ctx: Context, payload: unknown, state: unknown) {
      calls.push(`${nameOf(ctx)} callback`)
      const { got } = state as { got: string[] }
      const { say, more, wrong } = payload as { say: string; more?: boolean; wrong?: boolean }
      if (wrong) return fail({ code: 'SAID_NO', message: say })
      return more ? awaitCallback({ got: [...got, say] }) : done({ got: [...got, say] })
    },
    async cancel(ctx: Context, state: unknown) {
      calls.push(`${nameOf(ctx)} cancel`)
      return (state as { deaf?: boolean } | null)?.deaf !== true
    },
  }
  const act = definePlugin({ ...shared, code: 'act' })
  const again = definePlugin({
    ...shared,
    code: 'act.again',
    async resume(ctx, _, given) {
      calls.push(`${nameOf(ctx)} resume`)
      await gates.held(ctx)
      return done(given.out)
    },
  })
  const rehearsed = definePlugin({
    ...shared,
    code: 'act.rehearsed',
    async rehearse(ctx, given) {
      calls.push(`${nameOf(ctx)} rehearse`)
      return notPerformed(given.out)
    },
  })
  return { plugins: [act, again, rehearsed], calls, doubled, addresses, release: gates.release }
}

/** What holds until it is released, everything or one step, or its execution is told to end. */
function gateways(): { held(ctx: Context): Promise<void>; release(node?: string): void } {
  const open = new Set<string>()
  return {
    async held({ nodeId, signal }) {
      await eventually(() => signal.aborted || open.has('') || open.has(nodeId))
      if (signal.aborted) throw signal.reason instanceof Error ? signal.reason : new Error('ended')
    },
    release: (node = '') => void open.add(node),
  }
}
