import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startTestServer, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.end())

const LAUNCH =
  'mutation($input: LaunchInput!) { launch(input: $input) { id number title phase startedBy { name surface } variables } }'
const NODE =
  'query($id: ID!, $node: ID!) { task(id: $id) { variablesRevision node(id: $node) { attempt state headline causeText advice asked { name } editFields { key value } availableActions { action allowed why } } } }'

describe('the main job', () => {
  test('launch, fail, edit and retry, approve, finish', async () => {
    const { id, number } = await server.launch({ ok: false })
    await server.until(id, 'attention')
    const failed = await server.as<{ task: { variablesRevision: number; node: Record<string, unknown> } }>(
      'Mai',
      NODE,
      { id: String(number), node: 'deploy' },
    )
    expect(failed.data.task.node).toMatchObject({
      attempt: 1,
      state: 'FAILED',
      headline: 'Deploy failed',
      causeText: 'Disk full on /srv',
      advice: 'Set Works.',
      asked: [{ name: 'Mai' }, { name: 'Olga' }],
    })
    expect(failed.data.task.node['editFields']).toContainEqual({ key: 'ok', value: false })
    const retry = {
      taskId: `#${number}`,
      nodeId: 'deploy',
      attempt: 1,
      variables: { ok: true },
      variablesRevision: failed.data.task.variablesRevision,
    }
    const retried = await server.as<{ retryNode: { variables: object } }>(
      'Mai',
      'mutation($input: NodeInput!) { retryNode(input: $input) { variables } }',
      { input: retry },
    )
    expect(retried.data.retryNode.variables).toMatchObject({ ok: true })
    await server.until(id, 'waiting')
    type Inbox = { inbox: { nodes: { id: string; digest: string }[] } }
    const look = '{ inbox { nodes { id digest facts { key text } need { title count filled } task { number } } } }'
    const ask = await eventually(async () => (await server.as<Inbox>('Quinn', look)).data.inbox.nodes[0])
    expect(ask).toMatchObject({ facts: [{ key: 'version', text: 'v1' }], task: { number } })
    const decide = { askId: ask.id, digest: ask.digest, verdict: 'APPROVE', comment: 'go' }
    const decided = await server.as<{ decide: object }>(
      'Quinn',
      'mutation($input: DecideInput!) { decide(input: $input) { state end decisions { by { name } comment } } }',
      { input: decide },
    )
    expect(decided.data.decide).toEqual({
      state: 'CLOSED',
      end: 'GRANTED',
      decisions: [{ by: { name: 'Quinn' }, comment: 'go' }],
    })
    await server.until(id, 'succeeded')
    const over = await server.as<{ task: object }>(
      'Mai',
      'query($id: ID!) { task(id: $id) { phase outcome outputs progress { done total } steps { title state people { name } } } }',
      { id },
    )
    expect(over.data.task).toMatchObject({
      phase: 'SUCCEEDED',
      outcome: 'SUCCEEDED',
      outputs: { said: 'v1' },
      progress: { done: 3, total: 3 },
    })
    const history = await server.as<{ task: { events: { entries: { text: string; hash: string }[] } } }>(
      'Mai',
      'query($id: ID!) { task(id: $id) { events { entries { text hash by { name } } } } }',
      { id },
    )
    const { entries } = history.data.task.events
    expect(entries.map(({ text }) => text).join('\n')).toContain('Works No → Yes')
    expect(entries.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash))).toBe(true)
  })

  test('the second of two who press retry is told who was first, and nothing changes', async () => {
    const { id } = await server.launch({ ok: false })
    await server.until(id, 'attention')
    const input = { taskId: id, nodeId: 'deploy', attempt: 1 }
    const press = (who: 'Mai' | 'Olga') =>
      server.as<never>(who, 'mutation($input: NodeInput!) { retryNode(input: $input) { id } }', { input })
    const answers = await Promise.all([press('Mai'), press('Olga')])
    const late = answers.find(({ errors }) => errors)!
    expect(answers.filter(({ errors }) => !errors)).toHaveLength(1)
    expect(late.errors![0]).toMatchObject({
      extensions: { code: 'STALE', truth: { what: 'retried', by: expect.stringMatching(/Mai|Olga/) } },
    })
    expect(late.errors![0]!.message).toMatch(/^Retried by (Mai|Olga)/)
    await server.until(id, 'attention')
    const node = await server.as<{ task: { node: { attempt: number } } }>('Mai', NODE, { id, node: 'deploy' })
    expect(node.data.task.node.attempt).toBe(2)
  })

  test('an edit with a retry that came too late is refused as a whole', async () => {
    const { id } = await server.launch({ ok: false })
    await server.until(id, 'attention')
    const input = { taskId: id, nodeId: 'deploy', attempt: 1, variables: { version: 'v9' }, variablesRevision: 99 }
    const { errors } = await server.as('Mai', 'mutation($input: NodeInput!) { retryNode(input: $input) { id } }', {
      input,
    })
    expect(errors![0]!.extensions['code']).toBe('STALE')
    const { state } = (await server.engine.task(id))!
    expect([state.variables['version'], state.nodes.get('deploy')!.attempt]).toEqual(['v1', 1])
  })
})

