import { definePlugin, done, z } from '../../engine/plugin/index.ts'
import type { Plugin } from '../../engine/plugin/index.ts'

/** `uuid@1`: a new random id. */
export function uuid(): Plugin {
  return definePlugin({
    code: 'uuid',
    version: '1.0.0',
    title: 'New id',
    icon: 'fingerprint',
    inputs: z.object({}),
    outputs: z.object({ uuid: z.uuid() }),
    repeat: () => true, // one that nobody has seen is worth nothing
    execute: () => Promise.resolve(done({ uuid: crypto.randomUUID() })),
    rehearse: () => Promise.resolve(done({ uuid: crypto.randomUUID() })),
  })
}
