import { graphql } from '../../api/client/index.ts'

export const INVITE = graphql(`
  mutation CliInvite($role: String!, $project: String, $places: [String!], $newProject: Boolean) {
    invite(role: $role, project: $project, places: $places, newProject: $newProject) {
      id
      code
      link
      role
      project
      places {
        kind
        project
        name
        title
      }
      expiresAt
    }
  }
`)
export const INVITATIONS = graphql(`
  query CliInvitations($project: String) {
    invitations(project: $project) {
      id
      role
      project
      places {
        title
      }
      leftOut {
        title
      }
      createdBy
      expiresAt
      usedBy
    }
  }
`)
export const REVOKE_INVITATION = graphql(`
  mutation CliRevokeInvitation($id: ID!) {
    revokeInvitation(id: $id) {
      id
      usedBy
    }
  }
`)
export const PROJECTS = graphql(`
  query CliProjects($first: Int, $after: String) {
    projects(first: $first, after: $after) {
      name
      appCount
      role
    }
  }
`)
