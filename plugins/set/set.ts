import { definePlugin, done, z } from '../../engine/plugin/index.ts'
import type { Plugin } from '../../engine/plugin/index.ts'

/** `set@1`: gives variables new values. What comes in goes out under the same names, and is saved. */
export function set(): Plugin {
  return definePlugin({
    code: 'set',
    version: '1.0.0',
    title: 'Set variables',
    icon: 'pencil',
    inputs: z.record(z.string(), z.json()),
    saves: true,
    repeat: () => true,
    execute: (_ctx, given) => Promise.resolve(done(given)),
    rehearse: (_ctx, given) => Promise.resolve(done(given)),
  })
}
