import {
  Composer,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type CST,
  type Document as YamlDocument,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import type { Path } from '../core/document/shape.ts'
import type { Value } from '../core/value.ts'
import { MAX_DEPTH, TOO_DEEP, Unreadable, valueOf } from './value.ts'

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
/** Words and signs of the text: an honest one of 1 MiB has some 100,000. */
const MAX_PIECES = 300_000

/** Reads YAML or JSON, one or many documents. Nothing is built of a text that has a problem anywhere. */
export function parseDocuments(text: string): Parsed {
  const at = (line: number, col: number, message: string): Parsed => ({
    documents: [],
    problems: [{ line, col, message }],
  })
  if (new TextEncoder().encode(text).length > MAX_BYTES)
    return at(1, 1, 'This text has more than 1 MiB. Split it into several files')
  const tooMany = startOfTooMany(text)
  if (tooMany !== null)
    return at(tooMany, 1, `This text has more than ${MAX_DOCUMENTS} documents. Split it into several files`)
  const lines = new LineCounter()
  const { documents: parsed, problem: givenUp } = compose(text.replace(/^\uFEFF/, ' '), lines)
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.max(0, offset))
    return { line: Math.max(1, line), col: Math.max(1, col) }
  }
  if (givenUp !== null) return { documents: [], problems: [{ ...position(givenUp.offset), message: givenUp.message }] }
  const problems = parsed.flatMap((document) =>
    [...document.errors, ...document.warnings].map((error) => ({
      ...position(error.pos[0]),
      message: wordsFor(error.code, error.message),
    })),
  )
  if (problems.length > 0) return { documents: [], problems }
  const documents: ParsedDocument[] = []
  for (const [index, document] of parsed.entries()) {
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) continue // nothing but comments
    try {
      documents.push({
        value: valueOf(document),
        source: sourceOf(text, parsed[index - 1]?.range[2] ?? 0, document),
        position: (path, of = 'value') => position(offsetOf(document, path, of)),
      })
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      return { documents: [], problems: [{ ...position(error.offset), message: error.message }] }
    }
  }
  return { documents, problems: [] }
}

/** The line at which a text has too many documents; counted before it is parsed, which costs far more. */
function startOfTooMany(text: string): number | null {
  // At the start of a line these end a document wherever they stand, inside quotes and block texts too.
  const counts: { [mark: string]: number } = {}
  for (const { 1: mark, index } of text.matchAll(/^(---|\.\.\.)(?=\s|$)/gm)) {
    counts[mark!] = (counts[mark!] ?? 0) + 1
    if (counts[mark!]! > MAX_DOCUMENTS) return text.slice(0, index).split('\n').length
  }
  return null
}

/** From where the document before it ends: comments above the first key are its author's too. */
function sourceOf(text: string, start: number, document: YamlDocument.Parsed): string {
  const end = document.range[2]
  const first = document.contents?.range?.[0] ?? document.range[0]
  const above = text
    .slice(start, first)
    .replace(/^\uFEFF/, '')
    .replace(/^%.*\n/gm, '')
    .replace(/^---[ \t]*\n?/m, '')
  return (above + text.slice(first, end)).replace(/^\n+/, '')
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

const PAIRS = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()
/** By key, made once per map: a long flow with many findings asks for thousands. */
function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  let pairs = PAIRS.get(map)
  if (pairs === undefined) {
    pairs = new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])))
    PAIRS.set(map, pairs)
  }
  return pairs
}

function offsetOf(document: YamlDocument.Parsed, path: Path, of: 'key' | 'value'): number {
  let node: Node | null = document.contents as Node | null // a parsed document holds nodes
  let offset = node?.range?.[0] ?? document.range[0]
  for (const [index, step] of path.entries()) {
    if (node !== null && isAlias(node)) node = node.resolve(document) ?? null
    if (isMap(node)) {
      const pair = pairsOf(node).get(String(step))
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
