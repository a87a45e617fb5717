/** What was seen last, kept on this device so that a page opens in a tunnel too, always with its age. Signing out empties it. */
export interface LastKnown {
  read<T>(key: string): { readonly at: number; readonly data: T } | null
  write(key: string, at: number, data: unknown): void
  /** When anything of it was seen last, ms since the epoch; 0 when there is nothing. */
  newest(): number
  clear(): void
}

const PREFIX = 'baton.seen.'
const KEPT = 24

export function lastKnownIn(storage: Storage): LastKnown {
  const keys = (): string[] =>
    Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter((key) =>
      key.startsWith(PREFIX),
    )
  const ageOf = (name: string): number => Number(storage.getItem(name)?.match(/^\{"at":(\d+)/)?.[1] ?? 0)
  return {
    read<T>(key: string) {
      const text = storage.getItem(PREFIX + key)
      try {
        return text ? (JSON.parse(text) as { at: number; data: T }) : null // written by us, below
      } catch {
        return null
      }
    },
    write(key, at, data) {
      try {
        storage.setItem(PREFIX + key, JSON.stringify({ at, data }))
        const known = keys()
        if (known.length <= KEPT) return
        const ages = known.map((name) => ({ name, at: ageOf(name) }))
        for (const { name } of ages.sort((a, b) => a.at - b.at).slice(0, known.length - KEPT)) storage.removeItem(name)
      } catch {
        // Full, or private browsing: the page works without.
      }
    },
    newest: () => Math.max(0, ...keys().map(ageOf)),
    clear() {
      for (const key of keys()) storage.removeItem(key)
    },
  }
}
