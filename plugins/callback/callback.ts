import { awaitCallback, definePlugin, done, fail, json, notPerformed, z } from '../../engine/plugin/index.ts'
import type { Plugin } from '../../engine/plugin/index.ts'

const inputs = z.object({
  text: z.string().max(2_000).default('').describe('Told to people while it waits: who is expected to call, and why.'),
  timeoutS: z
    .number()
    .positive()
    .max(365 * 86_400)
    .optional()
    .describe('Fails when nobody has called by then. Default: waits for ever.'),
})

/**
 * `callback@1`: waits until another system calls a signed address, and gives on what it sent.
 * The address is shown with the step to those who may operate the task. Codes: `NO_CALL`.
 */
export function callback(): Plugin {
  return definePlugin({
    code: 'callback',
    version: '1.0.0',
    title: 'Wait for a call',
    icon: 'phone-incoming',
    inputs,
    outputs: z.object({ payload: json() }),
    repeat: () => true, // it only waits
    execute(ctx, { text, timeoutS }) {
      if (text !== '') ctx.log(`${text}\n`, 'info')
      return Promise.resolve(awaitCallback({ timeoutS: timeoutS ?? null }, timeoutS ? { pollAfterS: timeoutS } : {}))
    },
    callback: (_ctx, payload) => Promise.resolve(done({ payload })),
    poll(_ctx, state) {
      const { timeoutS } = state as { timeoutS: number } // set by execute, or nothing would poll
      return Promise.resolve(
        fail({ code: 'NO_CALL', cause: 'timeout', message: `Nobody called within ${timeoutS.toLocaleString('en')} s` }),
      )
    },
    cancel: () => Promise.resolve(true),
    rehearse: () => Promise.resolve(notPerformed({ payload: null })),
  })
}
