import { randomBytes } from 'node:crypto'
import type { Client } from '../../api/client/index.ts'
import type { Answers, FormSession } from '../core/contract.ts'
import type { Form } from '../core/card.ts'
import { botStateQuery, setBotStateMutation } from '../core/queries/index.ts'
import type { Asked } from './answers.ts'
import { LIMITS } from './limits.ts'

/** What a modal carries: its session, what it asks, and answers that are on no field of it. */
export interface Kept {
  readonly session: FormSession
  readonly asked: readonly Asked[]
}
const TTL_S = 24 * 3600

/** As private metadata; what is too long for Slack's 3000 characters is kept by the API and only referred to. */
export async function packSession(
  service: Client,
  session: FormSession,
  form: Pick<Form, 'fields'> | null,
): Promise<string> {
  const asked = (form?.fields ?? [])
    .filter(({ widget }) => widget !== 'shown')
    .map(({ key, widget }): Asked => ({ key, widget }))
  const rest = Object.fromEntries(
    Object.entries(session.answers).filter(([key]) => !asked.some((field) => field.key === key)),
  )
  const text = JSON.stringify({ session: { ...session, answers: rest }, asked } satisfies Kept)
  if (text.length <= LIMITS.privateMetadata) return text
  const ref = randomBytes(12).toString('base64url')
  await service.query(setBotStateMutation, {
    key: `slack-form:${ref}`,
    expected: null,
    value: JSON.parse(text) as unknown,
    ttlS: TTL_S,
  })
  return JSON.stringify({ ref })
}

/** Null: too old. What Slack sends back was written by `packSession`; nothing in it decides, the server checks all of it again. */
export async function unpackSession(service: Client, metadata: string): Promise<Kept | null> {
  let kept: unknown
  try {
    kept = JSON.parse(metadata)
  } catch {
    return null
  }
  const ref = (kept as { ref?: unknown } | null)?.ref
  if (typeof ref === 'string') kept = (await service.query(botStateQuery, { key: `slack-form:${ref}` })).botState?.value
  return isKept(kept) ? kept : null
}
const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && 'session' in value && 'asked' in value && Array.isArray(value.asked)

export const withAnswers = (session: FormSession, answers: Answers): FormSession => ({
  ...session,
  answers: { ...session.answers, ...answers },
})
