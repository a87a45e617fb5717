import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkPlugin, testPlugin } from '../../engine/plugin/testing.ts'
import { notify } from './notify.ts'
import { robotCall, robotTrouble, type Notice } from './robots.ts'

const notice: Notice = {
  title: 'Released',
  text: 'v1.4.2 <at user_id="all"></at> @all',
  level: 'error',
  task: { number: 7, title: 'Release', url: 'https://baton.example/tasks/7' },
}
const now = 1_700_000_000_123
const hmac = (key: string, text: string) => createHmac('sha256', key).update(text).digest('base64')
const whole = '✖ Released\nv1.4.2 <at user_id="all"></at> @all\nRelease #7\nhttps://baton.example/tasks/7'

test('WeCom takes a plain text, cut to its 2,048 bytes', () => {
  const url = 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k'
  expect(robotCall({ kind: 'wecom', url, secret: null }, notice, now)).toEqual({
    url,
    body: { msgtype: 'text', text: { content: whole } },
  })
  const long = robotCall({ kind: 'wecom', url, secret: null }, { ...notice, text: '中文🚀'.repeat(500) }, now)
  const { content } = (long.body as { text: { content: string } }).text
  expect(Buffer.byteLength(content)).toBeLessThanOrEqual(2_048)
  expect(content).toMatch(/中?文?…\nRelease #7\nhttps:/)
  expect(content).not.toContain('\ufffd')
})
test('Feishu takes a post, in which a text is a text, signed by time and secret', () => {
  const url = 'https://open.feishu.cn/open-apis/bot/v2/hook/x'
  expect(robotCall({ kind: 'feishu', url, secret: 's' }, notice, now)).toEqual({
    url,
    body: {
      timestamp: '1700000000',
      sign: hmac('1700000000\ns', ''),
      msg_type: 'post',
      content: {
        post: {
          zh_cn: {
            title: '✖ Released',
            content: [
              [{ tag: 'text', text: notice.text }],
              [{ tag: 'text', text: 'Release #7\nhttps://baton.example/tasks/7' }],
            ],
          },
        },
      },
    },
  })
})
test('DingTalk takes a text, signed in its address', () => {
  const { url, body } = robotCall(
    { kind: 'dingtalk', url: 'https://oapi.dingtalk.com/robot/send?access_token=t', secret: 'SEC1' },
    notice,
    now,
  )
  expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
    access_token: 't',
    timestamp: String(now),
    sign: hmac('SEC1', `${now}\nSEC1`),
  })
  expect(body).toEqual({ msgtype: 'text', text: { content: whole }, at: { isAtAll: false } })
})
test.each([
  [{ errcode: 0, errmsg: 'ok' }, null],
  [{ code: 0, msg: 'success', StatusCode: 0 }, null],
  [{ errcode: 93000, errmsg: 'invalid webhook url' }, 'refused it: invalid webhook url (93000)'],
  [{ code: 19021, msg: 'sign match fail' }, 'refused it: sign match fail (19021)'],
  ['<html>', 'answered something that is no JSON'],
])('the answer %j', (answer, trouble) => {
  expect(robotTrouble(answer)).toBe(trouble)
})

test('robots are told beside people; one that refuses is named by its host, never by its key', async () => {
  const seen: string[] = []
  const bench = testPlugin(notify(), {
    secrets: { 'ding.url': 'https://oapi.dingtalk.com/robot/send?access_token=very-secret' },
    fetch(request) {
      seen.push(request.url)
      return Response.json(
        request.url.includes('weixin') ? { errcode: 93000, errmsg: 'invalid webhook url' } : { errcode: 0 },
      )
    },
  })
  const ending = await bench.execute({
    to: ['starter', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=also-secret'],
    robots: [
      { $secret: 'ding.url' },
      { url: 'https://open.feishu.cn/open-apis/bot/v2/hook/x', secret: 'shh-shh' },
      'https://robots.example/',
    ],
    title: 'Released',
  })
  expect(ending).toEqual({
    kind: 'done',
    outputs: { delivered: ['starter', 'oapi.dingtalk.com', 'open.feishu.cn'] },
  })
  expect(bench.world.log()).toContain('qyapi.weixin.qq.com refused it: invalid webhook url (93000)')
  expect(bench.world.log()).toContain('robots.example is no robot that is known')
  expect(bench.world.log()).not.toContain('secret')
  expect(seen).toHaveLength(3)
})
test('it holds up to crashes, stops and rehearsals', async () => {
  const world = () => ({ fetch: () => Response.json({ errcode: 0 }) })
  const inputs = [{ to: ['starter', 'https://oapi.dingtalk.com/robot/send?access_token=t'], title: 'x' }]
  expect(await checkPlugin(notify(), { inputs, world })).toEqual([])
  expect(notify().inputs.safeParse({ to: [], title: 'x' }).success).toBe(false)
})
