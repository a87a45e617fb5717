import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anchor, clip, clock, escape, fit, lengthOf, prose, split, visible } from './html.ts'

test('what a person typed never becomes markup', () => {
  expect(escape('<b onclick="x">&amp;')).toBe('&lt;b onclick=&quot;x&quot;&gt;&amp;amp;')
})
test('a path or a host label in prose is not a command to tap or a stranger to visit', () => {
  expect(prose('Disk full on /srv (exit code 3)')).toBe('Disk full on <code>/srv</code> (exit code 3)')
  expect(prose('Runs on @web and @db')).toBe('Runs on <code>@web</code> and <code>@db</code>')
  expect(prose('（/srv/data）')).toBe('（<code>/srv/data</code>）')
})
test('fractions, addresses and mail stay as they are', () => {
  expect(prose('3/6 steps, ops@example.com, 10 <= 11')).toBe('3/6 steps, ops@example.com, 10 &lt;= 11')
})
test('halves of characters and control characters, which Telegram refuses, are taken out', () => {
  expect(escape('a\ud83db\u0000c\u001b[31md\n\te')).toBe('a\ufffdbc[31md\n\te')
})
test('escaping loses nothing that can be seen', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => visible(escape(text)) === visible(prose(text))))
})
test('lengths are those of the text after parsing, in UTF-16 units', () => {
  expect(lengthOf(`<b>${escape('<🚀>')}</b>`)).toBe(4)
  expect(lengthOf(clock(0, 't', '00:00'))).toBe(5)
  expect(lengthOf(anchor('#1042', 'https://baton.example/tasks/1042?a=1&b=2'))).toBe(5)
})
test('clipping keeps characters whole and says that something is missing', () => {
  expect(clip('abcdef', 6)).toBe('abcdef')
  expect(clip('abcdefg', 6)).toBe('abcde…')
  expect(clip('👩‍👩‍👧‍👧👩‍👩‍👧‍👧', 12)).toBe('👩‍👩‍👧‍👧…')
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 1, max: 50 }),
      (text, max) =>
        (clip(text, max).length <= max && clip(text, max).isWellFormed() === text.isWellFormed()) ||
        !text.isWellFormed(),
    ),
  )
})
test('splitting gives pieces that fit, cut at line ends, with nothing lost but those line ends', () => {
  expect(split('one\ntwo\nthree', 8)).toEqual(['one\ntwo', 'three'])
  expect(split('', 10)).toEqual([''])
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 20 }), (text, max) =>
      split(text, max).every((piece) => piece.length <= max && piece.isWellFormed()),
    ),
  )
})
test('a message that is too long gives up its middle, never what it is about or what is asked', () => {
  expect(fit(['a'], ['b', 'c'], ['d'], 100)).toBe('a\nb\nc\nd')
  expect(fit(['a'], ['<b>bbbb</b>', 'cccc'], ['d'], 11)).toBe('a\n<b>bbbb</b>\n…\nd')
})
