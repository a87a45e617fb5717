/** Files that people upload and steps make, and the address a waiting step can be called at. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { folderFiles } from '../../engine/index.ts'
import { awaitCallback, definePlugin, done, fileRef, json, z } from '../../engine/plugin/index.ts'
import { createClient, graphql } from '../client/index.ts'
import { hang, startTestServer, work, type Name, type TestServer } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-files-'))
const read = definePlugin({
  code: 'read',
  version: '1.0.0',
  title: 'Read',
  inputs: z.object({ file: fileRef() }),
  outputs: z.object({ text: z.string(), copy: fileRef() }),
  async execute(ctx, { file }) {
    const content = await ctx.readFile(file)
    return done({ text: Buffer.from(content).toString('utf8'), copy: await ctx.keepFile('copy.txt', content) })
  },
})
const callback = definePlugin({
  code: 'callback',
  version: '1.0.0',
  title: 'Wait for a call',
  inputs: z.object({}),
  outputs: z.object({ payload: json() }),
  execute: async () => awaitCallback(null),
  callback: async (_, payload) => done({ payload }),
})
const FLOWS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: reads, title: Reads}
spec:
  variables: {notes: {type: file, title: Notes, required: true}}
  nodes: {read: {use: read@1, with: {file: "\${notes}"}}}
  outputs: {text: "\${read.outputs.text}", copy: "\${read.outputs.copy}"}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: waits, title: Waits}
spec:
  nodes: {call: {use: callback@1}}
  outputs: {payload: "\${call.outputs.payload}"}
---
apiVersion: baton/v1
kind: App
metadata: {name: waits, title: Waits}
spec: {flow: waits, launch: [everyone], see: [everyone]}
`

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ over: { plugins: [work, hang, read, callback], files: folderFiles(folder) } })
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: FLOWS })
  for (const name of ['reads', 'waits'])
    await server.as('Ada', 'mutation($n: String!) { publishFlow(name: $n) { version } }', { n: name })
})
afterAll(async () => {
  await server?.end()
  rmSync(folder, { recursive: true, force: true })
})

const bearer = (who: Name) => ({ authorization: `Bearer ${server.tokens[who]}` })
async function upload(who: Name, content: BlobPart, name = 'notes.txt') {
  const form = new FormData()
  const query = 'mutation($file: File!) { upload(file: $file) { file name bytes sha256 url } }'
  form.set('operations', JSON.stringify({ query, variables: { file: null } }))
  form.set('map', JSON.stringify({ '0': ['variables.file'] }))
  form.set('0', new Blob([content]), name)
  const request = new Request('http://baton.test/graphql', { method: 'POST', body: form, headers: bearer(who) })
  return (await (await server.app.request(request)).json()) as {
    data: { upload: { file: string; name: string; bytes: number; sha256: string; url: string } } | null
    errors?: { message: string; extensions: { code: string } }[]
  }
}
const fetchFile = (who: Name | null, id: string) =>
  server.app.request(`http://baton.test/files/${id}`, { headers: who ? bearer(who) : {} })

test('a file is uploaded, read by a step, copied by it, and fetched by whoever may', async () => {
  const { data } = await upload('Ada', 'hello, 中文')
  const { url, ...ref } = data!.upload
  expect(ref).toMatchObject({
    name: 'notes.txt',
    bytes: 13,
    sha256: createHash('sha256').update('hello, 中文').digest('hex'),
  })
  expect(url).toBe(`http://baton.test/files/${ref.file}`)
  const launched = await server.as(
    'Ada',
    'mutation($v: JSON!) { launch(input: {flow: "reads", variables: $v}) { id } }',
    { v: { notes: ref } },
  )
  const { id } = (launched.data as { launch: { id: string } }).launch
  const outputs = async () =>
    (
      (await server.as('Ada', 'query($id: ID!) { task(id: $id) { outputs } }', { id })).data as {
        task: { outputs: { text: string; copy: typeof ref } | null }
      }
    ).task.outputs
  await expect.poll(outputs).toMatchObject({ text: 'hello, 中文', copy: { name: 'copy.txt' } })
  const copy = (await outputs())!.copy
  for (const one of [ref.file, copy.file]) {
    const answer = await fetchFile('Ada', one)
    expect(await answer.text()).toBe('hello, 中文')
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  }
  expect((await fetchFile(null, ref.file)).status).toBe(401)
  expect((await fetchFile('Ada', 'f_AAAAAAAAAAAAAAAAAAAAAA')).status).toBe(404)
})

test.each([
  ['../../../etc/passwd', 'text/plain'],
  ['..\\..\\boot.ini', 'text/plain'],
  ['/etc/cron.d/x', 'text/plain'],
  ['page.html', 'text/html'],
  ['picture.svg', 'image/svg+xml'],
  ['x"; filename="evil.html', 'text/html'],
  ["x'; attachment*=UTF-8''evil.html", 'text/html'],
  ['a\r\nSet-Cookie: baton_session=x\r\n\r\n<script>', 'text/html'],
  ['\u202egnp.exe', 'image/png'],
  ['half a pair \ud83d', 'text/plain'],
  ['\u0000', 'text/plain'],
])('a file called %j is kept under a name of ours, and comes back as nothing but a download', async (name, type) => {
  const query = 'mutation($file: File!, $name: String) { upload(file: $file, name: $name) { file name } }'
  const form = new FormData()
  form.set('operations', JSON.stringify({ query, variables: { file: null, name } }))
  form.set('map', JSON.stringify({ '0': ['variables.file'] }))
  form.set('0', new Blob(['<script>alert(1)</script>'], { type }), name)
  const sent = { method: 'POST', body: form, headers: bearer('Ada') }
  const { data } = (await (await server.app.request('http://baton.test/graphql', sent)).json()) as {
    data: { upload: { file: string; name: string } }
  }
  expect(data.upload.file).toMatch(/^f_[\w-]+$/)
  const fetched = await fetchFile('Ada', data.upload.file)
  expect([fetched.status, await fetched.text()]).toEqual([200, '<script>alert(1)</script>'])
  expect(fetched.headers.get('content-type')).toBe('application/octet-stream')
  expect(fetched.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(fetched.headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''[\w!#$&+.^`|~%*()-]*$/)
  expect(fetched.headers.getSetCookie()).toEqual([])
})
test.each(['../baton.db', '..%2Fbaton.db', '%2e%2e%2fbaton.db', 'f_..', '', 'f_A/../../baton.db', '%00'])(
  'no file is at “%s”, whoever asks',
  async (id) => {
    const fetched = await fetchFile('Ada', id)
    expect([400, 404]).toContain(fetched.status)
  },
)

test('what a file is called, how large it is and its sum are as it was kept, whatever is said of it', async () => {
  const { data } = await upload('Ada', 'the real one')
  const { file, sha256 } = data!.upload
  const launch = (notes: object) =>
    server.as<{ launch: { variables: { notes: object } } }>(
      'Ada',
      'mutation($v: JSON!) { launch(input: {flow: "reads", variables: $v}) { variables } }',
      { v: { notes } },
    )
  const lied = await launch({
    file,
    name: 'release-2.tgz',
    bytes: 1,
    sha256: '0'.repeat(64),
    url: 'https://evil.example',
  })
  expect(lied.data.launch.variables.notes).toEqual({ file, name: 'notes.txt', bytes: 12, sha256 })
  const unknown = await launch({ file: `f_${'A'.repeat(22)}`, name: 'x', bytes: 1, sha256 })
  expect(unknown.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field: 'notes' }] })
})
test('what is no file, and what is too large, is refused in words', async () => {
  const { errors } = await server.as(
    'Ada',
    'mutation { launch(input: {flow: "reads", variables: {notes: "hello"}}) { id } }',
  )
  expect(JSON.stringify(errors)).toContain('upload it first')
  const large = await upload('Ada', new Uint8Array(33 * 1024 * 1024 + 10))
  expect(large.errors?.[0]?.extensions.code).toBe('TOO_LARGE')
  const strange = await upload('Ada', 'x', '../../etc/passwd')
  expect(strange.data?.upload.name).toBe('passwd')
})

test('the address of a waiting step is shown to operators, and a call to it ends the step', async () => {
  const launched = await server.as('Ada', 'mutation { launch(input: {app: "waits"}) { id } }')
  const { id } = (launched.data as { launch: { id: string } }).launch
  const query = 'query($id: ID!) { task(id: $id) { phase outputs node(id: "call") { callbackUrl } } }'
  type Seen = { task: { phase: string; outputs: unknown; node: { callbackUrl: string | null } } }
  const see = async (who: Name) => ((await server.as(who, query, { id })).data as Seen).task
  await expect.poll(async () => (await see('Ada')).phase).toBe('WAITING')
  const { callbackUrl } = (await see('Ada')).node
  expect(callbackUrl).toMatch(/^http:\/\/baton\.test\/callback\/\S+$/)
  for (const who of ['Mai', 'Vic'] as const) expect((await see(who)).node.callbackUrl).toBeNull()
  expect((await server.post(new URL(callbackUrl!).pathname, { ok: true })).status).toBe(202)
  await expect
    .poll(async () => await see('Ada'))
    .toMatchObject({ phase: 'SUCCEEDED', outputs: { payload: { ok: true } }, node: { callbackUrl: null } })
})

test('our own client sends files among its variables', async () => {
  const client = createClient({
    url: 'http://baton.test/graphql',
    token: server.tokens.Ada,
    fetch: (request) => server.app.request(request) as Promise<Response>,
  })
  const document = graphql(`
    mutation U($file: File!, $name: String) {
      upload(file: $file, name: $name) {
        file
        name
        bytes
      }
    }
  `)
  const { upload: kept } = await client.query(document, { file: new Blob(['from a client']), name: 'a.txt' })
  expect(kept).toMatchObject({ name: 'a.txt', bytes: 13 })
  expect(await (await fetchFile('Ada', kept.file)).text()).toBe('from a client')
})
