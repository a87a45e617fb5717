import {
  Composer,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type CST,
  type Document as YamlDocument,
  type Node,
} from 'yaml'
import type { Path } from '../core/document/shape.ts'
import type { Value } from '../core/value.ts'

/** Where something stands in a text; both count from 1. */
export interface Position {
  readonly line: number
  readonly col: number
}
/** One document of a text: its plain value, its own text, and where things stand in it. */
export interface ParsedDocument {
  readonly value: Value
  /** The author's text of this document, comments and order included. */
  readonly source: string
  /** Position of a path in the whole text; of its nearest parent when it is not there. */
  readonly position: (path: Path, of?: 'key' | 'value') => Position
}
export interface SyntaxProblem extends Position {
  readonly message: string
}
export type Parsed =
  | { readonly documents: readonly ParsedDocument[]; readonly problems: readonly [] }
  | { readonly documents: readonly []; readonly problems: readonly SyntaxProblem[] }

const MAX_BYTES = 1_048_576
const MAX_DOCUMENTS = 1000
const MAX_DEPTH = 64
const TOO_DEEP = `This is nested more than ${MAX_DEPTH} levels deep`
/** Words and signs of the text: an honest one of 1 MiB has some 100,000. */
const MAX_PIECES = 300_000
/** Values an alias may add, all together: enough for honest anchors, far too few for a bomb. */
const MAX_EXPANDED = 50_000

/** Reads YAML or JSON, one or many documents. Nothing is built of a text that has a problem anywhere. */
export function parseDocuments(text: string): Parsed {
  const at = (line: number, col: number, message: string): Parsed => ({
    documents: [],
    problems: [{ line, col, message }],
  })
  if (new TextEncoder().encode(text).length > MAX_BYTES)
    return at(1, 1, 'This text has more than 1 MiB. Split it into several files')
  const lines = new LineCounter()
  const { documents: parsed, problem: givenUp } = compose(text.replace(/^\uFEFF/, ' '), lines)
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.max(0, offset))
    return { line: Math.max(1, line), col: Math.max(1, col) }
  }
  if (givenUp !== null) return { documents: [], problems: [{ ...position(givenUp.offset), message: givenUp.message }] }
  const problems = parsed.flatMap((document) =>
    document.errors.map((error) => ({ ...position(error.pos[0]), message: wordsFor(error.code, error.message) })),
  )
  if (problems.length > 0) return { documents: [], problems }
  if (parsed.length > MAX_DOCUMENTS)
    return at(1, 1, `This text has more than ${MAX_DOCUMENTS} documents. Split it into several files`)
  const documents: ParsedDocument[] = []
  for (const document of parsed) {
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) continue // nothing but comments
    const problem = valueProblem(document)
    if (problem !== null)
      return { documents: [], problems: [{ ...position(problem.offset), message: problem.message }] }
    documents.push({
      value: document.toJS({ maxAliasCount: MAX_EXPANDED }) as Value, // valueProblem let nothing but JSON pass
      source: sourceOf(text, document),
      position: (path, of = 'value') => position(offsetOf(document, path, of)),
    })
  }
  return { documents, problems: [] }
}

function sourceOf(text: string, document: YamlDocument.Parsed): string {
  const [start, , end] = document.range
  return text
    .slice(start, end)
    .replace(/^---[^\n]*\n/, '')
    .replace(/^\n+/, '')
}

/** Feeds the parser piece by piece, so that a text made to be deep or endless is given up early and not recursed into. */
function compose(
  text: string,
  lines: LineCounter,
): {
  readonly documents: readonly YamlDocument.Parsed[]
  readonly problem: { readonly offset: number; readonly message: string } | null
} {
  // Duplicate keys are looked for below: the library compares each with each.
  const composer = new Composer({
    uniqueKeys: false,
    merge: false,
    version: '1.2',
    stringKeys: true,
    logLevel: 'silent',
    prettyErrors: false,
  })
  const parser = new Parser(lines.addNewLine)
  const documents: YamlDocument.Parsed[] = []
  const give = (message: string) => ({ documents: [], problem: { offset: parser.offset, message } })
  lines.addNewLine(0)
  let pieces = 0
  const take = (tokens: Iterable<CST.Token>): void => {
    for (const token of tokens) documents.push(...(composer.next(token) as Iterable<YamlDocument.Parsed>)) // only the end of the stream yields others
  }
  for (const lexeme of new Lexer().lex(text)) {
    if (++pieces > MAX_PIECES) return give('This text has too many values for one. Split it into several files')
    take(parser.next(lexeme))
    // A map's level takes two places on the stack: itself and its document or parent.
    if (parser.stack.length > MAX_DEPTH + 1) return give(TOO_DEEP)
  }
  take(parser.end())
  documents.push(...(composer.end(false, text.length) as Iterable<YamlDocument.Parsed>)) // false: no empty document for an empty text
  return { documents, problem: null }
}

