import { and, asc, count, desc, eq, notInArray, or, sql, type SQL } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { taskIndex } from '../schema.ts'
import { documents, favourites, flowVersions } from './tables/documents.ts'
import { hostKeys, hostProbes, secrets } from './tables/hosts.ts'

export type DocumentRow = typeof documents.$inferSelect
export type FlowVersionRow = typeof flowVersions.$inferSelect

export const documentOf = (tx: Tx, project: string, kind: string, name: string): DocumentRow | undefined =>
  tx
    .select()
    .from(documents)
    .where(and(eq(documents.project, project), eq(documents.kind, kind), eq(documents.name, name)))
    .get()
export const documentsOf = (tx: Tx, kind: string): DocumentRow[] =>
  tx.select().from(documents).where(eq(documents.kind, kind)).orderBy(asc(documents.project), asc(documents.name)).all()
/** Those of a kind with these names (`project/name`). */
export const documentsCalled = (tx: Tx, kind: string, names: readonly string[]): DocumentRow[] =>
  tx
    .select()
    .from(documents)
    .where(
      and(
        eq(documents.kind, kind),
        sql`(${documents.project}, ${documents.name}) IN (SELECT substr(value, 1, instr(value, '/') - 1), substr(value, instr(value, '/') + 1) FROM json_each(${JSON.stringify(names)}))`,
      ),
    )
    .all()
export interface DocumentFilter {
  readonly project: string
  readonly kind?: string
  /** Part of a name or title. */
  readonly search?: string
}
const matching = ({ project, kind, search }: DocumentFilter): SQL | undefined => {
  const part = `%${(search ?? '').replace(/[%_\\]/g, (sign) => `\\${sign}`)}%`
  return and(
    eq(documents.project, project),
    kind === undefined ? undefined : eq(documents.kind, kind),
    search === undefined
      ? undefined
      : sql`(${documents.name} LIKE ${part} ESCAPE '\\' OR json_extract(${documents.document}, '$.metadata.title') LIKE ${part} ESCAPE '\\')`,
  )
}
/** Those of a project by kind and name, behind the given one. */
export const documentsIn = (
  tx: Tx,
  filter: DocumentFilter,
  limit: number,
  after: { readonly kind: string; readonly name: string } | null,
): DocumentRow[] =>
  tx
    .select()
    .from(documents)
    .where(
      and(
        matching(filter),
        after === null ? undefined : sql`(${documents.kind}, ${documents.name}) > (${after.kind}, ${after.name})`,
      ),
    )
    .orderBy(asc(documents.kind), asc(documents.name))
    .limit(limit)
    .all()
export const countDocuments = (tx: Tx, filter: DocumentFilter): number =>
  tx.select({ found: count() }).from(documents).where(matching(filter)).get()?.found ?? 0
/** Those of a kind and name, in whatever project. */
export const documentsNamed = (tx: Tx, kind: string, name: string): DocumentRow[] =>
  tx
    .select()
    .from(documents)
    .where(and(eq(documents.kind, kind), eq(documents.name, name)))
    .orderBy(asc(documents.project))
    .all()
interface Saying {
  readonly project: string
  readonly kind: string
  readonly name: string
  readonly document: Record<string, unknown>
}
/** Documents in which some text stands anywhere. */
export const documentsSaying = (tx: Tx, text: string): Saying[] =>
  tx
    .select({ project: documents.project, kind: documents.kind, name: documents.name, document: documents.document })
    .from(documents)
    .where(sql`instr(${documents.document}, ${text}) > 0`)
    .all()
/** Versions of flows that can be launched, current or pinned by an app, in which some text stands anywhere. */
export const launchableSaying = (tx: Tx, text: string): Saying[] =>
  tx
    .select({ project: flowVersions.project, name: flowVersions.name, document: flowVersions.document })
    .from(flowVersions)
    .where(
      and(
        sql`instr(${flowVersions.document}, ${text}) > 0`,
        or(
          eq(flowVersions.current, true),
          sql`exists (select 1 from ${documents} d where d.kind = 'App' and d.project = ${flowVersions.project}
            and json_extract(d.document, '$.spec.flow') = ${flowVersions.name} and json_extract(d.document, '$.spec.version') = ${flowVersions.version})`,
        ),
      ),
    )
    .all()
    .map((row) => ({ ...row, kind: 'Flow' }))
export const allDocuments = (tx: Tx): DocumentRow[] => tx.select().from(documents).all()
export function putDocument(tx: Tx, row: DocumentRow): void {
  const { project: _project, kind: _kind, name: _name, ...change } = row
  tx.insert(documents)
    .values(row)
    .onConflictDoUpdate({ target: [documents.project, documents.kind, documents.name], set: change })
    .run()
}

