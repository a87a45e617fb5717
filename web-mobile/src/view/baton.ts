import type { TaskRow } from '../api/fragments.ts'
import { isDone, isFinal, isNow, stateOfPhase, type State } from './states.ts'

export interface Lying {
  readonly state: State
  readonly done: number
  readonly total: number
  /** Where the baton lies; null when the line is over or not begun. */
  readonly at: number | null
  /** What is going on there, by name. */
  readonly now: readonly string[]
}

/** A task as the baton on its line. Several at once are one baton whose label names all. */
export function lyingOf(
  task: Pick<TaskRow, 'phase' | 'progress'> & {
    readonly steps: readonly Pick<TaskRow['steps'][number], 'title' | 'state'>[]
  },
): Lying {
  const { phase, progress, steps } = task
  const current = steps.filter((step) => isNow(step.state))
  const doneSteps = steps.filter((step) => isDone(step.state) && step.state !== 'REVOKED').length
  const total = Math.max(progress.total, 1)
  const done = Math.min(total, steps.length > 0 && progress.total === steps.length ? doneSteps : progress.done)
  const begun = phase !== 'QUEUED' && phase !== 'CREATED' && phase !== 'REQUESTED'
  const over = phase === 'SUCCEEDED' || (isFinal(phase) && current.length === 0 && done >= total)
  return {
    state: stateOfPhase(phase),
    done: phase === 'SUCCEEDED' ? total : done,
    total,
    at: begun && !over ? Math.min(done, total - 1) : null,
    now: isFinal(phase) ? [] : current.map((step) => step.title),
  }
}
