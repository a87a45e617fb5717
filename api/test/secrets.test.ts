/** Who may use a secret: at publishing, when a step runs, and when somebody sets it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { definePlugin, done, secret, z } from '../../engine/plugin/index.ts'
import { eventually, startTestServer, work, hang, type Name, type TestServer } from './support.ts'

/** Says how long the secret is, so that a test sees it was opened without its being told. */
const open = definePlugin({
  code: 'test.open',
  version: '1.0.0',
  title: 'Open',
  inputs: z.object({ with: secret(z.string()) }),
  outputs: z.object({ length: z.number() }),
  repeat: () => true,
  execute: async (_ctx, inputs) => done({ length: inputs.with.length }),
})
const VALUE = 'correct horse battery'
const flow = (name: string, ref = 'web.token', project = 'default'): string => `
apiVersion: baton/v1
kind: Flow
metadata: {name: ${name}, project: ${project}}
spec: {nodes: {use: {use: test.open@1, title: Use, with: {with: "\${secrets.${ref}}"}}}}
`
const space = (more = '', name = 'web', project = 'default'): string => `
apiVersion: baton/v1
kind: SecretRef
metadata: {name: ${name}, project: ${project}}
spec: {keys: [token]${more}}
`

let server: TestServer
beforeEach(async () => {
  server = await startTestServer({ over: { plugins: [work, hang, open] } })
})
afterEach(() => server.end())

const apply = (documents: string, who: Name = 'Ada') =>
  server.as<{ apply: { documents: { findings: { code: string; message: string }[] }[] } }>(
    who,
    'mutation($documents: String!) { apply(documents: $documents) { documents { findings { code message } } } }',
    { documents },
  )
const publish = (name: string, project?: string) =>
  server.as<{ publishFlow: { version: number } }>(
    'Ada',
    'mutation($name: String!, $project: String) { publishFlow(name: $name, project: $project) { version } }',
    { name, project },
  )
const set = (who: Name = 'Ada', more: object = {}) =>
  server.as(
    who,
    `mutation($namespace: String!, $key: String!, $value: String!, $project: String) {
      setSecret(namespace: $namespace, key: $key, value: $value, project: $project) { project setAt setBy } }`,
    { namespace: 'web', key: 'token', value: VALUE, ...more },
  )
const run = async (name: string, phase: string): Promise<string> => {
  const { data, errors } = await server.as<{ launch: { id: string } }>(
    'Ada',
    'mutation($input: LaunchInput!) { launch(input: $input) { id } }',
    { input: { flow: name } },
  )
  expect(errors).toBeUndefined()
  await server.until(data.launch.id, phase)
  return data.launch.id
}
const NAMES = `{ secretNames { namespace key project setAt setBy declared flows usedBy lastUse { at task flow host } } }`
type Named = { secretNames: { lastUse: { task: number } | null }[] }

test('a flow that a SecretRef does not name is refused at publishing, and says why', async () => {
  await apply(space(', flows: [mine]') + '---' + flow('mine') + '---' + flow('other'))
  await set()
  expect((await publish('mine')).errors).toBeUndefined()
  expect((await publish('other')).errors![0]).toMatchObject({
    extensions: {
      code: 'INVALID_INPUT',
      findings: [
        {
          code: 'unknown_secret',
          node: 'use',
          message: expect.stringContaining('its SecretRef keeps it for mine. Whoever manages secrets'),
        },
      ],
    },
  })
})

test('a version that was published before is refused when it runs, and the refusal is audited', async () => {
  await apply(space() + '---' + flow('other'))
  await set()
  await publish('other')
  await run('other', 'succeeded')
  await apply(space(', flows: [mine]'))
  const id = await run('other', 'attention')
  const view = await server.engine.task(id)
  expect(view!.state.nodes.get('use')!.error).toMatchObject({
    code: 'NOT_ALLOWED',
    message: 'The flow other may not use the secret web.token: SecretRef web keeps it for mine.',
  })
  const { data } = await eventually(async () => {
    const found = await server.as<{ audit: { nodes: { what: string }[] } }>(
      'Ada',
      '{ audit(first: 5) { nodes { what target allowed detail by { name } } } }',
    )
    return found.data.audit.nodes.some(({ what }) => what === 'useSecret') && found
  })
  expect(data.audit.nodes.find(({ what }) => what === 'useSecret')).toMatchObject({
    target: 'web.token',
    allowed: false,
    detail: { flow: 'other', task: view!.state.number },
  })
})

