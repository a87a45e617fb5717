import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { flag, json } from './columns.ts'

export const people = sqliteTable(
  'people',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email'),
    /** Role in every project that `grants` says nothing of. */
    role: text('role').notNull(),
    language: text('language'),
    timeZone: text('time_zone'),
    /** False: suspended, or merged into another. Nothing such a person has works. */
    active: flag('active').notNull(),
    createdAt: integer('created_at').notNull(),
    /** `person`, or `service`: an account for tools, which has tokens and never signs in. */
    kind: text('kind').notNull().default('person'),
    suspendedAt: integer('suspended_at'),
    suspendedBy: text('suspended_by'),
    suspendedWhy: text('suspended_why'),
    /** The person that this one turned out to be. */
    mergedInto: text('merged_into'),
    /** Of a service account: who looks after it. Gives no rights; it is asked about when they go. */
    keeper: text('keeper'),
  },
  (t) => [
    index('people_name').on(t.name, t.id),
    index('people_keeper').on(t.keeper),
    index('people_role').on(t.role, t.name, t.id),
  ],
)

export const grants = sqliteTable(
  'grants',
  { person: text('person').notNull(), project: text('project').notNull(), role: text('role').notNull() },
  (t) => [primaryKey({ columns: [t.person, t.project] }), index('grants_role').on(t.project, t.role)],
)

/** Members of business roles beside those a Role document names. */
export const roleMembers = sqliteTable(
  'role_members',
  { role: text('role').notNull(), person: text('person').notNull() },
  (t) => [primaryKey({ columns: [t.role, t.person] })],
)

/** Chat accounts that are a person. `team` is '' where the platform has none. */
export const identities = sqliteTable(
  'identities',
  {
    id: text('id').primaryKey(),
    person: text('person').notNull(),
    platform: text('platform').notNull(),
    team: text('team').notNull(),
    user: text('user').notNull(),
    name: text('name').notNull(),
    linkedAt: integer('linked_at').notNull(),
  },
  (t) => [uniqueIndex('identities_account').on(t.platform, t.team, t.user), index('identities_person').on(t.person)],
)

/** Somebody's asks go to another as well while they are away (FLOW §4). */
export const delegations = sqliteTable(
  'delegations',
  {
    id: text('id').primaryKey(),
    from: text('from_person').notNull(),
    to: text('to_person').notNull(),
    fromAt: integer('from_at').notNull(),
    untilAt: integer('until_at').notNull(),
    reason: text('reason'),
    createdAt: integer('created_at').notNull(),
    /** Themselves, or who may reassign asks. */
    createdBy: text('created_by').notNull(),
    endedAt: integer('ended_at'),
    endedBy: text('ended_by'),
  },
  (t) => [
    index('delegations_from').on(t.from),
    index('delegations_to').on(t.to),
    index('delegations_until').on(t.untilAt),
  ],
)

/** Two people who turned out to be one: who asked, who agreed, and all that is needed to take it back. */
export const merges = sqliteTable(
  'merges',
  {
    id: text('id').primaryKey(),
    /** Who stays. */
    keep: text('keep').notNull(),
    /** Who becomes them. */
    gone: text('gone').notNull(),
    state: text('state').notNull(), // asked | done | refused | undone
    askedAt: integer('asked_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    endedAt: integer('ended_at'),
    endedBy: text('ended_by'),
    /** What was moved, by id. */
    facts: json<Record<string, unknown>>('facts'),
  },
  (t) => [index('merges_keep').on(t.keep), index('merges_gone').on(t.gone)],
)
