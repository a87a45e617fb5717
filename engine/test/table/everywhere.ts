import { describe, test } from 'vitest'
import type { MakeWorld } from '../world.ts'
import { TABLE } from './index.ts'
import { play } from './play.ts'

/** Tests for the rows of these parts, on the engine that `make` makes. `onNode`: also those that only Node can play. */
export function playTable(make: MakeWorld, holds: (part: string) => boolean = () => true, onNode = false): void {
  const parts = Object.entries(TABLE).filter(([part]) => holds(part))
  describe.each(parts)('%s', (_, rows) => {
    const there = rows.filter(({ nodeOnly }) => onNode || nodeOnly === undefined)
    test.each(there.map((row) => [row.says, row] as const))('%s', (_says, row) => play(row, make))
  })
}
/** The parts about running, a good half of the table: on Workers the halves are played side by side. */
export const isOfRunning = (part: string): boolean => part.startsWith('2 ')
