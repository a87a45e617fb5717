/** Run by `baton plugin check|test <package or folder>`: what a plugin's author asks before anything is configured. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
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

/** Runs the `*.test.js` (or .mjs, .ts) files of a folder with Node's own test runner; `baton/plugin-testing` leads here. */
async function test(folder: string): Promise<number> {
  const door = new URL('./open-plugin-door.ts', import.meta.url).href
  const runner = spawn(
    process.execPath,
    ['--import', door, '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--test'],
    {
      cwd: statSync(folder).isDirectory() ? folder : dirname(folder),
      stdio: 'inherit',
    },
  )
  const [code] = (await once(runner, 'exit')) as [number | null]
  return code ?? 1
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
