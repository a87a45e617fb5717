/** Whatever anybody does, or is refused, is in the audit; and what was done to the audit shows. */
import { getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType, type GraphQLInputType } from 'graphql'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogue, verifyExport } from '../../engine/index.ts'
import { CARRYING, isAudited, withAudit } from '../graphql/audited.ts'
import { builder } from '../graphql/builder.ts'
import { schema } from '../graphql/schema.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

let server: TestServer
const rows = (): catalogue.AuditRow[] => server.db.read((tx) => catalogue.auditAfter(tx, 0, 10_000))
const mutations = Object.values(schema.getMutationType()!.getFields())

/** Something of the type, whatever it means: who may not is refused before anybody looks at it. */
function sample(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sample(type.ofType)
  if (isListType(type)) return [sample(type.ofType)]
  if (isEnumType(type)) return type.getValues()[0]!.name
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter((field) => isNonNullType(field.type))
        .map((field) => [field.name, sample(field.type)]),
    )
  const samples: Record<string, unknown> = {
    Int: 1,
    Float: 1,
    Boolean: true,
    JSON: {},
    DateTime: '2026-11-21T14:02:00Z',
  }
  return samples[type.toString()] ?? 'x'
}
const isLeaf = (name: string): boolean =>
  !('getFields' in getNamedType(schema.getMutationType()!.getFields()[name]!.type))

const watched = withAudit(builder.toSchema())
describe('every mutation of the schema', () => {
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.end())

  test.each(mutations.map(({ name }) => name))('%s is watched', (name) => {
    expect(isAudited(watched.getMutationType()!.getFields()[name]!.resolve)).toBe(true)
  })

  test.each(mutations.filter(({ args }) => !args.some(({ type }) => getNamedType(type).name === 'File')))(
    '$name leaves a row when nobody asks for it',
    async ({ name, args }) => {
      const before = rows().length
      const given = args.filter(({ type }) => isNonNullType(type))
      const head = given.map((arg) => `$${arg.name}: ${arg.type.toString()}`).join(', ')
      const call = given.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
      const { errors } = await server.as(
        'nobody',
        `mutation${head && `(${head})`} { ${name}${call && `(${call})`} ${isLeaf(name) ? '' : '{ __typename }'} }`,
        Object.fromEntries(given.map((arg) => [arg.name, sample(arg.type)])),
      )
      const added = await eventually(() => rows().length > before && rows().slice(before))
      expect(added).toMatchObject([{ person: null, name: 'Nobody', what: name, allowed: errors === undefined }])
      if (errors) expect(added[0]!.detail).toMatchObject({ code: errors[0]!.extensions['code'] })
    },
  )
})

