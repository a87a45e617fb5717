import type { CompiledFlow } from '../compile.ts'
import type { Blocks, Place } from '../document/blocks.ts'
import { dominators } from '../document/dominators.ts'
import { END, type Graph } from '../document/graph.ts'
import type { NodeSpec } from '../document/flow.ts'
import type { Reading } from './expressions.ts'
import type { CheckContext, Report } from './finding.ts'
import { isWorking } from './steps.ts'

/** Something that only steps give: an output of one, or a variable that no form sets. */
interface Fact {
  readonly name: string
  readonly writers: ReadonlySet<string>
  readonly readings: Reading[]
}

/** Readings that some way through the flow reaches before anything was written there. */
export function checkUnset(
  flow: CompiledFlow,
  graph: Graph,
  blocks: Blocks,
  readings: readonly Reading[],
  context: CheckContext,
  report: Report,
): void {
  const specs = new Map(flow.document.spec.nodes.map((node) => [node.id, node]))
  const surely = (id: string): boolean => {
    const spec = specs.get(id)
    return (
      spec !== undefined &&
      isWorking(spec) &&
      spec.when === undefined &&
      spec.optional !== true &&
      spec.onFail?.then !== 'ignore'
    )
  }
  const written = writersOf(flow, context)
  const variables = new Map(flow.variables.map((variable) => [variable.key, variable]))
  const facts = new Map<string, Fact>()
  for (const reading of readings) {
    if (reading.read.guarded) continue
    const [root = '', field, output] = reading.read.path
    const node = specs.get(root)
    const variable = variables.get(root)
    let name: string
    let writers: readonly string[]
    if (node !== undefined && field === 'outputs' && output !== undefined)
      [name, writers] = [`${root}.outputs.${output}`, [root]]
    else if (
      variable !== undefined &&
      !variable.show &&
      variable.default === undefined &&
      variable.computed === undefined
    )
      [name, writers] = [root, written.get(root) ?? []]
    else continue
    const fact = facts.get(name) ?? { name, writers: new Set(writers.filter(surely)), readings: [] }
    facts.set(name, fact)
    fact.readings.push(reading)
    if (writers.length === 0 && fact.readings.length === 1)
      report.warn(
        'never_set',
        reading.at,
        `Nothing ever gives “${root}” a value: no form asks for it and no step saves it`,
      )
  }
  const surelyBefore = blocks.nested ? dominators(graph, blocks) : null
  for (const fact of facts.values()) {
    if (fact.writers.size === 0 && !isNode(fact.name) && (written.get(fact.name) ?? []).length === 0) continue
    const [only] = fact.writers
    // Several writers may share the ways between them, and a step may stand in several blocks: those facts are few, and walked one by one.
    const unset = fact.writers.size > 1 || surelyBefore === null ? reachedUnset(fact.writers, graph, blocks) : null
    const isUnset = (at: string): boolean =>
      unset?.has(at) ?? (only === undefined || surelyBefore === null || !surelyBefore(only, at))
    reportUnset(fact, isUnset, flow, report)
  }
}
const isNode = (name: string): boolean => name.includes('.')

function reportUnset(fact: Fact, isUnset: (at: string) => boolean, flow: CompiledFlow, report: Report): void {
  for (const reading of fact.readings) {
    // In `finally` anything may be missing: the task may have been stopped before its first step.
    const inFinally = reading.node !== null && flow.node(reading.node)?.inFinally === true
    const at = reading.node ?? END
    if (!inFinally && !isUnset(at)) continue
    const why = inFinally
      ? 'the task may end before it is set'
      : `a way leads here past ${[...fact.writers].join(' and ') || 'every step that surely sets it'}`
    const way = isNode(fact.name) ? `Write ${fact.name.replace(/\.(\w+)$/, '.?$1.orValue(…)')}` : 'Give it a default'
    report.warn('may_be_unset', reading.at, `“${fact.name}” may have no value: ${why}. ${way}, or this step fails`)
  }
}

/** Who writes a variable: `save`, and plugins whose inputs are variables (`set`). */
export function writersOf(flow: CompiledFlow, context: CheckContext): ReadonlyMap<string, readonly string[]> {
  const writers = new Map<string, string[]>()
  const note = (key: string, id: string): void => {
    const known = writers.get(key)
    if (known === undefined) writers.set(key, [id])
    else known.push(id)
  }
  for (const node of flow.document.spec.nodes) for (const key of writtenBy(node, context)) note(key, node.id)
  return writers
}
export function writtenBy(node: NodeSpec, context: CheckContext): readonly string[] {
  if (!isWorking(node)) return []
  const saved = Object.keys(node.save ?? {})
  return node.kind === 'activity' && context.plugins.find(node.use)?.saves === true
    ? [...saved, ...Object.keys(node.with ?? {})]
    : saved
}

/** Nodes a run can stand at without having passed a writer. Behind a parallel block that holds only if every branch could miss them all. */
export function reachedUnset(writers: ReadonlySet<string>, graph: Graph, blocks: Blocks): ReadonlySet<string> {
  const unset = new Set<string>()
  const seen = new Set<string>()
  const queue: { readonly id: string; readonly place: Place | null }[] = []
  const enter = (id: string, place: Place | null): void => {
    const key = place === null ? id : `${id} ${place.fork} ${place.branch}` // ids hold no spaces
    if (seen.has(key)) return
    seen.add(key)
    unset.add(id)
    queue.push({ id, place })
  }
  const passings = new Map<
    string,
    { readonly callers: (Place | null)[]; readonly branches: Set<number>; open: boolean }
  >()
  const passing = (fork: string) => {
    const known = passings.get(fork) ?? { callers: [], branches: new Set<number>(), open: false }
    passings.set(fork, known)
    return known
  }
  const arrive = (place: Place, to: string): void => {
    const block = passing(place.fork)
    const fork = graph.node(place.fork)
    block.branches.add(place.branch)
    if (block.open || (fork?.kind !== 'inclusive' && block.branches.size < (fork?.out.length ?? 0))) return
    block.open = true
    for (const caller of block.callers) enter(to, caller)
  }
  if (graph.start !== null) enter(graph.start, null)
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const { id, place } = at
    if (writers.has(id)) continue
    const node = graph.node(id)
    const forks = node?.kind === 'parallel' || node?.kind === 'inclusive'
    if (forks) {
      const block = passing(id)
      const close = blocks.closesAt.get(id)
      block.callers.push(place)
      if (block.open && close !== undefined) enter(close, place)
    }
    for (const edge of node?.out ?? []) {
      const within = forks ? { fork: id, branch: edge.branch } : place
      if (within !== null && blocks.closesAt.get(within.fork) === edge.to) arrive(within, edge.to)
      else enter(edge.to, within)
    }
  }
  return unset
}
