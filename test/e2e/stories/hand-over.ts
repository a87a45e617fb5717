/** Work handed over, as both chats tell it: an app whose requests go to Ops, and how a request stands. */
import { expect, vi } from 'vitest'
import { graphql, type Client } from '../../../api/client/index.ts'

/** `limit` is fixed by the app, so nobody may change it. */
export const HAND_OVER = `
apiVersion: baton/v1
kind: Flow
metadata: {name: tell-it, title: Tell it}
spec:
  variables:
    what: {type: text, title: What, required: true, onCard: true}
    limit: {type: integer, title: Limit, default: 3}
  nodes:
    go: {use: set@1, title: Go, with: {what: "\${what} told"}, save: {what: what}}
---
apiVersion: baton/v1
kind: App
metadata: {name: please-tell, title: Please tell}
spec:
  flow: tell-it
  mode: {handOver: {to: "role:ops"}}
  launch: [everyone]
  form: {limit: {fixed: 5}}
  taskTitle: "Please tell \${what}"
`
const tasksQuery = graphql(`
  query HandOverTasks {
    tasks(app: "please-tell", first: 1) {
      totalCount
      nodes {
        number
      }
    }
  }
`)
const taskQuery = graphql(`
  query HandOverTask($number: Int!) {
    task(number: $number) {
      phase
      variables
      handOver {
        state
        holder {
          name
        }
      }
    }
  }
`)

export const taskNumbered = async (owner: Client, number: number) => (await owner.query(taskQuery, { number })).task

/** The number of the request that `ask` makes. */
export async function requestBy(owner: Client, ask: () => Promise<void>): Promise<number> {
  const before = (await owner.query(tasksQuery)).tasks.totalCount
  await ask()
  return vi.waitFor(
    async () => {
      const { tasks } = await owner.query(tasksQuery) // a list may lag a moment
      expect(tasks.totalCount).toBe(before + 1)
      return tasks.nodes[0]?.number ?? 0
    },
    { timeout: 20_000, interval: 25 },
  )
}
