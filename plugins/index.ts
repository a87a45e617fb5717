/** The plugins Baton ships with. */
import type { Plugin } from '../engine/plugin/index.ts'
import { callback } from './callback/callback.ts'
import { httpCallback } from './http/callback.ts'
import { httpRequest } from './http/request.ts'
import { jsonTransform } from './json/transform.ts'
import { createMailer } from './notify/mail.ts'
import { notify } from './notify/notify.ts'
import { set } from './set/set.ts'
import { createPool, localScript, sshGet, sshPut, sshScript } from './ssh/index.ts'
import { uuid } from './uuid/uuid.ts'
import type { LocalOptions, PoolOptions, ScriptOptions } from './ssh/index.ts'

export { readRemote, remoteCode, remotePlugin, type RemoteRelease } from './http/bk-plugin.ts'
export { probeHost, scanHostKey } from './ssh/index.ts'

export interface BuiltInOptions {
  readonly ssh?: PoolOptions & ScriptOptions
  /** `SMTP_URL`. Absent: e-mail addresses are people, told in their chats. */
  readonly smtpUrl?: string | null
  /** Given: flows may run scripts as the user that Baton runs as. */
  readonly local?: LocalOptions
}
/** A fresh list. The SSH connections belong to it and end with the plugins' `dispose`. */
export function builtInPlugins(options: BuiltInOptions = {}): Plugin[] {
  const pool = createPool(options.ssh)
  return [
    sshScript(pool, options.ssh),
    sshPut(pool),
    sshGet(pool),
    ...(options.local ? [localScript(options.local)] : []),
    httpRequest(),
    httpCallback(),
    callback(),
    notify(options.smtpUrl ? { mailer: createMailer(options.smtpUrl) } : {}),
    set(),
    uuid(),
    jsonTransform(),
  ]
}
