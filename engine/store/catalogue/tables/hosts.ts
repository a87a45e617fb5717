import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { json } from './columns.ts'

/** Something a host lacks. `fatal`: no script can run there; `arg` is what it is about: a tool, an account. */
export interface HostFinding {
  readonly code: string
  readonly fatal: boolean
  readonly arg: string
}

/** Who was given a secret last: a task's step, or a host that is connected to. */
export interface SecretUse {
  readonly at: number
  /** Id and number; null: no task asked (the options of a form, a look at a host). */
  readonly task: string | null
  readonly number: number | null
  readonly flow: string | null
  readonly host: string | null
}

export const secrets = sqliteTable(
  'secrets',
  {
    namespace: text('namespace').notNull(),
    key: text('key').notNull(),
    sealed: text('sealed').notNull(),
    /** The last rotation. */
    setAt: integer('set_at').notNull(),
    setBy: text('set_by').notNull(),
    /** Whose name space it is: flows and hosts of others never get it. */
    project: text('project').notNull().default('default'),
    lastUse: json<SecretUse>('last_use'),
  },
  (t) => [primaryKey({ columns: [t.namespace, t.key] })],
)

export const hostKeys = sqliteTable(
  'host_keys',
  {
    project: text('project').notNull(),
    name: text('name').notNull(),
    /** Confirmed by an operator. */
    fingerprint: text('fingerprint'),
    /** Shown by the host, and not (or no longer) the confirmed one. */
    offered: text('offered'),
    seenAt: integer('seen_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.project, t.name] })],
)

/** What a look at a host found last: can scripts run there? */
export const hostProbes = sqliteTable(
  'host_probes',
  {
    project: text('project').notNull(),
    name: text('name').notNull(),
    at: integer('at').notNull(),
    /** Null: it could be looked at. Else why not: the code and the words of the trouble. */
    trouble: json<{ readonly code: string; readonly message: string }>('trouble'),
    /** `Linux 6.1.0 x86_64`. */
    system: text('system'),
    findings: json<readonly HostFinding[]>('findings').notNull(),
  },
  (t) => [primaryKey({ columns: [t.project, t.name] })],
)
