import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { alertSettings, missedPlace, muteLine } from '../../../api/client/parts/alerts.ts'

const AlertsOnPage = graphql(
  `
    fragment AlertsOnPage on AlertSettings {
      ...AlertSettingsShown
      mutes {
        ...MuteLine
      }
    }
  `,
  [alertSettings, muteLine],
)
export const alertsQuery = graphql(
  `
    query Alerts {
      viewer {
        alerts {
          ...AlertsOnPage
        }
        unreached {
          ...MissedPlace
          place
        }
      }
    }
  `,
  [AlertsOnPage, missedPlace],
)
export const setAlerts = graphql(`
  mutation SetAlerts($input: AlertSettingsInput!) {
    setAlertSettings(input: $input) {
      chosen
    }
  }
`)
export const mute = graphql(`
  mutation Mute($app: String, $project: String, $taskId: ID, $minutes: Int) {
    mute(app: $app, project: $project, taskId: $taskId, minutes: $minutes) {
      chosen
    }
  }
`)
export const unmute = graphql(`
  mutation Unmute($app: String, $project: String, $taskId: ID) {
    unmute(app: $app, project: $project, taskId: $taskId) {
      chosen
    }
  }
`)
export const unreachedQuery = graphql(`
  query Unreached($first: Int, $after: String) {
    undeliverable(first: $first, after: $after) {
      place
      platform
      name
      why
      since
      lastAt
      count
      person {
        id
        name
      }
    }
  }
`)
export const retryUndeliverable = graphql(`
  mutation RetryUndeliverable($place: String!) {
    retryUndeliverable(place: $place)
  }
`)
export const forgetUndeliverable = graphql(`
  mutation ForgetUndeliverable($place: String!) {
    forgetUndeliverable(place: $place)
  }
`)
type OfViewer = ResultOf<typeof alertsQuery>['viewer']
export type AlertSettings = NonNullable<OfViewer['alerts']>
export type Missed = OfViewer['unreached'][number]
export type UnreachedRow = ResultOf<typeof unreachedQuery>['undeliverable'][number]
export interface Alerts {
  readonly settings: AlertSettings | null
  readonly missed: readonly Missed[]
}
