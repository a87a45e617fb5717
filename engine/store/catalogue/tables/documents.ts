import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { flag, json } from './columns.ts'

/** Present documents of every kind, as applied last. */
export const documents = sqliteTable(
  'documents',
  {
    project: text('project').notNull(),
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    /** The parsed document: `metadata` and `spec`. */
    document: json<Record<string, unknown>>('document').notNull(),
    /** The text as somebody wrote it, comments and order kept. */
    source: text('source').notNull(),
    /** Field path → the managers that own it. */
    managers: json<Record<string, readonly string[]>>('managers').notNull(),
    generation: integer('generation').notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
  },
  (t) => [primaryKey({ columns: [t.project, t.kind, t.name] }), index('documents_kind').on(t.kind, t.name)],
)

/** Published flows: immutable, numbered from 1. */
export const flowVersions = sqliteTable(
  'flow_versions',
  {
    project: text('project').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull(),
    digest: text('digest').notNull(),
    document: json<Record<string, unknown>>('document').notNull(),
    source: text('source').notNull(),
    note: text('note'),
    current: flag('current').notNull(),
    publishedAt: integer('published_at').notNull(),
    publishedBy: text('published_by').notNull(),
  },
  (t) => [primaryKey({ columns: [t.project, t.name, t.version] })],
)

export const favourites = sqliteTable(
  'favourites',
  { person: text('person').notNull(), project: text('project').notNull(), app: text('app').notNull() },
  (t) => [primaryKey({ columns: [t.person, t.project, t.app] })],
)
