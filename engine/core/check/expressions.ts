import type { CompiledFlow } from '../compile.ts'
import type { NodeSpec } from '../document/flow.ts'
import type { Path } from '../document/shape.ts'
import type { Expression, Read } from '../expression/expression.ts'
import { ERROR_FIELDS, NODE_FIELDS, TASK_FIELDS } from '../expression/names.ts'
import type { FlowNode, OptionSource, Template, Variable } from '../flow.ts'
import { nearest } from '../nearest.ts'
import { compileTemplate, secretNameOf, type CompiledTemplate, type Slot } from '../template.ts'
import { meant, type CheckContext, type Report } from './finding.ts'
import { outputNames } from './steps.ts'

/** A template of the document, where it stands, and what is in scope there besides variables and steps. */
interface Place {
  readonly template: CompiledTemplate
  readonly at: Path
  readonly node: NodeSpec | null
  /** Must be true or false. */
  readonly condition?: boolean
  readonly secretAllowed?: boolean
  readonly error?: boolean
  /** The item of the step's own `each`. */
  readonly item?: string
  readonly encoded?: boolean
  /** Names of this place alone. */
  readonly names?: readonly string[]
}
/** What a step or the flow's end reads, for the check of values that may be unset. */
export interface Reading {
  readonly node: string | null
  readonly at: Path
  readonly read: Read
  readonly expression: Expression
}

/** Every `${…}`: does it parse, does each name exist, does a secret stand where none may. Returns what is read where. */
export function checkExpressions(flow: CompiledFlow, context: CheckContext, report: Report): readonly Reading[] {
  const known = knownNames(flow, context)
  const readings: Reading[] = []
  for (const place of placesOf(flow, context)) {
    for (const problem of place.template.problems)
      report.error('expression', [...place.at, ...problem.at], problem.message)
    for (const slot of place.template.slots) {
      const at = [...place.at, ...slot.at]
      checkSecrets(flow, slot, place, at, context, report)
      for (const read of slot.expression.reads) {
        checkRead(read, place, known, at, report)
        readings.push({ node: place.node?.id ?? null, at, read, expression: slot.expression })
      }
      if (place.encoded === true && slot.alone) checkAddress(flow, slot, at, report)
    }
    if (place.condition === true) checkCondition(place, report)
  }
  return readings
}

/** Compiled templates know their slots; the type of a `Flow` hides that. */
const compiled = (template: Template): CompiledTemplate => template as CompiledTemplate // compileFlow makes no others

function placesOf(flow: CompiledFlow, context: CheckContext): readonly Place[] {
  const places: Place[] = []
  const specs = new Map(flow.document.spec.nodes.map((node) => [node.id, node]))
  for (const node of flow.nodes) {
    const spec = specs.get(node.id)
    if (spec !== undefined) places.push(...placesOfNode(node, spec, context))
  }
  for (const variable of flow.variables) {
    const at = ['spec', 'variables', variable.key]
    if (variable.showIf)
      places.push({ template: compiled(variable.showIf), at: [...at, 'showIf'], node: null, condition: true })
    if (variable.computed) places.push({ template: compiled(variable.computed), at: [...at, 'computed'], node: null })
    if (variable.optionsFrom) places.push(...placesOfOptions(variable.optionsFrom, [...at, 'optionsFrom'], context))
  }
  if (flow.concurrency)
    places.push({ template: compiled(flow.concurrency.key), at: ['spec', 'concurrency', 'key'], node: null })
  for (const [name, template] of Object.entries(flow.outputs))
    places.push({ template: compiled(template), at: ['spec', 'outputs', name], node: null })
  return places
}

function placesOfOptions({ http, plugin }: OptionSource, at: Path, context: CheckContext): readonly Place[] {
  const places: Place[] = []
  if (http !== null) {
    const over = (key: 'items' | 'value' | 'label', names: readonly string[]): void => {
      if (http[key] !== null)
        places.push({ template: compiled(http[key]), at: [...at, 'http', key], node: null, names })
    }
    places.push({ template: compiled(http.url), at: [...at, 'http', 'url'], node: null, encoded: true })
    places.push({ template: compiled(http.headers), at: [...at, 'http', 'headers'], node: null, secretAllowed: true })
    over('items', ['answer'])
    over('value', ['answer', 'item'])
    over('label', ['answer', 'item'])
  }
  const info = plugin === null ? undefined : context.plugins.find(plugin.use)
  for (const [input, template] of Object.entries(plugin?.with ?? {}))
    places.push({
      template: compiled(template),
      at: [...at, 'with', input],
      node: null,
      secretAllowed: info?.secret.includes(input) ?? true, // a plugin that is not there is a finding of its own
    })
  return places
}

