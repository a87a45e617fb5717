import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/*
 * The task's truth: on Workers each task has these tables to itself, in its Durable Object.
 */

/** What happened, in order of arrival: one row per decided command. Appended, never changed (docs/adr/0002). */
export const journal = sqliteTable(
  'journal',
  {
    n: integer('n').primaryKey(),
    task: text('task').notNull(),
    /** Number of the first event in this row, within its task. */
    seq: integer('seq').notNull(),
    at: integer('at').notNull(),
    /** JSON; empty for the system itself, which most entries are by. */
    actor: text('actor').notNull(),
    events: text('events').notNull(),
    /** SHA-256 over the row before (of this task) and the bytes stored here. */
    hash: blob('hash', { mode: 'buffer' }).notNull(),
  },
  (table) => [uniqueIndex('journal_task_seq').on(table.task, table.seq)],
)

/** The newest frozen state of a task: a cache, rebuilt from the journal when its format changes. */
export const snapshots = sqliteTable('snapshots', {
  task: text('task').primaryKey(),
  version: integer('version').notNull(),
  hash: blob('hash', { mode: 'buffer' }).notNull(),
  state: text('state').notNull(),
})

/** Tasks that were in memory: all that a restart has to look at. Without rowid (docs/adr/0016), as `launch_keys`. */
export const awake = sqliteTable('awake', { task: text('task').primaryKey() })

/** Executions that were decided while the engine was shutting down and not begun: the next start begins them, where others are judged. */
export const unbegun = sqliteTable('unbegun', { key: text('key').primaryKey() })

/** Due instants. The rest of a timer is in the task's state. */
export const timers = sqliteTable(
  'timers',
  { task: text('task').notNull(), id: text('id').notNull(), dueAt: integer('due_at').notNull() },
  (table) => [primaryKey({ columns: [table.task, table.id] }), index('timers_due').on(table.dueAt)],
)

/** Messages to the catalogue, until it has applied them. */
export const outbox = sqliteTable('outbox', {
  /** The message's sequence: grows for ever, also when the table was empty in between. */
  n: integer('n').primaryKey({ autoIncrement: true }),
  task: text('task').notNull(),
  body: text('body').notNull(),
})

/** Callbacks, committed before they are answered and kept when late. */
export const inbox = sqliteTable(
  'inbox',
  {
    n: integer('n').primaryKey(),
    task: text('task').notNull(),
    node: text('node').notNull(),
    attempt: integer('attempt').notNull(),
    /** -1: the node itself, else the item of `each`. */
    item: integer('item').notNull(),
    /** The caller's Idempotency-Key, else made here: the same key is the same callback. */
    key: text('key').notNull(),
    payload: text('payload').notNull(),
    at: integer('at').notNull(),
    state: text('state', { enum: ['new', 'done', 'late'] }).notNull(),
  },
  (table) => [
    uniqueIndex('inbox_once').on(table.task, table.node, table.attempt, table.item, table.key),
    index('inbox_new')
      .on(table.task)
      .where(sql`${table.state} = 'new'`),
  ],
)

/** Addresses that may call back, by the hash of their token. */
export const callbackTokens = sqliteTable(
  'callback_tokens',
  {
    hash: text('hash').primaryKey(),
    task: text('task').notNull(),
    node: text('node').notNull(),
    attempt: integer('attempt').notNull(),
    item: integer('item').notNull(),
  },
  (table) => [index('callback_tokens_task').on(table.task)],
)

/** Sealed values of a task's secret variables. */
export const taskSecrets = sqliteTable(
  'task_secrets',
  { task: text('task').notNull(), key: text('key').notNull(), sealed: text('sealed').notNull() },
  (table) => [primaryKey({ columns: [table.task, table.key] })],
)

/** Output of an attempt, many lines per row, already masked. */
export const logs = sqliteTable(
  'logs',
  {
    task: text('task').notNull(),
    node: text('node').notNull(),
    attempt: integer('attempt').notNull(),
    /** Position of the first line in this row. */
    first: integer('first').notNull(),
    count: integer('count').notNull(),
    /** Lines beyond the cap, up to and with this row. */
    dropped: integer('dropped').notNull(),
    /** JSON: `[[at, stream, text, item | null], …]`. */
    lines: text('lines').notNull(),
  },
  (table) => [primaryKey({ columns: [table.task, table.node, table.attempt, table.first] })],
)

/*
 * The catalogue's part that the engine keeps. People, apps, documents and chat are in catalogue/schema.ts.
 */

/** Launches by their key: the same key and input give the same task. */
export const launchKeys = sqliteTable(
  'launch_keys',
  {
    project: text('project').notNull(),
    client: text('client').notNull(),
    key: text('key').notNull(),
    task: text('task').notNull(),
    number: integer('number').notNull(),
    inputHash: text('input_hash').notNull(),
    at: integer('at').notNull(),
    /** What to create, until the task has created itself; then null. Secrets in it are sealed. */
    request: text('request'),
  },
  (table) => [
    primaryKey({ columns: [table.project, table.client, table.key] }),
    index('launch_keys_pending')
      .on(table.task)
      .where(sql`${table.request} IS NOT NULL`),
  ],
)

/** Numbers given out, never twice. */
export const counters = sqliteTable('counters', { name: text('name').primaryKey(), value: integer('value').notNull() })

