import type { CatalogueParts } from '../../runtime/objects/catalogue-object.ts'
import type { TaskParts } from '../../runtime/objects/task-object.ts'
import type { Env } from './worker.ts'

/** The parts that objects are made of from now on. */
export interface Current {
  taskParts(env: Env): TaskParts
  catalogueParts(env: Env): CatalogueParts
}
/** What clocks have rung for, by their ids: to be looked at without waking them. */
export const rung = new Map<string, readonly number[]>()
let now: Current | null = null
export const makeCurrent = (parts: Current | null): void => void (now = parts)
export function current(): Current {
  if (!now) throw new Error('expected a test to have made a world, but there is none')
  return now
}
