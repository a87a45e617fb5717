import type { Event, Recorded } from '../core/events.ts'
import { SYSTEM, type Actor } from '../core/state.ts'
import { bulk } from './bulk.ts'
import { hashOf, type StoredEntry } from './chain.ts'
import type { Cell, Database, Row, Statement, Tx } from './database.ts'
import { Gather } from './gather.ts'
import { IN_ITS_COMMIT, UNWRITTEN, type TaskMessage } from './message.ts'
import type { Routed } from './routing.ts'
import {
  BEGINNING,
  type Address,
  type Change,
  type Committed,
  type Head,
  type LogBatch,
  type TaskStore,
} from './task-store.ts'

/** A catalogue on the same database: applies messages inside the transaction, and says of each what it left for others. */
export type HandOn = (tx: Tx, messages: readonly TaskMessage[]) => readonly Routed[]

/** Tasks in SQLite. Prepared statements throughout: this is the path every node takes. */
export function sqlTaskStore(db: Database, handOn: HandOn | null = null): TaskStore {
  const sql = statementsOf(db)
  const append = bulk(db, 6, (rows) => `INSERT INTO journal (task, seq, at, actor, events, hash) VALUES ${rows}`)
  const send = bulk(db, 2, (rows) => `INSERT INTO outbox (task, body) VALUES ${rows}`)
  const wake = bulk(db, 1, (tasks) => `INSERT OR IGNORE INTO awake (task) VALUES ${tasks}`)
  const park = bulk(db, 1, (tasks) => `DELETE FROM awake WHERE task IN (VALUES ${tasks})`)

  /** What few steps have. */
  const applyRest = ({ taskId, timers, inbox, secrets, tokens }: Change): void => {
    for (const id of timers.clear) sql.clearTimer.run([taskId, id])
    for (const { id, dueAt } of timers.set) sql.setTimer.run([taskId, id, dueAt])
    for (const id of inbox.done) sql.handled.run(['done', id])
    for (const id of inbox.late) sql.handled.run(['late', id])
    for (const variable in secrets) sql.seal.run([taskId, variable, secrets[variable]!])
    for (const token of tokens)
      sql.openAddress.run([token.hash, token.task, token.node, token.attempt, token.item ?? NODE_ITSELF])
  }
  /** Steps of different tasks: each task has one writer, which waits for its commit. */
  const applyAll = (tx: Tx, steps: readonly Step[]): readonly Committed[] => {
    const journal: Cell[] = []
    const outbox: Cell[] = []
    const woken: string[] = []
    const parked: string[] = []
    const messages: TaskMessage[] = []
    for (const { change, rows, head } of steps) {
      const { taskId } = change
      for (const row of rows) journal.push(row.task, row.seq, row.at, row.actor, row.events, row.bytes)
      if (change.awake === true) woken.push(taskId)
      else if (change.awake === false && change.isBeingListed !== true) parked.push(taskId)
      if (change.handOn)
        messages.push({ ...change.handOn, sequence: IN_ITS_COMMIT, ...(change.tellsHead === true && { head }) })
    }
    append(journal)
    const isListedLater = steps.length === 1 && messages.length === 1 && steps[0]!.change.mayBeListedLater === true
    const left = messages.length === 0 || isListedLater ? NOBODY : tryToHandOn(tx, messages)
    const counts = steps.map(({ change, head }) => {
      const bodies = bodiesOf(change, head, left)
      for (const body of bodies) outbox.push(change.taskId, body)
      return bodies.length
    })
    const lastSent = send(outbox)
    wake(woken)
    park(parked)
    let sequence = lastSent - outbox.length / 2 // those of one transaction have no gaps
    const sentOf = (count: number): readonly number[] =>
      count === 0 ? NOTHING_SENT : Array.from({ length: count }, () => ++sequence)
    let handedOn = 0
    return steps.map(({ change, rows, head }, index) => {
      const { taskId } = change
      applyRest(change)
      if (change.snapshot !== null && fits(change.snapshot, db.maxCellBytes))
        sql.snapshot.run([
          taskId,
          lastOf(change).version,
          rows.at(-1)?.bytes ?? bytesOf(change.after.hash),
          change.snapshot,
        ])
      const staysAwake =
        change.awake === false && change.isBeingListed === true && sql.parkListed.run([taskId, taskId]).changes === 0
      return {
        head,
        awake: staysAwake ? true : change.awake,
        sent: isListedLater ? LAUNCH_SENT : sentOf(counts[index]!),
        left: (change.handOn && left?.[handedOn++]) ?? null,
      }
    })
  }
  /** Null: they could not be applied, and nothing of them was. */
  const tryToHandOn = (tx: Tx, messages: readonly TaskMessage[]): readonly Routed[] | null => {
    sql.beginToHandOn.run()
    try {
      const left = handOn!(tx, messages)
      sql.handedOn.run()
      return left
    } catch (error) {
      try {
        sql.undoHandingOn.run()
        sql.handedOn.run()
      } catch {
        throw error // it took the transaction with it: a full disk
      }
      return null
    }
  }
  const commits = new Gather<Step, Committed>(db, applyAll)

  return {
    commit: (change) => commits.add(stepOf(change)),
    submit: (change, onDisk, refused) => commits.put(stepOf(change), onDisk, refused),
    uncommitted: () => commits.size,
    load(taskId) {
      const rows = sql.sinceSnapshot.all([taskId, taskId, taskId, taskId])
      const [first] = rows
      const entries = rows.map(recordedOf)
      // A young task: nothing but its journal.
      if (first?.[0] === 1)
        return {
          snapshot: null,
          entries,
          awake: first[5] === 1,
          callbacks: first[6] === 1,
          head: headAfter(entries, rows),
        }
      const [version, hash, state, isAwake, isCalled] = sql.woken.get([taskId, taskId, taskId])!
      if (version === null) return null
      return {
        snapshot: state as string,
        entries,
        awake: isAwake === 1,
        callbacks: isCalled === 1,
        head: first ? headAfter(entries, rows) : { version: version as number, hash: hexOf(hash!) },
      }
    },
    history: (taskId, after, limit) =>
      sql.entriesAfter.all([taskId, after, limit]).map((row) => ({ ...recordedOf(row), hash: hexOf(row[4]!) })),
    stored: (taskId, after, limit) =>
      sql.entriesAfter.all([taskId, after, limit]).map((row) => ({ ...storedOf(taskId, row), hash: hexOf(row[4]!) })),
    verifyHistory(taskId) {
      let head = BEGINNING
      for (const row of sql.entriesAfter.all([taskId, 0, -1])) {
        const entry = storedOf(taskId, row)
        if (entry.seq !== head.version + 1)
          return {
            seq: head.version + 1,
            problem: `expected entry ${head.version + 1}, but the next one is ${entry.seq}`,
          }
        const hash = hashOf(head.hash, entry)
        if (hash !== hexOf(row[4]!)) return { seq: entry.seq, problem: 'the entry or one before it was changed' }
        head = { version: endOf(recordedOf(row)), hash }
      }
      const kept = sql.loadSnapshot.get([taskId])
      if (kept && (kept[0] as number) > head.version) return { seq: head.version + 1, problem: 'the end is missing' }
      return null
    },

    noteUnbegun: (keys) => db.write(() => keys.forEach((key) => void sql.noteUnbegun.run([key]))),
    takeUnbegun: () =>
      db.write(() => {
        const keys = sql.unbegun.all().map(([key]) => key as string)
        if (keys.length > 0) sql.clearUnbegun.run()
        return keys
      }),
    awake: () => sql.awake.all().map(([task]) => task as string),
    isListed: (taskId) => sql.isListed.get([taskId]) !== undefined,
    due: (now, limit) =>
      sql.due
        .all([now, limit])
        .map(([task, id, dueAt]) => ({ task: task as string, id: id as string, dueAt: dueAt as number })),
    nextDueAt: () => (sql.nextDue.get()?.[0] ?? null) as number | null,

    secrets: (taskId) => Object.fromEntries(sql.sealed.all([taskId]) as [string, string][]),

    addressOf(tokenHash) {
      const row = sql.address.get([tokenHash])
      return row ? addressOf(row) : null
    },
    receive: (address, key, payload, at) =>
      db.write(
        () =>
          sql.receive.run([address.task, address.node, address.attempt, address.item ?? NODE_ITSELF, key, payload, at])
            .changes > 0,
      ),
    unhandled: (taskId) =>
      sql.unhandled
        .all([taskId])
        .map((row) => ({ ...addressOf(row), id: row[4] as number, payload: row[5] as string })),
    tasksWithUnhandled: () => sql.tasksWithUnhandled.all().map(([task]) => task as string),

    outbox: (limit, after = 0) =>
      sql.outbox
        .all([after, limit])
        .map(([n, task, body]) => ({ sequence: n as number, task: task as string, body: body as string })),

    writeLog: (batch) => db.write(() => void sql.writeLog.run(logCells(batch))),
    readLog(task, node, attempt, from, limit) {
      const lines: (readonly [number, string, string, number | null])[] = []
      let first = from
      for (const row of sql.readLog.all([task, node, attempt, from])) {
        const batch = JSON.parse(row[1] as string) as LogBatch['lines'] // written by writeLog
        const skip = Math.max(0, from - (row[0] as number))
        if (lines.length === 0) first = (row[0] as number) + skip
        lines.push(...batch.slice(skip, skip + limit - lines.length))
        if (lines.length >= limit) break
      }
      return { lines, first }
    },
    clearLog: (task, node, attempt, item) =>
      db.write(() => {
        const others =
          item === null ? [] : linesOf(sql.readLog.all([task, node, attempt, 0])).filter((line) => line[3] !== item)
        sql.clearLog.run([task, node, attempt])
        if (others.length > 0) sql.writeLog.run(logCells({ task, node, attempt, first: 0, dropped: 0, lines: others }))
      }),
    logEnd(task, node, attempt) {
      const row = sql.logEnd.get([task, node, attempt])
      return row
        ? { total: (row[0] as number) + (row[1] as number), dropped: row[2] as number }
        : { total: 0, dropped: 0 }
    },
  }
}

