import { graphql, type ResultOf } from '../../api/client/index.ts'

/** What the terminal asks of asks. */
const ASK_PARTS = graphql(`
  fragment CliAskParts on Ask {
    id
    kind
    title
    step
    text
    state
    end
    digest
    deadline
    claim
    claimedBy {
      name
    }
    answersFor {
      name
    }
    facts {
      title
      text
    }
    fields {
      key
      title
      type
      required
      text
      options {
        value
        title
      }
    }
    given {
      title
      text
    }
    earlier {
      step
      by {
        name
      }
      answers {
        title
        text
      }
    }
    task {
      id
      number
      title
      startedBy {
        name
      }
    }
    need {
      title
      count
      filled
    }
    waitingOn {
      name
    }
    standIns {
      person {
        name
      }
      for {
        name
      }
    }
    decisions {
      by {
        name
      }
      for {
        name
      }
      at
      verdict
      comment
    }
    comments {
      by {
        name
      }
      at
      text
      files {
        name
        url
      }
    }
    availableActions {
      action
      allowed
      why
    }
  }
`)
export const INBOX = graphql(
  `
    query CliInbox {
      inbox(first: 50) {
        nodes {
          ...CliAskParts
        }
      }
    }
  `,
  [ASK_PARTS],
)
export type AskParts = ResultOf<typeof INBOX>['inbox']['nodes'][number]
export const ASK = graphql(
  `
    query CliAsk($id: ID!) {
      ask(id: $id) {
        ...CliAskParts
      }
    }
  `,
  [ASK_PARTS],
)
export const DECIDE_ALL = graphql(`
  mutation CliDecide($inputs: [DecideInput!]!) {
    decideAll(inputs: $inputs) {
      askId
      code
      message
      ask {
        id
        state
        end
        title
        task {
          number
          phase
        }
      }
    }
  }
`)
/** One answer: its refusal is told as any other, with its fields. */
export const DECIDE = graphql(`
  mutation CliDecideOne($input: DecideInput!) {
    decide(input: $input) {
      id
      state
      end
      title
      task {
        number
        phase
      }
    }
  }
`)
export const CLAIM = graphql('mutation CliClaim($id: ID!) { claimAsk(id: $id) { id title claimedBy { name } } }')
export const RELEASE = graphql(
  'mutation CliReleaseAsk($id: ID!, $reason: String) { releaseAsk(id: $id, reason: $reason) { id title } }',
)
export const TRANSFER = graphql(
  'mutation CliTransfer($id: ID!, $to: String!, $reason: String!) { transferAsk(id: $id, to: $to, reason: $reason) { id title waitingOn { name } } }',
)
export const ASSIGN = graphql(
  'mutation CliAssign($id: ID!, $to: [String!]!, $reason: String!) { assignAsk(id: $id, to: $to, reason: $reason) { id title waitingOn { name } } }',
)
export const REMIND = graphql('mutation CliRemind($id: ID!) { remindAsk(id: $id) { id title waitingOn { name } } }')
export const COMMENT = graphql(
  'mutation CliComment($id: ID!, $comment: String!, $files: [ID!]) { commentAsk(id: $id, comment: $comment, files: $files) { id title } }',
)
export const ATTACH = graphql(
  'mutation CliAttach($file: File!, $name: String, $task: ID!) { upload(file: $file, name: $name, task: $task) { file name } }',
)
const DELEGATION = graphql(
  'fragment CliDelegation on Delegation { id from { name } to { name } fromAt until reason active endedAt }',
)
export const DELEGATIONS = graphql(
  'query CliDelegations($person: String) { delegations(person: $person) { ...CliDelegation } }',
  [DELEGATION],
)
export type DelegationParts = ResultOf<typeof DELEGATIONS>['delegations'][number]
export const DELEGATE = graphql(
  `
    mutation CliDelegate($to: String!, $until: DateTime!, $fromAt: DateTime, $from: String, $reason: String) {
      delegate(to: $to, until: $until, fromAt: $fromAt, from: $from, reason: $reason) {
        ...CliDelegation
      }
    }
  `,
  [DELEGATION],
)
export const END_DELEGATION = graphql(
  'mutation CliEndDelegation($id: ID!) { endDelegation(id: $id) { ...CliDelegation } }',
  [DELEGATION],
)
