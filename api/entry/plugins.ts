import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from '../../engine/index.ts'
import type { Log } from '../log.ts'

/** Third-party plugins: packages or folders. One that throws at load is reported and left out; the rest of Baton starts. */
export async function loadPlugins(names: readonly string[], log: Log): Promise<Plugin[]> {
  const loaded: Plugin[] = []
  for (const name of names) {
    try {
      const { default: given } = (await import(entryOf(name))) as { default?: Plugin | readonly Plugin[] }
      if (!given) throw new Error('expected a default export: one plugin or a list')
      const plugins = (Array.isArray(given) ? given : [given]) as Plugin[]
      for (const plugin of plugins)
        if (typeof plugin.execute !== 'function') throw new Error('expected plugins made by definePlugin')
      loaded.push(...plugins)
    } catch (error) {
      log.error({ plugin: name, err: error }, 'a plugin could not be loaded and is left out')
    }
  }
  return loaded
}
function entryOf(name: string): string {
  const path = isAbsolute(name) || name.startsWith('.') || existsSync(name) ? resolve(name) : null
  if (path === null) return pathToFileURL(createRequire(join(process.cwd(), 'package.json')).resolve(name)).href
  if (!statSync(path).isDirectory()) return pathToFileURL(path).href
  const manifest = join(path, 'package.json')
  const main = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { main?: string }).main : undefined
  return pathToFileURL(join(path, main ?? 'index.js')).href
}