describe('what is told of a task', () => {
  test('an approval is a question; a stop promises nothing of what waits; every row of the history has words', async () => {
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    type Told = {
      task: {
        asks: { title: string; step: string }[]
        stopConsequences: { leaves: string[] }
        variableFields: { key: string; text: string | null }[]
        events: { entries: { text: string; follows: string[] }[] }
        whole: { entries: unknown[] }
      }
    }
    const { data } = await server.as<Told>(
      'Mai',
      'query($id: ID!) { task(id: $id) { asks { title step } stopConsequences { leaves } variableFields { key text } events { entries { text follows } } whole: events(all: true) { entries { seq } } } }',
      { id },
    )
    expect(data.task.asks).toEqual([{ title: 'Ship v1?', step: 'Approve' }])
    expect(data.task.stopConsequences.leaves).toEqual([])
    expect(data.task.variableFields).toContainEqual({ key: 'ok', text: 'Yes' })
    expect(data.task.events.entries[0]).toMatchObject({ text: 'Launched' })
    expect(data.task.events.entries.filter(({ text }) => text === '')).toEqual([])
    expect(data.task.whole.entries.length).toBeGreaterThanOrEqual(data.task.events.entries.length)
  })
})

describe('launching', () => {
  const launch = (who: 'Mai' | 'Stu' | 'Omar', input: object, headers?: Record<string, string>) =>
    server.as<{ launch: { id: string; title: string } }>(who, LAUNCH, { input }, headers)

  test('the same key and input give the same task, another input is a conflict', async () => {
    const input = { app: 'ship', key: 'form-1', variables: { version: 'v1' } }
    const [first, second] = await Promise.all([
      launch('Mai', input),
      launch('Mai', { ...input, variables: { version: 'v1' } }),
    ])
    expect(first.data.launch.id).toBe(second.data.launch.id)
    const other = await launch('Mai', { ...input, variables: { version: 'v2' } })
    expect(other.errors![0]!.extensions['code']).toBe('CONFLICT')
    const found = await server.as<{ task: { id: string } }>('Mai', '{ task(key: "form-1") { id } }')
    expect(found.data.task.id).toBe(first.data.launch.id)
    expect((await server.as<{ task: null }>('Olga', '{ task(key: "form-1") { id } }')).data.task).toBeNull()
  })
  test('every wrong field is told at once, and nothing is launched', async () => {
    const before = await server.as<{ tasks: { totalCount: number } }>('Mai', '{ tasks { totalCount } }')
    const { errors } = await launch('Mai', { app: 'ship', variables: { version: '2', count: 99, nonsense: 1 } })
    expect(errors![0]!.extensions['code']).toBe('INVALID_INPUT')
    const fields = errors![0]!.extensions['fields'] as { field: string }[]
    expect(fields.map(({ field }) => field).sort()).toEqual(['count', 'nonsense', 'version'])
    const after = await server.as<{ tasks: { totalCount: number } }>('Mai', '{ tasks { totalCount } }')
    expect(after.data.tasks.totalCount).toBe(before.data.tasks.totalCount)
  })
  test('a secret is never accepted from a chat, and never shown', async () => {
    const typed = await launch('Mai', { app: 'ship', asText: true, variables: { version: 'v1', token: 'hunter22' } })
    expect(typed.errors![0]!.extensions['fields']).toEqual([
      expect.objectContaining({ field: 'token', code: 'SECRET_IN_CHAT' }),
    ])
    const kept = await launch('Mai', { app: 'ship', variables: { version: 'v1', token: 'hunter22' } })
    expect(JSON.stringify(kept)).not.toContain('hunter22')
    const all = await server.as(
      'Mai',
      'query($id: ID!) { task(id: $id) { variables variableFields { key value } events { entries { data } } } }',
      { id: kept.data.launch.id },
    )
    expect(JSON.stringify(all)).not.toContain('hunter22')
  })
  test('whom the app does not name is told who may', async () => {
    const { errors } = await launch('Stu', { app: 'ship', variables: { version: 'v1' } })
    expect(errors![0]).toMatchObject({
      message: 'You may not launch this. Ask Makers.',
      extensions: { code: 'FORBIDDEN', right: 'launch' },
    })
  })
  test('a raw flow is for operators and authors', async () => {
    expect((await launch('Omar', { flow: 'wait' })).errors).toBeUndefined()
    expect((await launch('Mai', { flow: 'wait' })).errors![0]!.extensions['code']).toBe('FORBIDDEN')
  })
  test('the same mutation id gives the same answer, and one act', async () => {
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const pause = () =>
      server.as<{ pauseTask: { id: string } }>(
        'Mai',
        'mutation($id: ID!) { pauseTask(id: $id, clientMutationId: "p1") { id phase } }',
        { id },
      )
    const answers = [...(await Promise.all([pause(), pause()])), await pause()]
    expect(answers.map(({ errors }) => errors)).toEqual([undefined, undefined, undefined])
    const again = await server.as('Mai', 'mutation($id: ID!) { resumeTask(id: $id, clientMutationId: "p1") { id } }', {
      id,
    })
    expect(again.errors![0]!.extensions['code']).toBe('CONFLICT')
  })
  test('an alias finds the app, and a preview changes nothing', async () => {
    const { data } = await server.as<{ app: { name: string }; preview: object }>(
      'Mai',
      '{ app(name: "发布") { name } preview(input: { app: "ship", variables: { version: "v3" } }) { title errors { field } nodes { title kind certain } approvers } }',
    )
    expect(data.app.name).toBe('ship')
    expect(data.preview).toMatchObject({ title: 'Ship v3', errors: [], approvers: ['QA'] })
  })
})

