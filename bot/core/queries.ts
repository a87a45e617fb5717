import { graphql, type ResultOf } from '../../api/client/index.ts'

const actor = graphql(`
  fragment BotActor on Actor {
    id
    name
    surface
  }
`)
const field = graphql(`
  fragment BotField on FormField {
    key
    type
    title
    help
    group
    required
    readOnly
    secret
    visible
    reachable
    fixed
    value
    options {
      value
      title
    }
    shortcuts {
      value
      title
    }
    optionsFrom
    dependsOn
    pattern
    min
    max
    minLength
    maxLength
    step
    rows
    notInChat
  }
`)
const task = graphql(
  `
    fragment BotTask on Task {
      id
      number
      title
      phase
      outcome
      waitingFor
      appTitle
      url
      origin
      rehearsal
      cancelUnconfirmed
      mayStillRun
      expectS
      queuePosition
      createdAt
      startedAt
      endedAt
      updatedAt
      revokeReason
      outputs
      app {
        name
        title
        project
      }
      startedBy {
        ...BotActor
      }
      revokedBy {
        ...BotActor
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
        visit
        text
        startedAt
        endedAt
        inFinally
        people {
          ...BotActor
        }
      }
      cardFacts {
        key
        title
        text
      }
      stopConsequences {
        kills
        leaves
        thenRuns
      }
      availableActions {
        action
        allowed
        why
      }
    }
  `,
  [actor],
)

/** Everything a task card and a receipt show. */
export const taskCardQuery = graphql(
  `
    query BotTaskCard($id: ID!) {
      task(id: $id) {
        ...BotTask
        asks {
          id
          kind
          state
          end
          title
          nodeId
          waitingOn {
            ...BotActor
          }
          decisions {
            by {
              ...BotActor
            }
            verdict
          }
        }
        failures {
          id
          title
          headline
        }
      }
    }
  `,
  [task, actor],
)
/** The failure of one step, and its task. */
export const attentionQuery = graphql(
  `
    query BotAttention($id: ID!, $node: ID!) {
      task(id: $id) {
        ...BotTask
        node(id: $node) {
          id
          title
          kind
          state
          attempt
          headline
          causeText
          advice
          endedAt
          note
          hosts
          cancelUnconfirmed
          error {
            cause
            code
            message
          }
          asked {
            ...BotActor
          }
          endedBy {
            ...BotActor
          }
          items {
            index
            item
            state
            error {
              message
            }
          }
          attempts {
            attempt
            state
            startedAt
            endedAt
            note
            by {
              ...BotActor
            }
            error {
              cause
              code
              message
            }
          }
          log(last: 20) {
            total
            lines {
              at
              text
              stream
            }
          }
          availableActions {
            action
            allowed
            why
          }
        }
      }
    }
  `,
  [task, actor],
)
/** The same without the log: what a shared room may see. */
export const attentionInRoomQuery = graphql(
  `
    query BotAttentionInRoom($id: ID!, $node: ID!) {
      task(id: $id) {
        ...BotTask
        node(id: $node) {
          id
          title
          kind
          state
          attempt
          headline
          causeText
          advice
          endedAt
          note
          hosts
          cancelUnconfirmed
          error {
            cause
            code
            message
          }
          asked {
            ...BotActor
          }
          endedBy {
            ...BotActor
          }
          items {
            index
            item
            state
            error {
              message
            }
          }
          attempts {
            attempt
            state
            startedAt
            endedAt
            note
            by {
              ...BotActor
            }
            error {
              cause
              code
              message
            }
          }
          availableActions {
            action
            allowed
            why
          }
        }
      }
    }
  `,
  [task, actor],
)
export const askQuery = graphql(
  `
    query BotAsk($id: ID!) {
      ask(id: $id) {
        id
        kind
        nodeId
        attempt
        state
        end
        title
        step
        text
        digest
        commentRule
        openedAt
        closedAt
        deadline
        then
        answers
        facts {
          key
          title
          text
        }
        fields {
          ...BotField
        }
        need {
          place
          title
          count
          filled
          people {
            ...BotActor
          }
        }
        decisions {
          by {
            ...BotActor
          }
          at
          verdict
          comment
          as
        }
        waitingOn {
          ...BotActor
        }
        availableActions {
          action
          allowed
          why
        }
        task {
          id
          number
          title
          phase
          url
          rehearsal
          appTitle
          startedBy {
            ...BotActor
          }
          app {
            name
            title
            project
          }
          cardFacts {
            key
            title
            text
          }
          stopConsequences {
            kills
            leaves
            thenRuns
          }
          availableActions {
            action
            allowed
            why
          }
        }
      }
    }
  `,
  [actor, field],
)

