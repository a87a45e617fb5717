import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HistoryEntry } from './queries/index.ts'
import { actor } from './test/samples.ts'
import { newThread, pageOf, toldOf, toldWith, toldWithout, type Told } from './thread.ts'

const manner = { pages: 3, lines: 4, tails: 2, tailLines: 5 }
const entry = (seq: number, logs = 0, size = 1): HistoryEntry =>
  ({
    seq,
    at: '2026-11-21T14:00:00Z',
    kinds: Array.from({ length: size }, () => 'node_succeeded'),
    text: `line ${seq}`,
    follows: [],
    by: actor('Baton', ''),
    ended: Array.from({ length: logs }, (_, n) => ({ nodeId: `n${seq}-${n}`, attempt: 1, failed: false, logged: 3 })),
  }) as unknown as HistoryEntry
const entries = (n: number, from = 1) => Array.from({ length: n }, (_, at) => entry(from + at))
const seqs = (page: { shown: readonly { entry: HistoryEntry }[] }) => page.shown.map((one) => one.entry.seq)
const after = (told: Told, all: readonly HistoryEntry[]) => all.filter(({ seq }) => seq > told.after)

describe('the pages of a thread', () => {
  test('a page fills up, and what comes is told on it', () => {
    const first = pageOf(newThread('root'), entries(2), manner)
    const told = toldWith(newThread('root'), first, 'p1')
    expect(told).toEqual({ root: 'root', page: 'p1', pages: 1, after: 0, left: 0 })
    expect(seqs(pageOf(told, entries(3), manner))).toEqual([1, 2, 3])
  })
  test('a full page ends where the next begins', () => {
    const full = pageOf(newThread('root'), entries(5), manner)
    expect(seqs(full)).toEqual([1, 2, 3, 4])
    const told = toldWith(newThread('root'), full, 'p1')
    expect(told).toEqual({ root: 'root', page: null, pages: 1, after: 4, left: 0 })
    expect(seqs(pageOf(told, after(told, entries(5)), manner))).toEqual([5])
  })
  test('a page holds as many logs as it bears; the step with the next one begins another', () => {
    const page = pageOf(newThread('root'), [entry(1, 1), entry(2), entry(3, 1), entry(4, 1)], manner)
    expect([seqs(page), page.full]).toEqual([[1, 2, 3], true])
  })
  test('steps that end together with more logs than a page bears do not keep it from being told', () => {
    const page = pageOf(newThread('root'), [entry(1, 5), entry(2)], manner)
    expect(page.shown.map(({ tails }) => tails.length)).toEqual([2, 0])
  })
  test('the last page has only the newest lines, and says how many it left', () => {
    const told = { root: 'root', page: 'p3', pages: 3, after: 10, left: 0 }
    const page = pageOf(told, entries(9, 11), manner)
    expect([seqs(page), page.left, page.full]).toEqual([[16, 17, 18, 19], 5, false])
    const next = toldWith(told, page, 'p3')
    expect(next).toEqual({ root: 'root', page: 'p3', pages: 3, after: 15, left: 5 })
    expect(pageOf(next, after(next, entries(20)), manner)).toMatchObject({ left: 6 })
  })
  test('a page that somebody removed is not told again', () => {
    const told = { root: 'root', page: 'p1', pages: 1, after: 0, left: 0 }
    const without = toldWithout(told, pageOf(told, entries(3), manner))
    expect(without).toMatchObject({ page: null, pages: 1, after: 3 })
    expect(pageOf(without, after(without, entries(3)), manner).shown).toEqual([])
  })
  test('beneath another message it begins anew', () =>
    expect(toldOf({ root: 'gone', page: 'p', pages: 3, after: 9, left: 0 }, 'root')).toBeNull())

  test('whatever happens, in whatever portions: each line is told once and in order, or counted, in no more posts than allowed', () => {
    const anyEntries = fc.array(fc.record({ logs: fc.nat(4), size: fc.integer({ min: 1, max: 3 }) }), { maxLength: 60 })
    fc.assert(
      fc.property(anyEntries, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }), (made, portions) => {
        let seq = 1
        const all = made.map(({ logs, size }) => {
          const one = entry(seq, logs, size)
          seq += size
          return one
        })
        const pages = new Map<string, number[]>()
        let told = newThread('root')
        let known = 0
        for (const portion of [...portions, all.length]) {
          known = Math.min(all.length, known + portion)
          for (let more = true; more;) {
            const page = pageOf(told, after(told, all.slice(0, known)), manner)
            if (page.shown.length === 0) break
            const id = told.page ?? `p${told.pages + 1}`
            pages.set(id, seqs(page))
            told = toldWith(told, page, id)
            more = page.full
          }
        }
        const lines = [...pages.values()].flat()
        expect(lines).toEqual([...new Set(lines)].toSorted((a, b) => a - b))
        expect(lines.length + told.left).toBe(all.length)
        expect(pages.size).toBeLessThanOrEqual(manner.pages)
      }),
    )
  })
})
