import { EngineError } from '../core/error.ts'
import type { Actor } from '../core/state.ts'
import type { Cell, Database, Row, Statement, Tx } from './database.ts'
import type { ChildWanted } from '../core/requests.ts'
import type { Heads } from './history/heads.ts'
import { sqlLetterBox, type LetterBox } from './letters.ts'
import type { IndexRow, TaskMessage } from './message.ts'
import { route, type PendingChild, type Routed } from './routing.ts'
import { sqlSlots, type SlotAnswer, type SlotClaim, type Slots } from './slots.ts'

export interface Reservation {
  readonly taskId: string
  readonly number: number
  /** False: this key was used before, with the same input. */
  readonly fresh: boolean
  readonly committed: Promise<void>
}
export interface LaunchKey {
  readonly project: string
  readonly client: string
  readonly key: string
  readonly inputHash: string
  /** JSON of what to create, in case the process ends before the task has created itself. Secrets in it are sealed. */
  readonly request: string
}

/** The catalogue's part of running tasks: keys, numbers, the index (docs/adr/0003). */
export interface CatalogueStore {
  /**
   * Reserves id and number of a task that will create itself; repeatable by its key (then `taskId` is not used).
   * @throws CONFLICT when the key came with another input.
   */
  reserve(launch: LaunchKey | null, taskId: string, at: number): Reservation
  /** Reservations whose task may not exist yet. */
  pending(): readonly { readonly taskId: string; readonly number: number; readonly request: string }[]
  /** Applies messages of one task, as a whole: each unless it was, handed on in the same transaction, and taken out of the outbox. */
  apply(messages: readonly TaskMessage[], onMessage: (tx: Tx, message: TaskMessage) => void): Promise<Routed>
  readonly letters: LetterBox
  readonly slots: Pick<Slots, 'position' | 'holders' | 'outlook' | 'unmade'>
  /**
   * Takes a place for a task that is about to be launched, or lets it queue. A launch that gets neither is forgotten with its key,
   * or leads to the task it joins from now on.
   */
  claim(claim: SlotClaim, joiner: { readonly person: string; readonly by: Actor } | null): Promise<SlotAnswer>
  /** Gives a place back that a launch had taken and did not use. Answers with the tasks whose turn it is. */
  unclaim(taskId: string): Promise<readonly string[]>
  /** A child that will not be: its parent is told. Answers with the tasks that have letters by it. */
  refuseChild(wanted: ChildWanted, answer: { code: string; message: string }): Promise<readonly string[]>
  taskIdOf(ref: { number?: number; key?: string; project?: string; client?: string }): string | null
}

/**
 * With `heads`, the heads that tasks tell are signed as their messages are applied. `apart`: the tasks' outboxes are not on
 * this database, so whoever sends takes out what has been applied.
 */
export function sqlCatalogueStore(db: Database, heads: Heads | null = null, { apart = false } = {}): CatalogueStore {
  const sql = Object.fromEntries(Object.entries(SQL).map(([name, text]) => [name, db.prepare(text)])) as {
    [name in keyof typeof SQL]: Statement
  }
  let lastNumber = Math.max(
    (sql.lastNumber.get()?.[0] as number | undefined) ?? 0,
    (sql.highestNumber.get()?.[0] as number | null) ?? 0,
  )
  /** Keys on their way to disk: one engine per file, so nobody else gives numbers out. */
  const underway = new Map<string, { inputHash: string; reservation: Reservation }>()

  const writeReservation = (launch: LaunchKey | null, taskId: string, number: number, at: number) => () => {
    sql.setNumber.run([number])
    if (launch)
      sql.reserve.run([launch.project, launch.client, launch.key, taskId, number, launch.inputHash, at, launch.request])
  }
  const writePeople = (row: IndexRow, isNew: boolean): void => {
    if (!isNew) sql.clearNeeds.run([row.id])
    for (const need of row.needs) sql.need.run([row.id, need.person, need.kind, need.ref])
    if (!isNew) sql.clearFollowers.run([row.id])
    for (const person of row.followers) sql.follow.run([row.id, person])
  }

  const applyOne = (
    tx: Tx,
    message: TaskMessage,
    onMessage: (tx: Tx, message: TaskMessage) => void,
    told: Set<string>,
  ): void => {
    const { row, sequence } = message
    const people = row.needs.length + row.followers.length === 0 ? '' : JSON.stringify([row.needs, row.followers])
    const before = sql.people.get([row.id])
    if (sql.upsert.run([...indexCells(row), people, sequence]).changes > 0) {
      if ((before?.[0] ?? '') !== people) writePeople(row, !before)
      if (!before) sql.created.run([row.id])
      if (message.head) heads?.add(row.id, message.head, message.at)
      if (message.requests) route({ letters, slots, reserveChild }, message, told)
      onMessage(tx, message)
    }
    if (!apart) sql.applied.run([sequence])
  }
  const letters = sqlLetterBox(db)
  const slots = sqlSlots(db)
  const reserveChild = (child: ChildWanted, at: number): void => {
    const number = ++lastNumber
    sql.setNumber.run([number])
    const pending: PendingChild = { child }
    const { project, parent } = child
    sql.reserveChild.run([project, parent.task, child.child, child.child, number, at, JSON.stringify(pending)])
  }
  const release = (taskId: string): readonly string[] => {
    const next = slots.release(taskId)
    for (const task of next) letters.put(task, { kind: 'slot_granted' })
    return next
  }

  return {
    letters,
    slots,
    claim: (claim, joiner) =>
      db.write(() => {
        const answer = slots.want(claim)
        if (answer.kind === 'joined') {
          sql.lead.run([answer.holder, claim.task])
          if (joiner) letters.put(answer.holder, { kind: 'follow', ...joiner })
        } else if (answer.kind === 'busy' && claim.ancestors.length === 0) sql.forget.run([claim.task])
        return answer
      }),
    unclaim: (taskId) => db.write(() => release(taskId)),
    refuseChild: ({ child, parent }, answer) =>
      db.write(() => {
        if (sql.isPending.get([child]) === undefined) return [] // told before
        sql.forget.run([child])
        letters.drop(child)
        const { task, node, attempt } = parent
        letters.put(task, { kind: 'child_refused', child, node, attempt, ...answer })
        return [...release(child), task]
      }),
    reserve(launch, taskId, at) {
      const name = launch && JSON.stringify([launch.project, launch.client, launch.key])
      const known =
        name === null
          ? null
          : (underway.get(name) ?? keptReservation(sql.launchKey.get([launch!.project, launch!.client, launch!.key])))
      if (known) {
        if (known.inputHash !== launch!.inputHash) {
          throw new EngineError('CONFLICT', {
            message: `the key ${launch!.key} was used before with another input`,
            taskId: known.reservation.taskId,
          })
        }
        return { ...known.reservation, fresh: false }
      }
      const number = ++lastNumber
      const committed = db.write(writeReservation(launch, taskId, number, at))
      const reservation = { taskId, number, fresh: true, committed }
      if (name !== null) {
        underway.set(name, { inputHash: launch!.inputHash, reservation })
        committed.finally(() => underway.delete(name)).catch(() => {}) // its caller hears of it
      }
      return reservation
    },
    pending: () =>
      sql.pending.all().map(([taskId, number, request]) => ({
        taskId: taskId as string,
        number: number as number,
        request: request as string,
      })),
    apply: (messages, onMessage) =>
      db.write((tx) => {
        const told = new Set<string>()
        for (const message of messages) applyOne(tx, message, onMessage, told)
        const launches = messages.some(({ requests }) => requests?.some(({ kind }) => kind === 'child_wanted') === true)
        return { letters: [...told], launches }
      }),
    taskIdOf({ number, key, project = 'default', client }) {
      if (number !== undefined) return (sql.byNumber.get([number])?.[0] as string | undefined) ?? null
      if (key === undefined || client === undefined) return null
      return (sql.launchKey.get([project, client, key])?.[0] as string | undefined) ?? null
    },
  }
}

