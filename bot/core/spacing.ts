const HAN_THEN_LATIN = /\p{Script=Han}\n[\p{Script=Latin}\d@#]/u
const LATIN_THEN_HAN = /[\p{Script=Latin}\d]\n\p{Script=Han}/u

/** Chinese with names in it: a space where Han and Latin meet, as chat adds none: h`${'Deploy'}失败` is `Deploy 失败`. */
export function h(texts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  let whole = ''
  for (const part of texts.flatMap((text, at) => (at < values.length ? [text, String(values[at])] : [text]))) {
    const seam = `${[...whole.slice(-2)].at(-1) ?? ''}\n${[...part.slice(0, 2)][0] ?? ''}`
    whole += HAN_THEN_LATIN.test(seam) || LATIN_THEN_HAN.test(seam) ? ` ${part}` : part
  }
  return whole
}