describe('who may do what', () => {
  const cases = [
    { who: 'Mai', verb: 'retry', allowed: true },
    { who: 'Mai', verb: 'skip', allowed: false },
    { who: 'Olga', verb: 'skip', allowed: true },
    { who: 'Omar', verb: 'skip', allowed: true },
    { who: 'Vic', verb: 'retry', allowed: false },
    { who: 'Ada', verb: 'skip', allowed: true },
  ] as const
  test.each(cases)('$who may $verb a failed step: $allowed, as offered and as done', async ({ who, verb, allowed }) => {
    const { id } = await server.launch({ ok: false })
    await server.until(id, 'attention')
    const offered = await server.as<{ task: { node: { availableActions: { action: string; allowed: boolean }[] } } }>(
      who,
      NODE,
      { id, node: 'deploy' },
    )
    expect(offered.data.task.node.availableActions.find(({ action }) => action === verb)!.allowed).toBe(allowed)
    const { errors } = await server.as(who, `mutation($input: NodeInput!) { ${verb}Node(input: $input) { id } }`, {
      input: { taskId: id, nodeId: 'deploy', attempt: 1 },
    })
    expect(errors?.[0]!.extensions['code']).toBe(allowed ? undefined : 'FORBIDDEN')
  })
  test('only those asked may approve, whatever their rights', async () => {
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const [ask] = [...(await server.engine.task(id))!.state.asks.values()]
    const { errors } = await server.as('Ada', 'mutation($input: DecideInput!) { decide(input: $input) { id } }', {
      input: { askId: ask!.id, digest: ask!.digest, verdict: 'APPROVE' },
    })
    expect(errors![0]!.extensions['code']).toBe('FORBIDDEN')
  })
  test('every decision and every refusal is in the audit', async () => {
    const { data } = await server.as<{ audit: { nodes: { what: string; allowed: boolean; by: { name: string } }[] } }>(
      'Ada',
      '{ audit(first: 200) { nodes { what allowed by { name } } } }',
    )
    const seen = data.audit.nodes
    expect(seen).toContainEqual({ what: 'skipNode', allowed: false, by: { name: 'Mai' } })
    expect(seen).toContainEqual({ what: 'skipNode', allowed: true, by: { name: 'Olga' } })
    expect((await server.as('Mai', '{ audit { nodes { id } } }')).errors![0]!.extensions['code']).toBe('FORBIDDEN')
  })
})

