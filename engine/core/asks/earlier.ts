import { isSecretRef, type Value, type Values } from '../value.ts'
import type { DecideEnv } from '../env.ts'
import type { Ask, TaskState } from '../state.ts'
import { canonical } from './digest.ts'

/** An ask that has more than this behind it shows the latest. */
const MOST = 20
const hasAnswers = (ask: Ask): boolean =>
  (ask.end === 'submitted' || ask.end === 'granted') &&
  ask.correction !== true &&
  ask.answers !== null &&
  Object.keys(ask.answers).length > 0

/** What others have filled in so far, by ask, oldest first: of each step what was answered last. */
export function earlierAnswers(state: Readonly<TaskState>): readonly string[] {
  const latest = new Map<string, Ask>()
  for (const ask of state.asks.values()) {
    if (!hasAnswers(ask)) continue
    const known = latest.get(ask.nodeId)
    if (known === undefined || (known.closedAt ?? 0) <= (ask.closedAt ?? 0)) latest.set(ask.nodeId, ask)
  }
  return [...latest.values()]
    .sort((a, b) => (a.closedAt ?? 0) - (b.closedAt ?? 0))
    .slice(-MOST)
    .map(({ id }) => id)
}

/** One of the answers it shows has been given anew. */
export function showsOutdated(state: Readonly<TaskState>, ask: Ask): boolean {
  if (ask.earlier === undefined) return false
  const now = new Set(earlierAnswers(state))
  return ask.earlier.some((id) => !now.has(id))
}

/** As the digest binds it: secrets as HMAC. */
export const boundAnswers = (env: DecideEnv, state: Readonly<TaskState>, ids: readonly string[]): Value =>
  ids.map((id): Value => ({ id, answers: sealed(env, state.asks.get(id)?.answers ?? {}) }))
const sealed = (env: DecideEnv, answers: Values): Value =>
  Object.fromEntries(
    Object.entries(answers).map(([key, value]) => [
      key,
      isSecretRef(value) ? env.hmac(canonical({ key, secret: value.$secret })) : value,
    ]),
  )
