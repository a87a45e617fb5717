import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './support.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.end())

const DAY = 24 * 3_600_000
const tomorrow = () => new Date(server.clock.now + DAY).toISOString()
const apply = (documents: string) =>
  server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }', {
    d: documents,
  })
const openAsk = async (task: string) =>
  [...(await server.engine.task(task))!.state.asks.values()].find(({ state }) => state === 'open')!

test('whoever may not launch an app any more does not start what they prepared', async () => {
  const { id } = await server.launch({}, { startNow: false })
  await apply('apiVersion: baton/v1\nkind: Role\nmetadata: {name: makers, title: Makers}\nspec: {members: [Stu]}')
  const start = await server.as('Mai', 'mutation($id: ID!) { startTask(id: $id) { phase } }', { id })
  expect(start.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'launch' })
})

describe('an app that asks for a passkey', () => {
  const CAREFUL = `
apiVersion: baton/v1
kind: App
metadata: {name: ship, title: Ship}
spec: {flow: ship, stepUp: passkey, launch: ["role:makers"], see: [everyone], operators: ["role:ops"]}
`
  const careful = () => apply(CAREFUL)
  let task = ''
  let ask = ''
  const needed = { code: 'FORBIDDEN', reason: 'PROOF_NEEDED' }

  test('has its flow launched without it by nobody', async () => {
    await careful()
    const { errors } = await server.as(
      'Omar',
      'mutation { launch(input: {flow: "ship", variables: {version: "v1"}}) { id } }',
    )
    expect(errors?.[0]?.extensions).toMatchObject(needed)
  })
  test.each([
    ['planTask', (): string => `planTask(id: "${task}", at: "${tomorrow()}") { id }`, { startNow: false }, 'Mai'],
    [
      'editVariables',
      (): string => `editVariables(id: "${task}", revision: 1, variables: {version: "v2"}) { id }`,
      {},
      'Mai',
    ],
    ['transferAsk', (): string => `transferAsk(id: "${ask}", to: "Stu", reason: "away") { id }`, {}, 'Quinn'],
    ['assignAsk', (): string => `assignAsk(id: "${ask}", to: ["Stu"], reason: "away") { id }`, {}, 'Ada'],
  ] as const)('asks for it before %s', async (_, what, more, who) => {
    task = (await server.launch({}, more)).id
    if (!('startNow' in more)) {
      await server.until(task, 'waiting')
      ask = (await openAsk(task)).id
    }
    await careful()
    expect((await server.as(who, `mutation { ${what()} }`)).errors?.[0]?.extensions).toMatchObject(needed)
  })
  test('asks for it before a retry', async () => {
    const { id } = await server.launch({ ok: false })
    await server.until(id, 'attention')
    await careful()
    const { errors } = await server.as('Mai', 'mutation($i: NodeInput!) { retryNode(input: $i) { id } }', {
      i: { taskId: id, nodeId: 'deploy', attempt: 1 },
    })
    expect(errors?.[0]?.extensions).toMatchObject(needed)
  })
})
