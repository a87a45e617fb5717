import { and, asc, eq, inArray, isNotNull, ne, or } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { needs, taskIndex } from '../schema.ts'
import { dropCodesOf, endSessions } from './credentials.ts'
import { personById, type Person } from './people.ts'
import { cards } from './tables/chat.ts'
import { people } from './tables/people.ts'
import type { Card } from './cards.ts'
import type { TaskRow } from './task-lists.ts'

/** From here on nothing of theirs works. Sessions and codes end for good; tokens and accounts work again once they are back. */
export function suspend(tx: Tx, id: string, by: string, why: string | null, now: number): Person {
  tx.update(people)
    .set({ active: false, suspendedAt: now, suspendedBy: by, suspendedWhy: why })
    .where(eq(people.id, id))
    .run()
  endSessions(tx, id)
  dropCodesOf(tx, id)
  return personById(tx, id)!
}
export function restore(tx: Tx, id: string): Person {
  tx.update(people)
    .set({ active: true, suspendedAt: null, suspendedBy: null, suspendedWhy: null })
    .where(eq(people.id, id))
    .run()
  return personById(tx, id)!
}
/** Private cards of these people that still live. */
export const privateCardsOf = (tx: Tx, of: readonly string[]): Card[] =>
  tx
    .select()
    .from(cards)
    .where(
      and(inArray(cards.person, [...of]), eq(cards.open, true), eq(cards.shared, false), ne(cards.kind, 'message')),
    )
    .all()
/** Tasks that these people launched and that have not begun: planned for later, or waiting for their place. */
export const notBegunOf = (tx: Tx, of: readonly string[] | null): TaskRow[] =>
  tx
    .select()
    .from(taskIndex)
    .where(
      and(
        inArray(taskIndex.phase, ['created', 'queued']),
        of === null ? isNotNull(taskIndex.startedBy) : inArray(taskIndex.startedBy, [...of]),
      ),
    )
    .orderBy(asc(taskIndex.createdAt))
    .all()
/** Who was suspended or became somebody else: what they left waiting is looked for at each start. */
export const gonePeople = (tx: Tx): Person[] =>
  tx
    .select()
    .from(people)
    .where(or(eq(people.active, false), isNotNull(people.mergedInto)))
    .all()
/** Tasks with an ask that waits for anybody. */
export const tasksThatAskAnybody = (tx: Tx): string[] =>
  tx
    .selectDistinct({ task: needs.task })
    .from(needs)
    .where(eq(needs.kind, 'ask'))
    .all()
    .map(({ task }) => task)
