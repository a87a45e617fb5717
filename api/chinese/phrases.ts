/** A sentence the engine words in English, and how to say it in Chinese with the names that are in it. */
export type Phrase = readonly [pattern: RegExp, say: (...names: string[]) => string]

/** What the engine said, in Chinese; null: there is no phrase for it, and it is told as it was said. */
export function inChinese(phrases: readonly Phrase[], said: string): string | null {
  for (const [pattern, say] of phrases) {
    const match = pattern.exec(said)
    if (match) return say(...match.slice(1).map((part) => part ?? ''))
  }
  return null
}
