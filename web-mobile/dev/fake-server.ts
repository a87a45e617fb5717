import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { GraphQLError } from 'graphql'
import { createSchema, createYoga } from 'graphql-yoga'
import { Hono } from 'hono'
import { administration } from './fake-administration.ts'
import { appAnswers } from './fake-apps.ts'
import { ask } from './fake-ask.ts'
import { flowAnswers } from './fake-flows.ts'
import { hostAnswers } from './fake-hosts.ts'
import { peopleAnswers, viewer } from './fake-people.ts'
import { roles } from './fake-roles.ts'
import { schedules } from './fake-schedules.ts'
import { task as taskLooking, type Look } from './fake-task.ts'
import { at, page } from './fake-words.ts'

/**
 * The page without a Baton behind it, for its screenshots and for working on it: the public contract answered from data at a fixed time.
 * It holds no rule: an act changes the look of its task, and no more.
 */
export interface Fake {
  readonly url: string
  /** What was sent, newest last: `mutation name → variables`. */
  readonly acts: readonly { name: string; args: Record<string, unknown> }[]
  close(): Promise<void>
}
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}
/** As the real server has it: what breaks under it must break here. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** A stream on which nothing ever happens. */
const quiet = (): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({
    next: () => new Promise<never>(() => undefined),
    return: () => Promise.resolve({ done: true, value: undefined }),
  }),
})

interface Call {
  zh: boolean
  signedIn: boolean
}

