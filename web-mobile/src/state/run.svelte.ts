import { ClientError } from '../../../api/client/index.ts'
import type { App } from './app.svelte.ts'

/** One act at a time with its trouble, for the small pages of owners. */
export class Run {
  busy = $state(false)
  trouble = $state<string | null>(null)
  readonly #app: App

  constructor(app: App) {
    this.#app = app
  }

  /** True when it was recorded. */
  async do(work: () => Promise<unknown>): Promise<boolean> {
    this.busy = true
    this.trouble = null
    try {
      await work()
      return true
    } catch (error) {
      this.trouble = error instanceof ClientError ? this.#app.why(error) : this.#app.t.failed.notRecorded
      return false
    } finally {
      this.busy = false
    }
  }
}
