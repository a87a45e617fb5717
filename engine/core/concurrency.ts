import { canonical } from './asks/digest.ts'
import type { DecideEnv } from './env.ts'
import type { Flow } from './flow.ts'
import { scopeOf } from './scope.ts'
import type { TaskState } from './state.ts'
import { NodeProblem } from './nodes/template.ts'
import { isSecretRef } from './value.ts'

/** The place this task needs before it may run; null: its flow sets no limit, or it is a rehearsal, which does nothing that could get in the way. @throws what the key's expression throws. */
export function slotOf(
  flow: Flow,
  state: TaskState,
  env: DecideEnv,
): { key: string; limit: number; whenBusy: 'queue' | 'reject' | 'join'; digest: string } | null {
  if (flow.concurrency === null || state.rehearsal) return null
  const { key, limit, whenBusy } = flow.concurrency
  const value = key.evaluate(scopeOf(flow, state, env))
  if (value === null || value === '' || typeof value === 'object')
    throw new NodeProblem('CONCURRENCY_KEY', `the key of concurrency is ${JSON.stringify(value)}, expected a text`)
  return { key: String(value), limit, whenBusy, digest: digestOf(flow, state, env) }
}

/** Equal for launches that ask for the same. What is secret cannot be compared here: those are equal to none. */
function digestOf(flow: Flow, state: TaskState, env: DecideEnv): string {
  if (state.launched.some((key) => isSecretRef(state.variables[key]))) return ''
  const given = Object.fromEntries(state.launched.map((key) => [key, state.variables[key] ?? null]))
  return env.digest(canonical([flow.project, flow.name, given, state.omit, state.rehearsal]))
}
