import { definePlugin, done, fail, notPerformed, secret, z } from '../../engine/plugin/index.ts'
import type { Context, Plugin } from '../../engine/plugin/index.ts'
import { isMailAddress, type Mailer } from './mail.ts'
import { robotAt, robotCall, robotTrouble, type Notice, type Robot } from './robots.ts'

const robot = z.union([
  z.string().min(1),
  z.object({
    url: z.string().min(1),
    secret: z.string().min(1).optional(),
    kind: z.enum(['wecom', 'feishu', 'dingtalk']).optional(),
  }),
])
const inputs = z
  .object({
    to: z
      .union([z.string().min(1), z.array(z.string().min(1))])
      .describe('starter, role:x, a person, room:#x, an e-mail address, or an https address; [] beside robots.'),
    robots: secret(z.array(robot))
      .default([])
      .describe(
        'Group robots of WeCom, Feishu or DingTalk: their address, or {url, secret} where the group checks signatures.',
      ),
    title: z.string().min(1).max(300),
    text: z.string().max(20_000).default(''),
    level: z.enum(['info', 'warning', 'error']).default('info'),
  })
  .refine(({ to, robots }) => to.length + robots.length > 0, { message: 'Name somebody to tell', path: ['to'] })
type Inputs = z.output<typeof inputs>
const outputs = z.object({ delivered: z.array(z.string()).describe('Those of `to` that were reached.') })

const isWebhook = (to: string): boolean => /^https?:\/\//i.test(to)
const addressOf = (to: string): string => to.replace(/^mailto:/i, '')

export interface NotifyOptions {
  /** Absent: e-mail addresses are people, who are told in their chats. */
  readonly mailer?: Mailer
}
/** One place to be told. */
interface Way {
  /** As it is shown: addresses of robots and webhooks hold their key, so only the host is. */
  readonly name: string
  /** Null when the other side took it, else why not. */
  tell(): Promise<string | null>
}

/** `notify@1`: tells people, rooms, mail addresses, group robots and webhooks. Fails (`NOBODY_REACHED`) only if nobody at all was reached. */
export function notify({ mailer }: NotifyOptions = {}): Plugin {
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
      const isMail = (one: string): boolean => mailer !== undefined && isMailAddress(addressOf(one))
      const people = to.filter((one) => !isWebhook(one) && !isMail(one))
      const reached = new Set<string>()
      const missed: string[] = []
      const { title, text, level } = given
      const { number, title: task, url } = ctx.task
      const notice: Notice = { title, text, level, task: { number, title: task, url } }
      if (people.length > 0) {
        const { accepted, unreachable } = await ctx.send({ to: people, title, text, level })
        for (const one of accepted) reached.add(one)
        missed.push(...unreachable.map((one) => `${one} cannot be reached`))
        if (accepted.length + unreachable.length === 0) missed.push(`${people.join(', ')} is nobody at present`)
      }
      const ways = [
        ...to.filter(isMail).map((one) => byMail(mailer!, ctx, addressOf(one), notice)), // isMail: there is one
        ...to.filter(isWebhook).map((one) => byPost(ctx, one, notice)),
        ...given.robots.map((one) => byRobotOf(ctx, one, notice)),
      ]
      await Promise.all(
        ways.map(async ({ name, tell }) => {
          const trouble = await tell()
          if (trouble === null) reached.add(name)
          else missed.push(`${name} ${trouble}`)
        }),
      )
      for (const one of missed) ctx.log(`${one}\n`, 'info')
      if (reached.size === 0)
        return fail({
          code: 'NOBODY_REACHED',
          message: `Nobody was told: ${missed.join('; ')}`,
          outputs: { delivered: [] },
        })
      return done({ delivered: [...reached] })
    },
    async rehearse(ctx, given) {
      const names = [
        ...[given.to].flat().map((one) => (isWebhook(one) ? hostOf(one) : one)),
        ...given.robots.map(nameOf),
      ]
      ctx.log(`Would tell ${names.join(', ')}: ${given.title}. Not performed.\n`, 'info')
      return notPerformed({ delivered: [] })
    },
    async dispose() {
      mailer?.close()
    },
  })
}
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'A webhook')
const nameOf = (one: Inputs['robots'][number]): string => hostOf(typeof one === 'string' ? one : one.url)

const byMail = (mailer: Mailer, ctx: Context, to: string, notice: Notice): Way => ({
  name: to,
  async tell() {
    try {
      await mailer.send({ to, notice, key: ctx.idempotencyKey })
      return null
    } catch (error) {
      ctx.signal.throwIfAborted()
      return `could not be mailed: ${error instanceof Error ? error.message : String(error)}`
    }
  },
})

function byPost(ctx: Context, address: string, notice: Notice): Way {
  const kind = robotAt(address)
  if (kind) return byRobot(ctx, { kind, url: address, secret: null }, notice)
  return { name: hostOf(address), tell: () => post(ctx, address, notice, () => null) }
}
function byRobotOf(ctx: Context, one: Inputs['robots'][number], notice: Notice): Way {
  const given = typeof one === 'string' ? { url: one } : one
  const kind = ('kind' in given ? given.kind : undefined) ?? robotAt(given.url)
  if (!kind)
    return { name: nameOf(one), tell: async () => 'is no robot that is known: add kind: wecom, feishu or dingtalk' }
  return byRobot(ctx, { kind, url: given.url, secret: ('secret' in given ? given.secret : undefined) ?? null }, notice)
}
const byRobot = (ctx: Context, robot: Robot, notice: Notice): Way => ({
  name: hostOf(robot.url),
  tell() {
    if (!URL.canParse(robot.url)) return Promise.resolve('has an address that cannot be read')
    const { url, body } = robotCall(robot, notice, ctx.now())
    return post(ctx, url, body, robotTrouble)
  },
})

/** Null when the other side took it, else why not. */
async function post(
  ctx: Context,
  address: string,
  body: object,
  troubleIn: (answer: unknown) => string | null,
): Promise<string | null> {
  if (!URL.canParse(address)) return 'has an address that cannot be read'
  try {
    const response = await ctx.fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Baton', 'idempotency-key': ctx.idempotencyKey },
      body: JSON.stringify(body),
      timeoutS: 15,
      maxBytes: 64 * 1024,
    })
    const text = await response.text()
    return response.ok ? troubleIn(jsonOf(text)) : `answered ${response.status}`
  } catch (error) {
    ctx.signal.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const { host } = new URL(address)
    return `cannot be reached: ${cause instanceof Error ? cause.message.replaceAll(address, host) : String(cause)}`
  }
}
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
