import { graphql } from '../../api/client/index.ts'
import { hostLine, type HostLine } from '../../api/client/parts/host.ts'

export type HostState = HostLine

export const SCAN = graphql(
  `
    mutation CliScan($name: String!, $project: String) {
      scanHost(name: $name, project: $project) {
        ...HostLine
      }
    }
  `,
  [hostLine],
)

export const CONFIRM_KEY = graphql(
  `
    mutation CliConfirm($name: String!, $fingerprint: String!, $project: String) {
      confirmHostKey(name: $name, fingerprint: $fingerprint, project: $project) {
        ...HostLine
      }
    }
  `,
  [hostLine],
)

export const PROBE = graphql(
  `
    mutation CliProbe($name: String!, $project: String) {
      probeHost(name: $name, project: $project) {
        ...HostLine
      }
    }
  `,
  [hostLine],
)

export const HOSTS = graphql(
  `
    query CliHosts($project: String, $first: Int, $after: String) {
      hosts(project: $project, first: $first, after: $after) {
        ...HostLine
      }
    }
  `,
  [hostLine],
)
