import { fail } from '../../engine/plugin/index.ts'
import type { Result } from '../../engine/plugin/index.ts'

/** What a failure depends on: a call that does no harm when sent twice is never lost. */
export interface Call {
  readonly isRepeatable: boolean
  readonly timeoutS: number
}

/** Errors after which it is certain that the other side got nothing. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS)/
const NET_WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'name unknown',
  EAI_AGAIN: 'name lookup failed',
  EHOSTUNREACH: 'no route',
  ENETUNREACH: 'no route',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'no answer',
}
const causesOf = function* (error: unknown): Generator<{ name?: unknown; code?: unknown; message?: unknown }> {
  for (let one = error; typeof one === 'object' && one !== null; one = (one as { cause?: unknown }).cause) yield one // read-only peeks
}

/** Why a call got no answer. `name` is the far end's host: addresses may hold keys. */
export function sendFailure(error: unknown, name: string, call: Call): Result<never> {
  const causes = [...causesOf(error)]
  if (causes.some((cause) => cause.name === 'ForbiddenAddressError'))
    return fail({ code: 'ADDRESS_REFUSED', message: String(causes[0]?.message) })
  if (causes.some((cause) => cause.name === 'TimeoutError')) return timedOut(name, call)
  const code = causes.map((cause) => cause.code).find((one) => typeof one === 'string')
  const reason = NET_WORDS[String(code)] ?? String(causes.at(-1)?.message ?? error)
  if (call.isRepeatable || (typeof code === 'string' && NEVER_SENT.test(code)))
    return fail({ code: 'UNREACHABLE', message: `Cannot reach ${name}: ${reason}` })
  return fail({
    code: 'UNREACHABLE',
    cause: 'lost',
    message: `${name} got the request, but ${reason} before an answer came. Whether it acted is not known`,
  })
}
/** Why an answer that had begun could not be read. */
export function answerFailure(error: unknown, name: string, status: number, call: Call): Result<never> {
  const causes = [...causesOf(error)]
  if (causes.some((cause) => cause.name === 'TimeoutError')) return timedOut(name, call)
  if (causes.some((cause) => /at most \d+ bytes/.test(String(cause.message))))
    return fail({
      code: 'ANSWER_TOO_LARGE',
      message: `${name} answered ${statusWords(status)}, but with more than 1 MiB`,
    })
  return fail({ code: 'UNREACHABLE', message: `${name} answered ${statusWords(status)}, but broke off in the middle` })
}
const timedOut = (name: string, call: Call): Result<never> =>
  call.isRepeatable
    ? fail({ code: 'TIMEOUT', cause: 'timeout', message: `${name} did not answer within ${call.timeoutS} s` })
    : fail({
        code: 'TIMEOUT',
        cause: 'lost',
        message: `${name} did not answer within ${call.timeoutS} s. Whether it acted is not known`,
      })

const STATUS_WORDS: Record<number, string> = {
  400: 'bad request',
  401: 'not signed in',
  403: 'forbidden',
  404: 'not found',
  405: 'method not allowed',
  409: 'conflict',
  410: 'gone',
  413: 'too large',
  422: 'not acceptable input',
  429: 'too many requests',
  500: 'internal error',
  502: 'bad gateway',
  503: 'unavailable',
  504: 'gateway timeout',
}
/** `503 (unavailable)` */
export const statusWords = (status: number): string =>
  STATUS_WORDS[status] ? `${status} (${STATUS_WORDS[status]})` : String(status)

/** It answered, but not that all is well. */
export const refused = (name: string, status: number): Result<never> =>
  fail({ code: `STATUS_${status}`, message: `${name} answered ${statusWords(status)}` })
