import { asc, inArray } from 'drizzle-orm'
import { standInsIn, standsForIn, type Delegation } from '../../core/asks/stand-in.ts'
import type { WorkCalendar } from '../../core/calendar.ts'
import type { Directory, PersonRef } from '../../core/env.ts'
import { nextHandover, orderOf, rotaProblems, namedIn, turnsAt, type Rota } from '../../core/rota.ts'
import type { Actor } from '../../core/state.ts'
import type { Value, Values } from '../../core/value.ts'
import type { Database, Tx } from '../database.ts'
import { delegationsAmong } from './delegations.ts'
import { documentOf, type DocumentRow } from './documents.ts'
import { membersOf, type Person } from './people.ts'
import { documents, people } from './schema.ts'

/** A business role or a group as people see it. */
export interface BusinessRole {
  readonly kind: 'role' | 'group'
  readonly project: string
  readonly name: string
  readonly title: string
  /** What the value behind `@` means, where it is bound to one. */
  readonly bindTo: string | null
  readonly members: readonly PersonRef[]
  /** Those who joined beside the document. */
  readonly added: readonly string[]
  readonly rota: Rota | null
  /** Who answers for it now: all members where there is no rota. */
  readonly onDuty: readonly PersonRef[]
  /** When the rota next hands over; null without one. */
  readonly nextHandover: number | null
}
/** One project's view. What it does not name itself, the project `default` names for all. */
export interface ProjectDirectory extends Directory {
  readonly has: (ref: string, person: string) => boolean
  readonly stands: (ref: string, person: string) => boolean
}
/** Who is who, in memory: `decide` asks synchronously. `refresh` after each change of documents or people. */
export interface LiveDirectory extends ProjectDirectory {
  refresh(): void
  readonly within: (project: string) => ProjectDirectory
  /** Business roles and groups: of all projects, or as one sees them. */
  readonly roles: (project?: string) => readonly BusinessRole[]
  readonly groups: (project?: string) => readonly BusinessRole[]
  /** The next shifts of a role with a rota; the first is the one that is on. */
  readonly shifts: (role: BusinessRole, count: number) => readonly { from: number; people: readonly PersonRef[] }[]
  /** Who stands in which role or group, by `<kind> <project> <name>`. */
  readonly standing: () => ReadonlyMap<string, ReadonlySet<string>>
  /** Names of business roles, and `group:<name>` of groups, that a person answers for now, as a project sees them. */
  readonly rolesOf: (person: string, project?: string) => readonly string[]
}

