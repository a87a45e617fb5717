/** Drafts, versions, what changed between them, and who refers to what: by the right people, by the wrong, twice and late. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type Answer, type Name, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.end())

const text = (title: string, more = '') =>
  `# how we tidy\napiVersion: baton/v1\nkind: Flow\nmetadata: {name: tidy, title: ${title}}\nspec:\n  nodes:\n    sweep: {use: test.work@1, title: Sweep, with: {text: a}}\n${more}`
type Refused = NonNullable<Answer['errors']>[number]
const refusal = ({ errors }: { errors?: readonly Refused[] }): Refused => errors![0]!
const save = (who: Name, document: string, basedOn: number) =>
  server.as<{ saveFlow: { draft: { revision: number; source: string; updatedBy: string } } }>(
    who,
    'mutation($document: String!, $basedOn: Int!) { saveFlow(document: $document, basedOn: $basedOn) { draft { revision source updatedBy } } }',
    { document, basedOn },
  )
const publish = (who: Name, more = '') =>
  server.as<{ publishFlow: { version: number } }>(who, `mutation { publishFlow(name: "tidy"${more}) { version } }`)
const use = (who: Name, version: number, more = '') =>
  server.as<{ makeCurrent: { version: number; current: boolean } }>(
    who,
    `mutation { makeCurrent(name: "tidy", version: ${version}${more}) { version current } }`,
  )
interface Diff {
  readonly from: number | null
  readonly to: number | null
  readonly same: boolean
  readonly changes: readonly { path: string; before: unknown; after: unknown }[]
  readonly hunks: readonly {
    lines: readonly { sign: string; before: number | null; after: number | null; text: string }[]
  }[]
}
const diff = async (args: string): Promise<Diff> =>
  (
    await server.as<{ flowDiff: Diff }>(
      'Vic',
      `{ flowDiff(name: "tidy"${args}) { from to same changes { path before after } hunks { lines { sign before after text } } } }`,
    )
  ).data.flowDiff

describe('a draft', () => {
  test('keeps comments and grows by a revision with each save; the same twice is one', async () => {
    const first = await save('Aki', text('Tidy'), 0)
    expect(first.data.saveFlow.draft).toEqual({ revision: 1, source: text('Tidy'), updatedBy: 'Aki' })
    expect((await save('Aki', text('Tidy'), 0)).data.saveFlow.draft.revision).toBe(1)
    expect((await save('Aki', text('Tidy up'), 1)).data.saveFlow.draft.revision).toBe(2)
  })
  test('that moved on since is not overwritten: the save is told by whom, and what differs', async () => {
    const late = await save('Ada', text('Tidier'), 1)
    expect(refusal(late).extensions).toMatchObject({
      code: 'CONFLICT',
      reason: 'MOVED_ON',
      revision: 2,
      savedBy: 'Aki',
      source: text('Tidy up'),
      changes: [{ path: 'metadata.title', before: 'Tidy up', after: 'Tidier' }],
    })
    expect(refusal(late).message).toContain('Aki saved tidy at 14:02')
    const { data } = await server.as<{ flow: { draft: { source: string } } }>(
      'Vic',
      '{ flow(name: "tidy") { draft { source } } }',
    )
    expect(data.flow.draft.source).toBe(text('Tidy up'))
  })
  test('saved by two people at the same moment is one of theirs, and the other is told', async () => {
    const answers = await Promise.all([save('Ada', text('A'), 2), save('Aki', text('B'), 2)])
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1)
    expect(refusal(answers.find(({ errors }) => errors)!).extensions).toMatchObject({ reason: 'MOVED_ON', revision: 3 })
  })
  test('loses what the new text no longer says, whoever wrote it', async () => {
    const more = '    dust: {use: test.work@1, title: Dust}\n'
    await save('Aki', text('Tidy', more), 3)
    await server.as(
      'Ada',
      'mutation($d: String!) { apply(documents: $d, manager: "pipeline", force: true) { dryRun } }',
      {
        d: text('Tidy', more),
      },
    )
    const { data } = await save('Aki', text('Tidy'), 4)
    expect(data.saveFlow.draft.source).not.toContain('dust')
    const { data: read } = await server.as<{ flow: { draft: { source: string } } }>(
      'Vic',
      '{ flow(name: "tidy") { draft { source } } }',
    )
    expect(read.flow.draft.source).not.toContain('Dust')
  })
  test.each([
    { who: 'Omar' as const, right: 'author' },
    { who: 'Mai' as const, right: 'author' },
  ])('is not for $who to save, publish or make current', async ({ who, right }) => {
    const answers = [await save(who, text('Mine'), 5), await publish(who), await use(who, 1)]
    for (const [at, answer] of answers.entries())
      expect(refusal(answer).extensions).toMatchObject({
        code: 'FORBIDDEN',
        right: at === 0 ? 'edit-flow' : right,
        grantedBy: ['Ada'],
        heldBy: ['Ada', 'Aki'],
      })
  })
  test('is one flow, well formed', async () => {
    expect(refusal(await save('Aki', 'kind: [', 0)).extensions['code']).toBe('INVALID_INPUT')
    expect(refusal(await save('Aki', `${text('A')}\n---\n${text('B')}`, 0)).message).toBe('Save one Flow at a time')
  })
})

describe('versions', () => {
  test('are published from the draft that was read; a late press publishes nothing', async () => {
    expect((await publish('Aki', ', revision: 5, note: "first"')).data.publishFlow.version).toBe(1)
    await save('Aki', text('Tidy', '    dust: {use: test.work@1, title: Dust}\n'), 5)
    const late = await publish('Ada', ', revision: 5')
    expect(refusal(late).extensions).toMatchObject({ code: 'STALE', revision: 6, savedBy: 'Aki' })
    expect((await publish('Ada', ', revision: 6')).data.publishFlow.version).toBe(2)
    expect((await publish('Ada', ', revision: 6')).data.publishFlow.version).toBe(2)
  })
  test('are told with who, when and why, and what the reader may do', async () => {
    interface Told {
      flow: {
        published: { version: number; current: boolean; note: string | null }[]
        availableActions: { action: string; allowed: boolean }[]
      }
    }
    const query = '{ flow(name: "tidy") { published { version current note } availableActions { action allowed } } }'
    const { data } = await server.as<Told>('Aki', query)
    expect(data.flow.published).toEqual([
      { version: 2, current: true, note: null },
      { version: 1, current: false, note: 'first' },
    ])
    expect(data.flow.availableActions.filter(({ allowed }) => allowed).map(({ action }) => action)).toEqual([
      'save',
      'make_current',
      'delete',
    ])
    const { data: vic } = await server.as<Told>('Vic', query)
    expect(vic.flow.availableActions.some(({ allowed }) => allowed)).toBe(false)
  })
  test('can be held against each other, in meaning and line by line', async () => {
    const between = await diff(', from: 1, to: 2')
    expect(between).toMatchObject({ from: 1, to: 2, same: false })
    expect(between.changes.map(({ path }) => path)).toEqual(['spec.nodes.dust.use', 'spec.nodes.dust.title'])
    expect(between.hunks.map(({ lines }) => lines.map(({ sign, text: line }) => `${sign} ${line.trim()}`))).toEqual([
      [
        'SAME spec:',
        'SAME nodes:',
        'SAME sweep: {use: test.work@1, title: Sweep, with: {text: a}}',
        'ADDED dust: {use: test.work@1, title: Dust}',
      ],
    ])
    expect(await diff(', to: 2')).toMatchObject({ from: 1, to: 2 })
    expect(await diff('')).toMatchObject({ from: 2, to: null, same: true, hunks: [] })
    expect((await diff(', to: 1')).from).toBe(0)
  })
  test('of other projects and numbers do not exist', async () => {
    const { errors } = await server.as('Vic', '{ flowDiff(name: "tidy", from: 1, to: 9) { same } }')
    expect(errors![0]!.extensions['code']).toBe('NOT_FOUND')
    expect(refusal(await use('Aki', 9)).extensions['code']).toBe('NOT_FOUND')
  })
  test('can be made current again: new tasks run it, the draft stays, and a late press is told', async () => {
    expect((await use('Aki', 1, ', seen: 2, note: "dust broke it"')).data.makeCurrent).toEqual({
      version: 1,
      current: true,
    })
    expect((await use('Aki', 1, ', seen: 2')).data.makeCurrent.current).toBe(true) // twice
    expect(refusal(await use('Ada', 2, ', seen: 2')).extensions).toMatchObject({ code: 'STALE', current: 1 })
    const { data } = await server.as<{ launch: { flow: { version: number } } }>(
      'Aki',
      'mutation { launch(input: { flow: "tidy" }) { flow { version } } }',
    )
    expect(data.launch.flow.version).toBe(1)
    const { data: read } = await server.as<{ flow: { version: number; hasDraft: boolean } }>(
      'Vic',
      '{ flow(name: "tidy") { version hasDraft } }',
    )
    expect(read.flow).toEqual({ version: 1, hasDraft: true })
  })
  test('are in the audit, with who and why', async () => {
    const { data } = await server.as<{
      audit: {
        nodes?: unknown[]
        edges: { node: { what: string; target: string; by: { name: string }; detail: unknown } }[]
      }
    }>('Ada', '{ audit(first: 50) { edges { node { what target by { name } detail } } } }')
    expect(data.audit.edges.map(({ node }) => node)).toContainEqual({
      what: 'makeCurrent',
      target: 'tidy@1',
      by: { name: 'Aki' },
      detail: { note: 'dust broke it' },
    })
  })
})

describe('who refers to what', () => {
  const references = async (kind: string, name: string) =>
    (
      await server.as<{
        references: {
          kind: string
          name: string
          version: number | null
          path: string
          task: number | null
          holds: boolean
        }[]
      }>(
        'Aki',
        'query($kind: String!, $name: String!) { references(kind: $kind, name: $name) { kind name title version path task holds } }',
        { kind, name },
      )
    ).data.references
  const remove = (kind: string, name: string, who: Name = 'Ada') =>
    server.as<{ deleteDocument: boolean }>(
      who,
      'mutation($kind: String!, $name: String!) { deleteDocument(kind: $kind, name: $name) }',
      { kind, name },
    )
  test('a flow by its app, a role by apps and versions', async () => {
    expect(await references('Flow', 'ship')).toContainEqual(
      expect.objectContaining({
        kind: 'App',
        name: 'ship',
        title: 'Ship',
        version: null,
        path: 'spec.flow',
        holds: true,
      }),
    )
    const roles = await references('Role', 'qa')
    expect(roles.map(({ kind, name, version, path }) => [kind, name, version, path])).toEqual([
      ['Flow', 'ship', null, 'spec.nodes.gate.with.approvers[0]'],
      ['Flow', 'ship', 1, 'spec.nodes.gate.with.approvers[0]'],
    ])
    expect((await references('Role', 'makers')).map(({ path }) => path)).toEqual(['spec.launch[0]'])
  })
  test('a role that may retry a step is named without its prefix', async () => {
    await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { dryRun } }', {
      d: 'apiVersion: baton/v1\nkind: Flow\nmetadata: {name: allowed, title: Allowed}\nspec: {nodes: {a: {use: test.work@1, allow: {retry: [ops]}}}}',
    })
    expect((await references('Role', 'ops')).map(({ name, path }) => [name, path])).toContainEqual([
      'allowed',
      'spec.nodes.a.allow.retry[0]',
    ])
  })
  test('what is in use is not deleted; the answer lists by whom', async () => {
    const { errors } = await remove('Role', 'qa')
    expect(errors![0]!.message).toBe('Role qa is in use by Flow ship and Flow ship@1. Nothing was deleted.')
    expect(errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      usedBy: [
        { kind: 'Flow', name: 'ship', version: null },
        { kind: 'Flow', name: 'ship', version: 1 },
      ],
    })
    const { id, number } = await server.launch()
    await server.until(id, 'waiting')
    const app = await remove('App', 'ship')
    expect(app.errors![0]!.extensions['usedBy']).toContainEqual(expect.objectContaining({ kind: 'Task', task: number }))
  })
  test('what only an old version names can go; a version that a task still runs on holds it', async () => {
    const hosts =
      'apiVersion: baton/v1\nkind: Host\nmetadata: {name: box}\nspec: {address: 10.0.0.9, user: u, key: ssh.key}'
    const flow = (node: string) =>
      `apiVersion: baton/v1\nkind: Flow\nmetadata: {name: held, title: Held}\nspec: {nodes: {${node}}}`
    await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { dryRun } }', {
      d: [
        hosts,
        'apiVersion: baton/v1\nkind: SecretRef\nmetadata: {name: ssh}\nspec: {keys: [key]}',
        flow('a: {use: test.work@1, with: {host: box}}, b: {use: test.hang@1}'),
      ].join('\n---\n'),
    })
    await server.as('Ada', 'mutation { publishFlow(name: "held") { version } }')
    const { data } = await server.as<{ launch: { id: string; number: number } }>(
      'Ada',
      'mutation { launch(input: { flow: "held" }) { id number } }',
    )
    await server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { dryRun } }', {
      d: flow('b: {use: test.hang@1}'),
    })
    await server.as('Ada', 'mutation { publishFlow(name: "held") { version } }')
    expect(
      (await references('Host', 'box'))
        .filter(({ holds }) => holds)
        .map(({ kind, version, task }) => [kind, version, task]),
    ).toEqual([
      ['Flow', 1, null],
      ['Task', 1, data.launch.number],
    ])
    expect((await remove('Host', 'box')).errors![0]!.extensions['code']).toBe('CONFLICT')
    await server.as('Ada', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', { id: data.launch.id })
    await server.until(data.launch.id, 'revoked')
    await expect.poll(async () => (await references('Host', 'box')).some(({ holds }) => holds)).toBe(false)
    expect((await remove('Host', 'box')).data.deleteDocument).toBe(true)
    expect((await remove('Host', 'box')).errors![0]!.extensions['code']).toBe('NOT_FOUND') // twice
  })
  test('is for those who see the project; each kind needs its own right to delete', async () => {
    const { errors } = await server.as('Mai', '{ references(kind: "Role", name: "qa") { name } }')
    expect(errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'view' })
    expect((await remove('Role', 'qa', 'Aki')).errors![0]!.extensions).toMatchObject({
      code: 'FORBIDDEN',
      right: 'manage-people',
    })
    expect((await remove('Nonsense', 'x')).errors![0]!.extensions['code']).toBe('INVALID_INPUT')
  })
})
