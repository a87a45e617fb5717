import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { grant, makeToken, newId, putDocument } from '../store/catalogue/index.ts'
import { people } from '../store/catalogue/tables/people.ts'
import type { Database } from '../store/database.ts'
import { sqlTitles } from '../store/titles.ts'
import { administration, fillAdministration, KEPT } from './administration.ts'
import { quantile, median, nowMs, type Value } from './measure.ts'
import { approval } from './parked.ts'
import { askerOf, hasServer, startServer, type Ask } from './server.ts'
import { documentRow, plain, project, PROJECTS, type Question } from './questions.ts'
import { bench, flowOf, type BenchEngine } from './world.ts'

const GROUPS = 50
/** Of the people of a kind, so many call: each may 50 times a second for long. */
const CALLERS = 40
const CALLS = 120
const WARM_UP = 20
const WINDOW = 2_000

/** Who asks. A right in one project says nothing of another, and most people have none but what apps give them. */
const KINDS = ['owner', 'operator', 'viewer', 'starter', 'elsewhere'] as const
type Kind = (typeof KINDS)[number]
const roleOf = (index: number): string =>
  index % 500 === 0 ? 'owner' : index % 50 === 1 ? 'operator' : index % 20 === 2 ? 'viewer' : 'starter'

export interface World {
  readonly people: readonly string[]
  readonly tokens: { readonly [kind in Kind]: readonly string[] }
  readonly tasks: readonly string[]
}

/**
 * W12: lists and rights checks at the API, with as many people, apps and tasks as a large house has. `above`: every question whose p99
 * is above so many ms is named, with its median, instead of the five slowest.
 */
