import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { flowDiff, flowDraft, referenceLine } from '../../../api/client/parts/flow.ts'

export const flowsQuery = graphql(`
  query Flows {
    flows(first: 100) {
      totalCount
      nodes {
        name
        title
        version
        publishedAt
        publishedBy
        hasDraft
        draft {
          updatedAt
          updatedBy
        }
      }
    }
  }
`)
export const flowQuery = graphql(
  `
    query Flow($name: String!) {
      flow(name: $name) {
        name
        title
        version
        hasDraft
        source
        draft {
          ...DraftShown
        }
        published {
          version
          current
          publishedAt
          publishedBy
          note
        }
        findings {
          severity
          code
          node
          message
          fix
          line
        }
        availableActions {
          action
          allowed
          why
        }
      }
      references(kind: "Flow", name: $name) {
        ...ReferenceLine
        title
      }
    }
  `,
  [flowDraft, referenceLine],
)
export const flowDiffQuery = graphql(
  `
    query FlowDiff($name: String!, $from: Int, $to: Int) {
      flowDiff(name: $name, from: $from, to: $to) {
        ...FlowDiffShown
      }
    }
  `,
  [flowDiff],
)
export const publishFlow = graphql(`
  mutation PublishFlow($name: String!, $note: String, $revision: Int) {
    publishFlow(name: $name, note: $note, revision: $revision) {
      version
    }
  }
`)
export const makeCurrent = graphql(`
  mutation MakeCurrent($name: String!, $version: Int!, $note: String, $seen: Int) {
    makeCurrent(name: $name, version: $version, note: $note, seen: $seen) {
      version
    }
  }
`)

export type FlowRow = ResultOf<typeof flowsQuery>['flows']['nodes'][number]
export type FlowView = NonNullable<ResultOf<typeof flowQuery>['flow']>
export type FlowUser = ResultOf<typeof flowQuery>['references'][number]
export type FlowDiff = ResultOf<typeof flowDiffQuery>['flowDiff']
