import { graphql, type ResultOf } from '../../api/client/index.ts'
import { TaskLine, TaskTree } from './tasks.ts'

const AppLine = graphql(`
  fragment AppLine on App {
    name
    title
    help
    aliases
    category
    favourite
    handOver
    frozen {
      text
    }
    availableActions {
      action
      allowed
      why
    }
  }
`)
export type AppRow = ResultOf<typeof AppLine>

export const APPS = graphql(
  `
    query CliApps($search: String, $category: String, $favourite: Boolean, $recent: Boolean) {
      apps(first: 200, search: $search, category: $category, favourite: $favourite, recent: $recent) {
        nodes {
          ...AppLine
        }
      }
    }
  `,
  [AppLine],
)
export const APP_TREE = graphql(
  `
    query CliAppTree($search: String) {
      appTree(search: $search) {
        path
        title
        depth
        count
        apps {
          ...AppLine
        }
      }
    }
  `,
  [AppLine],
)
export const APP = graphql(
  `
    query CliApp($name: String!, $project: String) {
      app(name: $name, project: $project) {
        ...AppLine
        project
        confirm
        expectS
        rooms
        flow {
          name
          version
        }
        schemes {
          name
          title
          omit
        }
        limits {
          perPerson
          perHour
        }
        form {
          fields {
            key
            title
            type
            required
            fixed
            visible
            secret
            text
            help
            options {
              value
              title
            }
          }
        }
      }
    }
  `,
  [AppLine],
)
export const CONFIRM = graphql(`
  query CliConfirm($name: String!, $project: String) {
    app(name: $name, project: $project) {
      confirm
    }
  }
`)
export const FAVOURITE = graphql(
  `
    mutation CliFavourite($app: String!, $project: String, $favourite: Boolean!) {
      setFavourite(app: $app, project: $project, favourite: $favourite) {
        ...AppLine
      }
    }
  `,
  [AppLine],
)
export const PREVIEW = graphql(
  `
    query CliPreview($input: LaunchInput!) {
      preview(input: $input) {
        title
        confirm
        expectS
        handOver
        queuePosition
        busy
        freeze
        hosts
        errors {
          field
          message
          fix
        }
        nodes {
          title
          stage
          certain
        }
        approvals {
          title
          text
          certain
          people {
            name
          }
        }
        joins {
          ...TaskLine
        }
        heldBy {
          ...TaskLine
        }
        alreadyRunning {
          ...TaskLine
        }
      }
    }
  `,
  [TaskLine],
)
export type Previewed = ResultOf<typeof PREVIEW>['preview']

export const REQUESTS = graphql(
  `
    query CliRequests($mine: Boolean) {
      tasks(phase: [REQUESTED, ATTENTION], waitingFor: [CLAIM, CORRECTION], mine: $mine, first: 100) {
        nodes {
          ...TaskLine
          handOver {
            state
            to
            nobody
            reason
            lastBy {
              name
            }
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
  [TaskLine],
)
export const REQUEST = graphql(`
  query CliRequest($id: ID!) {
    task(id: $id) {
      id
      number
      variablesRevision
      handOver {
        round
      }
    }
  }
`)
export const CLAIM = graphql(
  `
    mutation CliClaim(
      $id: ID!
      $round: Int!
      $variables: JSON
      $revision: Int
      $note: String
      $overrideFreeze: String
    ) {
      claimTask(
        id: $id
        round: $round
        variables: $variables
        variablesRevision: $revision
        note: $note
        overrideFreeze: $overrideFreeze
      ) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const RESUBMIT = graphql(
  `
    mutation CliResubmit($id: ID!, $round: Int!, $variables: JSON, $revision: Int, $note: String) {
      resubmitTask(id: $id, round: $round, variables: $variables, variablesRevision: $revision, note: $note) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const REJECT_REQUEST = graphql(
  `
    mutation CliRejectRequest($id: ID!, $round: Int!, $reason: String!) {
      rejectTask(id: $id, round: $round, reason: $reason) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const TRANSFER_REQUEST = graphql(
  `
    mutation CliTransferRequest($id: ID!, $round: Int!, $to: [String!]!, $reason: String!) {
      transferTask(id: $id, round: $round, to: $to, reason: $reason) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const WITHDRAW = graphql(
  `
    mutation CliWithdraw($id: ID!, $round: Int!, $reason: String) {
      withdrawTask(id: $id, round: $round, reason: $reason) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
