import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFlow } from '../core/compile.ts'
import { decodeDocument, type FlowDocument } from '../core/document/kinds.ts'
import type { Directory, Right, Viewer } from '../core/env.ts'
import type { Flow } from '../core/flow.ts'
import type { Actor, TaskState } from '../core/state.ts'
import type { Plugin } from '../plugin/index.ts'
import { createEngine } from '../runtime/create.ts'
import type { Engine, EngineOptions, LaunchRequest, Notice, TaskMessage, TaskView } from '../runtime/engine.ts'
import { createRegistry } from '../runtime/plugin-registry.ts'
import type { Database } from '../store/database.ts'
import { openDatabase } from '../store/open.ts'

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

export interface World {
  readonly engine: Engine
  readonly db: Database
  readonly file: string
  readonly messages: TaskMessage[]
  launch(flow: string, over?: Partial<LaunchRequest>): Promise<TaskView>
  /** Resolves when the task is as wanted. Waits for commits, never for time. */
  until(id: string, holds: (state: Readonly<TaskState>) => boolean): Promise<Readonly<TaskState>>
  /** Resolves when the catalogue has been told a notice of this kind. */
  heard(kind: Notice['kind']): Promise<void>
  /** What a restart does: the engine stops (or, `hard`, is left as if killed), and another begins on the same file. */
  restart(how?: { plugins?: readonly Plugin[]; graceMs?: number }): Promise<World>
  end(): Promise<void>
}
export interface WorldOptions {
  /** Flow specs as JSON, by name. */
  readonly flows: { readonly [name: string]: object }
  readonly plugins: readonly Plugin[]
  readonly folder?: string
  readonly engine?: Partial<EngineOptions>
}

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

/** An engine on a real file, with small plugins of the test. */
export async function world(options: WorldOptions): Promise<World> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'baton-engine-'))
  const file = join(folder, 'baton.db')
  const db = openDatabase(file)
  const messages: TaskMessage[] = []
  const told = new Set<() => void>()
  const engine = createEngine({
    db,
    plugins: options.plugins,
    directory,
    loadFlow: async (_, name) => compile(name, options.flows[name]!, options.plugins),
    loadHost: async (_, name) => Promise.reject(new Error(`no host ${name}`)),
    hostKeySeen: async () => {},
    openSecret: async (_, ref) => `secret-of-${ref}`,
    key: new Uint8Array(32).fill(1),
    baseUrl: 'http://baton.test',
    reachable: async (_, message) => ({ accepted: message.to, unreachable: [] }),
    onMessage(_, message) {
      messages.push(message)
      for (const listener of told) listener()
    },
    log: {
      info() {},
      warn() {},
      error: (o, m) => process.env['DEBUG'] && process.stderr.write(`${m} ${JSON.stringify(o)}\n`),
    },
    ...options.engine,
  })
  await engine.start()
  let launches = 0
  const close = async (graceMs?: number): Promise<void> => {
    await engine.stop(graceMs)
    await db.close()
  }
  return {
    engine,
    db,
    file,
    messages,
    launch: (flow, over) =>
      engine.launch({
        project: 'default',
        key: `k${++launches}`,
        client: 'test',
        rawInput: `${flow} ${launches}`,
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
      }),
    until: (id, holds) => until(engine, id, holds),
    heard: (kind) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!messages.some(({ notices }) => notices.some((notice) => notice.kind === kind))) return
          told.delete(look)
          resolve()
        }
        told.add(look)
        look()
      }),
    async restart({ plugins, graceMs } = {}) {
      await close(graceMs)
      return world({ ...options, folder, ...(plugins && { plugins }) })
    },
    async end() {
      await close(0)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The state once `holds`; fails with what it was instead. */
export async function until(
  engine: Engine,
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
