import { graphql } from '../../../api/client/index.ts'

// Acts answer with the thing's version alone: the page reads the new state over its subscription.
export const startTask = graphql(`
  mutation Start($id: ID!, $overrideFreeze: String, $clientMutationId: String) {
    startTask(id: $id, overrideFreeze: $overrideFreeze, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const claimTask = graphql(`
  mutation Claim(
    $id: ID!
    $round: Int!
    $variables: JSON
    $variablesRevision: Int
    $note: String
    $overrideFreeze: String
    $clientMutationId: String
  ) {
    claimTask(
      id: $id
      round: $round
      variables: $variables
      variablesRevision: $variablesRevision
      note: $note
      overrideFreeze: $overrideFreeze
      clientMutationId: $clientMutationId
    ) {
      id
      version
    }
  }
`)
export const resubmitTask = graphql(`
  mutation Resubmit(
    $id: ID!
    $round: Int!
    $variables: JSON
    $variablesRevision: Int
    $note: String
    $clientMutationId: String
  ) {
    resubmitTask(
      id: $id
      round: $round
      variables: $variables
      variablesRevision: $variablesRevision
      note: $note
      clientMutationId: $clientMutationId
    ) {
      id
      version
    }
  }
`)
export const rejectTask = graphql(`
  mutation RejectRequest($id: ID!, $round: Int!, $reason: String!, $clientMutationId: String) {
    rejectTask(id: $id, round: $round, reason: $reason, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const transferTask = graphql(`
  mutation TransferRequest($id: ID!, $round: Int!, $to: [String!]!, $reason: String!, $clientMutationId: String) {
    transferTask(id: $id, round: $round, to: $to, reason: $reason, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const withdrawTask = graphql(`
  mutation Withdraw($id: ID!, $round: Int!, $reason: String, $clientMutationId: String) {
    withdrawTask(id: $id, round: $round, reason: $reason, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const pauseTask = graphql(`
  mutation Pause($id: ID!, $clientMutationId: String) {
    pauseTask(id: $id, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const resumeTask = graphql(`
  mutation Resume($id: ID!, $clientMutationId: String) {
    resumeTask(id: $id, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const revokeTask = graphql(`
  mutation Revoke($id: ID!, $mode: RevokeMode, $reason: String, $clientMutationId: String) {
    revokeTask(id: $id, mode: $mode, reason: $reason, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const editVariables = graphql(`
  mutation EditVariables($id: ID!, $revision: Int!, $variables: JSON!, $reason: String, $clientMutationId: String) {
    editVariables(
      id: $id
      revision: $revision
      variables: $variables
      reason: $reason
      clientMutationId: $clientMutationId
    ) {
      id
      version
    }
  }
`)
export const retryNode = graphql(`
  mutation Retry($input: NodeInput!) {
    retryNode(input: $input) {
      id
      version
    }
  }
`)
export const skipNode = graphql(`
  mutation Skip($input: NodeInput!) {
    skipNode(input: $input) {
      id
      version
    }
  }
`)
export const completeNode = graphql(`
  mutation ByHand($input: NodeInput!) {
    completeNode(input: $input) {
      id
      version
    }
  }
`)
export const failNode = graphql(`
  mutation Fail($input: NodeInput!) {
    failNode(input: $input) {
      id
      version
    }
  }
`)
export const chooseBranch = graphql(`
  mutation ChooseBranch($input: NodeInput!) {
    chooseBranch(input: $input) {
      id
      version
    }
  }
`)
export const rescheduleNode = graphql(`
  mutation Reschedule($input: NodeInput!) {
    rescheduleNode(input: $input) {
      id
      version
    }
  }
`)
export const pauseBefore = graphql(`
  mutation PauseBefore($input: NodeInput!) {
    pauseBefore(input: $input) {
      id
      version
    }
  }
`)
export const unpauseNode = graphql(`
  mutation Unpause($input: NodeInput!) {
    unpause(input: $input) {
      id
      version
    }
  }
`)
export const planTask = graphql(`
  mutation Plan($id: ID!, $at: DateTime, $clientMutationId: String) {
    planTask(id: $id, at: $at, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const setNote = graphql(`
  mutation SetNote($id: ID!, $note: String!, $clientMutationId: String) {
    setNote(id: $id, note: $note, clientMutationId: $clientMutationId) {
      id
      version
    }
  }
`)
export const decide = graphql(`
  mutation Decide($input: DecideInput!) {
    decide(input: $input) {
      id
      state
      task {
        id
        version
      }
    }
  }
`)
export const transferAsk = graphql(`
  mutation Transfer($id: ID!, $to: String!, $reason: String!) {
    transferAsk(id: $id, to: $to, reason: $reason) {
      id
      state
    }
  }
`)
export const assignAsk = graphql(`
  mutation Assign($id: ID!, $to: [String!]!, $reason: String!) {
    assignAsk(id: $id, to: $to, reason: $reason) {
      id
      state
    }
  }
`)
export const followTask = graphql(`
  mutation Follow($id: ID!) {
    follow(id: $id) {
      id
      following
    }
  }
`)
export const setFavourite = graphql(`
  mutation Favourite($app: String!, $favourite: Boolean!) {
    setFavourite(app: $app, favourite: $favourite) {
      name
      favourite
    }
  }
`)
export const setPreferences = graphql(`
  mutation Preferences($language: String, $timeZone: String) {
    setPreferences(language: $language, timeZone: $timeZone) {
      id
      language
      timeZone
    }
  }
`)
export const signOut = graphql(`
  mutation SignOut {
    signOut
  }
`)
export const makeLinkCode = graphql(`
  mutation LinkCode {
    linkCode {
      code
      link
      expiresAt
    }
  }
`)
export const unlinkIdentity = graphql(`
  mutation Unlink($id: ID!) {
    unlinkIdentity(id: $id) {
      id
    }
  }
`)
