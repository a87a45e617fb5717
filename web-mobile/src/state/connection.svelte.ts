/* eslint svelte/prefer-svelte-reactivity: off -- these are made anew for each change, or are never shown */
/** Whether the server can be reached, as far as the last calls and the browser know. */
export class Connection {
  online = $state(true)
  /** When the server last answered anything, ms since the epoch. */
  heardAt = $state(0)
  #losses = 0
  readonly #now: () => number
  readonly #waiting = new Set<() => void>()

  constructor(now: () => number, heardAt = 0) {
    this.#now = now
    this.heardAt = heardAt
  }

  /** How often it was lost: what asks notes it, and hands it to `heard`. */
  get losses(): number {
    return this.#losses
  }

  /** An answer to what was asked before the last loss may have been on its way already: it does not say that anybody is back. */
  heard(asked: number): void {
    this.heardAt = this.#now()
    if (!this.online && asked === this.#losses) this.back()
  }

  lost(): void {
    if (this.online) this.#losses++
    this.online = false
  }

  /** The network may be back: whoever rests tries now. */
  back(): void {
    this.online = true
    for (const wake of [...this.#waiting]) wake()
  }

  rest(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, delayMs)
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}

/**
 * A fetch that tells the connection what it sees, and breaks a stream that went silent:
 * the server beats every 15 s, so 40 s without a byte means that nothing will come (a tunnel, a sleeping phone).
 */
export function watchedFetch(
  connection: Connection,
  inner: (request: Request) => Promise<Response>,
  silenceMs = 40_000,
) {
  return async (request: Request): Promise<Response> => {
    const asked = connection.losses
    let response: Response
    try {
      response = await inner(request)
    } catch (error) {
      if (!request.signal.aborted) connection.lost()
      throw error
    }
    // A gateway without its server behind it is as good as no network.
    if (response.status >= 502 && response.status <= 504) connection.lost()
    else connection.heard(asked)
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) return response
    return new Response(
      watch(response.body, () => connection.heard(asked), silenceMs),
      response,
    )
  }
}

function watch(body: ReadableStream<Uint8Array>, heard: () => void, silenceMs: number): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream({
    async pull(controller) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const silence = new Promise<never>((_, refuse) => {
        timer = setTimeout(() => refuse(new TypeError('the stream went silent')), silenceMs)
      })
      try {
        const { done, value } = await Promise.race([reader.read(), silence])
        if (done) return controller.close()
        heard()
        controller.enqueue(value)
      } catch (error) {
        await reader.cancel().catch(() => undefined)
        controller.error(error)
      } finally {
        clearTimeout(timer)
      }
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
