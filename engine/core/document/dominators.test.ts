import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reachedUnset } from '../check/unset.ts'
import { flows, graph, write } from './any-flow.ts'
import { blocksOf } from './blocks.ts'
import { dominators } from './dominators.ts'
import { END } from './graph.ts'

test('what is surely passed before a step is what no walk to it can go around', () => {
  fc.assert(
    fc.property(flows, fc.nat(), (parts, which) => {
      const { shape } = write(parts)
      const found = graph(shape)
      const blocks = blocksOf(found)
      const surelyBefore = dominators(found, blocks)
      const ids = Object.keys(shape)
      const writer = ids[which % ids.length] as string
      const around = reachedUnset(new Set([writer]), found, blocks)
      for (const at of [...ids, END])
        expect([writer, at, surelyBefore(writer, at)]).toEqual([writer, at, !around.has(at)])
    }),
    { numRuns: 300 },
  )
})
