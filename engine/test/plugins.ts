import {
  awaitCallback,
  definePlugin,
  done,
  fail,
  pollAfter,
  secret,
  z,
  type Context,
  type Plugin,
} from '../plugin/index.ts'
import { eventually } from './eventually.ts'

/** Gives back what it got. */
export const echo = definePlugin({
  code: 'echo',
  version: '1.0.0',
  title: 'Echo',
  inputs: z.object({ text: z.string().default('') }),
  outputs: z.object({ text: z.string() }),
  execute: async (_, { text }) => done({ text }),
})

/** Fails until mended. */
export function brittle(): Plugin & { mend(): void; readonly runs: string[] } {
  let isBroken = true
  const runs: string[] = []
  const plugin = definePlugin({
    code: 'brittle',
    version: '1.0.0',
    title: 'Brittle',
    inputs: z.object({ with: z.string().default('') }),
    async execute(ctx, given) {
      runs.push(`${ctx.idempotencyKey} ${given.with}`)
      return isBroken ? fail({ code: 'BROKEN', message: 'Deploy failed: exit code 3' }) : done({})
    },
  })
  return Object.assign(plugin, { runs, mend: () => void (isBroken = false) })
}

/** Runs until the test lets it end; what happens to it is written down. */
export interface Held {
  readonly plugin: Plugin
  readonly calls: string[]
  /** Resolves when `call` has happened `times`. */
  called(call: string, times?: number): Promise<void>
  release(): void
}
export function held(
  options: {
    readonly cancel?: (() => Promise<boolean>) | undefined
    readonly resume?: boolean
    readonly repeat?: boolean
    readonly code?: string
  } = {},
): Held {
  const calls: string[] = []
  const note = (call: string): void => void calls.push(call)
  let isOpen = false
  const wait = async ({ signal, attempt }: Context): Promise<void> => {
    signal.addEventListener('abort', () => note(`aborted ${attempt}`))
    await eventually(() => isOpen || signal.aborted)
    if (signal.aborted) throw signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason))
  }
  const plugin = definePlugin({
    code: options.code ?? 'held',
    version: '1.0.0',
    title: 'Held',
    inputs: z.object({}),
    repeat: () => options.repeat ?? false,
    async execute(ctx) {
      note(`execute ${ctx.attempt}`)
      await ctx.checkpoint({ begun: ctx.attempt })
      note(`checkpointed ${ctx.attempt}`)
      await wait(ctx)
      return done({})
    },
    ...(options.resume && {
      async resume(ctx: Context, state: unknown) {
        note(`resume ${ctx.attempt} ${JSON.stringify(state)}`)
        await wait(ctx)
        return done({})
      },
    }),
    ...(options.cancel && {
      async cancel(ctx: Context, state: unknown) {
        note(`cancel ${ctx.attempt} ${JSON.stringify(state)}`)
        return options.cancel!()
      },
    }),
  })
  return {
    plugin,
    calls,
    release: () => void (isOpen = true),
    called: (call, times = 1) => eventually(() => calls.filter((made) => made === call).length >= times),
  }
}

/** Polls `times` times, counting in its state. */
export const polling = (times: number, afterS = 0.01) =>
  definePlugin({
    code: 'polling',
    version: '1.0.0',
    title: 'Polling',
    inputs: z.object({}),
    outputs: z.object({ polls: z.int() }),
    execute: async () => pollAfter(afterS, 0),
    poll: async (_, state) =>
      (state as number) + 1 < times ? pollAfter(afterS, (state as number) + 1) : done({ polls: (state as number) + 1 }),
  })

/** Waits for calls from outside, and gathers what they bring until one says `last`. */
export function calledBack(onStart: (callback: Context['callback']) => Promise<void> = async () => {}) {
  const addresses: Context['callback'][] = []
  const plugin = definePlugin({
    code: 'called',
    version: '1.0.0',
    title: 'Called',
    inputs: z.object({}),
    outputs: z.object({ got: z.array(z.json()) }),
    async execute(ctx) {
      addresses.push(ctx.callback)
      await onStart(ctx.callback)
      return awaitCallback([])
    },
    async callback(_, payload, state) {
      const got = [...(state as string[]), (payload as { say: string }).say]
      return (payload as { last?: boolean }).last ? done({ got }) : awaitCallback(got)
    },
  })
  return { plugin, addresses }
}

/** Shows its secret wherever it can. */
export const leaky = definePlugin({
  code: 'leaky',
  version: '1.0.0',
  title: 'Leaky',
  inputs: z.object({ token: secret(z.string()), fail: z.boolean().default(false) }),
  outputs: z.object({ token: z.string(), length: z.int() }),
  async execute(ctx, { token, fail: mustFail }) {
    ctx.log(`token ${token.slice(0, 5)}`, 'stdout')
    ctx.log(`${token.slice(5)}\nbase64 ${Buffer.from(token).toString('base64')}\n`, 'stdout')
    ctx.progress(`using ${token}`)
    await ctx.checkpoint({ token })
    return mustFail
      ? fail({ message: `login with ${token} failed`, outputs: { token } })
      : done({ token, length: token.length })
  },
})
