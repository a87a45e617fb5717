/** Group robots of WeCom, Feishu (Lark) and DingTalk: a message posted to an address that holds its key. */
import { createHmac } from 'node:crypto'

export type RobotKind = 'wecom' | 'feishu' | 'dingtalk'
export interface Robot {
  readonly kind: RobotKind
  readonly url: string
  /** Where the group asks for signatures (Feishu, DingTalk). */
  readonly secret: string | null
}
export interface Notice {
  readonly title: string
  readonly text: string
  readonly level: 'info' | 'warning' | 'error'
  /** Which task it is about, and its page. */
  readonly task: { readonly number: number; readonly title: string; readonly url: string }
}

const HOSTS: Readonly<Record<string, RobotKind>> = {
  'qyapi.weixin.qq.com': 'wecom',
  'open.feishu.cn': 'feishu',
  'open.larksuite.com': 'feishu',
  'oapi.dingtalk.com': 'dingtalk',
}
/** Whose robot an address is, by its host; null: somebody else's. */
export const robotAt = (url: string): RobotKind | null =>
  URL.canParse(url) ? (HOSTS[new URL(url).hostname] ?? null) : null

const MARKS = { info: '', warning: '▲ ', error: '✖ ' } as const
/** Bytes of one message, a little below what each takes. */
const LIMITS: Readonly<Record<RobotKind, number>> = { wecom: 2_000, feishu: 16_000, dingtalk: 16_000 }

/** What is posted. Plain text throughout: in their markup a value somebody typed could mention a whole group. */
export function robotCall({ kind, url, secret }: Robot, notice: Notice, now: number): { url: string; body: object } {
  const heading = `${MARKS[notice.level]}${notice.title}`
  const footer = `${notice.task.title} #${notice.task.number}\n${notice.task.url}`
  const room = LIMITS[kind] - Buffer.byteLength(`${heading}\n\n${footer}`)
  const text = cut(notice.text, room)
  const whole = [heading, text, footer].filter((part) => part !== '').join('\n')
  switch (kind) {
    case 'wecom':
      return { url, body: { msgtype: 'text', text: { content: whole } } }
    case 'feishu': {
      // In a post a text is a text; in their plain messages `<at …>` would be read.
      const lines = [text, footer].filter((part) => part !== '').map((part) => [{ tag: 'text', text: part }])
      const seconds = String(Math.floor(now / 1000))
      return {
        url,
        body: {
          ...(secret !== null && { timestamp: seconds, sign: hmac(`${seconds}\n${secret}`, '') }),
          msg_type: 'post',
          content: { post: { zh_cn: { title: heading, content: lines } } },
        },
      }
    }
    case 'dingtalk': {
      const signed = new URL(url)
      if (secret !== null) {
        signed.searchParams.set('timestamp', String(now))
        signed.searchParams.set('sign', hmac(secret, `${now}\n${secret}`))
      }
      return { url: signed.href, body: { msgtype: 'text', text: { content: whole }, at: { isAtAll: false } } }
    }
  }
}
const hmac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64')

/** At most so many bytes, whole characters. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  let kept = ''
  let used = 3
  for (const char of text) {
    used += Buffer.byteLength(char)
    if (used > bytes) break
    kept += char
  }
  return `${kept}…`
}

/** They answer 200 to everything: what went wrong stands in the answer. Null: delivered. */
export function robotTrouble(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return 'answered something that is no JSON'
  const { errcode, code, StatusCode, errmsg, msg } = answer as { readonly [key: string]: unknown } // read-only looks
  const result = errcode ?? code ?? StatusCode
  if (result === 0) return null
  const why = [errmsg, msg].find((one) => typeof one === 'string' && one !== '') as string | undefined
  return `refused it: ${why?.slice(0, 200) ?? 'no reason given'} (${String(result)})`
}
