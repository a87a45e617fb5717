/** Whoever looks at the page. */
import { graphql, type ResultOf } from '../../../api/client/index.ts'

export const viewerQuery = graphql(`
  query Viewer {
    viewer {
      person {
        id
        name
        email
        role
        language
        timeZone
        businessRoles
        identities {
          id
          platform
          team
          user
          name
          linkedAt
        }
      }
      rights
      isOwner
      needsMe
      server {
        url
        version
        slack
        telegram
        telegramBot
        exampleMode
      }
    }
  }
`)

/** What the roles that approve and are alerted are called. */
export const roleTitlesQuery = graphql(`
  query RoleTitles($rolesAfter: String, $groupsAfter: String) {
    roles(after: $rolesAfter) {
      project
      name
      title
    }
    groups(after: $groupsAfter) {
      project
      name
      title
    }
  }
`)

export const mutesQuery = graphql(`
  query Mutes {
    viewer {
      alerts {
        mutes {
          app
          project
          taskId
          until
        }
      }
    }
  }
`)

export type Viewer = ResultOf<typeof viewerQuery>['viewer']

export type Mute = NonNullable<ResultOf<typeof mutesQuery>['viewer']['alerts']>['mutes'][number]
