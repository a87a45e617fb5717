import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { startTestServer, type Name, type TestServer } from './support.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { dryRun } }', { d: SHOP })
})
afterEach(() => server.end())

const SHOP = `
apiVersion: baton/v1
kind: Role
metadata: {name: testers, project: shop, title: Testers}
spec: {members: []}
---
apiVersion: baton/v1
kind: Group
metadata: {name: web, title: Web team}
spec: {members: []}
`
interface Made {
  readonly id: string
  readonly code: string
  readonly role: string
  readonly project: string | null
  readonly places: { title: string; project: string }[]
}
const invite = (by: Name, wish: object) =>
  server.as<{ invite: Made }>(
    by,
    'mutation($role: String!, $project: String, $places: [String!], $new: Boolean) { invite(role: $role, project: $project, places: $places, newProject: $new) { id code role project places { title project } } }',
    wish,
  )
const join = async (code: string, more: object = { name: 'Zed' }) =>
  (await (await server.post('/auth/sign-in', { code, ...more })).json()) as Record<string, unknown> & {
    person?: { id: string; role: string }
  }
const give = (person: string, role: string, project: string) =>
  server.as(
    'Ada',
    'mutation($id: ID!, $role: String!, $project: String) { setRole(person: $id, role: $role, project: $project) { id } }',
    { id: person, role, project },
  )
const standing = (id: string) =>
  server.db.read((tx) => {
    const person = catalogue.personById(tx, id)!
    return { everywhere: person.role, shop: catalogue.roleIn(tx, person, 'shop') }
  })
const membersOf = (kind: 'roles' | 'groups', name: string): string[] =>
  server.deps.directory[kind]()
    .find((one) => one.name === name)!
    .members.map((one) => one.name)

