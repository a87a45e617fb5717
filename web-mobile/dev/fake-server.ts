import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { GraphQLError } from 'graphql'
import { createSchema, createYoga } from 'graphql-yoga'
import { Hono } from 'hono'
import { administration } from './fake-administration.ts'
import { roles, standing } from './fake-roles.ts'
import { schedules } from './fake-schedules.ts'
import * as data from './fake-data.ts'

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
type Look = Parameters<typeof data.task>[2]

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
    return look ? data.task(zh, numberOf(id), look) : null
  }
  const page = (nodes: unknown[]) => ({
    nodes,
    edges: nodes.map((node, index) => ({ cursor: String(index), node })),
    pageInfo: { hasNextPage: false, endCursor: null },
    totalCount: nodes.length,
  })
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
          viewer: (_: unknown, __: unknown, call: Call) => (need(call), data.viewer(call.zh)),
          apps: (
            _: unknown,
            { favourite, recent, first }: { favourite?: boolean; recent?: boolean; first?: number },
            { zh }: Call,
          ) =>
            page(
              data
                .apps(zh)
                .filter((app) => !favourite || app.favourite)
                .filter((_, at) => !recent || at === 1)
                .slice(0, first),
            ),
          app: (_: unknown, { name }: { name: string }, { zh }: Call) => {
            const app = data.apps(zh).find((one) => one.name === name)
            return app
              ? {
                  ...app,
                  form: ({ answers }: { answers?: Record<string, unknown> }) => ({
                    needsPhone: false,
                    fields: data.formFields(zh, answers ?? {}),
                  }),
                }
              : null
          },
          formOptions: () => data.hostOptions,
          preview: (_: unknown, { input }: { input: { variables?: Record<string, unknown> } }, { zh }: Call) => {
            const version = String(input.variables?.['version'] ?? '')
            const wrong = /^v\d+\.\d+\.\d+$/.test(version)
              ? []
              : [
                  {
                    field: 'version',
                    code: 'PATTERN',
                    message: version
                      ? zh
                        ? `「${version}」不是版本号。`
                        : `“${version}” is not a version.`
                      : zh
                        ? '填写版本。'
                        : 'Give a version.',
                    fix: version ? 'v2.14.0' : null,
                  },
                ]
            const node = (id: string, title: string, text: string | null, usualS: number | null) => ({
              id,
              title,
              kind: 'activity',
              stage: null,
              text,
              usualS,
              certain: true,
            })
            return {
              title: zh ? `发布 ${version} 到生产环境` : `Release ${version} to production`,
              errors: wrong,
              fields: [],
              hosts: [],
              approvers: [],
              confirm: data.apps(zh)[0]?.confirm,
              expectS: 1080,
              queuePosition: null,
              freeze: null,
              alreadyRunning: [],
              busy: false,
              handOver: null,
              joins: null,
              heldBy: [],
              approvals: [],
              nodes: zh
                ? [
                    node('a', '构建', '在 build-1', 180),
                    node('b', '批准', 'QA 1 人、运维 1 人，你除外', 7200),
                    node('c', '部署到 5 台主机', 'web-1 至 web-5，每次 2 台', 720),
                    node('d', '健康检查，然后清理', null, 60),
                  ]
                : [
                    node('a', 'Build', 'on build-1', 180),
                    node('b', 'Approval', '1 from QA, 1 from Ops, not you', 7200),
                    node('c', 'Deploy to 5 hosts', 'web-1 to web-5, 2 at a time', 720),
                    node('d', 'Health check, then cleanup', null, 60),
                  ],
            }
          },
          tasks: (
            _: unknown,
            { needsMe, phase, mine }: { needsMe?: boolean; phase?: string[]; mine?: boolean },
            { zh }: Call,
          ) =>
            page(
              [...looks]
                .map(([number, look]) => data.task(zh, number, look))
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
          inbox: (_: unknown, __: unknown, { zh }: Call) => page([data.ask(zh, 'a-2')]),
          ask: (_: unknown, { id }: { id: string }, { zh }: Call) => (id.startsWith('a-') ? data.ask(zh, id) : null),
          ...roles,
          people: (_: unknown, __: unknown, { zh }: Call) =>
            page(
              Object.values(data.people(zh)).map((person, index) => ({
                ...data.viewer(zh).person,
                id: person.id,
                name: person.name,
                role: ['starter', 'operator', 'owner', 'starter'][index],
                kind: 'person',
                active: true,
                suspended: null,
                businessRoles: [],
                standing: standing(index),
              })),
            ),
          ...administration,
          ...schedules,
          hosts: (_: unknown, __: unknown, { zh }: Call) => [
            {
              name: 'web-1',
              project: 'default',
              address: '10.0.0.11',
              port: 22,
              user: 'shop',
              labels: ['web'],
              fingerprint: 'SHA256:p1k0Yx0vF0qJm8c3',
              offeredFingerprint: null,
              changed: false,
              probe: data.probe(zh, 'READY'),
            },
            {
              name: 'web-3',
              project: 'default',
              address: '10.0.0.13',
              port: 22,
              user: 'shop',
              labels: ['web'],
              fingerprint: 'SHA256:q7Wm2Lx9vF0qJm8c3',
              offeredFingerprint: null,
              changed: false,
              probe: data.probe(zh, 'LACKING'),
            },
            {
              name: 'web-4',
              project: 'default',
              address: '10.0.0.14',
              port: 22,
              user: 'shop',
              labels: ['web'],
              fingerprint: 'SHA256:u4Tn8Rz1vF0qJm8c3',
              offeredFingerprint: null,
              changed: false,
              probe: data.probe(zh, 'PROBING'),
            },
            {
              name: 'old-1',
              project: 'default',
              address: '10.0.0.40',
              port: 22,
              user: 'shop',
              labels: [],
              fingerprint: 'SHA256:m3Pd6Kx5vF0qJm8c3',
              offeredFingerprint: null,
              changed: false,
              probe: data.probe(zh, 'UNREACHABLE'),
            },
            {
              name: 'web-2',
              project: 'default',
              address: '10.0.0.12',
              port: 22,
              user: 'shop',
              labels: ['web'],
              fingerprint: null,
              offeredFingerprint: 'SHA256:Zr2v0a91LwTqE7Ys',
              changed: false,
            },
            {
              name: 'db-1',
              project: 'default',
              address: '10.0.0.20',
              port: 22,
              user: 'ops',
              labels: [],
              fingerprint: 'SHA256:aaa',
              offeredFingerprint: 'SHA256:bbb',
              changed: true,
            },
          ],
          flows: (_: unknown, __: unknown, { zh }: Call) => page(data.flows(zh)),
          flow: (_: unknown, { name }: { name: string }, { zh }: Call) =>
            data.flows(zh).find((flow) => flow.name === name) ?? null,
          flowDiff: (_: unknown, { from, to }: { from?: number; to?: number }) =>
            data.flowDiff(from ?? null, to ?? null),
          references: () => [
            {
              kind: 'App',
              project: 'default',
              name: 'release',
              title: 'Release',
              version: null,
              task: null,
              path: 'spec.flow',
              holds: true,
            },
            {
              kind: 'Task',
              project: 'default',
              name: 'Release v2.14.0',
              title: 'Release v2.14.0',
              version: 3,
              task: 1042,
              path: '',
              holds: true,
            },
          ],
          workspaces: () => [
            { platform: 'SLACK', id: 'T1', name: 'Web shop', trusted: true, role: 'starter', seenAt: data.at('09:00') },
            {
              platform: 'TELEGRAM',
              id: '-100',
              name: 'Ops night',
              trusted: false,
              role: null,
              seenAt: data.at('10:00'),
            },
          ],
          invitations: (_: unknown, __: unknown, { zh }: Call) => [
            {
              id: 'v-1',
              code: null,
              link: null,
              role: 'operator',
              project: 'shop',
              places: [{ kind: 'role', project: 'default', name: 'qa', title: zh ? '测试' : 'QA' }],
              leftOut: [],
              createdBy: data.people(zh).wei.name,
              createdAt: data.at('12:00'),
              expiresAt: '2026-11-28T12:00:00.000Z',
              usedBy: null,
            },
          ],
          undeliverable: (_: unknown, __: unknown, { zh }: Call) => [
            {
              place: 'slack:@U3',
              platform: 'SLACK',
              name: 'U3',
              why: 'account_inactive',
              since: data.at('09:10'),
              lastAt: data.at('14:02'),
              count: 3,
              person: data.people(zh).anna,
            },
            {
              place: 'slack:C0OPS',
              platform: 'SLACK',
              name: '#release',
              why: 'not_in_channel',
              since: data.at('12:00'),
              lastAt: data.at('12:00'),
              count: 1,
              person: null,
            },
          ],
          tokens: () => [
            {
              id: 'k-1',
              name: 'CI',
              scopes: [],
              createdAt: data.at('09:00'),
              expiresAt: null,
              lastUsedAt: data.at('13:40'),
              revoked: false,
            },
          ],
        },
        Mutation: {
          launch: (_: unknown, args: Record<string, unknown>, { zh }: Call) => (
            acts.push({ name: 'launch', args }),
            data.task(zh, 1045, 'running')
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
            { ...data.ask(zh, 'a-1'), state: 'CLOSED', end: 'GRANTED' }
          ),
          setPreferences: (_: unknown, __: unknown, { zh }: Call) => data.viewer(zh).person,
          invite: () => ({
            id: 'v-2',
            code: 'c0de',
            link: 'http://localhost/sign-in#code=c0de',
            role: 'starter',
            createdBy: 'Li Wei',
            createdAt: data.at('14:14'),
            expiresAt: data.at('14:14'),
            usedBy: null,
          }),
          linkCode: () => ({
            code: 'H7K2-9QPX',
            link: 'http://localhost/link#code=H7K2-9QPX',
            expiresAt: data.at('14:29'),
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
                  at: data.at('14:14:03'),
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
