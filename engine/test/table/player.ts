import { awaitCallback, definePlugin, done, fail, pollAfter, z, type Context, type Plugin } from '../../plugin/index.ts'

/**
 * What one attempt of a step does. `ok` gives `out`; `fail`, `lost`, `throw` end it; `poll` ends at its second poll; `call` waits to be
 * called and gives what came; `hold` runs until it is told to end; `deaf` runs until then and never confirms; `bad` gives what breaks its schema.
 */
export type Doing = 'ok' | 'fail' | 'lost' | 'throw' | 'poll' | 'call' | 'hold' | 'deaf' | 'bad'
const DOINGS = [
  'ok',
  'fail',
  'lost',
  'throw',
  'poll',
  'call',
  'hold',
  'deaf',
  'bad',
] as const satisfies readonly Doing[]

/** A plugin whose behaviour stands in the flow, attempt by attempt (the last one goes on for ever), and what it has been asked to do. */
export interface Player {
  readonly plugins: readonly Plugin[]
  /** `a/1 execute`, `a/1 cancel`, in order. */
  readonly calls: readonly string[]
  /** Where an attempt can be called back: `a/1`, `deploy/1/2` for an item. */
  readonly addresses: ReadonlyMap<string, string>
  /** Lets everything that holds end with success. */
  release(): void
}

const nameOf = ({ nodeId, attempt, item }: Context): string =>
  [nodeId, attempt, ...(item === null ? [] : [item])].join('/')

export function player(): Player {
  const calls: string[] = []
  const addresses = new Map<string, string>()
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  const held = (ctx: Context): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (): void => reject(ctx.signal.reason instanceof Error ? ctx.signal.reason : new Error('ended'))
      if (ctx.signal.aborted) return end()
      ctx.signal.addEventListener('abort', end)
      void gate.then(resolve)
    })
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
  const doing = (ctx: Context, given: z.output<typeof inputs>): Doing => {
    const own = given.items[String(given.item)]
    if (own !== undefined) return ctx.attempt === 1 ? own : 'ok'
    return given.does[Math.min(ctx.attempt, given.does.length) - 1] ?? 'ok'
  }
  const act = definePlugin({
    code: 'act',
    version: '1.0.0',
    title: 'Act',
    inputs,
    outputs: z.record(z.string(), z.json()).refine((out) => out['broken'] !== true, 'is broken'),
    repeat: ({ repeat }) => repeat,
    async execute(ctx, given) {
      calls.push(`${nameOf(ctx)} execute`)
      switch (doing(ctx, given)) {
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
        case 'poll':
          return pollAfter(0.002, 1)
        case 'call':
          addresses.set(nameOf(ctx), ctx.callback.token)
          return awaitCallback({ got: [] })
        case 'deaf':
          await ctx.checkpoint({ deaf: true })
          await held(ctx)
          return done(given.out)
        case 'hold':
          await ctx.checkpoint({ deaf: !given.cancels })
          await held(ctx)
          return done(given.out)
      }
    },
    async poll(ctx, state) {
      calls.push(`${nameOf(ctx)} poll`)
      return state === 1 ? pollAfter(0.002, 2) : done({ polls: 2 })
    },
    async callback(ctx, payload, state) {
      calls.push(`${nameOf(ctx)} callback`)
      const { got } = state as { got: string[] }
      const { say, more, wrong } = payload as { say: string; more?: boolean; wrong?: boolean }
      if (wrong) return fail({ code: 'SAID_NO', message: say })
      return more ? awaitCallback({ got: [...got, say] }) : done({ got: [...got, say] })
    },
    async cancel(ctx, state) {
      calls.push(`${nameOf(ctx)} cancel`)
      return (state as { deaf?: boolean } | null)?.deaf !== true
    },
  })
  return { plugins: [act], calls, addresses, release: () => open() }
}
