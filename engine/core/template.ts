import type { Scope, Template } from './flow.ts'
import { ExpressionError, type Expression, type Language } from './expression/expression.ts'
import { isSecretRef, type SecretRef, type Value, type Values } from './value.ts'

export type TemplatePath = readonly (string | number)[]
/** `literal`: `${…}` is not ours. `encoded`: interpolated values are percent-encoded. `secret`: secrets may stand in it. */
export type TemplateMode = 'plain' | 'literal' | 'encoded' | 'secret'
/** One `${…}` of a template, and where in the value it stands. */
export interface Slot {
  readonly at: TemplatePath
  readonly expression: Expression
  /** It is the whole text, so its value keeps its type. */
  readonly alone: boolean
}
/** A template with what the publish check reads of it. */
export interface CompiledTemplate extends Template {
  readonly slots: readonly Slot[]
  readonly problems: readonly { readonly at: TemplatePath; readonly message: string }[]
  /** It reads nothing: its value is known before anything runs. */
  readonly isConstant: boolean
}
/** A text with secrets in it, as histories hold it: `Bearer ${secrets.web.token}` → `{$template: ['Bearer ', {$secret: 'web.token'}]}`. */
export interface SecretText {
  readonly $template: readonly (string | SecretRef)[]
}
/** Data that only looks like a reference: what somebody typed, or a service answered, opens no secret. */
export interface Quoted {
  readonly $quoted: Value
}

type Evaluate = (scope: Scope) => Value

/** Compiles a value of a document. Never throws: what is wrong is listed in `problems`, and evaluating it fails. */
export function compileTemplate(source: Value, language: Language, mode: TemplateMode = 'plain'): CompiledTemplate {
  const slots: Slot[] = []
  const problems: { at: TemplatePath; message: string }[] = []
  const evaluate = mode === 'literal' ? null : compileValue(source, [], { language, mode, slots, problems })
  const constant = mode === 'secret' ? quote(source) : source
  return {
    source,
    reads: [...new Set(slots.flatMap((slot) => slot.expression.reads.map((read) => read.path[0] as string)))], // a path has its root
    evaluate: evaluate ?? (() => constant),
    slots,
    problems,
    isConstant: slots.length === 0 && problems.length === 0,
  }
}

interface Compiling {
  readonly language: Language
  readonly mode: TemplateMode
  readonly slots: Slot[]
  readonly problems: { at: TemplatePath; message: string }[]
}

/** Null: the value is what it says, and costs nothing at run time. */
function compileValue(value: Value, at: TemplatePath, compiling: Compiling): Evaluate | null {
  if (typeof value === 'string') return compileText(value, at, compiling)
  if (typeof value !== 'object' || value === null) return null
  if (Array.isArray(value)) {
    const entries = (value as readonly Value[]).map((entry, index) => compileValue(entry, [...at, index], compiling))
    if (entries.every((entry) => entry === null)) return null
    return (scope) =>
      (value as readonly Value[]).map((entry, index) => {
        const evaluate = entries[index]
        return evaluate ? evaluate(scope) : entry
      })
  }
  if (compiling.mode === 'secret' && isMarked(value)) return () => ({ $quoted: value })
  const fields = Object.entries(value).map(
    ([key, entry]) => [key, entry as Value, compileValue(entry as Value, [...at, key], compiling)] as const,
  )
  if (fields.every(([, , evaluate]) => evaluate === null)) return null
  return (scope) =>
    Object.fromEntries(fields.map(([key, entry, evaluate]) => [key, evaluate === null ? entry : evaluate(scope)]))
}

type Piece = string | Expression
function compileText(text: string, at: TemplatePath, compiling: Compiling): Evaluate | null {
  if (!text.includes('${')) return null
  const pieces = split(text, at, compiling)
  if (pieces === null) {
    return () => {
      throw new ExpressionError(text.slice(2), 'its “}” is missing')
    }
  }
  const alone = pieces.length === 1
  for (const piece of pieces) if (typeof piece !== 'string') compiling.slots.push({ at, expression: piece, alone })
  const [first] = pieces
  if (alone && typeof first === 'string') return () => first // only `$${` in it
  if (alone && first !== undefined && typeof first !== 'string') return oneValue(first, compiling)
  if (compiling.mode === 'encoded') return encodedText(pieces)
  return compiling.mode === 'secret' ? secretText(pieces, compiling.language) : plainText(pieces, compiling.language)
}

