const HAN_THEN_LATIN = /\p{Script=Han}\n[\p{Script=Latin}\d@#]/u
const LATIN_THEN_HAN = /[\p{Script=Latin}\d]\n\p{Script=Han}/u

/** Puts parts of a Chinese sentence together: a space where Han and Latin meet. What is inside a part stays as it is. */
export function spaced(parts: readonly string[]): string {
  let whole = ''
  for (const part of parts) {
    if (part === '') continue
    const seam = `${[...whole.slice(-2)].at(-1) ?? ''}\n${[...part.slice(0, 2)][0] ?? ''}`
    whole += HAN_THEN_LATIN.test(seam) || LATIN_THEN_HAN.test(seam) ? ` ${part}` : part
  }
  return whole
}
/** Chinese with names and numbers in it: h`${'Deploy'}失败` is `Deploy 失败`, h`${'部署'}失败` is `部署失败`. */
export const h = (texts: TemplateStringsArray, ...values: readonly (string | number)[]): string =>
  spaced(texts.flatMap((text, at) => (at < values.length ? [text, String(values[at])] : [text])))
