import { and, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, ne } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { hashOf, newCode, newId, newSecret } from './ids.ts'
import { codes, sessions, tokens } from './tables/credentials.ts'

const HOUR = 3_600_000
export const SESSION_MS = 30 * 24 * HOUR
/** How long each kind of one-time code lives. */
const CODE_MS = {
  owner: 24 * HOUR,
  invite: 7 * 24 * HOUR,
  link: HOUR / 4,
  sign_in: HOUR / 4,
  /** Two people become one. */
  merge: HOUR / 4,
  /** A mail address becomes somebody's account. */
  mail: HOUR / 4,
} as const
export type CodeKind = keyof typeof CODE_MS
export type Code = typeof codes.$inferSelect
export type Token = typeof tokens.$inferSelect
export type Session = typeof sessions.$inferSelect

/** How a session began, and in what. */
export interface SessionStart {
  readonly token?: Token
  readonly how: 'link' | 'mail' | 'token' | 'telegram' | 'passkey' | 'company'
  /** Kind of browser, as far as it says. */
  readonly browser?: string | null
  /** The person proved with a passkey that it is them. */
  readonly proved?: boolean
}
/** Makes a session and returns the secret for its cookie. One opened with a token lives no longer than that. */
export function openSession(tx: Tx, person: string, now: number, start: SessionStart): string {
  const secret = newSecret()
  tx.delete(sessions).where(lt(sessions.expiresAt, now)).run()
  tx.insert(sessions)
    .values({
      hash: hashOf(secret),
      person,
      token: start.token?.id ?? null,
      createdAt: now,
      expiresAt: Math.min(now + SESSION_MS, start.token?.expiresAt ?? Infinity),
      how: start.how,
      browser: start.browser ?? null,
      lastSeenAt: now,
      provedAt: start.proved === true ? now : null,
    })
    .run()
  return secret
}
export const sessionOf = (tx: Tx, secret: string, now: number): Session | undefined =>
  tx
    .select()
    .from(sessions)
    .where(and(eq(sessions.hash, hashOf(secret)), gt(sessions.expiresAt, now)))
    .get()
/** What a session is called where people see it: part of a hash, which opens nothing. */
export const sessionId = ({ hash }: Session): string => hash.slice(0, 22)
export const sessionsOf = (tx: Tx, person: string, now: number): Session[] =>
  tx
    .select()
    .from(sessions)
    .where(and(eq(sessions.person, person), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.createdAt))
    .all()
export function sessionById(tx: Tx, id: string): Session | undefined {
  if (!/^[\w-]{22}$/.test(id)) return undefined
  return tx
    .select()
    .from(sessions)
    .where(and(gte(sessions.hash, id), lt(sessions.hash, `${id}~`)))
    .get()
}
const changeSession = (tx: Tx, hash: string, set: Partial<Session>): void =>
  void tx.update(sessions).set(set).where(eq(sessions.hash, hash)).run()
export const touchSession = (tx: Tx, { hash }: Session, now: number): void =>
  changeSession(tx, hash, { lastSeenAt: now })
export const proveSession = (tx: Tx, secret: string, now: number): void =>
  changeSession(tx, hashOf(secret), { provedAt: now })
export const closeSession = (tx: Tx, secret: string): void => endSession(tx, hashOf(secret))
export const endSession = (tx: Tx, hash: string): void => void tx.delete(sessions).where(eq(sessions.hash, hash)).run()
/** All of a person's, but for one of them. Answers how many. */
export function endSessions(tx: Tx, person: string, but: string | null = null): number {
  const mine = eq(sessions.person, person)
  const { changes } = tx
    .delete(sessions)
    .where(but === null ? mine : and(mine, ne(sessions.hash, hashOf(but))))
    .run()
  return changes
}

/** Makes a token and returns it; only its hash is kept. */
export function makeToken(
  tx: Tx,
  of: {
    person: string | null
    name: string
    scopes?: readonly string[]
    expiresAt?: number | null
    /** Who made it for somebody else. */
    madeBy?: string
  },
  now: number,
): { secret: string; row: Token } {
  const secret = `bt_${newSecret()}`
  const row: Token = {
    id: newId('t'),
    hash: hashOf(secret),
    person: of.person,
    name: of.name,
    scopes: [...(of.scopes ?? [])],
    createdAt: now,
    expiresAt: of.expiresAt ?? null,
    lastUsedAt: null,
    revokedAt: null,
    madeBy: of.madeBy ?? null,
  }
  tx.insert(tokens).values(row).run()
  return { secret, row }
}
/** A token that may still be used. */
export function tokenOf(tx: Tx, secret: string, now: number): Token | undefined {
  const row = tx
    .select()
    .from(tokens)
    .where(and(eq(tokens.hash, hashOf(secret)), isNull(tokens.revokedAt)))
    .get()
  return row && (row.expiresAt === null || row.expiresAt > now) ? row : undefined
}
export const tokenById = (tx: Tx, id: string): Token | undefined =>
  tx.select().from(tokens).where(eq(tokens.id, id)).get()
