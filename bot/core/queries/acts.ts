import { graphql } from '../../../api/client/index.ts'

export const launchMutation = graphql(`
  mutation BotLaunch($input: LaunchInput!) {
    launch(input: $input) {
      id
      number
      title
      phase
      url
      rehearsal
      origin
      handOver {
        to
      }
    }
  }
`)

export const startMutation = graphql(`
  mutation BotStart($id: ID!, $key: String, $overrideFreeze: String) {
    startTask(id: $id, overrideFreeze: $overrideFreeze, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)

export const claimMutation = graphql(`
  mutation BotClaim(
    $id: ID!
    $round: Int!
    $variables: JSON
    $revision: Int
    $note: String
    $key: String
    $overrideFreeze: String
  ) {
    claimTask(
      id: $id
      round: $round
      variables: $variables
      variablesRevision: $revision
      note: $note
      overrideFreeze: $overrideFreeze
      clientMutationId: $key
    ) {
      id
      version
      phase
    }
  }
`)

export const resubmitMutation = graphql(`
  mutation BotResubmit($id: ID!, $round: Int!, $variables: JSON, $revision: Int, $note: String, $key: String) {
    resubmitTask(
      id: $id
      round: $round
      variables: $variables
      variablesRevision: $revision
      note: $note
      clientMutationId: $key
    ) {
      id
      version
      phase
    }
  }
`)

export const rejectRequestMutation = graphql(`
  mutation BotRejectRequest($id: ID!, $round: Int!, $reason: String!, $key: String) {
    rejectTask(id: $id, round: $round, reason: $reason, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)

export const transferRequestMutation = graphql(`
  mutation BotTransferRequest($id: ID!, $round: Int!, $to: [String!]!, $reason: String!, $key: String) {
    transferTask(id: $id, round: $round, to: $to, reason: $reason, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)

export const withdrawMutation = graphql(`
  mutation BotWithdraw($id: ID!, $round: Int!, $reason: String, $key: String) {
    withdrawTask(id: $id, round: $round, reason: $reason, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)

export const pauseMutation = graphql(`
  mutation BotPause($id: ID!, $key: String) {
    pauseTask(id: $id, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)

export const resumeMutation = graphql(`
  mutation BotResume($id: ID!, $key: String) {
    resumeTask(id: $id, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)

export const revokeMutation = graphql(`
  mutation BotRevoke($id: ID!, $mode: RevokeMode, $reason: String, $key: String) {
    revokeTask(id: $id, mode: $mode, reason: $reason, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)

export const retryMutation = graphql(`
  mutation BotRetry($input: NodeInput!) {
    retryNode(input: $input) {
      id
      version
      phase
    }
  }
`)

export const skipMutation = graphql(`
  mutation BotSkip($input: NodeInput!) {
    skipNode(input: $input) {
      id
      version
      phase
    }
  }
`)

export const byhandMutation = graphql(`
  mutation BotByHand($input: NodeInput!) {
    completeNode(input: $input) {
      id
      version
      phase
    }
  }
`)

export const failMutation = graphql(`
  mutation BotFail($input: NodeInput!) {
    failNode(input: $input) {
      id
      version
      phase
    }
  }
`)

export const decideMutation = graphql(`
  mutation BotDecide($input: DecideInput!) {
    decide(input: $input) {
      id
      state
      end
    }
  }
`)

export const transferMutation = graphql(`
  mutation BotTransfer($id: ID!, $to: String!, $reason: String!) {
    transferAsk(id: $id, to: $to, reason: $reason) {
      id
      state
    }
  }
`)

export const assignMutation = graphql(`
  mutation BotAssign($id: ID!, $to: [String!]!, $reason: String!) {
    assignAsk(id: $id, to: $to, reason: $reason) {
      id
      state
    }
  }
`)

export const commentMutation = graphql(`
  mutation BotComment($id: ID!, $comment: String!) {
    commentAsk(id: $id, comment: $comment) {
      id
      state
    }
  }
`)

export const followMutation = graphql(`
  mutation BotFollow($id: ID!) {
    follow(id: $id) {
      id
      following
    }
  }
`)

export const favouriteMutation = graphql(`
  mutation BotFavourite($app: String!, $project: String, $favourite: Boolean!) {
    setFavourite(app: $app, project: $project, favourite: $favourite) {
      id
      favourite
    }
  }
`)

export const claimAskMutation = graphql(`
  mutation BotClaimAsk($id: ID!) {
    claimAsk(id: $id) {
      id
      state
    }
  }
`)
export const releaseAskMutation = graphql(`
  mutation BotReleaseAsk($id: ID!, $reason: String) {
    releaseAsk(id: $id, reason: $reason) {
      id
      state
    }
  }
`)
export const remindAskMutation = graphql(`
  mutation BotRemindAsk($id: ID!) {
    remindAsk(id: $id) {
      id
      state
      waitingOn {
        name
      }
    }
  }
`)
