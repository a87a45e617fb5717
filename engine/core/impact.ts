/** What a press would touch, told before it is made: who reads what a node gives, who used a value, what a stop ends. Pure readings of flow and state. */
import type { Flow, FlowNode, Template } from './flow.ts'
import { behind } from './graph.ts'
import { approvalsPassedBy } from './asks/around.ts'
import { canonical } from './asks/digest.ts'
import type { NodeRun, TaskState } from './state.ts'
import type { Values } from './value.ts'

/** Every template of a node, with the place it stands in. */
function templatesOf(node: FlowNode): readonly Template[] {
  const found: Template[] = []
  if (node.when !== null) found.push(node.when)
  if (node.onFail.retry?.when !== undefined) found.push(node.onFail.retry.when)
  if (node.kind === 'gateway') for (const branch of node.branches) if (branch.when !== null) found.push(branch.when)
  if (node.kind !== 'gateway') found.push(...Object.values(node.with))
  if (node.kind === 'activity' && node.each !== null) found.push(node.each.in)
  return found
}
/** Names a node reads: variables, other nodes, reserved words. Bound variables count. */
export function readsOf(node: FlowNode): ReadonlySet<string> {
  const names = new Set(templatesOf(node).flatMap((template) => template.reads))
  if (node.kind === 'ask' && node.bind !== null) for (const key of node.bind) names.add(key)
  return names
}

/** Outputs of `nodeId` that an expression names, as written: `deploy.outputs.exitCode`. */
function outputsNamed(template: Template, nodeId: string): readonly string[] {
  if (!template.reads.includes(nodeId)) return []
  const text = JSON.stringify(template.source)
  return [
    ...text.matchAll(new RegExp(`(?<![\\w.])${nodeId}\\.\\??outputs\\??\\.\\??(?:\\\\?["'])?([A-Za-z_]\\w*)`, 'g')),
  ].map((match) => match[1] ?? '')
}

export interface Lack {
  /** The later node, or null for the flow's own outputs. */
  readonly node: string | null
  readonly title: string
  /** Outputs of the node in question that it reads, by name; `variable` where one goes through `save`. */
  readonly outputs: readonly string[]
}

interface Readers {
  /** Nodes by a name they read. */
  readonly of: ReadonlyMap<string, readonly FlowNode[]>
  readonly lacks: Map<string, readonly Lack[]>
}
const READERS = new WeakMap<Flow, Readers>()
/** Who reads what, once per version: pages ask it of every node. */
function readersOf(flow: Flow): Readers {
  const known = READERS.get(flow)
  if (known !== undefined) return known
  const of = new Map<string, FlowNode[]>()
  for (const node of flow.nodes)
    for (const name of readsOf(node)) {
      const nodes = of.get(name)
      if (nodes === undefined) of.set(name, [node])
      else nodes.push(node)
    }
  const readers = { of, lacks: new Map<string, readonly Lack[]>() }
  READERS.set(flow, readers)
  return readers
}

/** Which later nodes read this node's outputs: what a skip would leave them without, and what "by hand" has to ask for. */
export function lackedBy(flow: Flow, nodeId: string): readonly Lack[] {
  const { lacks } = readersOf(flow)
  const known = lacks.get(nodeId) ?? findLacks(flow, nodeId)
  lacks.set(nodeId, known)
  return known
}
function findLacks(flow: Flow, nodeId: string): readonly Lack[] {
  const node = flow.node(nodeId)
  if (node === undefined) return []
  const readers = readersOf(flow)
  const candidates = new Set([nodeId, ...Object.keys(node.save)].flatMap((name) => readers.of.get(name) ?? []))
  const later = candidates.size === 0 ? new Set<string>() : behind(flow, nodeId)
  const lacks: Lack[] = []
  const collect = (id: string | null, title: string, templates: readonly Template[], bind: readonly string[]): void => {
    const outputs = new Set(templates.flatMap((template) => outputsNamed(template, nodeId)))
    const reads = new Set([...templates.flatMap((template) => template.reads), ...bind])
    for (const variable of Object.keys(node.save)) if (reads.has(variable)) outputs.add(node.save[variable] ?? '')
    if (outputs.size > 0) lacks.push({ node: id, title, outputs: [...outputs] })
  }
  const inOrder = candidates.size === 0 ? [] : flow.nodes.filter((other) => candidates.has(other))
  for (const other of inOrder)
    if (later.has(other.id))
      collect(other.id, other.title, templatesOf(other), other.kind === 'ask' ? (other.bind ?? []) : [])
  collect(null, flow.title, Object.values(flow.outputs), [])
  return lacks
}
/** Names of the outputs "by hand" has to ask for, each with the variable it is saved to (for its type), if any. */
export function outputsNeeded(
  flow: Flow,
  nodeId: string,
): readonly { readonly name: string; readonly variable: string | null; readonly readBy: readonly string[] }[] {
  const save = flow.node(nodeId)?.save ?? {}
  const readers = new Map<string, string[]>()
  for (const lack of lackedBy(flow, nodeId))
    for (const name of lack.outputs) readers.set(name, [...(readers.get(name) ?? []), lack.title])
  return [...readers].map(([name, readBy]) => ({
    name,
    variable: Object.keys(save).find((key) => save[key] === name) ?? null,
    readBy,
  }))
}

