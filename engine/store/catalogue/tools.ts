import { and, asc, eq, gt, inArray, isNull, notInArray, or } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { revokeToken, type Token } from './credentials.ts'
import { formerSelves } from './merges.ts'
import type { Person } from './people.ts'
import { suspend } from './standing.ts'
import { tokens } from './tables/credentials.ts'
import { people } from './tables/people.ts'

/** What goes on when somebody goes. */
export interface Tools {
  /** Service accounts that they look after. */
  readonly accounts: readonly Person[]
  /** Tokens that work still: those of the accounts, and those of others' that they made and have seen. */
  readonly tokens: readonly Token[]
}
/** Under whatever name they had. */
export function toolsOf(tx: Tx, person: string, now: number): Tools {
  const selves = [person, ...formerSelves(tx, person)]
  const accounts = tx
    .select()
    .from(people)
    .where(and(inArray(people.keeper, selves), eq(people.kind, 'service'), eq(people.active, true)))
    .orderBy(asc(people.name), asc(people.id))
    .all()
  const theirs = [...accounts.map(({ id }) => id)]
  const live = and(isNull(tokens.revokedAt), or(isNull(tokens.expiresAt), gt(tokens.expiresAt, now)))
  const made = and(inArray(tokens.madeBy, selves), notInArray(tokens.person, selves))
  const rows = tx
    .select({ token: tokens, active: people.active })
    .from(tokens)
    .innerJoin(people, eq(people.id, tokens.person))
    .where(and(live, theirs.length === 0 ? made : or(made, inArray(tokens.person, theirs))))
    .orderBy(asc(people.name), asc(tokens.createdAt))
    .all()
  return { accounts, tokens: rows.filter(({ active }) => active).map(({ token }) => token) }
}
/** The accounts are suspended with them, which stops their tokens until they are back; what they made for others ends for good. */
export function endTools(tx: Tx, tools: Tools, by: string, why: string | null, now: number): void {
  const suspended = new Set(tools.accounts.map(({ id }) => id))
  for (const id of suspended) suspend(tx, id, by, why, now)
  for (const token of tools.tokens) if (!suspended.has(token.person ?? '')) revokeToken(tx, token.id, now)
}
/** Somebody else looks after them from now on. Whoever had seen a token has it still. */
export function handOverTools(tx: Tx, tools: Tools, to: string): void {
  for (const { id } of tools.accounts) setKeeper(tx, id, to)
  for (const { id } of tools.tokens) tx.update(tokens).set({ madeBy: to }).where(eq(tokens.id, id)).run()
}
export const setKeeper = (tx: Tx, account: string, keeper: string): void =>
  void tx.update(people).set({ keeper }).where(eq(people.id, account)).run()
