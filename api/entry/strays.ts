import type { Log } from '../log.ts'

/**
 * What is thrown where nobody can catch it (in a timer a plugin left behind, in a promise it did not wait for) would end the process,
 * and with it every step that cannot be repeated. Nothing that was acknowledged depends on such a stray: it is told, and Baton goes on.
 * Returns how to stop listening.
 */
export function containStrays(log: Log): () => void {
  const rejected = (reason: unknown): void =>
    log.error({ err: reason }, 'a promise failed and nobody waited for it: a mistake of a plugin, or of Baton')
  const thrown = (error: unknown): void =>
    log.error({ err: error }, 'something was thrown where nobody could catch it: a mistake of a plugin, or of Baton')
  process.on('unhandledRejection', rejected)
  process.on('uncaughtException', thrown)
  return () => {
    process.off('unhandledRejection', rejected)
    process.off('uncaughtException', thrown)
  }
}
