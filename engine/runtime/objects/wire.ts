import { EngineError, type ErrorDetail, type EngineErrorCode } from '../../core/error.ts'

/*
 * What goes from object to object. A refusal travels as data: an error would arrive as its message alone.
 */

export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: EngineErrorCode; readonly detail: ErrorDetail }

/** What `work` came to. A bug stays an error. */
export async function replyOf<T>(work: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return { ok: false, code: error.code, detail: error.detail }
  }
}

/** @throws the refusal that came back; UNAVAILABLE when nobody can tell what became of the call. */
export async function valueOf<T>(call: Promise<Reply<T>>): Promise<T> {
  const reply = await reached(call)
  if (reply.ok) return reply.value
  throw new EngineError(reply.code, reply.detail)
}

/** @throws UNAVAILABLE when the object went away before it could answer; a bug in it as it is. */
export async function reached<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (cause) {
    if (isBug(cause)) throw cause
    const refusal = new EngineError('UNAVAILABLE', { message: 'no answer came, try again' })
    refusal.cause = cause
    throw refusal
  }
}

/** The platform marks what code over there has thrown; whatever else goes wrong is the way, or the object's end. */
const isBug = (error: unknown): boolean => {
  const { remote, durableObjectReset } = error as { readonly remote?: unknown; readonly durableObjectReset?: unknown }
  return remote === true && durableObjectReset !== true
}
