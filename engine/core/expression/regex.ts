import { RE2JS } from 're2js'

/** A pattern of an author, matched in time linear in the text, whatever it is (RE2 syntax: no back-references, no look-around). */
export interface Pattern {
  readonly test: (text: string) => boolean
}
const MAX_PATTERN = 1000
const MAX_PROGRAM = 5000
const MAX_TEXT = 100_000

/** @returns the pattern, or why it cannot be one. */
export function compilePattern(source: string): Pattern | string {
  if (source.length > MAX_PATTERN) return `a pattern may have up to ${MAX_PATTERN} characters`
  try {
    const compiled = RE2JS.compile(source)
    // `(a{1000}){1000}` is short to write and large to run: its size counts, not its text.
    if (compiled.programSize() > MAX_PROGRAM) return 'it is too large once its repetitions are written out'
    return {
      test: (text) => {
        if (text.length > MAX_TEXT) throw new Error(`a text to match may have up to ${MAX_TEXT} characters`)
        return compiled.matcher(text).find()
      },
    }
  } catch (error) {
    return reason(error)
  }
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  if (/\(\?[=!<]/.test(text)) return 'look-ahead and look-behind are not supported (RE2 syntax)'
  if (/\\[1-9k]/.test(text)) return 'back-references are not supported (RE2 syntax)'
  return text.replace(/^error parsing regexp: /, '')
}

/** Compiles each pattern once. Bounded, since patterns of `matches()` may be computed. */
export function patternCache(limit = 500): (source: string) => Pattern | string {
  const known = new Map<string, Pattern | string>()
  return (source) => {
    let found = known.get(source)
    if (found === undefined) {
      if (known.size >= limit) known.clear()
      known.set(source, (found = compilePattern(source)))
    }
    return found
  }
}
