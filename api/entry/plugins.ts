import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { pluginProblem, type Plugin } from '../../engine/index.ts'
import { CONTRACT } from '../../engine/plugin/index.ts'
import { readRemote, remoteCode, remotePlugin, type RemoteRelease } from '../../plugins/index.ts'
import type { PluginProblem } from '../context.ts'
import type { Log } from '../log.ts'
import { openPluginDoor } from './plugin-door.ts'
import { followImports, placeOf } from './plugin-fault.ts'

export interface Loaded {
  readonly plugins: readonly Plugin[]
  /** Where each came from, as configured. */
  readonly sources: ReadonlyMap<Plugin, string>
  readonly problems: readonly PluginProblem[]
}
export interface Loading {
  readonly log: Log
  /** Those that are there already: no third party takes the place of a release that ships with Baton. */
  readonly builtIn?: readonly Plugin[]
  /** What remote services said of themselves, kept in this file: their waiting steps go on while a service is down at a start. */
  readonly remembered?: string
  /** How long the code of one source may take to load. */
  readonly patienceMs?: number
}

/** Third-party plugins: packages or folders. What cannot be used is reported and left out; the rest of Baton starts. */
export async function loadPlugins(names: readonly string[], loading: Loading): Promise<Loaded> {
  const { log, builtIn = [], patienceMs = 15_000 } = loading
  const owners = new Map(builtIn.map((plugin) => [releaseOf(plugin), 'Baton']))
  const sources = new Map<Plugin, string>()
  const problems: PluginProblem[] = []
  const leaveOut = (found: PluginProblem): void => {
    problems.push(found)
    log.error({ ...found }, 'a plugin cannot be used and is left out')
  }
  if (names.length > 0) openPluginDoor()
  for (const source of new Set(names)) {
    let given: readonly unknown[]
    try {
      given = isRemote(source) ? await remotesOf(source, loading) : await modulesOf(source, patienceMs)
    } catch (error) {
      leaveOut({ source, code: null, version: null, problem: reasonOf(error) })
      continue
    }
    for (const one of given) {
      const problem = pluginProblem(one)
      const { code, version } = (one ?? {}) as Partial<Plugin> // only looked at where the check has passed, or for its report
      const named = { source, code: textOr(code), version: textOr(version) }
      if (problem !== null) {
        leaveOut({ ...named, problem })
        continue
      }
      const plugin = one as Plugin // `pluginProblem` found nothing
      const owner = owners.get(releaseOf(plugin))
      if (owner !== undefined) {
        leaveOut({ ...named, problem: `${releaseOf(plugin)} is there already, from ${owner}` })
        continue
      }
      owners.set(releaseOf(plugin), source)
      sources.set(plugin, source)
      log.info({ source, plugin: releaseOf(plugin) }, 'a plugin was loaded')
    }
  }
  return { plugins: [...sources.keys()], sources, problems }
}
const releaseOf = (plugin: Plugin): string => `${plugin.code}@${plugin.version}`
const textOr = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, 100) : null)

const isRemote = (source: string): boolean => /^https?:\/\//i.test(source)
/** The versions of a service that speaks the bk-plugin protocol. One that cannot be reached is taken as it was when it last could. */
async function remotesOf(source: string, { log, remembered }: Loading): Promise<readonly unknown[]> {
  const known = remembered !== undefined && existsSync(remembered) ? readRemembered(remembered) : {}
  let releases: readonly RemoteRelease[]
  try {
    releases = await readRemote(source)
    if (remembered !== undefined)
      writeFileSync(remembered, JSON.stringify({ ...known, [source]: releases }), { mode: 0o600, flush: true })
  } catch (error) {
    if (!known[source]) throw error
    log.warn({ source, problem: reasonOf(error) }, 'a remote plugin cannot be read; it is taken as it was last')
    releases = known[source]
  }
  return releases.map((release) => {
    try {
      return remotePlugin(source, release)
    } catch {
      return { code: remoteCode(release.service), version: release.version } // named when it is left out
    }
  })
}
function readRemembered(file: string): { readonly [source: string]: readonly RemoteRelease[] } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { [source: string]: RemoteRelease[] } // written by the function above
  } catch {
    return {} // cut off by a crash: it is read anew
  }
}