/** A snapshot is a cache: one that the platform does not take is left out, and the task is woken from what came before it. */
const fits = (snapshot: string, maxBytes: number | undefined): boolean =>
  maxBytes === undefined || Buffer.byteLength(snapshot) <= maxBytes

/** Stands for "no item": SQLite counts nulls in a unique index as different. */
const NODE_ITSELF = -1

interface StoredRow extends StoredEntry {
  readonly hash: string
  readonly bytes: Buffer
}
interface Step {
  readonly change: Change
  readonly rows: readonly StoredRow[]
  /** What the change comes to. */
  readonly head: Head
}
function stepOf(change: Change): Step {
  const rows = chained(change)
  return { change, rows, head: { version: lastOf(change).version, hash: rows.at(-1)?.hash ?? change.after.hash } }
}
/** The entries as they will lie in the file; hashed before the transaction, so that it stays short. */
function chained(change: Change): StoredRow[] {
  const { taskId: task, after, entries } = change
  let before = after.hash
  return entries.map((entry) => {
    const { seq, at, by } = entry
    const actor = by === SYSTEM ? '' : JSON.stringify(by)
    const events = JSON.stringify(entry.events)
    before = hashOf(before, { task, seq, at, actor, events })
    return { task, seq, at, actor, events, hash: before, bytes: bytesOf(before) }
  })
}
const headAfter = (entries: readonly Recorded[], rows: readonly Row[]): Head => ({
  version: endOf(entries.at(-1)!),
  hash: hexOf(rows.at(-1)![4]!),
})
const endOf = (entry: Recorded): number => entry.seq + entry.events.length - 1
const lastOf = (change: Change): { version: number } => {
  const last = change.entries.at(-1)
  return { version: last ? endOf(last) : change.after.version }
}
const withHead = (body: string, head: Head): string => `${body.slice(0, -1)},"head":${JSON.stringify(head)}}`
/** What of a change goes into the outbox; `left` is null when nothing could be handed on. */
function bodiesOf(
  { outbox, handOn, tellsHead }: Change,
  head: Head,
  left: readonly Routed[] | null,
): readonly string[] {
  const bodies = handOn && left === null ? [...outbox, JSON.stringify(handOn)] : outbox
  return tellsHead === true ? bodies.map((body) => withHead(body, head)) : bodies
}
const NOBODY: readonly Routed[] = []
const NOTHING_SENT: readonly number[] = []
const LAUNCH_SENT: readonly number[] = [UNWRITTEN]
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex')
const hexOf = (cell: Cell): string => Buffer.from(cell as Uint8Array).toString('hex')

