import { variableShape, type NodeSpec } from '../document/flow.ts'
import {
  bool,
  count,
  duration,
  isMap,
  object,
  oneOf,
  oneOrMore,
  optional,
  required,
  text,
  type Path,
  type Shape,
} from '../document/shape.ts'
import type { Value } from '../value.ts'

/** A step Baton runs itself: what it takes and gives, as a plugin's schema would say it. */
export interface Builtin {
  readonly inputs: { readonly [name: string]: Shape<unknown> }
  /** At least one of each group is needed. */
  readonly required: readonly (readonly string[])[]
  readonly outputs: readonly string[] | null
}

const anyOf =
  (...shapes: readonly Shape<unknown>[]): Shape<unknown> =>
  (value, path, report) => {
    // The last one says what is wrong: it is the form most people mean.
    for (const [index, shape] of shapes.entries()) {
      const problems: [path: Path, message: string, fix?: string | null][] = []
      const read = shape(value, path, {
        add: (at, message, fix = null) => void problems.push([at, message, fix]) as undefined,
      })
      if (problems.length === 0) return read
      if (index === shapes.length - 1) for (const problem of problems) report.add(...problem)
    }
    return undefined
  }
const percent: Shape<string> = (value, path, report) =>
  typeof value === 'string' && /^(100|[1-9]\d?)%$/.test(value)
    ? value
    : report.add(path, 'expected a number, “all”, a share like 50%, or {"role:x": 1}')
/** Of those asked, or of those of one place. */
const howMany = anyOf(count(1, 1000), oneOf('all'), percent)
const perPlace: Shape<unknown> = (value, path, report) => {
  if (!isMap(value)) return report.add(path, 'expected a map')
  for (const [key, entry] of Object.entries(value)) howMany(entry, [...path, key], report)
  return value
}
const onReject: Shape<string> = (value, path, report) =>
  typeof value === 'string' && /^(fail|continue|starter|goto\s+[A-Za-z_]\w*)$/.test(value.trim())
    ? value
    : report.add(path, 'expected fail, continue, starter, or “goto <step>”')
const fields: Shape<unknown> = (value, path, report) => {
  if (!isMap(value)) return report.add(path, 'expected fields like variables: {note: {type: text, title: Note}}')
  for (const [key, entry] of Object.entries(value)) variableShape(entry, [...path, key], report)
  return value
}
const anything: Shape<unknown> = (value) => value ?? null
const people = oneOrMore(text)
/** Inputs take seconds as a number too: they may come out of an expression. */
const lasting = anyOf(count(0, 10 * 366 * 86_400), duration)
/** A calendar’s name (until it opens), or so much of its working time. */
const working: Shape<unknown> = (value, path, report) =>
  isMap(value)
    ? object({ calendar: required(text), for: optional(lasting) })(value, path, report)
    : text(value, path, report)
const workingTime = object({ calendar: required(text), for: required(lasting) })
const deadline: Shape<unknown> = (value, path, report) =>
  isMap(value) ? workingTime(value, path, report) : lasting(value, path, report)
const ask = {
  deadline,
  remindEvery: lasting,
  escalateTo: people,
  onDeadline: oneOf('escalate', 'reject', 'fail'),
  text: text,
}

export const BUILTINS: { readonly [use: string]: Builtin } = {
  approval: {
    inputs: {
      ...ask,
      approvers: people,
      need: anyOf(count(1, 1000), oneOf('all'), perPlace, percent),
      reject: oneOf('end', 'wait'),
      veto: people,
      order: oneOf('any', 'listed'),
      notStarter: bool,
      comment: oneOf('onReject', 'always', 'never'),
      fields,
      onReject,
    },
    required: [['approvers']],
    outputs: ['approved', 'decisions'],
  },
  form: { inputs: { ...ask, by: people, fields, claim: bool }, required: [['by'], ['fields']], outputs: ['by', 'at'] },
  confirm: { inputs: { ...ask, by: people }, required: [['by'], ['text']], outputs: ['by', 'at'] },
  wait: {
    inputs: { for: lasting, until: text, workingHours: working },
    required: [['for', 'until', 'workingHours']],
    outputs: ['at'],
  },
  flow: {
    inputs: { flow: text, version: anyOf(count(1, 1_000_000), oneOf('latest', 'pinned')), variables: anything },
    required: [['flow']],
    outputs: null,
  },
}

/** Fields an ask puts to people are outputs of their own. */
export function outputsOfAsk(spec: Extract<NodeSpec, { kind: 'ask' }>, builtin: Builtin): readonly string[] {
  const declared: Value | undefined = spec.with?.['fields']
  return [...(builtin.outputs ?? []), ...(isMap(declared) ? Object.keys(declared) : [])]
}
