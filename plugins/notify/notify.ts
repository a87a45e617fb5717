import { definePlugin, done, fail, notPerformed, z } from '../../engine/plugin/index.ts'
import type { Context, Plugin } from '../../engine/plugin/index.ts'

const inputs = z.object({
  to: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('starter, role:x, a person, room:#x, or an https address.'),
  title: z.string().min(1).max(300),
  text: z.string().max(20_000).default(''),
  level: z.enum(['info', 'warning', 'error']).default('info'),
})
type Inputs = z.output<typeof inputs>
const outputs = z.object({ delivered: z.array(z.string()).describe('Those of `to` that were reached.') })

const isWebhook = (to: string): boolean => /^https?:\/\//i.test(to)

/** `notify@1`: tells people and rooms, and posts to webhooks. Fails (`NOBODY_REACHED`) only if nobody at all was reached. */
export function notify(): Plugin {
  return definePlugin({
    code: 'notify',
    version: '1.0.0',
    title: 'Notify',
    icon: 'bell',
    inputs,
    outputs,
    repeat: () => true, // every delivery carries the idempotency key
    async execute(ctx, given) {
      const to = [...new Set([given.to].flat())]
      const people = to.filter((one) => !isWebhook(one))
      const reached = new Set<string>()
      const missed: string[] = []
      const { title, text, level } = given
      if (people.length > 0) {
        const { accepted, unreachable } = await ctx.send({ to: people, title, text, level })
        for (const one of accepted) reached.add(one)
        missed.push(...unreachable.map((one) => `${one} cannot be reached`))
        if (accepted.length + unreachable.length === 0) missed.push(`${people.join(', ')} is nobody at present`)
      }
      await Promise.all(
        to.filter(isWebhook).map(async (url) => {
          const trouble = await post(ctx, url, given)
          if (trouble === null) reached.add(new URL(url).host)
          else missed.push(trouble)
        }),
      )
      for (const one of missed) ctx.log(`${one}\n`, 'info')
      if (reached.size === 0)
        return fail({
          code: 'NOBODY_REACHED',
          message: `Nobody was told: ${missed.join('; ')}`,
          outputs: { delivered: [] },
        })
      return done({
        delivered: [...reached],
      })
    },
    async rehearse(ctx, given) {
      ctx.log(`Would tell ${[given.to].flat().join(', ')}: ${given.title}. Not performed.\n`, 'info')
      return notPerformed({ delivered: [] })
    },
  })
}

/** Null when the other side took it, else why not. Addresses of webhooks hold their key, so only the host is named. */
async function post(ctx: Context, address: string, { title, text, level }: Inputs): Promise<string | null> {
  if (!URL.canParse(address)) return 'A webhook address cannot be read'
  const name = new URL(address).host
  const { number, title: task, url } = ctx.task
  try {
    const response = await ctx.fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Baton', 'idempotency-key': ctx.idempotencyKey },
      body: JSON.stringify({ title, text, level, task: { number, title: task, url } }),
      timeoutS: 15,
      maxBytes: 64 * 1024,
    })
    await response.body?.cancel()
    return response.ok ? null : `${name} answered ${response.status}`
  } catch (error) {
    ctx.signal.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return `${name} cannot be reached: ${cause instanceof Error ? cause.message.replaceAll(address, name) : String(cause)}`
  }
}
