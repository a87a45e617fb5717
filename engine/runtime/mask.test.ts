import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMasker, MASK } from './mask.ts'

const secret = 's3cr3t/p+ss word'

test.each([
  ['as it is', `login ${secret} ok`],
  ['URL-encoded', `https://x/?p=${encodeURIComponent(secret)}&q`],
  ['as a form field', `p=${encodeURIComponent(secret).replaceAll('%20', '+')}`],
  ['in JSON', JSON.stringify({ p: `${secret}"` })],
  ['in base64', Buffer.from(secret).toString('base64')],
  ['in base64 of a longer text', `Basic ${Buffer.from(`user:${secret}@host`).toString('base64')}`],
  ['in base64 one byte later', Buffer.from(`u:${secret}`).toString('base64')],
  ['in base64url', Buffer.from(`${secret}??>>`).toString('base64url')],
])('a secret is masked %s', (_, text) => {
  const masked = createMasker([secret]).text(text)
  expect(masked).toContain(MASK)
  expect(masked).not.toContain('s3cr3t')
})

test('in base64 at any position, nothing that decodes to most of the secret stays', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, after) => {
      expect(createMasker([secret]).text(Buffer.from(before + secret + after).toString('base64'))).toContain(MASK)
    }),
  )
})
test('each line of a key is masked, and other text stays', () => {
  const masker = createMasker(['-----BEGIN KEY-----\nabcdefgh\nijklmnop\n-----END KEY-----\n'])
  expect(masker.text('cat: ijklmnop')).toBe(`cat: ${MASK}`)
  expect(masker.text('ordinary abc')).toBe('ordinary abc')
})
test('inside values strings and keys are masked, the rest keeps its type', () => {
  expect(createMasker(['hunter22']).value({ a: ['x hunter22', 7, null, true], hunter22: 1 })).toEqual({
    a: [`x ${MASK}`, 7, null, true],
    [MASK]: 1,
  })
})
test('the open end of a text is where a secret may have begun', () => {
  const masker = createMasker(['hunter22'])
  expect(masker.openEnd('password: hunt')).toBe(10)
  expect(masker.openEnd('password: x')).toBe(11)
  expect(masker.openEnd('hunter2')).toBe(0)
})
