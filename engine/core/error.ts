/** Every way the engine refuses. Public: codes reach integrators as `extensions.code`; renaming one breaks them. */
export type EngineErrorCode =
  | 'NOT_FOUND'
  | 'INVALID_INPUT' // detail.fields / detail.findings say where
  | 'STALE' // the attempt, digest or revision has moved on; detail.truth says who did what, when
  | 'FORBIDDEN' // detail.right is missing, detail.grantedBy can give it, detail.heldBy have it
  | 'CONFLICT'
  | 'BUSY'
  | 'FROZEN'
  | 'RATE_LIMITED'
  | 'NOT_ALLOWED' // the thing is in a state (or declared by its author) that does not allow this, whoever asks
  | 'FINAL' // the task has ended
  | 'UNAVAILABLE' // not recorded, try again: the commit failed or the engine is shutting down
  | 'TOO_LARGE'
  | 'UNAUTHENTICATED'

/** Where in a form or document something is wrong, and the way out. */
export interface FieldError {
  readonly field: string
  readonly code: string
  /** For people, in English; surfaces may put their own words by `code`. */
  readonly message: string
  /** A value that would be right, offered as a link under the field. */
  readonly fix?: string
}

/** What is true now, told to somebody who pressed too late. */
export interface Truth {
  /** `retried`, `skipped`, `byhand`, `approved`, `rejected`, `revoked`, `edited` … */
  readonly what: string
  readonly by: string | null
  readonly at: number | null
  /** The state now, e.g. `running`, and the attempt it is about. */
  readonly now: string
  readonly attempt?: number
}

export interface ErrorDetail {
  readonly message?: string
  readonly fields?: readonly FieldError[]
  readonly truth?: Truth
  readonly right?: string
  readonly grantedBy?: readonly string[]
  /** Who has the right already, and could do it. */
  readonly heldBy?: readonly string[]
  readonly [key: string]: unknown
}

/** A refusal the caller can act on. Nothing changed. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  readonly detail: ErrorDetail
  constructor(code: EngineErrorCode, detail: ErrorDetail = {}) {
    super(detail.message ?? `${code} ${JSON.stringify(detail)}`)
    this.code = code
    this.detail = detail
  }
}
