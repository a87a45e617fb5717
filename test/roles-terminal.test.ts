import { afterAll, beforeAll, expect, test } from 'vitest'
import { catalogue, SYSTEM } from '../engine/index.ts'
import { applyDocuments, readDocuments } from '../api/modules/document/apply.ts'
import { refreshDocuments } from '../api/modules/document/document.ts'
import { startTestServer, type TestServer } from '../api/test/support.ts'
import type { World } from '../cli/context.ts'
import { main } from '../cli/main.ts'

const DOCUMENTS = `
apiVersion: baton/v1
kind: Role
metadata: {name: duty, title: Duty}
spec:
  members: [Olga, Omar]
  rota: {zone: UTC, from: 2026-11-16, shift: week}
---
apiVersion: baton/v1
kind: Group
metadata: {name: web, title: Web, project: shop}
spec: {members: []}
`
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  const { db, engine, clock, deps } = server
  const options = { dryRun: false, force: false, manager: 'test', by: SYSTEM, now: clock.now, plugins: engine.plugins }
  await applyDocuments(db, readDocuments(DOCUMENTS), options)
  refreshDocuments(deps)
})
afterAll(() => server.end())

/** The terminal as somebody, against the real API. */
async function baton(who: 'Ada' | 'Mai', ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const world: World = {
    env: { BATON_TOKEN: server.tokens[who], BATON_URL: 'http://baton.test' },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    redraw: null,
    readInput: () => '',
    signal: new AbortController().signal,
    fetch: (request) => server.app.request(request),
  }
  const code = await main(argv, world)
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('roles and groups are listed with who is on duty', async () => {
  const { out } = await baton('Mai', 'roles')
  expect(out).toMatch(/role:duty +Duty +2 people +on duty: Olga/)
  expect(out).toMatch(/group:web +Web +shop +0 people/)
  const one = await baton('Mai', 'roles', 'duty')
  expect(one.out).toMatch(/Olga +on duty/)
  expect(one.out).toMatch(/from 2026-11-23 .*: Omar/)
  expect((await baton('Mai', 'roles', 'role:gone')).err).toMatch(/no role:gone/)
})
test('somebody joins a group of a project, and leaves it; whom the document names stays', async () => {
  expect((await baton('Ada', 'roles', 'add', 'group:web', 'Stu', '--project', 'shop')).out).toBe(
    'Stu stands in Web (1).',
  )
  expect(server.deps.directory.within('shop').has('group:web', server.ids.Stu)).toBe(true)
  expect((await baton('Ada', 'roles', 'remove', 'group:web', 'Stu', '--project', 'shop')).code).toBe(0)
  expect(server.deps.directory.within('shop').has('group:web', server.ids.Stu)).toBe(false)
  const gone = await baton('Ada', 'roles', 'remove', 'group:web', 'Stu', '--project', 'shop')
  expect(gone.err).toBe('Stu does not stand in Web.')
  const near = await baton('Ada', 'roles', 'add', 'group:web', 'Om', '--project', 'shop')
  expect(near.err).toMatch(/nobody called Om that you may see: did you mean .*Omar/)
  expect((await baton('Ada', 'roles', 'group:wed', '--project', 'shop')).err).toMatch(/did you mean group:web\?/)
  const named = await baton('Ada', 'roles', 'remove', 'duty', 'Olga')
  expect([named.code, named.err]).toEqual([expect.any(Number), expect.stringMatching(/named in the document/)])
  expect(named.code).not.toBe(0)
})
test('who may not is told who can', async () => {
  const { code, err } = await baton('Mai', 'roles', 'add', 'duty', 'Mai')
  expect(code).toBe(4)
  expect(err).toMatch(/You may not manage people\. Ask Ada\./)
})
test('a role is given in one project and ended there', async () => {
  expect((await baton('Ada', 'rights', 'Stu', '--role', 'viewer', '--project', 'shop')).out).toBe(
    'Stu is viewer in shop.',
  )
  expect((await baton('Ada', 'rights', 'Stu')).out).toMatch(/shop +viewer +view/)
  expect((await baton('Ada', 'rights', 'Stu', '--clear', '--project', 'shop')).code).toBe(0)
  expect(server.db.read((tx) => catalogue.grantsOf(tx, server.ids.Stu))).toEqual([])
  expect((await baton('Ada', 'rights', 'Stu', '--clear')).code).toBe(2)
  expect((await baton('Ada', 'rights', 'Stu', '--role', 'king')).err).toMatch(/Roles are owner, author/)
  expect((await baton('Mai', 'rights')).out).toMatch(/operator +view launch operate/)
})
test('a role of one’s own is made, shown, given and taken away', async () => {
  const make = ['rights-role', 'releaser', '--rights', 'view,launch', '--title', 'Release desk', '--title-zh', '发布台']
  expect((await baton('Ada', ...make)).out).toBe('Release desk may: view launch.')
  expect((await baton('Ada', 'rights-role', 'releaser', '--note', 'Ships.')).code).toBe(0)
  expect((await baton('Mai', 'rights-role', 'releaser')).out).toBe('Release desk · 发布台\n  Ships.\n  view launch')
  expect((await baton('Mai', 'rights')).out).toMatch(/releaser +Release desk +view launch/)
  expect((await baton('Ada', 'rights', 'Stu', '--role', 'releaser')).code).toBe(0)
  const held = await baton('Ada', 'rights-role', 'remove', 'releaser')
  expect([held.code === 0, held.err]).toEqual([false, expect.stringContaining('Person Stu')])
  expect((await baton('Ada', 'rights-role', 'remove', 'releaser', '--force')).out).toBe('The role releaser is gone.')
  expect((await baton('Ada', 'rights', 'Stu')).out).toMatch(/^Stu is none/)
  expect((await baton('Ada', 'rights-role', 'nothing')).err).toMatch(/no role nothing/)
  expect((await baton('Mai', 'rights-role', 'releaser', '--rights', 'view')).err).toMatch(/manage people/)
})
