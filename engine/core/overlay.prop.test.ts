import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lookAhead, settle } from './overlay.ts'
import type { NodeRun, TaskState } from './state.ts'

const run = (n: number): NodeRun => ({ visit: n }) as NodeRun // a table does not look into what it holds
const stateOf = (nodes: Map<string, NodeRun>): TaskState => {
  const empty = new Map<string, never>()
  return { nodes, tokens: empty, forks: empty, asks: empty, items: empty, timers: empty } as unknown as TaskState // its tables are all that is looked at
}
const keys = fc.integer({ min: 0, max: 14 }).map((n) => `n${n}`)
const written = fc.array(fc.tuple(keys, fc.option(fc.nat(), { nil: null })), { maxLength: 60 })

test('what is looked ahead on reads as a map would, leaves what lies below alone, and settles into the same map', () => {
  fc.assert(
    fc.property(fc.uniqueArray(keys), written, written, (below, first, second) => {
      const base = new Map(below.map((key, n) => [key, run(n)]))
      const model = new Map(base)
      let state = stateOf(base)
      for (const writes of [first, second]) {
        const before = [...state.nodes.entries()]
        const ahead = lookAhead(state)
        for (const [key, value] of writes) {
          for (const table of [ahead.nodes, model])
            if (value === null) table.delete(key)
            else table.set(key, run(value))
          expect(ahead.nodes.get(key)).toEqual(model.get(key))
          expect(ahead.nodes.has(key)).toBe(model.has(key))
          expect(ahead.nodes.size).toBe(model.size)
        }
        expect(new Map(ahead.nodes.entries())).toEqual(model)
        expect([...ahead.nodes.values()]).toHaveLength(model.size)
        expect([...state.nodes.entries()]).toEqual(before)
        state = settle(ahead)
        expect([...state.nodes.entries()]).toEqual([...model.entries()])
      }
    }),
    { numRuns: 500 },
  )
})
