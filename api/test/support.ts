import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogue, openDatabase, SYSTEM, type Database, type Engine, type Plugin } from '../../engine/index.ts'
import { definePlugin, done, fail, z } from '../../engine/plugin/index.ts'
import { assemble, type Assembled, type Assembling } from '../assemble.ts'
import type { ServerConfig } from '../context.ts'
import { applyDocuments, readDocuments } from '../modules/document/apply.ts'
import { refreshDocuments } from '../modules/document/document.ts'
import { publish } from '../modules/flow/publish.ts'

/** Fails while `ok` is false, so that a test mends it by an edited variable. */
export const work: Plugin = definePlugin({
  code: 'test.work',
  version: '1.0.0',
  title: 'Work',
  inputs: z.object({ ok: z.boolean().default(true), text: z.string().default(''), host: z.string().optional() }),
  outputs: z.object({ said: z.string() }),
  repeat: () => true,
  async execute(ctx, { ok, text }) {
    ctx.log(`works on ${text}\n`)
    return ok ? done({ said: text }) : fail({ code: 'BROKEN', message: 'Disk full on /srv' })
  },
})
/** Runs until its attempt is ended from outside. */
export const hang: Plugin = definePlugin({
  code: 'test.hang',
  version: '1.0.0',
  title: 'Hang',
  inputs: z.object({}),
  repeat: () => true,
  execute: ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  cancel: async () => true,
})

export const FLOWS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: ship, title: Ship it}
spec:
  variables:
    version: {type: text, title: Version, required: true, pattern: '^v\\d+$', onCard: true}
    ok: {type: boolean, title: Works, default: true}
    token: {type: password, title: Token}
    count: {type: integer, title: Count, min: 1, max: 9, default: 3}
  nodes:
    deploy:
      use: test.work@1
      title: Deploy
      with: {ok: "\${ok}", text: "\${version}"}
      onFail: {advice: "Set Works."}
      allow: {skip: [operator]}
    gate:
      use: approval
      title: Approve
      with: {approvers: ["role:qa"], need: 1}
      bind: [version]
    tidy: {use: test.work@1, title: Tidy, with: {text: tidy}}
  outputs: {said: "\${deploy.outputs.said}"}
---
apiVersion: baton/v1
kind: App
metadata: {name: ship, title: Ship}
spec:
  flow: ship
  aliases: [发布]
  launch: ["role:makers"]
  see: [everyone]
  operators: ["role:ops"]
  rooms: ["slack:C0OPS"]
  taskTitle: "Ship \${version}"
  form: {count: {fixed: 4}}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: wait, title: Wait}
