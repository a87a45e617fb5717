import type { FieldError } from '../error.ts'
import type { Ask } from '../state.ts'
import type { Value, Values } from '../value.ts'
import { checkValue } from '../variables/check.ts'
import { variableOfField } from './spec.ts'

/** Under what name the task keeps what was typed into a secret field; a corrected launch form changes the variable itself. */
export const secretKeyOf = (ask: Pick<Ask, 'nodeId' | 'correction'>, field: string): string =>
  ask.correction === true ? field : `${ask.nodeId}.${field}`

export interface SealedAnswers {
  /** As `decide` takes them: secrets as references. */
  readonly fields: Values
  /** Plain texts, to be sealed before anything is written. */
  readonly secrets: { readonly [key: string]: string }
  readonly errors: readonly FieldError[]
}
/** Takes what was typed into secret fields out of the answers: no history ever holds it. Nobody brings in a reference of their own. */
export function sealAnswers(ask: Ask, fields: Values): SealedAnswers {
  const answers: { [key: string]: Value } = { ...fields }
  const secrets: { [key: string]: string } = {}
  const errors: FieldError[] = []
  for (const field of ask.fields) {
    const variable = variableOfField(field)
    const given = fields[variable.key]
    if (!variable.secret || given === undefined || given === null || given === '') continue
    const checked = checkValue(variable, given)
    if (checked.error !== null) errors.push(checked.error)
    else if (typeof checked.value !== 'string')
      errors.push({ field: variable.key, code: 'type', message: `${variable.title} is a text` })
    else {
      const key = secretKeyOf(ask, variable.key)
      secrets[key] = checked.value
      answers[variable.key] = { $secret: `task:${key}` }
    }
  }
  return { fields: answers, secrets, errors }
}
