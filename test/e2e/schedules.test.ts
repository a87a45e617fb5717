import { afterAll, beforeAll, expect, test } from 'vitest'
import { graphql, type Client } from '../../api/client/index.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'

const APPLY = graphql(`
  mutation ApplySchedules($documents: String!) {
    apply(documents: $documents) {
      dryRun
    }
  }
`)
const PUBLISH = graphql(`
  mutation PublishScheduled($name: String!) {
    publishFlow(name: $name) {
      version
    }
  }
`)
const RUNS = graphql(`
  query ScheduleRunsOfAll {
    schedules {
      name
      runs(first: 10) {
        nodes {
          dueAt
          state
          text
          task {
            id
            createdAt
          }
        }
      }
    }
    tasks(app: "tick", first: 200) {
      totalCount
    }
  }
`)
const FLOW = `
apiVersion: baton/v1
kind: Flow
metadata: {name: tick, title: Tick}
spec: {nodes: {id: {use: uuid@1}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: tick, title: Tick}
spec: {flow: tick}
`
const COUNT = 20
const EVERY_MS = 300
const scheduled = (from: number): string =>
  Array.from({ length: COUNT }, (_, at) => {
    const due = new Date(from + at * EVERY_MS).toISOString()
    return `apiVersion: baton/v1\nkind: Schedule\nmetadata: {name: tick-${at}}\nspec: {app: tick, at: "${due}"}\n`
  }).join('---\n')

let baton: BatonProcess
let owner: Client
beforeAll(async () => {
  baton = await startBatonProcess()
  owner = baton.owner()
})
afterAll(() => baton.close())

test('processes that are killed while schedules come due launch each of them once, and none too early', async () => {
  await owner.query(APPLY, { documents: FLOW })
  await owner.query(PUBLISH, { name: 'tick' })
  await owner.query(APPLY, { documents: scheduled(Date.now() + 5_000) })
  const launched = async () => {
    const { schedules, tasks } = await owner.query(RUNS, {})
    const runs = schedules.flatMap(({ runs }) => runs.nodes)
    return { runs, tasks: tasks.totalCount, names: schedules.length }
  }
  for (const some of [3, 8, 13]) {
    await expect.poll(async () => (await launched()).runs.length).toBeGreaterThanOrEqual(some)
    await baton.kill()
    await baton.restart()
  }
  await expect.poll(async () => (await launched()).runs.filter(({ state }) => state === 'LAUNCHED').length).toBe(COUNT)
  const { runs, tasks, names } = await launched()
  expect(names).toBe(COUNT)
  expect(runs).toHaveLength(COUNT)
  expect(tasks).toBe(COUNT)
  expect(new Set(runs.map(({ task }) => task?.id)).size).toBe(COUNT)
  for (const { dueAt, task } of runs) expect(Date.parse(task!.createdAt)).toBeGreaterThanOrEqual(Date.parse(dueAt))
})