/** Cuts a text into fixed parts and expressions. `$${` is a literal `${`. Null when a `}` is missing. */
function split(text: string, at: TemplatePath, compiling: Compiling): readonly Piece[] | null {
  const pieces: Piece[] = []
  let fixed = ''
  let from = 0
  for (;;) {
    const open = text.indexOf('${', from)
    if (open === -1) {
      fixed += text.slice(from)
      break
    }
    if (text[open - 1] === '$' && open > from) {
      fixed += `${text.slice(from, open - 1)}\${`
      from = open + 2
      continue
    }
    const close = closing(text, open + 2)
    if (close === -1) {
      compiling.problems.push({ at, message: '“${” has no “}”. Write $${ for the two characters themselves' })
      return null
    }
    fixed += text.slice(from, open)
    if (fixed !== '') pieces.push(fixed)
    fixed = ''
    const expression = compiling.language.expression(text.slice(open + 2, close))
    if (expression.problem !== null)
      compiling.problems.push({ at, message: `\${${expression.source}}: ${expression.problem}` })
    pieces.push(expression)
    from = close + 1
  }
  if (fixed !== '' || pieces.length === 0) pieces.push(fixed)
  return pieces
}

/** Where the `}` of a `${` is: braces of maps and those in quotes do not count. */
function closing(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    const character = text[i]
    if (character === '"' || character === "'") {
      const raw = text[i - 1] === 'r' && !/\w/.test(text[i - 2] ?? '')
      i = quoteEnd(text, i, raw)
      if (i === -1) return -1
    } else if (character === '{') depth++
    else if (character === '}' && depth-- === 0) return i
  }
  return -1
}

function quoteEnd(text: string, start: number, raw: boolean): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\' && !raw) i++
    else if (text[i] === text[start]) return i
  }
  return -1
}

/** `web.token` of `secrets.web.token`; null for anything that does more with it than hand it on. */
export function secretNameOf(expression: Expression): string | null {
  const [read] = expression.reads
  if (expression.reads.length !== 1 || read?.path[0] !== 'secrets' || read.path.length !== 3) return null
  return expression.source.trim() === read.path.join('.') ? read.path.slice(1).join('.') : null
}

/** The reference an expression stands for, when it is a secret handed on as it is. */
function secretOf(expression: Expression, language: Language): ((scope: Scope) => SecretRef | null) | null {
  const name = secretNameOf(expression)
  if (name !== null) return () => ({ $secret: name })
  const variable = expression.source.trim()
  if (!language.isSecret(variable)) return null
  return (scope) => {
    const value = scope(variable)
    if (value === undefined) throw new ExpressionError(variable, `${variable} has no value yet`)
    return isSecretRef(value) ? { $secret: value.$secret } : null // an optional secret left empty
  }
}

function refuseSecret(expression: Expression): never {
  throw new ExpressionError(expression.source, 'a secret can only stand in an input that the plugin keeps secret')
}

function oneValue(expression: Expression, { language, mode }: Compiling): Evaluate {
  const secret = secretOf(expression, language)
  if (secret !== null) return mode === 'secret' ? (scope) => secret(scope) as Value : () => refuseSecret(expression) // a SecretRef is plain JSON
  return mode === 'secret' ? (scope) => quote(expression.evaluate(scope)) : expression.evaluate
}

