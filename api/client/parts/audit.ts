import { graphql } from '../graphql.ts'

export const auditLine = graphql(`
  fragment AuditLine on AuditEntry {
    id
    at
    by {
      name
      surface
    }
    token
    what
    target
    allowed
    text
    why
  }
`)
