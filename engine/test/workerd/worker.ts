import { DurableObject, type Namespace, type ObjectState } from 'cloudflare:workers'
import { CatalogueObject, type CatalogueParts, type CatalogueStub } from '../../runtime/objects/catalogue-object.ts'
import { TaskObject, type TaskParts, type TaskStub } from '../../runtime/objects/task-object.ts'
import { current } from './current.ts'

/** What wrangler.toml binds. */
export interface Env {
  readonly STORES: Namespace
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