/** What lists show. */
export const taskIndex = sqliteTable(
  'task_index',
  {
    /** The table's own order: finding a task by it takes no index. */
    number: integer('number').primaryKey(),
    id: text('id').notNull(),
    version: integer('version').notNull(),
    /** Of the last message applied from this task: an older one, or the same again, is dropped. */
    sequence: integer('sequence').notNull(),
    project: text('project').notNull(),
    title: text('title').notNull(),
    app: text('app'),
    flow: text('flow').notNull(),
    phase: text('phase').notNull(),
    /** JSON list of wait reasons. */
    waitingFor: text('waiting_for').notNull(),
    outcome: text('outcome'),
    startedBy: text('started_by'),
    createdAt: integer('created_at').notNull(),
    endedAt: integer('ended_at'),
    updatedAt: integer('updated_at').notNull(),
    rehearsal: integer('rehearsal', { mode: 'boolean' }).notNull(),
    /** JSON of `needs` and `followers` as last written, so that unchanged ones are not written again. */
    people: text('people').notNull(),
    /** The task whose subflow node launched it. */
    parent: text('parent'),
  },
  (table) => [
    uniqueIndex('task_index_id').on(table.id),
    index('task_index_phase').on(table.phase, table.updatedAt),
    index('task_index_updated').on(table.updatedAt),
    // What never changes of a task: an index on it is written once.
    index('task_index_app').on(table.project, table.app),
    index('task_index_started')
      .on(table.startedBy)
      .where(sql`${table.startedBy} IS NOT NULL`),
    index('task_index_parent')
      .on(table.parent)
      .where(sql`${table.parent} IS NOT NULL`),
  ],
)

/** Who may run under a key (`concurrency`), and who waits to; `n` is the order they came in (docs/adr/0012). */
export const slots = sqliteTable(
  'slots',
  {
    n: integer('n').primaryKey({ autoIncrement: true }),
    project: text('project').notNull(),
    key: text('key').notNull(),
    task: text('task').notNull(),
    /** How many may run, as this task's flow says. */
    most: integer('most').notNull(),
    /** `shared`: within the place of `via`, a task above it; not counted. */
    state: text('state', { enum: ['held', 'waiting', 'shared'] }).notNull(),
    via: text('via'),
    digest: text('digest').notNull(),
    /** JSON list of the tasks above it. */
    ancestors: text('ancestors').notNull(),
    at: integer('at').notNull(),
  },
  (table) => [
    uniqueIndex('slots_task').on(table.task),
    index('slots_line').on(table.project, table.key, table.state, table.n),
    index('slots_via')
      .on(table.via)
      .where(sql`${table.via} IS NOT NULL`),
  ],
)

/** From the catalogue to tasks, until they have heard them. */
export const letters = sqliteTable(
  'letters',
  { task: text('task').notNull(), sequence: integer('sequence').notNull(), body: text('body').notNull() },
  (table) => [primaryKey({ columns: [table.task, table.sequence] })],
)

/** The last sequence given to a task's letters: they have no gaps. */
export const letterCounters = sqliteTable('letter_counters', {
  task: text('task').primaryKey(),
  last: integer('last').notNull(),
})

/** Who is wanted by which task, now. */
export const needs = sqliteTable(
  'needs',
  {
    task: text('task').notNull(),
    person: text('person').notNull(),
    kind: text('kind', { enum: ['ask', 'failure', 'request'] }).notNull(),
    /** Ask id, or node id of the failure. */
    ref: text('ref').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.task, table.person, table.kind, table.ref] }),
    index('needs_person').on(table.person),
  ],
)

/** Who follows which task. */
export const followers = sqliteTable(
  'followers',
  { task: text('task').notNull(), person: text('person').notNull() },
  (table) => [primaryKey({ columns: [table.task, table.person] }), index('followers_person').on(table.person)],
)

/**
 * Where histories stood, signed with a key that is not in the file: an edit, a gap and a cut-off tail show against it
 * (docs/adr/0011). Each signature covers the one before, so that a removed row shows too. Rows are only ever added.
 */
export const heads = sqliteTable(
  'heads',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    task: text('task').notNull(),
    version: integer('version').notNull(),
    hash: blob('hash', { mode: 'buffer' }).notNull(),
    at: integer('at').notNull(),
    mac: blob('mac', { mode: 'buffer' }).notNull(),
  },
  (table) => [index('heads_task').on(table.task)],
)

/** Tasks that ended long ago: no list shows them, their number still finds them. */
export const archive = sqliteTable(
  'archive',
  {
    id: text('id').primaryKey(),
    number: integer('number').notNull(),
    project: text('project').notNull(),
    version: integer('version').notNull(),
    endedAt: integer('ended_at').notNull(),
    archivedAt: integer('archived_at').notNull(),
    /** JSON of what lists showed of it. */
    row: text('row').notNull(),
    /** The history with its stored bytes and hashes, as JSON lines, gzipped. */
    body: blob('body', { mode: 'buffer' }).notNull(),
  },
  (table) => [uniqueIndex('archive_number').on(table.number)],
)

/** How long projects keep what has ended, where it is not the default. Days; null: for ever. */
export const retention = sqliteTable('retention', {
  project: text('project').primaryKey(),
  tasksDays: integer('tasks_days'),
  logsDays: integer('logs_days'),
  statisticsDays: integer('statistics_days'),
})
