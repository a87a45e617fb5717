import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { actor, type Loaded } from './parts.ts'

/** What happened to a task after an event, as its reader may know it. */
export const historyQuery = graphql(
  `
    query BotHistory($id: ID!, $after: Int, $first: Int) {
      task(id: $id) {
        id
        title
        url
        events(after: $after, first: $first) {
          nextAfter
          entries {
            seq
            at
            kinds
            text
            follows
            by {
              ...BotActor
            }
            ended {
              nodeId
              attempt
              failed
              logged
            }
          }
        }
      }
    }
  `,
  [actor],
)
/** The last lines one attempt of a step has logged. */
export const logTailQuery = graphql(`
  query BotLogTail($id: ID!, $node: ID!, $attempt: Int, $last: Int!) {
    task(id: $id) {
      id
      number
      title
      url
      node(id: $node) {
        id
        title
        state
        attempt
        log(attempt: $attempt, last: $last) {
          total
          lines {
            at
            text
          }
        }
      }
    }
  }
`)
/** Which steps of a task may have logged something. */
export const loggedStepsQuery = graphql(`
  query BotLoggedSteps($id: ID!) {
    task(id: $id) {
      id
      steps {
        nodeId
        title
        kind
        state
        startedAt
      }
    }
  }
`)

export type HistoryTask = Loaded<typeof historyQuery, 'task'>
export type HistoryEntry = HistoryTask['events']['entries'][number]
export type LogTask = Loaded<typeof logTailQuery, 'task'>
export type LoggedStep = NonNullable<ResultOf<typeof loggedStepsQuery>['task']>['steps'][number]