const keptReservation = (row: Row | undefined): { inputHash: string; reservation: Reservation } | null =>
  row === undefined
    ? null
    : {
        inputHash: row[2] as string,
        reservation: { taskId: row[0] as string, number: row[1] as number, fresh: false, committed: Promise.resolve() },
      }

const indexCells = (row: IndexRow): Cell[] => [
  row.id,
  row.version,
  row.number,
  row.project,
  row.title,
  row.app,
  row.flow,
  row.phase,
  JSON.stringify(row.waitingFor),
  row.outcome,
  row.startedBy,
  row.createdAt,
  row.endedAt,
  row.updatedAt,
  row.rehearsal ? 1 : 0,
  row.parent ?? null,
]

const SQL = {
  lastNumber: "SELECT value FROM counters WHERE name = 'task_number'",
  // A counter lost with a restored backup must not give a number twice.
  highestNumber: 'SELECT max(number) FROM task_index',
  setNumber:
    "INSERT INTO counters (name, value) VALUES ('task_number', ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
  reserve:
    'INSERT INTO launch_keys (project, client, key, task, number, input_hash, at, request) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  reserveChild:
    "INSERT OR IGNORE INTO launch_keys (project, client, key, task, number, input_hash, at, request) VALUES (?, 'task/' || ?, ?, ?, ?, '', ?, ?)",
  forget: 'DELETE FROM launch_keys WHERE task = ? AND request IS NOT NULL',
  isPending: 'SELECT 1 FROM launch_keys WHERE task = ? AND request IS NOT NULL',
  lead: 'UPDATE launch_keys SET task = ?, request = NULL WHERE task = ? AND request IS NOT NULL',
  launchKey: 'SELECT task, number, input_hash FROM launch_keys WHERE project = ? AND client = ? AND key = ?',
  pending: 'SELECT task, number, request FROM launch_keys WHERE request IS NOT NULL',
  created: 'UPDATE launch_keys SET request = NULL WHERE task = ? AND request IS NOT NULL',
  byNumber: 'SELECT id FROM task_index WHERE number = ?',
  people: 'SELECT people FROM task_index WHERE id = ?',
  upsert: `INSERT INTO task_index (id, version, number, project, title, app, flow, phase, waiting_for, outcome, started_by, created_at, ended_at, updated_at, rehearsal, parent, people, sequence)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title, phase = excluded.phase, waiting_for = excluded.waiting_for,
      outcome = excluded.outcome, ended_at = excluded.ended_at, updated_at = excluded.updated_at, people = excluded.people, sequence = excluded.sequence
    WHERE excluded.sequence > sequence`,
  clearNeeds: 'DELETE FROM needs WHERE task = ?',
  need: 'INSERT OR IGNORE INTO needs (task, person, kind, ref) VALUES (?, ?, ?, ?)',
  clearFollowers: 'DELETE FROM followers WHERE task = ?',
  follow: 'INSERT OR IGNORE INTO followers (task, person) VALUES (?, ?)',
  applied: 'DELETE FROM outbox WHERE n = ?',
} as const
