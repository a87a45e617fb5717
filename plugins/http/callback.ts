import {
  definePlugin,
  done,
  encoded,
  fail,
  json,
  notPerformed,
  secret,
  signedHeaders,
  z,
} from '../../engine/plugin/index.ts'
import type { Plugin } from '../../engine/plugin/index.ts'
import { refused, sendFailure } from './failure.ts'

const inputs = z.object({
  url: encoded(z.string().min(1)).describe('Who is told. Values in it are percent-encoded.'),
  body: json().default({}).describe('Sent as JSON.'),
  secret: secret(z.string().min(6)).describe('Signs the call: the receiver checks that it came from here.'),
})
const TIMEOUT_S = 30

/**
 * `http.callback@1`: tells another system, signed like the callbacks of tasks (`webhook-signature`, Standard Webhooks).
 * Sent again with the same `webhook-id`, so that a receiver takes it once. Codes as `http.request`.
 */
export function httpCallback(): Plugin {
  return definePlugin({
    code: 'http.callback',
    version: '1.0.0',
    title: 'Signed call',
    icon: 'send',
    inputs,
    outputs: z.object({ status: z.int() }),
    repeat: () => true,
    async execute(ctx, { url: address, body, secret: key }) {
      if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
        return fail({ code: 'REQUEST_UNFIT', message: 'The address cannot be called; it begins with https://' })
      const { host } = new URL(address)
      const text = JSON.stringify(body)
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'Baton',
        'idempotency-key': ctx.idempotencyKey,
        ...(await signedHeaders(key, ctx.idempotencyKey, text, ctx.now())),
      }
      let response: Response
      try {
        response = await ctx.fetch(address, {
          method: 'POST',
          headers,
          body: text,
          timeoutS: TIMEOUT_S,
          maxBytes: 65_536,
        })
        await response.body?.cancel()
      } catch (error) {
        ctx.signal.throwIfAborted()
        return sendFailure(error, host, { isRepeatable: true, timeoutS: TIMEOUT_S })
      }
      const { status } = response
      return response.ok ? done({ status }) : refused(host, status)
    },
    rehearse(ctx, { url }) {
      const name = URL.canParse(url) ? new URL(url).host : 'an address that cannot be read'
      ctx.log(`Would call ${name}. Not performed.\n`, 'info')
      return Promise.resolve(notPerformed({ status: 200 }))
    },
  })
}
