import { EngineError } from '../engine/index.ts'

export const MAX_BODY = 1024 * 1024
/** Read on and thrown away beyond the limit, so that the caller hears the refusal instead of a broken connection. */
const MAX_DRAINED = 128 * 1024 * 1024

/** The request with its body in memory. @throws TOO_LARGE, once the caller has had its say. */
export async function bounded(request: Request): Promise<Request> {
  if (!request.body) return request
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size <= MAX_BODY) chunks.push(value)
    else chunks.length = 0
    if (size > MAX_DRAINED) {
      await reader.cancel().catch(() => undefined)
      break
    }
  }
  if (size > MAX_BODY)
    throw new EngineError('TOO_LARGE', {
      message: `A request holds up to 1 MiB; this one has ${Math.ceil(size / MAX_BODY)} MiB.`,
      limit: MAX_BODY,
    })
  const { url, method, headers, signal } = request
  return new Request(url, { method, headers, signal, body: Buffer.concat(chunks) })
}
