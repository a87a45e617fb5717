import { DurableObject, type Namespace } from 'cloudflare:workers'

/** What wrangler.toml binds. */
export interface Env {
  readonly STORES: Namespace
}

/** A Durable Object with nothing but its storage, for tests of the store. */
export class StoreObject extends DurableObject {
  alarm(): void {}
}

export default { fetch: () => new Response('Baton: the Worker of the tests', { status: 404 }) }
