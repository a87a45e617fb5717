import type { WorkCalendar } from '../../core/calendar.ts'
import type { Directory, PersonRef } from '../../core/env.ts'
import type { Actor } from '../../core/state.ts'
import type { Value, Values } from '../../core/value.ts'
import type { Database, Tx } from '../database.ts'
import { allDocuments, type DocumentRow } from './documents.ts'
import { listPeople, membersOf, type Person } from './people.ts'

/** Who is who, in memory: `decide` asks synchronously. `refresh` after each change of documents or people. */
export interface LiveDirectory extends Directory {
  refresh(): void
  /** Business roles as documents declare them, with their members. */
  readonly roles: () => readonly { name: string; title: string; members: readonly PersonRef[] }[]
  readonly rolesOf: (person: string) => readonly string[]
}
interface Known {
  readonly people: readonly Person[]
  readonly byRef: ReadonlyMap<string, Person>
  readonly documents: readonly DocumentRow[]
  /** role name → person ids added beside the document. */
  readonly extra: ReadonlyMap<string, readonly string[]>
}

export function createDirectory(db: Database): LiveDirectory {
  let known = db.read(load)
  const refresh = (): void => {
    known = db.read(load)
  }
  return { ...directoryOf(() => known), refresh }
}
/** As things stand inside a transaction: documents applied a moment ago count. */
export function directoryIn(tx: Tx): Directory {
  const known = load(tx)
  return directoryOf(() => known)
}

function directoryOf(look: () => Known): Omit<LiveDirectory, 'refresh'> {
  const named = (kind: string, name: string): DocumentRow | undefined =>
    look().documents.find((document) => document.kind === kind && document.name === name)
  const refs = (list: unknown): PersonRef[] =>
    (Array.isArray(list) ? list : []).flatMap((member) => (typeof member === 'string' ? person(member) : []))
  const person = (ref: string): PersonRef[] => {
    const found = look().byRef.get(ref.toLowerCase())
    return found?.active ? [refOf(found)] : []
  }
  const role = (written: string): PersonRef[] => {
    const [name = '', value] = written.split('@')
    // A bound role has one document per value, `qa@shop`, or one that names its members for all.
    const document = (value !== undefined && named('Role', written)) || named('Role', name)
    const members = refs(specOf(document)['members'])
    return unique([...members, ...(look().extra.get(name) ?? []).flatMap((id) => person(id))])
  }
  const people = (ref: string, starter: Actor): readonly PersonRef[] => {
    if (ref === 'starter') return starter.person === null ? [] : [{ id: starter.person, name: starter.name }]
    if (ref === 'everyone')
      return look()
        .people.filter((one) => one.active)
        .map(refOf)
    if (ref.startsWith('role:')) return role(ref.slice(5))
    if (ref.startsWith('group:')) return refs(specOf(named('Group', ref.slice(6)))['members'])
    return person(ref)
  }
  const nobody: Actor = { person: null, name: '', surface: 'system' }
  const roles = () =>
    look()
      .documents.filter((document) => document.kind === 'Role')
      .map((document) => ({ name: document.name, title: titleOf(document), members: role(document.name) }))
  return {
    people,
    roles,
    rolesOf: (id) =>
      roles()
        .filter(({ members }) => members.some((member) => member.id === id))
        .map(({ name }) => name),
    title: (ref) => {
      const [kind, name = ''] = ref.split(':')
      if (kind === 'role') return titleOf(named('Role', name) ?? named('Role', name.split('@')[0] ?? ''), name)
      if (kind === 'group') return titleOf(named('Group', name), name)
      return people(ref, nobody)[0]?.name ?? ref
    },
    constants: (project) =>
      Object.fromEntries(
        look()
          .documents.filter((document) => document.kind === 'Constant' && document.project === project)
          .map((document) => [document.name, (specOf(document)['value'] ?? null) as Value]), // JSON, as parsed
      ) satisfies Values,
    calendar: (project, name) => {
      const found = look().documents.find(
        (document) => document.kind === 'Calendar' && document.project === project && document.name === name,
      )
      return found === undefined ? null : (specOf(found) as unknown as WorkCalendar) // decoded when it was applied
    },
    hosts: (ref) =>
      look()
        .documents.filter((document) => document.kind === 'Host')
        .filter((document) => (ref.startsWith('@') ? labelsOf(document).includes(ref.slice(1)) : document.name === ref))
        .map((document) => document.name),
    allHosts: () =>
      look()
        .documents.filter((document) => document.kind === 'Host')
        .map((document) => ({ name: document.name, labels: labelsOf(document) })),
    knows: (ref) => {
      if (ref === 'starter' || ref === 'everyone') return true
      const [kind, name = ''] = ref.split(':')
      if (kind === 'role') return (named('Role', name) ?? named('Role', name.split('@')[0] ?? '')) !== undefined
      if (kind === 'group') return named('Group', name) !== undefined
      return person(ref).length > 0
    },
  }
}

function load(tx: Tx): Known {
  const people = listPeople(tx)
  const byRef = new Map<string, Person>()
  // Ids last: a person may not take over another by calling themselves like an id.
  for (const one of people) for (const ref of [one.name, one.email]) if (ref) byRef.set(ref.toLowerCase(), one)
  for (const one of people) byRef.set(one.id.toLowerCase(), one)
  const extra = new Map<string, string[]>()
  for (const { role, person } of membersOf(tx)) extra.set(role, [...(extra.get(role) ?? []), person])
  return { people, byRef, documents: allDocuments(tx), extra }
}
const refOf = ({ id, name }: Person): PersonRef => ({ id, name })
const unique = (list: readonly PersonRef[]): PersonRef[] => [...new Map(list.map((one) => [one.id, one])).values()]
export const specOf = (document: DocumentRow | undefined): Record<string, unknown> =>
  (document?.document['spec'] as Record<string, unknown> | undefined) ?? {}
export const titleOf = (document: DocumentRow | undefined, fallback = ''): string => {
  const metadata = document?.document['metadata'] as { title?: unknown } | undefined
  return typeof metadata?.title === 'string' ? metadata.title : (document?.name ?? fallback)
}
/** `labels: [web, db]` or `labels: {web: …}` or metadata labels. */
export function labelsOf(document: DocumentRow): string[] {
  const labels =
    specOf(document)['labels'] ?? (document.document['metadata'] as { labels?: unknown } | undefined)?.labels
  if (Array.isArray(labels)) return labels.filter((label) => typeof label === 'string')
  return typeof labels === 'object' && labels !== null ? Object.keys(labels) : []
}
