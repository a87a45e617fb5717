import type { Ask, AttemptRecord, ItemRun, NodeRun, Table, Tally, TaskState, Timer } from './state.ts'
import { NO_TALLY } from './phase.ts'

/** Raised when the shape of `TaskState` changes: older snapshots are then rebuilt from events. */
const SNAPSHOT_FORMAT = 1

/** What is left out of a snapshot because it says nothing: most tasks on disk are parked, and what they weigh is this. */
const ATTEMPT: Partial<AttemptRecord> = { startedAt: null, endedAt: null, error: null, note: null }
const RUN: Partial<NodeRun> = {
  visit: 1,
  startedAt: null,
  endedAt: null,
  notBefore: null,
  retriesUsed: 0,
  plugin: null,
  inputs: null,
  rawInputs: false,
  outputs: null,
  finishedOutputs: null,
  error: null,
  pluginState: null,
  waitsFor: null,
  cancelling: false,
  cancelUnconfirmed: false,
  note: null,
  endedBy: null,
  askId: null,
  each: null,
  body: null,
  cancelFor: null,
  givenUp: false,
  lastAct: null,
}
const ITEM: Partial<ItemRun> = {
  state: null,
  attempt: 0,
  inputs: null,
  pluginState: null,
  waitsFor: null,
  body: null,
  notBefore: null,
  retriesUsed: 0,
  cancelling: null,
  cancelUnconfirmed: false,
  outputs: null,
  error: null,
  startedAt: null,
  endedAt: null,
}
const ASK: Partial<Ask> = {
  end: null,
  text: null,
  fields: [],
  notStarter: false,
  veto: [],
  order: 'any',
  remindEveryMs: null,
  reject: 'end',
  comment: 'onReject',
  onReject: 'fail',
  decisions: [],
  closedAt: null,
  deadline: null,
  onDeadline: null,
  escalateTo: [],
  answers: null,
  comments: [],
}
const TIMER: Partial<Timer> = { nodeId: null, attempt: null, askId: null }
const TASK: Partial<TaskState> = {
  key: null,
  client: null,
  app: null,
  origin: null,
  scheme: null,
  omit: [],
  rehearsal: false,
  outcome: null,
  waitingFor: [],
  paused: false,
  revoking: null,
  cancelUnconfirmed: false,
  startedAt: null,
  endedAt: null,
  fixed: [],
  hidden: [],
  outputs: null,
  finallyAt: -1,
  finallyRevoked: false,
  followers: [],
  pausedBefore: [],
  note: null,
  expectMs: null,
  late: false,
  continues: null,
  lastAct: null,
  heard: 0,
  parent: null,
  heldByParent: false,
  pausedWithParent: false,
  slot: null,
  handOver: null,
  children: [],
}
const TABLES = { nodes: RUN, tokens: {}, forks: {}, asks: ASK, items: ITEM, timers: TIMER } as const
type TableName = keyof typeof TABLES
const TABLE_NAMES = Object.keys(TABLES) as TableName[]

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
/** The fields that differ from what is taken for granted. */
function terse(row: object, usual: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  // No list of entries in between: this runs for every row of every task that parks.
  for (const key in row) {
    const value = (row as Record<string, unknown>)[key]
    if (value === undefined) continue
    const other = (usual as Record<string, unknown>)[key]
    if (other !== undefined && (value === other || (isEmptyList(value) && isEmptyList(other)))) continue
    kept[key] = value
  }
  return kept
}
const full = <T extends object>(row: Partial<T>, usual: Partial<T>): T => ({ ...usual, ...row }) as T // both halves of what `terse` cut

/** A state as text. A cache: what it holds can always be rebuilt from the history. */
export function freeze(state: Readonly<TaskState>): string {
  const frozen: Record<string, unknown> = { format: SNAPSHOT_FORMAT, ...terse(state, TASK) }
  for (const name of TABLE_NAMES) {
    const table = state[name] as Table<object>
    frozen[name] = undefined // JSON leaves it out; `delete` would make the object slow to write
    if (table.size > 0) frozen[name] = [...table.values()].map((row) => terse(row, TABLES[name]))
  }
  for (const run of (frozen['nodes'] ?? []) as { attempts: readonly object[] }[])
    run.attempts = run.attempts.map((each) => terse(each, ATTEMPT))
  frozen['tally'] = terse(state.tally, NO_TALLY)
  return JSON.stringify(frozen)
}

/** The state again, or null when the text is of another format and the history has to be read. */
export function thaw(text: string): TaskState | null {
  const { format, ...frozen } = JSON.parse(text) as { format: number } & Record<string, unknown>
  if (format !== SNAPSHOT_FORMAT) return null
  const rows = (name: TableName): Record<string, unknown>[] =>
    ((frozen[name] ?? []) as object[]).map((row) =>
      full<Record<string, unknown>>(row as Record<string, unknown>, TABLES[name]),
    )
  const state: Record<string, unknown> = { ...full<TaskState>(frozen as Partial<TaskState>, TASK) }
  for (const name of TABLE_NAMES) state[name] = new Map(rows(name).map((row) => [keyOf(name, row), row]))
  for (const run of (state['nodes'] as Map<string, Record<string, unknown>>).values())
    run['attempts'] = (run['attempts'] as Partial<AttemptRecord>[]).map((each) => full(each, ATTEMPT))
  state['tally'] = full<Tally>(frozen['tally'] as Partial<Tally>, NO_TALLY)
  return state as unknown as TaskState // written by freeze, of this very format
}
const keyOf = (name: TableName, row: Record<string, unknown>): string =>
  name === 'items' ? `${String(row['node'])}/${String(row['index'])}` : String(row['id'])