export const tokensOf = (tx: Tx, person: string): Token[] =>
  tx.select().from(tokens).where(eq(tokens.person, person)).orderBy(desc(tokens.createdAt)).all()
export const touchToken = (tx: Tx, id: string, now: number): void =>
  void tx.update(tokens).set({ lastUsedAt: now }).where(eq(tokens.id, id)).run()
/** Ends a token and every session opened with it. */
export function revokeToken(tx: Tx, id: string, now: number): void {
  tx.update(tokens).set({ revokedAt: now }).where(eq(tokens.id, id)).run()
  tx.delete(sessions).where(eq(sessions.token, id)).run()
}

/** Makes a one-time code. Links carry long ones; those that people type are short. */
export function makeCode(
  tx: Tx,
  kind: CodeKind,
  of: {
    person?: string
    role?: string
    path?: string | null
    answers?: unknown
    createdBy: string
    /** What the browser that asked for it holds; no other may spend it. */
    browser?: string
  },
  now: number,
): { code: string; row: Code } {
  const code = ['owner', 'sign_in', 'mail'].includes(kind) ? newSecret() : newCode()
  const row: Code = {
    id: newId('c'),
    hash: hashOf(code),
    kind,
    person: of.person ?? null,
    role: of.role ?? null,
    path: of.path ?? null,
    answers: of.answers ?? null,
    createdBy: of.createdBy,
    createdAt: now,
    expiresAt: now + CODE_MS[kind],
    usedAt: null,
    usedBy: null,
    browser: of.browser === undefined ? null : hashOf(of.browser),
  }
  tx.insert(codes).values(row).run()
  return { code, row }
}
/** A code that may still be used: known, not expired, not spent. Reading it spends nothing. */
export const codeOf = (tx: Tx, code: string, now: number): Code | undefined =>
  tx
    .select()
    .from(codes)
    .where(and(eq(codes.hash, hashOf(tidy(code))), gt(codes.expiresAt, now), isNull(codes.usedAt)))
    .get()
/** Typed codes come in lower case and with spaces; long ones are left as they are. */
const tidy = (code: string): string => {
  const bare = code.trim().replace(/[\s-]/g, '')
  return bare.length <= 12 ? bare.toUpperCase() : code.trim()
}
/** Spends it: for the caller alone, if it runs in the same transaction as `codeOf`. `answers`: what came of it, in place of what it carried. */
export const spendCode = (tx: Tx, id: string, by: string, now: number, answers?: unknown): void =>
  void tx
    .update(codes)
    .set({ usedAt: now, usedBy: by, ...(answers !== undefined && { answers }) })
    .where(eq(codes.id, id))
    .run()
/** Whether this browser may spend it. Codes that no browser asked for may be spent in any. */
export const isAskedBy = ({ browser }: Code, holds: string | null): boolean =>
  browser === null || (holds !== null && hashOf(holds) === browser)
export const waitingCodes = (tx: Tx, person: string, kind: CodeKind, now: number): number =>
  tx
    .select({ id: codes.id })
    .from(codes)
    .where(and(eq(codes.kind, kind), eq(codes.person, person), gt(codes.expiresAt, now), isNull(codes.usedAt)))
    .all().length
/** Whatever waits in this person's name is void. */
export const dropCodesOf = (tx: Tx, person: string): void =>
  void tx
    .delete(codes)
    .where(
      and(eq(codes.person, person), inArray(codes.kind, ['link', 'sign_in', 'merge', 'mail']), isNull(codes.usedAt)),
    )
    .run()
export const dropCodes = (tx: Tx, kind: CodeKind): void =>
  void tx
    .delete(codes)
    .where(and(eq(codes.kind, kind), isNull(codes.usedAt)))
    .run()
export const invitations = (tx: Tx): Code[] =>
  tx.select().from(codes).where(eq(codes.kind, 'invite')).orderBy(desc(codes.createdAt)).limit(200).all()
export const codeById = (tx: Tx, id: string): Code | undefined => tx.select().from(codes).where(eq(codes.id, id)).get()
export const revokeServiceTokens = (tx: Tx, now: number): void =>
  void tx
    .update(tokens)
    .set({ revokedAt: now })
    .where(and(isNull(tokens.person), isNull(tokens.revokedAt)))
    .run()
/** Whether a code of this kind has ever been spent. */
export const wasUsed = (tx: Tx, kind: CodeKind): boolean =>
  tx
    .select({ id: codes.id })
    .from(codes)
    .where(and(eq(codes.kind, kind), isNotNull(codes.usedAt)))
    .get() !== undefined
