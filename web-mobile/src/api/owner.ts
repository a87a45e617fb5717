import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { tokenLine } from '../../../api/client/parts/account.ts'
import { hostLine } from '../../../api/client/parts/host.ts'

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
      project
      places {
        title
      }
      createdBy
      createdAt
      expiresAt
      usedBy
    }
  }
`)
export const invite = graphql(`
  mutation Invite($role: String!, $project: String, $places: [String!]) {
    invite(role: $role, project: $project, places: $places) {
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
  mutation SetRole($person: ID!, $role: String, $project: String) {
    setRole(person: $person, role: $role, project: $project) {
      id
      role
    }
  }
`)

/** What somebody can be invited to in a project. */
export const placesQuery = graphql(`
  query Places($project: String!) {
    rightsRoles(project: $project) {
      name
      title
      project
      rights
    }
    roles(project: $project, first: 100) {
      kind
      name
      title
    }
    groups(project: $project, first: 100) {
      kind
      name
      title
    }
  }
`)
export const projectsQuery = graphql(`
  query Projects {
    projects(first: 100) {
      name
      appCount
      role
      rights
    }
  }
`)
export const projectRolesQuery = graphql(`
  query ProjectRoles($search: String!) {
    people(first: 200, search: $search) {
      nodes {
        id
        standing {
          project
          role
          given
          rights
        }
      }
    }
    rightsRoles {
      name
      title
      project
      rights
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

export const hostsQuery = graphql(
  `
    query Hosts($first: Int, $after: String) {
      hosts(first: $first, after: $after) {
        ...HostLine
      }
    }
  `,
  [hostLine],
)
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

export const tokensQuery = graphql('query Tokens { tokens { ...TokenLine } }', [tokenLine])
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
export type ProjectRow = ResultOf<typeof projectsQuery>['projects'][number]
export type StandingRow = ResultOf<typeof projectRolesQuery>['people']['nodes'][number]['standing'][number]
export type WorkspaceRow = ResultOf<typeof workspacesQuery>['workspaces'][number]
export type HostRow = ResultOf<typeof hostsQuery>['hosts'][number]
export type TokenRow = ResultOf<typeof tokensQuery>['tokens'][number]
