import { ClientError } from '../api/client/index.ts'
import { UsageError, type FlagSpec } from './args.ts'

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

/** What a person reads on standard error, when a command with these flags fails. */
export function explain(error: unknown, flags: FlagSpec = {}): string[] {
  if (!(error instanceof ClientError)) return [error instanceof Error ? error.message : String(error)]
  if (error.code === 'NETWORK') return ['No answer from the server; nothing is known to have changed.', error.message]
  if (error.code === 'UNAUTHENTICATED') return [error.message, ...NOT_SIGNED_IN]
  if (error.code === 'FROZEN') return [error.message, ...pastFreeze(error.detail)]
  const conflicts = conflictsIn(error.detail['conflicts'])
  if (conflicts.length > 0) return explainConflicts(conflicts)
  return [
    error.message,
    ...error.fields.flatMap((field) => fieldLine(field, error.message)),
    ...unknownProject(error, flags),
  ]
}
/** A project nobody has used yet is mostly a slip: whoever means it says so. */
const unknownProject = ({ fields }: ClientError, flags: FlagSpec): readonly string[] => {
  if (!fields.some(({ field, code }) => field === 'project' && code === 'UNKNOWN')) return []
  const begin = 'new-project' in flags ? 'To begin a project of that name: --new-project. ' : ''
  return [`  ${begin}All that are there: baton projects`]
}
/** What its author says to it, and who goes on all the same. */
function pastFreeze({ help, mayOverride, heldBy }: ClientError['detail']): string[] {
  const names = Array.isArray(heldBy) ? heldBy.join(' or ') : ''
  const way =
    mayOverride === true
      ? 'You may go on all the same, and everybody concerned reads why: --override-freeze "<why>"'
      : names && `${names} may go on all the same, with a reason.`
  return [help, way].filter((line) => typeof line === 'string' && line !== '').map((line) => `  ${String(line)}`)
}
const NOT_SIGNED_IN = [
  '  This token is not known: it was mistyped, revoked, has run out, or whoever it is of is suspended.',
  '  A new one is made under Me → Tokens, then: baton login <url> --token …; on the server itself: baton token new --owner',
]
/** A field whose words are the message itself is not said twice. */
const fieldLine = ({ field, message, fix }: ClientError['fields'][number], said: string): readonly string[] => {
  const way = fix && !message.includes(fix) ? ` (try ${fix})` : ''
  return said.includes(message) && way === '' ? [] : [`  ${field}: ${message}${way}`]
}

/** A field of a document that others look after, as `apply` names it. */
interface Conflict {
  readonly document: string
  readonly path: string
  readonly owners: readonly string[]
  readonly theirs?: unknown
  readonly yours?: unknown
}
const conflictsIn = (conflicts: unknown): readonly Conflict[] => (Array.isArray(conflicts) ? conflicts : [])
/** What stands there, what was brought, and both ways out. */
function explainConflicts(conflicts: readonly Conflict[]): string[] {
  const documents = [...new Set(conflicts.map(({ document }) => document))]
  return [
    'Nothing was saved: this would change what others look after.',
    ...conflicts.flatMap(({ document, path, owners, theirs, yours }) => [
      `  ${document} ${path}, looked after by ${owners.join(', ')}`,
      `    there: ${valueText(theirs)}`,
      `    yours: ${valueText(yours)}`,
    ]),
    `--force takes it over; to keep what is there, write it into your file: baton get ${documents[0]}`,
  ]
}
const valueText = (value: unknown): string => (value === undefined || value === null ? '∅' : JSON.stringify(value))
