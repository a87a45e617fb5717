import { expect, test } from 'vitest'
import { keysOf, sameText, seal, sign, unseal } from './seal.ts'

const keys = keysOf(new Uint8Array(32).fill(7))

test('a sealed secret opens with its key, for its owner, unchanged, and never looks the same twice', () => {
  const sealed = seal(keys, 'default/web.token', 'pa$$ 词')
  expect(unseal(keys, 'default/web.token', sealed)).toBe('pa$$ 词')
  expect(seal(keys, 'default/web.token', 'pa$$ 词')).not.toBe(sealed)
})
test('another owner, another key, a changed byte and plain text do not open', () => {
  const sealed = seal(keys, 'a', 'secret')
  expect(() => unseal(keys, 'b', sealed)).toThrow('BATON_KEY')
  expect(() => unseal(keysOf(new Uint8Array(32)), 'a', sealed)).toThrow('BATON_KEY')
  expect(() => unseal(keys, 'a', `${sealed.slice(0, -2)}AA`)).toThrow()
  expect(() => unseal(keys, 'a', 'secret')).toThrow('expected a sealed secret')
})
test('a key of another length is refused', () => {
  expect(() => keysOf(new Uint8Array(16))).toThrow('32 bytes')
})
test('signatures compare equal only when they are', () => {
  expect(sameText(sign(keys.token, 'a'), sign(keys.token, 'a'))).toBe(true)
  expect(sameText(sign(keys.token, 'a'), sign(keys.digest, 'a'))).toBe(false)
  expect(sameText('a', 'ab')).toBe(false)
})
