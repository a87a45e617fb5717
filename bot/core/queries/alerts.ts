import { graphql, type ResultOf } from '../../../api/client/index.ts'

const AlertsInChat = graphql(`
  fragment AlertsInChat on AlertSettings {
    channels {
      channel
      afterMin
      names
    }
    quiet {
      from
      to
      days
    }
    quietUntil
    timeZone
    urgent
    digestMin
    waiting
    mutes {
      title
      until
    }
  }
`)
export const alertsQuery = graphql(
  `
    query BotAlerts {
      viewer {
        alerts {
          ...AlertsInChat
        }
        unreached {
          platform
          name
          why
          since
          count
        }
      }
    }
  `,
  [AlertsInChat],
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
