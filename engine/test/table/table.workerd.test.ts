import { describe, test } from 'vitest'
import { objectsWorld } from '../workerd/objects-world.ts'
import { TABLE } from './index.ts'
import { play } from './play.ts'

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  const there = rows.filter(({ nodeOnly }) => nodeOnly === undefined)
  test.each(there.map((row) => [row.says, row] as const))('%s', (_says, row) => play(row, objectsWorld))
})
