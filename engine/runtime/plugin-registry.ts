import type { PluginCatalogue, PluginInfo } from '../core/env.ts'
import { pluginInfo } from '../plugin/catalogue.ts'
import type { Plugin } from '../plugin/index.ts'

/** A plugin as it runs, beside what the core knows of it. */
export interface Installed {
  readonly plugin: Plugin
  readonly info: PluginInfo
}
export interface PluginRegistry extends PluginCatalogue {
  /** The very release that an attempt was started with: `code@1.2.0`. */
  readonly exact: (codeAtVersion: string) => Installed | undefined
  readonly all: readonly Plugin[]
}

/** Releases side by side; new visits get the newest of their major. */
export function createRegistry(plugins: readonly Plugin[]): PluginRegistry {
  const installed = new Map<string, Installed>()
  const newest = new Map<string, Installed>()
  for (const plugin of plugins) {
    const entry = { plugin, info: pluginInfo(plugin) }
    installed.set(`${plugin.code}@${plugin.version}`, entry)
    for (const use of [plugin.code, `${plugin.code}@${majorOf(plugin.version)}`]) {
      const known = newest.get(use)
      if (!known || isNewer(plugin.version, known.plugin.version)) newest.set(use, entry)
    }
  }
  return {
    find: (use) => newest.get(use)?.info ?? installed.get(use)?.info,
    codes: () => [...new Set(plugins.map((plugin) => plugin.code))].sort(),
    exact: (codeAtVersion) => installed.get(codeAtVersion),
    all: plugins,
  }
}

const majorOf = (version: string): string => version.split('.')[0]!
function isNewer(a: string, b: string): boolean {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  const at = left.findIndex((part, index) => part !== right[index])
  return at >= 0 && left[at]! > right[at]!
}

/** How long plugins may take to close what they hold. */
const DISPOSE_MS = 5_000

/** A plugin that throws at its end, or never comes to one, holds up nobody. */
export async function disposeAll(plugins: PluginRegistry['all']): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  await Promise.race([
    Promise.allSettled(plugins.map(async (plugin) => plugin.dispose?.())),
    new Promise((resolve) => (timer = setTimeout(resolve, DISPOSE_MS))),
  ])
  clearTimeout(timer)
}
