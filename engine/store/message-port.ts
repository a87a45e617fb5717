import type { CatalogueStore } from './catalogue-store.ts'
import type { Tx } from './database.ts'
import type { TaskMessage } from './message.ts'

/** The way from tasks to the catalogue: a call in this process, or one to another object. */
export interface MessagePort {
  /**
   * Takes messages of one task, in their order. Resolves once they are applied, now or before; when it rejects nobody can tell,
   * and they are sent again. Whatever lies between may lose, delay, double and reorder them.
   */
  deliver(messages: readonly TaskMessage[]): Promise<void>
}

/** To a catalogue on this very database. */
export const portTo = (catalogue: CatalogueStore, onMessage: (tx: Tx, message: TaskMessage) => void): MessagePort => ({
  deliver: (messages) => catalogue.apply(messages, onMessage),
})