/** One version, or the current one. */
export const flowVersionOf = (
  tx: Tx,
  project: string,
  name: string,
  version: number | 'current',
): FlowVersionRow | undefined =>
  tx
    .select()
    .from(flowVersions)
    .where(
      and(
        eq(flowVersions.project, project),
        eq(flowVersions.name, name),
        version === 'current' ? eq(flowVersions.current, true) : eq(flowVersions.version, version),
      ),
    )
    .get()
export const flowVersionsOf = (tx: Tx, project: string, name: string): FlowVersionRow[] =>
  tx
    .select()
    .from(flowVersions)
    .where(and(eq(flowVersions.project, project), eq(flowVersions.name, name)))
    .orderBy(desc(flowVersions.version))
    .all()
/** Adds the next version and makes it current. One equal to the current one is that one. */
export function addFlowVersion(tx: Tx, row: Omit<FlowVersionRow, 'version' | 'current'>): FlowVersionRow {
  const latest = flowVersionsOf(tx, row.project, row.name)
  const current = latest.find((version) => version.current)
  if (current?.digest === row.digest) return current
  const same = and(eq(flowVersions.project, row.project), eq(flowVersions.name, row.name))
  tx.update(flowVersions).set({ current: false }).where(same).run()
  const added: FlowVersionRow = { ...row, version: (latest[0]?.version ?? 0) + 1, current: true }
  tx.insert(flowVersions).values(added).run()
  return added
}

/** Every version of every flow, newest first: who refers to what. */
export const allFlowVersions = (tx: Tx): FlowVersionRow[] =>
  tx
    .select()
    .from(flowVersions)
    .orderBy(asc(flowVersions.project), asc(flowVersions.name), desc(flowVersions.version))
    .all()
/** Makes a version the one that is launched. Returns it, or nothing when there is none of that number. */
export function makeFlowVersionCurrent(
  tx: Tx,
  project: string,
  name: string,
  version: number,
): FlowVersionRow | undefined {
  const row = flowVersionOf(tx, project, name, version)
  if (!row || row.current) return row
  const same = and(eq(flowVersions.project, project), eq(flowVersions.name, name))
  tx.update(flowVersions).set({ current: false }).where(same).run()
  tx.update(flowVersions)
    .set({ current: true })
    .where(and(same, eq(flowVersions.version, version)))
    .run()
  return { ...row, current: true }
}
/** Takes a document out with what is kept beside it. Versions of a flow stay, since histories name them; none is current any more. */
export function dropDocument(tx: Tx, project: string, kind: string, name: string): void {
  const named = (table: typeof documents | typeof flowVersions | typeof hostKeys | typeof hostProbes) =>
    and(eq(table.project, project), eq(table.name, name))
  tx.delete(documents)
    .where(and(named(documents), eq(documents.kind, kind)))
    .run()
  if (kind === 'Flow') tx.update(flowVersions).set({ current: false }).where(named(flowVersions)).run()
  if (kind === 'SecretRef') tx.delete(secrets).where(eq(secrets.namespace, name)).run()
  if (kind === 'Host') {
    tx.delete(hostKeys).where(named(hostKeys)).run()
    tx.delete(hostProbes).where(named(hostProbes)).run()
  }
}
const FINAL_PHASES = ['succeeded', 'failed', 'revoked']
/** Tasks of a project that have not ended. */
export const liveTasksOf = (
  tx: Tx,
  project: string,
): { id: string; number: number; title: string; app: string | null; flow: string }[] =>
  tx
    .select({
      id: taskIndex.id,
      number: taskIndex.number,
      title: taskIndex.title,
      app: taskIndex.app,
      flow: taskIndex.flow,
    })
    .from(taskIndex)
    .where(and(eq(taskIndex.project, project), notInArray(taskIndex.phase, FINAL_PHASES)))
    .orderBy(asc(taskIndex.number))
    .all()

/** `project/name` of the apps somebody has marked. */
export const favouritesOf = (tx: Tx, person: string): ReadonlySet<string> =>
  new Set(
    tx
      .select({ project: favourites.project, app: favourites.app })
      .from(favourites)
      .where(eq(favourites.person, person))
      .all()
      .map(({ project, app }) => `${project}/${app}`),
  )
export function setFavourite(tx: Tx, person: string, project: string, app: string, on: boolean): void {
  if (on) tx.insert(favourites).values({ person, project, app }).onConflictDoNothing().run()
  else
    tx.delete(favourites)
      .where(and(eq(favourites.person, person), eq(favourites.project, project), eq(favourites.app, app)))
      .run()
}

/** A project that had flows has their versions for ever, and may have tasks, when its documents are gone. */
export const hadFlows = (tx: Tx, project: string): boolean =>
  tx.select({ name: flowVersions.name }).from(flowVersions).where(eq(flowVersions.project, project)).limit(1).get() !==
  undefined