/** An app and its form for these answers. */
export const appFormQuery = graphql(
  `
    query BotAppForm($name: String!, $project: String, $answers: JSON) {
      app(name: $name, project: $project) {
        id
        name
        project
        title
        help
        confirm
        expectS
        favourite
        mode
        form(answers: $answers) {
          needsPhone
          fields {
            ...BotField
          }
        }
        availableActions {
          action
          allowed
          why
        }
      }
    }
  `,
  [field],
)
export const formOptionsQuery = graphql(`
  query BotFormOptions($app: String!, $project: String, $field: String!, $answers: JSON, $search: String) {
    formOptions(app: $app, project: $project, field: $field, answers: $answers, search: $search) {
      options {
        value
        title
      }
      asOf
      stale
    }
  }
`)
export const previewQuery = graphql(
  `
    query BotPreview($input: LaunchInput!) {
      preview(input: $input) {
        title
        confirm
        expectS
        queuePosition
        freeze
        hosts
        approvers
        errors {
          field
          code
          message
          fix
        }
        fields {
          ...BotField
        }
        nodes {
          id
          title
          kind
          stage
          certain
        }
        alreadyRunning {
          id
          number
          title
          startedBy {
            name
          }
        }
      }
    }
  `,
  [field],
)
export const appsQuery = graphql(`
  query BotApps($search: String, $first: Int) {
    apps(search: $search, first: $first) {
      totalCount
      nodes {
        name
        title
        project
        help
        category
        aliases
        favourite
        icon
        availableActions {
          action
          allowed
          why
        }
      }
    }
  }
`)
export const homeQuery = graphql(`
  query BotHome {
    viewer {
      person {
        id
        name
        role
        language
        timeZone
      }
      needsMe
      isOwner
    }
    inbox(first: 10) {
      totalCount
      nodes {
        id
        kind
        title
        nodeId
        deadline
        task {
          id
          number
          title
          url
        }
      }
    }
    tasks(mine: true, first: 8) {
      totalCount
      nodes {
        id
        number
        title
        phase
        updatedAt
        url
        rehearsal
        startedBy {
          name
        }
        progress {
          done
          total
        }
      }
    }
    needsMe: tasks(needsMe: true, first: 10) {
      totalCount
      nodes {
        id
        number
        title
        phase
        url
        rehearsal
        failures {
          id
          title
          headline
        }
      }
    }
    apps(first: 12) {
      totalCount
      nodes {
        name
        title
        project
        favourite
        help
        availableActions {
          action
          allowed
          why
        }
      }
    }
  }
`)
export const viewerQuery = graphql(`
  query BotViewer {
    viewer {
      person {
        id
        name
        role
        language
        timeZone
      }
      needsMe
      isOwner
      server {
        url
        telegramBot
      }
    }
  }
`)
export const peopleQuery = graphql(`
  query BotPeople($search: String!) {
    people(search: $search, first: 20) {
      nodes {
        id
        name
        email
        active
      }
    }
  }
`)
/** What a form for one step needs: reject, skip, by hand, edit and retry. */
export const nodeFormQuery = graphql(
  `
    query BotNodeForm($id: ID!, $node: ID!) {
      task(id: $id) {
        id
        number
        title
        url
        variablesRevision
        app {
          name
          project
        }
        stopConsequences {
          kills
          leaves
          thenRuns
        }
        node(id: $node) {
          id
          title
          state
          attempt
          headline
          lackedBy
          neededOutputs {
            ...BotField
          }
          editFields {
            ...BotField
          }
          availableActions {
            action
            allowed
            why
          }
          error {
            cause
          }
        }
      }
    }
  `,
  [field],
)
export const editConsequencesQuery = graphql(`
  query BotEditConsequences($id: ID!, $variables: JSON!) {
    task(id: $id) {
      editConsequences(variables: $variables) {
        usedBy
        heldBy
        voidsAsks
      }
    }
  }
`)
/** Run again: the app and the values of a task that was. */
export const runAgainQuery = graphql(`
  query BotRunAgain($id: ID!) {
    task(id: $id) {
      id
      number
      variables
      app {
        name
        project
      }
      variableFields {
        key
        secret
        fixed
      }
      rehearsal
    }
  }
`)
export const stopQuery = graphql(`
  query BotStop($id: ID!) {
    task(id: $id) {
      id
      title
      phase
      stopConsequences {
        kills
        leaves
        thenRuns
      }
      availableActions {
        action
        allowed
        why
      }
    }
  }
`)
export const truthQuery = graphql(`
  query BotTruth($id: ID!) {
    task(id: $id) {
      id
      number
      title
      phase
      url
    }
  }
`)

