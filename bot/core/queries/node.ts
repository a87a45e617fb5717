import { graphql } from '../../../api/client/index.ts'
import { actor, field, task, type Loaded } from './parts.ts'

/** What an alert says of a failed step, log aside: a shared room may see as much. */
const failedNode = graphql(
  `
    fragment BotFailedNode on Node {
      id
      title
      kind
      state
      attempt
      headline
      causeText
      advice
      endedAt
      note
      hosts
      cancelUnconfirmed
      error {
        cause
        code
        message
      }
      asked {
        ...BotActor
      }
      asksNext {
        to
        at
      }
      endedBy {
        ...BotActor
      }
      items {
        index
        item
        state
        error {
          message
        }
      }
      attempts {
        attempt
        state
        startedAt
        endedAt
        note
        by {
          ...BotActor
        }
        error {
          cause
          code
          message
        }
      }
      availableActions {
        action
        allowed
        why
      }
    }
  `,
  [actor],
)

/** The failure of one step, and its task. */
export const attentionQuery = graphql(
  `
    query BotAttention($id: ID!, $node: ID!) {
      task(id: $id) {
        ...BotTask
        parent {
          number
          title
        }
        node(id: $node) {
          ...BotFailedNode
          log(last: 20) {
            total
            lines {
              at
              text
              stream
            }
          }
        }
      }
    }
  `,
  [task, failedNode],
)

/** The same without the log: what a shared room may see. */
export const attentionInRoomQuery = graphql(
  `
    query BotAttentionInRoom($id: ID!, $node: ID!) {
      task(id: $id) {
        ...BotTask
        parent {
          number
          title
        }
        node(id: $node) {
          ...BotFailedNode
        }
      }
    }
  `,
  [task, failedNode],
)

/** What a form for one step needs: reject, skip, by hand, edit and retry. */
export const nodeFormQuery = graphql(
  `
    query BotNodeForm($id: ID!, $node: ID!) {
      task(id: $id) {
        id
        number
        title
        url
        variablesRevision
        app {
          name
          project
        }
        stopConsequences {
          kills
          leaves
          thenRuns
        }
        node(id: $node) {
          id
          title
          state
          attempt
          headline
          lackedBy
          neededOutputs {
            ...BotField
          }
          editFields {
            ...BotField
          }
          availableActions {
            action
            allowed
            why
          }
          error {
            cause
          }
        }
      }
    }
  `,
  [field],
)

export const editConsequencesQuery = graphql(`
  query BotEditConsequences($id: ID!, $variables: JSON!) {
    task(id: $id) {
      editConsequences(variables: $variables) {
        usedBy
        heldBy
        voidsAsks
      }
    }
  }
`)

export type AttentionTask = Loaded<typeof attentionQuery, 'task'>

export type AttentionNode = NonNullable<AttentionTask['node']>
