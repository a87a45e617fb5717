import { graphql } from '../graphql.ts'

/** How somebody is told, but for what is muted: that each surface shows in its own way. */
export const alertSettings = graphql(`
  fragment AlertSettingsShown on AlertSettings {
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
  }
`)
/** With all that it takes to end a mute. */
export const muteLine = graphql(`
  fragment MuteLine on AlertMute {
    app
    project
    taskId
    title
    until
  }
`)
/** A place where somebody was not reached. */
export const missedPlace = graphql(`
  fragment MissedPlace on Unreached {
    platform
    name
    why
    since
    count
  }
`)
