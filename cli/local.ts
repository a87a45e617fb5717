import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { World } from './context.ts'
import { EXIT } from './exit.ts'

/** Runs one of the server's own entries as a process: the composition root alone may open the data folder. */
export function runOnMachine(world: World, entry: string, argv: readonly string[]): number {
  const child = spawnSync(
    process.execPath,
    [fileURLToPath(new URL(`../api/entry/${entry}`, import.meta.url)), ...argv],
    {
      env: { ...world.env },
      encoding: 'utf8',
      stdio: ['inherit', 'pipe', 'pipe'],
    },
  )
  if (child.stdout) world.out(child.stdout.trimEnd())
  if (child.stderr) world.err(child.stderr.trimEnd())
  return child.status ?? EXIT.failed
}
