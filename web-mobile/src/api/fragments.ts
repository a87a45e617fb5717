import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { formField } from '../../../api/client/parts/form-field.ts'
import { stepLine } from '../../../api/client/parts/step.ts'

export const nodePart = graphql(`
  fragment NodePart on Node {
    id
    taskId
    title
    stage
    kind
    state
    attempt
    visit
    progress
    notBefore
    startedAt
    endedAt
    hosts
    cancelUnconfirmed
    pausedBefore
    dueAt
    error {
      cause
      code
      message
    }
    items {
      index
      item
      state
    }
    availableActions {
      action
      allowed
      why
    }
  }
`)
/** What failed, why, what helps, what it printed, who is asked. */
const failurePart = graphql(
  `
    fragment FailurePart on Node {
      ...NodePart
      branches {
        id
        title
      }
      manyBranches
      headline
      causeText
      advice
      note
      asked {
        id
        name
        surface
      }
      asksNext {
        to
        at
      }
      neededOutputs {
        ...FormFieldShown
      }
      lackedBy
      editFields {
        ...FormFieldShown
      }
      log(last: 20) {
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
  `,
  [nodePart, formField],
)
export const askRowPart = graphql(`
  fragment AskRowPart on Ask {
    id
    kind
    state
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
      title
      startedBy {
        id
        name
        surface
      }
    }
  }
`)
export const taskRowPart = graphql(`
  fragment TaskRowPart on Task {
    id
    number
    title
    version
    phase
    outcome
    waitingFor
    appTitle
    rehearsal
    queuePosition
    expectS
    startedBy {
      id
      name
      surface
    }
    createdAt
    startedAt
    endedAt
    updatedAt
    progress {
      done
      total
    }
    steps {
      nodeId
      title
      state
      text
      startedAt
    }
  }
`)
export const taskPart = graphql(
  `
    fragment TaskPart on Task {
      id
      number
      key
      title
      version
      phase
      outcome
      waitingFor
      appTitle
      project
      rehearsal
      expectS
      queuePosition
      cancelUnconfirmed
      mayStillRun
      archivedAt
      app {
        name
        project
        title
        confirm
      }
      startedBy {
        id
        name
        surface
      }
      createdAt
      startedAt
      endedAt
      updatedAt
      steps {
        ...StepLine
        visit
        people {
          id
          name
          surface
        }
        branch
      }
      variables
      variablesRevision
      results {
        key
        title
        text
      }
      variableFields {
        ...FormFieldShown
      }
      cardFacts {
        key
        title
        value
        text
      }
      progress {
        done
        total
      }
      nodes {
        ...NodePart
      }
      failures {
        ...FailurePart
      }
      asks {
        id
        nodeId
        state
        kind
        title
        deadline
        availableActions {
          action
          allowed
          why
        }
        waitingOn {
          id
          name
          surface
        }
      }
      availableActions {
        action
        allowed
        why
      }
      following
      revokedBy {
        id
        name
        surface
      }
      revokeReason
      late
      note
      handOver {
        state
        round
        to
        people {
          id
          name
        }
        holder {
          id
          name
        }
        reason
        lastBy {
          name
        }
        lastAt
        corrections {
          key
          title
          before
          after
        }
      }
      startAt
      frozen {
        text
        passedBy
      }
      heldBy {
        id
        number
        title
      }
      parent {
        id
        number
        title
      }
      children {
        id
        number
        title
        phase
        parentNode
      }
      url
    }
  `,
  [nodePart, failurePart, formField, stepLine],
)
export const askPart = graphql(
  `
    fragment AskPart on Ask {
      id
      kind
      nodeId
      attempt
      state
      end
      title
      text
      digest
      facts {
        key
        title
        text
        value
      }
      fields {
        ...FormFieldShown
      }
      need {
        place
        title
        count
        filled
        people {
          id
          name
          surface
        }
      }
      decisions {
        by {
          id
          name
          surface
        }
        at
        verdict
        comment
        as
        for {
          id
          name
        }
      }
      waitingOn {
        id
        name
        surface
      }
      claim
      claimedBy {
        id
        name
      }
      answersFor {
        id
        name
      }
      given {
        key
        title
        text
      }
      earlier {
        askId
        step
        at
        by {
          id
          name
        }
        answers {
          key
          title
          text
        }
      }
      handedOn {
        at
        reason
        by {
          id
          name
        }
        to {
          id
          name
        }
      }
      comments {
        at
        text
        by {
          id
          name
        }
        files {
          file
          name
          url
        }
      }
      commentRule
      openedAt
      closedAt
      deadline
      next: then # under its own name the answer would pass for a promise in JavaScript
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
        rehearsal
        createdAt
        startedBy {
          id
          name
          surface
        }
      }
    }
  `,
  [formField],
)

export type Field = ResultOf<typeof formField>
export type NodeView = ResultOf<typeof nodePart>
export type Failure = ResultOf<typeof failurePart>
export type AskRow = ResultOf<typeof askRowPart>
export type TaskRow = ResultOf<typeof taskRowPart>
export type TaskView = ResultOf<typeof taskPart>
export type AskView = ResultOf<typeof askPart>
export type StepView = TaskView['steps'][number]
export type Action = TaskView['availableActions'][number]
export type LogLine = Failure['log']['lines'][number]
