import { graphql, type ResultOf } from '../graphql.ts'

export const hostLine = graphql(`
  fragment HostLine on Host {
    project
    name
    address
    port
    user
    labels
    fingerprint
    offeredFingerprint
    changed
    probe {
      state
      at
      system
      missing {
        code
        needed
        what
        why
        wayOut
      }
    }
  }
`)
export type HostLine = ResultOf<typeof hostLine>
