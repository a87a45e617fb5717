/** What is put to people, and what they answer. */
import type { PersonRef } from '../env.ts'
import type { Ask, AskEnd, AttachedFile, Decision, Need } from '../state.ts'
import type { Values } from '../value.ts'
import type { Base } from './base.ts'

/** People are asked; who they are and what they see is frozen here. Comes after the `node_started` of its node. */
export interface AskOpened extends Base<'ask_opened'> {
  readonly ask: AskFacts
}
/** An ask as it opens. */
export type AskFacts = Omit<
  Ask,
  | 'state'
  | 'end'
  | 'decisions'
  | 'openedAt'
  | 'closedAt'
  | 'closedBy'
  | 'answers'
  | 'comments'
  | 'claimedBy'
  | 'remindedAt'
  | 'asked'
>
/** One person answered. What it comes to is `ask_closed`, if anything. */
export interface AskDecided extends Base<'ask_decided'> {
  readonly ask: string
  readonly decision: Decision
  /** Earlier answers that fill another place from now on, by person: one who is QA and Ops made room. */
  readonly moved?: { readonly [person: string]: string }
}
export interface AskCommented extends Base<'ask_commented'> {
  readonly ask: string
  /** Empty where files say it. */
  readonly comment: string
  readonly files?: readonly AttachedFile[]
}
/** One person took it. A form or confirmation is theirs alone from now on. */
export interface AskClaimed extends Base<'ask_claimed'> {
  readonly ask: string
  readonly person: PersonRef
}
/** It is everybody's again: given back, taken from who had it, handed on with their place, escalated, or they may not answer any more. */
export interface AskReleased extends Base<'ask_released'> {
  readonly ask: string
  readonly why: 'released' | 'taken' | 'transferred' | 'escalated' | 'gone'
  readonly reason: string | null
}
/** Other people are asked from now on. `attempt` when an ask nobody could answer goes on as its node's next attempt. */
export interface AskPeopleChanged extends Base<'ask_people_changed'> {
  readonly ask: string
  /** `directory`: roles, groups or the people themselves have changed. */
  readonly why: 'transferred' | 'assigned' | 'escalated' | 'directory'
  readonly need: Need
  /** Those newly asked. */
  readonly added: readonly PersonRef[]
  readonly reason: string | null
  readonly attempt?: number
  /** Whom its refs stand for: kept from the first change on. */
  readonly asked?: Need
  /** Two persons have turned out to be one: answers of the first are the second's, and count once. */
  readonly became?: { readonly [person: string]: string }
  /** Answers that do not count any more: one person's second, the starter's own under `notStarter`. By person, as they were called before. */
  readonly dropped?: readonly string[]
}
/** Those who have not answered are told again. */
export interface AskReminded extends Base<'ask_reminded'> {
  readonly ask: string
  readonly people: readonly string[]
  /** Somebody wanted it so. */
  readonly onDemand?: true
}
export interface AskClosed extends Base<'ask_closed'> {
  readonly ask: string
  readonly end: AskEnd
  readonly answers?: Values
}
/** A granted approval no longer stands for what runs: something it bound was changed, or raw inputs were used behind it. Announced to its approvers. */
export interface ApprovalOverridden extends Base<'approval_overridden'> {
  readonly ask: string
  readonly what: 'variables' | 'inputs' | 'skipped' | 'byhand' | 'failed'
  readonly reason: string
}

export type AskEvent =
  | AskOpened
  | AskDecided
  | AskCommented
  | AskClaimed
  | AskReleased
  | AskPeopleChanged
  | AskReminded
  | AskClosed
  | ApprovalOverridden
