import { COMMANDS } from './commands.ts'
import { FAILURE } from './failure.ts'
import { GATEWAYS } from './gateways.ts'
import { LISTS } from './lists.ts'
import type { Scenario } from './scenario.ts'
import { WAITS } from './waits.ts'

/** Every row, by the part of FLOW.md it belongs to. */
export const TABLE: { readonly [part: string]: readonly Scenario[] } = {
  '1.1 Gateways': GATEWAYS,
  '1.1 each': LISTS,
  '1.1 and 2 Waiting, finally': WAITS,
  '2 Commands': COMMANDS,
  '2 Failure': FAILURE,
}
