/** The pure parts of it. */
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { exitMessage, lastWords } from './failure.ts'
import { markedStream } from './exec.ts'
import { runKey } from './follow.ts'
import { frameReader } from './frames.ts'
import { OutputStream, parseValues } from './output.ts'
import { quote } from './quote.ts'
import { interpreterOf } from './runner.ts'
import { Slots } from './slots.ts'

test('a quoted value is one word to a shell, and itself', () => {
  const values = fc.sample(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    { numRuns: 200, seed: 7 },
  )
  const wellFormed = values.filter((value) => value.isWellFormed())
  const printed = execFileSync('/bin/sh', ['-s'], {
    input: `printf '%s\\0' ${wellFormed.map(quote).join(' ')}\n`,
    encoding: 'utf8',
  })
  expect(printed.split('\0').slice(0, -1)).toEqual(wellFormed)
  expect(() => quote('a\0b')).toThrow('NUL')
})

test('frames and markers are read whole, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (chunks, cuts) => {
        const marker = 'abc123'
        let offset = 0
        const frames = chunks.map((bytes) => {
          const frame = Buffer.concat([Buffer.from(`o ${offset} ${bytes.length}\n`), bytes])
          offset += bytes.length
          return frame
        })
        const wire = Buffer.concat([
          Buffer.from(`noise + \u001e+abc\u001e+${marker}\n`),
          ...frames,
          Buffer.from(`x 3 \n\u001e-${marker}\nbye`),
        ])
        const got: Buffer[] = []
        const words: string[][] = []
        const read = frameReader({
          onOutput: (_, at, bytes) => (expect(at).toBe(Buffer.concat(got).length), got.push(Buffer.from(bytes))),
          onWord: (word, args) => words.push([word, ...args]),
        })
        const stream = markedStream(marker, read)
        for (let at = 0; at < wire.length;) {
          const size = cuts.next().value
          stream.push(wire.subarray(at, at + size))
          at += size
        }
        expect(Buffer.concat(got)).toEqual(Buffer.concat(chunks))
        expect(words).toEqual([['x', '3']])
        expect(stream.ended).toBe(true)
      },
    ),
  )
})

test('the last words of a script are the last line that says something', () => {
  expect(lastWords('')).toBeNull()
  expect(lastWords('first\n\u001b[31mred alert\u001b[0m\n\n')).toBe('red alert')
  expect(lastWords('/home/x/.baton/runs/t.n.1-abc/script: 3: frobnicate: not found\n')).toBe(
    'line 3: frobnicate: not found',
  )
  expect(lastWords('x'.repeat(500))?.length).toBe(200)
  expect(exitMessage('web-2', 3, 'Disk full on /srv\n')).toBe('web-2: Disk full on /srv (exit code 3)')
})

test('values are lines key=value; the last of a key counts', () => {
  expect(parseValues('a=1\nb=x=y z\r\nnot a pair\na=2\n=3\n__proto__=4\nempty=')).toEqual({
    a: '2',
    b: 'x=y z',
    empty: '',
  })
})

test('the tail of a stream begins with a whole character, and a hole is told', () => {
  const holes: number[] = []
  const stream = new OutputStream(
    () => {},
    (bytes) => holes.push(bytes),
  )
  stream.take(0, Buffer.from('中'.repeat(30_000)))
  expect(stream.tail.startsWith('中')).toBe(true)
  expect(stream.tail).not.toContain('\ufffd')
  stream.take(100_000, Buffer.from('end'))
  expect(holes).toEqual([10_000])
  expect(stream.tail).toBe('end')
})

test('folders of runs are safe names, one per key', () => {
  expect(runKey('../../etc/x')).toMatch(/^etc\.x-[0-9a-f]{12}$/)
  expect(runKey('t/n/1')).not.toBe(runKey('t/n.1'))
  expect(runKey('a'.repeat(500)).length).toBeLessThan(100)
})

test.each([
  ['#!/bin/bash\n', ['/bin/bash']],
  ['#!/usr/bin/env python3 -u\nprint()', ['/usr/bin/env', 'python3 -u']],
  ['#! /bin/sh -e\r\n', ['/bin/sh', '-e']],
  ['echo "#!/bin/sh"', null],
])('the interpreter of %j is %j', (script, interpreter) => {
  expect(interpreterOf(script)).toEqual(interpreter)
})

test('of the places on a connection watching takes six at most, and a cancel goes first', async () => {
  const slots = new Slots()
  const never = new AbortController().signal
  const watching = await Promise.all(Array.from({ length: 6 }, () => slots.take('watch', never)))
  expect(slots.pressed).toBe(true)
  const order: string[] = []
  void slots.take('watch', never).then(() => order.push('watch'))
  const acting = await Promise.all([slots.take('act', never), slots.take('act', never)])
  void slots.take('act', never).then(() => order.push('act'))
  void slots.take('cancel', never).then(() => order.push('cancel'))
  const gone = new AbortController()
  const leaving = slots.take('act', gone.signal)
  gone.abort(new Error('revoked'))
  await expect(leaving).rejects.toThrow('revoked')
  expect(slots.taken).toBe(8)
  acting[0]?.()
  acting[0]?.()
  await Promise.resolve()
  expect(slots.taken).toBe(8)
  acting[1]?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect(order).toEqual(['cancel', 'act'])
  watching[0]?.()
  await new Promise((resolve) => setImmediate(resolve))
  expect(order).toEqual(['cancel', 'act', 'watch'])
  expect(slots.shrink()).toBe(true)
})
