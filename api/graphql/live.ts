/** Something that may have changed since it was last told. */
export interface Watch {
  /** Ids of what changed; '' when there is only one thing. */
  subscribe(changed: (id: string) => void): () => void
}
export interface Reader {
  subscribe(changed: () => void): () => void
  isThere(): boolean
}
/**
 * Tells the newest of what changed, as fast as the reader reads: whatever changes meanwhile is joined, so nothing is buffered.
 * `first` is told at once, then what `read` says of each changed id; undefined is left out, null ends the stream.
 */
export async function* live<T>(
  watch: Watch,
  first: () => Promise<readonly T[]>,
  read: (id: string) => Promise<T | undefined | null>,
  signal: AbortSignal | undefined,
  /** Whose stream it is: it ends as soon as they are nobody any more, also while nothing changes. */
  reader?: Reader,
): AsyncGenerator<T> {
  const dirty = new Set<string>()
  let wake: () => void = () => undefined
  const stop = watch.subscribe((id) => {
    dirty.add(id)
    wake()
  })
  const end = (): void => wake()
  signal?.addEventListener('abort', end)
  let isGone = false
  const look = (): void => {
    isGone ||= reader?.isThere() === false
    if (isGone) wake()
  }
  const stopReader = reader?.subscribe(look)
  look() // between the request and this line, too
  try {
    for (const value of await first()) {
      if (isGone) return
      yield value
    }
    while (!signal?.aborted && !isGone) {
      const [id] = dirty
      if (id === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
          if (dirty.size > 0 || signal?.aborted || isGone) resolve()
        })
        continue
      }
      dirty.delete(id)
      const value = await read(id)
      if (value === null) return
      if (value !== undefined) yield value
    }
  } finally {
    stop()
    stopReader?.()
    signal?.removeEventListener('abort', end)
  }
}
