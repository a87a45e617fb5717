import { createHash } from 'node:crypto'
import type { DecideEnv } from '../core/env.ts'
import { sign, type Keys } from '../store/seal.ts'
import type { EngineOptions } from './engine.ts'
import type { PluginRegistry } from './plugin-registry.ts'

/** What deciding may ask of the world, as it is at each call. Asked several times a step, so one for each millisecond. */
export function decideEnv(
  { directory, baseUrl, now = Date.now, frozen }: Pick<EngineOptions, 'directory' | 'baseUrl' | 'now' | 'frozen'>,
  keys: Keys,
  plugins: PluginRegistry,
): () => DecideEnv {
  const hmac = (text: string): string => sign(keys.digest, text)
  const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
  let last: DecideEnv | null = null
  return () => {
    const at = now()
    if (last?.now !== at) last = { now: at, directory, plugins, baseUrl, hmac, digest, ...(frozen && { frozen }) }
    return last
  }
}
