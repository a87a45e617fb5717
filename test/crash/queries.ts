import { graphql } from '../../api/client/index.ts'

export const APPLY = graphql(`
  mutation CrashApply($documents: String!) {
    apply(documents: $documents) {
      documents {
        findings {
          severity
          message
        }
      }
    }
  }
`)
export const PUBLISH = graphql(`
  mutation CrashPublish {
    publishFlow(name: "job") {
      version
      findings {
        message
      }
    }
  }
`)
export const SECRET = graphql(`
  mutation CrashSecret($value: String!) {
    setSecret(namespace: "ssh", key: "key", value: $value) {
      key
    }
  }
`)
export const SCAN = graphql(`
  mutation CrashScan {
    scanHost(name: "box") {
      offeredFingerprint
    }
  }
`)
export const CONFIRM = graphql(`
  mutation CrashConfirm($fingerprint: String!) {
    confirmHostKey(name: "box", fingerprint: $fingerprint) {
      fingerprint
    }
  }
`)
export const LAUNCH = graphql(`
  mutation CrashLaunch($input: LaunchInput!) {
    launch(input: $input) {
      id
    }
  }
`)
export const SKIP = graphql(`
  mutation CrashSkip($input: NodeInput!) {
    skipNode(input: $input) {
      id
    }
  }
`)
export const TASKS = graphql(`
  query CrashTasks($after: String, $phase: [TaskPhase!]) {
    tasks(first: 50, after: $after, phase: $phase) {
      nodes {
        id
        number
        title
        phase
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)
export const NODE = graphql(`
  query CrashNode($task: ID!, $node: ID!) {
    task(id: $task) {
      node(id: $node) {
        state
        attempt
        outputs
        error {
          cause
          code
        }
        log(last: 200) {
          total
          lines {
            n
            text
          }
        }
      }
    }
  }
`)
export const OWED = graphql(`
  query CrashOwed {
    deliveries(undeliverable: false, first: 20) {
      nodes {
        id
        why
        error
        card {
          place
          kind
        }
      }
    }
  }
`)
