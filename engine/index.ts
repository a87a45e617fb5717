/**
 * What the API sees of the engine. Everything else inside is private to it.
 * Main path: `createEngine` (runtime/create.ts) → `launch`/`command` → runtime/live-task.ts (core/decide, then store/commit) → runtime/dispatch.ts → runtime/executor.ts.
 */
export * from './core/error.ts'
export * from './core/value.ts'
export * from './core/state.ts'
export * from './core/env.ts'
export type * from './core/command.ts'
export type * from './core/flow.ts'
export type { Cell, Database, Row, Statement, Tx } from './store/database.ts'
export { isZone } from './core/calendar.ts'
export { openDatabase } from './store/open.ts'
export { LockedError } from './store/lock.ts'
export { FileError, MAX_FILE_BYTES, type FileFacts, type FileStore } from './store/files.ts'
export { folderFiles } from './store/folder-files.ts'
/** People, documents, chats: repositories over a transaction of `Database`. */
export * as catalogue from './store/catalogue/index.ts'
export type * from './runtime/engine.ts'
export { keysOf, seal, sign, unseal, type Keys } from './store/seal.ts'
export { compileFlow, type CompiledFlow } from './core/compile.ts'
export {
  decodeDocument,
  KINDS,
  type AppDocument,
  type AppSpec,
  type CalendarDocument,
  type Document,
  type FlowDocument,
  type HostSpec,
  type ScheduleDocument,
} from './core/document/kinds.ts'
export {
  checkAnswers,
  checkEdit,
  formOf,
  taskTitleOf,
  type Answers,
  type FormContext,
  type FormField,
} from './core/form.ts'
export { previewOf, type FlowPreview, type PreviewNode } from './core/preview.ts'
export { checkValue } from './core/variables/check.ts'
export { instantAt } from './core/variables/instants.ts'
export { textOf } from './core/template.ts'
export type { FileRef, HostAccess, Message, Plugin } from './plugin/index.ts'
export { pluginProblem } from './plugin/accept.ts'
export type * from './core/events.ts'
export { createRegistry, type Installed, type PluginRegistry } from './runtime/plugin-registry.ts'
export { consequencesOfRevoke, lackedBy, outputsNeeded, readsOf, staleAfterEdit } from './core/impact.ts'
export { awaited } from './core/asks/need.ts'
export { endedBy } from './core/asks/ended.ts'
export { notGiven } from './core/asks/around.ts'
export { sealAnswers } from './core/asks/secret-fields.ts'
export { isAnsweredBy, standInsFor, stoodForIn } from './core/asks/stand-in.ts'
export { isBuiltIn, RIGHTS, ROLES, withImplied } from './core/rights-roles.ts'
export { askActions, availableActions, nodeActions } from './core/rights.ts'
export { factsOf, quantile, type Counts, type TaskFacts } from './core/statistics.ts'
export {
  freezeOf,
  frozenAt,
  means,
  nextStretch,
  stretchAt,
  type Freeze,
  type Frozen,
  type Stretch,
} from './core/freeze.ts'
export { duesBetween, nextDue, nextDues, timingOf, type Timing } from './schedule/next-due.ts'
export { timeoutAlarms, type Alarm, type AlarmPort, type Alarms } from './runtime/alarm.ts'
export { shownDues, type ShownDue } from './schedule/shown.ts'
export { applyDocument, editDocument, replaceDocument, type Conflict, type Managed } from './core/document/apply.ts'
export { diffDocuments, sameValue, type Change as DocumentChange } from './core/document/diff.ts'
export { canonicalText, documentId } from './core/document/kinds.ts'
export { pathText } from './core/document/shape.ts'
export { nearest } from './core/nearest.ts'
export { parseDocuments, type ParsedDocument } from './document/parse.ts'
export { callsOf, NOT_PUBLISHED, pinCalls } from './core/check/flows.ts'
export { check as checkDocument, isPublishable, type CheckContext, type Finding } from './core/check/index.ts'
export { ForbiddenAddressError, isForbidden } from './runtime/guarded-fetch.ts'
export { createEngine } from './runtime/create.ts'
export { steadyClock } from './runtime/steady-clock.ts'
export { lint, readDocuments, type Linted, type LocatedFinding, type ReadDocument } from './document/index.ts'
/** A history that holds up: what `baton verify` does (docs/adr/0011). */
export {
  keepOf,
  publicKeyOf,
  setKeep,
  verifyAudit,
  verifyExport,
  type AuditReport,
  type Fault,
  type Keep,
  type Report,
  type Swept,
} from './store/history/index.ts'
export { backUp, BackupError, type BackupFacts } from './store/history/backup.ts'
export { restore, type Restored } from './store/history/restore.ts'
