import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { askPart } from './fragments.ts'

// One ask, and word of all that change.
export const inboxChanged = graphql(`
  subscription InboxChanged {
    inboxChanged {
      id
      state
    }
  }
`)

export const askQuery = graphql(
  `
    query Ask($id: ID!) {
      ask(id: $id) {
        ...AskPart
      }
    }
  `,
  [askPart],
)

// What people do with asks beside answering one, and answering several.
export const commentAsk = graphql(`
  mutation Comment($id: ID!, $comment: String!, $files: [ID!]) {
    commentAsk(id: $id, comment: $comment, files: $files) {
      id
    }
  }
`)
export const attachFile = graphql(`
  mutation Attach($file: File!, $name: String, $task: ID!) {
    upload(file: $file, name: $name, task: $task) {
      file
    }
  }
`)
export const claimAsk = graphql(`
  mutation ClaimAsk($id: ID!) {
    claimAsk(id: $id) {
      id
    }
  }
`)
export const releaseAsk = graphql(`
  mutation ReleaseAsk($id: ID!, $reason: String) {
    releaseAsk(id: $id, reason: $reason) {
      id
    }
  }
`)
export const remindAsk = graphql(`
  mutation RemindAsk($id: ID!) {
    remindAsk(id: $id) {
      id
    }
  }
`)
export const inboxQuery = graphql(`
  query Inbox {
    inbox(first: 50) {
      nodes {
        id
        kind
        title
        digest
        deadline
        openedAt
        commentRule
        facts {
          key
          title
          text
        }
        fields {
          key
        }
        answersFor {
          name
        }
        availableActions {
          action
          allowed
          why
        }
        task {
          id
          number
          appTitle
          startedBy {
            name
          }
        }
      }
    }
  }
`)
export type InboxAsk = ResultOf<typeof inboxQuery>['inbox']['nodes'][number]
export const decideAll = graphql(`
  mutation DecideAll($inputs: [DecideInput!]!) {
    decideAll(inputs: $inputs) {
      askId
      code
      message
      ask {
        id
        state
        end
      }
    }
  }
`)
export const delegationsQuery = graphql(`
  query Delegations {
    delegations {
      id
      fromAt
      until
      reason
      active
      endedAt
      from {
        id
        name
      }
      to {
        id
        name
      }
    }
  }
`)
export type DelegationRow = ResultOf<typeof delegationsQuery>['delegations'][number]
export const delegate = graphql(`
  mutation Delegate($to: String!, $until: DateTime!, $reason: String) {
    delegate(to: $to, until: $until, reason: $reason) {
      id
    }
  }
`)
export const endDelegation = graphql(`
  mutation EndDelegation($id: ID!) {
    endDelegation(id: $id) {
      id
    }
  }
`)
