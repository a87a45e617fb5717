import { graphql } from '../graphql.ts'

/** A step of a task as people read it. */
export const stepLine = graphql(`
  fragment StepLine on Step {
    nodeId
    title
    stage
    kind
    state
    attempt
    text
    startedAt
    endedAt
    inFinally
  }
`)