/** How a value reads inside a text: empty for null, JSON for what has no text of its own. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function plainText(pieces: readonly Piece[], language: Language): Evaluate {
  const secret = pieces.find((piece) => typeof piece !== 'string' && secretOf(piece, language) !== null)
  if (secret !== undefined && typeof secret !== 'string') return () => refuseSecret(secret)
  return (scope) => {
    let text = ''
    for (const piece of pieces) text += typeof piece === 'string' ? piece : textOf(piece.evaluate(scope))
    return text
  }
}

function secretText(pieces: readonly Piece[], language: Language): Evaluate {
  const secrets = pieces.map((piece) => (typeof piece === 'string' ? null : secretOf(piece, language)))
  if (secrets.every((secret) => secret === null)) return plainText(pieces, language)
  return (scope) => {
    const parts: (string | SecretRef)[] = []
    pieces.forEach((piece, index) => {
      const part =
        typeof piece === 'string'
          ? piece
          : secrets[index]
            ? (secrets[index](scope) ?? '')
            : textOf(piece.evaluate(scope))
      const last = parts.at(-1)
      if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part
      else parts.push(part)
    })
    return { $template: parts } as unknown as Value // SecretText is plain JSON
  }
}

/** A value inside an address is one segment or one query value, whatever it holds. */
function encodedText(pieces: readonly Piece[]): Evaluate {
  return (scope) => {
    let address = ''
    for (const piece of pieces) {
      if (typeof piece === 'string') address += piece
      // Where an address begins with a constant of the project, that is its base, not a segment.
      else if (address === '' && isProjectConstant(piece)) address += textOf(piece.evaluate(scope))
      else address += encodeSegment(piece, textOf(piece.evaluate(scope)), address)
    }
    return address
  }
}

const isProjectConstant = (expression: Expression): boolean => /^\s*project\.\w+\s*$/.test(expression.source)

function encodeSegment(expression: Expression, text: string, before: string): string {
  const inPath = !before.includes('?') && !before.includes('#')
  // `/users/` + `..` + `/keys` would be another address, and `%2e%2e` means the same to every client.
  if (inPath && (text === '' || /^\.+$/.test(text)))
    throw new ExpressionError(expression.source, `“${text}” cannot stand in an address`)
  return encodeURIComponent(text.toWellFormed())
}

const MARKS = ['$secret', '$template', '$quoted'] as const
const isMarked = (value: object): boolean => MARKS.some((mark) => Object.hasOwn(value, mark))

/** Every reference in a value, outermost first: what only templates may make. */
export function marksIn(value: Value): readonly Value[] {
  if (typeof value !== 'object' || value === null) return []
  return isMarked(value) ? [value] : Object.values(value as Values).flatMap((entry) => marksIn(entry))
}

/** Wraps whatever in `value` looks like a reference, so that only templates make real ones. */
function quote(value: Value): Value {
  if (typeof value !== 'object' || value === null || !hasMarks(value)) return value
  return { $quoted: value }
}
function hasMarks(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return (value as readonly Value[]).some(hasMarks)
  return isMarked(value) || Object.values(value).some(hasMarks)
}

/**
 * Puts secrets into inputs just before a body runs. `lookup` gets `namespace.key` or `task:<variable>`.
 * Only for inputs that the plugin marks secret: others never hold references.
 */
export function resolveSecrets(value: Value, lookup: (ref: string) => string): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Value[]).map((entry) => resolveSecrets(entry, lookup))
  if (Object.hasOwn(value, '$quoted')) return (value as unknown as Quoted).$quoted
  if (isSecretRef(value)) return lookup(value.$secret)
  if (Object.hasOwn(value, '$template'))
    return (value as unknown as SecretText).$template
      .map((part) => (typeof part === 'string' ? part : lookup(part.$secret)))
      .join('')
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolveSecrets(entry as Value, lookup)]))
}

/** Every secret that `value` refers to: what the runtime opens before it starts a body. */
export function secretsIn(value: Value): readonly string[] {
  const found = new Set<string>()
  resolveSecrets(value, (ref) => (found.add(ref), ''))
  return [...found]
}

/** Does a `${…}` stand in it anywhere? */
export function hasExpression(value: Value): boolean {
  if (typeof value === 'string') return /(^|[^$])\$\{/.test(value)
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((entry) => hasExpression(entry as Value))
  )
}
