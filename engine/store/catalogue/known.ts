import { asc, eq, inArray } from 'drizzle-orm'
import type { Delegation } from '../../core/asks/stand-in.ts'
import type { PersonRef } from '../../core/env.ts'
import { namedIn, orderOf, rotaProblems, type Rota } from '../../core/rota.ts'
import type { Value, Values } from '../../core/value.ts'
import type { Tx } from '../database.ts'
import { delegationsAmong, openDelegations, type DelegationRow } from './delegations.ts'
import { documentOf, type DocumentRow } from './documents.ts'
import { addedTo, memberOf, membersOf, type Person } from './people.ts'
import { documents } from './tables/documents.ts'
import { people } from './tables/people.ts'

/** A Role or Group, with whom it names. */
export interface Part {
  readonly row: DocumentRow
  readonly members: readonly PersonRef[]
  readonly ids: ReadonlySet<string>
  readonly added: readonly string[]
  readonly rota: Rota | null
}
/** As much of a person as names and rights need. */
export type Who = Pick<Person, 'id' | 'name' | 'email' | 'active' | 'kind' | 'mergedInto'>
/** Who is who, as it was read last. What changes is put in its place: ten thousand others stay as they are. */
export interface Known {
  readonly everybody: readonly PersonRef[]
  readonly byRef: ReadonlyMap<string, Who>
  /** `<kind> <project> <name>` */
  readonly parts: ReadonlyMap<string, Part>
  /** project → its parts */
  readonly partsIn: ReadonlyMap<string, readonly Part[]>
  readonly constants: ReadonlyMap<string, Values>
  readonly calendars: ReadonlyMap<string, DocumentRow>
  readonly hosts: readonly DocumentRow[]
  /** Who was on duty in the minute that was asked about last. */
  readonly duty: WeakMap<Part, { readonly minute: number; readonly people: readonly PersonRef[] }>
  readonly delegations: readonly Delegation[]
}
/** What has changed since it was read. Absent: anything may have. */
export interface Changed {
  /** Ids. */
  readonly people?: readonly string[]
  /** Who joined or left beside a document: see `memberKey`. */
  readonly members?: readonly string[]
  readonly documents?: true
  readonly delegations?: true
}
/** What has to be known to put a change in its place. */
export interface Memory {
  readonly known: Known
  readonly people: People
  /** Part → who joined beside its document. */
  readonly added: Map<string, readonly string[]>
  /** Word in lower case → parts that say it: whose members change with whom it means. */
  readonly saying: Map<string, Set<string>>
  readonly rows: readonly DocumentRow[]
  delegated: readonly DelegationRow[]
  readonly read: Read
}
/** `<kind> <project> <name>` */
export const keyOf = (kind: string, project: string, name: string): string => `${kind} ${project} ${name}`
interface People {
  /** In order of name. */
  readonly all: Who[]
  readonly byId: Map<string, Who>
  readonly byRef: Map<string, Who>
  /** How many people go by a word. */
  readonly claims: Map<string, number>
  /** Those somebody was merged into. */
  readonly heirs: ReadonlySet<string>
  listed: readonly PersonRef[] | null
}

const KINDS = ['Role', 'Group', 'Constant', 'Calendar', 'Host']
/** Documents that were read before, by key: one that has not changed is not read again. */
type Read = Map<string, { readonly stamp: string; readonly row: DocumentRow }>
/** Flows are the bulk of all documents, and name nobody by themselves. */
function documentsThatName(tx: Tx, read: Read): DocumentRow[] {
  const { project, kind, name, generation, updatedAt } = documents
  const stamps = tx
    .select({ kind, project, name, generation, updatedAt })
    .from(documents)
    .where(inArray(kind, KINDS))
    .all()
  const known = new Map(read)
  read.clear()
  return stamps.flatMap((one) => {
    const key = keyOf(one.kind, one.project, one.name)
    const stamp = `${one.generation} ${one.updatedAt}`
    const before = known.get(key)
    const row = before?.stamp === stamp ? before.row : documentOf(tx, one.project, one.kind, one.name)
    if (row) read.set(key, { stamp, row })
    return row ? [row] : []
  })
}
/** Everybody in order of name; the rows of ten thousand people are not made into objects for this. */
const COLUMNS = {
  id: people.id,
  name: people.name,
  email: people.email,
  active: people.active,
  kind: people.kind,
  mergedInto: people.mergedInto,
}
const whoIs = (tx: Tx, id: string): Who | undefined => tx.select(COLUMNS).from(people).where(eq(people.id, id)).get()
const everyone = (tx: Tx): Who[] => {
  const { id, name, email, active, kind, mergedInto } = people
  return tx
    .select({ id, name, email, active, kind, mergedInto })
    .from(people)
    .orderBy(asc(name), asc(id))
    .values()
    .map(([one, called, mail, isActive, what, into]) => ({
      // As the columns are declared.
      id: one as string,
      name: called as string,
      email: mail as string | null,
      active: Boolean(isActive),
      kind: what as string,
      mergedInto: into as string | null,
    }))
}

