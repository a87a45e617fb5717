/** Where in a form something is wrong, and the value that would be right, when it is known. */
export interface FieldError {
  readonly field: string
  readonly code: string
  readonly message: string
  readonly fix?: string
}
/** What is true now, told to somebody who pressed too late. */
export interface Truth {
  readonly what: string
  readonly by: string | null
  readonly at: number | null
  readonly now: string
  readonly attempt?: number
}

/** A refusal of the server. Nothing changed. `code` is one of the documented list; NETWORK when no answer came, so that nobody knows. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: string
  readonly fields: readonly FieldError[]
  readonly truth: Truth | null
  readonly detail: Readonly<Record<string, unknown>>
  constructor(code: string, message: string, detail: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.detail = detail
    this.fields = Array.isArray(detail['fields']) ? (detail['fields'] as FieldError[]) : [] // shape fixed by the schema's documentation
    this.truth = (detail['truth'] as Truth | undefined) ?? null
  }
}
