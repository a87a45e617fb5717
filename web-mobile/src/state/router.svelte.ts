/* eslint svelte/prefer-svelte-reactivity: off -- these are made anew for each change, or are never shown */
/** Where the page is. Sheets live in the query (`?sheet=stop`), so that the back button closes them and a link opens them. */
export interface Place {
  readonly path: string
  readonly query: URLSearchParams
  readonly fragment: string
}
/** What the router needs of a browser; a test passes its own. */
export interface Browser {
  readonly location: { readonly pathname: string; readonly search: string; readonly hash: string }
  readonly history: Pick<History, 'pushState' | 'replaceState' | 'back' | 'state'>
  addEventListener(kind: 'popstate', listener: () => void): void
}

export class Router {
  place = $state.raw<Place>({ path: '/', query: new URLSearchParams(), fragment: '' })
  /** Grows with every move to another path, so that focus can follow. */
  moves = $state(0)
  sheet = $derived(this.place.query.get('sheet'))
  readonly #browser: Browser
  /** What takes the place of the entry that going back leads to. */
  #instead: string | null = null

  constructor(browser: Browser) {
    this.#browser = browser
    this.#read()
    browser.addEventListener('popstate', () => {
      const to = this.#instead
      this.#instead = null
      if (to === null) this.#read()
      else this.go(to, { replace: true })
    })
  }

  go(to: string, options: { replace?: boolean } = {}): void {
    if (options.replace) this.#browser.history.replaceState(this.#browser.history.state, '', to)
    else this.#browser.history.pushState({ ours: true }, '', to)
    this.#read()
  }

  /** Changes the query alone; null takes a key out. */
  set(changes: Readonly<Record<string, string | null>>, options: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(this.place.query)
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) query.delete(key)
      else query.set(key, value)
    }
    const text = query.toString()
    this.go(this.place.path + (text ? `?${text}` : '') + this.place.fragment, options)
  }

  open(sheet: string): void {
    this.set({ sheet })
  }

  /** Undoes the step that opened the sheet, so that back does not open it again. Came by link: there is no such step. */
  close(): void {
    if (this.sheet === null) return
    if ((this.#browser.history.state as { ours?: boolean } | null)?.ours) this.#browser.history.back()
    else this.set({ sheet: null }, { replace: true })
  }

  /** One page up: back where this visit came from, else `home`. */
  up(home: string): void {
    if ((this.#browser.history.state as { ours?: boolean } | null)?.ours) this.#browser.history.back()
    else this.go(home, { replace: true })
  }

  /** Goes on in place of this entry and of the one that opened it, so that back leads to neither. */
  goPast(to: string): void {
    if (this.#instead !== null) return // a second tap while the first is on its way
    if (!(this.#browser.history.state as { ours?: boolean } | null)?.ours) return this.go(to, { replace: true })
    this.#instead = to
    this.#browser.history.back()
  }

  /** Takes the fragment out of the address, since it may hold a code or answers. */
  dropFragment(): void {
    this.go(this.place.path + (this.place.query.size > 0 ? `?${this.place.query}` : ''), { replace: true })
  }

  #read(): void {
    const { pathname, search, hash } = this.#browser.location
    if (pathname !== this.place.path) this.moves++
    this.place = { path: pathname, query: new URLSearchParams(search), fragment: hash }
  }
}