const wordsOf = ({ id, name, email }: Who): readonly string[] => [
  ...new Set([name, email, id].flatMap((word) => (word ? [word.toLowerCase()] : []))),
]
/** Everybody, by every word that means them. */
function peopleOf(all: Who[]): People {
  const byRef = new Map<string, Who>()
  const claims = new Map<string, number>()
  // Ids last: a person may not take over another by calling themselves like an id.
  const byId = new Map(all.map((one) => [one.id, one]))
  /** Whoever was merged into another is that other, however they are called. */
  const now = (one: Who): Who => {
    let found = one
    for (let hops = 0; found.mergedInto !== null && hops < 100; hops++) found = byId.get(found.mergedInto) ?? one
    return found
  }
  for (const one of all) for (const ref of [one.name, one.email]) if (ref) byRef.set(ref.toLowerCase(), now(one))
  for (const one of all) byRef.set(one.id.toLowerCase(), now(one))
  for (const one of all) for (const word of wordsOf(one)) claims.set(word, (claims.get(word) ?? 0) + 1)
  const heirs = new Set(all.flatMap(({ mergedInto }) => (mergedInto === null ? [] : [mergedInto])))
  return { all, byId, byRef, claims, heirs, listed: null }
}
const isSame = (one: Who, other: Who | undefined): boolean =>
  other !== undefined &&
  one.id === other.id &&
  one.name === other.name &&
  one.email === other.email &&
  one.active === other.active &&
  one.kind === other.kind &&
  one.mergedInto === other.mergedInto

/** Everything anew. What is as it was before is taken over, and with it what was looked up in it. */
export function load(tx: Tx, before: Memory | null = null): Memory {
  const present = everyone(tx)
  const was = before?.people.all
  const isKept = was?.length === present.length && present.every((one, at) => isSame(one, was[at]))
  const added = new Map<string, string[]>()
  for (const { kind, project, name, person } of membersOf(tx)) {
    const key = keyOf(kind, project, name)
    added.set(key, [...(added.get(key) ?? []), person])
  }
  const read: Read = before?.read ?? new Map()
  const rows = documentsThatName(tx, read)
  const persons = isKept ? before!.people : peopleOf(present)
  return remember({ people: persons, added, rows, delegated: openDelegations(tx), read }, isKept ? before : null)
}
type Kept = Omit<Memory, 'known' | 'saying'>
/** `before`: the same people, so that parts whose document and members are as they were stay. */
function remember(kept: Kept, before: Memory | null): Memory {
  const { people: persons, added, rows, delegated } = kept
  const parts = new Map<string, Part>()
  const partsIn = new Map<string, Part[]>()
  const constants = new Map<string, Values>()
  const calendars = new Map<string, DocumentRow>()
  const saying = new Map<string, Set<string>>()
  for (const row of rows) {
    const key = keyOf(row.kind, row.project, row.name)
    if (row.kind === 'Constant')
      constants.set(row.project, {
        ...constants.get(row.project),
        [row.name]: (specOf(row)['value'] ?? null) as Value, // JSON, as parsed
      })
    else if (row.kind === 'Calendar') calendars.set(key, row)
    else if (row.kind === 'Role' || row.kind === 'Group') {
      const joined = added.get(key) ?? []
      const old = before?.known.parts.get(key)
      const part = old?.row === row && old.added.join() === joined.join() ? old : partFrom(row, joined, persons.byRef)
      parts.set(key, part)
      partsIn.set(row.project, [...(partsIn.get(row.project) ?? []), part])
      for (const word of wordsIn(row, joined)) saying.set(word, (saying.get(word) ?? new Set()).add(key))
    }
  }
  const hosts = rows.filter(({ kind }) => kind === 'Host')
  const delegations = among(persons, delegated)
  const { byRef } = persons
  const known: Known = {
    get everybody() {
      return (persons.listed ??= persons.all.filter((one) => one.active && one.kind !== 'service').map(refOf))
    },
    ...{ byRef, parts, partsIn, constants, calendars, hosts, delegations },
    duty: new WeakMap(),
  }
  return { ...kept, known, saying }
}
const among = ({ byRef }: People, rows: readonly DelegationRow[]): readonly Delegation[] =>
  delegationsAmong(rows, (id) => activeOf(byRef, id)[0])

