import { graphql } from '../../api/client/index.ts'
import { tokenLine } from '../../api/client/parts/account.ts'

export const TOKENS = graphql('query CliTokens($person: ID) { tokens(person: $person) { ...TokenLine } }', [tokenLine])

export const NEW_TOKEN = graphql(`
  mutation CliNewToken($name: String!, $scopes: [String!], $expiresAt: DateTime, $person: ID) {
    createToken(name: $name, scopes: $scopes, expiresAt: $expiresAt, person: $person) {
      token
      info {
        id
        name
      }
    }
  }
`)

export const REVOKE_TOKEN = graphql(`
  mutation CliRevokeToken($id: ID!) {
    revokeToken(id: $id) {
      id
      name
    }
  }
`)

export const VIEWER = graphql(`
  query CliViewer {
    viewer {
      person {
        name
        role
      }
      needsMe
      server {
        url
        version
      }
    }
  }
`)
