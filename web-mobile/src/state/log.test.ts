import { expect, test } from 'vitest'
import type { Client } from '../../../api/client/index.ts'
import type { LogLine } from '../api/fragments.ts'
import { Connection } from './connection.svelte.ts'
import { isErrorLine, LogState } from './log.svelte.ts'
import { answersIn, safePath, SignIn } from './sign-in.svelte.ts'

const line = (n: number, text = `line ${n}`): LogLine => ({
  n,
  at: '2026-01-01T00:00:00Z',
  stream: 'STDOUT',
  text,
  item: null,
})
const lines = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from }, (_, index) => line(from + index))
/** Answers as the server does: after a line, or the last ones; a page of a hundred at a time. */
const logOf = (total: number) => {
  const query = async (
    _: unknown,
    { after, last }: { after: number | null; last: number | null },
  ): Promise<unknown> => {
    const from = last !== null ? Math.max(0, total - last) : (after ?? -1) + 1
    return { task: { node: { log: { total, dropped: 0, lines: lines(from, Math.min(total, from + (last ?? 100))) } } } }
  }
  return new LogState({
    client: () => ({ query }) as unknown as Client,
    connection: new Connection(Date.now),
    task: 't',
    node: 'n',
    attempt: 1,
    live: false,
  })
}

test('a log is read from its end, and from the start when that is asked', async () => {
  const log = logOf(350)
  await log.start(new AbortController().signal)
  expect([log.lines[0]?.n, log.lines.length, log.total]).toEqual([150, 200, 350])
  await log.fromStart()
  expect([log.lines[0]?.n, log.lines.length, log.following]).toEqual([0, 350, false])
})
test('lines that come twice after a reconnect are shown once, in order', () => {
  const log = logOf(0)
  log.add(lines(0, 3))
  log.add(lines(1, 5))
  log.add([line(4)])
  expect(log.lines.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4])
  expect(log.total).toBe(5)
})
test('new lines are counted while the reader is elsewhere', () => {
  const log = logOf(0)
  log.add(lines(0, 3))
  log.follow(false)
  log.add(lines(3, 15))
  expect(log.unseen).toBe(12)
  log.follow(true)
  expect(log.unseen).toBe(0)
})
test.each([
  ['deploy: exit code 3', true],
  ['tar: No space left on device', true],
  ['copied 0 errors', false],
  ['exit code 0', false],
  ['copy assets 0 of 3 381', false],
])('“%s” is an error: %s', (text, error) => {
  expect(isErrorLine(line(0, text))).toBe(error)
})

const answering = (status: number, body: object) => new SignIn(() => Promise.resolve(Response.json(body, { status })))
test('a code signs in and says where to go', async () => {
  expect(await answering(200, { path: '/tasks/7', answers: null }).redeem({ code: 'c' })).toMatchObject({
    path: '/tasks/7',
  })
})
test.each([
  ['a spent code', 404, {}, { code: 'c' }, 'expired'],
  ['a wrong token', 404, {}, { token: 't' }, 'token'],
  ['an invitation without a name', 200, { needs: 'name' }, { code: 'c' }, 'name'],
  ['too many tries', 429, {}, { code: 'c' }, 'network'],
  ['a server that is starting', 503, {}, { code: 'c' }, 'network'],
] as const)('%s is told as it is', async (_, status, body, given, trouble) => {
  const signIn = answering(status, body)
  expect(await signIn.redeem(given)).toBeNull()
  expect([signIn.trouble, signIn.busy]).toEqual([trouble, false])
})
test.each([
  ['/tasks/7', '/tasks/7'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['', '/'],
  [null, '/'],
])('after signing in, %s leads to %s', (path, to) => {
  expect(safePath(path)).toBe(to)
})
test('answers in a link are an object or nothing', () => {
  expect(answersIn('#answers=%7B%22version%22%3A%22v1%22%7D')).toEqual({ version: 'v1' })
  for (const bad of ['', '#answers=', '#answers=[1]', '#answers={', '#answers=null', '#code=x'])
    expect(answersIn(bad)).toEqual({})
})
