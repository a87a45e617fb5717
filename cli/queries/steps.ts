import { graphql, type ResultOf } from '../../api/client/index.ts'
import { TaskTree } from './tasks.ts'

export const RETRY = graphql(
  `
    mutation CliRetry($input: NodeInput!) {
      retryNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const SKIP = graphql(
  `
    mutation CliSkip($input: NodeInput!) {
      skipNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const BYHAND = graphql(
  `
    mutation CliByHand($input: NodeInput!) {
      completeNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const FAIL = graphql(
  `
    mutation CliFail($input: NodeInput!) {
      failNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const FAILURES = graphql(`
  query CliFailures {
    tasks(needsMe: true, phase: [ATTENTION], first: 50) {
      nodes {
        number
        title
        failures {
          id
          headline
          causeText
          attempt
          advice
          availableActions {
            action
            allowed
          }
        }
      }
    }
  }
`)

export type NeedsMe = ResultOf<typeof FAILURES>['tasks']['nodes'][number]

export const CHOOSE_BRANCH = graphql(
  `
    mutation CliBranch($input: NodeInput!) {
      chooseBranch(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const MOVE_TIMER = graphql(
  `
    mutation CliMove($input: NodeInput!) {
      rescheduleNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const HOLD = graphql(
  `
    mutation CliHold($input: NodeInput!) {
      pauseBefore(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const RELEASE = graphql(
  `
    mutation CliRelease($input: NodeInput!) {
      unpause(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const TASK_NODE = graphql(`
  query CliTaskNode($id: ID!, $node: ID!) {
    task(id: $id) {
      id
      number
      node(id: $node) {
        id
        title
        attempt
        state
        dueAt
        branches {
          id
          title
        }
      }
    }
  }
`)

export type StepNode = NonNullable<NonNullable<ResultOf<typeof TASK_NODE>['task']>['node']>
