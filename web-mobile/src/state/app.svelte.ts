/* eslint svelte/prefer-svelte-reactivity: off -- these are made anew for each change, or are never shown */
import { getContext, setContext } from 'svelte'
import { ClientError, createClient, wholeRoles, type Client } from '../../../api/client/index.ts'
import { signOut } from '../api/mutations.ts'
import { mutesQuery, roleTitlesQuery, viewerQuery, type Mute, type Viewer } from '../api/viewer.ts'
import type { Texts } from '../texts/en.ts'
import { formats } from '../view/format.ts'
import { whoMay } from '../view/refusal.ts'
import { Acts } from './acts.svelte.ts'
import { Connection, watchedFetch } from './connection.svelte.ts'
import type { LastKnown } from './last-known.ts'
import { lastKnownIn } from './last-known.ts'
import { Layout } from './layout.svelte.ts'
import { Live, type LiveSource } from './live.svelte.ts'
import { provingClient } from './passkey.ts'
import { Rings } from './rings.svelte.ts'
import { Router, type Browser } from './router.svelte.ts'
import { tellingClient } from './signed-out.ts'
import type { Post } from './sign-in.svelte.ts'

export type Language = 'en' | 'zh'
export type Theme = 'auto' | 'light' | 'dark'
/** Where the server lets browsers in. */
const DOORS = '/auth'

/** What the page needs of the world; a test passes its own. */
export interface World {
  readonly browser: Browser
  readonly storage: Storage
  readonly session: Storage
  readonly fetch: (request: Request) => Promise<Response>
  readonly url: string
  readonly now: () => number
  readonly loadTexts: (language: Language) => Promise<Texts>
}

