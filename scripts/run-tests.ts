/**
 * Runs vitest projects and ends with a plain line `N passed, N failed, N skipped`, counted from the runner's own report.
 * Usage: node scripts/run-tests.ts unit web driven workerd
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
  readonly testResults: readonly {
    name: string
    status: string
    message: string
    assertionResults: readonly { fullName: string; status: string }[]
  }[]
}

const root = fileURLToPath(new URL('..', import.meta.url))
const asked = process.argv.slice(2)
/** The runtime of Workers is a binary of its own, which not every machine can start. */
const noWorkerd = asked.includes('workerd') ? whyNoWorkerd() : null
const left = noWorkerd === null ? [] : globSync('engine/**/*.workerd.test.ts', { cwd: root })
const projects = noWorkerd === null ? asked : asked.filter((name) => name !== 'workerd')
if (noWorkerd !== null) console.log(`\nworkerd does not start here (${noWorkerd}): what runs in it is SKIPPED.\n`)
if (projects.length === 0) {
  console.log(`${left.join('\n')}\n\n0 passed, 0 failed, ${left.length} skipped`)
  process.exit(0)
}
const folder = `${root}node_modules/.cache/baton-tests`
const file = `${folder}/${projects.join('-')}.json`
mkdirSync(folder, { recursive: true })
rmSync(file, { force: true })

const vitest = [
  'node_modules/vitest/vitest.mjs',
  'run',
  ...projects.flatMap((name) => ['--project', name]),
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${file}`,
]
const { status } = spawnSync(process.execPath, vitest, {
  cwd: root,
  stdio: 'inherit',
  // workerd's tools would tell their maker that they run, and ask for a sample request's data.
  env: {
    ...process.env,
    NODE_NO_WARNINGS: '1',
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  },
})

const report = JSON.parse(readFileSync(file, 'utf8')) as Report // written by vitest's json reporter just now
const skipped = [
  ...report.testResults.flatMap((suite) =>
    suite.assertionResults
      .filter((test) => test.status !== 'passed' && test.status !== 'failed')
      .map((test) => `  ${relative(root, suite.name)}: ${test.fullName}`),
  ),
  ...left.map((name) => `  ${name}: the whole file, for want of workerd`),
]
// A file that fails to load has no tests of its own to count as failed.
const broken = report.testResults.filter(
  (suite) => suite.status === 'failed' && !suite.assertionResults.some((test) => test.status === 'failed'),
)
if (skipped.length > 0)
  console.log(`\nSkipped (what is missing is named above, with the command that installs it):\n${skipped.join('\n')}`)
if (broken.length > 0)
  console.log(
    `\nCould not run:\n${broken.map((suite) => `  ${relative(root, suite.name)}: ${suite.message.split('\n')[0]}`).join('\n')}`,
  )
const failed = report.numFailedTests + broken.length
console.log(`\n${report.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`)
process.exit(failed > 0 ? 1 : (status ?? 1))

/** Null: it starts. */
function whyNoWorkerd(): string | null {
  const { status, error, stderr } = spawnSync(`${root}node_modules/.bin/workerd`, ['--version'], { encoding: 'utf8' })
  return status === 0 ? null : (error?.message ?? (stderr.trim().split('\n')[0] || `it ended with ${status}`))
}
