/** Where the tokens of a task stand, how gateways sent them, and what is due. */
import type { Timer } from '../state.ts'
import type { Base, OnNode } from './base.ts'

/** A due instant; one of the same id is replaced. */
export interface TimerSet extends Base<'timer_set'> {
  readonly timer: Timer
}
/** Fired, or no longer wanted. */
export interface TimersCleared extends Base<'timers_cleared'> {
  readonly ids: readonly string[]
}
/** A token stands before `node` without a visit: the task is paused. (Nodes of `finally` have tokens `finally:0`, `finally:1` …, outside the table.) */
export interface TokenMoved extends Base<'token_moved'> {
  readonly token: string
  readonly node: string
}
/** A token is gone: at `end`, or because nothing starts any more. */
export interface TokenEnded extends Base<'token_ended'> {
  readonly token: string
}
/** An exclusive gateway (visited by this event unless it had failed before) sends its token to `to`. */
export interface BranchChosen extends OnNode<'branch_chosen'> {
  readonly token: string
  readonly to: string
  /** Steps that can no longer run, for the progress bar. */
  readonly dropped?: number
}
/** No visit of the node begins until this is lifted; a token that comes waits before it. */
export type PauseBeforeSet = OnNode<'pause_before_set'>
export type PauseBeforeLifted = OnNode<'pause_before_lifted'>
/** A parallel or inclusive gateway made one instance of its block: `token` became one token for each branch. */
export interface GatewayForked extends OnNode<'gateway_forked'> {
  readonly token: string
  readonly fork: string
  readonly converge: string
  readonly branches: readonly { readonly token: string; readonly node: string; readonly branch: number }[]
  readonly dropped?: number
}
/** A token of `fork` waits at its converge for the others. */
export interface TokenArrived extends Base<'token_arrived'> {
  readonly token: string
  readonly fork: string
}
/** The last token of `fork` arrived: the converge (node, attempt) lets it through, outside the block again. */
export interface ForkJoined extends OnNode<'fork_joined'> {
  readonly token: string
  readonly fork: string
}

export type TokenEvent =
  | TimerSet
  | TimersCleared
  | TokenMoved
  | TokenEnded
  | BranchChosen
  | PauseBeforeSet
  | PauseBeforeLifted
  | GatewayForked
  | TokenArrived
  | ForkJoined
