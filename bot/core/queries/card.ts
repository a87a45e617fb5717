import { graphql, type ResultOf } from '../../../api/client/index.ts'

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
      mentions {
        person
        name
        user
      }
      card {
        id
        kind
        taskId
        askId
        nodeId
        platform
        place
        messageId
        replyTo
        memo
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
  mutation BotAck(
    $id: ID!
    $messageId: String
    $memo: JSON
    $error: String
    $retryAfterS: Int
    $undeliverable: Boolean
  ) {
    ackDelivery(
      id: $id
      messageId: $messageId
      memo: $memo
      error: $error
      retryAfterS: $retryAfterS
      undeliverable: $undeliverable
    )
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

export type ButtonData = ResultOf<typeof resolveButtonQuery>['resolveButton']

export type Delivery = ResultOf<typeof nextDeliveriesMutation>['nextDeliveries'][number]
