import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '../runtime/create.ts'
import type { Engine } from '../runtime/engine.ts'
import type { Database } from '../store/database.ts'
import { openDatabase, type OpenOptions } from '../store/open.ts'
import {
  hearing,
  launches,
  partsOf,
  until,
  type Restart,
  type World as AnyWorld,
  type WorldOptions as AnyOptions,
} from './world.ts'

export { compile, isFinal, li, viewerOf, wu } from './world.ts'

/** A world on Node: one engine on a real file. */
export interface World extends AnyWorld {
  readonly engine: Engine
  readonly db: Database
  readonly file: string
  restart(how?: Restart): Promise<World>
}
export interface WorldOptions extends AnyOptions {
  readonly folder?: string
  readonly open?: OpenOptions
}

/** An engine on a real file, with small plugins of the test. */
export async function world(options: WorldOptions): Promise<World> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'baton-engine-'))
  const file = join(folder, 'baton.db')
  const db = openDatabase(file, options.open)
  const { messages, hear, heard } = hearing()
  const engine = createEngine({
    db,
    onMessage: (tx, message) => (hear(message), options.onMessage?.(tx, message)),
    ...partsOf(options),
  })
  await engine.start()
  const requestOf = launches()
  const close = async (graceMs?: number): Promise<void> => {
    await engine.stop(graceMs)
    await db.close()
  }
  return {
    engine,
    db,
    file,
    messages,
    heard,
    launch: (flow, over) => engine.launch(requestOf(flow, over)),
    until: (id, holds) => until(engine, id, holds),
    stats: async () => engine.stats(),
    rows: async (sql) => db.prepare(sql).all(),
    meddle: (_, sql, args) => db.write(() => void db.prepare(sql).run(args)),
    async restart({ plugins, graceMs, meanwhile } = {}) {
      await close(graceMs)
      meanwhile?.()
      return world({ ...options, folder, ...(plugins && { plugins }) })
    },
    async end() {
      await close(0)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
