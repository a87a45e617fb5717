import { EngineError } from '../core/error.ts'
import type { Actor } from '../core/state.ts'
import type { Cell, Database, Row, Statement, Tx } from './database.ts'
import { Registry } from '../core/registry.ts'
import type { ChildWanted } from '../core/requests.ts'
import type { Heads } from './history/heads.ts'
import { bulk } from './bulk.ts'
import { Gather } from './gather.ts'
import { sqlLetterBox, type LetterBox } from './letters.ts'
import { IN_ITS_COMMIT, type IndexRow, type TaskMessage } from './message.ts'
import { lastNumber } from './numbers.ts'
import { giveBack, route, type PendingChild, type Routed } from './routing.ts'
import { sqlSlots, type SlotAnswer, type SlotClaim, type Slots } from './slots.ts'
import { sqlTitles } from './titles.ts'

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
  /** JSON of what to create, in case the process ends before the task has created itself. Secrets in it are sealed. Asked for only then. */
  readonly request: () => string
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
  /** The task's first entry is in the same commit as its reservation: then nothing need be kept to create it from. */
  creating?(taskId: string): void
  /** Applies messages of one task, as a whole: each unless it was, handed on in the same transaction, and taken out of the outbox. */
  apply(messages: readonly TaskMessage[], onMessage: (tx: Tx, message: TaskMessage) => void): Promise<Routed>
  /** As `apply`, of messages that lie in no outbox, inside the transaction they come with; says of each what it left for others. */
  applyInCommit?(
    tx: Tx,
    messages: readonly TaskMessage[],
    onMessage: (tx: Tx, message: TaskMessage) => void,
  ): readonly Routed[]
  readonly letters: LetterBox
  readonly slots: Pick<Slots, 'position' | 'holders' | 'outlook' | 'unmade'>
  /**
   * Takes a place for a task that is about to be launched, or lets it queue. A launch that gets neither is forgotten with its key,
   * or leads to the task it joins from now on.
   */
  claim(claim: SlotClaim, joiner: { readonly person: string; readonly by: Actor } | null): Promise<SlotAnswer>
  /** Gives a place back that a launch had taken and did not use. Answers with the tasks that have letters by it. */
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
  let lastGiven = lastNumber(db)
  /** Keys on their way to disk: one engine per file, so nobody else gives numbers out. */
  const underway = new Registry<{ inputHash: string; reservation: Reservation }>()

  /** Those of them whose commit has not begun, by task. */
  const unwritten = new Registry<ReservationToWrite>()
  /** Those of them that were written in the commit under way with nothing left to create a task from. */
  const complete = new Set<string>()
  const reserve = bulk(
    db,
    8,
    (rows) => `INSERT INTO launch_keys (project, client, key, task, number, input_hash, at, request) VALUES ${rows}`,
  )
  const reservations = new Gather<ReservationToWrite, void>(db, (_, items, isAlone) => {
    const cells: Cell[] = []
    let highest = 0
    for (const { launch, taskId, number, at, isCreated } of items) {
      unwritten.delete(taskId)
      if (isCreated) complete.add(taskId)
      // The row that bears the number comes later, or may be refused.
      if (!isCreated || isAlone) highest = Math.max(highest, number)
      if (!launch) continue
      const { project, client, key, inputHash, request } = launch
      cells.push(project, client, key, taskId, number, inputHash, at, isCreated ? null : request())
    }
    if (highest > 0) sql.setNumber.run([highest])
    reserve(cells)
    return items.map(() => undefined)
  })

  const upsert = bulk(db, 18, (rows) => UPSERT(rows))
  const need = bulk(db, 4, (rows) => `INSERT OR IGNORE INTO needs (task, person, kind, ref) VALUES ${rows}`)
  const follow = bulk(db, 2, (rows) => `INSERT OR IGNORE INTO followers (task, person) VALUES ${rows}`)
  const clearNeeds = bulk(db, 1, (tasks) => `DELETE FROM needs WHERE task IN (VALUES ${tasks})`)
  const clearFollowers = bulk(db, 1, (tasks) => `DELETE FROM followers WHERE task IN (VALUES ${tasks})`)
  const created = bulk(
    db,
    1,
    (tasks) => `UPDATE launch_keys SET request = NULL WHERE task IN (VALUES ${tasks}) AND request IS NOT NULL`,
  )
  const applied = bulk(db, 1, (sequences) => `DELETE FROM outbox WHERE n IN (VALUES ${sequences})`)

  /** What a message brings: null when it was applied before. */
  const newsOf = (message: TaskMessage): News | null => {
    const { row, sequence } = message
    const isNew = message.isFirst === true && sequence === IN_ITS_COMMIT
    const before = isNew ? undefined : sql.indexed.get([row.number, row.id])
    const last = before ? (before[0] as number) : 0
    if (before && sequence !== IN_ITS_COMMIT && last >= sequence) return null
    const people = row.needs.length + row.followers.length === 0 ? '' : JSON.stringify([row.needs, row.followers])
    return {
      message,
      people,
      before: before ? (before[1] as string) : null,
      title: before ? (before[2] as string) : null,
      sequence: Math.max(last, sequence),
    }
  }
  /** Messages of different tasks. */
  const applyRound = (
    tx: Tx,
    round: readonly TaskMessage[],
    onMessage: (tx: Tx, message: TaskMessage) => void,
    told: Set<string>,
  ): void => {
    const news = round.map(newsOf).filter((one) => one !== null)
    const rows: Cell[] = []
    const needs: Cell[] = []
    const followers: Cell[] = []
    const begun: string[] = []
    const changed: string[] = []
    for (const { message, people, before, sequence } of news) {
      const { row } = message
      rows.push(...indexCells(row), people, sequence)
      if (before === null && !complete.has(row.id)) begun.push(row.id)
      if ((before ?? '') === people) continue
      if (before !== null && before !== '') changed.push(row.id)
      for (const { person, kind, ref } of row.needs) needs.push(row.id, person, kind, ref)
      for (const person of row.followers) followers.push(row.id, person)
    }
    upsert(rows)
    titles.listed(
      news
        .filter(({ message, title }) => message.row.title !== title)
        .map(({ message: { row }, title }) => ({ number: row.number, before: title, title: row.title })),
    )
    clearNeeds(changed)
    clearFollowers(changed)
    need(needs)
    follow(followers)
    created(begun)
    heads?.addAll(news.flatMap(({ message: { row, head, at } }) => (head ? [{ task: row.id, head, at }] : [])))
    for (const { message } of news) {
      if (message.requests) route({ letters, slots, reserveChild }, message, told)
      onMessage(tx, message)
    }
    const fromOutbox = apart ? [] : round.filter(({ sequence }) => sequence > 0)
    if (fromOutbox.length > 0) applied(fromOutbox.map(({ sequence }) => sequence))
  }
  const applyAll = (tx: Tx, items: readonly Delivery[]): readonly Routed[] => {
    const routed = items.map(() => NOTHING_LEFT)
    // A task may have said several things: they are applied in order, each with the row of its own.
    let round = new Map<string, TaskMessage>()
    let told = new Set<string>()
    const { onMessage } = items[0]!
    const flush = (): void => {
      applyRound(tx, [...round.values()], onMessage, told)
      round = new Map()
    }
    items.forEach(({ messages }, index) => {
      for (const message of messages) {
        if (round.has(message.row.id)) flush()
        round.set(message.row.id, message)
        if (message.requests) {
          // What is asked of others is told to whoever delivered it.
          flush()
          const before = routed[index]!
          routed[index] = {
            letters: [...new Set([...before.letters, ...told])],
            launches: before.launches || message.requests.some(({ kind }) => kind === 'child_wanted'),
          }
          told = new Set()
        }
      }
    })
    flush()
    return routed
  }
  const deliveries = new Gather<Delivery, Routed>(db, applyAll)
  const letters = sqlLetterBox(db)
  const slots = sqlSlots(db)
  const titles = sqlTitles(db)
  const reserveChild = (child: ChildWanted, at: number): void => {
    const number = ++lastGiven
    sql.setNumber.run([number])
    const pending: PendingChild = { child }
    const { project, parent } = child
    sql.reserveChild.run([project, parent.task, child.child, child.child, number, at, JSON.stringify(pending)])
  }
  const release = (taskId: string): readonly string[] => giveBack({ letters, slots }, taskId)

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
      const number = ++lastGiven
      const item = { launch, taskId, number, at, isCreated: false }
      if (launch) unwritten.set(taskId, item)
      const committed = reservations.add(item)
      const reservation = { taskId, number, fresh: true, committed }
      if (name !== null) {
        underway.set(name, { inputHash: launch!.inputHash, reservation })
        committed
          .finally(() => {
            underway.delete(name)
            unwritten.delete(taskId)
            complete.delete(taskId)
          })
          .catch(() => {}) // its caller hears of it
      }
      return reservation
    },
    pending: () =>
      sql.pending.all().map(([taskId, number, request]) => ({
        taskId: taskId as string,
        number: number as number,
        request: request as string,
      })),
    creating(taskId) {
      const reservation = unwritten.get(taskId)
      if (reservation) reservation.isCreated = true
    },
    apply: (messages, onMessage) => deliveries.add({ messages, onMessage }),
    applyInCommit: (tx, messages, onMessage) =>
      applyAll(
        tx,
        messages.map((message) => ({ messages: [message], onMessage })),
      ),
    taskIdOf({ number, key, project = 'default', client }) {
      if (number !== undefined) return (sql.byNumber.get([number])?.[0] as string | undefined) ?? null
      if (key === undefined || client === undefined) return null
      return (sql.launchKey.get([project, client, key])?.[0] as string | undefined) ?? null
    },
  }
}

