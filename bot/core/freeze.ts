/** A freeze holds. Whoever may pass it is asked why, in the same form; others read until when it holds and who may. */
import { ClientError } from '../../api/client/index.ts'
import { line, type Field, type Line } from './card.ts'
import type { Answers, FieldProblem } from './contract.ts'
import { ownField } from './fields.ts'
import type { Texts } from './texts.ts'

/** Why it cannot wait; variables never begin with a dot. */
export const FREEZE = '.freeze'

/** Asked where a freeze was met, or is known to hold. */
export const freezeField = (texts: Texts, answers: Answers, problems: readonly FieldProblem[]): Field =>
  ownField(FREEZE, texts.frozen.why, 'lines', true, answers, problems)
export const asksForFreeze = (answers: Answers, problems: readonly FieldProblem[]): boolean =>
  FREEZE in answers || problems.some(({ field }) => field === FREEZE)
/** What the server takes: with a reason the freeze is passed. */
export function passing(answers: Answers): { readonly overrideFreeze?: string } {
  const given = answers[FREEZE]
  const why = typeof given === 'string' ? given.trim() : ''
  return why === '' ? {} : { overrideFreeze: why }
}

/** The refusal as a question, for whoever may pass the freeze; null: it is another refusal, or they may not. */
export function freezeProblem(error: unknown): FieldProblem | null {
  if (!(error instanceof ClientError) || error.code !== 'FROZEN' || error.detail['mayOverride'] !== true) return null
  return { field: FREEZE, message: error.message, fix: null }
}
/** Until when, what its author says of it, and who may go on all the same. */
export function frozenLines(texts: Texts, { message, detail }: ClientError): Line[] {
  const names = [detail['heldBy'], detail['grantedBy']].flatMap((some) => (Array.isArray(some) ? some.map(String) : []))
  const help = typeof detail['help'] === 'string' ? [line(detail['help'])] : []
  return [line(message), ...help, line(texts.frozen.whoMay([...new Set(names)].slice(0, 5).join(texts.or)))]
}
