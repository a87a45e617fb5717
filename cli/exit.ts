import { ClientError } from '../api/client/index.ts'
import { UsageError } from './args.ts'

/** Exit codes, for scripts; documented in docs/terminal.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3, forbidden: 4, stale: 5, stopped: 6 } as const

/** The command was understood, and there is nothing it could do. Exit code 1. */
export class NothingToDo extends Error {
  override readonly name = 'NothingToDo'
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (!(error instanceof ClientError)) return EXIT.failed
  if (error.code === 'NETWORK' || error.code === 'UNAVAILABLE') return EXIT.unreachable
  if (error.code === 'FORBIDDEN' || error.code === 'UNAUTHENTICATED') return EXIT.forbidden
  return error.code === 'STALE' || error.code === 'CONFLICT' ? EXIT.stale : EXIT.failed
}

/** What a person reads on standard error. */
export function explain(error: unknown): string[] {
  if (!(error instanceof ClientError)) return [error instanceof Error ? error.message : String(error)]
  if (error.code === 'NETWORK') return ['No answer from the server; nothing is known to have changed.', error.message]
  return [
    error.message,
    ...error.fields.map((field) => `  ${field.field}: ${field.message}${field.fix ? ` (try ${field.fix})` : ''}`),
    ...conflictsIn(error.detail['conflicts']).map(
      ({ document, path, owners }) => `  ${document} ${path}: ${owners.join(', ')}`,
    ),
  ]
}
/** Fields of documents that others look after, as `apply` names them. */
const conflictsIn = (
  conflicts: unknown,
): readonly { readonly document: string; readonly path: string; readonly owners: readonly string[] }[] =>
  Array.isArray(conflicts) ? conflicts : []