function placesOfNode(node: FlowNode, spec: NodeSpec, context: CheckContext): readonly Place[] {
  const at = ['spec', 'nodes', node.id]
  const places: Place[] = []
  if (node.when) places.push({ template: compiled(node.when), at: [...at, 'when'], node: spec, condition: true })
  if (node.onFail.retry?.when)
    places.push({
      template: compiled(node.onFail.retry.when),
      at: [...at, 'onFail', 'retry', 'when'],
      node: spec,
      condition: true,
      error: true,
    })
  if (node.kind === 'gateway') {
    node.branches.forEach((branch, index) => {
      if (branch.when)
        places.push({
          template: compiled(branch.when),
          at: [...at, 'branches', index, 'when'],
          node: spec,
          condition: true,
        })
    })
    return places
  }
  const each = node.kind === 'activity' ? node.each : null
  if (each) places.push({ template: compiled(each.in), at: [...at, 'each', 'in'], node: spec })
  const plugin = node.kind === 'activity' ? context.plugins.find(node.use) : undefined
  const isUnknown = node.kind === 'activity' && plugin === undefined // that is one finding, and what it would keep secret nobody knows
  const handsOn = node.kind === 'subflow' // secrets go to secret variables of the child alone: held against them at its launch
  for (const [input, template] of Object.entries(node.with))
    places.push({
      template: compiled(template),
      at: [...at, 'with', input],
      node: spec,
      secretAllowed: plugin?.secret.includes(input) ?? (isUnknown || (handsOn && input === 'variables')),
      encoded: plugin?.encoded.includes(input) ?? false,
      ...(each && { item: each.as }),
    })
  return places
}

interface Known {
  readonly variables: ReadonlyMap<string, Variable>
  readonly nodes: ReadonlyMap<string, NodeSpec>
  readonly outputs: (node: NodeSpec) => readonly string[] | null
  readonly constants: readonly string[]
}
function knownNames(flow: CompiledFlow, context: CheckContext): Known {
  return {
    variables: new Map(flow.variables.map((variable) => [variable.key, variable])),
    nodes: new Map(flow.document.spec.nodes.map((node) => [node.id, node])),
    outputs: (node) => outputNames(node, context),
    constants: Object.keys(context.directory.constants(flow.project)),
  }
}

function checkRead(read: Read, place: Place, known: Known, at: Path, report: Report): void {
  const [root = '', field] = read.path
  if (known.variables.has(root) || root === place.item || root === 'secrets') return
  if (place.names?.includes(root) === true) return
  const node = known.nodes.get(root)
  if (node !== undefined) return checkNodeRead(read, node, known, at, report)
  switch (root) {
    case 'task':
      return checkField('task', field, TASK_FIELDS, at, report)
    case 'project':
      if (field === undefined || read.guarded) return
      return checkField('project', field, known.constants, at, report)
    case 'error':
      if (place.error === true) return checkField('error', field, ERROR_FIELDS, at, report)
      return report.error('unknown_name', at, '“error” can be read only inside onFail')
    case 'item':
      if (place.item !== undefined) return checkField('item', field, ['index'], at, report)
      return report.error('unknown_name', at, `“item” can be read only in the inputs of a step with “each”`)
    default: {
      const all = [
        ...known.variables.keys(),
        ...known.nodes.keys(),
        'task',
        'project',
        'secrets',
        ...(place.item === undefined ? [] : [place.item]),
      ]
      const near = nearest(root, all)
      // `hosts.size` misspelt reads the same; `stdout` alone is an output somebody forgot to name the step of.
      const giver =
        near === null
          ? [...known.nodes.values()].find((candidate) => known.outputs(candidate)?.includes(root))
          : undefined
      const hint = giver === undefined ? meant(near) : `. Did you mean “${giver.id}.outputs.${root}”?`
      return report.error(
        'unknown_name',
        at,
        `There is no variable or step “${root}”${hint}`,
        near ?? (giver ? `${giver.id}.outputs.${root}` : null),
      )
    }
  }
}

