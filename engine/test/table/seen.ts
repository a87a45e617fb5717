import { expect } from 'vitest'
import { itemsOf } from '../../core/apply.ts'
import type { TaskState } from '../../core/state.ts'
import type { Values } from '../../core/value.ts'

/** A task as a row of the table sees it: enough to say what must hold, and plain. */
export interface Seen {
  readonly phase?: string
  readonly waitingFor?: readonly string[]
  readonly outcome?: string
  /** State of each visited node, gateways too. */
  readonly nodes?: { readonly [node: string]: string }
  readonly attempts?: { readonly [node: string]: number }
  /** Cause of the error a node has. */
  readonly causes?: { readonly [node: string]: string }
  readonly codes?: { readonly [node: string]: string }
  /** Part of the message of the error a node has. */
  readonly messages?: { readonly [node: string]: string }
  readonly items?: { readonly [node: string]: readonly string[] }
  readonly variables?: Values
  readonly outputs?: Values
  /** What the latest attempt of a node was given. */
  readonly inputs?: { readonly [node: string]: Values }
  /** How it is being stopped. */
  readonly revoking?: string | null
  readonly late?: boolean
  readonly cancelUnconfirmed?: boolean
  readonly children?: number
  readonly rehearsal?: boolean
  readonly note?: string | null
  /** What has become of a request. */
  readonly handOver?: {
    readonly state?: string
    readonly to?: string
    readonly holder?: string | null
    readonly reason?: string | null
    /** Variables put right in claiming it, as they were before. */
    readonly corrected?: Values
  } | null
  readonly followers?: readonly string[]
  readonly progress?: { readonly done?: number; readonly total?: number }
  /** Number of the task a node was taken over from; those that did nothing because it was a rehearsal. */
  readonly keptFrom?: { readonly [node: string]: number }
  readonly notPerformed?: { readonly [node: string]: true }
  /** Asks in the order they were opened. */
  readonly asks?: readonly {
    readonly kind?: string
    readonly node?: string
    readonly state?: string
    readonly end?: string | null
    /** Everybody who is asked. */
    readonly people?: readonly string[]
    readonly facts?: Values
    readonly verdicts?: readonly string[]
    readonly comments?: readonly string[]
    /** What others filled in before, as it shows it. */
    readonly earlier?: readonly Values[]
  }[]
}

export const seenOf = (state: Readonly<TaskState>): Seen => {
  const runs = [...state.nodes.values()]
  const each = <T>(of: (run: (typeof runs)[number]) => T | undefined): { [node: string]: T } =>
    Object.fromEntries(runs.flatMap((run) => (of(run) === undefined ? [] : [[run.id, of(run) as T]])))
  return {
    phase: state.phase,
    waitingFor: state.waitingFor,
    ...(state.outcome !== null && { outcome: state.outcome }),
    nodes: each((run) => run.state),
    attempts: each((run) => run.attempt),
    causes: each((run) => run.error?.cause),
    codes: each((run) => run.error?.code),
    messages: each((run) => run.error?.message),
    items: each((run) =>
      run.each === null ? undefined : itemsOf(state, run.id).map((item) => item.state ?? 'not started'),
    ),
    variables: state.variables,
    ...(state.outputs !== null && { outputs: state.outputs }),
    inputs: each((run) => run.inputs ?? undefined),
    revoking: state.revoking?.mode ?? null,
    late: state.late,
    cancelUnconfirmed: state.cancelUnconfirmed,
    children: state.children.length,
    rehearsal: state.rehearsal,
    note: state.note,
    handOver: state.handOver && {
      state: state.handOver.state,
      to: state.handOver.title,
      holder: state.handOver.holder?.name ?? null,
      reason: state.handOver.reason,
      corrected: Object.fromEntries(
        Object.entries(state.handOver.corrections).map(([key, { before }]) => [key, before]),
      ),
    },
    followers: state.followers,
    progress: state.progress,
    keptFrom: each((run) => run.keptFrom),
    notPerformed: each((run) => run.notPerformed),
    asks: [...state.asks.values()].map((ask) => ({
      kind: ask.kind,
      node: ask.nodeId,
      state: ask.state,
      end: ask.end,
      people: [...new Set(ask.need.places.flatMap(({ people }) => people))],
      facts: Object.fromEntries(ask.facts.map(({ key, value }) => [key, value])),
      verdicts: ask.decisions.map(({ person, verdict }) => `${person} ${verdict}`),
      comments: ask.comments.map(({ text }) => text),
      earlier: (ask.earlier ?? []).map((id) => state.asks.get(id)?.answers ?? {}),
    })),
  }
}

/** What is wanted, with parts of messages as parts. */
export const wantedOf = ({ messages, ...rest }: Seen): object => ({
  ...rest,
  ...(messages !== undefined && {
    messages: Object.fromEntries(
      Object.entries(messages).map(([node, part]) => [node, expect.stringContaining(part) as unknown]),
    ),
  }),
})
export const matches = (state: Readonly<TaskState>, wanted: Seen): boolean => {
  try {
    expect(seenOf(state)).toMatchObject(wantedOf(wanted))
    return true
  } catch {
    return false
  }
}
