import { describe, test } from 'vitest'
import { world } from '../setup.ts'
import { TABLE } from './index.ts'
import { play } from './play.ts'

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  test.each(rows.map((row) => [row.says, row] as const))('%s', (_says, row) => play(row, world))
})
