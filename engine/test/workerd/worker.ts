import { DurableObject, type Namespace, type ObjectState } from 'cloudflare:workers'
import { CatalogueObject, type CatalogueParts, type CatalogueStub } from '../../runtime/objects/catalogue-object.ts'
import { TaskObject, type TaskParts, type TaskStub } from '../../runtime/objects/task-object.ts'
import { sharedAlarms } from '../../runtime/alarm.ts'
import { openObject } from '../../store/durable-object/open.ts'
import { current, rung } from './current.ts'

/** What wrangler.toml binds. */
export interface Env {
  readonly STORES: Namespace
  readonly CLOCKS: Namespace<Pick<Clock, 'add'>>
  readonly TASKS: Namespace<TaskStub & Mortal>
  readonly CATALOGUES: Namespace<CatalogueStub & Mortal>
}

/** What the tests may do to an object. */
interface Mortal {
  /** Ends it at once, in the middle of whatever it does; `forGood` with all it kept. The caller hears an error. */
  crash(forGood: boolean): Promise<never>
}
async function crash(ctx: ObjectState, forGood: boolean): Promise<never> {
  if (forGood) await ctx.storage.deleteAll()
  ctx.abort('Instance disposed by the test') // words that the test's runtime does not report
  return new Promise(() => {})
}

/** A Durable Object with nothing but its storage, for tests of the store. */
export class StoreObject extends DurableObject {
  alarm(): void {}
}
/** Whoever shares the one alarm of an object with its engine: schedules, say. What is due is kept, and looked up at each start. */
export class Clock extends DurableObject<Env> {
  readonly db = openObject(this.ctx.storage, { watchMs: 60_000 })
  readonly shared = sharedAlarms(this.db.alarm.beside, Date.now)
  readonly #alarm = this.shared.alarms(() => this.look(), 60_000)
  constructor(ctx: ObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS dues (at INTEGER)')
    this.look()
  }
  add(at: number): void {
    this.ctx.storage.sql.exec('INSERT INTO dues VALUES (?)', at)
    this.look()
  }
  /** Notes what is due, once each, and is woken for the next. */
  look(): void {
    const { storage, id } = this.ctx
    const listed = (sql: string): number[] => storage.sql.exec(sql, Date.now()).raw().toArray().flat() as number[] // of instants
    const due = storage.transactionSync(() => listed('DELETE FROM dues WHERE at <= ? RETURNING at'))
    rung.set(id.toString(), [...(rung.get(id.toString()) ?? []), ...due.sort((a, b) => a - b)])
    const [next] = listed('SELECT at FROM dues WHERE at > ? ORDER BY at')
    if (next === undefined) this.#alarm.clear()
    else this.#alarm.set(next)
  }
  async alarm(): Promise<void> {
    this.db.alarm.forget()
    try {
      this.shared.ring()
    } finally {
      await this.db.write(() => {}) // arms the next
    }
  }
}
/** Their parts are the test's own: objects and tests share one isolate. */
export class Task extends TaskObject<Env> implements Mortal {
  protected override parts(): TaskParts {
    return current().taskParts(this.env)
  }
  crash(forGood: boolean): Promise<never> {
    return crash(this.ctx, forGood)
  }
}
export class Catalogue extends CatalogueObject<Env> implements Mortal {
  protected override parts(): CatalogueParts {
    return current().catalogueParts(this.env)
  }
  crash(forGood: boolean): Promise<never> {
    return crash(this.ctx, forGood)
  }
}

export default { fetch: () => new Response('Baton: the Worker of the tests', { status: 404 }) }
