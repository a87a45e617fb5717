/** What the `with` of an ask says, read from its evaluated values. */
import type { Directory, PersonRef } from '../env.ts'
import { titleOfKey } from '../compile.ts'
import type { Variable } from '../flow.ts'
import { durationOf } from '../nodes/wait.ts'
import { NodeProblem } from '../nodes/template.ts'
import type { Ask, Need, Place, TaskState } from '../state.ts'
import type { Value, Values } from '../value.ts'

export type AskKind = Ask['kind']
export interface AskSpec {
  readonly text: string | null
  readonly asked: readonly string[]
  readonly need: Value
  readonly notStarter: boolean
  readonly veto: readonly string[]
  readonly order: Ask['order']
  readonly reject: Ask['reject']
  readonly comment: Ask['comment']
  readonly onReject: string
  /** Somebody takes it before it is answered. */
  readonly claim: boolean
  readonly fields: readonly Values[]
  readonly deadlineMs: number | null
  /** In working time instead: `{calendar, for}`, as written. */
  readonly deadlineIn: Values | null
  readonly remindEveryMs: number | null
  readonly escalateTo: readonly string[]
  readonly onDeadline: Ask['onDeadline']
}

export function specOf(kind: AskKind, inputs: Values): AskSpec {
  const asked = refs(inputs[kind === 'approval' ? 'approvers' : 'by'], kind === 'approval' ? 'approvers' : 'by')
  const escalateTo = refs(inputs['escalateTo'], 'escalateTo')
  const { deadline = null } = inputs
  const deadlineIn = typeof deadline === 'object' && !Array.isArray(deadline) ? (deadline as Values | null) : null
  const deadlineMs = deadlineIn === null ? duration(deadline, 'deadline') : null
  return {
    text: text(inputs['text']),
    asked,
    need: inputs['need'] ?? 1,
    notStarter: inputs['notStarter'] === true,
    veto: refs(inputs['veto'], 'veto'),
    order: oneOf(inputs['order'], ['any', 'listed'], 'order'),
    reject: oneOf(inputs['reject'], ['end', 'wait'], 'reject'),
    comment: kind === 'approval' ? oneOf(inputs['comment'], ['onReject', 'always', 'never'], 'comment') : 'never',
    onReject: text(inputs['onReject']) ?? 'fail',
    claim: inputs['claim'] === true,
    fields: fieldsOf(inputs['fields']),
    deadlineMs,
    deadlineIn,
    remindEveryMs: duration(inputs['remindEvery'], 'remindEvery'),
    escalateTo,
    // A deadline nobody hears of is none: without anybody to escalate to, a person is put in charge by failing.
    onDeadline:
      deadlineMs === null && deadlineIn === null
        ? null
        : oneOf<'escalate' | 'reject' | 'fail'>(
            inputs['onDeadline'],
            [escalateTo.length > 0 ? 'escalate' : 'fail', 'escalate', 'reject', 'fail'],
            'onDeadline',
          ),
  }
}

const text = (value: Value | undefined): string | null =>
  value === undefined || value === null ? null : typeof value === 'string' ? value : JSON.stringify(value)
function oneOf<const T extends string>(value: Value | undefined, words: readonly [T, ...T[]], key: string): T {
  if (value === undefined || value === null) return words[0]
  const word = words.find((each) => each === value)
  if (word === undefined)
    throw new NodeProblem('INPUT', `${key} is ${JSON.stringify(value)}, expected ${[...new Set(words)].join(' or ')}`)
  return word
}
function refs(value: Value | undefined, key: string): readonly string[] {
  if (value === undefined || value === null || value === '') return []
  const list = Array.isArray(value) ? (value as readonly Value[]).flat() : [value]
  return list.map((ref) => {
    if (typeof ref !== 'string')
      throw new NodeProblem('INPUT', `${key} names ${JSON.stringify(ref)}, expected people, role:…, group:… or starter`)
    return ref
  })
}
function duration(value: Value | undefined, key: string): number | null {
  if (value === undefined || value === null) return null
  const ms = durationOf(value)
  if (ms === null || ms <= 0)
    throw new NodeProblem('INPUT', `${key} is ${JSON.stringify(value)}, expected a duration like 2h`)
  return ms
}
/** Fields by key, made like variables: `{note: {type: text, title: Note}}`. */
function fieldsOf(value: Value | undefined): readonly Values[] {
  if (value === undefined || value === null) return []
  const listed: readonly Values[] = Array.isArray(value)
    ? (value as readonly Values[]) // checked at publish
    : Object.entries(value as Values).map(([key, field]) => ({ key, ...(field as Values) }))
  return listed.map((field) => ({
    ...field,
    type: field['type'] ?? 'text',
    title: field['title'] ?? titleOfKey(String(field['key'])),
    required: field['required'] === true,
    ...(Array.isArray(field['options']) && {
      options: field['options'].map((option: Value) =>
        typeof option === 'object' ? option : { value: option, title: String(option) },
      ),
    }),
  }))
}
/** A field as the checks of variables know one. */
export function variableOfField(field: Values): Variable {
  const given = field as unknown as Pick<Variable, 'key' | 'type' | 'title' | 'required'> & Partial<Variable> // made by fieldsOf
  return {
    ...given,
    show: true,
    readOnly: false,
    secret: given.type === 'password' || given.secret === true,
    onCard: false,
  }
}