interface ReservationToWrite {
  readonly launch: LaunchKey | null
  readonly taskId: string
  readonly number: number
  readonly at: number
  isCreated: boolean
}
const NOTHING_LEFT: Routed = { letters: [], launches: false }
interface News {
  readonly message: TaskMessage
  /** JSON of whom it wants and who follows it, now and before; null: it was not listed before. */
  readonly people: string
  readonly before: string | null
  /** As it was listed before. */
  readonly title: string | null
  /** The last one applied, with this one. */
  readonly sequence: number
}
interface Delivery {
  readonly messages: readonly TaskMessage[]
  readonly onMessage: (tx: Tx, message: TaskMessage) => void
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

const UPSERT = (
  rows: string,
): string => `INSERT INTO task_index (id, version, number, project, title, app, flow, phase, waiting_for, outcome, started_by, created_at, ended_at, updated_at, rehearsal, parent, people, sequence)
    VALUES ${rows}
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title, phase = excluded.phase, waiting_for = excluded.waiting_for,
      outcome = excluded.outcome, ended_at = excluded.ended_at, updated_at = excluded.updated_at, people = excluded.people, sequence = excluded.sequence
    WHERE excluded.sequence >= sequence`

const SQL = {
  setNumber:
    "INSERT INTO counters (name, value) VALUES ('task_number', ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
  reserveChild:
    "INSERT OR IGNORE INTO launch_keys (project, client, key, task, number, input_hash, at, request) VALUES (?, 'task/' || ?, ?, ?, ?, '', ?, ?)",
  forget: 'DELETE FROM launch_keys WHERE task = ? AND request IS NOT NULL',
  isPending: 'SELECT 1 FROM launch_keys WHERE task = ? AND request IS NOT NULL',
  lead: 'UPDATE launch_keys SET task = ?, request = NULL WHERE task = ? AND request IS NOT NULL',
  launchKey: 'SELECT task, number, input_hash FROM launch_keys WHERE project = ? AND client = ? AND key = ?',
  pending: 'SELECT task, number, request FROM launch_keys WHERE request IS NOT NULL',
  byNumber: 'SELECT id FROM task_index WHERE number = ?',
  // A number that another task bears is not found, and refused when it is written.
  indexed: 'SELECT sequence, people, title FROM task_index WHERE number = ? AND id = ?',
} as const