function checkNodeRead(read: Read, node: NodeSpec, known: Known, at: Path, report: Report): void {
  const [root = '', field, name] = read.path
  if (field === undefined) return
  const outputs = known.outputs(node)
  if (!(NODE_FIELDS as readonly string[]).includes(field)) {
    if (outputs?.includes(field))
      return report.error('unknown_name', at, `Write “${root}.outputs.${field}”`, `${root}.outputs.${field}`)
    return checkField(root, field, NODE_FIELDS, at, report)
  }
  if (field !== 'outputs' || name === undefined) return
  if (outputs === null) {
    if (node.kind === 'activity' && !read.guarded)
      report.warn(
        'dynamic',
        at,
        `What “${root}” gives shows only when it has run. Should “${name}” be missing this step fails; write ${root}.outputs.?${name}.orValue(…) to go on`,
      )
  } else if (!outputs.includes(name)) {
    const near = nearest(name, outputs)
    const gives = outputs.length === 0 ? 'It gives nothing' : `It gives ${outputs.join(', ')}`
    report.error(
      'unknown_output',
      at,
      `“${root}” gives no “${name}”${near === null ? `. ${gives}` : meant(near)}`,
      near,
    )
  }
}

function checkField(
  root: string,
  field: string | undefined,
  fields: readonly string[],
  at: Path,
  report: Report,
): void {
  if (field === undefined || fields.includes(field)) return
  const near = nearest(field, fields)
  const known =
    near === null && fields.length > 0 && fields.length <= 12 ? `. There is ${fields.join(', ')}` : meant(near)
  report.error('unknown_name', at, `“${root}” has no “${field}”${known}`, near)
}

function checkSecrets(
  flow: CompiledFlow,
  slot: Slot,
  place: Place,
  at: Path,
  context: CheckContext,
  report: Report,
): void {
  const { expression } = slot
  const name = secretNameOf(expression)
  const secretVariable = expression.reads.find((read) => flow.language.isSecret(read.path[0] ?? ''))?.path[0]
  const readsSecret = secretVariable !== undefined || expression.reads.some((read) => read.path[0] === 'secrets')
  if (!readsSecret) return
  const what = secretVariable ?? `secrets.${name ?? '…'}`
  if (place.secretAllowed !== true)
    return report.error(
      'secret',
      at,
      `The secret “${what}” can only stand in an input that its plugin keeps secret, such as env of ssh.script or headers of http.request`,
    )
  if (name === null && secretVariable !== expression.source.trim())
    return report.error(
      'secret',
      at,
      `A secret can only be handed on as it is: write \${${secretVariable ?? 'secrets.<namespace>.<key>'}} alone or inside a text`,
    )
  if (name === null || context.secrets === undefined) return
  const usable = context.secrets(flow.project, flow.name)
  if (usable.includes(name)) return
  const keptFor = context.secretKeptFor?.(flow.project, name) ?? null
  if (keptFor !== null)
    return report.error(
      'unknown_secret',
      at,
      `This flow may not use the secret “${name}”: its SecretRef keeps it for ${keptFor.join(', ') || 'no flow'}. Whoever manages secrets can name this flow there`,
    )
  const near = nearest(name, usable)
  report.error(
    'unknown_secret',
    at,
    `This flow may use no secret “${name}”${meant(near) || '.'} Secrets are named by a SecretRef document`,
    near,
  )
}

/** The whole address is one value: it decides where the request goes, and nothing in it is encoded. */
function checkAddress(flow: CompiledFlow, slot: Slot, at: Path, report: Report): void {
  const asked = slot.expression.reads
    .map((read) => read.path[0] ?? '')
    .find((root) => flow.variables.some((variable) => variable.key === root && variable.show))
  if (asked !== undefined)
    report.warn(
      'address',
      at,
      `Whoever sets “${asked}” decides where this request goes. Write the fixed part of the address here where you can`,
    )
}

function checkCondition(place: Place, report: Report): void {
  const { template } = place
  if (typeof template.source === 'boolean' || template.problems.length > 0) return
  const [slot] = template.slots
  const constant = slot?.expression.constant
  const alone = template.slots.length === 1 && slot?.alone === true && slot.at.length === 0
  if (!alone) return report.error('condition', place.at, 'A condition is true, false, or exactly one ${…}')
  if (constant !== undefined && typeof constant !== 'boolean')
    report.error('condition', place.at, 'This condition is neither true nor false')
}

/** The texts of an App that read variables: its `taskTitle`. */
export function checkText(text: string, at: Path, flow: CompiledFlow, context: CheckContext, report: Report): void {
  const template = compileTemplate(text, flow.language)
  for (const problem of template.problems) report.error('expression', at, problem.message)
  const known = knownNames(flow, context)
  for (const slot of template.slots) {
    checkSecrets(flow, slot, { template, at, node: null }, at, context, report)
    for (const read of slot.expression.reads)
      checkRead(read, { template, at, node: null }, { ...known, nodes: new Map() }, at, report)
  }
}
