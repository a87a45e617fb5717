import type { ItemRun } from '../../../engine/index.ts'
import type { NodeShape } from './load.ts'

export type ItemShape = ItemRun
/** Items of an `each` node's latest visit, in order; null: it has none. */
export function itemsOfNode({ state, id }: NodeShape): ItemShape[] | null {
  const each = state.nodes.get(id)?.each
  if (!each) return null
  const items: ItemShape[] = []
  for (let index = 0; index < each.count; index++) {
    const item = state.items.get(`${id}/${index}`)
    if (item) items.push(item)
  }
  return items
}