export const resolveButtonQuery = graphql(`
  query BotButton($token: String!) {
    resolveButton(token: $token) {
      verb
      taskId
      nodeId
      attempt
      askId
      digest
      app
      data
      cardId
      stale
      truth
      allowed
      why
    }
  }
`)
export const identityQuery = graphql(`
  query BotIdentity($platform: Platform!, $team: String, $user: ID!) {
    identity(platform: $platform, team: $team, user: $user) {
      person {
        id
        name
        role
        language
        timeZone
      }
      mayJoin
      askWhom
    }
  }
`)
export const joinAsMutation = graphql(`
  mutation BotJoin($platform: Platform!, $team: String, $user: ID!, $name: String!, $fullMember: Boolean!) {
    joinAs(platform: $platform, team: $team, user: $user, name: $name, fullMember: $fullMember) {
      person {
        id
        name
        role
        language
        timeZone
      }
      mayJoin
      askWhom
    }
  }
`)
export const redeemCodeMutation = graphql(`
  mutation BotRedeem($platform: Platform!, $team: String, $user: ID!, $name: String!, $code: String!) {
    redeemCode(platform: $platform, team: $team, user: $user, name: $name, code: $code) {
      person {
        id
        name
        role
      }
      mayJoin
      askWhom
    }
  }
`)
export const linkCodeMutation = graphql(`
  mutation BotLinkCode {
    linkCode {
      code
      link
      expiresAt
    }
  }
`)
export const signInLinkMutation = graphql(`
  mutation BotSignInLink($path: String, $answers: JSON) {
    signInLink(path: $path, answers: $answers)
  }
`)
export const seeWorkspaceMutation = graphql(`
  mutation BotSeeWorkspace($platform: Platform!, $id: ID!, $name: String!) {
    seeWorkspace(platform: $platform, id: $id, name: $name) {
      id
      trusted
    }
  }
`)

export const makeButtonsMutation = graphql(`
  mutation BotMakeButtons($cardId: ID!, $buttons: [ButtonInput!]!) {
    makeButtons(cardId: $cardId, buttons: $buttons)
  }
`)
export const openCardMutation = graphql(`
  mutation BotOpenCard(
    $kind: CardKind!
    $taskId: ID!
    $askId: ID
    $nodeId: String
    $platform: Platform!
    $place: String!
    $messageId: String!
  ) {
    openCard(
      kind: $kind
      taskId: $taskId
      askId: $askId
      nodeId: $nodeId
      platform: $platform
      place: $place
      messageId: $messageId
    ) {
      id
    }
  }
`)
export const nextDeliveriesMutation = graphql(`
  mutation BotDeliveries($platform: Platform!, $max: Int, $waitS: Int) {
    nextDeliveries(platform: $platform, max: $max, waitS: $waitS) {
      id
      urgent
      why
      title
      text
      level
      attempts
      createdAt
      card {
        id
        kind
        taskId
        askId
        nodeId
        platform
        place
        messageId
        shared
        person {
          id
          name
          language
          timeZone
          identities {
            platform
            team
            user
          }
        }
      }
    }
  }
`)
export const ackDeliveryMutation = graphql(`
  mutation BotAck($id: ID!, $messageId: String, $error: String, $retryAfterS: Int, $undeliverable: Boolean) {
    ackDelivery(id: $id, messageId: $messageId, error: $error, retryAfterS: $retryAfterS, undeliverable: $undeliverable)
  }
`)
export const botStateQuery = graphql(`
  query BotStateOf($key: String!) {
    botState(key: $key) {
      key
      version
      value
    }
  }
`)
export const setBotStateMutation = graphql(`
  mutation BotSetState($key: String!, $expected: Int, $value: JSON, $ttlS: Int!) {
    setBotState(key: $key, expected: $expected, value: $value, ttlS: $ttlS) {
      key
      version
      value
    }
  }
`)

