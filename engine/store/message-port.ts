import type { CatalogueStore } from './catalogue-store.ts'
import type { Tx } from './database.ts'
import type { StoredLetter } from './letters.ts'
import type { TaskMessage } from './message.ts'
import type { Routed } from './routing.ts'

/** The way from tasks to the catalogue: a call in this process, or one to another object. */
export interface MessagePort {
  /**
   * Takes messages of one task, in their order. Resolves once they are applied, now or before; when it rejects nobody can tell,
   * and they are sent again. Whatever lies between may lose, delay, double and reorder them.
   */
  deliver(messages: readonly TaskMessage[]): Promise<void>
}

/** To a catalogue on this very database. `routed` hears of what they left for others, once that is on disk. */
export const portTo = (
  catalogue: CatalogueStore,
  onMessage: (tx: Tx, message: TaskMessage) => void,
  routed: (left: Routed) => void = () => {},
): MessagePort => ({
  deliver: async (messages) => routed(await catalogue.apply(messages, onMessage)),
})

/** The way back, from the catalogue to one task. */
export interface LetterPort {
  /**
   * Resolves once the task has heard the letter, now or before, or is over. A task hears letters in the order of their sequence
   * alone: one that comes early is UNAVAILABLE, and sent again.
   * @throws NOT_FOUND when there is no such task (yet).
   */
  hand(taskId: string, letter: StoredLetter): Promise<void>
}
