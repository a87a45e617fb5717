import { EngineError, type Truth } from '../error.ts'
import { endedBy } from '../asks/ended.ts'
import type { Act, Ask, NodeRun, TaskState } from '../state.ts'

/** Told to somebody who pressed too late: who did what, when, and how it is now. Nothing changed. */
export function stale(truth: Truth, message: string): never {
  throw new EngineError('STALE', { message, truth })
}
const truthOf = (act: Act | null, otherwise: string, now: string): Truth => ({
  what: act?.what ?? otherwise,
  by: act?.by.name ?? null,
  at: act?.at ?? null,
  now,
})

/** The node has moved on since the presser looked. */
export function staleNode(run: NodeRun): never {
  const own =
    run.lastAct ??
    (run.endedBy === null || run.endedAt === null ? null : { what: run.state, by: run.endedBy, at: run.endedAt })
  return stale(
    { ...truthOf(own, run.state, run.state), attempt: run.attempt },
    `expected another attempt of ${run.id}, but it is ${run.state} in attempt ${run.attempt}`,
  )
}
/** The task has moved on. */
export function staleTask(state: TaskState, otherwise: string): never {
  return stale(truthOf(state.lastAct, otherwise, state.phase), `task ${state.number} is ${state.phase}`)
}
/** The ask has been answered, or shows something else by now. */
export function staleAsk(ask: Ask): never {
  const truth = truthOfAsk(ask)
  return stale(truth, `ask ${ask.id} is ${truth.what}`)
}
export const truthOfAsk = (ask: Ask): Truth => ({
  what: ask.end ?? (ask.state === 'open' ? 'changed' : 'closed'),
  by: endedBy(ask),
  at: ask.closedAt ?? ask.decisions.at(-1)?.at ?? ask.openedAt,
  now: ask.state,
  attempt: ask.attempt,
})

/** The thing is in a state, or declared by its author, so that nobody may. */
export function notAllowed(message: string, why: string): never {
  throw new EngineError('NOT_ALLOWED', { message, why })
}
export function invalid(field: string, code: string, message: string): never {
  throw new EngineError('INVALID_INPUT', { message: `${field}: ${message}`, fields: [{ field, code, message }] })
}