export async function startFake(port = 0): Promise<Fake> {
  const acts: { name: string; args: Record<string, unknown> }[] = []
  let isOpen = true
  const looks = new Map<number, Look>([
    [1042, 'attention'],
    [1043, 'running'],
    [1041, 'succeeded'],
    [1040, 'queued'],
    [1039, 'revoked'],
    [1038, 'lost'],
    [1037, 'waiting'],
    [1036, 'paused'],
    [1030, 'succeeded'],
    [1045, 'running'],
    [1050, 'running'],
    [1051, 'requested'],
    [1052, 'rejected'],
  ])
  const numberOf = (id: string): number => Number(String(id).replace('t-', ''))
  const known = (zh: boolean, id: string) => {
    const look = looks.get(numberOf(id))
    return look ? taskLooking(zh, numberOf(id), look) : null
  }
  const record =
    (name: string, change?: (number: number) => void) => (_: unknown, args: Record<string, unknown>, call: Call) => {
      acts.push({ name, args })
      const input = (args['input'] ?? args) as { taskId?: string; id?: string; attempt?: number }
      const id = input.taskId ?? input.id ?? ''
      if (input.attempt !== undefined && input.attempt !== 1)
        throw new GraphQLError('Li Wei retried this at 14:14. It runs now; nothing changed.', {
          extensions: { code: 'STALE' },
        })
      change?.(numberOf(id))
      return known(call.zh, id)
    }
  const need = (call: Call): void => {
    if (!call.signedIn) throw new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED' } })
  }

  const yoga = createYoga<object, Call>({
    landingPage: false,
    graphiql: false,
    maskedErrors: false,
    logging: false,
    context: ({ request }) => ({
      zh: (request.headers.get('accept-language') ?? '').startsWith('zh'),
      signedIn: /fake=1/.test(request.headers.get('cookie') ?? ''),
    }),
    schema: createSchema<Call>({
      typeDefs: readFileSync(here('../../api/schema.graphql'), 'utf8'),
      resolvers: {
        Ask: { then: (ask: { next: string }) => ask.next }, // under its own name the object would pass for a promise
        Query: {
          viewer: (_: unknown, __: unknown, call: Call) => (need(call), viewer(call.zh)),
          tasks: (
            _: unknown,
            { needsMe, phase, mine }: { needsMe?: boolean; phase?: string[]; mine?: boolean },
            { zh }: Call,
          ) =>
            page(
              [...looks]
                .map(([number, look]) => taskLooking(zh, number, look))
                .filter(
                  (task) =>
                    (!needsMe || task.number === 1042 || task.number === 1051) &&
                    (!phase || phase.includes(task.phase)) &&
                    (!mine || [1043, 1041, 1039, 1030].includes(task.number)),
                ),
            ),
          task: (_: unknown, { id, number }: { id?: string; number?: number }, { zh }: Call) => {
            const task = known(zh, id ?? String(number))
            return (
              task && { ...task, node: ({ id: node }: { id: string }) => task.nodes.find((one) => one.id === node) }
            )
          },
          inbox: (_: unknown, __: unknown, { zh }: Call) => page([ask(zh, 'a-2')]),
          ask: (_: unknown, { id }: { id: string }, { zh }: Call) => (id.startsWith('a-') ? ask(zh, id) : null),
          ...appAnswers,
          ...peopleAnswers,
          ...hostAnswers,
          ...flowAnswers,
          ...roles,
          ...administration,
          ...schedules,
        },
        Mutation: {
          launch: (_: unknown, args: Record<string, unknown>, { zh }: Call) => (
            acts.push({ name: 'launch', args }),
            taskLooking(zh, 1045, 'running')
          ),
          retryNode: record('retryNode', (number) => looks.set(number, 'running')),
          skipNode: record('skipNode', (number) => looks.set(number, 'running')),
          completeNode: record('completeNode', (number) => looks.set(number, 'running')),
          failNode: record('failNode'),
          pauseTask: record('pauseTask', (number) => looks.set(number, 'paused')),
          resumeTask: record('resumeTask', (number) => looks.set(number, 'running')),
          revokeTask: record('revokeTask', (number) => looks.set(number, 'revoked')),
          editVariables: record('editVariables'),
          decide: (_: unknown, args: Record<string, unknown>, { zh }: Call) => (
            acts.push({ name: 'decide', args }),
            { ...ask(zh, 'a-1'), state: 'CLOSED', end: 'GRANTED' }
          ),
          setPreferences: (_: unknown, __: unknown, { zh }: Call) => viewer(zh).person,
          invite: () => ({
            id: 'v-2',
            code: 'c0de',
            link: 'http://localhost/sign-in#code=c0de',
            role: 'starter',
            createdBy: 'Li Wei',
            createdAt: at('14:14'),
            expiresAt: at('14:14'),
            usedBy: null,
          }),
          linkCode: () => ({
            code: 'H7K2-9QPX',
            link: 'http://localhost/link#code=H7K2-9QPX',
            expiresAt: at('14:29'),
          }),
          signOut: () => true,
        },
        Subscription: {
          taskChanged: {
            subscribe: async function* (_: unknown, { id }: { id: string }, { zh }: Call) {
              let shown: Look | undefined
              while (isOpen) {
                const look = looks.get(numberOf(id))
                if (look !== shown) yield { taskChanged: known(zh, id) }
                shown = look
                await new Promise((resolve) => setTimeout(resolve, 100))
              }
            },
          },
          tasksChanged: { subscribe: quiet },
          inboxChanged: { subscribe: quiet },
          nodeLog: {
            subscribe: async function* (_: unknown, { after }: { after?: number }) {
              yield {
                nodeLog: {
                  n: (after ?? 213) + 1,
                  at: at('14:14:03'),
                  stream: 'STDOUT',
                  text: 'wait for /healthz: 503',
                  item: null,
                },
              }
              await new Promise(() => undefined)
            },
          },
        },
      },
    }),
  })

  const server = new Hono()
  server.post('/graphql', (call) => yoga.fetch(call.req.raw, {} as Call))
  server.post('/auth/:door', async (call) => {
    const body = (await call.req.json()) as { code?: string; token?: string }
    if (body.code === 'good' || body.token === 'good')
      return call.json({ path: '/' }, 200, { 'set-cookie': 'fake=1; Path=/' })
    return call.json({ errors: [{ message: 'used', extensions: { code: 'NOT_FOUND' } }] }, 404)
  })
  server.get('/healthz', (call) => call.json({ ok: true }))
  server.get('*', async (call) => {
    const path = new URL(call.req.url).pathname
    const file = extname(path) ? join(here('../../dist/web'), path) : here('../../dist/web/index.html')
    try {
      return call.body(await readFile(file), 200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': POLICY,
      })
    } catch {
      return call.notFound()
    }
  })
  return new Promise((resolve) => {
    const running = serve({ fetch: server.fetch, port, hostname: '127.0.0.1' }, ({ port: open }) =>
      resolve({
        url: `http://127.0.0.1:${open}`,
        acts,
        close: () =>
          new Promise((done) => {
            isOpen = false
            running.close(() => done())
            if ('closeAllConnections' in running) running.closeAllConnections()
          }),
      }),
    )
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startFake(Number(process.argv[2] ?? 8899))
  process.stdout.write(`${url}/sign-in#code=good\n`)
}