/** What a source exports: one plugin, or several. @throws in words. */
async function modulesOf(source: string, patienceMs: number): Promise<readonly unknown[]> {
  const entry = entryOf(source)
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not finish loading within ${patienceMs / 1000} s`)), patienceMs)
  })
  const trail = followImports(entry)
  try {
    const { default: given } = (await Promise.race([import(entry), late])) as { default?: unknown }
    if (given === undefined) throw new Error('expected a default export: one plugin, or a list of them')
    // A CommonJS file that was written as an ES module wraps its default once more.
    const inner = isWrapped(given) ? given.default : given
    return Array.isArray(inner) ? inner : [inner]
  } catch (error) {
    const place = placeOf(error, trail.files)
    throw place === null ? error : new Error(`${reasonOf(error)} (${place})`, { cause: error })
  } finally {
    trail.end()
    clearTimeout(timer)
  }
}
const isWrapped = (given: unknown): given is { readonly default: unknown } =>
  typeof given === 'object' && given !== null && '__esModule' in given && 'default' in given

/** The file to load: a folder's or package's `exports` or `main`, else index.js. */
function entryOf(source: string): string {
  const isPath = isAbsolute(source) || /^\.{0,2}(\/|\\|$)/.test(source) || existsSync(source)
  const path = isPath ? resolve(source) : packageFolder(source)
  if (!existsSync(path)) throw new Error(`there is no file or folder ${path}`)
  if (!statSync(path).isDirectory()) return pathToFileURL(path).href
  const manifest = join(path, 'package.json')
  const { exports, main, baton } = existsSync(manifest) ? manifestIn(manifest) : {}
  // Asked before its code is read: what a newer contract brought would only be a missing name to it.
  if (typeof baton?.contract === 'number' && baton.contract > CONTRACT)
    throw new Error(
      `it needs version ${baton.contract} of the plugin contract, and this Baton has ${CONTRACT}: update Baton`,
    )
  const named = mainExport(exports) ?? main
  const file = [...(named === undefined ? [] : [named]), 'index.js', 'index.mjs', 'index.ts']
    .map((name) => join(path, name))
    .find((name) => existsSync(name) && statSync(name).isFile())
  if (named !== undefined && file !== join(path, named))
    throw new Error(`its package.json names ${named}, which is not there`)
  if (file === undefined) throw new Error(`expected index.js, or a package.json with "exports", in ${path}`)
  return pathToFileURL(file).href
}
interface Manifest {
  readonly main?: string
  readonly exports?: unknown
  readonly baton?: { readonly contract?: unknown }
}
function manifestIn(file: string): Manifest {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest // each field is looked at before it is used
  } catch (error) {
    throw new Error(`its package.json is no JSON: ${reasonOf(error)}`, { cause: error })
  }
}
/** `exports` as Node reads its main entry: a text, or conditions, or both under ".". */
function mainExport(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (Array.isArray(exports)) return exports.map(mainExport).find((one) => one !== undefined)
  if (typeof exports !== 'object' || exports === null) return undefined
  const named = exports as { readonly [key: string]: unknown }
  if ('.' in named) return mainExport(named['.'])
  for (const [condition, target] of Object.entries(named))
    if (['node', 'import', 'module-sync', 'default'].includes(condition)) {
      const found = mainExport(target)
      if (found !== undefined) return found
    }
  return undefined
}
/** Installed where Baton is started, or beside Baton itself. */
function packageFolder(name: string): string {
  for (const from of [pathToFileURL(join(process.cwd(), 'package.json')).href, import.meta.url])
    try {
      const manifest = findPackageJSON(name, from)
      if (manifest !== undefined) return dirname(manifest.startsWith('file:') ? fileURLToPath(manifest) : manifest)
    } catch {
      continue // the other place may have it
    }
  throw new Error(`there is no package ${name}: npm install it where Baton is started, or name a folder`)
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 500)
  if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING')
    return 'it is TypeScript inside node_modules, which Node does not run: publish JavaScript, or name its folder'
  return message
}