spec: {nodes: {hang: {use: test.hang@1, title: Hang}}}
---
apiVersion: baton/v1
kind: Role
metadata: {name: qa, title: QA}
spec: {members: [Quinn]}
---
apiVersion: baton/v1
kind: Role
metadata: {name: ops, title: Ops}
spec: {members: [Olga]}
---
apiVersion: baton/v1
kind: Role
metadata: {name: makers, title: Makers}
spec: {members: [Mai]}
`
/** Name → role. Quinn approves, Olga operates the app, Mai starts it, Vic looks, Nobody in particular may do nothing more. */
const PEOPLE = {
  Ada: 'owner',
  Aki: 'author',
  Olga: 'starter',
  Omar: 'operator',
  Mai: 'starter',
  Quinn: 'starter',
  Vic: 'viewer',
  Stu: 'starter',
} as const
export type Name = keyof typeof PEOPLE

export interface Answer<T = never> {
  readonly data: T
  readonly errors?: readonly { message: string; path?: string[]; extensions: Record<string, unknown> }[]
  readonly status: number
}
export interface TestServer {
  readonly app: Assembled['app']
  readonly deps: Assembled['deps']
  readonly engine: Engine
  readonly db: Database
  readonly clock: { now: number }
  readonly tokens: { readonly [name in Name]: string } & { readonly service: string }
  readonly ids: { readonly [name in Name]: string }
  /** Asks as somebody, with their token. */
  as<T = never>(
    who: Name | 'service' | 'nobody',
    query: string,
    variables?: object,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  launch(variables?: object, more?: object): Promise<{ id: string; number: number }>
  /** Resolves once the task is as wanted, by its commits. */
  until(id: string, phase: string): Promise<void>
  end(): Promise<void>
}
export interface TestOptions {
  readonly config?: Partial<ServerConfig>
  readonly over?: Partial<Assembling>
}

/** The whole API on a real file, with people, an app and small plugins. The clock stands still unless a test moves it. */
export async function startTestServer({ config, over }: TestOptions = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-api-'))
  const db = openDatabase(join(folder, 'baton.db'))
  const clock = { now: Date.UTC(2026, 10, 21, 14, 2) }
  const silent = { info() {}, warn() {}, error() {} }
  const { app, engine, deps, close } = assemble({
    db,
    key: new Uint8Array(32).fill(7),
    plugins: [work, hang],
    log: silent,
    now: () => clock.now,
    scanHost: async () => `SHA256:${'a'.repeat(43)}`,
    probeHost: async () => ({ system: 'Linux', findings: [] }),
    config: {
      url: 'http://baton.test',
      version: '0.0.0',
      slack: true,
      telegram: true,
      exampleMode: false,
      telegramBotToken: '1:test',
      telegramInitDataKey: null,
      ...config,
    },
    ...over,
  })
  const made = await db.write((tx) => {
    const token = (person: string | null) => catalogue.makeToken(tx, { person, name: 'test' }, clock.now).secret
    const people = Object.entries(PEOPLE).map(([name, role]) => {
      const { id } = catalogue.addPerson(tx, { name, role, named: true }, clock.now)
      catalogue.linkIdentity(tx, id, { platform: 'slack', team: 'T1', user: `U${name.toUpperCase()}` }, name, clock.now)
      return [name, id, token(id)] as const
    })
    return { people, service: token(null) }
  })
  deps.directory.refresh()
  const by = { ...SYSTEM, name: 'Test' }
  const apply = { dryRun: false, force: false, manager: 'test', by, now: clock.now, plugins: engine.plugins }
  await applyDocuments(db, readDocuments(FLOWS), apply)
  await db.write((tx) => {
    for (const name of ['ship', 'wait'])
      publish(tx, { project: 'default', name, note: null, by, now: clock.now, plugins: engine.plugins })
  })
  refreshDocuments(deps)
  deps.access.changed(null)
  await engine.start()
  const tokens = Object.fromEntries([
    ...made.people.map(([name, , token]) => [name, token]),
    ['service', made.service],
  ]) as TestServer['tokens']
  const ids = Object.fromEntries(made.people.map(([name, id]) => [name, id])) as TestServer['ids']

  const post: TestServer['post'] = (path, body, headers = {}) =>
    Promise.resolve(
      app.request(`http://baton.test${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
  const server: TestServer = {
    app,
    deps,
    engine,
    db,
    clock,
    tokens,
    ids,
    post,
    async as<T>(
      who: Name | 'service' | 'nobody',
      query: string,
      variables: object = {},
      headers: Record<string, string> = {},
    ) {
      const authorization: Record<string, string> = who === 'nobody' ? {} : { authorization: `Bearer ${tokens[who]}` }
      const response = await post('/graphql', { query, variables }, { ...authorization, ...headers })
      return { ...((await response.json()) as Answer<T>), status: response.status }
    },
    async launch(variables = {}, more = {}) {
      const input = { app: 'ship', variables: { version: 'v1', ...variables }, ...more }
      const { data, errors } = await server.as<{ launch: { id: string; number: number } }>(
        'Mai',
        'mutation($input: LaunchInput!) { launch(input: $input) { id number } }',
        { input },
      )
      if (errors) throw new Error(JSON.stringify(errors))
      return data.launch
    },
    async until(id, phase) {
      for (;;) {
        const moved = new Promise<void>((resolve) => {
          const stop = engine.onTask(id, () => (stop(), resolve()))
        })
        if ((await engine.task(id))?.state.phase === phase) return
        await moved
      }
    },
    async end() {
      close()
      await engine.stop(0)
      await db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return server
}

/** Asks again until there is an answer: lists lag a moment behind the task. */
export async function eventually<T>(
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  for (;;) {
    const found = await look()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
