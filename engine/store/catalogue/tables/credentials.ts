/** Nothing here holds a plain secret: tokens, codes and sessions are SHA-256 hashes. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { json } from './columns.ts'

/** Browsers. The id is the hash of what the cookie holds. */
export const sessions = sqliteTable(
  'sessions',
  {
    hash: text('hash').primaryKey(),
    person: text('person').notNull(),
    /** Opened with this token: it ends when the token does. */
    token: text('token'),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** How it was opened: `link mail token telegram passkey company`. */
    how: text('how'),
    /** The browser's kind, as it was then: a cookie that turns up in another has been stolen. */
    browser: text('browser'),
    lastSeenAt: integer('last_seen_at'),
    /** When its person last proved with a passkey that it is them. */
    provedAt: integer('proved_at'),
  },
  (t) => [index('sessions_person').on(t.person), index('sessions_token').on(t.token)],
)

export const tokens = sqliteTable(
  'tokens',
  {
    id: text('id').primaryKey(),
    hash: text('hash').notNull(),
    /** Null: the bots' service token. */
    person: text('person'),
    name: text('name').notNull(),
    /** Empty: everything its person may do. */
    scopes: json<string[]>('scopes').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    lastUsedAt: integer('last_used_at'),
    revokedAt: integer('revoked_at'),
    /** Who made it, where that is somebody else: they have seen it. */
    madeBy: text('made_by'),
  },
  (t) => [
    uniqueIndex('tokens_hash').on(t.hash),
    index('tokens_person').on(t.person),
    index('tokens_made_by').on(t.madeBy),
  ],
)

/** One-time codes of every kind: `owner invite link sign_in`. */
export const codes = sqliteTable(
  'codes',
  {
    id: text('id').primaryKey(),
    hash: text('hash').notNull(),
    kind: text('kind').notNull(),
    /** `link`, `sign_in`: whose account. */
    person: text('person'),
    /** `invite`: the role it carries. */
    role: text('role'),
    /** `sign_in`: where to go, with which answers. */
    path: text('path'),
    answers: json<unknown>('answers'),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    usedAt: integer('used_at'),
    usedBy: text('used_by'),
    /** Hash of what the browser that asked for it holds: no other may spend it. */
    browser: text('browser'),
  },
  (t) => [uniqueIndex('codes_hash').on(t.hash), index('codes_kind').on(t.kind)],
)

/** Public keys of passkeys. The id is the credential's own. */
export const passkeys = sqliteTable(
  'passkeys',
  {
    id: text('id').primaryKey(),
    person: text('person').notNull(),
    publicKey: text('public_key').notNull(),
    counter: integer('counter').notNull(),
    transports: json<string[]>('transports').notNull(),
    name: text('name').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at'),
  },
  (t) => [index('passkeys_person').on(t.person)],
)

/** What a browser has begun and not yet ended: a passkey's challenge, a sign-in at the company's. Each is ended once. */
export const ceremonies = sqliteTable(
  'ceremonies',
  {
    /** Hash of what the browser holds. */
    hash: text('hash').primaryKey(),
    kind: text('kind').notNull(),
    person: text('person'),
    data: json<Record<string, string | null>>('data').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (t) => [index('ceremonies_expires').on(t.expiresAt)],
)
