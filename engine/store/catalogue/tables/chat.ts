import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { flag, json } from './columns.ts'

/** Slack workspaces and Telegram groups the bots are in. */
export const workspaces = sqliteTable(
  'workspaces',
  {
    platform: text('platform').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    /** Role a full member gets by joining; null: not trusted. */
    role: text('role'),
    trustedBy: text('trusted_by'),
    seenAt: integer('seen_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.platform, t.id] })],
)

/** The bots' memory: dialogues, drafts, message ids. Compare and set. */
export const botState = sqliteTable(
  'bot_state',
  {
    key: text('key').primaryKey(),
    version: integer('version').notNull(),
    value: json<unknown>('value'),
    expiresAt: integer('expires_at').notNull(),
  },
  (t) => [index('bot_state_expires').on(t.expiresAt)],
)

/** One message about one thing at one place. `subject` makes it unique: `task`, `attention`, `ask:<id>`, `message:<id>`. */
export const cards = sqliteTable(
  'cards',
  {
    id: text('id').primaryKey(),
    kind: text('kind').notNull(),
    subject: text('subject').notNull(),
    taskId: text('task_id').notNull(),
    askId: text('ask_id'),
    nodeId: text('node_id'),
    platform: text('platform').notNull(),
    place: text('place').notNull(),
    messageId: text('message_id'),
    /** What the bot must remember of the message to go on with it: of a thread, what has been told. */
    memo: json<unknown>('memo'),
    shared: flag('shared').notNull(),
    person: text('person'),
    /** False: it has lost its buttons for good. */
    open: flag('open').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [
    uniqueIndex('cards_place').on(t.taskId, t.subject, t.place),
    index('cards_task').on(t.taskId),
    index('cards_at').on(t.place, t.subject),
    index('cards_person')
      .on(t.person, t.open)
      .where(sql`${t.person} IS NOT NULL`),
  ],
)

export const buttons = sqliteTable(
  'buttons',
  {
    token: text('token').primaryKey(),
    cardId: text('card_id').notNull(),
    verb: text('verb').notNull(),
    taskId: text('task_id'),
    nodeId: text('node_id'),
    attempt: integer('attempt'),
    askId: text('ask_id'),
    digest: text('digest'),
    app: text('app'),
    data: json<unknown>('data'),
    /** The card was drawn again since: it tells the truth and acts no more if what it was for has moved. */
    superseded: flag('superseded').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [index('buttons_card').on(t.cardId)],
)

/** What chats are owed. At most one `pending` row per card; a leased one keeps its card's next row back. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    cardId: text('card_id').notNull(),
    platform: text('platform').notNull(),
    urgent: flag('urgent').notNull(),
    why: text('why').notNull(),
    title: text('title'),
    text: text('text'),
    level: text('level'),
    state: text('state').notNull(), // pending | leased | done | undeliverable
    attempts: integer('attempts').notNull(),
    notBefore: integer('not_before').notNull(),
    leasedUntil: integer('leased_until'),
    createdAt: integer('created_at').notNull(),
    error: text('error'),
  },
  (t) => [index('deliveries_due').on(t.platform, t.state, t.notBefore), index('deliveries_card').on(t.cardId, t.state)],
)
