import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { field, type Loaded } from './parts.ts'

/** An app and its form for these answers. */
export const appFormQuery = graphql(
  `
    query BotAppForm($name: String!, $project: String, $answers: JSON, $scheme: String) {
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
        handOver
        frozen {
          text
          mayOverride
        }
        schemes {
          name
          title
        }
        form(answers: $answers, scheme: $scheme) {
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
        handOver
        busy
        joins {
          number
          title
        }
        approvals {
          text
          people {
            name
          }
        }
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

/** What somebody has at hand, and the branches of the catalogue, where there are too many apps for one card. */
export const catalogueQuery = graphql(`
  query BotCatalogue {
    favourites: apps(favourite: true, first: 6) {
      nodes {
        name
        title
      }
    }
    recent: apps(recent: true, first: 6) {
      nodes {
        name
        title
      }
    }
    appTree {
      path
      title
      depth
      count
    }
  }
`)

export const appsQuery = graphql(`
  query BotApps($search: String, $first: Int, $category: String) {
    apps(search: $search, first: $first, category: $category) {
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
