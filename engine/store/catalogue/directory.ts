import { standInsIn, standsForIn } from '../../core/asks/stand-in.ts'
import type { WorkCalendar } from '../../core/calendar.ts'
import type { Directory, PersonRef } from '../../core/env.ts'
import { nextChange, nextHandover, shiftAt, turnsAt, type Rota } from '../../core/rota.ts'
import type { Actor } from '../../core/state.ts'
import type { Database, Tx } from '../database.ts'
import type { DocumentRow } from './documents.ts'
import {
  activeOf,
  keyOf,
  labelsOf,
  load,
  refOf,
  specOf,
  titleOf,
  unique,
  update,
  type Changed,
  type Known,
  type Part,
  type Who,
} from './known.ts'

export { specOf, titleOf } from './known.ts'

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
/** Who is who, in memory: `decide` asks synchronously. `refresh` after each change of documents or people, with what has changed: what that costs does not grow with how many people there are. */
export interface LiveDirectory extends ProjectDirectory {
  /** Reads again what has changed; without a word of that, everything. */
  refresh(changed?: Changed): void
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
export function createDirectory(db: Database, now: () => number = Date.now): LiveDirectory {
  let memory = db.read((tx) => load(tx))
  const views = new Map<string, ProjectDirectory>()
  const look = (): Known => memory.known
  const within = (project: string): ProjectDirectory => {
    const view = views.get(project) ?? viewOf(look, now, project)
    views.set(project, view)
    return view
  }
  const partsAs = (kind: 'Role' | 'Group', project?: string): readonly BusinessRole[] =>
    [...memory.known.parts.values()]
      .filter(({ row }) => row.kind === kind && (project === undefined || isSeenFrom(memory.known, row, project)))
      .map((part) => businessRoleOf(memory.known, part, now()))
      .sort((a, b) => a.title.localeCompare(b.title) || a.project.localeCompare(b.project))
  return {
    ...viewOf(look, now, null),
    refresh: (changed) => {
      memory = db.read((tx) => (changed === undefined ? load(tx, memory) : update(tx, memory, changed)))
    },
    within,
    roles: (project) => partsAs('Role', project),
    groups: (project) => partsAs('Group', project),
    shifts: ({ kind, project, name }, count) => {
      const part = memory.known.parts.get(keyOf(kind === 'role' ? 'Role' : 'Group', project, name))
      return part?.rota ? shiftsOf(memory.known, part, now(), count) : []
    },
    standing: () => new Map([...memory.known.parts].map(([key, { ids }]) => [key, ids])),
    rolesOf: (person, project = SHARED) =>
      [...new Set([project, SHARED])]
        .flatMap((home) => memory.known.partsIn.get(home) ?? [])
        .flatMap((part) => {
          if (!part.ids.has(person) || !isSeenFrom(memory.known, part.row, project)) return []
          if (part.rota && !onDuty(memory.known, part, now()).some(({ id }) => id === person)) return []
          return part.row.kind === 'Role' ? [part.row.name] : [`group:${part.row.name}`]
        }),
  }
}
/** As things stand inside a transaction: documents applied a moment ago count. */
export function directoryIn(tx: Tx, now: () => number = Date.now): Directory {
  const { known } = load(tx)
  const look = (): Known => known
  return { ...viewOf(look, now, null), within: (project) => viewOf(look, now, project) }
}

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
  const { rota } = part
  if (rota === null) return []
  const shifts: { from: number; people: readonly PersonRef[] }[] = []
  for (let at: number | null = from, last = from; at !== null && shifts.length < count; at = nextChange(rota, at)) {
    const people = onDuty(known, part, at)
    // An exception that changes nothing is none.
    const isSame = shiftAt(rota, at) === shiftAt(rota, last) && isAlike(people, shifts.at(-1)?.people)
    if (!isSame) shifts.push({ from: at, people })
    last = at
  }
  return shifts
}
const isAlike = (some: readonly PersonRef[], others: readonly PersonRef[] | undefined): boolean =>
  some.length === others?.length && some.every(({ id }, index) => id === others[index]?.id)
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