interface ValueProblem {
  readonly offset: number
  readonly message: string
}
/** What YAML can say and JSON cannot, and aliases that would unfold without end. */
function valueProblem(document: YamlDocument.Parsed): ValueProblem | null {
  let expanded = 0
  const visit = (node: Node | null, depth: number, inAlias: boolean, open: ReadonlySet<Node>): ValueProblem | null => {
    if (node === null) return null
    const offset = node.range?.[0] ?? 0
    if (depth > MAX_DEPTH) return { offset, message: TOO_DEEP }
    if (inAlias && ++expanded > MAX_EXPANDED)
      return { offset, message: 'Aliases (*name) here unfold into more than 50,000 values' }
    if (isAlias(node)) {
      const target = node.resolve(document)
      if (target === undefined) return { offset, message: `There is no anchor &${node.source} before this alias` }
      if (open.has(target)) return { offset, message: `*${node.source} stands inside what it refers to` }
      const inside = visit(target, depth, true, open)
      return inside === null ? null : { ...inside, offset }
    }
    if (isScalar(node)) {
      if (
        typeof node.value === 'bigint' ||
        (typeof node.value === 'number' &&
          (!Number.isFinite(node.value) || (Number.isInteger(node.value) && !Number.isSafeInteger(node.value))))
      )
        return { offset, message: 'This number cannot be kept exactly. Put it in quotes' }
      if (node.value !== null && typeof node.value === 'object')
        return { offset, message: 'This kind of value cannot be kept. Write it as a text in quotes' }
      return null
    }
    if (!isCollection(node)) return null
    const within = new Set([...open, node])
    const keys = new Set<string>()
    for (const item of node.items) {
      const pair = isPair(item)
      const key = pair && isScalar(item.key) ? item.key : null
      if (key !== null && !keys.has(String(key.value))) keys.add(String(key.value))
      else if (key !== null)
        return { offset: key.range?.[0] ?? offset, message: `“${String(key.value)}” stands here twice` }
      if (key?.value === '__proto__')
        return { offset: key.range?.[0] ?? offset, message: '“__proto__” cannot be a key' }
      if (key?.value === '<<')
        return { offset: key.range?.[0] ?? offset, message: '“<<” (merging maps) is not supported. Write the keys out' }
      const problem = visit((pair ? item.value : item) as Node | null, depth + 1, inAlias, within) // items of a parsed document are nodes
      if (problem !== null) return problem
    }
    return null
  }
  return visit(document.contents as Node | null, 0, false, new Set()) // a parsed document holds nodes
}

function offsetOf(document: YamlDocument.Parsed, path: Path, of: 'key' | 'value'): number {
  let node: Node | null = document.contents as Node | null // a parsed document holds nodes
  let offset = node?.range?.[0] ?? document.range[0]
  for (const [index, step] of path.entries()) {
    if (node !== null && isAlias(node)) node = node.resolve(document) ?? null
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      if (pair === undefined) return offset
      const key = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset
      node = pair.value as Node | null // as above
      const last = index === path.length - 1
      offset = (last && of === 'key') || node === null ? key : isCollection(node) ? key : (node.range?.[0] ?? key)
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined // as above
      if (item === undefined) return offset
      node = item
      offset = node.range?.[0] ?? offset
    } else return offset
  }
  return offset
}

const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces, not tabs',
  BAD_INDENT: 'The indentation does not fit the lines around it',
  MISSING_CHAR: 'Something is missing here: a closing quote or bracket, or the “:” behind a key',
  UNEXPECTED_TOKEN: 'This does not belong here',
  MULTILINE_IMPLICIT_KEY: 'A key stands on one line. Is a “:” or a quote missing?',
  BLOCK_AS_IMPLICIT_KEY: 'Two values on one line: put the second on a line of its own, or in quotes',
  BAD_SCALAR_START: 'A text that begins with this character needs quotes',
  BAD_DQ_ESCAPE: 'In double quotes “\\” begins an escape. Use single quotes, or “\\\\”',
  BAD_ALIAS: 'This alias refers to nothing',
  TAG_RESOLVE_FAILED: 'Tags (!…) are not supported',
  NON_STRING_KEY: 'A key is a text',
}
const wordsFor = (code: string, message: string): string =>
  `${WORDS[code] ?? 'This is not YAML'} (${message.split('\n')[0]?.replace(/ at line .*$/, '')})`
