import { GraphQLError } from 'graphql'
import { EngineError, type Right } from '../engine/index.ts'
import { fieldText, refusalText } from './texts.ts'
import type { Who } from './auth/who.ts'

/**
 * Refusals keep their code and what the caller needs to act; anything else is a bug and passes on for yoga to mask.
 * `extensions.code` is one of the engine's codes, or RATE_LIMITED, TOO_LARGE, UNAUTHENTICATED of the doors themselves.
 */
export function toPublicError(
  error: unknown,
  { language, timeZone }: Pick<Who, 'language' | 'timeZone'>,
  now?: number,
): unknown {
  if (!(error instanceof EngineError)) return error
  const { message: _message, ...detail } = error.detail
  const fields = detail.fields?.map((field) => ({ ...field, message: fieldText(field.message, language) }))
  return new GraphQLError(refusalText(error, language, timeZone, now), {
    extensions: { ...detail, ...(fields && { fields }), code: error.code },
  })
}
export const notFound = (what: string, ref: string): EngineError =>
  new EngineError('NOT_FOUND', { message: `There is no ${what} “${ref}”, or you may not see it.` })
export const forbidden = (
  right: Right | 'decide',
  grantedBy: readonly string[],
  heldBy: readonly string[] = [],
): EngineError => new EngineError('FORBIDDEN', { right, grantedBy, ...(heldBy.length > 0 && { heldBy }) })
export const badInput = (field: string, code: string, message: string, fix?: string): EngineError =>
  new EngineError('INVALID_INPUT', { message, fields: [{ field, code, message, ...(fix !== undefined && { fix }) }] })
