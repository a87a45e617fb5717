import { graphql } from '../graphql.ts'

/** Times are in seconds. */
export const statsLine = graphql(`
  fragment StatsLine on StatsRow {
    flow
    app
    node
    title
    runs
    succeeded
    failed
    revoked
    successRate
    retries
    work {
      p50
      p95
    }
    wait {
      p50
      p95
    }
    causes {
      text
      count
    }
    byHand {
      by {
        id
        name
      }
      retried
      skipped
      byHand
      gaveUp
    }
  }
`)
