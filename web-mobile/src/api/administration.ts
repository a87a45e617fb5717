import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { auditLine } from '../../../api/client/parts/audit.ts'
import { documentShown } from '../../../api/client/parts/document.ts'
import { secretLine } from '../../../api/client/parts/secret.ts'
import { statsLine } from '../../../api/client/parts/stats.ts'

export const secretsQuery = graphql(
  `
    query Secrets($first: Int, $after: String) {
      secretNames(first: $first, after: $after) {
        ...SecretLine
      }
    }
  `,
  [secretLine],
)
export const setSecret = graphql(`
  mutation SetSecret($namespace: String!, $key: String!, $value: String!, $project: String) {
    setSecret(namespace: $namespace, key: $key, value: $value, project: $project) {
      namespace
      key
    }
  }
`)

export const documentsQuery = graphql(`
  query Documents($kind: String, $search: String, $after: String) {
    documents(kind: $kind, search: $search, first: 100, after: $after) {
      totalCount
      nodes {
        kind
        name
        title
        updatedAt
        updatedBy
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)
export const documentQuery = graphql(
  `
    query Document($kind: String!, $name: String!) {
      document(kind: $kind, name: $name) {
        ...DocumentShown
        status {
          findings {
            severity
            message
            line
          }
        }
      }
    }
  `,
  [documentShown],
)
export const saveDocument = graphql(`
  mutation SaveDocument($document: String!, $basedOn: Int!, $force: Boolean, $dryRun: Boolean) {
    saveDocument(document: $document, basedOn: $basedOn, force: $force, dryRun: $dryRun) {
      kind
      name
      result
      generation
      diff {
        path
        before
        after
      }
      conflicts {
        path
        managers
      }
      findings {
        severity
        message
        line
      }
    }
  }
`)

export const auditQuery = graphql(
  `
    query Audit(
      $person: String
      $what: [String!]
      $task: String
      $app: String
      $from: DateTime
      $to: DateTime
      $allowed: Boolean
      $after: String
    ) {
      audit(
        first: 50
        after: $after
        person: $person
        what: $what
        task: $task
        app: $app
        from: $from
        to: $to
        allowed: $allowed
      ) {
        nodes {
          ...AuditLine
          by {
            id
          }
          about {
            kind
            title
            ref
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [auditLine],
)
export const auditCheckQuery = graphql(`
  query AuditCheck {
    auditCheck {
      whole
      rows
      faults {
        row
        problem
      }
    }
  }
`)

export const statsQuery = graphql(
  `
    query Stats($flow: String, $app: String, $days: Int) {
      stats(flow: $flow, app: $app, days: $days) {
        total {
          ...StatsLine
        }
        rows {
          ...StatsLine
        }
        nodes {
          ...StatsLine
        }
        mostRetried {
          flow
          flowTitle
          node
          title
          retries
        }
      }
    }
  `,
  [statsLine],
)

export type SecretRow = ResultOf<typeof secretsQuery>['secretNames'][number]
export type DocumentPage = ResultOf<typeof documentsQuery>['documents']
export type DocumentRow = ResultOf<typeof documentsQuery>['documents']['nodes'][number]
export type DocumentShown = NonNullable<ResultOf<typeof documentQuery>['document']>
export type Saved = ResultOf<typeof saveDocument>['saveDocument']
export type AuditRow = ResultOf<typeof auditQuery>['audit']['nodes'][number]
export type StatsRow = ResultOf<typeof statsLine>
export type Stats = ResultOf<typeof statsQuery>['stats']
