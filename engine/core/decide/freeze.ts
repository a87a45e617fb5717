import { EngineError } from '../error.ts'
import type { FreezePassed } from '../events.ts'
import type { Frozen } from '../freeze.ts'
import type { TaskState } from '../state.ts'
import { emit, type Turn } from './turn.ts'

/** A refusal that names the freeze and when it ends. Passing it needs the right and a reason. */
export function frozenError(frozen: Frozen): EngineError {
  const { name, title, help, until } = frozen
  const end = until === null ? 'until it is taken out' : `until ${new Date(until).toISOString()}`
  return new EngineError('FROZEN', {
    message: `Frozen ${end}: ${title}`,
    freeze: name,
    title,
    until: until === null ? null : new Date(until).toISOString(),
    ...(help !== null && { help }),
    right: 'override-freeze',
  })
}

/** What holds for this task at an instant: nothing does for a rehearsal, which changes nothing. */
export const freezeOn = ({ env, state }: Pick<Turn, 'env' | 'state'>, at: number): Frozen | null =>
  state.rehearsal ? null : (env.frozen?.(frozenOf(state), at) ?? null)
/** A child counts as part of the app that its parent was launched by. */
const frozenOf = ({ project, app, flow }: Readonly<TaskState>) => ({
  project,
  app: app?.name ?? null,
  flow: flow.name,
})

/**
 * Whatever begins work by somebody's hand comes through here: while a freeze holds it is refused, or, with the reason of somebody
 * who may (`rights.ts` has judged that), goes on and says so in the history. What runs already goes on, its own retries and children too.
 */
export function throughFreeze(turn: Turn, what: FreezePassed['what'], reason: string | undefined): void {
  const frozen = freezeOn(turn, turn.now)
  if (frozen === null) return
  const why = reason?.trim() ?? ''
  if (why === '') throw frozenError(frozen)
  emit(turn, { kind: 'freeze_passed', v: 1, what, freeze: frozen.name, title: frozen.title, reason: why })
}
