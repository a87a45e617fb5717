import type { TadaDocumentNode } from 'gql.tada'
import { ClientError } from './error.ts'
import { readEvents } from './sse.ts'

export interface ClientOptions {
  /** `https://baton.example/graphql`, or any address at all when `fetch` is the app's own. */
  readonly url: string
  readonly fetch?: (request: Request) => Response | Promise<Response>
  /** Bearer token of a tool, or the bots' service token. Absent on the phone, which has a cookie. */
  readonly token?: string
  /** `phone`, `terminal` …: shown in the history beside who did it. */
  readonly surface?: string
  /** `slack:T1:U2`, `telegram::42`: the account the bot acts for. */
  readonly actingFor?: string
  /** BCP 47, for texts that the server words. */
  readonly language?: string
  /** Of this device: by it times are told to a person who has chosen none. */
  readonly timeZone?: string
}

/** One way to the server for every surface. `query` serves mutations too. */
export interface Client {
  /** @throws ClientError */
  query<R, V>(document: TadaDocumentNode<R, V>, ...variables: Record<string, never> extends V ? [V?] : [V]): Promise<R>
  /** Present state first, then the newest, until `signal` aborts. Reconnecting is the caller's (see `follow`). @throws ClientError */
  subscribe<R, V>(document: TadaDocumentNode<R, V>, variables: V, signal: AbortSignal): AsyncGenerator<R>
  /** The same connection for another account. */
  actingFor(account: string, language?: string): Client
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly { message: string; extensions?: Record<string, unknown> }[]
}
const refusalOf = ({ errors }: Answer): ClientError | null => {
  const first = errors?.[0]
  return first
    ? new ClientError(String(first.extensions?.['code'] ?? 'INTERNAL'), first.message, first.extensions)
    : null
}

/** JSON, or with files among the variables a form, as the GraphQL multipart request specification has it. */
function bodyOf(query: unknown, variables: unknown): string | FormData {
  const files: [path: string, file: Blob][] = []
  const plain = (value: unknown, path: string): unknown => {
    if (value instanceof Blob) {
      files.push([path, value])
      return null
    }
    if (Array.isArray(value)) return value.map((inner, index) => plain(inner, `${path}.${index}`))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, `${path}.${key}`)]))
  }
  const operations = JSON.stringify({ query, variables: plain(variables, 'variables') })
  if (files.length === 0) return operations
  const form = new FormData()
  form.set('operations', operations)
  form.set('map', JSON.stringify(Object.fromEntries(files.map(([path], index) => [index, [path]]))))
  for (const [index, [, file]] of files.entries()) form.set(String(index), file)
  return form
}

/** A client without state: safe to make one for each call. */
export function createClient(options: ClientOptions): Client {
  const call = options.fetch ?? ((request: Request) => fetch(request))
  const request = (document: unknown, variables: unknown, accept: string, signal?: AbortSignal): Request => {
    const body = bodyOf(document, variables)
    return new Request(options.url, {
      method: 'POST',
      credentials: 'same-origin',
      headers: {
        ...(typeof body === 'string' && { 'content-type': 'application/json' }), // a form brings its own
        accept,
        ...(options.token && { authorization: `Bearer ${options.token}` }),
        ...(options.surface && { 'x-baton-surface': options.surface }),
        ...(options.actingFor && { 'x-baton-acting': options.actingFor }),
        ...(options.language && { 'accept-language': options.language }),
        ...(options.timeZone && { 'x-baton-time-zone': options.timeZone }),
      },
      body,
      ...(signal && { signal }),
    })
  }
  const send = async (sent: Request): Promise<Response> => {
    try {
      return await call(sent)
    } catch (error) {
      throw new ClientError('NETWORK', `expected an answer from ${options.url}, but ${String(error)}`)
    }
  }
  return {
    async query(document, ...[variables]) {
      const response = await send(
        request(document, variables ?? {}, 'application/graphql-response+json, application/json'),
      )
      const answer = await answerOf(response)
      const refusal = refusalOf(answer)
      if (refusal) throw refusal
      return answer.data as never // shaped by the schema the document was typed with
    },
    async *subscribe(document, variables, signal) {
      const response = await send(request(document, variables, 'text/event-stream', signal))
      if (!response.ok || !response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
        throw (
          refusalOf(await answerOf(response)) ??
          new ClientError('NETWORK', `expected a stream, but got ${response.status}`)
        )
      }
      for await (const event of readEvents(response.body)) {
        if (event.name !== 'next') continue
        const answer = JSON.parse(event.data) as Answer
        const refusal = refusalOf(answer)
        if (refusal) throw refusal
        yield answer.data as never // as above
      }
    },
    actingFor: (account, language) => createClient({ ...options, actingFor: account, ...(language && { language }) }),
  }
}

async function answerOf(response: Response): Promise<Answer> {
  try {
    return (await response.json()) as Answer
  } catch {
    throw new ClientError(
      response.status === 429 ? 'RATE_LIMITED' : 'NETWORK',
      `expected JSON, but got ${response.status}`,
      {
        retryAfterS: Number(response.headers.get('retry-after') ?? 0),
      },
    )
  }
}
