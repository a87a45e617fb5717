import { peopleToChooseQuery } from '../api/people.ts'
import type { App } from './app.svelte.ts'

/** One to pick; the note tells those of the same name apart. */
export interface PersonChoice {
  readonly value: string
  readonly title: string
  readonly note: string | null
}

/**
 * People to choose from: the first ones, then those that a search finds, since there may be thousands. Whoever was seen once keeps their
 * name, so that those chosen stay on the list when it changes.
 */
export class PeopleToChoose {
  #found = $state.raw<readonly PersonChoice[]>([])
  #seen = $state.raw<{ readonly [id: string]: PersonChoice }>({})
  #asked = 0
  readonly #app: App

  constructor(app: App) {
    this.#app = app
  }

  /** Answers that come after a later question are dropped. */
  search = async (text = ''): Promise<void> => {
    const turn = ++this.#asked
    const answer = await this.#app.client.query(peopleToChooseQuery, { search: text.trim() || null }).catch(() => null)
    if (answer === null || turn !== this.#asked) return // it can be asked again, and what is there stays
    this.#found = answer.people.nodes
      .filter(({ kind, active }) => kind === 'person' && active)
      .map(({ id, name, email }) => ({ value: id, title: name, note: email }))
    this.#seen = { ...this.#seen, ...Object.fromEntries(this.#found.map((one) => [one.value, one])) }
  }

  /** With those chosen, whatever was searched for since. */
  options(chosen: readonly unknown[]): readonly PersonChoice[] {
    const kept = chosen.flatMap((id) => this.#seen[String(id)] ?? [])
    return [...kept.filter((one) => this.#found.every(({ value }) => value !== one.value)), ...this.#found]
  }
  nameOf(id: unknown): string | null {
    return this.#seen[String(id)]?.title ?? null
  }
}
