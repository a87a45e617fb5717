import { registerHooks } from 'node:module'

/** What a plugin imports, and where it stands here. One copy for the whole process, wherever the plugin lies. */
const DOORS: Readonly<Record<string, URL>> = {
  'baton/plugin': new URL('../../engine/plugin/index.ts', import.meta.url),
  'baton/plugin-testing': new URL('../../engine/plugin/testing.ts', import.meta.url),
}
let isOpen = false

/**
 * From now on `import … from 'baton/plugin'` works from any folder, with nothing installed there, and means this very Baton
 * even where the plugin brings another copy along: its schemas, marks and contract are those the engine knows.
 */
export function openPluginDoor(): void {
  if (isOpen) return
  isOpen = true
  registerHooks({
    resolve(specifier, context, next) {
      const door = DOORS[specifier]
      return door ? { url: door.href, format: 'module-typescript', shortCircuit: true } : next(specifier, context)
    },
  })
}