test('what people and callers write has an end, and a refusal changes nothing', async () => {
  const { id } = await server.launch({ ok: false })
  await server.until(id, 'attention')
  const long = 'x'.repeat(4_001)
  const refusals = [
    await server.as('Ada', 'mutation($id: ID!, $reason: String) { revokeTask(id: $id, reason: $reason) { id } }', {
      id,
      reason: long,
    }),
    await server.as('Ada', 'mutation($input: NodeInput!) { failNode(input: $input) { id } }', {
      input: { taskId: id, nodeId: 'deploy', attempt: 1, note: long },
    }),
    await server.as('Ada', 'mutation($id: ID!, $m: String) { pauseTask(id: $id, clientMutationId: $m) { id } }', {
      id,
      m: 'm'.repeat(201),
    }),
    await server.as('Mai', LAUNCH, { input: { app: 'ship', variables: { version: 'v1' }, key: 'k'.repeat(201) } }),
  ]
  for (const { errors } of refusals) expect(errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
  const { data } = await server.as<{ task: object }>('Ada', 'query($id: ID!) { task(id: $id) { phase } }', { id })
  expect(data.task).toEqual({ phase: 'ATTENTION' })
})

test('a check knows what else is in the text, and says where in it a mistake stands', async () => {
  const text = `apiVersion: baton/v1\nkind: Flow\nmetadata: {name: fresh, title: Fresh}\nspec: {nodes: {go: {use: test.work@1, title: Go}}}\n---\napiVersion: baton/v1\nkind: App\nmetadata: {name: fresh, title: Fresh}\nspec: {flow: fresh, launch: [everyone]}\n`
  const check = (document: string) =>
    server.as<{ check: { ok: boolean; findings: object[] } }>(
      'Aki',
      'mutation($document: String!) { check(document: $document) { ok findings { severity line column message trail } } }',
      { document },
    )
  expect((await check(text)).data.check.ok).toBe(true)
  const wrong = (await check(text.replace('{flow: fresh', '{flow: frehs'))).data.check
  expect(wrong).toMatchObject({
    ok: false,
    findings: expect.arrayContaining([expect.objectContaining({ severity: 'ERROR', line: 9 })]),
  })
  expect((await check('kind: [')).data.check).toMatchObject({ ok: false, findings: [{ severity: 'ERROR', line: 1 }] })
  const stuck = `apiVersion: baton/v1
kind: Flow
metadata: {name: stuck}
spec:
  nodes:
    fan: {gateway: parallel, next: [a, b]}
    a: {use: test.work@1, next: end}
    b: {use: test.work@1, next: join}
    join: {gateway: converge}`
  const { findings } = (await check(stuck)).data.check as { findings: { severity: string; trail: string[] }[] }
  expect(findings.filter(({ severity }) => severity === 'ERROR').map(({ trail }) => trail)).toEqual([
    ['fan', 'a', 'end'],
  ])
})

describe('a title that is made of the answers', () => {
  const edit = async (id: string, version: string): Promise<string> => {
    const { state } = (await server.engine.task(id))!
    const { data, errors } = await server.as<{ editVariables: { title: string } }>(
      'Mai',
      'mutation($id: ID!, $r: Int!, $v: JSON!) { editVariables(id: $id, revision: $r, variables: $v, reason: "typo") { title } }',
      { id, r: state.variablesRevision, v: { version } },
    )
    expect(errors).toBeUndefined()
    return data.editVariables.title
  }
  test('says what they are after each change, in lists and in the history too', async () => {
    const { id } = await server.launch({ version: 'v41', ok: false })
    await server.until(id, 'attention')
    expect(await edit(id, 'v42')).toBe('Ship v42')
    const listed = await eventually(async () => {
      const { data } = await server.as<{ tasks: { nodes: { id: string; title: string }[] } }>(
        'Mai',
        '{ tasks(first: 50) { nodes { id title } } }',
      )
      return data.tasks.nodes.find((one) => one.id === id && one.title !== 'Ship v41')
    })
    expect(listed.title).toBe('Ship v42')
    const { data } = await server.as<{ task: { events: object } }>(
      'Mai',
      'query($id: ID!) { task(id: $id) { events(first: 50) { entries { text follows } } } }',
      { id },
    )
    expect(JSON.stringify(data.task.events)).toContain('Is called: Ship v42')
  })
  test('stays as somebody wrote it', async () => {
    const { id } = await server.launch({ version: 'v41', ok: false }, { title: 'My release' })
    await server.until(id, 'attention')
    expect(await edit(id, 'v43')).toBe('My release')
  })
})
