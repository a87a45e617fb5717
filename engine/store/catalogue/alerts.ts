import { and, asc, eq, gt, gte, inArray, isNull, lt, lte, ne, notInArray, or, sql } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { alerts, alertSettings, heldAlerts, mutes, storms, type AlertSettings } from './tables/alerts.ts'

export { CHANNELS, URGENT, type AlertSettings, type Channel, type Urgent } from './tables/alerts.ts'
export type Mute = typeof mutes.$inferSelect
export type HeldAlert = typeof heldAlerts.$inferSelect
export type Storm = typeof storms.$inferSelect

/** Every linked chat at once, at any hour; each alert by itself. */
export const DEFAULT_SETTINGS: AlertSettings = {
  channels: null,
  quiet: null,
  urgent: ['escalated', 'deadline'],
  digestMin: 0,
}
export const alertSettingsOf = (tx: Tx, person: string): AlertSettings => ({
  ...DEFAULT_SETTINGS,
  ...tx.select().from(alertSettings).where(eq(alertSettings.person, person)).get()?.settings,
})
export function setAlertSettings(tx: Tx, person: string, settings: AlertSettings, now: number): void {
  tx.insert(alertSettings)
    .values({ person, settings, updatedAt: now })
    .onConflictDoUpdate({ target: alertSettings.person, set: { settings, updatedAt: now } })
    .run()
}

const inForce = (now: number) => or(isNull(mutes.until), gt(mutes.until, now))
export const mutesOf = (tx: Tx, person: string, now: number): Mute[] =>
  tx
    .select()
    .from(mutes)
    .where(and(eq(mutes.person, person), inForce(now)))
    .orderBy(asc(mutes.createdAt))
    .all()
export function mute(tx: Tx, row: Mute): void {
  tx.delete(mutes)
    .where(and(eq(mutes.person, row.person), lte(mutes.until, row.createdAt)))
    .run() // those that are over
  tx.insert(mutes)
    .values(row)
    .onConflictDoUpdate({
      target: [mutes.person, mutes.kind, mutes.project, mutes.name],
      set: { until: row.until, createdAt: row.createdAt },
    })
    .run()
}
/** False: it was not muted. */
export function unmute(tx: Tx, { person, kind, project, name }: Pick<Mute, 'person' | 'kind' | 'project' | 'name'>) {
  const found = and(eq(mutes.person, person), eq(mutes.kind, kind), eq(mutes.project, project), eq(mutes.name, name))
  return tx.delete(mutes).where(found).returning({ name: mutes.name }).all().length > 0
}

/** Keeps an alert for later. One about the same at the same place is there already: it stays as it is. */
export const holdAlert = (tx: Tx, alert: Omit<HeldAlert, 'id'>): void =>
  void tx.insert(heldAlerts).values(alert).onConflictDoNothing().run()
export const nextHeldAt = (tx: Tx): number | null =>
  tx
    .select({ at: sql<number | null>`min(${heldAlerts.dueAt})` })
    .from(heldAlerts)
    .get()?.at ?? null
/** What is due, oldest first. */
export const heldDue = (tx: Tx, now: number, limit: number): HeldAlert[] =>
  tx
    .select()
    .from(heldAlerts)
    .where(lte(heldAlerts.dueAt, now))
    .orderBy(asc(heldAlerts.dueAt), asc(heldAlerts.id))
    .limit(limit)
    .all()
export const heldOf = (tx: Tx, person: string): HeldAlert[] =>
  tx.select().from(heldAlerts).where(eq(heldAlerts.person, person)).orderBy(asc(heldAlerts.id)).all()
/** Those of one person about one thing, wherever they would go. */
export const heldAbout = (tx: Tx, taskId: string, subject: string, person: string): HeldAlert[] =>
  tx
    .select()
    .from(heldAlerts)
    .where(and(eq(heldAlerts.taskId, taskId), eq(heldAlerts.subject, subject), eq(heldAlerts.person, person)))
    .orderBy(asc(heldAlerts.dueAt), asc(heldAlerts.id))
    .all()
export function dropHeld(tx: Tx, ids: readonly number[]): void {
  if (ids.length > 0)
    tx.delete(heldAlerts)
      .where(inArray(heldAlerts.id, [...ids]))
      .run()
}
/** All that waits for this person is due: it is judged anew. */
export const holdNoLonger = (tx: Tx, person: string, now: number): void =>
  void tx
    .update(heldAlerts)
    .set({ dueAt: now })
    .where(and(eq(heldAlerts.person, person), gt(heldAlerts.dueAt, now), ne(heldAlerts.reason, 'order')))
    .run()
export const holdUntil = (tx: Tx, id: number, dueAt: number, reason: string): void =>
  void tx.update(heldAlerts).set({ dueAt, reason }).where(eq(heldAlerts.id, id)).run()
/** What an alert was about is over: nobody `but` these need hear of it any more. Without `about`: the whole task; messages stay true. */
export function dropHeldOf(
  tx: Tx,
  taskId: string,
  about: { askId?: string; nodeId?: string; kind?: string; but?: readonly string[] } = {},
): void {
  const { askId, nodeId, kind, but = [] } = about
  const what =
    askId !== undefined
      ? eq(heldAlerts.askId, askId)
      : nodeId !== undefined
        ? and(eq(heldAlerts.nodeId, nodeId), eq(heldAlerts.kind, 'attention'))
        : kind !== undefined
          ? eq(heldAlerts.kind, kind)
          : inArray(heldAlerts.kind, ['ask', 'attention', 'request'])
  tx.delete(heldAlerts)
    .where(
      and(eq(heldAlerts.taskId, taskId), what, but.length > 0 ? notInArray(heldAlerts.person, [...but]) : undefined),
    )
    .run()
}

/** Notes an alert about a task; a task that alerts again counts once. */
export function noteAlert(tx: Tx, place: string, app: string, taskId: string, now: number): void {
  tx.insert(alerts)
    .values({ place, app, taskId, at: now })
    .onConflictDoUpdate({ target: [alerts.place, alerts.app, alerts.taskId], set: { at: now } })
    .run()
}
const since = (place: string, app: string, at: number) =>
  and(eq(alerts.place, place), eq(alerts.app, app), gte(alerts.at, at))
export const countAlerts = (tx: Tx, place: string, app: string, from: number): number =>
  tx
    .select({ count: sql<number>`count(*)` })
    .from(alerts)
    .where(since(place, app, from))
    .get()?.count ?? 0
/** Tasks that alerted since `from`, oldest first. */
export const alertedSince = (tx: Tx, place: string, app: string, from: number, limit: number): string[] =>
  tx
    .select({ taskId: alerts.taskId })
    .from(alerts)
    .where(since(place, app, from))
    .orderBy(asc(alerts.at), asc(alerts.id))
    .limit(limit)
    .all()
    .map(({ taskId }) => taskId)
export const forgetAlerts = (tx: Tx, before: number): void => void tx.delete(alerts).where(lt(alerts.at, before)).run()

export const stormAt = (tx: Tx, place: string, app: string): Storm | undefined =>
  tx
    .select()
    .from(storms)
    .where(and(eq(storms.place, place), eq(storms.app, app)))
    .get()
export function noteStorm(tx: Tx, storm: Storm): void {
  const { place: _place, app: _app, ...set } = storm
  tx.insert(storms)
    .values(storm)
    .onConflictDoUpdate({ target: [storms.place, storms.app], set })
    .run()
}
