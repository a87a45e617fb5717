import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { actor, field, type Loaded } from './parts.ts'

export const askQuery = graphql(
  `
    query BotAsk($id: ID!) {
      ask(id: $id) {
        id
        kind
        nodeId
        attempt
        state
        end
        title
        step
        text
        digest
        commentRule
        openedAt
        closedAt
        deadline
        next: then # a field called then would make the answer look like a promise
        answers
        facts {
          key
          title
          text
        }
        fields {
          ...BotField
        }
        need {
          place
          title
          count
          filled
          people {
            ...BotActor
          }
        }
        decisions {
          by {
            ...BotActor
          }
          at
          verdict
          comment
          as
          for {
            ...BotActor
          }
        }
        claim
        claimedBy {
          ...BotActor
        }
        answersFor {
          ...BotActor
        }
        earlier {
          step
          answers {
            key
            title
            text
          }
        }
        handedOn {
          by {
            ...BotActor
          }
          to {
            ...BotActor
          }
          reason
        }
        comments {
          by {
            ...BotActor
          }
          text
          files {
            name
          }
        }
        waitingOn {
          ...BotActor
        }
        availableActions {
          action
          allowed
          why
        }
        task {
          id
          number
          title
          phase
          url
          rehearsal
          appTitle
          startedBy {
            ...BotActor
          }
          app {
            name
            title
            project
          }
          cardFacts {
            key
            title
            text
          }
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
    }
  `,
  [actor, field],
)

/** Approvals that wait, with all that is needed to decide them side by side. */
export const batchQuery = graphql(`
  query BotBatch {
    inbox(first: 50) {
      nodes {
        id
        kind
        title
        text
        digest
        commentRule
        facts {
          title
          text
        }
        fields {
          visible
          fixed
        }
        availableActions {
          action
          allowed
          why
        }
        task {
          number
          title
          rehearsal
          startedBy {
            name
          }
          app {
            name
            title
          }
        }
      }
    }
  }
`)
export const decideAllMutation = graphql(`
  mutation BotDecideAll($inputs: [DecideInput!]!) {
    decideAll(inputs: $inputs) {
      askId
      message
    }
  }
`)

export type BatchAsk = ResultOf<typeof batchQuery>['inbox']['nodes'][number]
export type AskData = Loaded<typeof askQuery, 'ask'>
