/** Light apps: the catalogue, what an app fixes, limits, and what a preview says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { startTestServer, type Name, type TestServer } from './support.ts'

const DOCUMENTS = `
apiVersion: baton/v1
kind: App
metadata: {name: deploy, title: Deploy the shop}
spec:
  flow: ship
  category: web/release
  help: Ships a tagged version
  aliases: [roll-out, 上线]
  launch: ["role:makers"]
  operators: ["role:ops"]
  form: {count: {fixed: 4}, ok: {default: false}, token: {hide: true}}
  schemes: [{name: quick, title: Quick, variables: {version: v9}}]
  confirm: This restarts production.
  expect: 20m
  limits: {perPerson: 2}
---
apiVersion: baton/v1
kind: App
metadata: {name: hold, title: Hold}
spec: {flow: hold, category: web, launch: [everyone]}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: hold, title: Hold}
spec:
  variables: {env: {type: text, title: Environment, default: prod}}
  concurrency: {key: "k-\${env}", limit: 1, whenBusy: join}
  nodes:
    ask: {use: approval, title: Sign off, with: {approvers: ["role:qa", Mai], notStarter: true}}
    hang: {use: test.hang@1, title: Hang}
---
apiVersion: baton/v1
kind: App
metadata: {name: hourly, title: Hourly}
spec: {flow: wait, launch: [everyone], limits: {perHour: 1}}
`
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  const applied = await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', {
    d: DOCUMENTS,
  })
  expect(applied.errors).toBeUndefined()
  // One of before there was a check that refuses it: what is fixed stays fixed all the same.
  await server.db.write((tx) => {
    const row = catalogue.documentOf(tx, 'default', 'App', 'deploy')!
    const { schemes, ...spec } = row.document['spec'] as { schemes: object[] }
    const odd = { name: 'odd', variables: { count: 9 } }
    catalogue.putDocument(tx, { ...row, document: { ...row.document, spec: { ...spec, schemes: [...schemes, odd] } } })
  })
  server.deps.library.refresh()
  await server.as('Ada', 'mutation { publishFlow(name: "hold") { version } }')
})
afterAll(() => server.end())

const launch = (who: Name, input: object) =>
  server.as<{ launch: { id: string; number: number } }>(
    who,
    'mutation($i: LaunchInput!) { launch(input: $i) { id number } }',
    { i: input },
  )
const codeOf = ({ errors }: Awaited<ReturnType<typeof launch>>): unknown => errors?.[0]?.extensions['code']
const stop = (id: string) => server.as('Ada', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', { id })

describe('the catalogue', () => {
  const names = async (who: Name, args: string): Promise<string[]> =>
    (
      await server.as<{ apps: { nodes: { name: string }[] } }>(who, `{ apps${args} { nodes { name } } }`)
    ).data.apps.nodes.map(({ name }) => name)

  test('is a tree, and shows each person what they may see', async () => {
    const tree = async (who: Name) =>
      (
        await server.as<{ appTree: { path: string; depth: number; count: number; apps: { name: string }[] }[] }>(
          who,
          '{ appTree { path depth count apps { name } } }',
        )
      ).data.appTree.map(({ path, depth, count, apps }) => [path, depth, count, apps.map(({ name }) => name).join()])
    expect(await tree('Mai')).toEqual([
      ['web', 0, 2, 'hold'],
      ['web/release', 1, 1, 'deploy'],
      ['', 0, 2, 'hourly,ship'],
    ])
    expect(await tree('Stu')).toEqual([
      ['web', 0, 1, 'hold'],
      ['', 0, 2, 'hourly,ship'],
    ])
  })
  test('is searched by every word, in aliases of both languages too', async () => {
    expect(await names('Mai', '(search: "上线")')).toEqual(['deploy'])
    expect(await names('Mai', '(search: "tagged web")')).toEqual(['deploy'])
    expect(await names('Mai', '(category: "web")')).toEqual(['deploy', 'hold'])
    const byAlias = await server.as<{ app: { name: string } }>('Mai', '{ app(name: "上线") { name } }')
    expect(byAlias.data.app.name).toBe('deploy')
  })
  test('favourites, and what somebody launched lately, the latest first', async () => {
    await server.as('Mai', 'mutation { setFavourite(app: "hold", favourite: true) { name } }')
    expect(await names('Mai', '(favourite: true)')).toEqual(['hold'])
    expect(await names('Mai', '(recent: true)')).toEqual([])
    const first = await launch('Mai', { app: 'ship', variables: { version: 'v1' } })
    server.clock.now += 1000
    const second = await launch('Mai', { app: 'deploy', variables: { version: 'v1', ok: true } })
    await expect.poll(() => names('Mai', '(recent: true)')).toEqual(['deploy', 'ship'])
    expect(await names('Olga', '(recent: true)')).toEqual([])
    await stop(first.data.launch.id)
    await stop(second.data.launch.id)
  })
})

describe('what an app fixes is set by nobody', () => {
  test.each<[string, object]>([
    ['a form', { variables: { version: 'v1', count: 5 } }],
    ['key=value', { variables: { version: 'v1', count: '5' }, asText: true }],
    ['a scheme', { variables: { version: 'v1' }, scheme: 'odd' }],
  ])('not by %s', async (_, input) => {
    const refused = await launch('Mai', { app: 'deploy', ...input })
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'count', code: 'fixed' }],
    })
  })
  test('not by what a form hides, either', async () => {
    const refused = await launch('Mai', { app: 'deploy', variables: { version: 'v1', token: 'hunter22' } })
    expect(refused.errors?.[0]?.extensions).toMatchObject({ fields: [{ field: 'token', code: 'fixed' }] })
  })
  test('not by an edit of the task, edit and retry, or going on from it, whoever does it', async () => {
    const { id } = (await launch('Mai', { app: 'deploy', variables: { version: 'v1' } })).data.launch // ok: false fails it
    await server.until(id, 'attention')
    for (const who of ['Mai', 'Olga', 'Ada'] as const) {
      const edited = await server.as(
        who,
        'mutation($id: ID!) { editVariables(id: $id, revision: 1, variables: {count: 7}) { id } }',
        { id },
      )
      expect(edited.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ code: 'fixed' }] })
      const retried = await server.as(
        who,
        'mutation($id: ID!) { retryNode(input: {taskId: $id, nodeId: "deploy", attempt: 1, variables: {count: 7}}) { id } }',
        { id },
      )
      expect(retried.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ code: 'fixed' }] })
    }
    await stop(id)
    await server.until(id, 'revoked')
    const again = await launch('Mai', { continueFrom: id, variables: { count: 7 } })
    expect(again.errors?.[0]?.extensions).toMatchObject({ fields: [{ field: 'count', code: 'fixed' }] })
  })
  test('a default stays a default: it may be answered otherwise, and a scheme fills the form', async () => {
    const preview = await server.as<{ preview: { errors: unknown[]; fields: { key: string; value: unknown }[] } }>(
      'Mai',
      '{ preview(input: {app: "deploy", scheme: "quick", variables: {ok: true}}) { errors { field } fields { key value } } }',
    )
    expect(preview.data.preview.errors).toEqual([])
    expect(Object.fromEntries(preview.data.preview.fields.map(({ key, value }) => [key, value]))).toEqual({
      version: 'v9',
      ok: true,
      count: 4,
    })
  })
})

describe('limits', () => {
  test('per person: so many under way at once, and the place is free again when one has ended', async () => {
    const go = () => launch('Mai', { app: 'deploy', variables: { version: 'v1', ok: true } })
    const [first, second] = [await go(), await go()]
    await expect.poll(async () => codeOf(await go())).toBe('BUSY')
    await stop(first.data.launch.id)
    await server.until(first.data.launch.id, 'revoked')
    const third = await go()
    expect(third.errors).toBeUndefined()
    for (const { data } of [second, third]) await stop(data.launch.id)
  })
  test('of many that come at once only so many find room; one key is one task', async () => {
    const input = { app: 'deploy', variables: { version: 'v1', ok: true } }
    const all = await Promise.all(Array.from({ length: 6 }, () => launch('Mai', input)))
    const made = all.filter(({ errors }) => errors === undefined)
    expect(made).toHaveLength(2)
    expect(all.flatMap((one) => (one.errors ? [codeOf(one)] : []))).toEqual(['BUSY', 'BUSY', 'BUSY', 'BUSY'])
    for (const { data } of made) await stop(data.launch.id)
    for (const { data } of made) await server.until(data.launch.id, 'revoked')
    const same = await Promise.all(Array.from({ length: 4 }, () => launch('Mai', { ...input, key: 'once' })))
    expect(new Set(same.map(({ data }) => data.launch.id)).size).toBe(1)
    await stop(same[0]!.data.launch.id)
  })
  test('per hour, by all together', async () => {
    const first = await launch('Mai', { app: 'hourly' })
    await expect.poll(async () => codeOf(await launch('Stu', { app: 'hourly' }))).toBe('RATE_LIMITED')
    server.clock.now += 3_600_001
    const later = await launch('Stu', { app: 'hourly' })
    expect(later.errors).toBeUndefined()
    for (const { data } of [first, later]) await stop(data.launch.id)
  })
})

describe('a preview', () => {
  interface Seen {
    readonly approvals: { text: string; certain: boolean; people: { name: string }[] }[]
    readonly joins: { number: number } | null
    readonly busy: boolean
    readonly heldBy: { number: number }[]
    readonly alreadyRunning: { number: number }[]
    readonly nodes: { title: string; certain: boolean }[]
    readonly confirm: string | null
    readonly expectS: number | null
    readonly handOver: string | null
  }
  const preview = async (who: Name, input: string): Promise<Seen> =>
    (
      await server.as<{ preview: Seen }>(
        who,
        `{ preview(input: ${input}) { approvals { text certain people { name } } joins { number } busy heldBy { number } alreadyRunning { number } nodes { title certain } confirm expectS handOver } }`,
      )
    ).data.preview

  test('names who would approve, and never whoever starts it where that is ruled out', async () => {
    expect((await preview('Mai', '{app: "hold"}')).approvals).toEqual([
      { text: 'QA or Mai, not whoever starts it', certain: true, people: [{ name: 'Quinn' }] },
    ])
    expect((await preview('Stu', '{app: "hold"}')).approvals[0]?.people).toEqual([{ name: 'Quinn' }, { name: 'Mai' }])
  })
  test('says what will run, what is asked once more, and how long it takes', async () => {
    const seen = await preview('Mai', '{app: "deploy", variables: {version: "v1"}}')
    expect(seen).toMatchObject({ confirm: 'This restarts production.', expectS: 1200, handOver: null, busy: false })
    expect(seen.nodes.map(({ title }) => title)).toEqual(['Deploy', 'Approve', 'Tidy'])
  })
  test('says whom it would join, and by whom it is held up', async () => {
    const { id, number } = (await launch('Mai', { app: 'hold', variables: { env: 'test' } })).data.launch
    await expect
      .poll(() => preview('Mai', '{app: "hold", variables: {env: "test"}}'))
      .toMatchObject({ joins: { number }, busy: false, heldBy: [{ number }] })
    expect(await preview('Mai', '{app: "hold"}')).toMatchObject({
      joins: null,
      heldBy: [],
      alreadyRunning: [{ number }],
    })
    const joined = await launch('Stu', { app: 'hold', variables: { env: 'test' } })
    expect(joined.data.launch.number).toBe(number)
    await stop(id)
  })
})