describe('an invitation into a project', () => {
  test('says what it carries, and whoever joins has it at once, there and nowhere else', async () => {
    const { data } = await invite('Ada', { role: 'operator', project: 'shop', places: ['testers', 'group:web'] })
    expect(data.invite).toMatchObject({
      ...{ role: 'operator', project: 'shop' },
      places: [
        { title: 'Testers', project: 'shop' },
        { title: 'Web team', project: 'default' },
      ],
    })
    expect(await join(data.invite.code, {})).toEqual({
      ...{ needs: 'name', role: 'operator', project: 'shop', places: ['Testers', 'Web team'] },
    })
    const joined = await join(data.invite.code)
    expect(joined).not.toHaveProperty('leftOut')
    expect(standing(joined.person!.id)).toEqual({ everywhere: 'none', shop: 'operator' })
    expect([membersOf('roles', 'testers'), membersOf('groups', 'web')]).toEqual([['Zed'], ['Zed']])
  })
  test('is made by who manages people there, with no more than they have there', async () => {
    await give(server.ids.Aki, 'owner', 'shop')
    expect((await invite('Aki', { role: 'author', project: 'shop', places: ['testers'] })).errors).toBeUndefined()
    const elsewhere = await invite('Aki', { role: 'starter' })
    expect(elsewhere.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-people' })
    // The group is everybody's: who stands in it is not for the shop to say.
    const shared = await invite('Aki', { role: 'starter', project: 'shop', places: ['group:web'] })
    expect(shared.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', grantedBy: ['Ada'] })
  })
  test('of somebody who lost the right meanwhile gives what is still theirs: a role of another project is left out, and told', async () => {
    await give(server.ids.Aki, 'owner', 'shop')
    await give(server.ids.Aki, 'owner', 'default')
    const { data } = await invite('Aki', { role: 'operator', project: 'shop', places: ['testers', 'group:web'] })
    await give(server.ids.Aki, 'author', 'default')
    const joined = await join(data.invite.code)
    expect(joined['leftOut']).toEqual(['Web team'])
    expect(standing(joined.person!.id).shop).toBe('operator')
    expect([membersOf('roles', 'testers'), membersOf('groups', 'web')]).toEqual([['Zed'], []])
    const { data: listed } = await server.as<{ invitations: { usedBy: string; leftOut: { title: string }[] }[] }>(
      'Ada',
      '{ invitations(project: "shop") { usedBy leftOut { title } } }',
    )
    expect(listed.invitations).toEqual([{ usedBy: 'Zed', leftOut: [{ title: 'Web team' }] }])
    const noted = server.db.read((tx) => catalogue.listAudit(tx, 5, null))
    expect(JSON.stringify(noted)).toContain('Web team')
  })
  test('opens nothing once its role is not theirs to give there', async () => {
    await give(server.ids.Aki, 'owner', 'shop')
    const { data } = await invite('Aki', { role: 'operator', project: 'shop' })
    await give(server.ids.Aki, 'viewer', 'shop')
    expect(await join(data.invite.code)).not.toHaveProperty('person')
    await give(server.ids.Aki, 'owner', 'shop')
    expect(await join(data.invite.code)).toHaveProperty('person')
  })
  test('is seen and taken back by who manages people there', async () => {
    await give(server.ids.Aki, 'owner', 'shop')
    const shop = await invite('Ada', { role: 'viewer', project: 'shop' })
    const all = await invite('Ada', { role: 'viewer' })
    const back = (id: string) => server.as('Aki', 'mutation($id: ID!) { revokeInvitation(id: $id) { id } }', { id })
    expect((await back(all.data.invite.id)).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
    expect((await back(shop.data.invite.id)).errors).toBeUndefined()
    expect(await join(shop.data.invite.code)).not.toHaveProperty('person')
    expect((await server.as('Aki', '{ invitations { id } }')).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
    })
    expect((await server.as('Aki', '{ invitations(project: "shop") { id } }')).errors).toBeUndefined()
  })
  test('with a role of the project’s own ends when that role is taken from everybody', async () => {
    const desk =
      'apiVersion: baton/v1\nkind: RightsRole\nmetadata: {name: desk, project: shop}\nspec: {rights: [launch]}'
    await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { dryRun } }', { d: desk })
    const { data } = await invite('Ada', { role: 'desk', project: 'shop' })
    const remove = (force: boolean) =>
      server.as(
        'Ada',
        `mutation { deleteDocument(kind: "RightsRole", name: "desk", project: "shop", force: ${force}) }`,
      )
    expect((await remove(false)).errors?.[0]?.message).toContain('Invitation')
    expect((await remove(true)).errors).toBeUndefined()
    expect(await join(data.invite.code)).not.toHaveProperty('person')
  })
})

test('a role that is not there is refused with the nearest one, in both languages', async () => {
  const { errors } = await invite('Ada', { role: 'viewer', project: 'shop', places: ['role:tester'] })
  expect(errors?.[0]?.message).toBe('There is no role:tester in shop. Did you mean role:testers?')
  const chinese = await server.as(
    'Ada',
    'mutation { invite(role: "viewer", project: "shop", places: ["role:tester"]) { id } }',
    {},
    { 'accept-language': 'zh-CN' },
  )
  expect(chinese.errors?.[0]?.message).toBe('shop 里没有角色「tester」。是不是 role:testers？')
})

describe('a project that nobody has used', () => {
  test('is no place for a role or an invitation, unless it is said to be meant', async () => {
    const wrong = await invite('Ada', { role: 'viewer', project: 'shpo' })
    expect(wrong.errors?.[0]?.message).toBe('There is no project “shpo” yet. Did you mean “shop”?')
    expect(wrong.errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'project', code: 'UNKNOWN', fix: 'shop' }],
    })
    expect((await give(server.ids.Stu, 'viewer', 'shpo')).errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
    })
    const role = (more: string) =>
      server.as('Ada', `mutation { setRightsRole(name: "desk", project: "shpo", rights: ["launch"]${more}) { name } }`)
    expect((await role('')).errors?.[0]?.message).toContain('Did you mean “shop”?')
    expect((await role(', newProject: true')).errors).toBeUndefined()
    expect((await invite('Ada', { role: 'desk', project: 'shpo' })).errors).toBeUndefined()
    expect((await invite('Ada', { role: 'viewer', project: 'shpoo', new: true })).errors).toBeUndefined()
  })
  test('is told in Chinese too', async () => {
    const { errors } = await server.as(
      'Ada',
      'mutation { invite(role: "viewer", project: "shpo") { id } }',
      {},
      { 'accept-language': 'zh-CN' },
    )
    expect(errors?.[0]?.message).toBe('还没有项目「shpo」。是不是「shop」？')
  })
})

describe('the list of projects', () => {
  const projects = async (who: Name) =>
    (
      await server.as<{ projects: { name: string; role: string; appCount: number }[] }>(
        who,
        '{ projects { name role appCount } }',
      )
    ).data.projects
  test('has those somebody may look into, with their role and their apps', async () => {
    expect(await projects('Ada')).toEqual([
      { name: 'default', role: 'owner', appCount: server.deps.library.apps().length },
      { name: 'shop', role: 'owner', appCount: 0 },
    ])
  })
  test('hides one where somebody may only launch and there is nothing to launch', async () => {
    expect((await projects('Stu')).map(({ name }) => name)).toEqual(['default'])
    await give(server.ids.Stu, 'viewer', 'shop')
    expect((await projects('Stu')).map(({ name, role }) => [name, role])).toEqual([
      ['default', 'starter'],
      ['shop', 'viewer'],
    ])
  })
})
