import type { SlotWanted } from '../core/requests.ts'
import type { Cell, Database, Row, Statement } from './database.ts'

/** What became of a wish for a place. */
export type SlotAnswer =
  | { readonly kind: 'granted' }
  | { readonly kind: 'queued'; readonly position: number }
  /** No place, and the flow does not queue. */
  | { readonly kind: 'busy'; readonly holders: readonly string[] }
  /** An equal task holds it. */
  | { readonly kind: 'joined'; readonly holder: string }
  /** Its wait would close a circle of tasks that wait for each other. */
  | { readonly kind: 'deadlock'; readonly holders: readonly string[] }
export interface Released {
  /** Tasks whose turn it is now. */
  readonly next: readonly string[]
  /** Tasks near the head of the line that have moved up in it; those further behind hear when they come near. */
  readonly moved: readonly string[]
}
export interface SlotClaim extends SlotWanted {
  readonly project: string
  readonly task: string
  readonly at: number
}

/**
 * Places under keys (FLOW §2, Concurrency): first come, first served; whoever was sent away by a freeze came when they first did. `want` and `release` run inside a transaction of the catalogue
 * and may be repeated: a task has one place or none.
 */
export interface Slots {
  want(claim: SlotClaim): SlotAnswer
  /** Gives the place back. */
  release(task: string): Released
  /** Place in the queue, from 1; null: the task does not wait. */
  position(task: string): number | null
  /** The number under which it stands in its line or holds its place; null: it does neither. */
  number(task: string): number | null
  /** Who holds the place that this task waits for or has. */
  holders(task: string): readonly string[]
  /** What a launch would meet now, without taking anything: who holds the place, and whom it would join. */
  outlook(wanted: Pick<SlotClaim, 'project' | 'key' | 'limit' | 'whenBusy' | 'digest'>): SlotOutlook
  /** Places of tasks that no list knows: taken by launches that may never have made their task. */
  unmade(): readonly { readonly task: string; readonly at: number }[]
}

export interface SlotOutlook {
  readonly kind: 'granted' | 'queued' | 'joined' | 'busy'
  /** Its place in the queue, from 1, where it would wait. */
  readonly position: number | null
  readonly holders: readonly string[]
  /** The task it would become part of. */
  readonly joins: string | null
}

/** How far back in a line tasks are told that they have moved. */
const NEAR = 5
const NOBODY: Released = { next: [], moved: [] }

interface Place {
  readonly task: string
  readonly most: number
  readonly state: 'held' | 'waiting' | 'shared'
  readonly via: string | null
  readonly digest: string
  readonly ancestors: readonly string[]
  readonly slot: string
}

export function sqlSlots(db: Database): Slots {
  const sql = Object.fromEntries(Object.entries(SQL).map(([name, text]) => [name, db.prepare(text)])) as {
    [name in keyof typeof SQL]: Statement
  }
  const held = (project: Cell, key: Cell): Place[] => sql.held.all([project, key]).map(placeOf)
  const line = (project: Cell, key: Cell, limit: number): Place[] => sql.line.all([project, key, limit]).map(placeOf)
  const mineOf = (task: string): Row | undefined => sql.mine.get([task])
  const positionOf = (task: string): number | null => {
    const mine = mineOf(task)
    if (mine?.[2] !== 'waiting') return null
    return sql.before.get([mine[0]!, mine[1]!, mine[3]!])![0] as number
  }

  return {
    want(claim) {
      const { project, key, task, limit, whenBusy, ancestors } = claim
      const mine = mineOf(task)
      if (mine) return mine[2] === 'waiting' ? { kind: 'queued', position: positionOf(task)! } : { kind: 'granted' }
      // Numbers are given once, so nobody else has one that was given back.
      const n = claim.place === undefined || sql.numbered.get([claim.place]) ? null : claim.place
      const add = (state: Place['state'], via: string | null): void =>
        void sql.add.run([n, project, key, task, limit, state, via, claim.digest, JSON.stringify(ancestors), claim.at])
      const above = ancestors.length === 0 ? undefined : sql.above.get([project, key, JSON.stringify(ancestors)])
      if (above) {
        const { state, via, task: holder } = placeOf(above)
        add('shared', state === 'shared' ? via : holder)
        return { kind: 'granted' }
      }
      const holding = held(project, key)
      if (holding.length < limit && line(project, key, 1).length === 0) {
        add('held', null)
        return { kind: 'granted' }
      }
      const holders = holding.map((place) => place.task)
      const equal = whenBusy === 'join' && holding.find(({ digest }) => digest !== '' && digest === claim.digest)
      if (equal) return { kind: 'joined', holder: equal.task }
      if (whenBusy !== 'queue') return { kind: 'busy', holders }
      if (ancestors.length > 0 && closesCircle({ ...claim, slot: slotName(project, key) }, sql.all.all().map(placeOf)))
        return { kind: 'deadlock', holders }
      add('waiting', null)
      return { kind: 'queued', position: positionOf(task)! }
    },
    release(task) {
      const mine = mineOf(task)
      if (!mine) return NOBODY
      const [project, key, state] = mine as [Cell, Cell, Cell]
      sql.remove.run([task])
      // A task below may outlive the one it shared with: the place is theirs until the last of them has ended.
      const heir = state === 'held' ? sql.heir.get([task])?.[0] : undefined
      if (heir !== undefined) {
        sql.inherit.run([heir])
        sql.share.run([heir, task])
        return NOBODY
      }
      const next: string[] = []
      for (let count = held(project, key).length; ; count += 1) {
        const [first] = line(project, key, 1)
        if (first === undefined || count >= first.most) break // nobody overtakes
        sql.grant.run([first.task])
        next.push(first.task)
      }
      return { next, moved: line(project, key, NEAR).map((place) => place.task) }
    },
    position: positionOf,
    number: (task) => (mineOf(task)?.[3] as number | undefined) ?? null,
    holders(task) {
      const mine = mineOf(task)
      if (!mine) return []
      return held(mine[0]!, mine[1]!)
        .map((place) => place.task)
        .filter((holder) => holder !== task)
    },
    outlook({ project, key, limit, whenBusy, digest }) {
      const holding = held(project, key)
      const waiting = sql.waiting.get([project, key])![0] as number
      const holders = holding.map((place) => place.task)
      if (waiting === 0 && holding.length < limit) return { kind: 'granted', position: null, holders: [], joins: null }
      const equal =
        whenBusy === 'join' ? holding.find((place) => place.digest !== '' && place.digest === digest) : undefined
      if (equal) return { kind: 'joined', position: null, holders, joins: equal.task }
      if (whenBusy !== 'queue') return { kind: 'busy', position: null, holders, joins: null }
      return { kind: 'queued', position: waiting + 1, holders, joins: null }
    },
    unmade: () => sql.unmade.all().map(([task, at]) => ({ task: task as string, at: at as number })),
  }
}