/** Puts changes in their place; what it costs is what has changed. Where that cannot be told by itself (a merge, a name that two go by), everything is read anew. */
export function update(tx: Tx, memory: Memory, changed: Changed): Memory {
  let now = memory
  if (changed.documents) {
    const rows = documentsThatName(tx, now.read)
    now = remember({ ...now, rows }, now)
  }
  for (const key of changed.members ?? []) now = withMembers(tx, now, key)
  const moved: string[] = []
  for (const id of changed.people ?? []) {
    const words = withPerson(tx, now.people, id)
    if (words === null) return load(tx, null)
    if (words.length > 0) moved.push(id)
    for (const key of new Set(words.flatMap((word) => [...(now.saying.get(word) ?? [])]))) replace(now, key)
  }
  const delegated = changed.delegations ? openDelegations(tx) : now.delegated
  const concerns = ({ from, to }: DelegationRow): boolean => moved.includes(from) || moved.includes(to)
  if (changed.delegations || delegated.some(concerns)) {
    now.delegated = delegated
    const { known } = now as { known: { delegations: Known['delegations'] } } // made here, and read elsewhere
    known.delegations = among(now.people, delegated)
  }
  return now
}

/** Words that mean somebody else now, or did; none: nothing of what is known here has changed. Null: it cannot be told. */
function withPerson(tx: Tx, persons: People, id: string): readonly string[] | null {
  const old = persons.byId.get(id)
  const now = whoIs(tx, id)
  if (old && now && isSame(old, now)) return []
  if (!now || now.mergedInto !== null || old?.mergedInto != null || persons.heirs.has(id)) return null
  const [before, after] = [old ? wordsOf(old) : [], wordsOf(now)]
  const words = [...new Set([...before, ...after])]
  const { claims, byRef, byId, all } = persons
  const others = (word: string): number => (claims.get(word) ?? 0) - (before.includes(word) ? 1 : 0)
  if (words.some((word) => others(word) > 0)) return null
  for (const word of before) {
    claims.delete(word)
    byRef.delete(word)
  }
  for (const word of after) {
    claims.set(word, 1)
    byRef.set(word, now)
  }
  byId.set(id, now)
  if (old) all.splice(all.indexOf(old), 1)
  all.splice(placeOf(all, now), 0, now)
  persons.listed = null
  return words
}
/** Where somebody stands in order of name. */
function placeOf(all: readonly Who[], one: Who): number {
  let [from, to] = [0, all.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const other = all[middle]!
    if (other.name < one.name || (other.name === one.name && other.id < one.id)) from = middle + 1
    else to = middle
  }
  return from
}
function withMembers(tx: Tx, memory: Memory, member: string): Memory {
  const { kind, project, name } = memberOf({ role: member, person: '' })
  const key = keyOf(kind, project, name)
  const joined = addedTo(tx, member)
  memory.added.set(key, joined)
  for (const id of joined) {
    const word = id.toLowerCase()
    memory.saying.set(word, (memory.saying.get(word) ?? new Set()).add(key))
  }
  replace(memory, key)
  return memory
}
/** Whom it names is looked up anew. */
function replace({ known, people: persons, added }: Memory, key: string): void {
  const old = known.parts.get(key)
  if (!old) return
  const part = partFrom(old.row, added.get(key) ?? [], persons.byRef)
  const parts = known.parts as Map<string, Part> // made here, and read elsewhere
  parts.set(key, part)
  const { project } = old.row
  const partsIn = known.partsIn as Map<string, readonly Part[]>
  partsIn.set(
    project,
    (partsIn.get(project) ?? []).map((one) => (one === old ? part : one)),
  )
}
/** Every text by which a part may name somebody. */
function wordsIn(row: DocumentRow, added: readonly string[]): readonly string[] {
  const { members, rota } = specOf(row)
  const words: string[] = []
  const visit = (value: unknown): void => {
    if (typeof value === 'string') words.push(value.toLowerCase())
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit)
  }
  visit([members, rota, added])
  return words
}
export const activeOf = (byRef: Known['byRef'], ref: string): PersonRef[] => {
  const found = byRef.get(ref.toLowerCase())
  return found?.active ? [refOf(found)] : []
}
/** Whom it names is looked up when somebody asks: most are not asked about between two changes. */
function partFrom(row: DocumentRow, added: readonly string[], byRef: Known['byRef']): Part {
  let found: Pick<Part, 'members' | 'ids' | 'rota'> | null = null
  const look = (): Pick<Part, 'members' | 'ids' | 'rota'> => (found ??= membersOfPart(row, added, byRef))
  return {
    row,
    added,
    get members() {
      return look().members
    },
    get ids() {
      return look().ids
    },
    get rota() {
      return look().rota
    },
  }
}
function membersOfPart(
  row: DocumentRow,
  added: readonly string[],
  byRef: Known['byRef'],
): Pick<Part, 'members' | 'ids' | 'rota'> {
  const spec = specOf(row)
  const written = (Array.isArray(spec['members']) ? spec['members'] : []).filter((ref) => typeof ref === 'string')
  const rota = rotaOf(spec['rota'], [...written, ...added])
  // Whoever may be on duty stands in the role.
  const named = rota === null ? [] : [...namedIn(rota)]
  const found = [...written, ...added, ...named].flatMap((ref) => activeOf(byRef, ref))
  const members = unique(found)
  return { members, ids: new Set(members.map(({ id }) => id)), rota: usable(rota, members) }
}
/** As documents write it: one name may stand without its list. A rota that is none is passed over: everybody answers then. */
function rotaOf(value: unknown, members: readonly string[]): Rota | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { order, handover, overrides, ...rest } = value as Record<string, unknown>
  const listed = (entry: unknown): string[] =>
    (Array.isArray(entry) ? entry : [entry]).filter((one) => typeof one === 'string')
  return {
    ...(rest as Pick<Rota, 'zone' | 'from' | 'shift' | 'every'>), // decoded when it was applied; `usable` looks again
    ...(handover !== undefined && { handover: listed(handover) }),
    // Whoever is suspended keeps their turns: it is passed over, and nobody else's moves.
    order: Array.isArray(order) ? order.map(listed) : members.map((member) => [member]),
    ...(Array.isArray(overrides) && {
      overrides: (overrides as { from: string; to: string; who: unknown }[]).map(({ from, to, who }) => ({
        from: String(from),
        to: String(to),
        who: listed(who),
      })),
    }),
  }
}
function usable(rota: Rota | null, members: readonly PersonRef[]): Rota | null {
  if (rota === null || typeof rota.zone !== 'string' || typeof rota.from !== 'string') return null
  const ids = members.map(({ id }) => id)
  return rotaProblems(rota, ids).length === 0 && orderOf(rota, ids).length > 0 ? rota : null
}
export const refOf = ({ id, name }: PersonRef): PersonRef => ({ id, name })
export const unique = (list: readonly PersonRef[]): PersonRef[] => [
  ...new Map(list.map((one) => [one.id, one])).values(),
]
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
