import type { NodeView, StepView } from '../api/fragments.ts'
import { isDone, isNow } from './states.ts'

export interface TimelineStep {
  readonly step: StepView
  readonly node: NodeView | null
  readonly when: 'done' | 'now' | 'next'
}
/** Several standing batons share one stretch of the line. */
export type Stretch =
  | { readonly kind: 'step'; readonly item: TimelineStep }
  | { readonly kind: 'together'; readonly items: readonly TimelineStep[] }
export interface Stage {
  readonly key: string
  readonly title: string | null
  readonly inFinally: boolean
  readonly stretches: readonly Stretch[]
  readonly steps: readonly TimelineStep[]
  /** Over, and long enough that one line says it better. */
  readonly folds: boolean
}

/** A stage of one or two steps is as short unfolded, and shows who approved. */
const FOLDED_FROM = 3

export function stagesOf(steps: readonly StepView[], nodes: readonly NodeView[]): Stage[] {
  const stages: { title: string | null; inFinally: boolean; steps: TimelineStep[] }[] = []
  for (const step of steps) {
    const last = stages.at(-1)
    const item: TimelineStep = {
      step,
      node: nodes.find(({ id }) => id === step.nodeId) ?? null,
      when: isDone(step.state) ? 'done' : isNow(step.state) ? 'now' : 'next',
    }
    if (last && last.title === step.stage && last.inFinally === step.inFinally) last.steps.push(item)
    else stages.push({ title: step.stage, inFinally: step.inFinally, steps: [item] })
  }
  return stages.map((stage, index) => ({
    ...stage,
    key: `${index}-${stage.title ?? ''}`,
    stretches: stretchesOf(stage.steps),
    folds:
      stage.title !== null && stage.steps.length >= FOLDED_FROM && stage.steps.every(({ when }) => when === 'done'),
  }))
}

function stretchesOf(steps: readonly TimelineStep[]): Stretch[] {
  const stretches: Stretch[] = []
  for (let at = 0; at < steps.length;) {
    let end = at
    while (steps[end]?.when === 'now') end++
    if (end - at >= 2) stretches.push({ kind: 'together', items: steps.slice(at, end) })
    else {
      const item = steps[at]
      if (item) stretches.push({ kind: 'step', item })
      end = at + 1
    }
    at = end
  }
  return stretches
}