const DOCUMENTS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: tidy}
spec: {nodes: {one: {use: test.work@1, with: {text: dust}}}}
---
apiVersion: baton/v1
kind: Host
metadata: {name: web-1}
spec: {address: 10.0.0.1, user: deploy, key: web.token}
`
describe('what is allowed', () => {
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(() => server.end())

  /** Asks as somebody and gives what the one field answered. */
  async function done<T = { id: string }>(who: Name | 'service', query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await server.as<Record<string, T>>(who, query, variables)
    expect(errors, query).toBeUndefined()
    return Object.values(data)[0]!
  }
  const node = (verb: string, who: Name, task: string, input: object): Promise<unknown> =>
    done(who, `mutation($input: NodeInput!) { ${verb}(input: $input) { id } }`, { input: { taskId: task, ...input } })
  const task = (verb: string, who: Name, id: string, more = ''): Promise<unknown> =>
    done(who, `mutation($id: ID!) { ${verb}(id: $id${more}) { id } }`, { id })
  /** One life of a flow, its people and its tasks. */
  async function everythingOnce(): Promise<void> {
    await done('Ada', 'mutation($documents: String!) { apply(documents: $documents) { dryRun } }', {
      documents: DOCUMENTS,
    })
    await done('Ada', 'mutation($d: String!) { saveFlow(document: $d, basedOn: 1) { name } }', {
      d: 'apiVersion: baton/v1\nkind: Flow\nmetadata: {name: tidy, title: T}\nspec: {nodes: {one: {use: test.work@1}}}\n',
    })
    await done('Ada', 'mutation { publishFlow(name: "tidy") { version } }')
    await done('Ada', 'mutation { makeCurrent(name: "tidy", version: 1) { version } }')
    await done('Ada', 'mutation { deleteDocument(kind: "Flow", name: "tidy") }')
    await done('Ada', 'mutation { setSecret(namespace: "web", key: "token", value: "correct horse") { key } }')
    await done('Ada', 'mutation { setSecret(namespace: "old", key: "token", value: "correct horse") { key } }')
    await done('Ada', 'mutation { deleteSecret(namespace: "old", key: "token") }')
    await done('Ada', 'mutation { scanHost(name: "web-1") { name } }')
    await done('Ada', 'mutation($f: String!) { confirmHostKey(name: "web-1", fingerprint: $f) { name } }', {
      f: `SHA256:${'a'.repeat(43)}`,
    })
    await done('Ada', 'mutation { probeHost(name: "web-1") { name } }')
    const { info } = await done<{ info: { id: string } }>('Ada', 'mutation { createToken(name: "ci") { info { id } } }')
    await done('Ada', 'mutation($id: ID!) { revokeToken(id: $id) { id } }', info)
    const invitation = await done('Ada', 'mutation { invite(role: "starter") { id } }')
    await done('Ada', 'mutation($id: ID!) { revokeInvitation(id: $id) { id } }', invitation)
    await done('Ada', 'mutation { linkCode { code } }')
    await done('Ada', 'mutation($id: ID!) { setRole(person: $id, role: "viewer") { id } }', { id: server.ids.Stu })
    await done('service', 'mutation { seeWorkspace(platform: SLACK, id: "T1", name: "Shop") { id } }')
    await done('Ada', 'mutation { trust(platform: SLACK, id: "T1", role: "starter") { id } }')
    await done('Ada', 'mutation { setRetention(tasksDays: 90) { project } }')
    await done('Ada', 'mutation { setPreferences(language: "en") { id } }')
    await done('Mai', 'mutation { setFavourite(app: "ship", favourite: true) { name } }')
    const shipped = await server.launch({ ok: false })
    await server.until(shipped.id, 'attention')
    await task('follow', 'Ada', shipped.id)
    await task('setNote', 'Mai', shipped.id, ', note: "soon"')
    const { variablesRevision: revision } = await done<{ variablesRevision: number }>(
      'Mai',
      'query($id: ID!) { task(id: $id) { variablesRevision } }',
      { id: shipped.id },
    )
    await done(
      'Mai',
      'mutation($id: ID!, $r: Int!) { editVariables(id: $id, revision: $r, variables: {ok: true}) { id } }',
      {
        id: shipped.id,
        r: revision,
      },
    )
    await task('pauseTask', 'Mai', shipped.id)
    await task('resumeTask', 'Mai', shipped.id)
    await node('pauseBefore', 'Olga', shipped.id, { nodeId: 'tidy', attempt: 0 })
    await node('unpause', 'Olga', shipped.id, { nodeId: 'tidy', attempt: 0 })
    await node('retryNode', 'Mai', shipped.id, { nodeId: 'deploy', attempt: 1 })
    await server.until(shipped.id, 'waiting')
    const asked = [...(await server.engine.task(shipped.id))!.state.asks.values()][0]!
    const ask = await done<{ asks: { id: string }[] }>('Quinn', 'query($id: ID!) { task(id: $id) { asks { id } } }', {
      id: shipped.id,
    })
    await done('Quinn', 'mutation($id: ID!) { commentAsk(id: $id, comment: "looking") { id } }', ask.asks[0])
    const input = { askId: ask.asks[0]!.id, digest: asked.digest, verdict: 'APPROVE' }
    await done('Quinn', 'mutation($input: DecideInput!) { decide(input: $input) { id } }', { input })
    await server.until(shipped.id, 'succeeded')
    const later = await done('Ada', 'mutation($input: LaunchInput!) { launch(input: $input) { id } }', {
      input: { flow: 'wait', startNow: false },
    })
    await task('planTask', 'Ada', later.id)
    await task('startTask', 'Ada', later.id)
    await server.until(later.id, 'running')
    await task('revokeTask', 'Ada', later.id, ', reason: "enough"')
    const skipped = await server.launch({ ok: false })
    await server.until(skipped.id, 'attention')
    await node('skipNode', 'Olga', skipped.id, { nodeId: 'deploy', attempt: 1 })
  }

  test('leaves a row for each thing that was done, in the name of whoever did it', async () => {
    await everythingOnce()
    // What a batch adds in its turn stands behind it: a last act ends the list.
    await done('Ada', 'mutation { signOut }')
    await eventually(() => rows().some(({ what }) => what === 'signOut'))
    const seen = rows().filter(({ allowed }) => allowed)
    const EXPECTED = mutations.map(({ name }) => name).filter((name) => everythingOnce.toString().includes(name))
    expect(EXPECTED.length).toBeGreaterThan(35)
    const told = new Set(seen.map(({ what }) => what))
    expect(EXPECTED.filter((name) => !told.has(name) && !CARRYING.has(name))).toEqual([])
    expect(seen.find(({ what }) => what === 'setFavourite')).toMatchObject({ name: 'Mai', target: 'ship' })
    expect(seen.find(({ what }) => what === 'retryNode')).toMatchObject({ name: 'Mai', person: server.ids.Mai })
    expect(seen.some(({ what }) => CARRYING.has(what))).toBe(false)
    expect(JSON.stringify(rows())).not.toContain('correct horse')
  })

  test('is found by person, act, target, time and outcome', async () => {
    type Found = { audit: { nodes: { what: string; target: string | null; by: { name: string } }[] } }
    const find = async (wanted: string) =>
      (await server.as<Found>('Ada', `{ audit(first: 200, ${wanted}) { nodes { what target allowed by { name } } } }`))
        .data.audit.nodes
    expect(new Set((await find('person: "Quinn"')).map(({ by }) => by.name))).toEqual(new Set(['Quinn']))
    expect((await find('what: ["setSecret", "deleteSecret"]')).map(({ what }) => what)).toEqual([
      'deleteSecret',
      'setSecret',
      'setSecret',
    ])
    const number = (await find('what: ["revokeTask"]'))[0]!.target!
    expect(number).not.toBe('')
    expect((await find('target: "#1"')).map(({ what }) => what)).toContain('retryNode')
    expect(await find('allowed: false')).toEqual([])
    expect((await server.as('Mai', '{ verifyKey }')).errors![0]!.extensions['code']).toBe('FORBIDDEN')
    await server.as('Mai', '{ verifyKey }') // asked again at once: told once
    await eventually(async () => (await find('allowed: false')).length > 0)
    expect(await find('allowed: false')).toMatchObject([{ what: 'verifyKey', by: { name: 'Mai' } }])
    expect(await find('from: "2026-11-21T14:03:00Z"')).toEqual([])
    expect((await find('to: "2026-11-21T14:03:00Z"')).length).toBeGreaterThan(35)
    expect(await find('person: "Nobody at all"')).toEqual([])
  })

  test('reads as sentences with names in the language of the reader, and leads to what it was about', async () => {
    type Line = { text: string; why: string | null; about: { kind: string; title: string; ref: string | null }[] }
    const read = async (wanted: string, headers?: Record<string, string>) =>
      (
        await server.as<{ audit: { nodes: Line[] } }>(
          'Ada',
          `{ audit(first: 200, ${wanted}) { nodes { text why about { kind title ref } } } }`,
          {},
          headers,
        )
      ).data.audit.nodes
    const all = (await read('allowed: true')).map(({ text }) => text)
    expect(all.filter((text) => /looked at|undefined|null/.test(text))).toEqual([])
    // Ids are for machines: none is left in a line.
    expect(all.filter((text) => /[a-z]+_[\w-]{22}|\b[0-9a-z]{18}\b/.test(text))).toEqual([])
    const [approved] = await read('what: ["decide"]')
    expect(approved).toMatchObject({
      text: expect.stringMatching(/^Quinn approved “.+” in .+ \(#1\)$/),
      why: null,
      about: [{ kind: 'ask' }, { kind: 'task', ref: '1' }],
    })
    expect((await read('what: ["retryNode"]'))[0]!.text).toMatch(/^Mai retried “.+” in .+ \(#1\)$/)
    expect((await read('what: ["setRole"]'))[0]!.text).toBe('Ada changed the role of Stu to Viewer')
    expect((await read('what: ["verifyKey"]'))[0]).toMatchObject({
      text: 'Refused: Mai wanted to look at what exports are verified by',
      why: 'Right missing: read the audit (audit)',
    })
    const launches = await read('what: ["launch"], app: "ship"')
    expect(launches.map(({ about }) => about.map(({ kind, ref }) => `${kind} ${ref}`))).toContainEqual([
      'app ship',
      'task 1',
    ])
  })
  test('is found by task, with its steps, its asks and its launch, and by app', async () => {
    const what = async (wanted: string) =>
      (
        await server.as<{ audit: { nodes: { what: string }[] } }>(
          'Ada',
          `{ audit(first: 200, ${wanted}) { nodes { what } } }`,
        )
      ).data.audit.nodes.map(({ what }) => what)
    const ofTask = await what('task: "1"')
    expect(new Set(ofTask)).toEqual(
      new Set([
        ...['decide', 'commentAsk', 'retryNode', 'unpause', 'pauseBefore', 'resumeTask', 'pauseTask', 'editVariables'],
        ...['setNote', 'follow', 'launch'],
      ]),
    )
    expect(ofTask.at(-1)).toBe('launch')
    const ofApp = await what('app: "ship"')
    expect(ofApp).toEqual(expect.arrayContaining(['launch', 'decide', 'skipNode', 'setFavourite']))
    expect(ofApp).not.toContain('planTask') // of another flow
    expect(await what('task: "999"')).toEqual([])
  })
  test('an export is told as one, by what it was of', async () => {
    await server.post('/export/history', { task: '1' }, { authorization: `Bearer ${server.tokens.Ada}` })
    await server.post('/export/history', { audit: true }, { authorization: `Bearer ${server.tokens.Ada}` })
    const { data } = await server.as<{ audit: { nodes: { text: string }[] } }>(
      'Ada',
      '{ audit(what: ["exportHistory"]) { nodes { text } } }',
    )
    expect(data.audit.nodes.map(({ text }) => text)).toEqual([
      'Ada exported what is recorded',
      expect.stringMatching(/^Ada exported what is recorded of .+ \(#1\)$/),
    ])
  })
  test.each([
    ['an end before its beginning', 'from: "2026-11-21T14:03:00Z", to: "2026-11-21T14:00:00Z"', 'to'],
    ['a cursor of its own making', 'after: "bm90"', 'after'],
    ['more rows than a page holds', 'first: 1000', 'first'],
    ['more words than anybody looks for', `what: [${Array(30).fill('"x"').join()}]`, 'what'],
  ])('is refused: %s', async (_, wanted, field) => {
    const { errors } = await server.as('Ada', `{ audit(${wanted}) { nodes { id } } }`)
    expect(errors![0]!.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field }] })
  })
  test.each(['Aki', 'Omar', 'Mai', 'Vic'] as const)('is not for %s', async (who) => {
    for (const query of ['{ audit { nodes { id } } }', '{ auditCheck { whole } }'])
      expect((await server.as(who, query)).errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'audit' })
  })
})

describe('what was done to the audit shows', () => {
  beforeEach(async () => {
    server = await startTestServer()
    for (const what of ['one', 'two', 'three'])
      await server.db.write((tx) =>
        catalogue.addAudit(
          tx,
          { at: server.clock.now, by: { person: null, name: 'Test', surface: 'api' }, what, allowed: true },
          server.deps.keys.audit,
        ),
      )
  })
  afterEach(() => server.end())
  const tamper = (sql: string): Promise<unknown> => server.db.write(() => server.db.prepare(sql).run())
  const check = async () =>
    (
      await server.as<{ auditCheck: { whole: boolean; faults: { what: string; row: number }[]; lastRow: number } }>(
        'Ada',
        '{ auditCheck { whole rows faults { what row problem } lastRow lastHash } }',
      )
    ).data.auditCheck
  const exported = async (): Promise<string[]> => {
    const response = await server.post(
      '/export/history',
      { audit: true },
      { authorization: `Bearer ${server.tokens.Ada}` },
    )
    return (await response.text()).trimEnd().split('\n')
  }

  test('nobody touched it: it is whole, here and in a file that needs no server', async () => {
    expect(await check()).toMatchObject({ whole: true, faults: [], lastRow: 3 })
    const lines = await exported()
    expect(
      await verifyExport(lines, { publicKey: server.engine.verifyKey, audit: server.deps.keys.audit }),
    ).toMatchObject({
      isWhole: true,
      isTrusted: true,
      tasks: 0,
      auditRows: 3,
    })
  })
  test.each([
    ['a changed row', `UPDATE audit SET name = 'Somebody' WHERE what = 'two'`, 'edit', 2],
    ['an allowed act turned into a refusal', 'UPDATE audit SET allowed = 0 WHERE id = 1', 'edit', 1],
    ['a removed row', `DELETE FROM audit WHERE what = 'two'`, 'removed', 2],
    ['a cut-off end', `DELETE FROM audit WHERE what = 'three'`, 'cut', 3],
    ['another signature', `UPDATE audit SET mac = 'x' WHERE what = 'three'`, 'forged', 3],
    ['a lost hash', `UPDATE audit SET hash = NULL WHERE what = 'three'`, 'edit', 3],
  ])('%s is found, here and offline', async (_, sql, what, row) => {
    await tamper(sql)
    expect(await check()).toMatchObject({
      whole: false,
      faults: expect.arrayContaining([expect.objectContaining({ what, row })]),
    })
    const report = await verifyExport(await exported(), { audit: server.deps.keys.audit })
    expect(report.isWhole).toBe(false)
    expect(report.faults).toEqual(expect.arrayContaining([expect.objectContaining({ what, event: row })]))
  })
  test('an export is handed over a little at a time, however long the audit is, and a reader who leaves ends it', async () => {
    const by = { person: null, name: 'Baton', surface: 'system' as const }
    await server.db.write((tx) => {
      for (let at = 0; at < 1_000; at++) catalogue.addAudit(tx, { at, by, what: 'many', allowed: true })
    })
    const response = await server.post(
      '/export/history',
      { audit: true },
      { authorization: `Bearer ${server.tokens.Ada}` },
    )
    const reader = response.body!.getReader()
    const { value } = await reader.read()
    expect(new TextDecoder().decode(value).trimEnd().split('\n').length).toBeLessThanOrEqual(200)
    await reader.cancel()
    expect((await exported()).length).toBeGreaterThan(1_000)
  })
  test.each([
    ['a line taken out', (lines: string[]) => lines.filter((_, at) => at !== 2)],
    ['the end cut off', (lines: string[]) => lines.slice(0, -1)],
    ['two rows that have changed places', (lines: string[]) => lines.with(2, lines[3]!).with(3, lines[2]!)],
    ['a row that stands twice', (lines: string[]) => lines.toSpliced(2, 0, lines[2]!)],
    [
      'a row of another audit among them',
      (lines: string[]) => lines.toSpliced(2, 0, lines[2]!.replace('"two"', '"ten"')),
    ],
    ['a byte changed', (lines: string[]) => lines.map((line, at) => (at === 1 ? line.replace('one', 'won') : line))],
  ])('%s of the file is found with the public key alone', async (_, spoil) => {
    const report = await verifyExport(spoil(await exported()), { publicKey: server.engine.verifyKey })
    expect(report.isWhole).toBe(false)
  })
})
