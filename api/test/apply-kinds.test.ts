/** Every kind of document as Git and a page look after it together: dry run, generation, status, whose field is whose, and what goes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KINDS } from '../../engine/core/document/kinds.ts'
import { startTestServer, type TestServer } from './support.ts'

interface Kind {
  readonly kind: (typeof KINDS)[number]
  readonly path: string
  /** The spec with this at `path`. */
  readonly spec: (value: string) => string
  readonly ours: string
  readonly theirs: string
}
const CASES: readonly Kind[] = [
  {
    kind: 'Flow',
    path: 'spec.nodes.ok.title',
    ours: 'Fine',
    theirs: 'Good',
    spec: (v) => `{nodes: {ok: {use: confirm, title: ${v}, with: {by: starter, text: OK}}}}`,
  },
  { kind: 'App', path: 'spec.help', ours: 'Ships', theirs: 'Sends', spec: (v) => `{flow: ship, help: ${v}}` },
  {
    kind: 'Host',
    path: 'spec.address',
    ours: '10.0.0.1',
    theirs: '10.0.0.2',
    spec: (v) => `{address: ${v}, user: deploy, key: tried.key}`,
  },
  {
    kind: 'SecretRef',
    path: 'spec.help',
    ours: 'Ask ops',
    theirs: 'Ask dev',
    spec: (v) => `{keys: [token], help: ${v}}`,
  },
  { kind: 'Role', path: 'spec.members', ours: '[Mai]', theirs: '[Omar]', spec: (v) => `{members: ${v}}` },
  { kind: 'Group', path: 'spec.members', ours: '[Mai]', theirs: '[Omar]', spec: (v) => `{members: ${v}}` },
  { kind: 'RightsRole', path: 'spec.help', ours: 'Looks', theirs: 'Sees', spec: (v) => `{rights: [view], help: ${v}}` },
  { kind: 'Constant', path: 'spec.value', ours: 'eu', theirs: 'us', spec: (v) => `{value: ${v}}` },
  { kind: 'Calendar', path: 'spec.zone', ours: 'Europe/Berlin', theirs: 'Asia/Shanghai', spec: (v) => `{zone: ${v}}` },
  {
    kind: 'Schedule',
    path: 'spec.cron',
    ours: '0 9 * * *',
    theirs: '0 8 * * *',
    spec: (v) => `{app: ship, cron: "${v}"}`,
  },
  {
    kind: 'Freeze',
    path: 'spec.help',
    ours: 'Holidays',
    theirs: 'Audit',
    spec: (v) => `{when: {from: '2099-01-01', to: '2099-01-02'}, help: ${v}}`,
  },
]

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.end())

const NAME = 'tried'
const text = (kind: string, spec: string, labels = ''): string =>
  `apiVersion: baton/v1\nkind: ${kind}\nmetadata: {name: ${NAME}, title: Tried${labels}}\nspec: ${spec}\n`
const bystander = 'apiVersion: baton/v1\nkind: Constant\nmetadata: {name: BYSTANDER}\nspec: {value: 1}\n'
interface Applied {
  readonly result: string
  readonly generation: number
  readonly diff: readonly { readonly path: string }[]
  readonly taken: readonly { readonly path: string; readonly managers: readonly string[] }[]
}
const apply = async (documents: string, more: object = {}) =>
  server.as<{ apply: { documents: Applied[] } }>(
    'Ada',
    `mutation($documents: String!, $manager: String, $force: Boolean, $dryRun: Boolean) {
      apply(documents: $documents, manager: $manager, force: $force, dryRun: $dryRun) {
        documents { result generation diff { path } taken { path managers } } } }`,
    { documents, manager: 'git', ...more },
  )
const save = async (document: string, basedOn: number, more: object = {}) =>
  server.as<{ saveDocument: Applied }>(
    'Ada',
    `mutation($document: String!, $basedOn: Int!, $force: Boolean) {
      saveDocument(document: $document, basedOn: $basedOn, force: $force) { result generation diff { path } taken { path managers } } }`,
    { document, basedOn, ...more },
    { 'x-baton-surface': 'phone' },
  )
