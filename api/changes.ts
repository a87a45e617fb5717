/** Which tasks have just changed, for those who watch many. A hint: what is true is read afresh. */
export interface Changes {
  publish(taskId: string): void
  subscribe(listener: (taskId: string) => void): () => void
}
export function createChanges(): Changes {
  const listeners = new Set<(taskId: string) => void>()
  return {
    publish: (taskId) => {
      for (const listener of [...listeners]) listener(taskId)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
