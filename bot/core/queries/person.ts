import { graphql, type ResultOf } from '../../../api/client/index.ts'

export const homeQuery = graphql(`
  query BotHome {
    viewer {
      person {
        id
        name
        role
        language
        timeZone
      }
      needsMe
      isOwner
      unreached {
        platform
        name
        count
      }
    }
    inbox(first: 10) {
      totalCount
      nodes {
        id
        kind
        title
        nodeId
        deadline
        task {
          id
          number
          title
          url
          app {
            name
            title
          }
        }
      }
    }
    tasks(mine: true, first: 8) {
      totalCount
      nodes {
        id
        number
        title
        phase
        updatedAt
        url
        rehearsal
        startedBy {
          name
        }
        progress {
          done
          total
        }
      }
    }
    needsMe: tasks(needsMe: true, first: 10) {
      totalCount
      nodes {
        id
        number
        title
        phase
        url
        rehearsal
        handOver {
          state
        }
        failures {
          id
          title
          headline
        }
      }
    }
    apps(first: 12) {
      totalCount
      nodes {
        name
        title
        project
        favourite
        help
        availableActions {
          action
          allowed
          why
        }
      }
    }
  }
`)

export const viewerQuery = graphql(`
  query BotViewer {
    viewer {
      person {
        id
        name
        role
        language
        timeZone
      }
      needsMe
      isOwner
      server {
        url
        telegramBot
      }
    }
  }
`)

export const peopleQuery = graphql(`
  query BotPeople($search: String!) {
    people(search: $search, first: 20) {
      nodes {
        id
        name
        email
        active
      }
    }
  }
`)

/** Roles and groups as a project sees them. */
export const teamsQuery = graphql(`
  query BotTeams($project: String!) {
    roles(project: $project, first: 100) {
      kind
      name
      title
      memberCount
    }
    groups(project: $project, first: 100) {
      kind
      name
      title
      memberCount
    }
  }
`)

export const identityQuery = graphql(`
  query BotIdentity($platform: Platform!, $team: String, $user: ID!) {
    identity(platform: $platform, team: $team, user: $user) {
      person {
        id
        name
        role
        language
        timeZone
      }
      mayJoin
      suspended
      askWhom
    }
  }
`)

export const joinAsMutation = graphql(`
  mutation BotJoin($platform: Platform!, $team: String, $user: ID!, $name: String!, $fullMember: Boolean!) {
    joinAs(platform: $platform, team: $team, user: $user, name: $name, fullMember: $fullMember) {
      person {
        id
        name
        role
        language
        timeZone
      }
      mayJoin
      suspended
      askWhom
    }
  }
`)

export const redeemCodeMutation = graphql(`
  mutation BotRedeem(
    $platform: Platform!
    $team: String
    $user: ID!
    $name: String!
    $code: String!
    $confirm: Boolean
  ) {
    redeemCode(platform: $platform, team: $team, user: $user, name: $name, code: $code, confirm: $confirm) {
      joins
      leftOut
      person {
        id
        name
        role
      }
      mayJoin
      askWhom
    }
  }
`)

export const linkCodeMutation = graphql(`
  mutation BotLinkCode {
    linkCode {
      code
      link
      expiresAt
    }
  }
`)

export const signInLinkMutation = graphql(`
  mutation BotSignInLink($path: String, $answers: JSON) {
    signInLink(path: $path, answers: $answers)
  }
`)

export const seeWorkspaceMutation = graphql(`
  mutation BotSeeWorkspace($platform: Platform!, $id: ID!, $name: String!) {
    seeWorkspace(platform: $platform, id: $id, name: $name) {
      id
      trusted
    }
  }
`)

export type HomeData = ResultOf<typeof homeQuery>

export type IdentityData = ResultOf<typeof identityQuery>['identity']
