/** What the API offers is what it takes: each action on tasks, steps and asks is pressed by everybody, offered or not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

const DOCUMENTS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: inner, title: Inner}
spec: {nodes: {gate: {use: approval, title: Gate, with: {approvers: ["role:qa"]}}, work: {use: test.hang@1, title: Work}}}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: outer, title: Outer}
spec: {nodes: {call: {use: flow, title: Call, with: {flow: inner}}, after: {use: test.hang@1, title: After}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: outer, title: Outer}
spec: {flow: outer, launch: ["role:makers"], see: [everyone], operators: ["role:ops"]}
---
apiVersion: baton/v1
kind: App
metadata: {name: handed, title: Handed}
spec: {flow: ship, launch: ["role:makers"], see: [everyone], mode: {handOver: {to: "role:ops"}}}
`
const PEOPLE = ['Ada', 'Omar', 'Olga', 'Mai', 'Quinn', 'Vic'] as const
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: DOCUMENTS })
  for (const f of ['inner', 'outer'])
    await server.as('Ada', 'mutation($f: String!) { publishFlow(name: $f) { version } }', { f })
})
afterAll(() => server.end())

const launch = async (app: string, variables: object = {}, more = '') => {
  server.clock.now += 5_000 // nobody presses so often
  const LAUNCH = `mutation($v: JSON!) { launch(input: {app: "${app}", variables: $v ${more}}) { id } }`
  const { data, errors } = await server.as<{ launch: { id: string } }>('Mai', LAUNCH, { v: variables })
  expect(errors).toBeUndefined()
  return data.launch.id
}
const reached = async (id: string, phase: string): Promise<string> => {
  await server.until(id, phase)
  return id
}
const STATES: { readonly [where: string]: () => Promise<string> } = {
  'waiting for an approval': async () => reached(await launch('ship', { version: 'v1' }), 'waiting'),
  'a step that failed': async () => reached(await launch('ship', { version: 'v1', ok: false }), 'attention'),
  'a step that is a task of its own': async () => {
    const id = await launch('outer')
    const child = await eventually(async () => (await server.engine.task(id))!.state.children[0]?.id)
    await eventually(async () => (await server.engine.task(child))?.state.phase === 'waiting')
    return id
  },
  'made, not started': () => launch('ship', { version: 'v1' }, ', startNow: false'),
  'handed over': async () => reached(await launch('handed', { version: 'v1' }), 'requested'),
}

interface Action {
  readonly action: string
  readonly allowed: boolean
}
interface Seen {
  readonly revision: number
  readonly availableActions: readonly Action[]
  readonly nodes: readonly {
    readonly id: string
    readonly attempt: number
    readonly availableActions: readonly Action[]
  }[]
  readonly asks: readonly {
    readonly id: string
    readonly digest: string
    readonly availableActions: readonly Action[]
  }[]
}
const SEEN = `query($id: ID!) { task(id: $id) {
  revision: variablesRevision
  availableActions { action allowed }
  nodes { id attempt availableActions { action allowed } }
  asks { id digest availableActions { action allowed } } } }`
type Press = (
  headers: Record<string, string>,
  query: string,
  variables?: object,
) => Promise<{ errors?: readonly object[] }>

const onTask = (id: string, { revision }: Seen): Readonly<Record<string, string>> => ({
  START: `startTask(id: "${id}") { id }`,
  PAUSE: `pauseTask(id: "${id}") { id }`,
  REVOKE: `revokeTask(id: "${id}") { id }`,
  EDIT_VARIABLES: `editVariables(id: "${id}", revision: ${revision}, variables: {count: 4, ok: true}, reason: "why") { id }`,
  CLAIM_REQUEST: `claimTask(id: "${id}", round: 1) { id }`,
  REJECT_REQUEST: `rejectTask(id: "${id}", round: 1, reason: "why") { id }`,
  WITHDRAW_REQUEST: `withdrawTask(id: "${id}", round: 1) { id }`,
})
const onNode = (task: string, { id, attempt }: Seen['nodes'][number]): Readonly<Record<string, string>> => {
  const input = `input: {taskId: "${task}", nodeId: "${id}", attempt: ${attempt}, note: "why"`
  return {
    RETRY: `retryNode(${input}}) { id }`,
    SKIP: `skipNode(${input}}) { id }`,
    BYHAND: `completeNode(${input}, outputs: {}}) { id }`,
    FAIL: `failNode(${input}}) { id }`,
    PAUSE_BEFORE: `pauseBefore(${input}}) { id }`,
  }
}
const onAsk = ({ id, digest }: Seen['asks'][number]): Readonly<Record<string, string>> => ({
  APPROVE: `decide(input: {askId: "${id}", digest: "${digest}", verdict: APPROVE}) { id }`,
  REJECT: `decide(input: {askId: "${id}", digest: "${digest}", verdict: REJECT, comment: "why"}) { id }`,
  TRANSFER: `transferAsk(id: "${id}", to: "Stu", reason: "why") { id }`,
  ASSIGN: `assignAsk(id: "${id}", to: ["Stu"], reason: "why") { id }`,
  REMIND: `remindAsk(id: "${id}") { id }`,
  COMMENT: `commentAsk(id: "${id}", comment: "hm") { id }`,
})
/** Every press there is, with what was said of it. */
function pressesOf(
  id: string,
  seen: Seen,
): { readonly name: string; readonly said: Action | undefined; readonly act: string }[] {
  const all = (where: string, acts: Readonly<Record<string, string>>, offered: readonly Action[]) =>
    Object.entries(acts).map(([action, act]) => ({
      name: `${where}${action}`,
      said: offered.find((one) => one.action.toUpperCase() === action),
      act,
    }))
  return [
    ...all('', onTask(id, seen), seen.availableActions),
    ...seen.nodes.flatMap((node) => all(`${node.id} `, onNode(id, node), node.availableActions)),
    ...seen.asks.flatMap((one) => all('', onAsk(one), one.availableActions)),
  ]
}
const BARS = new Set(['FORBIDDEN', 'NOT_ALLOWED', 'NOT_FOUND', 'STALE'])
const seenBy = async (as: Press, id: string): Promise<Seen | null> =>
  ((await as({}, SEEN, { id })) as unknown as { data: { task: Seen | null } }).data.task
