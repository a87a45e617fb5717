import { NO_TALLY } from './phase.ts'
import type { Table, TaskState } from './state.ts'

/** Raised when the shape of `TaskState` changes: older snapshots are then rebuilt from events. */
export const SNAPSHOT_FORMAT = 1
type Tables = 'nodes' | 'tokens' | 'forks' | 'asks' | 'items' | 'timers'
const TABLES: readonly Tables[] = ['nodes', 'tokens', 'forks', 'asks', 'items', 'timers']

/** A state as text. A cache: what it holds can always be rebuilt from the history. */
export function freeze(state: Readonly<TaskState>): string {
  const frozen: Record<string, unknown> = { format: SNAPSHOT_FORMAT }
  for (const key of Object.keys(state) as (keyof TaskState)[]) {
    const value = state[key]
    if (isTable(key)) {
      const table = value as Table<unknown>
      if (table.size > 0) frozen[key] = [...table.values()]
    } else if (key === 'tally')
      frozen[key] = Object.fromEntries(Object.entries(value as object).filter(([, count]) => count !== 0))
    else frozen[key] = value
  }
  return JSON.stringify(frozen)
}
const isTable = (key: string): key is Tables => (TABLES as readonly string[]).includes(key)

/** The state again, or null when the text is of another format and the history has to be read. */
export function thaw(text: string): TaskState | null {
  const { format, ...frozen } = JSON.parse(text) as { format: number } & { [key: string]: unknown }
  if (format !== SNAPSHOT_FORMAT) return null
  const state: Record<string, unknown> = { ...frozen, tally: { ...NO_TALLY, ...(frozen['tally'] as object) } }
  for (const table of TABLES) {
    const rows = (frozen[table] ?? []) as { id: string }[]
    state[table] = new Map(rows.map((row) => [row.id, row]))
  }
  const items = (frozen['items'] ?? []) as readonly { readonly node: string; readonly index: number }[]
  state['items'] = new Map(items.map((item) => [`${item.node}/${item.index}`, item]))
  return state as unknown as TaskState // written by freeze, of this very format
}
