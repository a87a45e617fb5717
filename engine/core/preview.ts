import { END } from './document/graph.ts'
import type { CompiledFlow } from './compile.ts'
import type { AppDocument } from './document/kinds.ts'
import { inProject, type Directory, type PersonRef } from './env.ts'
import type { Actor } from './state.ts'
import type { AskNode, FlowNode, Scope, Template } from './flow.ts'
import type { Value, Values } from './value.ts'

export interface PreviewNode {
  readonly id: string
  readonly title: string
  readonly stage: string | null
  readonly kind: FlowNode['kind']
  /** False: a branch that cannot be told yet leads to it. */
  readonly certain: boolean
  /** Whose approval, form or button it is; null: nobody's. */
  readonly asks: PreviewAsks | null
}
/** How many of whom, for whoever puts it into words. */
export interface PreviewAsks {
  /** By title; `starter` and `previous` as they are written. Empty: it can be told only when it is reached. */
  readonly of: readonly string[]
  /** `all`, a share like `60%`, how many of all of them, or how many of each. */
  readonly need: number | string | readonly { readonly of: string; readonly count: number }[]
  readonly notStarter: boolean
}
/** An approval that is met, or may be, and who would be asked as things stand now. */
export interface PreviewApproval {
  readonly nodeId: string
  readonly title: string
  readonly asks: PreviewAsks
  /** By name. Empty: nobody, or it can be told only when it is reached. */
  readonly people: readonly PersonRef[]
  readonly certain: boolean
}
/** What a launch with these values would do, as far as it can be told before. */
export interface FlowPreview {
  readonly nodes: readonly PreviewNode[]
  readonly hosts: readonly string[]
  readonly approvals: readonly PreviewApproval[]
  /** Variables that the nodes above, or the task itself, still read. */
  readonly reachable: ReadonlySet<string>
}

/** Follows the flow from its start: branches that can be decided are, of the others all. `values` come from `checkAnswers`. */
export function previewOf(
  flow: CompiledFlow,
  app: AppDocument | null,
  values: Values,
  context: { readonly directory: Directory; readonly omit?: readonly string[]; readonly starter?: Actor },
): FlowPreview {
  const directory = inProject(context.directory, flow.project)
  const scope: Scope = (name) => {
    if (Object.hasOwn(values, name)) return values[name]
    return name === 'project' ? context.directory.constants(flow.project) : undefined
  }
  const omitted = new Set(context.omit ?? [])
  const met = walk(flow, scope)
  const nodes = flow.nodes.filter((node) => (met.has(node.id) || node.inFinally) && !omitted.has(node.id))
  const running = nodes.filter((node) => node.when === null || decide(node.when, scope) !== false)
  const steps = running.filter((node) => node.kind !== 'gateway')
  const isCertain = (node: FlowNode): boolean =>
    (node.inFinally || met.get(node.id) === true) && (node.when === null || decide(node.when, scope) === true)
  return {
    nodes: steps.map((node) => ({
      id: node.id,
      title: node.title,
      stage: node.stage,
      kind: node.kind,
      certain: isCertain(node),
      asks: node.kind === 'ask' ? asksOf(node, scope, directory) : null,
    })),
    hosts: [...new Set(steps.flatMap((node) => hostsOf(node, scope, directory)))],
    approvals: steps.flatMap((node) =>
      node.kind === 'ask' && node.ask === 'approval'
        ? [
            {
              nodeId: node.id,
              title: node.title,
              asks: asksOf(node, scope, directory),
              people: approversOf(node, scope, directory, context.starter ?? NOBODY),
              certain: isCertain(node),
            },
          ]
        : [],
    ),
    reachable: reachableVariables(flow, app, nodes, running),
  }
}

/** Nodes the tokens can meet, and whether they surely do. */
function walk(flow: CompiledFlow, scope: Scope): ReadonlyMap<string, boolean> {
  const met = new Map<string, boolean>()
  const queue: (readonly [string, boolean])[] = [[flow.start, true]]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [id, certain] = next
    const before = met.get(id)
    const node = flow.node(id)
    if (id === END || node === undefined || before === true || before === certain) continue
    met.set(id, certain)
    for (const [to, sure] of exits(node, scope)) queue.push([to, certain && sure])
    // Whatever its branches do, a block goes on behind its converge.
    if (node.kind === 'gateway' && node.closesAt !== null) queue.push([node.closesAt, certain])
  }
  return met
}

function exits(node: FlowNode, scope: Scope): readonly (readonly [string, boolean])[] {
  if (node.kind !== 'gateway') return [[node.next, true]]
  if (node.gateway === 'converge') return node.next === null ? [] : [[node.next, true]]
  if (node.gateway === 'parallel') return node.branches.map((branch) => [branch.next, true])
  const decided = node.branches.map((branch) => (branch.when === null ? null : decide(branch.when, scope)))
  const open: (readonly [string, boolean])[] = []
  let unsure = false
  for (const [index, branch] of node.branches.entries()) {
    if (branch.when === null) continue
    const taken = decided[index]
    if (taken === false) continue
    open.push([branch.next, taken === true && !unsure])
    if (taken === undefined) unsure = true
    else if (node.gateway === 'exclusive' && node.mode === 'first') return open
  }
  const otherwise = node.branches.find((branch) => branch.when === null)
  if (otherwise && (open.length === 0 || unsure)) open.push([otherwise.next, open.length === 0])
  return open
}

