import { graphql, type ResultOf } from '../../../api/client/index.ts'

export const schedulesQuery = graphql(`
  query Schedules($after: String) {
    apps(first: 200) {
      nodes {
        name
        title
      }
    }
    schedules(after: $after) {
      id
      name
      project
      title
      appTitle
      state
      pausedText
      nextDue(first: 3)
      frozen {
        text
      }
      owner {
        name
      }
    }
    freezes {
      name
      project
      title
      help
      apps
      except
      active {
        from
        to
      }
      next {
        from
        to
      }
    }
  }
`)
type Answer = ResultOf<typeof schedulesQuery>
export type ScheduleRow = Answer['schedules'][number]
export type FreezeRow = Answer['freezes'][number]
export interface SchedulesShown {
  readonly schedules: readonly ScheduleRow[]
  readonly freezes: readonly FreezeRow[]
  readonly apps: Answer['apps']
}

export const scheduleQuery = graphql(`
  query Schedule($name: String!, $project: String) {
    schedule(name: $name, project: $project) {
      id
      name
      project
      title
      appTitle
      cron
      at
      timeZone
      calendar
      until
      overlap
      missed
      state
      pausedText
      nextDue(first: 3)
      missedText
      dues(first: 5) {
        at
        local
        note
        frozen {
          text
        }
      }
      frozen {
        text
        mayOverride
      }
      owner {
        name
      }
      availableActions {
        action
        allowed
        why
      }
      runs(first: 20) {
        nodes {
          id
          dueAt
          state
          text
          notBefore
          task {
            number
            title
            phase
          }
        }
      }
    }
  }
`)
export type ScheduleShown = NonNullable<ResultOf<typeof scheduleQuery>['schedule']>
export type ScheduleRun = ScheduleShown['runs']['nodes'][number]

export const pauseSchedule = graphql(`
  mutation PauseSchedule($name: String!, $project: String, $reason: String) {
    pauseSchedule(name: $name, project: $project, reason: $reason) {
      id
    }
  }
`)
export const resumeSchedule = graphql(`
  mutation ResumeSchedule($name: String!, $project: String) {
    resumeSchedule(name: $name, project: $project) {
      id
    }
  }
`)
export const takeSchedule = graphql(`
  mutation TakeSchedule($name: String!, $project: String) {
    takeSchedule(name: $name, project: $project) {
      id
    }
  }
`)
export const runSchedule = graphql(`
  mutation RunSchedule($name: String!, $project: String, $overrideFreeze: String, $clientMutationId: String) {
    runSchedule(name: $name, project: $project, overrideFreeze: $overrideFreeze, clientMutationId: $clientMutationId) {
      id
      task {
        number
        title
      }
    }
  }
`)
