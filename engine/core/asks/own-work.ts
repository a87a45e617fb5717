/**
 * Whose own work an approval is (docs/adr/0020): under `notStarter` nobody decides about what they have begun, or have set themselves. Variables
 * remember whose hand was in them; a value that a step worked out is nobody's.
 */
import type { PersonRef } from '../env.ts'
import type { AskNode, Flow } from '../flow.ts'
import type { Actor, NodeRun, OwnWork, SetBy, TaskState } from '../state.ts'
import type { Value } from '../value.ts'

/** These variables have been set by this person too. Whoever set them before stays: of a list one may have changed a line, another the rest. */
export function withHand(
  setBy: SetBy | undefined,
  keys: readonly string[],
  { person, name }: Actor,
): SetBy | undefined {
  if (person === null || keys.length === 0) return setBy
  const after: { [variable: string]: readonly PersonRef[] } = { ...setBy }
  for (const key of keys) after[key] = unique([...(after[key] ?? []), { id: person, name }])
  return after
}
const unique = (people: readonly PersonRef[]): readonly PersonRef[] => [
  ...new Map(people.map((person) => [person.id, person])).values(),
]

/** Who gave what a visit ended with: who filled in the form, did it by hand, or had it run with inputs of their own. Null: nobody, it was worked out. */
export function handIn(state: Readonly<TaskState>, run: NodeRun): Actor | null {
  const made = run.attempts.at(-1)
  if (run.state === 'byhand')
    // A task of its own is ended first, and says so later.
    return (
      state.children.find(({ node, attempt }) => node === run.id && attempt === run.attempt)?.ending?.by ?? run.endedBy
    )
  if (run.rawInputs) return made?.by ?? null
  if (run.askId === null) return null
  const last = state.asks.get(run.askId)?.decisions.at(-1)
  return last === undefined ? null : { person: last.person, name: last.name, surface: last.surface }
}

/** Whose hand is in these names: variables, those they are computed of, and what steps gave. */
function handsIn(
  flow: Flow,
  state: Readonly<TaskState>,
  names: readonly string[],
  seen: Set<string> = new Set(),
): readonly PersonRef[] {
  return unique(
    names.flatMap((name): readonly PersonRef[] => {
      if (seen.has(name)) return []
      seen.add(name)
      const run = state.nodes.get(name)
      const hand = run === undefined ? null : handIn(state, run)
      const computed = flow.variables.find(({ key }) => key === name)?.computed
      return [
        ...(state.setBy?.[name] ?? []),
        ...(hand?.person == null ? [] : [{ id: hand.person, name: hand.name }]),
        ...(computed === undefined ? [] : handsIn(flow, state, computed.reads, seen)),
      ]
    }),
  )
}

/** Inputs that say who decides, and how many: whoever sets what they read has chosen who approves. */
const WHO = ['approvers', 'need', 'veto', 'escalateTo']
const namesIn = (node: AskNode): readonly string[] =>
  WHO.flatMap((input) => {
    const template = node.with[input]
    return template === undefined ? [] : [...template.reads, ...variablesNamed(template.source)]
  })
const variablesNamed = (source: Value): readonly string[] => {
  if (typeof source === 'string') return source.startsWith('var:') ? [source.slice('var:'.length).trim()] : []
  return Array.isArray(source) ? (source as readonly Value[]).flatMap(variablesNamed) : []
}

/** Those who have set what an ask binds, or whom it asks, and what of it. */
export function ownWorkIn(
  flow: Flow,
  state: Readonly<TaskState>,
  node: AskNode,
  bind: readonly string[],
): readonly OwnWork[] {
  const found = new Map<string, OwnWork>()
  for (const key of new Set([...bind, ...namesIn(node)]))
    for (const { id, name } of handsIn(flow, state, [key])) {
      const of = found.get(id)?.of ?? []
      found.set(id, { id, name, of: [...of, titleOf(flow, key)] })
    }
  return [...found.values()]
}
const titleOf = (flow: Flow, key: string): string =>
  flow.variables.find((variable) => variable.key === key)?.title ?? flow.node(key)?.title ?? key

/** Whose hand is in what a child is launched with, by its variables. */
export function handedDown(
  flow: Flow,
  state: Readonly<TaskState>,
  given: { readonly source: Value; readonly reads: readonly string[] } | undefined,
): SetBy | undefined {
  const source = given?.source ?? null
  if (given === undefined || source === null || typeof source !== 'object' || Array.isArray(source)) return undefined
  const entries = Object.entries(source).flatMap(([key, value]): [string, readonly PersonRef[]][] => {
    const text = JSON.stringify(value)
    const hands = handsIn(
      flow,
      state,
      given.reads.filter((name) => new RegExp(`\\b${name}\\b`).test(text)),
    )
    return hands.length === 0 ? [] : [[key, hands]]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
