import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { alertSettings, missedPlace } from '../../../api/client/parts/alerts.ts'

export const alertsQuery = graphql(
  `
    query BotAlerts {
      viewer {
        alerts {
          ...AlertSettingsShown
          mutes {
            title
            until
          }
        }
        unreached {
          ...MissedPlace
        }
      }
    }
  `,
  [alertSettings, missedPlace],
)
export const setAlertsMutation = graphql(`
  mutation BotSetAlerts($input: AlertSettingsInput!) {
    setAlertSettings(input: $input) {
      timeZone
    }
  }
`)
export const muteMutation = graphql(`
  mutation BotMute($app: String, $project: String, $taskId: ID, $minutes: Int) {
    mute(app: $app, project: $project, taskId: $taskId, minutes: $minutes) {
      mutes {
        app
        taskId
        title
        until
      }
    }
  }
`)
export const unmuteMutation = graphql(`
  mutation BotUnmute($app: String, $taskId: ID) {
    unmute(app: $app, taskId: $taskId) {
      chosen
    }
  }
`)
export type AlertsData = ResultOf<typeof alertsQuery>['viewer']
