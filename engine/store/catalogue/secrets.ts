import { and, asc, eq } from 'drizzle-orm'
import { EngineError } from '../../core/error.ts'
import type { Tx } from '../database.ts'
import { hostKeys, hostProbes, secrets, type SecretUse } from './tables/hosts.ts'

export type SecretRow = typeof secrets.$inferSelect
export type NewSecret = Omit<SecretRow, 'project' | 'lastUse'> & { readonly project?: string }
export type HostKey = typeof hostKeys.$inferSelect
export type HostProbeRow = typeof hostProbes.$inferSelect
export type { HostFinding, SecretUse } from './tables/hosts.ts'

/** Shorter ones cannot be masked by value without masking ordinary words. */
const MIN_SECRET_CHARACTERS = 6
export function checkSecret(value: string): void {
  if (value.length < MIN_SECRET_CHARACTERS)
    throw new EngineError('INVALID_INPUT', {
      message: `A secret needs at least ${MIN_SECRET_CHARACTERS} characters.`,
      fields: [{ field: 'value', code: 'TOO_SHORT', message: `Use at least ${MIN_SECRET_CHARACTERS} characters` }],
    })
}
/** What the sealing binds a value to, so that a row copied to another name does not open. */
export const secretAad = (namespace: string, key: string): string => `secret:${namespace}.${key}`

export const secretOf = (tx: Tx, namespace: string, key: string): SecretRow | undefined =>
  tx
    .select()
    .from(secrets)
    .where(and(eq(secrets.namespace, namespace), eq(secrets.key, key)))
    .get()
export const listSecrets = (tx: Tx): SecretRow[] =>
  tx.select().from(secrets).orderBy(asc(secrets.namespace), asc(secrets.key)).all()
/** A value, or the next one of the same name: what it was used for stays. */
export function putSecret(tx: Tx, row: NewSecret): void {
  const { sealed, setAt, setBy, project = 'default' } = row
  tx.insert(secrets)
    .values({ ...row, project })
    .onConflictDoUpdate({ target: [secrets.namespace, secrets.key], set: { sealed, setAt, setBy, project } })
    .run()
}
export const dropSecret = (tx: Tx, namespace: string, key: string): boolean =>
  tx
    .delete(secrets)
    .where(and(eq(secrets.namespace, namespace), eq(secrets.key, key)))
    .run().changes > 0
export const noteSecretUse = (tx: Tx, namespace: string, key: string, lastUse: SecretUse): void =>
  void tx
    .update(secrets)
    .set({ lastUse })
    .where(and(eq(secrets.namespace, namespace), eq(secrets.key, key)))
    .run()
/** Whose values lie under a name space; undefined: there are none. */
export const projectOfSecrets = (tx: Tx, namespace: string): string | undefined =>
  tx.select({ project: secrets.project }).from(secrets).where(eq(secrets.namespace, namespace)).limit(1).get()?.project

export const hostKeyOf = (tx: Tx, project: string, name: string): HostKey | undefined =>
  tx
    .select()
    .from(hostKeys)
    .where(and(eq(hostKeys.project, project), eq(hostKeys.name, name)))
    .get()
/** All of them by `project/name`: a list of hosts looks once. */
export const hostKeysBy = (tx: Tx): ReadonlyMap<string, HostKey> =>
  new Map(
    tx
      .select()
      .from(hostKeys)
      .all()
      .map((row) => [`${row.project}/${row.name}`, row]),
  )
/** A host showed a key. One that is not the confirmed one waits for an operator. Returns true when that is news. */
export function offerHostKey(tx: Tx, project: string, name: string, fingerprint: string, now: number): boolean {
  const known = hostKeyOf(tx, project, name)
  if (known?.fingerprint === fingerprint || known?.offered === fingerprint) return false
  tx.insert(hostKeys)
    .values({ project, name, fingerprint: null, offered: fingerprint, seenAt: now })
    .onConflictDoUpdate({ target: [hostKeys.project, hostKeys.name], set: { offered: fingerprint, seenAt: now } })
    .run()
  return true
}
export function confirmHostKey(tx: Tx, project: string, name: string, fingerprint: string, now: number): void {
  tx.insert(hostKeys)
    .values({ project, name, fingerprint, offered: null, seenAt: now })
    .onConflictDoUpdate({
      target: [hostKeys.project, hostKeys.name],
      set: { fingerprint, offered: null, seenAt: now },
    })
    .run()
}

export const hostProbeOf = (tx: Tx, project: string, name: string): HostProbeRow | undefined =>
  tx
    .select()
    .from(hostProbes)
    .where(and(eq(hostProbes.project, project), eq(hostProbes.name, name)))
    .get()
export function putHostProbe(tx: Tx, row: HostProbeRow): void {
  const { project: _project, name: _name, ...change } = row
  tx.insert(hostProbes)
    .values(row)
    .onConflictDoUpdate({ target: [hostProbes.project, hostProbes.name], set: change })
    .run()
}
