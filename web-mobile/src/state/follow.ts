import { ClientError } from '../../../api/client/index.ts'

export interface Following<T> {
  /** Opens the stream: present state first, then the newest. */
  readonly open: (signal: AbortSignal) => AsyncIterable<T>
  readonly onNews: (news: T) => void
  /** The stream is broken and will be tried again. */
  readonly onLost: () => void
  /** The server refused: trying again will not help. */
  readonly onRefused: (refusal: ClientError) => void
  readonly signal: AbortSignal
  /** Resolves when it is worth trying again: after `delayMs`, or at once when the network is back. */
  readonly rest: (delayMs: number, signal: AbortSignal) => Promise<void>
}

/** Worth another try: nobody knows, or the server is busy or starting. */
export const isPassing = (error: unknown): boolean =>
  !(error instanceof ClientError) || ['NETWORK', 'RATE_LIMITED', 'BUSY', 'INTERNAL'].includes(error.code)

/** Keeps one subscription open through tunnels and restarts, with back-off, until `signal` aborts. */
export async function follow<T>({ open, onNews, onLost, onRefused, signal, rest }: Following<T>): Promise<void> {
  let tries = 0
  while (!signal.aborted) {
    try {
      for await (const news of open(signal)) {
        tries = 0
        if (signal.aborted) return
        onNews(news)
      }
    } catch (error) {
      if (signal.aborted) return
      if (!isPassing(error)) return onRefused(error as ClientError) // isPassing is true for everything else
      onLost()
    }
    if (signal.aborted) return
    await rest(Math.min(15_000, 500 * 2 ** tries++), signal)
  }
}
