import { EngineError } from '../engine/index.ts'

const MIB = 1024 * 1024
export const MAX_BODY = MIB
/** Read on and thrown away beyond the limit, so that the caller hears the refusal instead of a broken connection. */
const MAX_DRAINED = 128 * 1024 * 1024

/** The request with its body in memory. @throws TOO_LARGE, once the caller has had its say. */
export async function bounded(request: Request, limit = MAX_BODY): Promise<Request> {
  if (!request.body) return request
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size <= limit) chunks.push(value)
    else chunks.length = 0
    if (size > MAX_DRAINED) {
      await reader.cancel().catch(() => undefined)
      break
    }
  }
  if (size > limit)
    throw new EngineError('TOO_LARGE', {
      message: `A request holds up to ${limit / MIB} MiB; this one has ${Math.ceil(size / MIB)} MiB.`,
      limit,
    })
  const { url, method, headers, signal } = request
  return new Request(url, { method, headers, signal, body: Buffer.concat(chunks) })
}
