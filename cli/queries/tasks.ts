import { graphql, type ResultOf } from '../../api/client/index.ts'
import { stepLine } from '../../api/client/parts/step.ts'

export const TaskLine = graphql(`
  fragment TaskLine on Task {
    id
    number
    title
    phase
    outcome
    waitingFor
    updatedAt
    startedBy {
      name
    }
    progress {
      done
      total
    }
  }
`)

export const TaskTree = graphql(
  `
    fragment TaskTree on Task {
      id
      number
      title
      version
      phase
      outcome
      waitingFor
      createdAt
      startedAt
      endedAt
      url
      rehearsal
      cancelUnconfirmed
      mayStillRun
      archivedAt
      late
      note
      frozen {
        text
        passedBy
      }
      handOver {
        state
        to
        nobody
        reason
        lastBy {
          name
        }
        holder {
          name
        }
        corrections {
          title
          before
          after
        }
      }
      startAt
      queuePosition
      heldBy {
        number
        title
      }
      parent {
        number
        title
      }
      children {
        number
        title
        phase
        parentNode
      }
      outputs
      results {
        title
        value
        text
      }
      variablesRevision
      variableFields {
        key
        title
      }
      startedBy {
        name
      }
      progress {
        done
        total
      }
      steps {
        ...StepLine
      }
      nodes {
        title
        callbackUrl
      }
      failures {
        id
        title
        attempt
        headline
        causeText
        advice
        asked {
          name
        }
        log(last: 20) {
          lines {
            text
            stream
          }
          total
        }
        availableActions {
          action
          allowed
          why
        }
      }
      asks {
        id
        state
        title
        digest
        deadline
        waitingOn {
          name
        }
        availableActions {
          action
          allowed
          why
        }
      }
      availableActions {
        action
        allowed
        why
      }
    }
  `,
  [stepLine],
)

export const TASK = graphql(
  `
    query CliTask($id: ID!) {
      task(id: $id) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

/** As it stood after an event of its history. */
export const TASK_AT = graphql(
  `
    query CliTaskAt($id: ID!, $event: Int!) {
      taskAt(id: $id, event: $event) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const TASK_ID = graphql(`
  query CliTaskId($id: ID!) {
    task(id: $id) {
      id
    }
  }
`)

export const WATCH = graphql(
  `
    subscription CliWatch($id: ID!) {
      taskChanged(id: $id) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export type Tree = ResultOf<typeof TaskTree>

export type TaskPhase = Tree['phase']

export const TASKS = graphql(
  `
    query CliTasks(
      $first: Int
      $phase: [TaskPhase!]
      $mine: Boolean
      $needsMe: Boolean
      $app: String
      $search: String
    ) {
      tasks(first: $first, phase: $phase, mine: $mine, needsMe: $needsMe, app: $app, search: $search) {
        nodes {
          ...TaskLine
        }
      }
    }
  `,
  [TaskLine],
)

export const LAUNCH = graphql(
  `
    mutation CliLaunch($input: LaunchInput!) {
      launch(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const REVOKE = graphql(
  `
    mutation CliRevoke($id: ID!, $mode: RevokeMode, $reason: String) {
      revokeTask(id: $id, mode: $mode, reason: $reason) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const PAUSE = graphql(
  `
    mutation CliPause($id: ID!) {
      pauseTask(id: $id) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const RESUME = graphql(
  `
    mutation CliResume($id: ID!) {
      resumeTask(id: $id) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const START = graphql(
  `
    mutation CliStart($id: ID!, $overrideFreeze: String) {
      startTask(id: $id, overrideFreeze: $overrideFreeze) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const PLAN = graphql(
  `
    mutation CliPlan($id: ID!, $at: DateTime) {
      planTask(id: $id, at: $at) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)

export const NOTE = graphql(
  `
    mutation CliNote($id: ID!, $note: String!) {
      setNote(id: $id, note: $note) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
