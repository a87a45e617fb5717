import { EngineError } from '../../../engine/index.ts'

/** Steps one request may list: one flow of the largest size, or many tasks of a usual one. The cost limit sees fields, not how many steps a task has. */
export const MAX_NODES = 12_000
const SPENT = new WeakMap<object, number>()

/** @throws TOO_LARGE when the same request lists too many, by aliases of `task` for example. */
export function spendNodes(request: object, count: number): void {
  const spent = (SPENT.get(request) ?? 0) + count
  SPENT.set(request, spent)
  if (spent > MAX_NODES)
    throw new EngineError('TOO_LARGE', {
      message: `One request lists up to ${MAX_NODES} steps. Ask for fewer tasks at once.`,
    })
}
