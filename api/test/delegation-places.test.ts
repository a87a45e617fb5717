/** A stand-in answers in every project, so whoever sets one for somebody else needs the rights in each that asks them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { eventually, startTestServer, type Answer, type Name, type TestServer } from './support.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
  await apply(`
apiVersion: baton/v1
kind: RightsRole
metadata: {name: dispatcher, title: Dispatcher}
spec: {rights: [view, reassign-ask, override-approval]}`)
})
afterEach(() => server.end())

const apply = async (documents: string): Promise<void> => {
  const { errors } = await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', {
    d: documents,
  })
  expect(errors).toBeUndefined()
}
const give = (who: Name, project: string, role = 'dispatcher'): Promise<void> =>
  server.db.write((tx) => catalogue.grant(tx, server.ids[who], project, role))
const delegate = (by: Name, from: Name): Promise<Answer<{ delegate: { id: string } }>> =>
  server.as(by, `mutation($until: DateTime!) { delegate(from: "${from}", to: "Olga", until: $until) { id } }`, {
    until: new Date(server.clock.now + 3_600_000).toISOString(),
  })
const refusal = ({ errors }: Answer<unknown>): unknown => errors?.[0]?.extensions['right']
const gate = (approvers: string, project: string): string => `
apiVersion: baton/v1
kind: Flow
metadata: {name: gate, project: ${project}, title: Gate}
spec: {nodes: {gate: {use: approval, title: Gate, with: {approvers: ${approvers}}}}}`

test('somebody who stands in a role of another project is not given a stand-in from here', async () => {
  await give('Omar', 'default')
  expect(refusal(await delegate('Omar', 'Stu'))).toBeUndefined()
  await apply('apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa, project: vault}\nspec: {members: [Vic]}')
  expect(refusal(await delegate('Omar', 'Vic'))).toBe('override-approval') // an operator there, as everywhere
  await give('Omar', 'vault')
  expect(refusal(await delegate('Omar', 'Vic'))).toBeUndefined()
})
test('nor is whom a flow of another project names, or an ask that waits there asks', async () => {
  await give('Omar', 'default')
  await apply(gate('[Stu]', 'vault'))
  expect(refusal(await delegate('Omar', 'Stu'))).toBe('override-approval')
  await apply(gate('["var:who"]', 'vault').replace('spec: {', 'spec: {variables: {who: {type: person, title: Who}}, '))
  await server.as('Ada', 'mutation { publishFlow(name: "gate", project: "vault") { name } }')
  const launched = await server.as(
    'Ada',
    'mutation($v: JSON!) { launch(input: {flow: "gate", project: "vault", variables: $v}) { id } }',
    { v: { who: server.ids.Mai } },
  )
  expect(launched.errors).toBeUndefined()
  await eventually(() => server.db.read((tx) => catalogue.needsOf(tx, server.ids.Mai).length > 0))
  expect(refusal(await delegate('Omar', 'Mai'))).toBe('override-approval')
})
test('the rights where somebody is asked are enough: none are needed where they are not', async () => {
  await apply('apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa, project: vault}\nspec: {members: [Vic]}')
  await give('Stu', 'vault')
  const made = await delegate('Stu', 'Vic')
  expect(made.errors).toBeUndefined()
  const list = '{ delegations(person: "Vic") { id } }'
  expect(refusal(await server.as('Stu', list))).toBeUndefined()
  expect(refusal(await server.as('Mai', list))).toBe('reassign-ask')
  await give('Stu', 'vault', 'viewer')
  const end = (who: Name): Promise<Answer> =>
    server.as(who, 'mutation($id: ID!) { endDelegation(id: $id) { id } }', { id: made.data.delegate.id })
  expect(refusal(await end('Stu'))).toBe('reassign-ask')
  expect(refusal(await end('Vic'))).toBeUndefined()
})
test('to give answers away for another takes the right to override approvals there too', async () => {
  await apply('apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa, project: vault}\nspec: {members: [Vic]}')
  await give('Stu', 'vault', 'operator')
  expect(refusal(await delegate('Stu', 'Vic'))).toBe('override-approval')
})
