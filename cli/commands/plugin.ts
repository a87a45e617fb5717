import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../args.ts'
import { EXIT } from '../exit.ts'
import type { Command } from '../main.ts'

/** For authors of plugins. Needs no server. */
export const plugin: Command = {
  usage: 'plugin check|test [<package or folder> …]',
  about: 'what Baton would load and what it would leave out; the tests of a plugin’s folder',
  flags: {},
  local: () => true,
  runLocal: (_world, [, verb, ...sources]) => {
    if (verb !== 'check' && verb !== 'test') throw new UsageError('expected plugin check or plugin test')
    // It loads third-party code: in a process of its own, which may end as that code likes.
    const child = spawnSync(
      process.execPath,
      [fileURLToPath(new URL('../../api/entry/plugin-tool.ts', import.meta.url)), verb, ...sources],
      { stdio: 'inherit' },
    )
    return child.status ?? EXIT.failed
  },
  run: () => Promise.reject(new UsageError('expected plugin check or plugin test')),
}
