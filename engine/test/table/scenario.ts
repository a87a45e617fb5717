import type { PeopleCommand } from '../../core/command.ts'
import type { Right } from '../../core/env.ts'
import type { Actor } from '../../core/state.ts'
import type { Values } from '../../core/value.ts'
import type { LaunchRequest, Notice } from '../../runtime/engine.ts'
import type { Seen } from './seen.ts'

export type { Seen } from './seen.ts'

type Press = PeopleCommand extends infer C
  ? C extends PeopleCommand
    ? Omit<C, 'by' | 'attempt' | 'round'>
    : never
  : never
/** Who presses: everybody has every right, but for those of a row that is about rights. */
interface Who {
  readonly by?: Actor
  readonly rights?: readonly Right[]
  /** The code they are told; then nothing may have changed. */
  readonly refused?: string
}
/**
 * What somebody does once the task is as `when` says. `of` names another task than the one of the row: as it was launched, or by the node whose
 * latest child it is (`call`, `call/call` for a child of a child).
 */
export type Step = { readonly when?: Seen; readonly of?: string } & (
  | (Who & { readonly press: Press & { readonly attempt?: number; readonly round?: number } })
  | (Who & {
      readonly answer: 'approve' | 'reject' | 'submit' | 'confirm'
      readonly fields?: Values
      readonly comment?: string
      /** To what was asked at first, not to what is asked now. */
      readonly stale?: true
    })
  | (Who & { readonly on: 'ask'; readonly reassign: readonly string[] })
  | (Who & { readonly on: 'ask'; readonly transfer: string })
  | (Who & { readonly on: 'ask'; readonly say: string })
  /** Takes it, gives it back, has those reminded who have not answered. */
  | (Who & { readonly on: 'ask'; readonly take: true | 'back' })
  | (Who & { readonly on: 'ask'; readonly remind: true })
  /** From here on these roles have these people, by name; open asks are held against it. Node alone can tell. */
  | { readonly roles: { readonly [ref: string]: readonly string[] } }
  | { readonly call: string; readonly payload: Values; readonly key?: string }
  /** Calls where nobody waits, with a token that nobody gave. */
  | { readonly forge: true }
  /** Starts another task, known by this name from now on; `like` gives the task it must turn out to be. */
  | {
      readonly launch: string
      readonly flow?: string
      readonly with?: Partial<LaunchRequest>
      /** The task it goes on from, by name; `''` is the task of the row. */
      readonly continues?: string
      readonly like?: string
      readonly refused?: string
    }
  /** Everything that holds, or one step. */
  | { readonly release: true | string }
  | { readonly restart: true }
  | { readonly look: Seen }
  /** The catalogue has been told of it. */
  | { readonly hears: Notice['kind'] }
  /** Nobody has been told of it. */
  | { readonly silent: Notice['kind'] }
  /** Its place among those who wait, and by whom it is held up. Node alone can tell. */
  | { readonly queued: number | null; readonly heldBy?: readonly string[] }
)

/** One row: what the sentence says, the flow that shows it, what people do in order, and how it must end. */
export interface Scenario {
  /** Of FLOW.md, or of the engine this one takes over from. */
  readonly says: string
  /** The spec of the flow; `others` are flows it starts. */
  readonly flow: object
  readonly others?: { readonly [name: string]: object }
  readonly launch?: Partial<LaunchRequest>
  /** Who stands in for whom, by name. */
  readonly standIns?: { readonly [person: string]: string }
  /** The launch itself is refused. */
  readonly refused?: string
  readonly steps?: readonly Step[]
  readonly ends?: Seen
  /** Calls of the plugin there must have been, in this order; others may stand between. */
  readonly calls?: readonly string[]
  /** Calls there must not have been. */
  readonly never?: readonly string[]
  /** Why only Node runs it. */
  readonly nodeOnly?: string
}
