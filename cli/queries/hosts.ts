import { graphql, type ResultOf } from '../../api/client/index.ts'

export const HostLine = graphql(`
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

export type HostState = ResultOf<typeof HostLine>

export const SCAN = graphql(
  `
    mutation CliScan($name: String!, $project: String) {
      scanHost(name: $name, project: $project) {
        ...HostLine
      }
    }
  `,
  [HostLine],
)

export const CONFIRM_KEY = graphql(
  `
    mutation CliConfirm($name: String!, $fingerprint: String!, $project: String) {
      confirmHostKey(name: $name, fingerprint: $fingerprint, project: $project) {
        ...HostLine
      }
    }
  `,
  [HostLine],
)

export const PROBE = graphql(
  `
    mutation CliProbe($name: String!, $project: String) {
      probeHost(name: $name, project: $project) {
        ...HostLine
      }
    }
  `,
  [HostLine],
)

export const HOSTS = graphql(
  `
    query CliHosts($project: String, $first: Int, $after: String) {
      hosts(project: $project, first: $first, after: $after) {
        ...HostLine
      }
    }
  `,
  [HostLine],
)
