import type { NodeView } from '../api/fragments.ts'
import { shapeOfNode, stateOfNode, type Shape, type State } from './states.ts'

export interface Chip {
  readonly name: string
  readonly state: State
  readonly shape: Shape
  /** Which item of the step, when it runs over several. */
  readonly index: number | null
}

/** The hosts of a step, failed ones first only when there are too many to show. */
export function chipsOf(node: Pick<NodeView, 'hosts' | 'items' | 'state' | 'error'>): Chip[] {
  const own = node.state ?? 'READY'
  if (!node.items) {
    const shape: Shape = node.error?.cause === 'LOST' ? 'lost' : node.state === null ? 'queued' : shapeOfNode(own)
    return node.hosts.map((name) => ({
      name,
      state: shape === 'ready' ? 'queued' : stateOfNode(own),
      shape: shape === 'ready' ? 'queued' : shape,
      index: null,
    }))
  }
  return node.items.map(({ index, item, state }) => {
    const now = state ?? 'READY'
    const shape = shapeOfNode(now)
    return {
      name: typeof item === 'string' ? item : (JSON.stringify(item) ?? String(index)),
      state: stateOfNode(now),
      shape: shape === 'ready' ? 'queued' : shape,
      index,
    }
  })
}

export const isDoneChip = ({ state }: Chip): boolean => state === 'succeeded' || state === 'paused'
export const failedOf = (chips: readonly Chip[]): Chip[] => chips.filter(({ state }) => state === 'failed')
