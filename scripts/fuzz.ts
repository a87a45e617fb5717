/**
 * The property tests of `npm test`, with many more runs each: FC_RUNS (default 20000).
 * Usage: npm run fuzz -- [part of a file name]
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const [part = ''] = process.argv.slice(2)
const runs = process.env['FC_RUNS'] ?? '20000'
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--testTimeout=0', `${part}.prop.test.ts`],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: { ...process.env, FC_RUNS: runs, BATON_PROP_RUNS: runs, NODE_NO_WARNINGS: '1' },
  },
)
process.exitCode = status ?? 1