export interface Touched {
  readonly node: string
  readonly title: string
  readonly state: NodeRun['state']
}
/** Before variables change: finished nodes that used the old value, running ones that hold it, open asks and granted approvals that bind it. */
export function staleAfterEdit(
  flow: Flow,
  state: TaskState,
  changes: Values,
): {
  readonly used: readonly Touched[]
  readonly holding: readonly Touched[]
  readonly asksAgain: readonly string[]
  readonly overrides: readonly string[]
} {
  const keys = Object.keys(changes).filter(
    (key) => canonical(state.variables[key] ?? null) !== canonical(changes[key] ?? null),
  )
  const used: Touched[] = []
  const holding: Touched[] = []
  for (const node of flow.nodes) {
    const run = state.nodes.get(node.id)
    if (run === undefined || run.startedAt === null || node.kind === 'ask') continue
    const reads = readsOf(node)
    if (!keys.some((key) => reads.has(key))) continue
    const touched = { node: node.id, title: node.title, state: run.state }
    if (run.state === 'running' || run.state === 'waiting') holding.push(touched)
    // One that failed reads anew when it is retried, and gave nothing that lasts.
    else if (run.state !== 'skipped' && run.state !== 'failed') used.push(touched)
  }
  const binding = [...state.asks.values()].filter((ask) => ask.bind.some((key) => keys.includes(key)))
  return {
    used,
    holding,
    asksAgain: binding.filter((ask) => ask.state === 'open').map((ask) => ask.title),
    overrides: [
      ...binding.filter((ask) => ask.kind === 'approval' && ask.end === 'granted').map((ask) => ask.title),
      ...approvalsPassedBy(flow, state, keys).map((id) => flow.node(id)?.title ?? id),
    ],
  }
}

/** What a stop would end now, what it would leave to end by itself, and what runs after. */
export function consequencesOfRevoke(
  flow: Flow,
  state: TaskState,
): {
  readonly kills: readonly (Touched & { readonly items: number })[]
  readonly drops: readonly Touched[]
  readonly thenRuns: readonly string[]
} {
  const kills: (Touched & { items: number })[] = []
  const drops: Touched[] = []
  const live =
    state.stage === 'finally'
      ? flow.finally.slice(state.finallyAt, state.finallyAt + 1)
      : [...state.tokens.values()].map((token) => token.node)
  for (const id of live) {
    const node = flow.node(id)
    const run = state.nodes.get(id)
    if (node === undefined || run === undefined) continue
    const touched = { node: id, title: node.title, state: run.state }
    if (run.state === 'running' || run.waitsFor === 'callback' || run.waitsFor === 'child')
      kills.push({ ...touched, items: run.each?.live ?? 1 })
    else if (run.state === 'waiting' || run.state === 'ready' || run.state === 'failed') drops.push(touched)
  }
  const runsFinally = state.stage === 'main' && state.counters.started > 0
  return { kills, drops, thenRuns: runsFinally ? flow.finally.map((id) => flow.node(id)?.title ?? id) : [] }
}