/** Everything the pages share. One per page load, handed down by context. */
export class App {
  t = $state.raw() as Texts
  language = $state<Language>('en')
  theme = $state<Theme>('auto')
  /** On this device, which outweighs what the person's account says. */
  choseLanguage = false
  /** Ticks each second, so that ages and elapsed times are true. */
  now = $state(0)
  /** The page is looked at: streams run only then, since a browser has few connections and a phone little battery. */
  visible = $state(true)
  toast = $state<string | null>(null)
  f = $derived.by(() => formats(this.language, this.#zone))
  /** Titles of business roles by name; what is not known yet is shown by its name. */
  roleTitles = $state.raw<Readonly<Record<string, string>>>({})
  /** What the person does not want to be told of. */
  mutes = $state.raw<readonly Mute[]>([])
  /** Signed out here by somebody or something else while the page was open, and who can say why. */
  ended = $state.raw<{ readonly whom: readonly string[] } | null>(null)
  readonly router: Router
  readonly connection: Connection
  readonly layout = new Layout()
  readonly rings = new Rings()
  readonly acts: Acts
  readonly lastKnown: LastKnown
  readonly viewer: Live<Viewer>
  readonly session: Storage
  client: Client
  me = $derived.by(() => this.viewer.value?.person ?? null)
  /** Who reads whatever an act changed. */
  readonly #readers = new Set<() => void>()
  readonly #world: World
  #zone = $derived.by(() => zoneOf(this.viewer.value?.person?.timeZone ?? null))

  constructor(world: World, texts: Texts, start: { language: Language; theme: Theme; chosen: boolean }) {
    this.#world = world
    this.t = texts
    this.language = start.language
    this.theme = start.theme
    this.choseLanguage = start.chosen
    this.now = world.now()
    this.session = world.session
    this.router = new Router(world.browser)
    this.lastKnown = lastKnownIn(world.storage)
    this.connection = new Connection(world.now, this.lastKnown.newest())
    this.client = this.#newClient()
    this.acts = new Acts(
      () => this.client,
      world.storage,
      () => this.#readers.forEach((read) => read()),
    )
    this.viewer = this.live({ key: 'viewer', load: async () => (await this.client.query(viewerQuery)).viewer })
  }

  live<T>(source: LiveSource<T>): Live<T> {
    return new Live({ connection: this.connection, lastKnown: this.lastKnown, now: this.#world.now }, source)
  }

  /** Reads again after each act, until the returned function is called. */
  onAct(read: () => void): () => void {
    this.#readers.add(read)
    return () => this.#readers.delete(read)
  }

  async readRoleTitles(): Promise<void> {
    await wholeRoles((after) => this.client.query(roleTitlesQuery, after)).then(
      ({ roles, groups }) =>
        (this.roleTitles = Object.fromEntries([
          ...roles.map(({ name, title }) => [name, title]),
          ...groups.map(({ name, title }) => [`group:${name}`, title]),
        ])),
      () => undefined, // their names stand in
    )
  }

  async readMutes(): Promise<void> {
    await this.client.query(mutesQuery).then(
      ({ viewer }) => (this.mutes = viewer.alerts?.mutes ?? []),
      () => undefined, // what was known stays
    )
  }

  tick(): void {
    this.now = this.#world.now()
  }

  /** The person chose a language here. */
  async speak(language: Language): Promise<void> {
    this.choseLanguage = true
    this.#world.storage.setItem('baton.language', language)
    await this.follow(language)
  }

  /** The language the person chose elsewhere. What is shown is read again: the server words much of it. */
  async follow(language: Language): Promise<void> {
    if (language === this.language) return
    this.t = await this.#world.loadTexts(language)
    this.language = language
    this.client = this.#newClient()
    for (const read of this.#readers) read()
  }

  /** To the server's doors for browsers, where a session begins. */
  readonly post: Post = (door, body) =>
    this.#world.fetch(
      new Request(new URL(`${DOORS}/${door}`, this.#world.url), {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'content-type': 'application/json', 'accept-language': this.language === 'zh' ? 'zh-Hans' : 'en' },
        body: JSON.stringify(body),
      }),
    )

  /** A file from one of the server's plain doors. @throws ClientError */
  async file(path: string, body: unknown): Promise<Blob> {
    const headers = { 'content-type': 'application/json', 'x-baton-surface': 'phone' }
    const url = new URL(path, this.#world.url)
    const answer = await this.#world.fetch(
      new Request(url, { method: 'POST', credentials: 'same-origin', headers, body: JSON.stringify(body) }),
    )
    if (answer.ok) return answer.blob()
    const said = (await answer.json().catch(() => null)) as {
      readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
    } | null // in GraphQL's shape, like every refusal
    const [error] = said?.errors ?? []
    throw new ClientError(error?.extensions?.code ?? 'INTERNAL', error?.message ?? this.t.failed.notRecorded)
  }

  paint(theme: Theme): void {
    this.theme = theme
    this.#world.storage.setItem('baton.theme', theme)
  }

  say(text: string): void {
    this.toast = text
  }

  /** Whether anybody answers; what is heard is told to the connection. */
  async knock(): Promise<void> {
    const call = watchedFetch(this.connection, this.#world.fetch)
    await call(new Request(new URL('/healthz', this.#world.url))).catch(() => undefined)
  }

  async signOut(): Promise<void> {
    await this.client.query(signOut)
    this.forgetDevice()
  }

  forgetDevice(): void {
    this.lastKnown.clear()
    this.acts.clear()
    this.#world.session.clear()
    this.viewer.value = null
    this.ended = null // by themselves
  }

  /** A refusal as people read it: what is, then what to do. */
  why(refusal: ClientError): string {
    if (
      refusal.code === 'NETWORK' ||
      refusal.code === 'INTERNAL' ||
      refusal.code === 'RATE_LIMITED' ||
      refusal.code === 'BUSY'
    ) {
      return refusal.code === 'BUSY' && refusal.message ? refusal.message : this.t.failed.notRecorded
    }
    return refusal.message
  }

  #newClient(): Client {
    const client = createClient({
      url: this.#world.url,
      surface: 'phone',
      language: this.language === 'zh' ? 'zh-Hans' : 'en',
      timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      fetch: watchedFetch(this.connection, this.#world.fetch),
    })
    // Whoever is nobody any more is asked to sign in at once, not at their next tap.
    const signedOut = (refusal: ClientError): void => {
      if (!this.viewer.value?.person) return
      this.ended = { whom: whoMay(refusal) }
      void this.viewer.read()
    }
    return tellingClient(provingClient(client), signedOut)
  }
}

/** A zone this browser knows, else its own. */
function zoneOf(zone: string | null): string | undefined {
  if (!zone) return undefined
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch {
    return undefined
  }
}

const KEY = Symbol('app')
export const giveApp = (app: App): App => setContext(KEY, app)
export const useApp = (): App => getContext<App>(KEY)
