import type { StoredEntry } from '../chain.ts'
import type { StoredAudit } from './audit-check.ts'
import type { SignedHead } from './heads.ts'

/** Raised when a line changes its meaning; older files stay readable. */
export const EXPORT_FORMAT = 1

/** The lines of an exported history, one JSON object each, in this order (docs/adr/0011). */
export type Line = HeaderLine | TaskLine | EntryLine | HeadLine | EndLine | AuditLine | AuditEndLine | SignatureLine
export interface HeaderLine {
  readonly kind: 'baton.history'
  readonly format: number
  readonly at: number
  /** What was asked for. */
  readonly scope: Scope
  /** Ed25519, raw, base64url. Whoever verifies compares it with the one the owner gave them. */
  readonly publicKey: string
}
/** One task, a project, the audit by itself, or the whole installation with it. */
export interface Scope {
  readonly task?: string
  readonly project?: string
  readonly audit?: true
}
export interface TaskLine {
  readonly kind: 'task'
  readonly id: string
  /** What lists showed: number, project, title, flow, phase, outcome, who, when. */
  readonly about: { readonly [name: string]: unknown }
  /** As the catalogue knows it, apart from the history: a history that ends before it was cut off. */
  readonly version: number
  readonly archived: boolean
}
/** `actor` and `events` are the stored bytes, as text: the hash is over them. */
export interface EntryLine extends StoredEntry {
  readonly kind: 'entry'
  readonly hash: string
}
export interface HeadLine extends SignedHead {
  readonly kind: 'head'
}
export interface EndLine {
  readonly kind: 'end'
  readonly task: string
  readonly entries: number
  readonly version: number
  readonly hash: string
}
export interface AuditLine extends StoredAudit {
  readonly kind: 'audit'
}
/** How many rows the audit and how many signed heads there ever were, by the counters of their tables. */
export interface AuditEndLine {
  readonly kind: 'audit_end'
  readonly last: number
  readonly heads: number
}
/** Over every byte before this line. */
export interface SignatureLine {
  readonly kind: 'signature'
  readonly lines: number
  readonly sha256: string
  readonly signature: string
}
