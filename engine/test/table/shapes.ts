/** Small flows that rows are made of. */
export const act = (more: object = {}) => ({ use: 'act@1', ...more })
/** What an `act` does, attempt by attempt. */
export const does = (...doing: readonly string[]) => ({ with: { does: doing } })
/** A step after another. */
export const chain = (a: object = {}, b: object = {}, more: object = {}) => ({
  nodes: { a: act(a), b: act(b) },
  ...more,
})
/** Two branches side by side, whatever they are. */
export const beside = (a: object, b: object, more: object = {}) => ({
  nodes: {
    fan: { gateway: 'parallel', next: ['a', 'b'] },
    a: { ...a, next: 'join' },
    b: { ...b, next: 'join' },
    join: { gateway: 'converge' },
    last: act(),
  },
  ...more,
})
/** A node that starts a flow. */
export const starts = (flow: string, variables: object = {}, more: object = {}) => ({
  use: 'flow',
  with: { flow, variables },
  ...more,
})
