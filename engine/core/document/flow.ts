import { isIdentifier } from '../expression/names.ts'
import type { Allow, Cause, Option, VariableType } from '../flow.ts'
import type { Value } from '../value.ts'
import {
  anything,
  bool,
  count,
  duration,
  isMap,
  label,
  list,
  mapOf,
  number,
  object,
  oneOf,
  oneOrMore,
  optional,
  required,
  text,
} from './shape.ts'
import type { Report, Shape, Path } from './shape.ts'

const VARIABLE_TYPES = [
  'text',
  'textarea',
  'integer',
  'number',
  'boolean',
  'select',
  'multiselect',
  'radio',
  'date',
  'time',
  'datetime',
  'duration',
  'password',
  'person',
  'people',
  'host',
  'hosts',
  'list',
  'table',
  'json',
  'file',
] as const satisfies readonly VariableType[]
const CAUSES = [
  'error',
  'timeout',
  'rejected',
  'lost',
  'output_invalid',
  'child_failed',
  'child_revoked',
  'forced',
  'nobody_can_answer',
] as const satisfies readonly Cause[]

/** A value that may hold `${…}`, as written. */
type Raw = Value

const option: Shape<Option> = (value, path, report) => {
  if (!isMap(value)) {
    const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return scalar ? { value, title: String(value) } : report.add(path, 'expected a text, or {value, title}')
  }
  const read = object({ value: required(anything), title: optional(label) })(value, path, report)
  return read && { value: read.value, title: read.title ?? String(read.value) }
}

const texts: Shape<{ readonly [name: string]: string }> = (value, path, report) => {
  const read = mapOf(() => text)(value, path, report)
  return read && Object.fromEntries(read)
}
const optionsHttp = object({
  url: required(text),
  headers: optional(texts),
  items: optional(text),
  value: optional(text),
  label: optional(text),
  search: optional(text),
})
const optionsWith: Shape<{ readonly [input: string]: Value }> = (value, path, report) => {
  const read = mapOf(() => anything)(value, path, report)
  return read && Object.fromEntries(read)
}
const optionsFrom = object({
  http: optional(optionsHttp),
  plugin: optional(text),
  with: optional(optionsWith),
  dependsOn: optional(oneOrMore(text)),
  cache: optional(duration),
})
const variable = object({
  type: required(oneOf(...VARIABLE_TYPES)),
  title: optional(label),
  help: optional(label),
  required: optional(bool),
  default: optional(anything),
  show: optional(bool),
  readOnly: optional(bool),
  secret: optional(bool),
  onCard: optional(bool),
  pattern: optional(text),
  min: optional(number),
  max: optional(number),
  minLength: optional(count(0, 1_000_000)),
  maxLength: optional(count(0, 1_000_000)),
  step: optional(number),
  rows: optional(count(1, 100)),
  options: optional(list(option)),
  optionsFrom: optional(optionsFrom),
  showIf: optional(anything),
  group: optional(label),
  resolve: optional(oneOf('start', 'use')),
  computed: optional(anything),
})
export type VariableSpec = NonNullable<ReturnType<typeof variable>>
/** One declared variable or ask field, by itself. */
export const variableShape: Shape<VariableSpec> = variable

const retry = object({
  times: optional(count(0, 1000)),
  delay: optional(duration),
  backoff: optional(oneOf('none', 'linear', 'exponential')),
  maxDelay: optional(duration),
  on: optional(oneOrMore(oneOf(...CAUSES))),
  when: optional(anything),
})
const onFail = object({
  retry: optional(retry),
  timeout: optional(duration),
  then: optional(oneOf('ask', 'ignore', 'fail')),
  advice: optional(label),
})
export type FailureSpec = NonNullable<ReturnType<typeof onFail>>
const allow: Shape<Partial<Allow>> = (value, path, report) => {
  const roles = optional(oneOrMore(text))
  const read = object({ retry: roles, skip: roles, byhand: roles, fail: roles })(value, path, report)
  return read as Partial<Allow> | undefined // keys that were not given are absent, not undefined
}
const inputs: Shape<{ readonly [input: string]: Raw }> = (value, path, report) => {
  const read = mapOf(() => anything)(value, path, report)
  return read && Object.fromEntries(read)
}
const save: Shape<{ readonly [variable: string]: string }> = (value, path, report) => {
  const read = mapOf(() => text)(value, path, report)
  return read && Object.fromEntries(read)
}
const each = object({
  in: required(anything),
  as: required(text),
  atOnce: optional(count(1, 1000)),
  stopAfter: optional(count(1, 10_000)),
})

