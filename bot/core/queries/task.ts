import { graphql } from '../../../api/client/index.ts'
import { actor, field, handOver, task, type Loaded } from './parts.ts'

/** Everything a task card and a receipt show. */
export const taskCardQuery = graphql(
  `
    query BotTaskCard($id: ID!) {
      task(id: $id) {
        ...BotTask
        handOver {
          ...BotHandOver
        }
        asks {
          id
          kind
          state
          end
          title
          nodeId
          waitingOn {
            ...BotActor
          }
          availableActions {
            action
            allowed
            why
          }
          decisions {
            by {
              ...BotActor
            }
            verdict
          }
        }
        failures {
          id
          title
          headline
        }
        children {
          number
          title
          phase
          parentNode
          failures {
            title
            headline
          }
        }
      }
    }
  `,
  [task, actor, handOver],
)

/** A request, with what was asked for. */
export const requestQuery = graphql(
  `
    query BotRequest($id: ID!) {
      task(id: $id) {
        ...BotTask
        variablesRevision
        handOver {
          ...BotHandOver
        }
        variableFields {
          ...BotField
          text
        }
      }
    }
  `,
  [task, handOver, field],
)

/** Run again: the app and the values of a task that was. */
export const runAgainQuery = graphql(`
  query BotRunAgain($id: ID!) {
    task(id: $id) {
      id
      number
      variables
      app {
        name
        project
      }
      variableFields {
        key
        secret
        fixed
      }
      rehearsal
    }
  }
`)

export const stopQuery = graphql(`
  query BotStop($id: ID!) {
    task(id: $id) {
      id
      title
      phase
      stopConsequences {
        kills
        leaves
        thenRuns
      }
      availableActions {
        action
        allowed
        why
      }
    }
  }
`)

export const truthQuery = graphql(`
  query BotTruth($id: ID!) {
    task(id: $id) {
      id
      number
      title
      phase
      url
      project
      app {
        name
        title
        project
      }
    }
  }
`)

export type RequestData = Loaded<typeof requestQuery, 'task'>
export type TaskData = Loaded<typeof taskCardQuery, 'task'>