/** Undefined: it reads what only a running task has. */
function decide(when: Template, scope: Scope): boolean | undefined {
  try {
    const value = when.evaluate(scope)
    return typeof value === 'boolean' ? value : undefined
  } catch {
    return undefined
  }
}

function hostsOf(node: FlowNode, scope: Scope, directory: Directory): readonly string[] {
  if (node.kind !== 'activity') return []
  const host = node.with['host']
  if (host === undefined) return []
  const evaluate = (within: Scope): readonly string[] => {
    try {
      const value = host.evaluate(within)
      return typeof value === 'string' ? directory.hosts(value) : []
    } catch {
      return []
    }
  }
  const { each } = node
  if (each === null) return evaluate(scope)
  try {
    const items = each.in.evaluate(scope)
    if (!Array.isArray(items)) return []
    return (items as readonly Value[]).flatMap((item, index) =>
      evaluate((name) => (name === each.as ? item : name === 'item' ? { index } : scope(name))),
    )
  } catch {
    return []
  }
}

const NOBODY: Actor = { person: null, name: '', surface: 'system' }
function inputOf(node: AskNode, input: string, scope: Scope): Value {
  try {
    return node.with[input]?.evaluate(scope) ?? null
  } catch {
    return null
  }
}
function refsOf(node: AskNode, scope: Scope): readonly string[] {
  const approvers = inputOf(node, node.ask === 'approval' ? 'approvers' : 'by', scope)
  return (Array.isArray(approvers) ? (approvers as readonly Value[]) : [approvers]).filter(
    (ref): ref is string => typeof ref === 'string',
  )
}
/** Who would be asked if it were reached now: people behind refs and variables, without whoever starts it where that is ruled out. */
function approversOf(node: AskNode, scope: Scope, directory: Directory, starter: Actor): readonly PersonRef[] {
  const refs = refsOf(node, scope).flatMap((ref): readonly string[] => {
    if (ref === 'previous') return []
    if (!ref.startsWith('var:')) return [ref]
    const value = scope(ref.slice('var:'.length).trim())
    return (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string')
  })
  const people = refs.flatMap((ref) => directory.people(ref, starter)).filter(({ id }) => id !== '')
  const ruledOut = inputOf(node, 'notStarter', scope) === true ? starter.person : null
  return [...new Map(people.filter(({ id }) => id !== ruledOut).map((person) => [person.id, person])).values()]
}

function asksOf(node: AskNode, scope: Scope, directory: Directory): PreviewAsks {
  const title = (ref: string): string => (ref === 'starter' || ref === 'previous' ? ref : directory.title(ref))
  const need = inputOf(node, 'need', scope)
  return {
    of: refsOf(node, scope).map(title),
    need:
      typeof need === 'object' && need !== null && !Array.isArray(need)
        ? Object.entries(need).map(([ref, count]) => ({ of: title(ref), count: Number(count) }))
        : typeof need === 'string' || typeof need === 'number'
          ? need
          : 1,
    notStarter: inputOf(node, 'notStarter', scope) === true,
  }
}

/** A variable that no node reads at all is for people to see, and stays. */
function reachableVariables(
  flow: CompiledFlow,
  app: AppDocument | null,
  nodes: readonly FlowNode[],
  running: readonly FlowNode[],
): ReadonlySet<string> {
  const used = new Set<string>()
  const note = (name: string): void => {
    if (used.has(name)) return
    used.add(name)
    const variable = flow.variables.find((found) => found.key === name)
    for (const read of [...(variable?.showIf?.reads ?? []), ...(variable?.computed?.reads ?? [])]) note(read)
  }
  const runningIds = new Set(running.map((node) => node.id))
  for (const node of nodes) for (const name of readsOf(node, runningIds.has(node.id))) note(name)
  for (const template of [flow.concurrency?.key, ...Object.values(flow.outputs)])
    for (const name of template?.reads ?? []) note(name)
  const title = app?.spec.taskTitle ?? ''
  const everywhere = new Set(flow.nodes.flatMap((node) => readsOf(node, true)))
  for (const { key } of flow.variables) if (!everywhere.has(key) || title.includes(key)) note(key)
  return used
}

function readsOf(node: FlowNode, runs: boolean): readonly string[] {
  const templates: (Template | null | undefined)[] = [node.when]
  if (runs && node.kind === 'gateway') templates.push(...node.branches.map((branch) => branch.when))
  if (runs && node.kind !== 'gateway')
    templates.push(
      ...Object.values(node.with),
      node.kind === 'activity' ? node.each?.in : null,
      node.onFail.retry?.when,
    )
  const bound = runs && node.kind === 'ask' ? (node.bind ?? []) : []
  return [...templates.flatMap((template) => template?.reads ?? []), ...bound]
}
