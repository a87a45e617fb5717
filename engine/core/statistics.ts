import type { AttemptRecord, NodeRun, TaskState } from './state.ts'

/** What one ended task has to tell of itself, once. Durations in ms. */
export interface TaskFacts {
  readonly task: string
  readonly at: number
  readonly project: string
  readonly app: string | null
  readonly flow: string
  readonly outcome: 'succeeded' | 'failed' | 'revoked'
  /** From its start to its end, without the time it waited for people. */
  readonly workMs: number
  readonly waitMs: number
  readonly causes: Counts
  readonly nodes: readonly NodeFacts[]
}
/** Of one step: its attempts, over all visits. */
export interface NodeFacts {
  readonly node: string
  readonly runs: number
  readonly succeeded: number
  readonly failed: number
  readonly revoked: number
  readonly retries: number
  /** Of attempts that succeeded by themselves. */
  readonly work: readonly number[]
  /** Each time people were waited for: an answer, or a decision about a failure. */
  readonly wait: readonly number[]
  readonly causes: Counts
  /** What people did to it: `retried p1`, `skipped p1`, `byhand p1`, `given_up p1`, and how often. Absent: nothing. */
  readonly hands?: Counts
}
export type Counts = { readonly [name: string]: number }
interface Span {
  readonly from: number
  readonly to: number
}

/**
 * Read off the final state, so that histories give the same again. Null: it has not ended, or was a rehearsal, which statistics leave
 * out. An attempt that failed and was then skipped or done by hand worked until it failed, and waited from then on.
 */
export function factsOf(state: TaskState): TaskFacts | null {
  if (state.stage !== 'final' || state.rehearsal || state.outcome === null) return null
  const endedAt = state.endedAt ?? state.updatedAt
  const asked = new Map<string, Span[]>()
  for (const { nodeId, openedAt, closedAt } of state.asks.values())
    into(asked, nodeId, { from: openedAt, to: closedAt ?? endedAt })
  const parents = new Set(state.children.map(({ node }) => node))
  const nodes: NodeFacts[] = []
  const waits: Span[] = []
  for (const run of state.nodes.values()) {
    if (!isStep(run, parents)) {
      waits.push(...decided(run))
      continue
    }
    const smooth = smoothFacts(run)
    if (smooth !== null) {
      nodes.push(smooth)
      continue
    }
    const spans = [...(asked.get(run.id) ?? []), ...decided(run)]
    waits.push(...spans)
    const facts = nodeFacts(run, spans)
    if (facts.runs > 0) nodes.push(facts)
  }
  const from = state.startedAt ?? state.createdAt
  const waitMs = lengthOf(waits)
  return {
    task: state.id,
    at: endedAt,
    project: state.project,
    app: state.app?.name ?? null,
    flow: state.flow.name,
    outcome: state.outcome,
    workMs: Math.max(0, endedAt - from - waitMs),
    waitMs,
    causes: nodes.reduce<Counts>((all, { causes }) => plus(all, causes), {}),
    nodes,
  }
}
/** What does or asks something, or starts a flow: gateways and timers tell nobody anything. */
const isStep = (run: NodeRun, parents: ReadonlySet<string>): boolean =>
  run.plugin !== null || run.askId !== null || parents.has(run.id)

const NOTHING: Counts = {}
const NEVER: readonly number[] = []
/** As `nodeFacts`, of what most steps are: begun once, and done without anybody. */
function smoothFacts(run: NodeRun): NodeFacts | null {
  const [only] = run.attempts
  if (only === undefined || run.attempts.length > 1 || run.askId !== null || run.keptFrom !== undefined) return null
  const { state, error, startedAt, endedAt } = only
  if (state !== 'succeeded' || error !== null || startedAt === null) return null
  return {
    node: run.id,
    runs: 1,
    succeeded: 1,
    failed: 0,
    revoked: 0,
    retries: 0,
    work: [Math.max(0, (endedAt ?? 0) - startedAt)],
    wait: NEVER,
    causes: NOTHING,
  }
}
function nodeFacts(run: NodeRun, waits: readonly Span[]): NodeFacts {
  const begun = run.attempts.filter(({ startedAt }) => startedAt !== null && run.keptFrom === undefined)
  const failed = begun.filter(({ state, error }) => state === 'failed' || error !== null)
  const succeeded = begun.filter(({ state }) => state === 'succeeded')
  return {
    node: run.id,
    runs: begun.length,
    succeeded: succeeded.length,
    failed: failed.length,
    revoked: begun.filter(({ state, error }) => state === 'revoked' && error === null).length,
    retries: run.attempts.filter(
      ({ visit, startedAt }, index) =>
        startedAt !== null && run.keptFrom === undefined && run.attempts[index - 1]?.visit === visit,
    ).length,
    work:
      run.askId !== null
        ? []
        : succeeded.map(({ startedAt, endedAt }) => Math.max(0, (endedAt ?? 0) - (startedAt ?? 0))),
    wait: waits.map(({ from, to }) => Math.max(0, to - from)),
    ...handsOn(run),
    causes: failed.reduce<Counts>((all, { error }) => plus(all, { [error?.cause ?? 'error']: 1 }), {}),
  }
}

