import type { resultOf } from '../runtime/result.ts'
import type { Json } from './index.ts'

export type Values = { readonly [name: string]: Json }
/** How a body ended, as the engine would take it in: checked against the schemas, and masked. */
export type Ending =
  /** `notPerformed`: of a rehearsal, samples. */
  | { readonly kind: 'done'; readonly outputs: Values; readonly notPerformed?: true }
  | {
      readonly kind: 'fail'
      /** `error timeout lost output_invalid` */
      readonly cause: string
      readonly code: string
      readonly message: string
      readonly outputs?: Values
    }
  /** Parked until `poll`. */
  | { readonly kind: 'poll'; readonly afterS: number; readonly state: Json }
  /** Parked until `callback`. */
  | { readonly kind: 'callback'; readonly state: Json; readonly pollAfterS?: number }
  /** The process died. `at` is the deed it died before or after. */
  | { readonly kind: 'crashed'; readonly at: string }
  /** Its signal was aborted and it threw, as it should. */
  | { readonly kind: 'aborted' }

export function endingOf(result: ReturnType<typeof resultOf>): Ending {
  switch (result.kind) {
    case 'poll':
      return { kind: 'poll', afterS: result.afterMs / 1000, state: result.state }
    case 'callback':
      return {
        kind: 'callback',
        state: result.state,
        ...(result.pollAfterMs !== undefined && { pollAfterS: result.pollAfterMs / 1000 }),
      }
    default:
      return result
  }
}
