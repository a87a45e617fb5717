import type { Directory, PluginCatalogue } from '../env.ts'
import type { AppDocument, FlowDocument } from '../document/kinds.ts'
import { pathText, type Path } from '../document/shape.ts'

export type Severity = 'error' | 'warning' | 'info'
/** One thing the publish check found. `error` keeps a flow from being published; `info` is no fault. */
export interface Finding {
  readonly severity: Severity
  readonly code: string
  readonly node: string | null
  /** Where in the document, as people write it. */
  readonly path: string
  readonly at: Path
  /** What is wrong and the way out, for people. */
  readonly message: string
  /** What was probably meant, to be offered as a link. */
  readonly fix: string | null
  /** Of a run that breaks: the steps it comes through, in order, so that an editor can mark the way. */
  readonly trail?: readonly string[]
}
/** What a document is checked against. */
export interface CheckContext {
  readonly plugins: PluginCatalogue
  readonly directory: Directory
  /** Names of secrets (`namespace.key`) that a flow of this project may use. Absent: not known, so not checked. */
  readonly secrets?: (project: string, flow: string) => readonly string[]
  /** The flows a secret of this project is kept for, where that is said; null: there is no such secret, or every flow may. Absent: not known. */
  readonly secretKeptFor?: (project: string, name: string) => readonly string[] | null
  /** The flow an App starts, so that its form can be held against it; null: there is none. Absent: not known. */
  readonly flow?: (project: string, name: string) => FlowDocument | null
  /** Other apps of a project, by what they answer to. Absent: not known. */
  readonly apps?: (project: string) => readonly { readonly name: string; readonly aliases: readonly string[] }[]
  /** The app a Schedule launches, or a Freeze names; null: there is none. Absent: not known. */
  readonly app?: (project: string, name: string) => AppDocument | null
  /** A published version, with its own pinned ones as numbers; null: there is none. Absent: not known. */
  readonly published?: (project: string, name: string, version: number | 'current') => FlowDocument | null
}
export interface Report {
  readonly findings: Finding[]
  readonly error: Add
  readonly warn: Add
  readonly info: Add
}
type Add = (code: string, at: Path, message: string, fix?: string | null, trail?: readonly string[]) => void

export function newReport(): Report {
  const findings: Finding[] = []
  const add =
    (severity: Severity): Add =>
    (code, at, message, fix = null, trail = undefined) => {
      const node = at[0] === 'spec' && at[1] === 'nodes' && typeof at[2] === 'string' ? at[2] : null
      findings.push({ severity, code, node, path: pathText(at), at, message, fix, ...(trail && { trail }) })
    }
  return { findings, error: add('error'), warn: add('warning'), info: add('info') }
}
/** “. Did you mean x?”, or nothing. */
export const meant = (near: string | null): string => (near === null ? '' : `. Did you mean “${near}”?`)
