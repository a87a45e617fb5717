import { definePlugin, done, encoded, fail, literal, notPerformed, secret, z } from '../../engine/plugin/index.ts'
import type { Context, Json, Plugin, Result } from '../../engine/plugin/index.ts'
import { answerFailure, sendFailure, statusWords } from './failure.ts'

const MAX_BYTES = 1024 * 1024
const SAID_BYTES = 2000

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const inputs = z.object({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
  url: encoded(z.string().min(1)).describe('Values in it are percent-encoded, each as one segment or query value.'),
  query: z
    .record(z.string(), z.union([scalar, z.array(scalar)]))
    .default({})
    .describe('Added to the address. A list repeats its name.'),
  headers: secret(z.record(z.string(), z.string())).default({}),
  auth: secret(
    z.union([z.string(), z.object({ bearer: z.string() }), z.object({ username: z.string(), password: z.string() })]),
  )
    .optional()
    .describe('A bearer token, or {username, password}.'),
  body: z.json().optional().describe('Sent as JSON; a text as it is.'),
  timeoutS: z.number().positive().max(3600).default(30),
  success: literal(z.string().min(1))
    .optional()
    .describe('An expression over response {status, headers, body}. Default: any status from 200 to 299.'),
})
type Inputs = z.output<typeof inputs>
const outputs = z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.json() })
type Outputs = z.output<typeof outputs>

const isRepeatable = ({ method }: Inputs): boolean => method === 'GET' || method === 'HEAD'

/**
 * `http.request@1`: one HTTP call.
 * Codes: `STATUS_<n>`, `NOT_AS_EXPECTED` (success was false), `EXPRESSION_FAILED`, `TIMEOUT`, `UNREACHABLE`, `ADDRESS_REFUSED`, `ANSWER_TOO_LARGE`, `REQUEST_UNFIT`.
 */
export function httpRequest(): Plugin {
  return definePlugin({
    code: 'http.request',
    version: '1.0.0',
    title: 'HTTP request',
    icon: 'globe',
    inputs,
    outputs,
    repeat: isRepeatable, // a POST whose answer was lost asks a person
    async execute(ctx, given) {
      const request = requestOf(ctx, given)
      if (typeof request === 'string') return fail({ code: 'REQUEST_UNFIT', message: request })
      const name = request.url.host
      let response: Response
      try {
        response = await ctx.fetch(request.url.href, { ...request.init, timeoutS: given.timeoutS, maxBytes: MAX_BYTES })
      } catch (error) {
        ctx.signal.throwIfAborted()
        return sendFailure(error, name, { isRepeatable: isRepeatable(given), timeoutS: given.timeoutS })
      }
      const answer = await readAnswer(response).catch((error: unknown) => {
        ctx.signal.throwIfAborted()
        return answerFailure(error, name, response.status, {
          isRepeatable: isRepeatable(given),
          timeoutS: given.timeoutS,
        })
      })
      return 'kind' in answer ? answer : judge(ctx, given, name, answer)
    },
    async rehearse(ctx, given) {
      ctx.log(`Would send ${given.method} to ${given.url}. Not performed.\n`, 'info')
      return notPerformed({ status: 200, headers: {}, body: null })
    },
  })
}

/** What is sent, or why it cannot be. */
function requestOf(
  ctx: Context,
  { method, url: address, query, headers: given, auth, body }: Inputs,
): { url: URL; init: RequestInit } | string {
  if (!URL.canParse(address)) return `${address} is not an address`
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} cannot be called; use https`
  if (url.username !== '' || url.password !== '')
    return 'A name and password in the address would be shown to everybody; put them into auth'
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== null) url.searchParams.append(name, String(one))
  const headers = new Headers()
  try {
    headers.set('user-agent', 'Baton')
    headers.set('idempotency-key', ctx.idempotencyKey)
    if (body !== undefined)
      headers.set('content-type', typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json')
    for (const [name, value] of Object.entries(given)) headers.set(name, value)
    if (auth !== undefined) headers.set('authorization', authorization(auth))
  } catch {
    // The reason would name the value, which may be secret.
    return 'A header has a name or value that HTTP does not allow'
  }
  if (body === undefined) return { url, init: { method, headers } }
  if (method === 'GET' || method === 'HEAD') return `A ${method} request cannot have a body`
  return { url, init: { method, headers, body: typeof body === 'string' ? body : JSON.stringify(body) } }
}

function authorization(auth: NonNullable<Inputs['auth']>): string {
  if (typeof auth === 'string') return `Bearer ${auth}`
  if ('bearer' in auth) return `Bearer ${auth.bearer}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`
}

async function readAnswer(response: Response): Promise<Outputs> {
  const text = await response.text()
  const headers: Record<string, string> = {}
  // Cookies are keys to somebody's session and would stay in the history.
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = value
  return { status: response.status, headers, body: bodyOf(text, headers['content-type'] ?? '') }
}
function bodyOf(text: string, type: string): Outputs['body'] {
  if (!/[/+]json\b/i.test(type)) return text
  try {
    return JSON.parse(text) as Outputs['body'] // JSON.parse yields JSON
  } catch {
    return text
  }
}

function judge(ctx: Context, { success }: Inputs, name: string, answer: Outputs): Result<Outputs> {
  const failed = (code: string, message: string): Result<Outputs> => {
    const said = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    if (said !== '') ctx.log(`${said.slice(0, SAID_BYTES)}\n`, 'info')
    return fail({ code, message, outputs: answer })
  }
  if (success === undefined)
    return answer.status >= 200 && answer.status < 300
      ? done(answer)
      : failed(`STATUS_${answer.status}`, `${name} answered ${statusWords(answer.status)}`)
  const expression = /^\s*\$\{([\s\S]*)\}\s*$/.exec(success)?.[1] ?? success
  let verdict: Json
  try {
    verdict = ctx.evaluate(expression, { response: answer as unknown as Json }) // JSON by its schema
  } catch (error) {
    return failed(
      'EXPRESSION_FAILED',
      `${name} answered ${statusWords(answer.status)}, but success cannot be judged: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return verdict === true
    ? done(answer)
    : failed(
        'NOT_AS_EXPECTED',
        `${name} answered ${statusWords(answer.status)}, but not as expected: ${expression.trim()}`,
      )
}
