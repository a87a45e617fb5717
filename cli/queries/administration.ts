import { graphql } from '../../api/client/index.ts'
import { auditLine } from '../../api/client/parts/audit.ts'
import { documentShown } from '../../api/client/parts/document.ts'
import { secretLine } from '../../api/client/parts/secret.ts'
import { statsLine } from '../../api/client/parts/stats.ts'

/** What owners and authors ask for: secrets, documents, the audit, statistics. */
export const SECRETS = graphql(
  `
    query CliSecretNames($project: String, $first: Int, $after: String) {
      secretNames(project: $project, first: $first, after: $after) {
        ...SecretLine
      }
    }
  `,
  [secretLine],
)
export const DELETE_SECRET = graphql(`
  mutation CliDeleteSecret($namespace: String!, $key: String!, $project: String) {
    deleteSecret(namespace: $namespace, key: $key, project: $project)
  }
`)
export const SET_SECRET = graphql(`
  mutation CliSecret($namespace: String!, $key: String!, $value: String!, $project: String) {
    setSecret(namespace: $namespace, key: $key, value: $value, project: $project) {
      namespace
      key
      declared
    }
  }
`)

export const DOCUMENTS = graphql(`
  query CliDocuments($kind: String, $project: String, $search: String, $after: String) {
    documents(kind: $kind, project: $project, search: $search, first: 200, after: $after) {
      nodes {
        kind
        name
        project
        title
        updatedAt
        updatedBy
        managers {
          manager
        }
        status {
          generation
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)
export const DOCUMENT = graphql(
  `
    query CliDocument($kind: String!, $name: String!, $project: String) {
      document(kind: $kind, name: $name, project: $project) {
        ...DocumentShown
        project
        status {
          observedGeneration
        }
      }
    }
  `,
  [documentShown],
)

export const AUDIT = graphql(
  `
    query CliAudit(
      $first: Int
      $after: String
      $person: String
      $what: [String!]
      $target: String
      $task: String
      $app: String
      $project: String
      $from: DateTime
      $to: DateTime
      $allowed: Boolean
    ) {
      audit(
        first: $first
        after: $after
        person: $person
        what: $what
        target: $target
        task: $task
        app: $app
        project: $project
        from: $from
        to: $to
        allowed: $allowed
      ) {
        nodes {
          ...AuditLine
          detail
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
export const AUDIT_CHECK = graphql(`
  query CliAuditCheck {
    auditCheck {
      whole
      rows
      unsigned
      more
      lastRow
      lastHash
      faults {
        what
        row
        problem
      }
    }
  }
`)

const CliStatsLine = graphql(
  `
    fragment CliStatsLine on StatsRow {
      ...StatsLine
      work {
        count
        mean
      }
      wait {
        count
        mean
      }
      byHand {
        by {
          name
        }
        retried
        skipped
        byHand
        gaveUp
      }
    }
  `,
  [statsLine],
)
export const STATS = graphql(
  `
    query CliStats($project: String, $flow: String, $app: String, $days: Int) {
      stats(project: $project, flow: $flow, app: $app, days: $days) {
        from
        to
        total {
          ...CliStatsLine
        }
        rows {
          ...CliStatsLine
        }
        nodes {
          ...CliStatsLine
        }
        mostRetried {
          flowTitle
          title
          retries
        }
      }
    }
  `,
  [CliStatsLine],
)
export const REBUILD_STATS = graphql(`
  mutation CliRebuildStats {
    rebuildStats
  }
`)
