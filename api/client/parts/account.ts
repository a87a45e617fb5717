import { graphql } from '../graphql.ts'

export const sessionLine = graphql(`
  fragment SessionLine on Session {
    id
    browser
    how
    createdAt
    lastSeenAt
    current
  }
`)
export const passkeyLine = graphql(`
  fragment PasskeyLine on Passkey {
    id
    name
    createdAt
    lastUsedAt
  }
`)
export const tokenLine = graphql(`
  fragment TokenLine on ApiToken {
    id
    name
    scopes
    createdAt
    expiresAt
    lastUsedAt
    revoked
  }
`)
