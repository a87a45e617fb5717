import { ASKS } from './asks.ts'
import { CALLBACKS } from './callbacks.ts'
import { COMMANDS } from './commands.ts'
import { CONCURRENCY } from './concurrency.ts'
import { CRASH } from './crash.ts'
import { FAILURE } from './failure.ts'
import { GATEWAYS } from './gateways.ts'
import { HAND_OVER } from './hand-over.ts'
import { KEPT } from './kept.ts'
import { LISTS } from './lists.ts'
import { PHASES } from './phases.ts'
import { REHEARSAL } from './rehearsal.ts'
import { RIGHTS } from './rights.ts'
import type { Scenario } from './scenario.ts'
import { SUBFLOWS } from './subflows.ts'
import { TAKEN_OVER } from './takenover.ts'
import { VARIABLES } from './variables.ts'
import { WAITS } from './waits.ts'

/** Every row, by the part of FLOW.md it belongs to. */
export const TABLE: { readonly [part: string]: readonly Scenario[] } = {
  '1.1 Gateways': GATEWAYS,
  '1.1 and 6 Variables, references': VARIABLES,
  '1.1 each': LISTS,
  '1.1 and 2 Waiting, finally': WAITS,
  '2 Callbacks': CALLBACKS,
  '2 Commands': COMMANDS,
  '2 continueFrom': KEPT,
  '2 Commands, who may': RIGHTS,
  '2 Concurrency': CONCURRENCY,
  '2 Crash, timers': CRASH,
  '2 Failure': FAILURE,
  '2 Phases, visits': PHASES,
  '2 Rehearsal': REHEARSAL,
  '2 Subflows': SUBFLOWS,
  '4 People': ASKS,
  '4 Hand-over': HAND_OVER,
  'Taken over': TAKEN_OVER,
}
