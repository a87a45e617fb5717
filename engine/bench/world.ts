import '../runtime/node-heap.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFlow } from '../core/compile.ts'
import { decodeDocument, type FlowDocument } from '../core/document/kinds.ts'
import type { Flow } from '../core/flow.ts'
import type { Actor } from '../core/state.ts'
import { definePlugin, done, pollAfter, z } from '../plugin/index.ts'
import { createEngine } from '../runtime/create.ts'
import type { Engine, LaunchRequest } from '../runtime/engine.ts'
import { createRegistry } from '../runtime/plugin-registry.ts'
import type { Database } from '../store/database.ts'
import { openDatabase, type OpenOptions } from '../store/open.ts'

/** The plugin every workload runs: it does nothing, and notes when. */
const noop = (onRun?: (taskId: string) => void) =>
  definePlugin({
    code: 'noop',
    version: '1.0.0',
    title: 'Nothing',
    inputs: z.object({}),
    outputs: z.object({}),
    repeat: () => true,
    execute(ctx) {
      onRun?.(ctx.task.id)
      return DONE
    },
  })
const DONE = Promise.resolve(done({}))
/** Ends at its first poll, which it wants at once. */
const polled = () =>
  definePlugin({
    code: 'polled',
    version: '1.0.0',
    title: 'Nothing, at the second look',
    inputs: z.object({}),
    outputs: z.object({}),
    repeat: () => true,
    execute: async () => pollAfter(0, null),
    poll: () => DONE,
  })

export const starter: Actor = { person: 'p1', name: 'Bench', surface: 'api' }

/** A flow of JSON, as a document would give it. */
export function flowOf(name: string, spec: object): Flow {
  const decoded = decodeDocument({
    apiVersion: 'baton/v1',
    kind: 'Flow',
    metadata: { name, project: 'default', title: name },
    spec,
  })
  if (!('document' in decoded)) throw new Error(JSON.stringify(decoded))
  return compileFlow(decoded.document as FlowDocument, createRegistry([noop(), polled()]), 1, `digest-of-${name}`)
}
export const sequence = (nodes: number): object => ({
  nodes: Object.fromEntries(Array.from({ length: nodes }, (_, i) => [`n${i + 1}`, { use: 'noop@1' }])),
})

export interface BenchEngine {
  readonly engine: Engine
  readonly db: Database
  readonly file: string
  launch(flow: string, index: number): Promise<string>
  close(): Promise<void>
}
export interface BenchOptions {
  readonly flows: readonly Flow[]
  readonly onRun?: (taskId: string) => void
  readonly onEnd?: (taskId: string) => void
  readonly onPhase?: (taskId: string, phase: string) => void
  readonly file?: string
  readonly connect?: OpenOptions['connect']
}

/** The engine by its public entry, on a file with the durability of production. */
export async function bench(options: BenchOptions): Promise<BenchEngine> {
  const file = options.file ?? join(mkdtempSync(join(tmpdir(), 'baton-bench-')), 'baton.db')
  const db = openDatabase(file, options.connect && { connect: options.connect })
  const flows = new Map(options.flows.map((flow) => [flow.name, flow]))
  const engine = createEngine({
    db,
    plugins: [noop(options.onRun), polled()],
    directory: {
      people: () => [{ id: 'p1', name: 'Bench' }],
      title: (ref) => ref,
      constants: () => ({}),
      hosts: () => [],
    },
    loadFlow: async (_, name) => flows.get(name)!,
    loadHost: async () => Promise.reject(new Error('no hosts here')),
    hostKeySeen: async () => {},
    openSecret: async () => '',
    key: new Uint8Array(32),
    baseUrl: 'http://localhost',
    reachable: async () => ({ accepted: [], unreachable: [] }),
    onMessage: () => {},
    onChange(state) {
      options.onPhase?.(state.id, state.phase)
      if (state.stage === 'final') options.onEnd?.(state.id)
    },
    log: { info() {}, warn() {}, error: (o, m) => console.error(m, o) },
  })
  await engine.start()
  return {
    engine,
    db,
    file,
    async launch(flow, index) {
      const request: LaunchRequest = {
        project: 'default',
        key: `key-${index}`,
        client: 'bench',
        rawInput: `${index}`,
        flow: { name: flow, version: 1 },
        app: null,
        title: `Bench ${index}`,
        variables: {},
        secrets: {},
        launched: [],
        omit: [],
        scheme: null,
        origin: null,
        rehearsal: false,
        startNow: true,
        startAt: null,
        by: starter,
      }
      return (await engine.launch(request)).state.id
    },
    async close() {
      await engine.stop(0)
      await db.close()
    },
  }
}
export const remove = (file: string): void => rmSync(join(file, '..'), { recursive: true, force: true })
