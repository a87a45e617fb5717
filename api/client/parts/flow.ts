import { graphql } from '../graphql.ts'

export const flowDraft = graphql(`
  fragment DraftShown on FlowDraft {
    revision
    source
    updatedAt
    updatedBy
  }
`)
export const flowDiff = graphql(`
  fragment FlowDiffShown on FlowDiff {
    from
    to
    same
    changes {
      path
      before
      after
    }
    hunks {
      lines {
        sign
        before
        after
        text
      }
    }
  }
`)
export const referenceLine = graphql(`
  fragment ReferenceLine on Reference {
    kind
    name
    version
    task
    path
    holds
  }
`)
