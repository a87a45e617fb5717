import { graphql, type ResultOf } from '../../../api/client/index.ts'

export const peopleQuery = graphql(`
  query People($search: String) {
    people(first: 200, search: $search) {
      totalCount
      nodes {
        id
        name
        email
        role
        kind
        active
        suspended {
          at
          by
          why
        }
        businessRoles
        identities {
          id
          platform
          name
        }
      }
    }
  }
`)
export const invitationsQuery = graphql(`
  query Invitations {
    invitations {
      id
      role
      createdBy
      createdAt
      expiresAt
      usedBy
    }
  }
`)
export const invite = graphql(`
  mutation Invite($role: String!) {
    invite(role: $role) {
      id
      code
      link
      role
      expiresAt
    }
  }
`)
export const revokeInvitation = graphql(`
  mutation RevokeInvitation($id: ID!) {
    revokeInvitation(id: $id) {
      id
    }
  }
`)
export const setRole = graphql(`
  mutation SetRole($person: ID!, $role: String!) {
    setRole(person: $person, role: $role) {
      id
      role
    }
  }
`)

export const workspacesQuery = graphql(`
  query Workspaces {
    workspaces {
      platform
      id
      name
      trusted
      role
      seenAt
    }
  }
`)
export const trust = graphql(`
  mutation Trust($platform: Platform!, $id: ID!, $role: String) {
    trust(platform: $platform, id: $id, role: $role) {
      id
      trusted
      role
    }
  }
`)

export const hostsQuery = graphql(`
  query Hosts($first: Int, $after: String) {
    hosts(first: $first, after: $after) {
      name
      project
      address
      port
      user
      labels
      fingerprint
      offeredFingerprint
      changed
      probe {
        state
        at
        system
        missing {
          code
          needed
          what
          why
          wayOut
        }
      }
    }
  }
`)
export const probeHost = graphql(`
  mutation ProbeHost($name: String!, $project: String!) {
    probeHost(name: $name, project: $project) {
      name
      probe {
        state
      }
    }
  }
`)
export const scanHost = graphql(`
  mutation ScanHost($name: String!, $project: String!) {
    scanHost(name: $name, project: $project) {
      name
      offeredFingerprint
    }
  }
`)
export const confirmHostKey = graphql(`
  mutation ConfirmHostKey($name: String!, $fingerprint: String!, $project: String!) {
    confirmHostKey(name: $name, fingerprint: $fingerprint, project: $project) {
      name
      fingerprint
    }
  }
`)

export const tokensQuery = graphql(`
  query Tokens {
    tokens {
      id
      name
      scopes
      createdAt
      expiresAt
      lastUsedAt
      revoked
    }
  }
`)
export const createToken = graphql(`
  mutation CreateToken($name: String!, $scopes: [String!], $expiresAt: DateTime, $person: ID) {
    createToken(name: $name, scopes: $scopes, expiresAt: $expiresAt, person: $person) {
      token
      info {
        id
        name
      }
    }
  }
`)
export const revokeToken = graphql(`
  mutation RevokeToken($id: ID!) {
    revokeToken(id: $id) {
      id
      revoked
    }
  }
`)

export type PersonRow = ResultOf<typeof peopleQuery>['people']['nodes'][number]
export type InvitationRow = ResultOf<typeof invitationsQuery>['invitations'][number]
export type WorkspaceRow = ResultOf<typeof workspacesQuery>['workspaces'][number]
export type HostRow = ResultOf<typeof hostsQuery>['hosts'][number]
export type TokenRow = ResultOf<typeof tokensQuery>['tokens'][number]
