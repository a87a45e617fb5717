/** Tasks: their lists, one of them as it changes, its history, and what a stop or an edit would mean. */
import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { taskPart, taskRowPart } from './fragments.ts'

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

export type HistoryEntry = NonNullable<ResultOf<typeof historyQuery>['task']>['events']['entries'][number]

export type HistoryHead = NonNullable<NonNullable<ResultOf<typeof headQuery>['task']>['historyHead']>

export type StopConsequences = NonNullable<ResultOf<typeof stopQuery>['task']>['stopConsequences']

export type EditConsequences = NonNullable<ResultOf<typeof editQuery>['task']>['editConsequences']

export type TaskListRow = ResultOf<typeof tasksQuery>['tasks']['nodes'][number]
