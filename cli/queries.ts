import { graphql, type ResultOf } from '../api/client/index.ts'

export const TaskLine = graphql(`
  fragment TaskLine on Task {
    id
    number
    title
    phase
    outcome
    waitingFor
    updatedAt
    startedBy {
      name
    }
    progress {
      done
      total
    }
  }
`)
export const TaskTree = graphql(`
  fragment TaskTree on Task {
    id
    number
    title
    version
    phase
    outcome
    waitingFor
    createdAt
    startedAt
    endedAt
    url
    rehearsal
    cancelUnconfirmed
    mayStillRun
    archivedAt
    late
    note
    frozen {
      text
      passedBy
    }
    handOver {
      state
      to
      nobody
      reason
      lastBy {
        name
      }
      holder {
        name
      }
      corrections {
        title
        before
        after
      }
    }
    startAt
    queuePosition
    heldBy {
      number
      title
    }
    parent {
      number
      title
    }
    children {
      number
      title
      phase
      parentNode
    }
    outputs
    variablesRevision
    variableFields {
      key
      title
    }
    startedBy {
      name
    }
    progress {
      done
      total
    }
    steps {
      nodeId
      title
      stage
      kind
      state
      attempt
      text
      startedAt
      endedAt
      inFinally
    }
    nodes {
      title
      callbackUrl
    }
    failures {
      id
      title
      attempt
      headline
      causeText
      advice
      asked {
        name
      }
      log(last: 20) {
        lines {
          text
          stream
        }
        total
      }
      availableActions {
        action
        allowed
        why
      }
    }
    asks {
      id
      state
      title
      digest
      deadline
      waitingOn {
        name
      }
      availableActions {
        action
        allowed
        why
      }
    }
    availableActions {
      action
      allowed
      why
    }
  }
`)
export const TASK = graphql(
  `
    query CliTask($id: ID!) {
      task(id: $id) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
/** As it stood after an event of its history. */
export const TASK_AT = graphql(
  `
    query CliTaskAt($id: ID!, $event: Int!) {
      taskAt(id: $id, event: $event) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const TASK_ID = graphql(`
  query CliTaskId($id: ID!) {
    task(id: $id) {
      id
    }
  }
`)
export const RETENTION = graphql(`
  query CliRetention($project: String) {
    retention(project: $project) {
      project
      tasksDays
      logsDays
      statisticsDays
    }
  }
`)
export const SET_RETENTION = graphql(`
  mutation CliSetRetention($project: String, $tasksDays: Int, $logsDays: Int, $statisticsDays: Int) {
    setRetention(project: $project, tasksDays: $tasksDays, logsDays: $logsDays, statisticsDays: $statisticsDays) {
      project
      tasksDays
      logsDays
      statisticsDays
    }
  }
`)
export const HISTORY_CHECK = graphql(`
  query CliHistoryCheck($task: ID!) {
    historyCheck(task: $task) {
      whole
      event
      problem
    }
  }
`)
export const WATCH = graphql(
  `
    subscription CliWatch($id: ID!) {
      taskChanged(id: $id) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export type Tree = ResultOf<typeof TaskTree>
export type TaskPhase = Tree['phase']
export const TASKS = graphql(
  `
    query CliTasks(
      $first: Int
      $phase: [TaskPhase!]
      $mine: Boolean
      $needsMe: Boolean
      $app: String
      $search: String
    ) {
      tasks(first: $first, phase: $phase, mine: $mine, needsMe: $needsMe, app: $app, search: $search) {
        nodes {
          ...TaskLine
        }
      }
    }
  `,
  [TaskLine],
)
export const LAUNCH = graphql(
  `
    mutation CliLaunch($input: LaunchInput!) {
      launch(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const RETRY = graphql(
  `
    mutation CliRetry($input: NodeInput!) {
      retryNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const SKIP = graphql(
  `
    mutation CliSkip($input: NodeInput!) {
      skipNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const BYHAND = graphql(
  `
    mutation CliByHand($input: NodeInput!) {
      completeNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const FAIL = graphql(
  `
    mutation CliFail($input: NodeInput!) {
      failNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const REVOKE = graphql(
  `
    mutation CliRevoke($id: ID!, $mode: RevokeMode, $reason: String) {
      revokeTask(id: $id, mode: $mode, reason: $reason) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const FAILURES = graphql(`
  query CliFailures {
    tasks(needsMe: true, phase: [ATTENTION], first: 50) {
      nodes {
        number
        title
        failures {
          id
          headline
          causeText
          attempt
          advice
          availableActions {
            action
            allowed
          }
        }
      }
    }
  }
`)
export type NeedsMe = ResultOf<typeof FAILURES>['tasks']['nodes'][number]
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
export const PAUSE = graphql(
  `
    mutation CliPause($id: ID!) {
      pauseTask(id: $id) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const RESUME = graphql(
  `
    mutation CliResume($id: ID!) {
      resumeTask(id: $id) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const START = graphql(
  `
    mutation CliStart($id: ID!, $overrideFreeze: String) {
      startTask(id: $id, overrideFreeze: $overrideFreeze) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const PLAN = graphql(
  `
    mutation CliPlan($id: ID!, $at: DateTime) {
      planTask(id: $id, at: $at) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const NOTE = graphql(
  `
    mutation CliNote($id: ID!, $note: String!) {
      setNote(id: $id, note: $note) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const CHOOSE_BRANCH = graphql(
  `
    mutation CliBranch($input: NodeInput!) {
      chooseBranch(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const MOVE_TIMER = graphql(
  `
    mutation CliMove($input: NodeInput!) {
      rescheduleNode(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const HOLD = graphql(
  `
    mutation CliHold($input: NodeInput!) {
      pauseBefore(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const RELEASE = graphql(
  `
    mutation CliRelease($input: NodeInput!) {
      unpause(input: $input) {
        ...TaskTree
      }
    }
  `,
  [TaskTree],
)
export const TASK_NODE = graphql(`
  query CliTaskNode($id: ID!, $node: ID!) {
    task(id: $id) {
      id
      number
      node(id: $node) {
        id
        title
        attempt
        state
        dueAt
        branches {
          id
          title
        }
      }
    }
  }
`)
export type StepNode = NonNullable<NonNullable<ResultOf<typeof TASK_NODE>['task']>['node']>
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
export const FLOW = graphql(`
  query CliFlow($name: String!, $project: String, $version: Int) {
    flow(name: $name, project: $project, version: $version) {
      name
      project
      title
      version
      hasDraft
      source
      draft {
        revision
        source
        updatedAt
        updatedBy
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
`)
export const FLOW_DIFF = graphql(`
  query CliFlowDiff($name: String!, $project: String, $from: Int, $to: Int) {
    flowDiff(name: $name, project: $project, from: $from, to: $to) {
      from
      to
      same
      changes {
        path
        before
        after
      }
      hunks {
        lines {
          sign
          before
          after
          text
        }
      }
    }
  }
`)
export const USE_VERSION = graphql(`
  mutation CliUse($name: String!, $version: Int!, $project: String, $note: String) {
    makeCurrent(name: $name, version: $version, project: $project, note: $note) {
      name
      version
    }
  }
`)
export const REFERENCES = graphql(`
  query CliReferences($kind: String!, $name: String!, $project: String) {
    references(kind: $kind, name: $name, project: $project) {
      kind
      name
      version
      task
      path
      holds
    }
  }
`)
export const DELETE = graphql(`
  mutation CliDelete($kind: String!, $name: String!, $project: String) {
    deleteDocument(kind: $kind, name: $name, project: $project)
  }
`)
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
export const INVITE = graphql(`
  mutation CliInvite($role: String!) {
    invite(role: $role) {
      code
      link
      role
      expiresAt
    }
  }
`)
export const TOKENS = graphql(`
  query CliTokens($person: ID) {
    tokens(person: $person) {
      id
      name
      scopes
      createdAt
      expiresAt
      lastUsedAt
      revoked
    }
  }
`)
export const NEW_TOKEN = graphql(`
  mutation CliNewToken($name: String!, $scopes: [String!], $expiresAt: DateTime, $person: ID) {
    createToken(name: $name, scopes: $scopes, expiresAt: $expiresAt, person: $person) {
      token
      info {
        id
        name
      }
    }
  }
`)
export const REVOKE_TOKEN = graphql(`
  mutation CliRevokeToken($id: ID!) {
    revokeToken(id: $id) {
      id
      name
    }
  }
`)
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
export const VIEWER = graphql(`
  query CliViewer {
    viewer {
      person {
        name
        role
      }
      needsMe
      server {
        url
        version
      }
    }
  }
`)