export async function w12(
  size = { people: 10_000, apps: 1_000, tasks: 100_000 },
  above: number | null = null,
): Promise<Value[]> {
  if (!hasServer) return []
  const data = mkdtempSync(join(tmpdir(), 'baton-people-'))
  try {
    const world = await fill(data, size)
    const server = await startServer(data)
    const askAs = Object.fromEntries(KINDS.map((kind) => [kind, askerOf(server, world.tokens[kind], 1)])) as Record<
      Kind,
      Ask
    >
    const values = [
      await measured('lists_p99_ms', lists(), askAs, { size, above }),
      await measured('administration_p99_ms', administration(world.people), askAs, {
        size: { ...size, ...KEPT },
        above,
      }),
      await measured('rights_p99_ms', checks(world), askAs, { size, above }),
    ]
    await server.stop()
    return values
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

const PAGE =
  'nodes { id number title phase waitingFor startedAt startedBy { name } } pageInfo { hasNextPage endCursor }'
const lists = (): readonly Question[] => [
  plain('tasks', `{ tasks(first: 50) { ${PAGE} } }`),
  plain('tasks_counted', `{ tasks(first: 50) { totalCount ${PAGE} } }`),
  plain('tasks_mine', `{ tasks(first: 50, mine: true) { totalCount ${PAGE} } }`),
  plain('tasks_needs_me', `{ tasks(first: 50, needsMe: true) { totalCount ${PAGE} } }`),
  plain('tasks_following', `{ tasks(first: 50, following: true) { totalCount ${PAGE} } }`),
  plain('tasks_failed', `{ tasks(first: 50, phase: [ATTENTION, FAILED]) { totalCount ${PAGE} } }`),
  [
    'tasks_of_app',
    `query($app: String!) { tasks(first: 50, app: $app) { totalCount ${PAGE} } }`,
    (i) => ({ app: `app-${i * 7}` }),
  ],
  ['tasks_found', `query($s: String!) { tasks(first: 50, search: $s) { ${PAGE} } }`, (i) => ({ s: `Release ${i}` })],
  plain(
    'apps',
    '{ apps(first: 50) { totalCount nodes { name title availableActions { action allowed } favourite } } }',
  ),
  [
    'apps_found',
    'query($s: String!) { apps(first: 50, search: $s) { nodes { name title } } }',
    (i) => ({ s: `App ${i}` }),
  ],
  plain('people', '{ people(first: 50) { totalCount nodes { id name role businessRoles } } }'),
  [
    'people_found',
    'query($s: String!) { people(first: 20, search: $s) { nodes { id name } } }',
    (i) => ({ s: `Person ${i}` }),
  ],
  plain('flows', '{ flows(first: 50) { totalCount nodes { name title } } }'),
  plain('inbox', '{ inbox(first: 50) { totalCount nodes { id title } } }'),
  plain('roles', '{ roles(project: "p3") { name title memberCount onDuty { name } } }'),
]
const checks = ({ tasks }: World): readonly Question[] => [
  plain('viewer', '{ viewer { rights isOwner needsMe } }'),
  [
    'app',
    'query($name: String!) { app(name: $name) { name availableActions { action allowed why } } }',
    (i) => ({ name: `app-${i * 10}` }),
  ],
  [
    'task',
    'query($id: ID!) { task(id: $id) { availableActions { action allowed why } nodes { id availableActions { action allowed why } } } }',
    (i) => ({ id: tasks[(i * 977) % tasks.length] }),
  ],
  ['refusal', 'mutation { setRetention(tasksDays: 36500, project: "p7") { tasksDays } }', () => ({}), true],
  [
    'refusal_of_task',
    'mutation($id: ID!) { rescheduleNode(input: {taskId: $id, nodeId: "ok", attempt: 1, at: "2030-01-01T00:00:00Z"}) { id } }',
    (i) => ({ id: tasks[(i * 977) % tasks.length] }),
    true,
  ],
]

/** What a check may end with: who may is told that the task does not allow it, others that they may not. */
const REFUSALS = ['FORBIDDEN', 'NOT_FOUND', 'NOT_ALLOWED']
interface Measuring {
  readonly size: { readonly [name: string]: number }
  readonly above: number | null
}
/** The worst of all questions by all kinds of people: every one of them is to be quick. */
async function measured(
  metric: string,
  questions: readonly Question[],
  askAs: Record<Kind, Ask>,
  { size, above }: Measuring,
): Promise<Value> {
  const all: { readonly name: string; readonly p99: number; readonly p50: number }[] = []
  for (const [name, query, variables, refused] of questions)
    for (const kind of KINDS) {
      const took: number[] = []
      for (let call = -WARM_UP; call < CALLS; call++) {
        const begin = nowMs()
        await askAs[kind](query, variables(call + WARM_UP)).catch((error: unknown) => {
          if (!refused || !REFUSALS.some((code) => String(error).includes(`"code":"${code}"`))) throw error
        })
        if (call >= 0) took.push(nowMs() - begin)
      }
      all.push({ name: `${name} as ${kind}`, p99: quantile(took, 0.99), p50: median(took) })
    }
  all.sort((a, b) => b.p99 - a.p99)
  const named =
    above === null
      ? all.slice(0, 5).map(({ name, p99 }) => `${name} ${p99.toFixed(1)}`)
      : all
          .filter(({ p99 }) => p99 > above)
          .map(({ name, p99, p50 }) => `${name} ${p99.toFixed(1)} (p50 ${p50.toFixed(1)})`)
  const settings = {
    ...size,
    questions: all.length,
    p50: Number(median(all.map(({ p50 }) => p50)).toFixed(2)),
    slowest: named.join('; '),
  }
  return { workload: 'W12', metric, value: all[0]?.p99 ?? NaN, unit: 'ms', settings }
}

/** A data folder of that size. */
async function fill(data: string, size: { people: number; apps: number; tasks: number }): Promise<World> {
  const flow = flowOf('asked', approval)
  const world = await bench({ file: join(data, 'baton.db'), flows: [flow] })
  const ids = await fillPeople(world.db, size.people)
  const tokens = await fillTokens(world.db, ids)
  await fillDocuments(world.db, size.apps, size.people)
  await fillAdministration(world.db, { people: ids, apps: size.apps })
  const tasks = await launchAll(world, size, ids)
  // A house that grew to this size had them taken in as it grew.
  while ((await world.db.write(() => sqlTitles(world.db).advance(WINDOW))) === WINDOW);
  await world.close()
  // Versions are published by the server itself, as it decodes and compiles them.
  const server = await startServer(data)
  const ask = askerOf(server, [server.ownerToken()], 1)
  for (let at = 0; at < PROJECTS; at++)
    await ask('mutation($project: String!) { publishFlow(name: "asked", project: $project) { version } }', {
      project: project(at),
    })
  await server.stop()
  return { people: ids, tokens, tasks }
}
async function fillPeople(db: Database, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let from = 0; from < count; from += WINDOW)
    await db.write((tx) => {
      for (let i = from; i < Math.min(count, from + WINDOW); i++) {
        const id = newId('p')
        ids[i] = id
        const row = {
          id,
          name: `Person ${i}`,
          email: `person-${i}@example.org`,
          role: roleOf(i),
          active: true,
          createdAt: 0,
        }
        tx.insert(people)
          .values({ ...row, language: null, timeZone: null, kind: 'person' })
          .run()
        if (i % 20 === 3) grant(tx, id, project(i % 9) === 'default' ? 'p9' : project(i % 9), 'viewer')
      }
    })
  return ids
}
function fillTokens(db: Database, ids: readonly string[]): Promise<World['tokens']> {
  const is: Record<Kind, (index: number) => boolean> = {
    owner: (i) => roleOf(i) === 'owner',
    operator: (i) => roleOf(i) === 'operator',
    viewer: (i) => roleOf(i) === 'viewer',
    starter: (i) => roleOf(i) === 'starter' && i % 20 === 5,
    elsewhere: (i) => roleOf(i) === 'starter' && i % 20 === 3,
  }
  return db.write(
    (tx) =>
      Object.fromEntries(
        KINDS.map((kind) => [
          kind,
          ids
            .filter((_, index) => is[kind](index))
            .slice(0, CALLERS)
            .map((person) => makeToken(tx, { person, name: 'bench' }, Date.now()).secret),
        ]),
      ) as unknown as World['tokens'],
  )
}
/** In each project the flow, roles with rotas and groups; apps that name them. */
async function fillDocuments(db: Database, apps: number, count: number): Promise<void> {
  await db.write((tx) => {
    for (let at = 0; at < PROJECTS; at++) {
      putDocument(
        tx,
        documentRow('Flow', project(at), 'asked', 'Asked', {
          nodes: { ok: { use: 'approval', title: 'Approve', with: { approvers: ['starter'] } } },
        }),
      )
      for (let i = 0; i < GROUPS; i++) {
        const members = Array.from({ length: 100 }, (_, one) => `Person ${(i * 100 + one * 17 + at) % count}`)
        putDocument(tx, documentRow('Group', project(at), `group-${i}`, `Group ${i}`, { members }))
        const rota = { zone: 'Europe/Berlin', from: '2026-01-05', shift: 'week' }
        putDocument(
          tx,
          documentRow('Role', project(at), `role-${i}`, `Role ${i}`, {
            members: members.slice(0, 10),
            ...(i % 2 === 0 && { rota }),
          }),
        )
      }
    }
    for (let i = 0; i < apps; i++)
      putDocument(
        tx,
        documentRow('App', project(i), `app-${i}`, `App ${i}`, {
          flow: 'asked',
          category: `area-${i % 12}/team-${i % 60}`,
          launch: [`group:group-${i % GROUPS}`, `role:role-${(i * 3) % GROUPS}`],
          operators: [`role:role-${i % GROUPS}`],
          limits: { perPerson: 3 },
        }),
      )
  })
}
/** Tasks of every app, launched by people of all kinds; each waits for its starter. */
async function launchAll(
  { engine }: BenchEngine,
  { apps, tasks, people: count }: { apps: number; tasks: number; people: number },
  ids: readonly string[],
): Promise<string[]> {
  const launched: string[] = []
  const launch = async (i: number): Promise<void> => {
    const app = i % apps
    const { state } = await engine.launch({
      project: project(app),
      key: `key-${i}`,
      client: 'bench',
      rawInput: `${i}`,
      flow: { name: 'asked', version: 1 },
      app: i % 10 === 9 ? null : { name: `app-${app}`, title: `App ${app}` },
      title: `Release ${i}`,
      variables: {},
      secrets: {},
      launched: [],
      omit: [],
      scheme: null,
      origin: null,
      rehearsal: false,
      startNow: true,
      startAt: null,
      by: { person: ids[(i * 13) % count]!, name: `Person ${(i * 13) % count}`, surface: 'api' },
    })
    launched[i] = state.id
  }
  for (let from = 0; from < tasks; from += WINDOW)
    await Promise.all(Array.from({ length: Math.min(WINDOW, tasks - from) }, (_, i) => launch(from + i)))
  return launched
}
