import type { FlowDocument } from '../document/kinds.ts'
import { builtinOf, type NodeSpec } from '../document/flow.ts'
import { isMap, type Path } from '../document/shape.ts'
import { nearest } from '../nearest.ts'
import { MAX_DEPTH_OF_CHILDREN } from '../nodes/subflow.ts'
import { hasExpression } from '../template.ts'
import type { Value } from '../value.ts'
import { meant, type CheckContext, type Report } from './finding.ts'

/** A flow whose version is fixed at publish has none: the one finding that keeps a flow from being published though nothing is wrong with it. */
export const NOT_PUBLISHED = 'not_published'

/** A flow that a step starts, as its author wrote it. */
interface Call {
  readonly node: string
  /** Null: it is known only when it runs. */
  readonly flow: string | null
  readonly version: number | 'latest' | 'pinned'
}

/** Steps that start other flows, in document order. Without a word on it the version is fixed at publish, where that can be done. */
export function callsOf(document: FlowDocument): readonly Call[] {
  return document.spec.nodes.flatMap((node): Call[] => {
    if (!('use' in node) || builtinOf(node.use) !== 'flow') return []
    const { flow, version } = node.with ?? {}
    const name = typeof flow === 'string' && !hasExpression(flow) ? flow : null
    const usual = name === null ? 'latest' : 'pinned'
    const said = typeof version === 'number' || version === 'latest' || version === 'pinned' ? version : usual
    return [{ node: node.id, flow: name, version: said }]
  })
}

/**
 * The document with `pinned` (written or meant) as the version that is current now: a published flow starts the same flows for ever.
 * @param versionOf null: never published; the check has said so.
 */
export function pinCalls(source: Value, document: FlowDocument, versionOf: (flow: string) => number | null): Value {
  const pins = new Map<string, number>()
  for (const { node, flow, version } of callsOf(document)) {
    const current = flow === null || version !== 'pinned' ? null : versionOf(flow)
    if (current !== null) pins.set(node, current)
  }
  if (pins.size === 0 || !isMap(source) || !isMap(source['spec']) || !isMap(source['spec']['nodes'])) return source
  const nodes = Object.entries(source['spec']['nodes']).map(([id, node]): [string, Value] => {
    const version = pins.get(id)
    if (version === undefined || !isMap(node)) return [id, node as Value]
    return [id, { ...node, with: { ...(isMap(node['with']) ? node['with'] : {}), version } } as Value]
  })
  return { ...source, spec: { ...source['spec'], nodes: Object.fromEntries(nodes) } } as Value
}

/** Flows that are started: are they there, do they take what they are given, and do they not start each other for ever? */
export function checkCalls(document: FlowDocument, context: CheckContext, report: Report): void {
  const { published } = context
  if (published === undefined) return
  const { project, name } = document.metadata
  for (const call of callsOf(document)) {
    const at: Path = ['spec', 'nodes', call.node, 'with']
    if (call.flow === null) {
      if (call.version === 'pinned')
        report.error(
          'not_fixed',
          [...at, 'version'],
          'Which flow this starts shows only when it runs: use version: latest',
        )
      continue
    }
    const { flow, version } = call
    const child = published(project, flow, typeof version === 'number' ? version : 'current')
    if (child === null) {
      if (context.flow?.(project, flow) == null)
        report.error('unknown_flow', [...at, 'flow'], `There is no flow “${flow}”`)
      else if (typeof version === 'number')
        report.error('unknown_version', [...at, 'version'], `“${flow}” has no version ${version}`)
      else if (version === 'latest')
        report.warn('not_there_yet', [...at, 'flow'], `“${flow}” has not been published: until it is, this step fails`)
      // No fault of this document, and over when both are published in their order: it stands against publishing alone.
      else report.warn(NOT_PUBLISHED, [...at, 'flow'], `“${flow}” has not been published. Publish it first`)
      continue
    }
    const node = document.spec.nodes.find(({ id }) => id === call.node)
    if (node !== undefined) checkTakes(node, child, call, at, report)
    if (version === 'latest') continue
    const circle = circleFrom(name, child, (next, n) => published(project, next, n), [name, flow])
    if (circle !== null)
      report.error(
        'flow_cycle',
        [...at, 'flow'],
        circle.at(-1) === name
          ? `These flows start each other for ever: ${circle.join(' → ')}`
          : `Flows start flows more than ${MAX_DEPTH_OF_CHILDREN} deep here: ${circle.join(' → ')}`,
      )
  }
}

/** Names of variables and outputs. Of a version that may still change it is a warning. */
function checkTakes(node: NodeSpec, child: FlowDocument, call: Call, at: Path, report: Report): void {
  if (!('use' in node)) return
  const say = call.version === 'latest' ? report.warn : report.error
  const given = node.with?.['variables']
  const declared = child.spec.variables ?? []
  const names = declared.filter((variable) => variable.computed === undefined).map(({ key }) => key)
  if (isMap(given) || given === undefined) {
    for (const key of Object.keys(given ?? {})) {
      if (names.includes(key)) continue
      const near = nearest(key, names)
      say('unknown_input', [...at, 'variables', key], `“${call.flow}” has no variable “${key}”${meant(near)}`, near)
    }
    for (const { key, required, default: preset } of declared)
      if (required === true && preset === undefined && !Object.hasOwn(given ?? {}, key))
        say('input_missing', [...at, 'variables'], `“${call.flow}” needs “${key}”`)
  }
  const outputs = Object.keys(child.spec.outputs ?? {})
  for (const [key, output] of Object.entries(node.save ?? {})) {
    const name = output.split('.')[0] ?? output
    if (outputs.includes(output) || outputs.includes(name)) continue
    const near = nearest(name, outputs)
    say('unknown_output', [...at.slice(0, -1), 'save', key], `“${call.flow}” gives no “${output}”${meant(near)}`, near)
  }
}

/** The way from a flow back to `name` over versions that are fixed, or one that is too deep; null: there is none. */
function circleFrom(
  name: string,
  document: FlowDocument,
  published: (flow: string, version: number) => FlowDocument | null,
  path: readonly string[],
  clean: Map<string, number> = new Map(),
): readonly string[] | null {
  if (path.at(-1) === name && path.length > 1) return path
  if (path.length > MAX_DEPTH_OF_CHILDREN + 1) return path
  for (const { flow, version } of callsOf(document)) {
    if (flow === null || typeof version !== 'number') continue
    // Flows that many ways lead to are looked into once, or again only where they stand deeper.
    const key = `${flow} ${version}`
    if ((clean.get(key) ?? 0) >= path.length) continue
    const next = published(flow, version)
    const found = next === null ? null : circleFrom(name, next, published, [...path, flow], clean)
    if (found !== null) return found
    clean.set(key, path.length)
  }
  return null
}
