/** Apps, their forms, and what a launch would do. */
import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { formField } from '../../../api/client/parts/form-field.ts'

export const appsQuery = graphql(`
  query Apps($search: String) {
    apps(first: 200, search: $search) {
      totalCount
      nodes {
        name
        project
        title
        icon
        category
        help
        aliases
        expectS
        favourite
        frozen {
          text
        }
        availableActions {
          action
          allowed
          why
        }
      }
    }
    recent: apps(recent: true, first: 4) {
      nodes {
        name
      }
    }
  }
`)

export const formQuery = graphql(
  `
    query Form($app: String!, $answers: JSON, $scheme: String) {
      app(name: $app) {
        name
        project
        title
        icon
        help
        confirm
        expectS
        favourite
        mode
        frozen {
          text
          help
        }
        schemes {
          name
          title
          omit
        }
        availableActions {
          action
          allowed
          why
        }
        handOver
        form(answers: $answers, scheme: $scheme) {
          fields {
            ...FormFieldShown
          }
        }
      }
    }
  `,
  [formField],
)

export const optionsQuery = graphql(`
  query Options($app: String!, $field: String!, $answers: JSON, $search: String) {
    formOptions(app: $app, field: $field, answers: $answers, search: $search) {
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
    query Preview($input: LaunchInput!) {
      preview(input: $input) {
        title
        errors {
          field
          code
          message
          fix
        }
        fields {
          ...FormFieldShown
        }
        nodes {
          id
          title
          kind
          stage
          text
          usualS
          certain
        }
        hosts
        approvers
        confirm
        expectS
        queuePosition
        freeze
        frozen {
          mayOverride
        }
        busy
        handOver
        approvals {
          title
          text
          certain
          people {
            id
            name
          }
        }
        joins {
          number
          title
        }
        alreadyRunning {
          id
          number
          title
          startedBy {
            id
            name
            surface
          }
        }
      }
    }
  `,
  [formField],
)

export const launchMutation = graphql(`
  mutation Launch($input: LaunchInput!) {
    launch(input: $input) {
      id
      number
    }
  }
`)

export const answersQuery = graphql(`
  query Answers($id: ID!) {
    task(id: $id) {
      id
      number
      phase
      rehearsal
      variables
      variableFields {
        key
        secret
      }
    }
  }
`)

export type AppRow = ResultOf<typeof appsQuery>['apps']['nodes'][number]

export type FormApp = NonNullable<ResultOf<typeof formQuery>['app']>

export type Preview = ResultOf<typeof previewQuery>['preview']

export type Options = ResultOf<typeof optionsQuery>['formOptions']
