/** What every event has. */
export interface Base<K extends string> {
  readonly kind: K
  readonly v: 1
}
/** Of one visit of a node. */
export interface OnNode<K extends string> extends Base<K> {
  readonly node: string
  readonly attempt: number
}
/** `attempt` is the item's own attempt number, unique for this node and item over all visits. */
export interface OnItem<K extends string> extends Base<K> {
  readonly node: string
  readonly item: number
  readonly attempt: number
}