/** People behind the refs of an ask, at this moment: a tool's account answers nothing, and is not counted on. */
export const peopleOf = (directory: Directory, state: TaskState, ref: string): readonly PersonRef[] =>
  namedBy(directory, state, ref).filter(({ id }) => state.rehearsal || directory.isTool?.(id) !== true)

function namedBy(directory: Directory, state: TaskState, ref: string): readonly PersonRef[] {
  if (state.rehearsal) return directory.people('starter', state.startedBy) // a rehearsal asks the rehearser alone
  if (ref.startsWith('var:')) {
    const value = state.variables[ref.slice(4)] ?? null
    const names = Array.isArray(value) ? (value as readonly Value[]) : [value]
    return names.flatMap((name) =>
      typeof name === 'string' && name !== '' ? directory.people(name, state.startedBy) : [],
    )
  }
  if (ref === 'previous') {
    let last: Ask | null = null
    for (const ask of state.asks.values())
      if (ask.decisions.length > 0 && (last === null || (ask.closedAt ?? 0) >= (last.closedAt ?? 0))) last = ask
    return last === null ? [] : last.decisions.map(({ person, name }) => ({ id: person, name }))
  }
  return directory.people(ref, state.startedBy)
}

/** Places to fill, with the people frozen. `names` collects what everybody is called, `left` those who are left out because it is their own work. */
export function needOf(
  spec: AskSpec,
  kind: AskKind,
  directory: Directory,
  state: TaskState,
  names: Map<string, string>,
  out: ReadonlySet<string>,
  left: Map<string, string> = new Map(),
): Need {
  const need = placesOf(spec, kind, directory, state, names, out, left)
  return state.rehearsal ? rehearsed(need, directory, state, names) : need
}
/** Nothing counts in a rehearsal: whoever rehearses answers for everybody, also where a starter may not, or where several people are needed. */
function rehearsed(need: Need, directory: Directory, state: TaskState, names: Map<string, string>): Need {
  const asked = directory.people('starter', state.startedBy)
  for (const { id, name } of asked) names.set(id, name)
  const [first] = need.places
  const title = need.places.map((place) => place.title).join(', ')
  return { places: [{ place: first?.place ?? '', title, count: 1, people: asked.map(({ id }) => id) }] }
}
function placesOf(
  spec: AskSpec,
  kind: AskKind,
  directory: Directory,
  state: TaskState,
  names: Map<string, string>,
  out: ReadonlySet<string>,
  left: Map<string, string>,
): Need {
  const people = (ref: string): readonly string[] => {
    const named = peopleOf(directory, state, ref)
    for (const { id, name } of named) if (out.has(id)) left.set(id, name)
    const found = named.filter(({ id }) => !out.has(id))
    for (const { id, name } of found) names.set(id, name)
    return found.map((person) => person.id)
  }
  const unique = (ids: readonly string[]): readonly string[] => [...new Set(ids)]
  if (kind === 'approval' && typeof spec.need === 'object' && spec.need !== null && !Array.isArray(spec.need)) {
    const perRole = spec.need as Values
    const places = Object.keys(perRole).map((ref): Place => ({
      place: ref,
      title: directory.title(ref),
      count: countOf(perRole[ref] ?? 1, people(ref).length),
      people: unique(people(ref)),
    }))
    return { places: spec.order === 'any' ? places : inOrder(places, spec.asked) }
  }
  const groups = spec.asked.map((ref) => unique(people(ref)))
  const everybody = unique(groups.flat())
  const count = kind === 'approval' ? countOf(spec.need, everybody.length) : 1
  const title = spec.asked.map((ref) => directory.title(ref)).join(', ')
  return { places: [{ place: '', title, count, people: everybody, ...(spec.order === 'listed' && { turns: groups }) }] }
}
const inOrder = (places: readonly Place[], refs: readonly string[]): readonly Place[] => {
  const at = (place: Place): number => (refs.includes(place.place) ? refs.indexOf(place.place) : refs.length)
  return [...places].sort((a, b) => at(a) - at(b))
}
/** A number, `all`, or a percentage of those asked; at least one. */
function countOf(need: Value, asked: number): number {
  if (need === 'all') return Math.max(1, asked)
  if (typeof need === 'number' && Number.isInteger(need) && need > 0) return need
  const percent = typeof need === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(need.trim()) : null
  if (percent !== null) return Math.max(1, Math.ceil((Number(percent[1]) / 100) * asked))
  if (typeof need === 'string' && /^[1-9]\d*$/.test(need)) return Number(need)
  throw new NodeProblem('INPUT', `need is ${JSON.stringify(need)}, expected a number, all, 50% or a number per role`)
}
