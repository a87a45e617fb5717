/** `Version` → `version`, as it stands inside a sentence. Abbreviations and names (`URL`, `iOS build`) stay. */
export const inSentence = (title: string): string =>
  /^\p{Lu}(?!\p{Lu})/u.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title
const article = (noun: string): string => (/^[aeiou]/i.test(noun) ? 'an' : 'a')
/** “a version”, “an environment”; plurals and lists get none. */
export const withArticle = (title: string): string => {
  const noun = inSentence(title)
  return /[^s]s$/.test(noun) ? noun : `${article(noun)} ${noun}`
}
export const quoted = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`
}
/** “a, b or c”. */
export const either = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
