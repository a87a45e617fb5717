import { graphql, type ResultOf } from '../../../api/client/index.ts'

export const rolesQuery = graphql(`
  query RolesPage($rolesAfter: String, $groupsAfter: String) {
    roles(after: $rolesAfter) {
      ...RolePart
    }
    groups(after: $groupsAfter) {
      ...RolePart
    }
    rightsRoles {
      name
      title
      project
      rights
    }
  }
  fragment RolePart on BusinessRole {
    kind
    project
    name
    title
    bindTo
    memberCount
    members(first: 200) {
      id
      name
    }
    added {
      id
    }
    onDuty {
      id
      name
    }
    hasRota
    shifts(first: 4) {
      from
      people {
        name
      }
    }
  }
`)
/** What somebody can be given everywhere: those that are always there, and the company's own. */
export const rightsRolesQuery = graphql(`
  query RightsRoles {
    rightsRoles(project: "default") {
      name
      title
      project
      rights
    }
  }
`)
export type RightsRoleRow = ResultOf<typeof rightsRolesQuery>['rightsRoles'][number]
export type RolesShown = ResultOf<typeof rolesQuery>
export type RoleRow = RolesShown['roles'][number]

export const addMember = graphql(`
  mutation AddMember($kind: String!, $name: String!, $project: String, $person: String!) {
    addMember(kind: $kind, name: $name, project: $project, person: $person) {
      name
    }
  }
`)
export const removeMember = graphql(`
  mutation RemoveMember($kind: String!, $name: String!, $project: String, $person: String!) {
    removeMember(kind: $kind, name: $name, project: $project, person: $person) {
      name
    }
  }
`)
