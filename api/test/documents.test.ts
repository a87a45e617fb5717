/** Documents that several look after: a page, a pipeline, a terminal. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.end())

const constant = (value: string, more = ''): string =>
  `apiVersion: baton/v1\nkind: Constant\nmetadata: {name: REGION}\n# where we are\nspec: {value: ${value}${more}}\n`
const apply = (documents: string, more: object = {}, who: Name = 'Ada') =>
  server.as<{ apply: { documents: { result: string; generation: number; taken: { path: string }[] }[] } }>(
    who,
    `mutation($documents: String!, $manager: String, $force: Boolean, $dryRun: Boolean) {
      apply(documents: $documents, manager: $manager, force: $force, dryRun: $dryRun) {
        documents { result generation diff { path before after } taken { path managers theirs yours } conflicts { path managers theirs yours } findings { code severity message } } } }`,
    { documents, manager: 'git', ...more },
  )
const save = (document: string, basedOn: number, more: object = {}, who: Name = 'Ada') =>
  server.as<{ saveDocument: { result: string; generation: number; taken: { path: string; managers: string[] }[] } }>(
    who,
    `mutation($document: String!, $basedOn: Int!, $force: Boolean, $dryRun: Boolean) {
      saveDocument(document: $document, basedOn: $basedOn, force: $force, dryRun: $dryRun) {
        result generation diff { path } taken { path managers } conflicts { path } } }`,
    { document, basedOn, ...more },
    { 'x-baton-surface': 'phone' },
  )
interface Shown {
  readonly source: string
  readonly managers: { manager: string; fields: string[] }[]
  readonly status: {
    readonly generation: number
    readonly observedGeneration: number
    readonly conditions: { type: string; status: string; reason: string; message: string }[]
  }
}
const look = async (kind: string, name: string): Promise<Shown> =>
  (
    await server.as<{ document: Shown }>(
      'Ada',
      `query($kind: String!, $name: String!) { document(kind: $kind, name: $name) { source updatedBy managers { manager fields }
        status { generation observedGeneration conditions { type status reason message } findings { code } } } }`,
      { kind, name },
    )
  ).data.document
const conditionOf = async (kind: string, name: string, type: string) =>
  (await look(kind, name)).status.conditions.find((one) => one.type === type)

describe('an error that the check finds', () => {
  const app = (fixed: string): string =>
    `apiVersion: baton/v1\nkind: App\nmetadata: {name: narrow}\nspec: {flow: ship, launch: [everyone], form: {${fixed}: {fixed: 4}}}\n`
  test('refuses what would be in force at once, all of the text with it, by an apply and by a page', async () => {
    const { errors } = await apply(`${constant('eu')}---\n${app('cuont')}`)
    expect(errors![0]).toMatchObject({
      message: expect.stringMatching(/no variable “cuont”.*count/),
      extensions: { code: 'INVALID_INPUT', findings: [{ line: 10, path: 'App/narrow spec.form.cuont' }] },
    })
    expect([await look('App', 'narrow'), await look('Constant', 'REGION')]).toEqual([null, null])
    expect((await save(app('cuont'), 0)).errors![0]!.extensions).toMatchObject({ code: 'INVALID_INPUT' })
    expect((await save(app('cuont'), 0, { force: true })).errors![0]!.extensions).toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect((await apply(app('count'))).errors).toBeUndefined()
    // The one in force stays as it was.
    expect((await apply(app('cuont'))).errors).toBeDefined()
    expect((await look('App', 'narrow')).source).toContain('count')
  })
  test('is told by a dry run, with the rest of what would change', async () => {
    const { data } = await apply(app('cuont'), { dryRun: true })
    expect(data.apply.documents).toMatchObject([{ result: 'CREATED', findings: [{ severity: 'ERROR' }] }])
  })
  test('of a flow is kept with its draft: publishing is what it stops', async () => {
    const flow =
      'apiVersion: baton/v1\nkind: Flow\nmetadata: {name: odd}\nspec: {nodes: {one: {use: nothing.there@1}}}\n'
    expect((await apply(flow)).errors).toBeUndefined()
    const { errors } = await server.as('Ada', 'mutation { publishFlow(name: "odd") { version } }')
    expect(errors![0]!.extensions['code']).toBe('INVALID_INPUT')
  })
})
test('a project that nobody has used yet is said plainly, with the one that was meant', async () => {
  const region = (project: string) => constant('eu').replace('REGION', `REGION, project: ${project}`)
  const first = await apply(region('shop'))
  expect(first.data.apply.documents[0]).toMatchObject({
    findings: [{ code: 'new_project', severity: 'WARNING', message: 'New project “shop”' }],
  })
  const second = await apply(region('shpo'), { dryRun: true })
  expect(second.data.apply.documents[0]).toMatchObject({
    findings: [{ message: 'New project “shpo” (did you mean “shop”?)' }],
  })
  expect((await apply(region('shop'))).data.apply.documents[0]).toMatchObject({ findings: [] })
})

describe('a page and a pipeline', () => {
  test('do not fight: each looks after its own fields, and a third who changes one is told whose it is', async () => {
    await apply(constant('eu'))
    expect((await save(constant('eu', ', help: Where we run'), 1)).data.saveDocument).toMatchObject({
      result: 'CHANGED',
      generation: 2,
    })
    expect((await look('Constant', 'REGION')).managers).toEqual([
      { manager: 'git', fields: ['spec.value'] },
      { manager: 'phone', fields: ['spec.help'] },
    ])
    // Git goes on with what is its own, and does not take the help text away.
    expect((await apply(constant('us'))).data.apply.documents[0]).toMatchObject({ result: 'CHANGED', taken: [] })
    expect((await look('Constant', 'REGION')).source).toContain('Where we run')
    const refused = await save(constant('ap', ', help: Where we run'), 3)
    expect(refused.errors![0]).toMatchObject({
      message: 'spec.value of Constant REGION belongs to git. Force takes it over.',
      extensions: {
        code: 'CONFLICT',
        conflicts: [{ document: 'Constant/REGION', path: 'spec.value', owners: ['git'], theirs: 'us', yours: 'ap' }],
      },
    })
    expect((await look('Constant', 'REGION')).source).toContain('us')
  })

  test('by force it is taken over, the audit says from whom, and now the other is told', async () => {
    await apply(constant('eu'))
    const { data } = await save(constant('us'), 1, { force: true })
    expect(data.saveDocument.taken).toEqual([{ path: 'spec.value', managers: ['git'] }])
    const row = await eventually(async () => {
      const { data: found } = await server.as<{ audit: { nodes: { what: string; detail: unknown }[] } }>(
        'Ada',
        '{ audit(target: "Constant/REGION") { nodes { what target detail by { name } } } }',
      )
      return found.audit.nodes.find(({ what }) => what === 'saveDocument')
    })
    expect(row).toMatchObject({
      by: { name: 'Ada' },
      detail: {
        force: true,
        documents: ['Constant/default/REGION changed'],
        taken: [{ document: 'Constant/REGION', path: 'spec.value', from: ['git'] }],
      },
    })
    expect((await apply(constant('eu'))).errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      conflicts: [{ path: 'spec.value', owners: ['phone'] }],
    })
    expect((await apply(constant('eu'), { force: true })).data.apply.documents[0]!.taken).toMatchObject([
      { path: 'spec.value', managers: ['phone'] },
    ])
  })

  test('every conflict of every document is named at once, and nothing is saved', async () => {
    const two = `${constant('eu')}---\napiVersion: baton/v1\nkind: Group\nmetadata: {name: web}\nspec: {members: [Mai]}\n`
    await apply(two)
    const { errors } = await apply(two.replace('eu', 'us').replace('Mai', 'Omar'), { manager: 'ci' })
    expect(errors![0]!.extensions['conflicts']).toMatchObject([
      { document: 'Constant/REGION', path: 'spec.value' },
      { document: 'Group/web', path: 'spec.members' },
    ])
    expect((await look('Group', 'web')).status.generation).toBe(1)
  })

  test('a dry run shows what would change and takes nothing', async () => {
    await apply(constant('eu'))
    expect((await save(constant('us'), 1, { dryRun: true, force: true })).data.saveDocument).toMatchObject({
      result: 'CHANGED',
      diff: [{ path: 'spec.value' }],
    })
    expect(await look('Constant', 'REGION')).toMatchObject({
      managers: [{ manager: 'git' }],
      status: { generation: 1 },
    })
  })

  test('a dry run of what others look after shows the whole of it, and what stands in the way', async () => {
    await apply(constant('eu'))
    const text = `${constant('us')}---\napiVersion: baton/v1\nkind: Constant\nmetadata: {name: OTHER}\nspec: {value: 1}\n`
    const { data } = await apply(text, { manager: 'ci', dryRun: true })
    expect(data.apply.documents).toMatchObject([
      {
        ...{ result: 'CHANGED', diff: [{ path: 'spec.value', before: 'eu', after: 'us' }], taken: [] },
        conflicts: [{ path: 'spec.value', managers: ['git'], theirs: 'eu', yours: 'us' }],
      },
      { result: 'CREATED', conflicts: [] },
    ])
    expect((await look('Constant', 'REGION')).status.generation).toBe(1)
    const forced = await apply(text, { manager: 'ci', dryRun: true, force: true })
    expect(forced.data.apply.documents[0]).toMatchObject({ taken: [{ path: 'spec.value' }], conflicts: [] })
    const page = await save(constant('us'), 1, { dryRun: true })
    expect(page.data.saveDocument).toMatchObject({
      diff: [{ path: 'spec.value' }],
      conflicts: [{ path: 'spec.value' }],
    })
  })

  test('a field that is left out on the page is asked for too, when it is another’s', async () => {
    await apply(constant('eu', ', help: Here'))
    expect((await save(constant('eu'), 1)).errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      conflicts: [{ path: 'spec.help', owners: ['git'] }],
    })
  })

  test('an editor of flows takes what it changes, and the audit says from whom', async () => {
    const { source, status } = await look('Flow', 'ship')
    const { errors } = await server.as(
      'Aki',
      'mutation($document: String!, $basedOn: Int!) { saveFlow(document: $document, basedOn: $basedOn) { name } }',
      { document: source.replace('title: Tidy', 'title: Tidy up'), basedOn: status.generation },
    )
    expect(errors).toBeUndefined()
    const { data } = await server.as<{ audit: { nodes: { detail: unknown }[] } }>(
      'Ada',
      '{ audit(what: ["saveFlow"]) { nodes { detail } } }',
    )
    expect(data.audit.nodes[0]!.detail).toEqual({
      basedOn: status.generation,
      taken: [{ path: 'spec.nodes.tidy.title', from: ['test'] }],
    })
  })

  test('a document that has moved on is not overwritten', async () => {
    await apply(constant('eu'))
    await apply(constant('us'))
    const { errors } = await save(constant('ap'), 1, { force: true })
    expect(errors![0]!.extensions).toMatchObject({ code: 'CONFLICT', reason: 'MOVED_ON', generation: 2 })
  })

  test('the same text twice changes nothing, with its status or without', async () => {
    await apply(constant('eu'))
    expect((await apply(constant('eu'))).data.apply.documents[0]).toMatchObject({ result: 'UNCHANGED', generation: 1 })
    const withStatus = `${constant('eu')}status: {generation: 7, conditions: []}\n`
    expect((await apply(withStatus)).data.apply.documents[0]).toMatchObject({ result: 'UNCHANGED', generation: 1 })
  })
})

describe('status', () => {
  test('of a flow says whether its draft is what is launched', async () => {
    expect(await conditionOf('Flow', 'ship', 'Published')).toMatchObject({ status: 'TRUE', reason: 'Current' })
    const { source, status } = await look('Flow', 'ship')
    expect(status.observedGeneration).toBe(status.generation)
    await save(source.replace('title: Tidy', 'title: Tidy up'), status.generation, { force: true })
    expect(await conditionOf('Flow', 'ship', 'Published')).toMatchObject({ status: 'FALSE', reason: 'DraftDiffers' })
    expect(await conditionOf('App', 'ship', 'FlowPublished')).toMatchObject({ status: 'TRUE' })
  })
  test('of a host, its secret and an empty role says what is missing, and that it is there', async () => {
    await apply(`
apiVersion: baton/v1
kind: SecretRef
metadata: {name: ssh}
spec: {keys: [key]}
---
apiVersion: baton/v1
kind: Host
metadata: {name: web-1}
spec: {address: 10.0.0.1, user: deploy, key: ssh.key}
---
apiVersion: baton/v1
kind: Role
metadata: {name: empty}
spec: {members: []}
`)
    expect(await conditionOf('SecretRef', 'ssh', 'ValuesSet')).toMatchObject({
      status: 'FALSE',
      message: 'No value yet: key.',
    })
    expect(await conditionOf('Host', 'web-1', 'KeyConfirmed')).toMatchObject({
      status: 'FALSE',
      reason: 'NotConfirmed',
    })
    expect(await conditionOf('Host', 'web-1', 'Ready')).toMatchObject({ status: 'UNKNOWN' })
    expect(await conditionOf('Host', 'web-1', 'KeySet')).toMatchObject({ status: 'FALSE' })
    expect(await conditionOf('Role', 'empty', 'HasMembers')).toMatchObject({ status: 'FALSE', reason: 'Empty' })
    expect((await conditionOf('Role', 'qa', 'HasMembers'))?.message).toBe('1 person stands in it now.')
    await server.as('Ada', 'mutation { setSecret(namespace: "ssh", key: "key", value: "a key, private") { key } }')
    await server.as('Ada', 'mutation { scanHost(name: "web-1") { name } }')
    await server.as('Ada', 'mutation($f: String!) { confirmHostKey(name: "web-1", fingerprint: $f) { name } }', {
      f: `SHA256:${'a'.repeat(43)}`,
    })
    await server.as('Ada', 'mutation { probeHost(name: "web-1") { name } }')
    expect(await conditionOf('SecretRef', 'ssh', 'ValuesSet')).toMatchObject({ status: 'TRUE' })
    expect(await conditionOf('Host', 'web-1', 'KeyConfirmed')).toMatchObject({ status: 'TRUE', reason: 'Pinned' })
    expect(await conditionOf('Host', 'web-1', 'Ready')).toMatchObject({ status: 'TRUE' })
  })
  test('of one with errors says which stands first', async () => {
    const ghosts = 'apiVersion: baton/v1\nkind: Role\nmetadata: {name: ghosts}\nspec: {members: [Stu]}\n'
    await apply(ghosts)
    await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Stu, { name: 'Stuart' }))
    server.deps.directory.refresh()
    expect(await conditionOf('Role', 'ghosts', 'Valid')).toMatchObject({
      status: 'FALSE',
      message: expect.stringContaining('“Stu”'),
    })
    // What is as it was is not refused: nothing of it changes.
    expect((await apply(ghosts)).data.apply.documents).toMatchObject([{ result: 'UNCHANGED' }])
  })
})

test('a list is read page by page, and found by kind, name and title', async () => {
  type Page = {
    documents: {
      totalCount: number
      nodes: { kind: string; name: string }[]
      pageInfo: { hasNextPage: boolean; endCursor: string }
    }
  }
  const page = async (wanted: string) =>
    (
      await server.as<Page>(
        'Ada',
        `{ documents(${wanted}) { totalCount nodes { kind name } pageInfo { hasNextPage endCursor } } }`,
      )
    ).data.documents
  const all = (await page('first: 200')).nodes
  const found: { kind: string; name: string }[] = []
  for (let after = ''; ;) {
    const part = await page(`first: 2${after && `, after: "${after}"`}`)
    expect(part.totalCount).toBe(all.length)
    found.push(...part.nodes)
    if (!part.pageInfo.hasNextPage) break
    after = part.pageInfo.endCursor
  }
  expect(found).toEqual(all)
  expect((await page('search: "ship it"')).nodes).toEqual([{ kind: 'Flow', name: 'ship' }])
  expect((await page('kind: "Role"')).nodes.map(({ name }) => name)).toEqual(['makers', 'ops', 'qa'])
  expect((await page('search: "%"')).nodes).toEqual([])
})

describe('bad input changes nothing', () => {
  const list = async (wanted = ''): Promise<string[]> =>
    (
      await server.as<{ documents: { nodes: { kind: string; name: string }[] } }>(
        'Ada',
        `{ documents(first: 200${wanted}) { nodes { kind name title updatedBy status { generation } } } }`,
      )
    ).data.documents.nodes.map(({ kind, name }) => `${kind}/${name}`)

  test.each([
    ['no document', ''],
    ['broken YAML', 'kind: [\n'],
    ['another version', constant('eu').replace('baton/v1', 'baton/v9')],
    ['an unknown key', constant('eu', ', valeu: 2')],
    ['a kind there is none of', constant('eu').replace('Constant', 'Konstant')],
    ['the same document twice', `${constant('eu')}---\n${constant('us')}`],
    ['one good, one bad', `${constant('eu')}---\nkind: Role\n`],
    [
      'aliases that grow without end',
      `a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: &d [*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n`,
    ],
  ])('%s', async (_, text) => {
    const before = await list()
    const { errors } = await apply(text)
    expect(errors![0]!.extensions).toMatchObject({ code: 'INVALID_INPUT', findings: expect.any(Array) })
    expect(await list()).toEqual(before)
  })
  test('a text larger than any folder of documents', async () => {
    const answer = await apply(constant(`"${'x'.repeat(3 * 1024 * 1024)}"`))
    expect([answer.status, answer.errors![0]!.extensions['code']]).toEqual([413, 'TOO_LARGE'])
  })
  test('a manager without end', async () => {
    expect((await apply(constant('eu'), { manager: 'm'.repeat(65) })).errors![0]!.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'manager' }],
    })
  })
  test.each([
    ['Mai', 'Constant', constant('eu'), 'author'],
    ['Omar', 'Constant', constant('eu'), 'author'],
    [
      'Aki',
      'Role',
      'apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa}\nspec: {members: [Aki]}\n',
      'manage-people',
    ],
  ] as const)('%s, who may not write a %s, is told what is missing', async (who, _, text, right) => {
    for (const { errors } of [await apply(text, {}, who), await save(text, 0, {}, who)])
      expect(errors![0]!.extensions).toMatchObject({
        code: 'FORBIDDEN',
        right: expect.stringMatching(right === 'author' ? /author|edit-flow/ : right),
      })
    expect(await list(', kind: "Constant"')).toEqual([])
  })
  test.each([
    ['a kind there is none of', '{ documents(kind: "Konstant") { nodes { name } } }', 'INVALID_INPUT'],
    ['a project they may not see', '{ documents(project: "shop") { nodes { name } } }', undefined],
    ['more than a page', '{ documents(first: 5000) { nodes { name } } }', 'INVALID_INPUT'],
    ['a cursor of their own', '{ documents(after: "bm90") { nodes { name } } }', 'INVALID_INPUT'],
  ])('asking for %s', async (_, query, code) => {
    expect((await server.as('Ada', query)).errors?.[0]?.extensions['code']).toBe(code)
  })
  test('who may see nothing sees no documents', async () => {
    expect((await server.as('Stu', '{ documents { nodes { name } } }')).errors![0]!.extensions).toMatchObject({
      code: 'FORBIDDEN',
      right: 'view',
    })
  })
})
