/** The first page: what waits, what runs, what one may launch. */
import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { askRowPart, taskRowPart } from './fragments.ts'

export const homeQuery = graphql(
  `
    query Home {
      viewer {
        needsMe
        unreached {
          place
          platform
          name
          why
          since
          count
        }
      }
      inbox(first: 20) {
        nodes {
          ...AskRowPart
        }
      }
      requests: tasks(needsMe: true, phase: [REQUESTED], first: 20) {
        nodes {
          id
          number
          title
          startedBy {
            name
          }
          handOver {
            state
            reason
          }
        }
      }
      needs: tasks(needsMe: true, phase: [ATTENTION], first: 20) {
        nodes {
          id
          number
          title
          version
          phase
          updatedAt
          parent {
            number
            title
          }
          startedBy {
            name
          }
          handOver {
            state
            reason
          }
          failures {
            id
            title
            state
            attempt
            headline
            causeText
            endedAt
            hosts
            items {
              index
              item
              state
            }
            error {
              cause
              code
              message
            }
            availableActions {
              action
              allowed
              why
            }
          }
        }
      }
      moving: tasks(mine: true, phase: [QUEUED, RUNNING, WAITING, ATTENTION, PAUSED, REQUESTED, CREATED], first: 10) {
        nodes {
          ...TaskRowPart
        }
      }
      favourites: apps(favourite: true, first: 8) {
        nodes {
          name
          title
          icon
          availableActions {
            action
            allowed
            why
          }
        }
      }
      suggested: apps(first: 8) {
        nodes {
          name
          title
          icon
          availableActions {
            action
            allowed
            why
          }
        }
      }
      recent: tasks(mine: true, phase: [SUCCEEDED, FAILED, REVOKED], first: 5) {
        nodes {
          ...TaskRowPart
        }
      }
    }
  `,
  [askRowPart, taskRowPart],
)

export type Home = ResultOf<typeof homeQuery>
