import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { formField } from '../../../api/client/parts/form-field.ts'
import { askPart, askRowPart, nodePart, taskPart, taskRowPart } from './fragments.ts'

export const viewerQuery = graphql(`
  query Viewer {
    viewer {
      person {
        id
        name
        email
        role
        language
        timeZone
        businessRoles
        identities {
          id
          platform
          team
          user
          name
          linkedAt
        }
      }
      rights
      isOwner
      needsMe
      server {
        url
        version
        slack
        telegram
        telegramBot
        exampleMode
      }
    }
  }
`)
/** What the roles that approve and are alerted are called. */
export const roleTitlesQuery = graphql(`
  query RoleTitles($rolesAfter: String, $groupsAfter: String) {
    roles(after: $rolesAfter) {
      project
      name
      title
    }
    groups(after: $groupsAfter) {
      project
      name
      title
    }
  }
`)
export const mutesQuery = graphql(`
  query Mutes {
    viewer {
      alerts {
        mutes {
          app
          project
          taskId
          until
        }
      }
    }
  }
`)
export const homeQuery = graphql(
  `
    query Home {
      viewer {
        needsMe
        unreached {
          place
          platform
          name
          why
          since
          count
        }
      }
      inbox(first: 20) {
        nodes {
          ...AskRowPart
        }
      }
      requests: tasks(needsMe: true, phase: [REQUESTED], first: 20) {
        nodes {
          id
          number
          title
          startedBy {
            name
          }
          handOver {
            state
            reason
          }
        }
      }
      needs: tasks(needsMe: true, phase: [ATTENTION], first: 20) {
        nodes {
          id
          number
          title
          version
          phase
          updatedAt
          parent {
            number
            title
          }
          startedBy {
            name
          }
          handOver {
            state
            reason
          }
          failures {
            id
            title
            state
            attempt
            headline
            causeText
            endedAt
            hosts
            items {
              index
              item
              state
            }
            error {
              cause
              code
              message
            }
            availableActions {
              action
              allowed
              why
            }
          }
        }
      }
      moving: tasks(mine: true, phase: [QUEUED, RUNNING, WAITING, ATTENTION, PAUSED, REQUESTED, CREATED], first: 10) {
        nodes {
          ...TaskRowPart
        }
      }
      favourites: apps(favourite: true, first: 8) {
        nodes {
          name
          title
          icon
          availableActions {
            action
            allowed
            why
          }
        }
      }
      suggested: apps(first: 8) {
        nodes {
          name
          title
          icon
          availableActions {
            action
            allowed
            why
          }
        }
      }
      recent: tasks(mine: true, phase: [SUCCEEDED, FAILED, REVOKED], first: 5) {
        nodes {
          ...TaskRowPart
        }
      }
    }
  `,
  [askRowPart, taskRowPart],
)
export const appsQuery = graphql(`
  query Apps($search: String) {
    apps(first: 200, search: $search) {
      totalCount
      nodes {
        name
        project
        title
        icon
        category
        help
        aliases
        expectS
        favourite
        frozen {
          text
        }
        availableActions {
          action
          allowed
          why
        }
      }
    }
    recent: apps(recent: true, first: 4) {
      nodes {
        name
      }
    }
  }
`)
export const formQuery = graphql(
  `
    query Form($app: String!, $answers: JSON, $scheme: String) {
      app(name: $app) {
        name
        project
        title
        icon
        help
        confirm
        expectS
        favourite
        mode
        frozen {
          text
          help
        }
        schemes {
          name
          title
          omit
        }
        availableActions {
          action
          allowed
          why
        }
        handOver
        form(answers: $answers, scheme: $scheme) {
          fields {
            ...FormFieldShown
          }
        }
      }
    }
  `,
  [formField],
)
export const optionsQuery = graphql(`
  query Options($app: String!, $field: String!, $answers: JSON, $search: String) {
    formOptions(app: $app, field: $field, answers: $answers, search: $search) {
      options {
        value
        title
      }
      asOf
      stale
    }
  }
`)
export const previewQuery = graphql(
  `
    query Preview($input: LaunchInput!) {
      preview(input: $input) {
        title
        errors {
          field
          code
          message
          fix
        }
        fields {
          ...FormFieldShown
        }
        nodes {
          id
          title
          kind
          stage
          text
          usualS
          certain
        }
        hosts
        approvers
        confirm
        expectS
        queuePosition
        freeze
        frozen {
          mayOverride
        }
        busy
        handOver
        approvals {
          title
          text
          certain
          people {
            id
            name
          }
        }
        joins {
          number
          title
        }
        alreadyRunning {
          id
          number
          title
          startedBy {
            id
            name
            surface
          }
        }
      }
    }
  `,
  [formField],
)
export const launchMutation = graphql(`
  mutation Launch($input: LaunchInput!) {
    launch(input: $input) {
      id
      number
    }
  }
`)
export const answersQuery = graphql(`
  query Answers($id: ID!) {
    task(id: $id) {
      id
      number
      phase
      rehearsal
      variables
      variableFields {
        key
        secret
      }
    }
  }
`)
export const tasksQuery = graphql(
  `
    query Tasks(
      $first: Int
      $after: String
      $phase: [TaskPhase!]
      $mine: Boolean
      $needsMe: Boolean
      $search: String
      $forWhom: Boolean = false
    ) {
      tasks(first: $first, after: $after, phase: $phase, mine: $mine, needsMe: $needsMe, search: $search) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...TaskRowPart
          asks @include(if: $forWhom) {
            answersFor {
              name
            }
          }
        }
      }
    }
  `,
  [taskRowPart],
)
export const taskQuery = graphql(
  `
    query Task($id: ID!) {
      task(id: $id) {
        ...TaskPart
      }
    }
  `,
  [taskPart],
)
export const taskChanged = graphql(
  `
    subscription TaskChanged($id: ID!) {
      taskChanged(id: $id) {
        ...TaskPart
      }
    }
  `,
  [taskPart],
)
export const tasksChanged = graphql(`
  subscription TasksChanged {
    tasksChanged {
      id
      version
    }
  }
`)
export const inboxChanged = graphql(`
  subscription InboxChanged {
    inboxChanged {
      id
      state
    }
  }
`)
export const stopQuery = graphql(`
  query Stop($id: ID!) {
    task(id: $id) {
      id
      stopConsequences {
        kills
        leaves
        thenRuns
      }
    }
  }
`)
export const editQuery = graphql(`
  query Edit($id: ID!, $variables: JSON!) {
    task(id: $id) {
      id
      editConsequences(variables: $variables) {
        usedBy
        heldBy
        voidsAsks
      }
    }
  }
`)
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
export const historyQuery = graphql(`
  query History($id: ID!, $after: Int) {
    task(id: $id) {
      id
      number
      title
      events(first: 100, after: $after) {
        nextAfter
        entries {
          seq
          at
          kinds
          text
          by {
            id
            name
            surface
          }
        }
      }
    }
  }
`)
export const headQuery = graphql(`
  query HistoryHead($id: ID!) {
    task(id: $id) {
      id
      historyHead {
        event
        hash
      }
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

export type Home = ResultOf<typeof homeQuery>
export type AppRow = ResultOf<typeof appsQuery>['apps']['nodes'][number]
export type FormApp = NonNullable<ResultOf<typeof formQuery>['app']>
export type Preview = ResultOf<typeof previewQuery>['preview']
export type Options = ResultOf<typeof optionsQuery>['formOptions']
export type NodeDetail = NonNullable<NonNullable<ResultOf<typeof nodeQuery>['task']>['node']>
export type Viewer = ResultOf<typeof viewerQuery>['viewer']
export type HistoryEntry = NonNullable<ResultOf<typeof historyQuery>['task']>['events']['entries'][number]
export type HistoryHead = NonNullable<NonNullable<ResultOf<typeof headQuery>['task']>['historyHead']>
export type StopConsequences = NonNullable<ResultOf<typeof stopQuery>['task']>['stopConsequences']
export type EditConsequences = NonNullable<ResultOf<typeof editQuery>['task']>['editConsequences']
export type Mute = NonNullable<ResultOf<typeof mutesQuery>['viewer']['alerts']>['mutes'][number]
export type TaskListRow = ResultOf<typeof tasksQuery>['tasks']['nodes'][number]
