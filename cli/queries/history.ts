import { graphql } from '../../api/client/index.ts'

export const RETENTION = graphql(`
  query CliRetention($project: String) {
    retention(project: $project) {
      project
      tasksDays
      logsDays
      statisticsDays
    }
  }
`)

export const SET_RETENTION = graphql(`
  mutation CliSetRetention($project: String, $tasksDays: Int, $logsDays: Int, $statisticsDays: Int) {
    setRetention(project: $project, tasksDays: $tasksDays, logsDays: $logsDays, statisticsDays: $statisticsDays) {
      project
      tasksDays
      logsDays
      statisticsDays
    }
  }
`)

export const HISTORY_CHECK = graphql(`
  query CliHistoryCheck($task: ID!) {
    historyCheck(task: $task) {
      whole
      event
      problem
    }
  }
`)
