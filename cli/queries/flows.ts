import { graphql, type ResultOf } from '../../api/client/index.ts'
import { flowDiff, flowDraft, referenceLine } from '../../api/client/parts/flow.ts'

export const PUBLISH = graphql(`
  mutation CliPublish($name: String!, $project: String, $note: String, $revision: Int) {
    publishFlow(name: $name, project: $project, note: $note, revision: $revision) {
      name
      version
    }
  }
`)

export const FLOWS = graphql(`
  query CliFlows {
    flows(first: 100) {
      nodes {
        name
        project
        title
        version
        hasDraft
        draft {
          updatedBy
        }
      }
    }
  }
`)

export const FLOW = graphql(
  `
    query CliFlow($name: String!, $project: String, $version: Int) {
      flow(name: $name, project: $project, version: $version) {
        name
        project
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
          digest
          publishedAt
          publishedBy
          note
        }
        findings {
          severity
          code
          node
          path
          message
          fix
          line
          column
        }
      }
    }
  `,
  [flowDraft],
)

export const FLOW_DIFF = graphql(
  `
    query CliFlowDiff($name: String!, $project: String, $from: Int, $to: Int) {
      flowDiff(name: $name, project: $project, from: $from, to: $to) {
        ...FlowDiffShown
      }
    }
  `,
  [flowDiff],
)

export const USE_VERSION = graphql(`
  mutation CliUse($name: String!, $version: Int!, $project: String, $note: String) {
    makeCurrent(name: $name, version: $version, project: $project, note: $note) {
      name
      version
    }
  }
`)

export const REFERENCES = graphql(
  `
    query CliReferences($kind: String!, $name: String!, $project: String) {
      references(kind: $kind, name: $name, project: $project) {
        ...ReferenceLine
      }
    }
  `,
  [referenceLine],
)

export type FlowDiff = ResultOf<typeof FLOW_DIFF>['flowDiff']

export type ReferenceRow = ResultOf<typeof REFERENCES>['references'][number]

export const CHECK = graphql(`
  mutation CliCheck($document: String!) {
    check(document: $document) {
      ok
      findings {
        severity
        code
        node
        path
        line
        column
        message
        fix
      }
    }
  }
`)

export type Finding = ResultOf<typeof CHECK>['check']['findings'][number]
