const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/y
/** 100 years: longer ones are typing errors, and timers must stay within what a date can hold. */
const LONGEST_MS = 100 * 366 * 86_400_000

/** Milliseconds of a duration such as `10s`, `1h30m`, `2d`; null when it is none. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  let total = 0
  PART.lastIndex = 0
  while (PART.lastIndex < trimmed.length) {
    const part = PART.exec(trimmed)
    if (part === null) return null
    total += Number(part[1]) * (UNITS[part[2] ?? ''] ?? NaN)
  }
  return Number.isFinite(total) && total <= LONGEST_MS ? Math.round(total) : null
}

/** `5400000` → `1h30m`: the shortest text that parses back to the same. */
export function formatDuration(ms: number): string {
  if (ms <= 0) return '0s'
  const parts: string[] = []
  let rest = Math.round(ms)
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return parts.join('')
}