test('a rotation tells when and by whom, a use by which task; no value is shown', async () => {
  await apply(space(', flows: [mine]') + '---' + flow('mine'))
  await set()
  await publish('mine')
  const id = await run('mine', 'succeeded')
  server.clock.now += 60_000
  expect((await set()).errors).toBeUndefined()
  const number = (await server.engine.task(id))!.state.number
  const answer = await eventually(async () => {
    const found = await server.as<Named>('Ada', NAMES)
    return found.data.secretNames[0]!.lastUse && found
  })
  expect(answer.data.secretNames).toEqual([
    {
      namespace: 'web',
      key: 'token',
      project: 'default',
      setAt: new Date(server.clock.now).toISOString(),
      setBy: 'Ada',
      declared: true,
      flows: ['mine'],
      usedBy: ['Flow mine'],
      lastUse: { at: new Date(server.clock.now - 60_000).toISOString(), task: number, flow: 'mine', host: null },
    },
  ])
  const { data } = await server.as('Ada', '{ audit { nodes { what target detail } } }')
  expect(JSON.stringify([answer, data])).not.toContain(VALUE)
})

test('a name space is of one project: no other declares it, sets it, or uses it', async () => {
  await apply(space())
  await set()
  expect((await apply(space('', 'web', 'shop'))).errors![0]).toMatchObject({
    message: 'The name space web belongs to the project default: choose another name.',
    extensions: { code: 'CONFLICT' },
  })
  expect((await set('Ada', { project: 'shop' })).errors![0]).toMatchObject({
    extensions: { code: 'INVALID_INPUT', fields: [{ field: 'namespace', code: 'OTHER_PROJECT' }] },
  })
  await apply(flow('theirs', 'web.token', 'shop'))
  expect((await publish('theirs', 'shop')).errors![0]!.extensions['findings']).toMatchObject([
    { code: 'unknown_secret' },
  ])
  const host = `
apiVersion: baton/v1
kind: Host
metadata: {name: web-1, project: shop}
spec: {address: 10.0.0.1, user: deploy, key: web.token}
`
  expect((await apply(host)).errors![0]).toMatchObject({
    message: 'line 5: The secret web.token belongs to the project default: nothing of shop may use it.',
    extensions: { code: 'INVALID_INPUT' },
  })
})

test('a value nobody has declared yet is of the project it was set in', async () => {
  await set()
  expect((await apply(space('', 'web', 'shop'))).errors![0]!.extensions['code']).toBe('CONFLICT')
  expect((await apply(space())).errors).toBeUndefined()
})

test('what still names a secret keeps it; then it goes, once', async () => {
  await apply(space() + '---' + flow('mine'))
  await set()
  const drop = (who: Name = 'Ada') => server.as(who, 'mutation { deleteSecret(namespace: "web", key: "token") }')
  expect((await drop('Mai')).errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-secrets' })
  expect((await drop()).errors![0]).toMatchObject({ extensions: { code: 'CONFLICT', usedBy: ['Flow mine'] } })
  await server.as('Ada', 'mutation { deleteDocument(kind: "Flow", name: "mine") }')
  expect((await drop()).data).toEqual({ deleteSecret: true })
  expect((await drop()).errors![0]!.extensions['code']).toBe('NOT_FOUND')
})

test.each([
  ['too short', { value: '12345' }, 'value'],
  ['larger than any key', { value: 'x'.repeat(65 * 1024) }, 'value'],
  ['a name space that is no name', { namespace: 'web.tokens' }, 'namespace'],
  ['a key that is no name', { key: '../token' }, 'key'],
  ['a name without end', { key: 'k'.repeat(65) }, 'key'],
])('a secret is refused and nothing kept: %s', async (_, more, field) => {
  const { errors } = await set('Ada', more)
  expect(errors![0]!.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field }] })
  expect((await server.as<Named>('Ada', NAMES)).data.secretNames).toEqual([])
})
test.each(['Mai', 'Omar', 'Vic'] as const)('%s, who may not, sets no secret and sees none', async (who) => {
  expect((await set(who)).errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-secrets' })
  expect((await server.as(who, NAMES)).errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN' })
})
