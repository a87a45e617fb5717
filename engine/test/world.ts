import { compileFlow } from '../core/compile.ts'
import { decodeDocument, type FlowDocument } from '../core/document/kinds.ts'
import type { Directory, Right, Viewer } from '../core/env.ts'
import type { Flow } from '../core/flow.ts'
import type { Actor, TaskState } from '../core/state.ts'
import type { Plugin } from '../plugin/index.ts'
import type { Engine, EngineOptions, LaunchRequest, Notice, TaskMessage, TaskView } from '../runtime/engine.ts'
import type { RemoteEngine } from '../runtime/objects/remote-engine.ts'
import { createRegistry } from '../runtime/plugin-registry.ts'
import type { Cell, Row } from '../store/database.ts'
import { eventually } from './eventually.ts'

export const li: Actor = { person: 'p-li', name: 'Li', surface: 'phone' }
export const wu: Actor = { person: 'p-wu', name: 'Wu', surface: 'slack' }
const RIGHTS: readonly Right[] = [
  'view',
  'launch',
  'operate',
  'operate-inputs',
  'override-approval',
  'reassign-ask',
  'author',
]
export const viewerOf = (actor: Actor): Viewer => ({
  actor,
  rights: new Set(RIGHTS),
  app: { launch: true, see: true, operate: true },
})

/** Two people: Li starts, Wu is QA. */
const directory: Directory = {
  people: (ref, starter) =>
    ref === 'starter'
      ? [{ id: starter.person ?? '', name: starter.name }]
      : ref === 'role:qa' || ref === 'Wu'
        ? [{ id: 'p-wu', name: 'Wu' }]
        : [],
  title: (ref) => ref,
  constants: () => ({}),
  hosts: (ref) => [ref],
}

/** An engine and what it has said, wherever it runs: a scenario is written against this alone. */
export interface World {
  /** On Workers some answers come as promises: `await` whatever is asked. */
  readonly engine: Engine | RemoteEngine
  /** What the catalogue has been told since the last start. */
  readonly messages: readonly TaskMessage[]
  launch(flow: string, over?: Partial<LaunchRequest>): Promise<TaskView>
  /** Resolves when the task is as wanted. Waits for commits, never for time. */
  until(id: string, holds: (state: Readonly<TaskState>) => boolean): Promise<Readonly<TaskState>>
  /** Resolves when the catalogue has been told a notice of this kind. */
  heard(kind: Notice['kind']): Promise<void>
  stats(): Promise<{ readonly inMemory: number; readonly running: number }>
  /** Rows of every database there is, one after another; or of one kind of them, where they differ. */
  rows(sql: string, of?: 'catalogue' | 'tasks'): Promise<Row[]>
  /** A change behind the back of the catalogue, or of every task. */
  meddle(where: 'catalogue' | 'tasks', sql: string, args?: readonly Cell[]): Promise<void>
  /** The engine goes away and comes back on what is on disk: on Node with a shutdown, on Workers without a word. */
  restart(how?: Restart): Promise<World>
  end(): Promise<void>
}
export interface Restart {
  readonly plugins?: readonly Plugin[]
  /** How long a shutdown may take. */
  readonly graceMs?: number
  /** What happens while nothing runs. */
  readonly meanwhile?: () => void
}
export interface WorldOptions {
  /** Flow specs as JSON, by name. */
  readonly flows: { readonly [name: string]: object }
  readonly plugins: readonly Plugin[]
  readonly engine?: Partial<EngineOptions>
  /** Inside the catalogue's transaction, for each message it applies. */
  readonly onMessage?: EngineOptions['onMessage']
  /** Around the calls by which a launch goes from the catalogue's object to the task's, where there are such. */
  readonly strike?: <T>(call: () => Promise<T>) => Promise<T>
}
export type MakeWorld = (options: WorldOptions) => Promise<World>

export function compile(name: string, spec: object, plugins: readonly Plugin[]): Flow {
  const document = decodeDocument({
    apiVersion: 'baton/v1',
    kind: 'Flow',
    metadata: { name, project: 'default', title: name },
    spec,
  })
  if (!('document' in document)) throw new Error(JSON.stringify(document))
  return compileFlow(document.document as FlowDocument, createRegistry(plugins), 1, `digest-${name}`)
}

/** What every engine of the tests is made of, but for its database and whom its messages go to. */
export const partsOf = (options: WorldOptions): Omit<EngineOptions, 'db' | 'onMessage'> => ({
  plugins: options.plugins,
  directory,
  loadFlow: async (_, name) => compile(name, options.flows[name]!, options.plugins),
  currentVersion: async (_, name) => (options.flows[name] ? 1 : null),
  loadHost: async (_, name) => Promise.reject(new Error(`no host ${name}`)),
  hostKeySeen: async () => {},
  openSecret: async (_, ref) => `secret-of-${ref}`,
  key: KEY,
  baseUrl: 'http://baton.test',
  reachable: async (_, message) => ({ accepted: message.to, unreachable: [] }),
  log: {
    info() {},
    warn() {},
    error: (o, m) => process.env['DEBUG'] && process.stderr.write(`${m} ${JSON.stringify(o)}\n`),
  },
  ...options.engine,
})
export const KEY = new Uint8Array(32).fill(1)

/** Launches of a world, each with a key of its own. */
export function launches(): (flow: string, over?: Partial<LaunchRequest>) => LaunchRequest {
  let count = 0
  return (flow, over) => ({
    project: 'default',
    key: `k${++count}`,
    client: 'test',
    rawInput: `${flow} ${count}`,
    flow: { name: flow, version: 1 },
    app: null,
    title: flow,
    variables: {},
    secrets: {},
    launched: Object.keys(over?.variables ?? {}),
    omit: [],
    scheme: null,
    origin: null,
    rehearsal: false,
    startNow: true,
    startAt: null,
    by: li,
    ...over,
  })
}

/** What the catalogue hears, and who waits for it. */
export function hearing(): { messages: TaskMessage[]; hear(message: TaskMessage): void } & Pick<World, 'heard'> {
  const messages: TaskMessage[] = []
  return {
    messages,
    hear: (message) => void messages.push(message),
    heard: (kind) => eventually(() => messages.some(({ notices }) => notices.some((notice) => notice.kind === kind))),
  }
}

/** The state once `holds`; fails with what it was instead. */
export async function until(
  engine: Pick<Engine, 'onTask' | 'task'>,
  id: string,
  holds: (state: Readonly<TaskState>) => boolean,
): Promise<Readonly<TaskState>> {
  let last: Readonly<TaskState> | null = null
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => {
      stop()
      reject(
        new Error(
          `waited in vain; the task is ${last?.phase}: ${JSON.stringify([...(last?.nodes.values() ?? [])].map(({ id: node, state, attempt, error }) => ({ node, state, attempt, error })))}`,
        ),
      )
    }, 8_000)
    const look = ({ state }: TaskView): void => {
      last = state
      if (!holds(state)) return
      clearTimeout(timeout)
      stop()
      resolve(state)
    }
    const stop = engine.onTask(id, look)
    void engine.task(id).then((view) => view && look(view), reject)
  })
}
export const isFinal = (state: Readonly<TaskState>): boolean => state.stage === 'final'