/**
 * Would this wait never end? A wait ends when one of the places under its key is given back, and a place is given back when nothing
 * below its holder waits in vain. What is not shown to end by that is a circle (FLOW §6, Ends).
 */
function closesCircle(
  wanting: { readonly task: string; readonly ancestors: readonly string[]; readonly slot: string },
  places: readonly Place[],
): boolean {
  const waits = [...places.filter(({ state }) => state === 'waiting'), wanting]
  const ends = new Set<string>()
  const givesBack = (holder: Place): boolean =>
    waits.every((wait) => ends.has(wait.task) || !isWithin(wait, holder, places))
  for (let found = true; found;) {
    found = false
    for (const wait of waits) {
      if (ends.has(wait.task)) continue
      const holders = places.filter(({ state, slot }) => state === 'held' && slot === wait.slot)
      if (holders.length > 0 && !holders.some(givesBack)) continue
      ends.add(wait.task)
      found = true
    }
  }
  return !ends.has(wanting.task)
}
/** Below the holder, or below a task that shares its place. */
function isWithin(wait: { readonly ancestors: readonly string[] }, holder: Place, places: readonly Place[]): boolean {
  if (wait.ancestors.includes(holder.task)) return true
  return places.some(({ via, task }) => via === holder.task && wait.ancestors.includes(task))
}

const slotName = (project: Cell, key: Cell): string => `${String(project)} ${String(key)}`
const placeOf = ([task, most, state, via, digest, ancestors, project, key]: Row): Place => ({
  task: task as string,
  most: most as number,
  state: state as Place['state'],
  via: via as string | null,
  digest: digest as string,
  ancestors: JSON.parse(ancestors as string) as string[], // written by want
  slot: slotName(project!, key!),
})

const COLUMNS = 'task, most, state, via, digest, ancestors, project, key'
const SQL = {
  // By the index on (project, key, state, n): a line of thousands costs what its head does.
  held: `SELECT ${COLUMNS} FROM slots WHERE project = ? AND key = ? AND state = 'held' ORDER BY n`,
  line: `SELECT ${COLUMNS} FROM slots WHERE project = ? AND key = ? AND state = 'waiting' ORDER BY n LIMIT ?`,
  above: `SELECT ${COLUMNS} FROM slots WHERE project = ? AND key = ? AND state IN ('held', 'shared') AND task IN (SELECT value FROM json_each(?)) ORDER BY n`,
  waiting: "SELECT count(*) FROM slots WHERE project = ? AND key = ? AND state = 'waiting'",
  before: "SELECT count(*) FROM slots WHERE project = ? AND key = ? AND state = 'waiting' AND n <= ?",
  all: `SELECT ${COLUMNS} FROM slots ORDER BY n`,
  mine: 'SELECT project, key, state, n FROM slots WHERE task = ?',
  numbered: 'SELECT 1 FROM slots WHERE n = ?',
  add: 'INSERT INTO slots (n, project, key, task, most, state, via, digest, ancestors, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  remove: 'DELETE FROM slots WHERE task = ?',
  grant: "UPDATE slots SET state = 'held' WHERE task = ?",
  heir: "SELECT task FROM slots WHERE via = ? AND state = 'shared' ORDER BY n LIMIT 1",
  inherit: "UPDATE slots SET state = 'held', via = NULL WHERE task = ?",
  share: 'UPDATE slots SET via = ? WHERE via = ?',
  unmade:
    'SELECT slots.task, slots.at FROM slots LEFT JOIN task_index ON task_index.id = slots.task WHERE task_index.id IS NULL',
} as const