/** Who did what to it by hand. */
function handsOn(run: NodeRun): { readonly hands?: Counts } {
  const hands: Record<string, number> = {}
  const did = (what: string, person: string | null | undefined): void => {
    if (person != null) hands[`${what} ${person}`] = (hands[`${what} ${person}`] ?? 0) + 1
  }
  for (const [index, { visit, by, state, settledBy }] of run.attempts.entries()) {
    // The first attempt of a visit is made by whoever moved the token: nobody retried anything.
    if (run.attempts[index - 1]?.visit === visit) did('retried', by.person)
    if (state === 'skipped' || state === 'byhand') did(state, settledBy?.person)
  }
  if (run.lastAct?.what === 'given_up') did('given_up', run.lastAct.by.person)
  return Object.keys(hands).length === 0 ? {} : { hands }
}
/** How long failures waited for somebody to say what becomes of them. */
function decided(run: NodeRun): readonly Span[] {
  return run.attempts.flatMap((record, index) => {
    const span = decisionOf(record, run.attempts[index + 1], index === run.attempts.length - 1 ? run : null)
    return span === null || span.to <= span.from ? [] : [span]
  })
}
function decisionOf(record: AttemptRecord, next: AttemptRecord | undefined, last: NodeRun | null): Span | null {
  const { state, error, startedAt, endedAt, failedAt } = record
  if (endedAt === null || (state !== 'failed' && error === null)) return null
  if (state === 'failed') {
    // Retried: by a person when they pressed, which is when it started again.
    if (next?.visit === record.visit)
      return next.by.person === null ? null : { from: endedAt, to: next.startedAt ?? endedAt }
    return last?.lastAct?.what === 'given_up' ? { from: endedAt, to: last.lastAct.at } : null
  }
  // Histories of before this was kept do not say when it failed: all of it counts as waiting.
  return state === 'ignored' ? null : { from: failedAt ?? startedAt ?? endedAt, to: endedAt }
}

/** Spans that overlap are one: two people were waited for at once. */
function lengthOf(spans: readonly Span[]): number {
  let total = 0
  let until = -Infinity
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, until))
    until = Math.max(until, to)
  }
  return total
}
export const plus = (all: Counts, more: Counts): Counts => {
  const sum: Record<string, number> = { ...all }
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
const into = (map: Map<string, Span[]>, key: string, span: Span): void => {
  const known = map.get(key)
  if (known) known.push(span)
  else map.set(key, [span])
}

/** Eight buckets for each doubling: a value read back is at most 4.5 % off. Bucket 0 is "at once". */
const PER_DOUBLING = 8
export const bucketOf = (ms: number): number => (ms < 1 ? 0 : 1 + Math.floor(Math.log2(ms) * PER_DOUBLING))
const middleOf = (bucket: number): number => (bucket === 0 ? 0 : Math.round(2 ** ((bucket - 0.5) / PER_DOUBLING)))
export const histogramOf = (durations: readonly number[]): Counts =>
  durations.reduce<Counts>((all, ms) => plus(all, { [bucketOf(ms)]: 1 }), {})
/** The duration that so many of the counted ones do not exceed: `share` 0.5 is the median. Null: none was counted. */
export function quantile(histogram: Counts, share: number): number | null {
  const buckets = Object.entries(histogram)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((a, b) => a.bucket - b.bucket)
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  for (const { bucket, count } of buckets) {
    seen += count
    if (seen >= share * total) return middleOf(bucket)
  }
  return middleOf(buckets.at(-1)!.bucket)
}
