/** As many as the API gives at once of a list without a connection. */
const AT_ONCE = 100

/** A whole list, piece by piece: `after` is what the last one of the piece before is called. */
export async function whole<T>(
  ask: (piece: { readonly first: number; readonly after?: string }) => Promise<readonly T[]>,
  keyOf: (item: T) => string,
): Promise<T[]> {
  const all: T[] = []
  for (;;) {
    const last = all.at(-1)
    const piece = await ask({ first: AT_ONCE, ...(last !== undefined && { after: keyOf(last) }) })
    all.push(...piece)
    if (piece.length < AT_ONCE) return all
  }
}
