import { expect, test } from 'vitest'
import { en } from './en.ts'
import { zh } from './zh.ts'

/** Every text there is, with its functions called on plain words. */
function all(texts: object, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]): [string, string][] => {
    const at = path ? `${path}.${key}` : key
    if (typeof value === 'string') return [[at, value]]
    if (typeof value === 'function') return [[at, String((value as (...inputs: unknown[]) => string)('x', 'x', 'x'))]]
    return all(value as object, at)
  })
}

test('both languages say the same things', () => {
  expect(all(zh).map(([key]) => key)).toEqual(all(en).map(([key]) => key))
})
test.each([
  ['English', en],
  ['Chinese', zh],
])('no text in %s shouts, begs or says nothing', (_, texts) => {
  const banned = /!|！|\bplease\b|\bsorry\b|successfully|\binvalid\b|something went wrong|\bN\/A\b|成功地|请稍候|您/i
  expect(all(texts).filter(([, text]) => banned.test(text))).toEqual([])
})
test('Chinese puts one space between Han and Latin or digits, and uses its own punctuation', () => {
  const wrong = all(zh).filter(([, text]) =>
    /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}|\p{Script=Han}[,:;?!()]|[“”]/u.test(text.replace(/x/g, '')),
  )
  expect(wrong).toEqual([])
})
test('buttons end without a full stop', () => {
  for (const texts of [en, zh])
    expect(Object.entries(texts.actions).filter(([, text]) => typeof text === 'string' && /[.。]$/.test(text))).toEqual(
      [],
    )
})
