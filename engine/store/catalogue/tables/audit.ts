import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { flag, json } from './columns.ts'

/** Every decision and every refusal. Rows are only ever added. */
export const audit = sqliteTable(
  'audit',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    person: text('person'),
    name: text('name').notNull(),
    token: text('token'),
    surface: text('surface').notNull(),
    what: text('what').notNull(),
    target: text('target'),
    allowed: flag('allowed').notNull(),
    detail: json<unknown>('detail'),
    /** SHA-256 over the row before and this one: an edited or removed row shows. */
    hash: text('hash'),
    /** HMAC of `hash`; null where the key was not at hand (a token made beside the server). */
    mac: text('mac'),
  },
  (t) => [
    index('audit_at').on(t.at),
    index('audit_person').on(t.person, t.id),
    index('audit_what').on(t.what, t.id),
    index('audit_target').on(t.target, t.id),
    index('audit_refused')
      .on(t.id)
      .where(sql`${t.allowed} = 0`),
  ],
)

/** Answers to mutations that carried a `clientMutationId`. */
export const mutationAnswers = sqliteTable(
  'mutation_answers',
  {
    client: text('client').notNull(),
    mutationId: text('mutation_id').notNull(),
    inputHash: text('input_hash').notNull(),
    /** Id of what it answered with; read afresh when asked again. */
    answer: text('answer').notNull(),
    at: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.client, t.mutationId] }), index('mutation_answers_at').on(t.at)],
)