export const launchMutation = graphql(`
  mutation BotLaunch($input: LaunchInput!) {
    launch(input: $input) {
      id
      number
      title
      phase
      url
      rehearsal
      origin
    }
  }
`)
export const startMutation = graphql(`
  mutation BotStart($id: ID!, $key: String) {
    startTask(id: $id, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)
export const pauseMutation = graphql(`
  mutation BotPause($id: ID!, $key: String) {
    pauseTask(id: $id, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)
export const resumeMutation = graphql(`
  mutation BotResume($id: ID!, $key: String) {
    resumeTask(id: $id, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)
export const revokeMutation = graphql(`
  mutation BotRevoke($id: ID!, $mode: RevokeMode, $reason: String, $key: String) {
    revokeTask(id: $id, mode: $mode, reason: $reason, clientMutationId: $key) {
      id
      version
      phase
    }
  }
`)
export const retryMutation = graphql(`
  mutation BotRetry($input: NodeInput!) {
    retryNode(input: $input) {
      id
      version
      phase
    }
  }
`)
export const skipMutation = graphql(`
  mutation BotSkip($input: NodeInput!) {
    skipNode(input: $input) {
      id
      version
      phase
    }
  }
`)
export const byhandMutation = graphql(`
  mutation BotByHand($input: NodeInput!) {
    completeNode(input: $input) {
      id
      version
      phase
    }
  }
`)
export const failMutation = graphql(`
  mutation BotFail($input: NodeInput!) {
    failNode(input: $input) {
      id
      version
      phase
    }
  }
`)
export const decideMutation = graphql(`
  mutation BotDecide($input: DecideInput!) {
    decide(input: $input) {
      id
      state
      end
    }
  }
`)
export const transferMutation = graphql(`
  mutation BotTransfer($id: ID!, $to: String!, $reason: String!) {
    transferAsk(id: $id, to: $to, reason: $reason) {
      id
      state
    }
  }
`)
export const assignMutation = graphql(`
  mutation BotAssign($id: ID!, $to: [String!]!, $reason: String!) {
    assignAsk(id: $id, to: $to, reason: $reason) {
      id
      state
    }
  }
`)
export const commentMutation = graphql(`
  mutation BotComment($id: ID!, $comment: String!) {
    commentAsk(id: $id, comment: $comment) {
      id
      state
    }
  }
`)
export const followMutation = graphql(`
  mutation BotFollow($id: ID!) {
    follow(id: $id) {
      id
      following
    }
  }
`)
export const favouriteMutation = graphql(`
  mutation BotFavourite($app: String!, $project: String, $favourite: Boolean!) {
    setFavourite(app: $app, project: $project, favourite: $favourite) {
      id
      favourite
    }
  }
`)

type Loaded<D, K extends keyof ResultOf<D>> = NonNullable<ResultOf<D>[K]>
export type TaskData = Loaded<typeof taskCardQuery, 'task'>
export type AttentionTask = Loaded<typeof attentionQuery, 'task'>
export type AttentionNode = NonNullable<AttentionTask['node']>
export type AskData = Loaded<typeof askQuery, 'ask'>
export type AppForm = Loaded<typeof appFormQuery, 'app'>
export type FieldData = AppForm['form']['fields'][number]
export type PreviewData = ResultOf<typeof previewQuery>['preview']
export type ButtonData = ResultOf<typeof resolveButtonQuery>['resolveButton']
export type Delivery = ResultOf<typeof nextDeliveriesMutation>['nextDeliveries'][number]
export type Available = readonly { readonly action: string; readonly allowed: boolean; readonly why: string | null }[]
export type HomeData = ResultOf<typeof homeQuery>
export type IdentityData = ResultOf<typeof identityQuery>['identity']
