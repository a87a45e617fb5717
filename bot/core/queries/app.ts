import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { field, type Loaded } from './parts.ts'

/** An app and its form for these answers. */
export const appFormQuery = graphql(
  `
    query BotAppForm($name: String!, $project: String, $answers: JSON) {
      app(name: $name, project: $project) {
        id
        name
        project
        title
        help
        confirm
        expectS
        favourite
        mode
        form(answers: $answers) {
          needsPhone
          fields {
            ...BotField
          }
        }
        availableActions {
          action
          allowed
          why
        }
      }
    }
  `,
  [field],
)

export const formOptionsQuery = graphql(`
  query BotFormOptions($app: String!, $project: String, $field: String!, $answers: JSON, $search: String) {
    formOptions(app: $app, project: $project, field: $field, answers: $answers, search: $search) {
      options {
        value
        title
      }
      asOf
      stale
    }
  }
`)

export const previewQuery = graphql(
  `
    query BotPreview($input: LaunchInput!) {
      preview(input: $input) {
        title
        confirm
        expectS
        queuePosition
        freeze
        hosts
        approvers
        errors {
          field
          code
          message
          fix
        }
        fields {
          ...BotField
        }
        nodes {
          id
          title
          kind
          stage
          certain
        }
        alreadyRunning {
          id
          number
          title
          startedBy {
            name
          }
        }
      }
    }
  `,
  [field],
)

export const appsQuery = graphql(`
  query BotApps($search: String, $first: Int) {
    apps(search: $search, first: $first) {
      totalCount
      nodes {
        name
        title
        project
        help
        category
        aliases
        favourite
        icon
        availableActions {
          action
          allowed
          why
        }
      }
    }
  }
`)

export type AppForm = Loaded<typeof appFormQuery, 'app'>

export type FieldData = AppForm['form']['fields'][number]

export type PreviewData = ResultOf<typeof previewQuery>['preview']
