import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { json } from './columns.ts'

export const CHANNELS = ['slack', 'telegram', 'email'] as const

export type Channel = (typeof CHANNELS)[number]

/** What passes quiet hours and does not wait for a digest. `escalated`: when one is on call; `deadline`: what runs out before they end. */
export const URGENT = ['escalated', 'deadline', 'asks', 'failures'] as const

export type Urgent = (typeof URGENT)[number]

/** How a person wants to be told. */
export interface AlertSettings {
  /** In order; each is used so long after the alert if nobody has answered by then. What is not named is not used, unless nothing else reaches them. Null: every linked chat at once, else e-mail. */
  readonly channels: readonly { readonly channel: Channel; readonly afterMin: number }[] | null
  /** `from` and `to` as `22:00` in the person's zone, over midnight where `to` is earlier; `days` (1 Monday … 7 Sunday) are those on which it begins. */
  readonly quiet: { readonly from: string; readonly to: string; readonly days: readonly number[] } | null
  readonly urgent: readonly Urgent[]
  /** Joined into one message each so many minutes; 0: each by itself. */
  readonly digestMin: number
}

/** Alerts of late, a row per task, so that a storm becomes one digest per recipient. */
export const alerts = sqliteTable(
  'alerts',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    place: text('place').notNull(),
    app: text('app').notNull(),
    taskId: text('task_id').notNull(),
    at: integer('at').notNull(),
  },
  (t) => [
    index('alerts_place').on(t.place, t.app, t.at),
    uniqueIndex('alerts_task').on(t.place, t.app, t.taskId),
    index('alerts_at').on(t.at),
  ],
)

/** Places at which alerts of one app come so fast that a digest stands for them, until they have paused for a while. */
export const storms = sqliteTable(
  'storms',
  {
    place: text('place').notNull(),
    app: text('app').notNull(),
    /** Of its first alert: what has come since is counted. */
    startedAt: integer('started_at').notNull(),
    lastAt: integer('last_at').notNull(),
    firstTask: text('first_task').notNull(),
    cardId: text('card_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.place, t.app] })],
)

/** How a person wants to be told; no row: as `DEFAULT_SETTINGS` says. */
export const alertSettings = sqliteTable('alert_settings', {
  person: text('person').primaryKey(),
  settings: json<AlertSettings>('settings').notNull(),
  updatedAt: integer('updated_at').notNull(),
})

/** Apps and tasks a person does not want to hear of for a while. */
export const mutes = sqliteTable(
  'mutes',
  {
    person: text('person').notNull(),
    /** `app task` */
    kind: text('kind').notNull(),
    /** Of an app; '' of a task, whose id says it all. */
    project: text('project').notNull(),
    name: text('name').notNull(),
    /** Null: until it is taken back. */
    until: integer('until'),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.person, t.kind, t.project, t.name] })],
)

/** Alerts that wait: for the next channel's turn, the end of quiet hours, the next digest. Gone once what they are about is over. */
export const heldAlerts = sqliteTable(
  'held_alerts',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    person: text('person').notNull(),
    platform: text('platform').notNull(),
    place: text('place').notNull(),
    /** `attention ask message` */
    kind: text('kind').notNull(),
    subject: text('subject').notNull(),
    taskId: text('task_id').notNull(),
    askId: text('ask_id'),
    nodeId: text('node_id'),
    why: text('why').notNull(),
    title: text('title'),
    text: text('text'),
    level: text('level'),
    /** `order quiet digest` */
    reason: text('reason').notNull(),
    dueAt: integer('due_at').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [
    index('held_alerts_due').on(t.dueAt),
    index('held_alerts_person').on(t.person, t.place),
    uniqueIndex('held_alerts_subject').on(t.taskId, t.subject, t.place),
  ],
)
