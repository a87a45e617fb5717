/**
 * Calls that leave Baton are signed as Standard Webhooks says, so that receivers find a library in their language:
 * `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`.
 */
export interface SignedHeaders {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}
const TOLERANCE_S = 5 * 60

/** Headers for a body as it is sent. `id` is the same whenever the same thing is sent again. */
export async function signedHeaders(secret: string, id: string, body: string, now: number): Promise<SignedHeaders> {
  const timestamp = String(Math.floor(now / 1000))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${await sign(secret, `${id}.${timestamp}.${body}`)}`,
  }
}
/** Whether a call was signed with `secret` within the last minutes. Several signatures may stand beside each other, as while a secret is changed. */
export async function isSigned(
  secret: string,
  headers: { readonly get: (name: string) => string | null },
  body: string,
  now: number,
): Promise<boolean> {
  const [id, timestamp, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headers.get(name),
  )
  if (!id || !timestamp || !given || Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_S) return false
  const expected = `v1,${await sign(secret, `${id}.${timestamp}.${body}`)}`
  return given.split(' ').some((one) => isSame(one, expected))
}

/** A secret as Standard Webhooks writes it (`whsec_` and base64) is its bytes; any other is its text. */
async function sign(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder()
  const bytes = secret.startsWith('whsec_')
    ? Uint8Array.from(atob(secret.slice('whsec_'.length)), (char) => char.charCodeAt(0))
    : encoder.encode(secret)
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text)))
  return btoa(String.fromCharCode(...signature))
}
/** Without telling by its time where they differ. */
function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length
  for (let at = 0; at < b.length; at++) difference |= (a.charCodeAt(at) || 0) ^ b.charCodeAt(at)
  return difference === 0
}
