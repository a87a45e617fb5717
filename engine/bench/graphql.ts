import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, nowMs, quantile, type Value } from './measure.ts'
import { approval, launchAll } from './parked.ts'
import { askerOf, hasServer, startServer, type Ask } from './server.ts'
import { addPerson, makeToken } from '../store/catalogue/index.ts'
import { bench, flowOf } from './world.ts'

const CONNECTIONS = 32
/** Each may call 50 times a second for long: one alone would measure the limit. */
const PEOPLE = 200
const WARM_UP = 500

const FLOWS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: asked, title: Asked}
spec: {nodes: {ok: {use: approval, title: Approve, with: {approvers: [starter]}}}}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: ten, title: Ten}
spec:
  variables: {n: {type: text, title: N}}
  nodes: {${Array.from({ length: 10 }, (_, i) => `n${i}: {use: set@1, title: Step ${i}, with: {n: "${i}"}}`).join(', ')}}
`
const APPLY = 'mutation($documents: String!) { apply(documents: $documents) { __typename } }'
const PUBLISH = 'mutation($name: String!) { publishFlow(name: $name) { version } }'
const LAUNCH = `mutation($input: LaunchInput!) { launch(input: $input) { id number version phase } }`
const TASK = `query($id: ID!) { task(id: $id) { id number title phase outcome progress { done total } startedBy { name }
  nodes { id title state attempt outputs error { cause message } } availableActions { action allowed why } } }`
const PAGE = `query($after: String, $phase: [TaskPhase!]) { tasks(first: 50, after: $after, phase: $phase) {
  edges { node { id number title phase waitingFor startedAt } } pageInfo { hasNextPage endCursor } } }`

/** W11: the public API of a server in a process of its own, over HTTP, with `tasks` tasks in its index. */
export async function w11(tasks = 100_000): Promise<Value[]> {
  if (!hasServer) return []
  const data = mkdtempSync(join(tmpdir(), 'baton-graphql-'))
  try {
    await prepare(data)
    const tokens = await fill(data, tasks)
    const server = await startServer(data)
    const ask = askerOf(server, tokens, CONNECTIONS)
    const values = await measure(ask, tasks)
    await server.stop()
    return values
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

async function prepare(data: string): Promise<void> {
  const server = await startServer(data)
  const ask = askerOf(server, [server.ownerToken()], 1)
  await ask(APPLY, { documents: FLOWS })
  for (const name of ['asked', 'ten']) await ask(PUBLISH, { name })
  await server.stop()
}
/** Tasks by the engine itself, since reading them is what is measured; and people to read them. */
async function fill(data: string, tasks: number): Promise<readonly string[]> {
  const world = await bench({ file: join(data, 'baton.db'), flows: [flowOf('asked', approval)] })
  await launchAll(world, 'asked', tasks)
  const now = Date.now()
  const tokens = await world.db.write((tx) =>
    Array.from({ length: PEOPLE }, (_, i) => {
      const { id } = addPerson(tx, { name: `Bench ${i}`, role: 'owner', named: true }, now)
      return makeToken(tx, { person: id, name: 'bench' }, now).secret
    }),
  )
  await world.close()
  return tokens
}

async function measure(ask: Ask, tasks: number): Promise<Value[]> {
  let launched = 0
  const launch = async (flow: string): Promise<string> => {
    const { launch: task } = await ask(LAUNCH, { input: { flow, key: `bench-${launched++}`, startNow: true } })
    return (task as { id: string }).id
  }
  const launches = await perSecond(3_000, () => launch('asked'))

  const id = await launch('ten')
  const one = async (): Promise<string> => ((await ask(TASK, { id }))['task'] as { phase: string }).phase
  while ((await one()) !== 'SUCCEEDED') await new Promise((resolve) => setTimeout(resolve, 5))
  const looks = await perSecond(3_000, one)

  // Pages one after the other: the first ones, filtered ones, and on into the list.
  const took: number[] = []
  let after: string | null = null
  for (let page = 0; page < 600; page++) {
    const begin = nowMs()
    const { tasks: list } = await ask(
      PAGE,
      page % 3 === 1 ? { phase: ['WAITING'] } : { after: page % 3 === 2 ? after : null },
    )
    if (page >= 100) took.push(nowMs() - begin)
    if (page % 3 === 2) after = (list as { pageInfo: { endCursor: string } }).pageInfo.endCursor
  }
  const settings = { tasks, connections: CONNECTIONS, people: PEOPLE }
  return [
    { workload: 'W11', metric: 'launch_per_s', value: launches, unit: '1/s', settings },
    { workload: 'W11', metric: 'task_per_s', value: looks, unit: '1/s', settings: { ...settings, nodes: 10 } },
    {
      workload: 'W11',
      metric: 'page_p99_ms',
      value: quantile(took, 0.99),
      unit: 'ms',
      settings: { tasks, connections: 1, page: 50, p50: Number(median(took).toFixed(2)) },
    },
  ]
}

/** Requests per second with all connections busy; the median of three rounds. */
async function perSecond(count: number, call: () => Promise<unknown>): Promise<number> {
  const run = async (requests: number): Promise<number> => {
    let left = requests
    const begin = nowMs()
    const worker = async (): Promise<void> => {
      while (left-- > 0) await call()
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, worker))
    return (requests * 1000) / (nowMs() - begin)
  }
  await run(WARM_UP)
  return median([await run(count), await run(count), await run(count)])
}
