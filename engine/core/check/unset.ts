import type { CompiledFlow } from '../compile.ts'
import type { Blocks } from '../document/blocks.ts'
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
  if (blocks.unsound.length > 0) return // what comes before what is not clear yet
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
  const surelyBefore = dominators(graph, blocks)
  for (const fact of facts.values()) {
    if (fact.writers.size === 0 && !isNode(fact.name) && (written.get(fact.name) ?? []).length === 0) continue
    const [only] = fact.writers
    // Several writers may share the ways between them: those facts are few, and walked one by one.
    const unset = fact.writers.size > 1 ? reachedUnset(fact.writers, graph, blocks) : null
    const isUnset = (at: string): boolean => unset?.has(at) ?? (only === undefined || !surelyBefore(only, at))
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
  const arrived = new Map<string, Set<number>>()
  const queue: string[] = []
  const enter = (id: string): void => {
    if (unset.has(id)) return
    unset.add(id)
    queue.push(id)
  }
  if (graph.start !== null) enter(graph.start)
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (writers.has(id)) continue
    const node = graph.node(id)
    const forks = node?.kind === 'parallel' || node?.kind === 'inclusive'
    for (const edge of node?.out ?? []) {
      const target = graph.node(edge.to)
      const place = forks ? { fork: id, branch: edge.branch } : blocks.placeOf.get(id)
      if (target?.kind !== 'converge' || !place || blocks.closesAt.get(place.fork) !== edge.to) {
        enter(edge.to)
        continue
      }
      const branches = arrived.get(place.fork) ?? new Set()
      arrived.set(place.fork, branches.add(place.branch))
      const fork = graph.node(place.fork)
      if (fork?.kind === 'inclusive' || branches.size === new Set(fork?.out.map((out) => out.branch)).size)
        enter(edge.to)
    }
  }
  return unset
}
