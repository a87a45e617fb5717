import type { CatalogueStore } from '../../store/catalogue-store.ts'
import type { Database } from '../../store/database.ts'
import type { MessagePort } from '../../store/message-port.ts'

/** The catalogue as a task sees it from its own object: somebody to send messages to, and nothing else. */
export function remoteCatalogue(db: Database, port: MessagePort): CatalogueStore {
  const applied = db.prepare('DELETE FROM outbox WHERE n = ?')
  return {
    async apply(messages) {
      await port.deliver(messages)
      await db.write(() => messages.forEach(({ sequence }) => void applied.run([sequence])))
      return { letters: [], launches: false } // the catalogue sees to them
    },
    pending: () => [],
    taskIdOf: () => null,
    letters: {
      put: elsewhere,
      drop: elsewhere,
      first: () => [],
      all: () => [],
      acknowledge: elsewhere,
      waiting: () => [],
    },
    slots: { position: () => null, holders: () => [], outlook: elsewhere, unmade: () => [] },
    reserve: elsewhere,
    claim: elsewhere,
    unclaim: elsewhere,
    refuseChild: elsewhere,
  }
}
const elsewhere = (): never => {
  throw new Error('expected this to be asked of the catalogue, but it was asked of a task')
}
