/**
 * What the API sees of the engine. Everything else inside is private to it.
 * Main path: `createEngine` (runtime/engine.ts) → `launch`/`command` → core/decide → store/commit → runtime/jobs.
 */
export * from './core/error.ts'
export * from './core/value.ts'
export * from './core/state.ts'
export * from './core/env.ts'
export type * from './core/command.ts'
export type * from './core/flow.ts'
export type { Cell, Database, Row, Statement, Tx } from './store/database.ts'
export { openDatabase } from './store/open.ts'
export { LockedError } from './store/lock.ts'
/** People, documents, chats: repositories over a transaction of `Database`. */
export * as catalogue from './store/catalogue/index.ts'
export type * from './runtime/engine.ts'
export { keysOf, sameText, seal, sign, unseal, type Keys } from './store/seal.ts'
export { compileFlow, variableOf, type CompiledFlow } from './core/compile.ts'
export {
  decodeDocument,
  KINDS,
  type AppDocument,
  type AppSpec,
  type Document,
  type FlowDocument,
  type HostSpec,
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
export { checkValue, isEmpty } from './core/variables/check.ts'
export { parseText } from './core/variables/parse.ts'
export { textOf } from './core/template.ts'
export type { HostAccess, Message, Plugin } from './plugin/index.ts'
export type * from './core/events.ts'
export { createRegistry, type Installed, type PluginRegistry } from './runtime/plugin-registry.ts'
