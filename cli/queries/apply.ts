import { graphql, type ResultOf } from '../../api/client/index.ts'

export const APPLY = graphql(`
  mutation CliApply($documents: String!, $dryRun: Boolean, $force: Boolean, $manager: String) {
    apply(documents: $documents, dryRun: $dryRun, force: $force, manager: $manager) {
      dryRun
      documents {
        kind
        name
        project
        result
        generation
        diff {
          path
          before
          after
        }
        taken {
          path
          managers
        }
        conflicts {
          path
          managers
          theirs
          yours
        }
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
  }
`)

export type Applied = ResultOf<typeof APPLY>['apply']['documents'][number]

export const DELETE = graphql(`
  mutation CliDelete($kind: String!, $name: String!, $project: String) {
    deleteDocument(kind: $kind, name: $name, project: $project)
  }
`)
