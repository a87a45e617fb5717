import type { Client } from '../../api/client/index.ts'
import type { ButtonTarget, Card, Confirm, Form, Line, PlacedCard, Review } from './card.ts'
import type { Texts } from './texts.ts'
import type { ThreadManner } from './thread.ts'

export type Platform = 'SLACK' | 'TELEGRAM'

/** The account somebody uses in a chat. `team` is the Slack workspace; null on Telegram. */
export interface Account {
  readonly platform: Platform
  readonly team: string | null
  readonly user: string
  /** As the platform shows it. */
  readonly name: string
}
/** Who acts, through what, in which words. Made once per update from the platform by `actAs`. */
export interface Acting {
  readonly account: Account
  /** The service's own connection: identity, buttons, deliveries, bot state. */
  readonly service: Client
  /** The same connection for this account: rights are the person's. */
  readonly client: Client
  readonly texts: Texts
  /** Shared room or topic the person is in now, as `origin` of a launch: `slack:C0OPS`, `telegram:-100123/7`. Null in private. */
  readonly origin: string | null
  /** For bugs, which the person is only told of as "not recorded". */
  readonly log?: Log
}

/** What a feature wants shown to the one person who acted. Nobody else sees it. */
export type Reply =
  /** The card itself will change: nothing to say. */
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'tell'
      readonly lines: readonly Line[]
      /** Shown as an alert, where the platform has one. */
      readonly alert: boolean
      /** The button was late: what its message is about, so that it can be brought up to date (`redrawCard`). */
      readonly about?: ShowTarget & { readonly cardId: string }
    }
  /** A card for this person alone, with buttons (`place` gives them tokens). */
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'form'; readonly session: FormSession; readonly form: Form }
  /** Ask once more; `press` again with `confirmed`. */
  | {
      readonly kind: 'confirm'
      readonly token: string
      readonly confirm: Confirm
      /** The gentler way: another press of the same token. */ readonly gentler: {
        readonly label: string
        readonly choice: string
      } | null
    }
  /** A living card of its own, to be posted to this person in private: `showCard` in show-card.ts does it. */
  | { readonly kind: 'show'; readonly target: ShowTarget }
  /** A page to open: a one-time link that signs this person in. */
  | { readonly kind: 'open'; readonly label: string; readonly url: string; readonly lines: readonly Line[] }

export interface ShowTarget {
  readonly kind: 'TASK' | 'ASK' | 'ATTENTION' | 'REQUEST'
  readonly taskId: string
  readonly askId?: string
  readonly nodeId?: string
}

/** An open form, as plain data: platforms keep it (`botState`, private metadata) and hand it back. */
export type FormSession =
  | {
      readonly kind: 'launch'
      readonly app: string
      readonly project: string | null
      /** Of the launch, minted when the form was opened: a double tap is one task. */
      readonly key: string
      readonly origin: string | null
      readonly rehearsal: boolean
      readonly continueFrom: string | null
      readonly answers: Answers
    }
  /** A pressed button that needs words: reject, skip, byhand, edit_retry, transfer, submit … `key` makes the act repeatable. */
  | {
      readonly kind: 'press'
      readonly token: string
      readonly verb: string
      readonly key: string
      readonly answers: Answers
    }
export type Answers = Readonly<Record<string, unknown>>

export interface FieldProblem {
  readonly field: string
  readonly message: string
  readonly fix: string | null
}
/** What came of sending a form in. */
export type Submitted =
  | { readonly kind: 'errors'; readonly problems: readonly FieldProblem[] }
  | { readonly kind: 'done'; readonly lines: readonly Line[]; readonly taskId: string | null }
  /** Refused, stale or not recorded: told privately; `again` keeps the form open so that it can be sent once more. */
  | { readonly kind: 'tell'; readonly lines: readonly Line[]; readonly again: boolean }
export type Checked =
  /** Nothing to check once more: send it in. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'errors'; readonly problems: readonly FieldProblem[]; readonly form: Form }
  | { readonly kind: 'review'; readonly review: Review }
  | { readonly kind: 'tell'; readonly lines: readonly Line[]; readonly again: boolean }

/** What `deliver` needs of a platform. `place` is as the server routed it; `messageId` is whatever `post` returned. */
export interface Port {
  readonly platform: Platform
  /**
   * `replyTo`: a message of the same place that this one belongs under. As a `reminder` (default) it is posted anyway when that is no more, and rings;
   * as a `thread` it is `gone` then, and bothers nobody.
   */
  readonly post: (to: Destination, card: PlacedCard, replyTo?: string, as?: 'reminder' | 'thread') => Promise<string>
  readonly edit: (to: Destination, messageId: string, card: PlacedCard) => Promise<void>
  /** The buckets a call draws from, all of which must have room: see `schedule.ts`. */
  readonly limits: (kind: 'post' | 'edit', to: Destination) => readonly Limit[]
  /** How much a thread beneath a card bears, and the share of the limits threads may use; absent: the platform has none. */
  readonly thread?: ThreadManner & { readonly limit: (to: Destination) => Limit }
}
export interface Destination {
  readonly place: string
  readonly shared: boolean
  readonly language: string | null
  readonly timeZone: string | null
}
/** A bucket that holds `burst` calls and regains one each `everyMs`. */
export interface Limit {
  readonly key: string
  readonly everyMs: number
  readonly burst: number
}
/**
 * What a port throws. `wait`: the platform said when to come back, for the buckets named (default: all of the call) ·
 * `gone`: the message to edit is no more, post anew · `undeliverable`: this place will never take it (blocked, archived, not a member) ·
 * `refused`: the platform will not take this content, however often · `broken`: try again later.
 */
export class PortError extends Error {
  override readonly name = 'PortError'
  readonly kind: 'wait' | 'gone' | 'undeliverable' | 'refused' | 'broken'
  readonly retryAfterS: number | null
  constructor(
    kind: 'wait' | 'gone' | 'undeliverable' | 'refused' | 'broken',
    message: string,
    retryAfterS: number | null = null,
  ) {
    super(message)
    this.kind = kind
    this.retryAfterS = retryAfterS
  }
}

export interface Log {
  info(o: object, m?: string): void
  warn(o: object, m?: string): void
  error(o: object, m?: string): void
}
export type { ButtonTarget }