const look = async (kind: string, name = NAME) =>
  (
    await server.as<{
      document: {
        source: string
        managers: { manager: string; fields: string[] }[]
        status: { generation: number; observedGeneration: number; conditions: { type: string; status: string }[] }
      } | null
    }>(
      'Ada',
      'query($kind: String!, $name: String!) { document(kind: $kind, name: $name) { source managers { manager fields } status { generation observedGeneration conditions { type status } } } }',
      { kind, name },
    )
  ).data.document

test('every kind there is stands in this table', () =>
  expect(CASES.map(({ kind }) => kind).sort()).toEqual([...KINDS].sort()))

describe.each(CASES)('$kind', ({ kind, path, spec, ours, theirs }) => {
  const mine = text(kind, spec(ours))
  const other = text(kind, spec(theirs))

  test('a dry run says what would be, and nothing is', async () => {
    const { data } = await apply(mine, { dryRun: true })
    expect(data.apply.documents[0]).toMatchObject({ result: 'CREATED' })
    expect(await look(kind)).toBeNull()
    await apply(mine)
    const changed = await apply(other, { dryRun: true })
    expect(changed.data.apply.documents[0]).toMatchObject({ result: 'CHANGED', diff: [{ path }] })
    expect((await look(kind))!.source).toContain(ours)
  })

  test('the same twice changes nothing; a change counts, and its status says so', async () => {
    await apply(mine)
    expect((await apply(mine)).data.apply.documents[0]).toMatchObject({ result: 'UNCHANGED', generation: 1, diff: [] })
    expect((await apply(other)).data.apply.documents[0]).toMatchObject({ result: 'CHANGED', generation: 2 })
    const { status } = (await look(kind))!
    expect(status).toMatchObject({ generation: 2, observedGeneration: 2 })
    expect(status.conditions).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'Valid' })]))
  })

  test('what a person took over from Git, Git is told of by name, and nothing of its text is saved', async () => {
    await apply(mine)
    expect((await save(other, 1)).errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      conflicts: [{ path, owners: ['git'] }],
    })
    expect((await save(other, 1, { force: true })).data.saveDocument.taken).toEqual([{ path, managers: ['git'] }])
    const refused = await apply(`${bystander}---\n${mine}`)
    expect(refused.errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      conflicts: [{ document: `${kind}/${NAME}`, path, owners: ['phone'] }],
    })
    expect(refused.errors![0]!.message).toContain(`${path} of ${kind} ${NAME} belongs to phone`)
    expect(await look('Constant', 'BYSTANDER')).toBeNull()
    expect((await look(kind))!.source).toContain(theirs)
    const forced = await apply(`${bystander}---\n${mine}`, { force: true })
    expect(forced.data.apply.documents[1]!.taken).toEqual([{ path, managers: ['phone'] }])
    expect((await look(kind))!.source).toContain(ours)
  })

  test('another pipeline that writes the same field is told whose it is', async () => {
    await apply(mine)
    expect((await apply(other, { manager: 'ci' })).errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      conflicts: [{ path, owners: ['git'] }],
    })
    // What both say alike is both’s.
    expect((await apply(mine, { manager: 'ci' })).errors).toBeUndefined()
    expect((await look(kind))!.managers.map(({ manager }) => manager).sort()).toEqual(['ci', 'git'])
  })

  test('what Git names no more goes where Git alone looked after it, and stays where somebody else does', async () => {
    await apply(text(kind, spec(ours), ', labels: {team: web, tier: gold}'))
    await apply(text(kind, spec(ours), ', labels: {tier: gold}'), { manager: 'ci' })
    await apply(mine)
    const { source } = (await look(kind))!
    expect(source).not.toContain('team')
    expect(source).toContain('gold')
  })
})
