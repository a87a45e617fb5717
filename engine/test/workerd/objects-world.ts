import { env, listDurableObjectIds, runInDurableObject } from 'cloudflare:test'
import type { Namespace, ObjectState } from 'cloudflare:workers'
import { remoteEngine, type RemoteEngine } from '../../runtime/objects/remote-engine.ts'
import type { CatalogueParts, CatalogueStub } from '../../runtime/objects/catalogue-object.ts'
import type { TaskStub } from '../../runtime/objects/task-object.ts'
import type { Cell, Row } from '../../store/database.ts'
import type { MessagePort } from '../../store/message-port.ts'
import { hearing, KEY, launches, partsOf, until, type World, type WorldOptions } from '../world.ts'
import { makeCurrent } from './current.ts'
import type { Env } from './worker.ts'

/** A world on Workers: each task an object of its own, and the catalogue another. */
export interface ObjectsWorld extends World {
  readonly engine: RemoteEngine
  /** Every object ends as in a crash, and the alarms bring back what has work. */
  crash(): Promise<void>
}
interface ObjectsOptions extends WorldOptions {
  /** Of the catalogue, to come back to it. */
  readonly name?: string
}

/** An object that ended in a crash with work under way comes back after this. */
const WATCH_MS = 100
const RETRY_MS = 20
let worlds = 0

const taskOf = ({ TASKS }: Env, id: string): TaskStub => TASKS.get(TASKS.idFromName(id))
const catalogueOf = ({ CATALOGUES }: Env, name: string): CatalogueStub => CATALOGUES.get(CATALOGUES.idFromName(name))

/** Creating may be repeated, so the call for it may be lost. */
const overBadLine = (task: TaskStub, strike: WorldOptions['strike']): ReturnType<CatalogueParts['task']> =>
  strike
    ? {
        create: (order) => strike(() => task.create(order)),
        look: () => task.look(),
        hear: (letter) => task.hear(letter),
      }
    : task

export async function objectsWorld(options: ObjectsOptions): Promise<ObjectsWorld> {
  const { messages, hear, heard } = hearing()
  const catalogue = options.name ?? `catalogue ${++worlds}`
  const parts = { ...partsOf(options), watchMs: WATCH_MS }
  const port = (from: Env): MessagePort => {
    const plain: MessagePort = { deliver: (batch) => catalogueOf(from, catalogue).apply(batch) }
    return options.engine?.carry?.(plain) ?? plain
  }
  makeCurrent({
    taskParts: (from) => ({ ...parts, port: port(from), task: (id) => taskOf(from, id) }),
    catalogueParts: (from) => ({
      ...parts,
      onMessage: (tx, message) => (hear(message), options.onMessage?.(tx, message)),
      task: (id) => overBadLine(taskOf(from, id), options.strike),
    }),
  })
  const engine = remoteEngine({
    key: KEY,
    loadFlow: parts.loadFlow,
    catalogue: () => catalogueOf(env, catalogue),
    task: (id) => taskOf(env, id),
    retryMs: RETRY_MS,
  })
  const requestOf = launches()
  return {
    engine,
    messages,
    heard,
    launch: (flow, over) => engine.launch(requestOf(flow, over)),
    until: (id, holds) => until(engine, id, holds),
    async stats() {
      const all = await Promise.all((await stubsOf(env.TASKS)).map((stub) => stub.stats()))
      return {
        inMemory: all.reduce((sum, { inMemory }) => sum + inMemory, 0),
        running: all.reduce((sum, { running }) => sum + running, 0),
      }
    },
    async rows(sql, of) {
      const rows: Row[] = []
      if (of !== 'tasks') for (const stub of await stubsOf(env.CATALOGUES)) rows.push(...(await execIn(stub, sql)))
      if (of !== 'catalogue') for (const stub of await stubsOf(env.TASKS)) rows.push(...(await execIn(stub, sql)))
      return rows
    },
    async meddle(where, sql, args) {
      for (const stub of await stubsOf<unknown>(where === 'tasks' ? env.TASKS : env.CATALOGUES))
        await execIn(stub, sql, args)
    },
    crash,
    async restart({ plugins, meanwhile } = {}) {
      // Before the crash, since an alarm may bring an object back at once.
      const next = await objectsWorld({ ...options, name: catalogue, ...(plugins && { plugins }) })
      await crash()
      meanwhile?.()
      await next.engine.taskIdOf({ number: 0 }) // sooner or later somebody asks the catalogue something
      return next
    },
    async end() {
      await crash(true)
      for (const namespace of [env.TASKS, env.CATALOGUES])
        for (const id of await listDurableObjectIds<unknown>(namespace)) past.add(`${id}`)
      makeCurrent(null)
    },
  }
}

/** Each object ends at once, in the middle of whatever it does; `forGood` with all it kept. */
async function crash(forGood = false): Promise<void> {
  for (const stub of [...(await stubsOf(env.TASKS)), ...(await stubsOf(env.CATALOGUES))])
    await stub.crash(forGood).catch(() => {}) // whoever calls hears that it ended
}

/** Objects of worlds that have ended: the platform goes on naming them. */
const past = new Set<string>()
const stubsOf = async <Stub>(namespace: Namespace<Stub>): Promise<Stub[]> =>
  (await listDurableObjectIds(namespace)).filter((id) => !past.has(`${id}`)).map((id) => namespace.get(id))
const execIn = (stub: unknown, sql: string, args: readonly Cell[] = []): Promise<Row[]> =>
  runInDurableObject(stub, (_: unknown, { storage }: ObjectState) =>
    (
      storage.sql
        .exec(sql, ...args)
        .raw()
        .toArray() as Cell[][]
    ).map((row) => [...row]),
  )