const common = { title: optional(label), stage: optional(label), maxVisits: optional(count(1, 100_000)) }
const work = {
  ...common,
  use: required(text),
  with: optional(inputs),
  save: optional(save),
  next: optional(text),
  when: optional(anything),
  optional: optional(bool),
  onFail: optional(onFail),
  allow: optional(allow),
}
const activity = object({ ...work, each: optional(each) })
const ask = object({ ...work, bind: optional(list(text)) })
const branch: Shape<{ readonly when: Raw | null; readonly next: string | null; readonly title: string | null }> = (
  value,
  path,
  report,
) => {
  const read = object({ when: optional(anything), else: optional(bool), next: optional(text), title: optional(label) })(
    value,
    path,
    report,
  )
  if (read === undefined) return undefined
  if (read.else !== undefined && read.when !== undefined)
    return report.add(path, 'a branch has “when” or “else”, not both')
  if (read.else === false) return report.add([...path, 'else'], 'write “else: true”, or leave it out')
  if (read.else === undefined && read.when === undefined)
    return report.add(path, 'a branch needs “when: …” or “else: true”')
  return { when: read.when ?? null, next: read.next ?? null, title: read.title ?? null }
}
const choice = object({
  ...common,
  gateway: required(oneOf('exclusive', 'inclusive')),
  mode: optional(oneOf('first', 'only')),
  branches: required(list(branch)),
})
const parallel = object({ ...common, gateway: required(oneOf('parallel')), next: required(oneOrMore(text)) })
const converge = object({ ...common, gateway: required(oneOf('converge')), next: optional(text) })

type Activity = NonNullable<ReturnType<typeof activity>>
type Ask = NonNullable<ReturnType<typeof ask>>
type Choice = NonNullable<ReturnType<typeof choice>>
type Parallel = NonNullable<ReturnType<typeof parallel>>
type Converge = NonNullable<ReturnType<typeof converge>>
/** A node as written, by what it is. */
export type NodeSpec =
  | ({ readonly kind: 'activity' | 'wait' | 'subflow'; readonly id: string } & Activity)
  | ({ readonly kind: 'ask'; readonly id: string } & Ask)
  | ({ readonly kind: 'choice'; readonly id: string } & Choice)
  | ({ readonly kind: 'parallel'; readonly id: string } & Parallel)
  | ({ readonly kind: 'converge'; readonly id: string } & Converge)

/** `wait` and `wait@1` are the same: what Baton does itself has no releases to choose from. */
export const builtinOf = (use: string): 'approval' | 'form' | 'confirm' | 'wait' | 'flow' | null => {
  const name = use.replace(/@.*$/, '')
  return name === 'approval' || name === 'form' || name === 'confirm' || name === 'wait' || name === 'flow'
    ? name
    : null
}

const node =
  (id: string): Shape<NodeSpec> =>
  (value, path, report) => {
    if (!isMap(value)) return report.add(path, 'expected a step: {use: plugin@1, with: {…}} or {gateway: …}')
    if ('gateway' in value && 'use' in value) return report.add(path, 'a step has “use” or “gateway”, not both')
    if ('gateway' in value) return gatewayNode(id, value, path, report)
    const builtin = typeof value['use'] === 'string' ? builtinOf(value['use']) : null
    if (builtin === 'approval' || builtin === 'form' || builtin === 'confirm') {
      const read = ask(value, path, report)
      return read && { kind: 'ask', id, ...read }
    }
    const read = activity(value, path, report)
    return read && { kind: builtin === 'wait' ? 'wait' : builtin === 'flow' ? 'subflow' : 'activity', id, ...read }
  }

function gatewayNode(id: string, value: Record<string, unknown>, path: Path, report: Report): NodeSpec | undefined {
  const kind = oneOf('exclusive', 'parallel', 'inclusive', 'converge')(value['gateway'], [...path, 'gateway'], report)
  if (kind === undefined) return undefined
  if (kind === 'parallel') {
    const read = parallel(value, path, report)
    return read && { kind: 'parallel', id, ...read }
  }
  if (kind === 'converge') {
    const read = converge(value, path, report)
    return read && { kind: 'converge', id, ...read }
  }
  const read = choice(value, path, report)
  return read && { kind: 'choice', id, ...read }
}

const keyProblem =
  (what: string) =>
  (key: string): string | null =>
    isIdentifier(key)
      ? null
      : `${what} “${key}” needs a name of letters, digits and _, not beginning with a digit, up to 64 characters`

const never: Shape<number | null> = (value, path, report) => (value === 'never' ? null : duration(value, path, report))
const nodes: Shape<readonly NodeSpec[]> = (value, path, report) => {
  const read = mapOf(node, keyProblem('step'))(value, path, report)
  if (read?.length === 0 && isMap(value) && Object.keys(value).length === 0)
    return report.add(path, 'a flow needs at least one step')
  return read?.map(([, entry]) => entry)
}
const variables: Shape<readonly (VariableSpec & { readonly key: string })[]> = (value, path, report) =>
  mapOf(() => variable, keyProblem('variable'))(value, path, report)?.map(([key, entry]) => ({ key, ...entry }))

/** The `spec` of a Flow, FLOW §1.1. */
export const flowSpec = object({
  variables: optional(variables),
  start: optional(text),
  concurrency: optional(
    object({
      key: required(anything),
      limit: optional(count(1, 10_000)),
      whenBusy: optional(oneOf('queue', 'reject', 'join')),
    }),
  ),
  nodes: required(nodes),
  finally: optional(list(text)),
  outputs: optional(inputs),
  notify: optional(object({ attention: optional(oneOrMore(text)), finished: optional(oneOrMore(text)) })),
  attention: optional(
    object({
      remindEvery: optional(duration),
      escalateTo: optional(oneOrMore(text)),
      after: optional(duration),
      giveUp: optional(never),
    }),
  ),
  expect: optional(duration),
})
export type FlowSpec = NonNullable<ReturnType<typeof flowSpec>>
