/** Run by `baton plugin check|test <package or folder>`: what a plugin's author asks before anything is configured. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { builtInPlugins } from '../../plugins/index.ts'
import { loadPlugins } from './plugins.ts'

const QUIET = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} }
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Loads it as a start would, and says what is there and what would be left out. */
async function check(sources: readonly string[]): Promise<number> {
  const { plugins, problems } = await loadPlugins(sources, { log: QUIET as never, builtIn: builtInPlugins() })
  for (const { code, version, title } of plugins) say(`${code}@${version}  ${title}`)
  for (const { source, code, problem } of problems) say(`${code ?? source} is left out: ${problem}`)
  return problems.length === 0 ? 0 : 1
}

/** What Node's own runner takes for a test, as far as docs/write-a-plugin.md promises it. */
const TESTS = '**/*.test.{js,mjs,cjs,ts,mts,cts}'

/** Runs the tests of a folder with Node's own test runner; `baton/plugin-testing` leads here. */
async function test(named: string): Promise<number> {
  if (!existsSync(named)) return refuse(`there is no file or folder ${named}`)
  const folder = statSync(named).isDirectory() ? named : dirname(named)
  const files = await testsIn(folder)
  if (files.length === 0) return refuse(`there is no test in ${folder}: expected a file like index.test.js`)
  const door = new URL('./open-plugin-door.ts', import.meta.url).href
  const runner = spawn(
    process.execPath,
    ['--import', door, '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--test', ...files],
    { cwd: folder, stdio: 'inherit' },
  )
  const [code] = (await once(runner, 'exit')) as [number | null]
  return code ?? 1
}
async function testsIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for await (const file of glob(TESTS, { cwd: folder, exclude: ['**/node_modules/**'] })) found.push(file)
  return found.sort()
}
function refuse(why: string): number {
  process.stderr.write(`${why}\n`)
  return 1
}

async function main([verb, ...sources]: readonly string[]): Promise<number> {
  const folder = resolve(sources[0] ?? '.')
  if (verb === 'check') return check(sources.length > 0 ? sources : [folder])
  if (verb === 'test') return test(folder)
  process.stderr.write('expected check or test\n')
  return 2
}
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  main(process.argv.slice(2)).then(
    (code) => process.exit(code), // a plugin may have left a timer behind
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
      process.exit(1)
    },
  )
