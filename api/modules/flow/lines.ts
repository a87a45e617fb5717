/** One line of a diff of two texts. `before`, `after`: its number there, from 1; null: it is not there. */
export interface DiffLine {
  readonly sign: 'same' | 'added' | 'removed'
  readonly before: number | null
  readonly after: number | null
  readonly text: string
}
/** Beyond this many changed lines the texts are told as wholly different: nobody reads such a diff. */
const MOST_CHANGES = 1_000

/** The shortest way from one text to the other, line by line (Myers 1986, with the trace kept). */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  const signs = [
    ...a.slice(0, start).map(() => 'same' as const),
    ...signsOf(x, y),
    ...a.slice(a.length - end).map(() => 'same' as const),
  ]
  let [i, j] = [0, 0]
  return signs.map((sign): DiffLine => {
    if (sign === 'added') return { sign, before: null, after: ++j, text: b[j - 1] ?? '' }
    if (sign === 'removed') return { sign, before: ++i, after: null, text: a[i - 1] ?? '' }
    return { sign, before: ++i, after: ++j, text: b[j - 1] ?? '' }
  })
}
const linesOf = (text: string): readonly string[] => {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

type Sign = DiffLine['sign']
function signsOf(a: readonly string[], b: readonly string[]): readonly Sign[] {
  const [n, m] = [a.length, b.length]
  const most = Math.min(n + m, MOST_CHANGES)
  let best = new Map<number, number>([[1, 0]])
  const trace: Map<number, number>[] = []
  for (let d = 0; d <= most; d += 1) {
    trace.push(best)
    const next = new Map(best)
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (best.get(k - 1) ?? -1) < (best.get(k + 1) ?? -1))
      let i = down ? (best.get(k + 1) ?? 0) : (best.get(k - 1) ?? 0) + 1
      while (i < n && i - k < m && a[i] === b[i - k]) i += 1
      next.set(k, i)
      if (i >= n && i - k >= m) return walkBack(trace, n, m)
    }
    best = next
  }
  return [...a.map((): Sign => 'removed'), ...b.map((): Sign => 'added')]
}
function walkBack(trace: readonly ReadonlyMap<number, number>[], n: number, m: number): readonly Sign[] {
  const signs: Sign[] = []
  let [i, j] = [n, m]
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const best = trace[d]!
    const k = i - j
    const down = k === -d || (k !== d && (best.get(k - 1) ?? -1) < (best.get(k + 1) ?? -1))
    const from = down ? k + 1 : k - 1
    const i0 = best.get(from) ?? 0
    const j0 = i0 - from
    while (i > i0 && j > j0 && i > 0 && j > 0) {
      signs.push('same')
      i -= 1
      j -= 1
    }
    if (d > 0) signs.push(down ? 'added' : 'removed')
    ;[i, j] = [i0, j0]
  }
  return signs.reverse()
}

/** Only what changed, with `around` lines of what stands beside it; `null` where lines are left out. */
export function hunksOf(lines: readonly DiffLine[], around = 3): readonly (readonly DiffLine[])[] {
  const near = new Set<number>()
  lines.forEach(({ sign }, at) => {
    if (sign === 'same') return
    for (let other = at - around; other <= at + around; other += 1) near.add(other)
  })
  const hunks: DiffLine[][] = []
  lines.forEach((line, at) => {
    if (!near.has(at)) return
    if (at > 0 && near.has(at - 1)) hunks.at(-1)!.push(line)
    else hunks.push([line])
  })
  return hunks
}
