import type { Pattern } from '../expression/regex.ts'

/** Small slips in values that have a form, likeliest first. */
const SLIPS: readonly ((text: string) => string)[] = [
  (text) => text.trim(),
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
  (text) => `v${text}`,
  (text) => text.replace(/^v/i, ''),
  (text) => `${text}.0`,
  (text) => `v${text}.0`,
  (text) => `v${text}.0.0`,
  (text) => `${text}.0.0`,
  (text) => text.replace(/^V/, 'v'),
  (text) => text.replaceAll(/\s+/g, ''),
  (text) =>
    text
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_]+/g, '-'),
  (text) => text.replaceAll('_', '-'),
  (text) => text.replaceAll('-', '_'),
  (text) => text.replaceAll(',', '.'),
  (text) => `#${text}`,
  (text) => text.replace(/^#/, ''),
  (text) => `https://${text}`,
  (text) => text.replace(/\/+$/, ''),
]

/** What somebody who typed `text` most likely meant, when it is plain: `2.14` → `v2.14.0`. Null rather than a guess. */
export function fixFor(text: string, pattern: Pattern): string | null {
  if (text.length > 200) return null
  for (const slip of SLIPS) {
    const fixed = slip(text)
    if (fixed !== text && pattern.test(fixed)) return fixed
  }
  return null
}
