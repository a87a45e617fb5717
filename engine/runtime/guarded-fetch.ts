import { lookup } from 'node:dns'
import { isIP } from 'node:net'

/** Link-local addresses and cloud metadata: a flow's author must not read the machine's own credentials (DESIGN §5). */
const FORBIDDEN_NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
])
const FORBIDDEN_ADDRESSES = new Set([
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  '168.63.129.16',
])
const MAX_REDIRECTS = 5
const DEFAULT_TIMEOUT_S = 30
const DEFAULT_MAX_BYTES = 10 * 1024 * 1024

export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
}
export interface GuardOptions {
  /** Addresses and names an owner has allowed all the same. */
  readonly allow?: readonly string[]
  readonly fetch?: typeof fetch
  readonly resolve?: (name: string) => Promise<readonly string[]>
}
/** The guard as an engine was told to keep it. */
export const guardOf = (services: {
  readonly allowAddresses: readonly string[]
  readonly fetch?: typeof fetch | undefined
}): GuardOptions => ({ allow: services.allowAddresses, ...(services.fetch && { fetch: services.fetch }) })
export type GuardedFetch = (
  url: string,
  init?: RequestInit & { timeoutS?: number; maxBytes?: number },
) => Promise<Response>

/** `fetch` for plugins: checks every address on the way (redirects too, after DNS), ends with `signal` or after `timeoutS`, caps the answer. */
export function guardedFetch(signal: AbortSignal, options: GuardOptions = {}): GuardedFetch {
  const allow = new Set(options.allow ?? [])
  const resolve = options.resolve ?? addressesOf
  const call = options.fetch ?? fetch
  const check = async (url: URL): Promise<void> => {
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new ForbiddenAddressError(`expected http or https, but got ${url.protocol}`)
    const host = url.hostname
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '')
      .toLowerCase()
    if (allow.has(host)) return
    if (FORBIDDEN_NAMES.has(host))
      throw new ForbiddenAddressError(`${host} is a metadata service, which flows may not call`)
    const addresses = isIP(host) ? [host] : await resolve(host)
    const forbidden = addresses.find((address) => !allow.has(address) && isForbidden(address))
    if (forbidden)
      throw new ForbiddenAddressError(
        `${host} leads to ${forbidden}, a link-local or metadata address, which flows may not call`,
      )
  }
  return async (input, { timeoutS = DEFAULT_TIMEOUT_S, maxBytes = DEFAULT_MAX_BYTES, ...init } = {}) => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutS * 1000), ...(init.signal ? [init.signal] : [])])
    let url = new URL(input)
    let request: RequestInit = init
    for (let hop = 0; ; hop++) {
      await check(url)
      const response = await call(url, { ...request, signal: until, redirect: 'manual' }).catch(rethrow)
      const target = response.headers.get('location')
      if (init.redirect === 'manual' || target === null || ![301, 302, 303, 307, 308].includes(response.status))
        return capped(response, maxBytes)
      await response.body?.cancel()
      if (init.redirect === 'error' || hop === MAX_REDIRECTS)
        throw new TypeError(`expected at most ${MAX_REDIRECTS} redirects from ${input}`)
      const next = new URL(target, url)
      request = redirected(request, response.status, next.origin === url.origin)
      url = next
    }
  }
}

/** A refusal that came from below, out of the connection itself, is told as it is. */
function rethrow(error: unknown): never {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at.name === 'ForbiddenAddressError') throw at
  throw error
}

/** As the Fetch standard: a POST that is shown elsewhere becomes a GET, and credentials do not follow to another origin. */
function redirected(request: RequestInit, status: number, sameOrigin: boolean): RequestInit {
  const headers = new Headers(request.headers)
  if (!sameOrigin) for (const name of ['authorization', 'cookie', 'proxy-authorization']) headers.delete(name)
  const method = (request.method ?? 'GET').toUpperCase()
  const becomesGet = (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')
  if (!becomesGet) return { ...request, headers }
  for (const name of ['content-type', 'content-length', 'content-encoding']) headers.delete(name)
  return { ...request, method: 'GET', headers, body: null }
}

function capped(response: Response, maxBytes: number): Response {
  if (response.body === null) return response
  let bytes = 0
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        if (bytes > maxBytes) controller.error(new RangeError(`expected an answer of at most ${maxBytes} bytes`))
        else controller.enqueue(chunk)
      },
    }),
  )
  const { status, statusText, headers } = response
  const limited = new Response(body, { status, statusText, headers })
  Object.defineProperty(limited, 'url', { value: response.url })
  return limited
}

/** 169.254.0.0/16, fe80::/10, known metadata addresses, also written as IPv4 inside IPv6. */
export function isForbidden(address: string): boolean {
  const plain = address.toLowerCase().replace(/%.*$/, '')
  const mapped = /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1] ?? hexMapped(plain)
  if (mapped) return isForbidden(mapped)
  if (FORBIDDEN_ADDRESSES.has(plain) || plain.startsWith('169.254.')) return true
  return /^fe[89ab][0-9a-f]:/.test(plain)
}
/** `::ffff:a9fe:a9fe`, as URL parsers write it. */
function hexMapped(address: string): string | null {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address)
  if (!match) return null
  const [high, low] = [parseInt(match[1]!, 16), parseInt(match[2]!, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

const addressesOf = (name: string): Promise<readonly string[]> =>
  new Promise((resolve) => {
    // A name that does not resolve is fetch's to report.
    lookup(name, { all: true }, (error, found) => resolve(error ? [] : found.map(({ address }) => address)))
  })
