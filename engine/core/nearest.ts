/** Edits between two words, or `limit + 1` as soon as it is clear that there are more. Damerau: two letters swapped are one edit. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1)
      row.push(best)
    }
    if (Math.min(...row) > limit) return limit + 1
    before = previous
    previous = row
  }
  return previous[b.length] ?? limit + 1
}

const lettersOf = (word: string): string => [...word.toLowerCase()].sort().join('')

/** The known word somebody most likely meant, or null when none is near. Case does not count. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const wanted = word.toLowerCase()
  const letters = lettersOf(word)
  const limit = word.length <= 4 ? 1 : word.length <= 8 ? 2 : 3
  let best: string | null = null
  let least = limit + 1
  for (const candidate of known) {
    // The same letters in another order (`whit`) are one slip, however far apart they got.
    const edits =
      lettersOf(candidate) === letters ? Math.min(1, limit) : distance(wanted, candidate.toLowerCase(), limit)
    if (candidate !== word && edits < least) [best, least] = [candidate, edits]
  }
  if (best !== null) return best
  // "retries" for "retry", "host" for "hosts_all": one begins with the other.
  if (wanted.length < 3) return null
  for (const candidate of known) {
    const other = candidate.toLowerCase()
    if (other.length >= 3 && (other.startsWith(wanted) || wanted.startsWith(other))) return candidate
  }
  return null
}
