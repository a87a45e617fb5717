/**
 * Tells that what people may do has changed (suspended, another role or group, a session or token ended), so that whatever lasts is
 * judged anew at once: subscriptions, open cards, work that has not begun. A hint, told after the commit: what is true is read afresh.
 */
export interface Access {
  /** Null: nobody in particular, as when a Role document changed; everybody is judged anew. */
  changed(people: readonly string[] | null): void
  subscribe(listener: (people: ReadonlySet<string> | null) => void): () => void
}
export function createAccess(): Access {
  const listeners = new Set<(people: ReadonlySet<string> | null) => void>()
  return {
    changed: (people) => {
      const whose = people === null ? null : new Set(people)
      for (const listener of [...listeners]) listener(whose)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
