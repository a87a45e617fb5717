import type { TaskRequest } from '../core/requests.ts'
import type { TaskFacts } from '../core/statistics.ts'
import type { Message } from '../plugin/index.ts'

/** A moment people may have to hear of. Part of the task's outbox, applied by the catalogue once and in order. */
export type Notice =
  | { readonly kind: 'changed' } // phase, node or people changed: cards are redrawn
  | {
      readonly kind: 'attention'
      readonly nodeId: string
      readonly attempt: number
      readonly refs: readonly string[]
      readonly why: 'failed' | 'reminder' | 'escalated'
    }
  | { readonly kind: 'attention_over'; readonly nodeId: string; readonly attempt: number }
  | {
      readonly kind: 'ask_opened'
      readonly askId: string
      readonly people: readonly string[]
      readonly why: 'opened' | 'reminder' | 'escalated' | 'transferred' | 'again'
      /** When it runs out; null: never. Absent in messages written by earlier builds. */
      readonly deadline?: number | null
    }
  | { readonly kind: 'ask_changed' | 'ask_closed'; readonly askId: string }
  | { readonly kind: 'finished'; readonly refs: readonly string[] }
  /** It takes longer than expected. */
  | { readonly kind: 'late'; readonly refs: readonly string[] }
  /** Somebody went past an approval, or chose who else approves: told to those it was put to. `text`: the reason. Or a planned task found no place to start in. */
  | {
      readonly kind: 'announce'
      readonly people: readonly string[]
      readonly text: string
      /** Absent in messages written by earlier builds: the reason is all they have. */
      readonly what?: 'overridden' | 'assigned' | 'not_started' | 'claimed' | 'carried' | 'frozen'
      readonly by?: string
      /** Title of the ask. */
      readonly ask?: string
      /** Names of those who are asked from now on. */
      readonly added?: readonly string[]
    }
  /** Work was handed over: who may take it, or (rejected) whoever asked, is told. */
  | {
      readonly kind: 'request'
      readonly refs: readonly string[]
      readonly why: 'opened' | 'resubmitted' | 'transferred' | 'rejected' | 'reminder' | 'escalated' | 'nobody'
    }
  /** Somebody has taken it, or it is not wanted any more: nothing can be pressed on its cards. */
  | { readonly kind: 'request_over' }
  | { readonly kind: 'message'; readonly id: string; readonly message: Message }
  /** Somebody went on although a freeze (`title`) held; `text` is the reason. Told to the app's rooms and operators too. */
  | {
      readonly kind: 'freeze_passed'
      readonly refs: readonly string[]
      readonly title: string
      readonly text: string
      readonly by: string
    }

/** What lists show of a task. Rows carry the task's version; older ones are dropped. */
export interface IndexRow {
  readonly id: string
  readonly version: number
  readonly number: number
  readonly project: string
  readonly title: string
  readonly app: string | null
  readonly flow: string
  readonly phase: string
  readonly waitingFor: readonly string[]
  readonly outcome: string | null
  readonly startedBy: string | null
  /** Room or chat the launch came from; absent in messages of older versions. */
  readonly origin?: string | null
  readonly createdAt: number
  readonly endedAt: number | null
  readonly updatedAt: number
  readonly rehearsal: boolean
  /** Person ids wanted now, by ask or failure. */
  readonly needs: readonly {
    readonly person: string
    readonly kind: 'ask' | 'failure' | 'request'
    readonly ref: string
  }[]
  readonly followers: readonly string[]
  /** Who carries it after a hand-over. */
  readonly holder?: string
  /** Of a child. */
  readonly parent?: string
}
/** From a task to the catalogue: (from, sequence) applied once and in order. Sequences grow, with gaps. */
export interface TaskMessage {
  readonly from: string
  /**
   * `IN_ITS_COMMIT`: it is applied in the commit it tells of, so it can be neither late nor there twice. `UNWRITTEN`: a launch that
   * says only that it is there, applied a commit later and lying nowhere till then; it is needed only while the task is in no list.
   */
  readonly sequence: number
  /** It is in the commit that makes the task. */
  readonly isFirst?: true
  readonly at: number
  readonly row: IndexRow
  readonly notices: readonly Notice[]
  /** What it wants of others (docs/adr/0012). */
  readonly requests?: readonly TaskRequest[]
  /** With the message that ends it: what statistics are made of. */
  readonly ended?: TaskFacts
  /** Where the history stands with this message, now and then and at the end: the catalogue signs it (docs/adr/0011). */
  readonly head?: { readonly version: number; readonly hash: string }
}

export const IN_ITS_COMMIT = 0
export const UNWRITTEN = -1
