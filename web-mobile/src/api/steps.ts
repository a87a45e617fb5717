/** One step of a task, and what it prints. */
import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { nodePart } from './fragments.ts'

export const nodeQuery = graphql(
  `
    query Node($task: ID!, $node: ID!, $attempt: Int) {
      task(id: $task) {
        id
        version
        node(id: $node) {
          ...NodePart
          plugin
          headline
          causeText
          advice
          note
          keptFrom
          notPerformed
          callbackUrl
          endedBy {
            id
            name
            surface
          }
          inputs(attempt: $attempt)
          outputs(attempt: $attempt)
          attempts {
            attempt
            visit
            state
            startedAt
            endedAt
            note
            by {
              id
              name
              surface
            }
            error {
              cause
              code
              message
            }
          }
          ask {
            id
            state
          }
        }
      }
    }
  `,
  [nodePart],
)

export const logQuery = graphql(`
  query Log($task: ID!, $node: ID!, $attempt: Int, $after: Int, $last: Int) {
    task(id: $task) {
      id
      node(id: $node) {
        id
        log(attempt: $attempt, after: $after, last: $last) {
          total
          dropped
          lines {
            n
            at
            stream
            text
            item
          }
        }
      }
    }
  }
`)

export const nodeLog = graphql(`
  subscription NodeLog($task: ID!, $node: ID!, $attempt: Int!, $after: Int) {
    nodeLog(taskId: $task, nodeId: $node, attempt: $attempt, after: $after) {
      n
      at
      stream
      text
      item
    }
  }
`)

export type NodeDetail = NonNullable<NonNullable<ResultOf<typeof nodeQuery>['task']>['node']>