const barOf = async (as: Press, act: string): Promise<string | null> => {
  server.clock.now += 5_000
  const { errors } = await as({}, `mutation { ${act} }`)
  return (errors?.[0] as { extensions: { code: string } } | undefined)?.extensions.code ?? null
}

/** What is not offered is pressed on one task, which that changes nothing of; what is, each on one of its own. */
async function differences(as: Press, make: () => Promise<string>): Promise<string[]> {
  const id = await make()
  const seen = await seenBy(as, id)
  if (!seen) return []
  const found: string[] = []
  const presses = pressesOf(id, seen)
  for (const { name, said, act } of presses)
    if (said?.allowed !== true) {
      // A step that has been visited may be come to again; to stop a request is to withdraw it. Neither is a matter of rights.
      if (name.endsWith('PAUSE_BEFORE') || (name === 'REVOKE' && said === undefined)) continue
      if ((await barOf(as, act)) === null) found.push(`${name} is not offered, and taken`)
    }
  for (const [at, { name, said }] of presses.entries()) {
    if (said?.allowed !== true) continue
    const other = await make()
    const there = await seenBy(as, other)
    const bar = await barOf(as, pressesOf(other, there!)[at]!.act)
    if (bar !== null && BARS.has(bar)) found.push(`${name} is offered, and refused: ${bar}`)
  }
  return found
}

describe.each(Object.keys(STATES))('%s', (where) => {
  const make = STATES[where]!
  test.each(PEOPLE)('as %s', async (who: Name) => {
    const as: Press = (headers, query, variables) => server.as(who, query, variables, headers)
    expect(await differences(as, make)).toEqual([])
  })
  test.each([
    ['Omar', ['view', 'operate']],
    ['Ada', ['view', 'operate', 'reassign-ask']],
    ['Quinn', ['launch']],
  ] as const)('by a token of %s that was narrowed to %s', async (who, scopes) => {
    const { data } = await server.as<{ createToken: { token: string } }>(
      who,
      'mutation($s: [String!]) { createToken(name: "narrow", scopes: $s) { token } }',
      { s: scopes },
    )
    const authorization = `Bearer ${data.createToken.token}`
    const as: Press = async (headers, query, variables = {}) =>
      (await (await server.post('/graphql', { query, variables }, { authorization, ...headers })).json()) as {
        errors?: object[]
      }
    expect(await differences(as, make)).toEqual([])
  })
})