/** The project whose roles, groups and calendars serve all that have none of that name. */
export const SHARED = 'default'
const PARTS = { Role: 'role', Group: 'group' } as const
/** A Role or Group, with whom it names. */
interface Part {
  readonly row: DocumentRow
  readonly members: readonly PersonRef[]
  readonly ids: ReadonlySet<string>
  readonly added: readonly string[]
  readonly rota: Rota | null
}
/** As much of a person as names and rights need. */
type Who = Pick<Person, 'id' | 'name' | 'email' | 'active' | 'kind' | 'mergedInto'>
interface Known {
  readonly all: readonly Who[]
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

export function createDirectory(db: Database, now: () => number = Date.now): LiveDirectory {
  const read: Read = new Map()
  let known = db.read((tx) => load(tx, read))
  const views = new Map<string, ProjectDirectory>()
  const look = (): Known => known
  const within = (project: string): ProjectDirectory => {
    const view = views.get(project) ?? viewOf(look, now, project)
    views.set(project, view)
    return view
  }
  const partsAs = (kind: 'Role' | 'Group', project?: string): readonly BusinessRole[] =>
    [...known.parts.values()]
      .filter(({ row }) => row.kind === kind && (project === undefined || isSeenFrom(known, row, project)))
      .map((part) => businessRoleOf(known, part, now()))
      .sort((a, b) => a.title.localeCompare(b.title) || a.project.localeCompare(b.project))
  return {
    ...viewOf(look, now, null),
    refresh: () => {
      known = db.read((tx) => load(tx, read, known))
    },
    within,
    roles: (project) => partsAs('Role', project),
    groups: (project) => partsAs('Group', project),
    shifts: ({ kind, project, name }, count) => {
      const part = known.parts.get(keyOf(kind === 'role' ? 'Role' : 'Group', project, name))
      return part?.rota ? shiftsOf(known, part, now(), count) : []
    },
    standing: () => new Map([...known.parts].map(([key, { ids }]) => [key, ids])),
    rolesOf: (person, project = SHARED) =>
      [...new Set([project, SHARED])]
        .flatMap((home) => known.partsIn.get(home) ?? [])
        .flatMap((part) => {
          if (!part.ids.has(person) || !isSeenFrom(known, part.row, project)) return []
          if (part.rota && !onDuty(known, part, now()).some(({ id }) => id === person)) return []
          return part.row.kind === 'Role' ? [part.row.name] : [`group:${part.row.name}`]
        }),
  }
}
/** As things stand inside a transaction: documents applied a moment ago count. */
export function directoryIn(tx: Tx, now: () => number = Date.now): Directory {
  const known = load(tx, new Map())
  const look = (): Known => known
  return { ...viewOf(look, now, null), within: (project) => viewOf(look, now, project) }
}

const keyOf = (kind: string, project: string, name: string): string => `${kind} ${project} ${name}`
/** A shared one is hidden by one of the same name. */
const isSeenFrom = ({ parts }: Known, { kind, project, name }: DocumentRow, viewer: string): boolean =>
  project === viewer || (project === SHARED && !parts.has(keyOf(kind, viewer, name)))

/** `project` null: nobody said which, so roles are the shared ones, and hosts those of all. */
function viewOf(look: () => Known, now: () => number, project: string | null): ProjectDirectory {
  const home = project ?? SHARED
  const homes = home === SHARED ? [SHARED] : [home, SHARED]
  const partOf = (kind: 'Role' | 'Group', name: string): Part | undefined => {
    const [general = ''] = name.split('@', 1)
    // Its own first, also where only the shared one knows the value.
    for (const place of homes)
      for (const wanted of general === name ? [name] : [name, general]) {
        const found = look().parts.get(keyOf(kind, place, wanted))
        if (found) return found
      }
    return undefined
  }
  const partNamed = (ref: string): Part | undefined =>
    ref.startsWith('role:')
      ? partOf('Role', ref.slice(5))
      : ref.startsWith('group:')
        ? partOf('Group', ref.slice(6))
        : undefined
  const isPart = (ref: string): boolean => /^(role|group):/.test(ref)
  const person = (ref: string): Who | undefined => {
    const found = look().byRef.get(ref.toLowerCase())
    return found?.active ? found : undefined
  }
  const people = (ref: string, starter: Actor): readonly PersonRef[] => {
    if (ref === 'starter') {
      if (starter.person === null) return []
      // Somebody made beside this process is not here yet; somebody suspended is here, and cannot answer.
      const found = look().byRef.get(starter.person.toLowerCase())
      return found === undefined ? [{ id: starter.person, name: starter.name }] : found.active ? [refOf(found)] : []
    }
    if (ref === 'everyone') return look().everybody
    if (isPart(ref)) {
      const part = partNamed(ref)
      return part === undefined ? [] : part.rota ? onDuty(look(), part, now()) : part.members
    }
    const found = person(ref)
    return found ? [refOf(found)] : []
  }
  const isHere = (row: DocumentRow): boolean => project === null || row.project === project
  const nobody: Actor = { person: null, name: '', surface: 'system' }
  return {
    people,
    has: (ref, id) => {
      if (ref === 'everyone') return person(id) !== undefined
      const part = isPart(ref) ? partNamed(ref) : undefined
      if (part && !part.rota) return part.ids.has(id)
      return people(ref, nobody).some((one) => one.id === id)
    },
    stands: (ref, id) => {
      if (ref === 'everyone' || ref === 'starter') return person(id) !== undefined
      if (isPart(ref)) return partNamed(ref)?.ids.has(id) === true
      return person(ref)?.id === id
    },
    title: (ref) => {
      if (isPart(ref)) return titleOf(partNamed(ref)?.row, ref.slice(ref.indexOf(':') + 1))
      return people(ref, nobody)[0]?.name ?? ref
    },
    constants: (of) => look().constants.get(of) ?? {},
    calendar: (of, name) => {
      const found = look().calendars.get(keyOf('Calendar', of, name))
      return found === undefined ? null : (specOf(found) as unknown as WorkCalendar) // decoded when it was applied
    },
    hosts: (ref) =>
      look()
        .hosts.filter(isHere)
        .filter((row) => (ref.startsWith('@') ? labelsOf(row).includes(ref.slice(1)) : row.name === ref))
        .map((row) => row.name),
    allHosts: () =>
      look()
        .hosts.filter(isHere)
        .map((row) => ({ name: row.name, labels: labelsOf(row) })),
    standsFor: (person, at) => standsForIn(look().delegations, person, at),
    standIns: (person, at) => standInsIn(look().delegations, person, at),
    personNow: (id) => {
      const found = look().byRef.get(id.toLowerCase())
      const now = found?.mergedInto ? look().byRef.get(found.mergedInto.toLowerCase()) : found
      return now?.active ? refOf(now) : null
    },
    isTool: (id) => look().byRef.get(id.toLowerCase())?.kind === 'service',
    knows: (ref) => {
      if (ref === 'starter' || ref === 'everyone') return true
      return isPart(ref) ? partNamed(ref) !== undefined : person(ref) !== undefined
    },
  }
}

/** Of the shift that is on now: those who can be there, else those of the next. Before the rota begins, everybody. */
function onDuty(known: Known, part: Part, at: number): readonly PersonRef[] {
  if (part.rota === null) return part.members
  // Shifts and exceptions begin with a minute, so who is on duty is the same all through it.
  const minute = Math.floor(at / 60_000)
  const told = known.duty.get(part)
  if (told?.minute === minute) return told.people
  const people = dutyAt(known, part, at)
  known.duty.set(part, { minute, people })
  return people
}
function dutyAt({ byRef }: Known, { rota, members }: Part, at: number): readonly PersonRef[] {
  if (rota === null) return members
  const names = members.map(({ id }) => id)
  const turns = turnsAt(rota, names, at)
  if (turns === null) return members
  for (const turn of turns) {
    const there = unique(turn.flatMap((ref) => activeOf(byRef, ref)))
    if (there.length > 0) return there
  }
  return []
}
function shiftsOf(
  known: Known,
  part: Part,
  from: number,
  count: number,
): { from: number; people: readonly PersonRef[] }[] {
  const shifts = []
  for (let at: number | null = from; at !== null && shifts.length < count; at = nextHandover(part.rota!, at))
    shifts.push({ from: at, people: onDuty(known, part, at) })
  return shifts
}
const activeOf = (byRef: Known['byRef'], ref: string): PersonRef[] => {
  const found = byRef.get(ref.toLowerCase())
  return found?.active ? [refOf(found)] : []
}
function businessRoleOf(known: Known, part: Part, at: number): BusinessRole {
  const { row, members, added, rota } = part
  const { bindTo } = specOf(row)
  return {
    kind: PARTS[row.kind as keyof typeof PARTS], // parts are made of these two
    project: row.project,
    name: row.name,
    title: titleOf(row),
    bindTo: typeof bindTo === 'string' ? bindTo : null,
    members,
    added,
    rota,
    // Worked out for whoever asks: a list of a hundred roles is mostly asked for names.
    get onDuty() {
      return onDuty(known, part, at)
    },
    get nextHandover() {
      return rota === null ? null : nextHandover(rota, at)
    },
  }
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
/** Everybody, by every word that means them. */
type Called = Pick<Known, 'all' | 'everybody' | 'byRef'>
function called(all: readonly Who[]): Called {
  const byRef = new Map<string, Who>()
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
  return { all, everybody: all.filter((one) => one.active && one.kind !== 'service').map(refOf), byRef }
}
const isSame = (one: Who, other: Who | undefined): boolean =>
  other !== undefined &&
  one.id === other.id &&
  one.name === other.name &&
  one.email === other.email &&
  one.active === other.active &&
  one.kind === other.kind &&
  one.mergedInto === other.mergedInto
/** What is as it was before is taken over, and with it what was looked up in it. */
function load(tx: Tx, read: Read, before: Known | null = null): Known {
  const present = everyone(tx)
  const isKept = before?.all.length === present.length && present.every((one, at) => isSame(one, before.all[at]))
  const { all, everybody, byRef } = isKept ? before : called(present)
  const rows = documentsThatName(tx, read)
  const added = new Map<string, string[]>()
  for (const { kind, project, name, person } of membersOf(tx)) {
    const key = keyOf(kind, project, name)
    added.set(key, [...(added.get(key) ?? []), person])
  }
  const parts = new Map<string, Part>()
  const partsIn = new Map<string, Part[]>()
  const constants = new Map<string, Values>()
  const calendars = new Map<string, DocumentRow>()
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
      const known = isKept ? before.parts.get(key) : undefined
      const isPart = known?.row === row && known.added.join() === joined.join()
      const part = isPart ? known : partFrom(row, joined, byRef)
      parts.set(key, part)
      partsIn.set(row.project, [...(partsIn.get(row.project) ?? []), part])
    }
  }
  const hosts = rows.filter(({ kind }) => kind === 'Host')
  const delegations = delegationsAmong(tx, (id) => activeOf(byRef, id)[0])
  return { all, everybody, byRef, parts, partsIn, constants, calendars, hosts, delegations, duty: new WeakMap() }
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
const refOf = ({ id, name }: PersonRef): PersonRef => ({ id, name })
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
