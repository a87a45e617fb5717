import { graphql, type ResultOf } from '../../../api/client/index.ts'
import { formField } from '../../../api/client/parts/form-field.ts'
import { stepLine } from '../../../api/client/parts/step.ts'

export const actor = graphql(`
  fragment BotActor on Actor {
    id
    name
    surface
  }
`)

export const field = graphql('fragment BotField on FormField { ...FormFieldShown notInChat }', [formField])

export const task = graphql(
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
      frozen {
        text
      }
      createdAt
      startedAt
      endedAt
      updatedAt
      revokeReason
      results {
        title
        text
      }
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
        ...StepLine
        visit
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
  [actor, stepLine],
)

/** Work handed over: who is asked to take it, who has. */
export const handOver = graphql(
  `
    fragment BotHandOver on HandOver {
      state
      round
      to
      nobody
      holder {
        ...BotActor
      }
      reason
      lastBy {
        ...BotActor
      }
      lastAt
      corrections {
        title
        before
        after
      }
    }
  `,
  [actor],
)

/** What a query answers with once it has found it. */
export type Loaded<D, K extends keyof ResultOf<D>> = NonNullable<ResultOf<D>[K]>

export type Available = readonly { readonly action: string; readonly allowed: boolean; readonly why: string | null }[]