const storedOf = (task: string, row: Row): StoredEntry => ({
  task,
  seq: row[0] as number,
  at: row[1] as number,
  actor: row[2] as string,
  events: row[3] as string,
})
/** What the journal holds was written by `chained`. */
const recordedOf = (row: Row): Recorded => ({
  seq: row[0] as number,
  at: row[1] as number,
  by: row[2] === '' ? SYSTEM : (JSON.parse(row[2] as string) as Actor),
  events: JSON.parse(row[3] as string) as Event[],
})
const addressOf = (row: Row): Address => ({
  task: row[0] as string,
  node: row[1] as string,
  attempt: row[2] as number,
  item: row[3] === NODE_ITSELF ? null : (row[3] as number),
})
const linesOf = (rows: readonly Row[]): LogBatch['lines'] =>
  rows.flatMap((row) => JSON.parse(row[1] as string) as LogBatch['lines']) // written by writeLog
const logCells = (batch: LogBatch): Cell[] => [
  batch.task,
  batch.node,
  batch.attempt,
  batch.first,
  batch.lines.length,
  batch.dropped,
  JSON.stringify(batch.lines),
]

function statementsOf(db: Database): { readonly [name in keyof typeof SQL]: Statement } {
  return Object.fromEntries(Object.entries(SQL).map(([name, text]) => [name, db.prepare(text)])) as {
    [name in keyof typeof SQL]: Statement
  }
}
const SQL = {
  beginToHandOn: 'SAVEPOINT hand_on',
  handedOn: 'RELEASE hand_on',
  undoHandingOn: 'ROLLBACK TO hand_on',
  entriesAfter: 'SELECT seq, at, actor, events, hash FROM journal WHERE task = ? AND seq > ? ORDER BY seq LIMIT ?',
  snapshot:
    'INSERT INTO snapshots (task, version, hash, state) VALUES (?, ?, ?, ?) ON CONFLICT (task) DO UPDATE SET version = excluded.version, hash = excluded.hash, state = excluded.state',
  loadSnapshot: 'SELECT version, hash, state FROM snapshots WHERE task = ?',
  awake: 'SELECT task FROM awake',
  parkListed: 'DELETE FROM awake WHERE task = ? AND EXISTS (SELECT 1 FROM task_index WHERE id = ?)',
  isListed: 'SELECT 1 FROM task_index WHERE id = ?',
  noteUnbegun: 'INSERT OR IGNORE INTO unbegun (key) VALUES (?)',
  unbegun: 'SELECT key FROM unbegun',
  clearUnbegun: 'DELETE FROM unbegun',
  sinceSnapshot:
    "SELECT seq, at, actor, events, hash, EXISTS (SELECT 1 FROM awake WHERE task = ?), EXISTS (SELECT 1 FROM inbox WHERE task = ? AND state = 'new') FROM journal WHERE task = ? AND seq > coalesce((SELECT version FROM snapshots WHERE task = ?), 0) ORDER BY seq",
  woken:
    "SELECT s.version, s.hash, s.state, EXISTS (SELECT 1 FROM awake WHERE task = ?), EXISTS (SELECT 1 FROM inbox WHERE task = ? AND state = 'new') FROM (SELECT 1) LEFT JOIN snapshots s ON s.task = ?",
  setTimer:
    'INSERT INTO timers (task, id, due_at) VALUES (?, ?, ?) ON CONFLICT (task, id) DO UPDATE SET due_at = excluded.due_at',
  clearTimer: 'DELETE FROM timers WHERE task = ? AND id = ?',
  due: 'SELECT task, id, due_at FROM timers WHERE due_at <= ? ORDER BY due_at LIMIT ?',
  nextDue: 'SELECT due_at FROM timers ORDER BY due_at LIMIT 1',
  seal: 'INSERT INTO task_secrets (task, key, sealed) VALUES (?, ?, ?) ON CONFLICT (task, key) DO UPDATE SET sealed = excluded.sealed',
  sealed: 'SELECT key, sealed FROM task_secrets WHERE task = ?',
  openAddress: 'INSERT OR IGNORE INTO callback_tokens (hash, task, node, attempt, item) VALUES (?, ?, ?, ?, ?)',
  address: 'SELECT task, node, attempt, item FROM callback_tokens WHERE hash = ?',
  receive:
    "INSERT OR IGNORE INTO inbox (task, node, attempt, item, key, payload, at, state) VALUES (?, ?, ?, ?, ?, ?, ?, 'new')",
  handled: "UPDATE inbox SET state = ? WHERE n = ? AND state = 'new'",
  unhandled: "SELECT task, node, attempt, item, n, payload FROM inbox WHERE task = ? AND state = 'new' ORDER BY n",
  tasksWithUnhandled: "SELECT DISTINCT task FROM inbox WHERE state = 'new'",
  outbox: 'SELECT n, task, body FROM outbox WHERE n > ? ORDER BY n LIMIT ?',
  writeLog:
    'INSERT OR IGNORE INTO logs (task, node, attempt, first, count, dropped, lines) VALUES (?, ?, ?, ?, ?, ?, ?)',
  readLog:
    'SELECT first, lines FROM logs WHERE task = ? AND node = ? AND attempt = ? AND first + count > ? ORDER BY first',
  clearLog: 'DELETE FROM logs WHERE task = ? AND node = ? AND attempt = ?',
  logEnd:
    'SELECT first, count, dropped FROM logs WHERE task = ? AND node = ? AND attempt = ? ORDER BY first DESC LIMIT 1',
} as const
