import { check, type CheckContext, type Finding } from '../core/check/index.ts'
import {
  decodeDocument,
  documentId,
  type CalendarDocument,
  type Document,
  type FlowDocument,
} from '../core/document/kinds.ts'
import { pathText, type Path } from '../core/document/shape.ts'
import { inProject } from '../core/env.ts'
import type { Value } from '../core/value.ts'
import { parseDocuments, type ParsedDocument, type Position } from './parse.ts'

export type { ParsedDocument, Parsed, Position, SyntaxProblem } from './parse.ts'

/** A finding with its place in the text. `document` counts from 0; -1: the text could not be read at all. */
export interface LocatedFinding extends Finding, Position {
  readonly document: number
}
/** A document of a text, decoded; null when it cannot be saved, and the findings say why. */
export interface ReadDocument {
  readonly document: Document | null
  readonly value: Value
  readonly source: string
}
export interface Linted {
  readonly documents: readonly ReadDocument[]
  readonly findings: readonly LocatedFinding[]
}

/** Reads and decodes a text: what `apply` needs. Findings here refuse the text; `lint` adds what the publish check says. */
export function readDocuments(text: string): Linted & { readonly parsed: readonly ParsedDocument[] } {
  const parsed = parseDocuments(text)
  if (parsed.problems.length > 0)
    return {
      documents: [],
      parsed: [],
      findings: parsed.problems.map(({ line, col, message }) => ({
        severity: 'error',
        code: 'syntax',
        node: null,
        path: '',
        at: [],
        message,
        fix: null,
        line,
        col,
        document: -1,
      })),
    }
  const findings: LocatedFinding[] = []
  const seen = new Map<string, number>()
  const documents = parsed.documents.map((one, index): ReadDocument => {
    const { document, errors } = decodeDocument(one.value)
    for (const error of errors)
      findings.push({
        severity: 'error',
        code: 'document',
        node: nodeOf(error.path),
        path: pathText(error.path),
        at: error.path,
        message: error.message,
        fix: error.fix,
        ...one.position(error.path, 'key'),
        document: index,
      })
    if (document !== null) {
      const id = documentId(document)
      const first = seen.get(id)
      if (first === undefined) seen.set(id, index)
      else findings.push(duplicate(one, index, id, first))
    }
    return { document, value: one.value, source: one.source }
  })
  return { documents, findings, parsed: parsed.documents }
}

function duplicate(one: ParsedDocument, index: number, id: string, first: number): LocatedFinding {
  const at = ['metadata', 'name']
  const message = `${id} stands here twice: it is document ${first + 1} already`
  return {
    severity: 'error',
    code: 'duplicate',
    node: null,
    path: pathText(at),
    at,
    message,
    fix: null,
    ...one.position(at),
    document: index,
  }
}

const nodeOf = (path: Path): string | null =>
  path[0] === 'spec' && path[1] === 'nodes' && typeof path[2] === 'string' ? path[2] : null

/** Everything wrong with a text, with line and column: syntax, shape, and the publish check of each document. Flows of the same text are known to its Apps. */
export function lint(text: string, context: CheckContext): Linted {
  const read = readDocuments(text)
  const findings = [...read.findings]
  const here = new Map(
    read.documents.flatMap(({ document }) =>
      document?.kind === 'Flow' ? [[documentId(document), document] as const] : [],
    ),
  )
  const within: CheckContext = {
    ...context,
    flow: (project, name) => here.get(`Flow/${project}/${name}`) ?? (context.flow?.(project, name) as FlowDocument), // undefined stays "not known"
    directory: withDocuments(context.directory, read.documents),
  }
  read.documents.forEach(({ document }, index) => {
    const one = read.parsed[index]
    if (document === null || one === undefined) return
    for (const finding of check(document, within))
      findings.push({ ...finding, ...one.position(finding.at, positionOf(finding)), document: index })
  })
  return {
    documents: read.documents,
    findings: findings.toSorted((a, b) => a.document - b.document || a.line - b.line || a.col - b.col),
  }
}

/** What is wrong with a name points at the name; what is wrong with a value, at the value. */
const positionOf = (finding: Finding): 'key' | 'value' =>
  [
    'unknown_input',
    'reserved_name',
    'name_clash',
    'unreachable',
    'endless_loop',
    'no_end',
    'unsound',
    'unproven',
    'next_missing',
    'no_advice',
    'parallel_save',
  ].includes(finding.code)
    ? 'key'
    : 'value'

/** Roles, hosts and constants that stand in the same text count: a bundle is checked as it will be applied. */
function withDocuments(
  directory: CheckContext['directory'],
  documents: readonly ReadDocument[],
): CheckContext['directory'] {
  const own = documents.flatMap(({ document }) => (document === null ? [] : [document]))
  const hosts = own.flatMap((document) =>
    document.kind === 'Host' ? [{ name: document.metadata.name, labels: document.spec.labels ?? [] }] : [],
  )
  const refs = new Set(
    own.flatMap((document) =>
      document.kind === 'Role'
        ? [`role:${document.metadata.name}`]
        : document.kind === 'Group'
          ? [`group:${document.metadata.name}`]
          : [],
    ),
  )
  const { knows } = directory
  return {
    // What a project does not name itself, `default` names for all; hosts are its own.
    within: (project) =>
      withDocuments(
        inProject(directory, project),
        documents.filter(
          ({ document }) =>
            document?.metadata.project === project ||
            (document?.metadata.project === 'default' && document.kind !== 'Host'),
        ),
      ),
    people: (ref, starter) => directory.people(ref, starter),
    title: (ref) => directory.title(ref),
    constants: (project) => ({
      ...directory.constants(project),
      ...Object.fromEntries(
        own.flatMap((document) =>
          document.kind === 'Constant' && document.metadata.project === project
            ? [[document.metadata.name, document.spec.value]]
            : [],
        ),
      ),
    }),
    calendar: (project, name) =>
      own.find(
        (document): document is CalendarDocument =>
          document.kind === 'Calendar' && document.metadata.project === project && document.metadata.name === name,
      )?.spec ??
      directory.calendar?.(project, name) ??
      null,
    hosts: (ref) => {
      const found = hosts
        .filter((host) => (ref.startsWith('@') ? host.labels.includes(ref.slice(1)) : host.name === ref))
        .map((host) => host.name)
      return [...new Set([...directory.hosts(ref), ...found])]
    },
    allHosts: () => [...(directory.allHosts?.() ?? []), ...hosts],
    ...(knows && { knows: (ref: string) => refs.has(ref) || refs.has(ref.replace(/@.*/, '')) || knows(ref) }),
  }
}
