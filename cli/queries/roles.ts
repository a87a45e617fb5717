import { graphql } from '../../api/client/index.ts'

export const ROLES = graphql(`
  query CliRoles($project: String, $first: Int, $rolesAfter: String, $groupsAfter: String) {
    roles(project: $project, first: $first, after: $rolesAfter) {
      kind
      project
      name
      title
      bindTo
      memberCount
      hasRota
      onDuty {
        name
      }
    }
    groups(project: $project, first: $first, after: $groupsAfter) {
      kind
      project
      name
      title
      bindTo
      memberCount
      hasRota
      onDuty {
        name
      }
    }
  }
`)
export const ROLE = graphql(`
  query CliRole($project: String, $first: Int, $rolesAfter: String, $groupsAfter: String) {
    roles(project: $project, first: $first, after: $rolesAfter) {
      ...CliRolePart
    }
    groups(project: $project, first: $first, after: $groupsAfter) {
      ...CliRolePart
    }
  }
  fragment CliRolePart on BusinessRole {
    kind
    project
    name
    title
    bindTo
    members(first: 200) {
      name
      id
    }
    added {
      id
    }
    onDuty {
      id
    }
    shifts(first: 4) {
      from
      people {
        name
      }
    }
  }
`)
export const ADD_MEMBER = graphql(`
  mutation CliAddMember($kind: String!, $name: String!, $project: String, $person: String!) {
    addMember(kind: $kind, name: $name, project: $project, person: $person) {
      kind
      project
      name
      title
      memberCount
    }
  }
`)
export const REMOVE_MEMBER = graphql(`
  mutation CliRemoveMember($kind: String!, $name: String!, $project: String, $person: String!) {
    removeMember(kind: $kind, name: $name, project: $project, person: $person) {
      kind
      project
      name
      title
      memberCount
    }
  }
`)
export const RIGHTS = graphql(`
  query CliRights($project: String) {
    rightsRoles(project: $project) {
      name
      title
      titleEn
      titleZh
      help
      project
      rights
    }
  }
`)
export const SET_RIGHTS_ROLE = graphql(`
  mutation CliSetRightsRole(
    $name: String!
    $project: String
    $title: String
    $titleZh: String
    $help: String
    $rights: [String!]
    $force: Boolean
    $newProject: Boolean
  ) {
    setRightsRole(
      name: $name
      project: $project
      title: $title
      titleZh: $titleZh
      help: $help
      rights: $rights
      force: $force
      newProject: $newProject
    ) {
      name
      title
      project
      rights
    }
  }
`)
export const DELETE_RIGHTS_ROLE = graphql(`
  mutation CliDeleteRightsRole($name: String!, $project: String, $force: Boolean) {
    deleteDocument(kind: "RightsRole", name: $name, project: $project, force: $force)
  }
`)
export const STANDING = graphql(`
  query CliStanding($search: String) {
    people(first: 200, search: $search) {
      nodes {
        id
        name
        role
        businessRoles
        standing {
          project
          role
          rights
        }
      }
    }
  }
`)
export const SET_ROLE = graphql(`
  mutation CliSetRole($person: ID!, $project: String, $role: String, $newProject: Boolean) {
    setRole(person: $person, project: $project, role: $role, newProject: $newProject) {
      id
      name
      role
      standing {
        project
        role
        rights
      }
    }
  }
`)
