import { graphql } from '../graphql.ts'

/** A document as somebody reads it: what it says, who keeps which of its fields, how it stands. */
export const documentShown = graphql(`
  fragment DocumentShown on Document {
    kind
    name
    title
    source
    updatedAt
    updatedBy
    managers {
      manager
      fields
    }
    status {
      generation
      conditions {
        type
        status
        reason
        message
      }
    }
  }
`)
