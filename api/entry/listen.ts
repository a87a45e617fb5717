import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { ConfigError, type Config } from './config.ts'

type Handler = (request: Request, bindings: object) => Response | Promise<Response>
export interface Listener {
  /** As reached on this machine. */
  readonly url: string
  /** From now on requests are answered by this; before, 503. */
  use(handler: Handler): void
  /** Takes no more connections; what still comes on old ones gets 503. */
  refuse(): void
  /** Lets running answers end for a moment, then closes what streams on. */
  close(): Promise<void>
}
const GRACE_MS = 2_000

/** Binds first: a port in use is told before anything else is touched. @throws ConfigError */
export function listen({ port, host }: Pick<Config, 'port' | 'host'>): Promise<Listener> {
  const unavailable: Handler = () => new Response('not now\n', { status: 503, headers: { 'retry-after': '1' } })
  let handler = unavailable
  const server = createServer(
    getRequestListener((request, bindings) => handler(request, bindings), { overrideGlobalObjects: false }),
  )
  server.requestTimeout = 60_000
  server.headersTimeout = 15_000
  // Longer than proxies and clients keep an idle connection (a minute, as a rule): whoever closes first while the other sends loses a call.
  server.keepAliveTimeout = 75_000
  const closed = new Promise<void>((done) => server.once('close', done))
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${error.message})`
      reject(new ConfigError(`PORT: ${host}:${port} ${why}`))
    })
    server.listen(port, host, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address ? address.port : port
      const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
      resolve({
        url: `http://${shown}:${bound}`,
        use: (next) => {
          handler = next
        },
        refuse: () => {
          handler = unavailable
          server.close()
        },
        close: async () => {
          if (server.listening) server.close()
          server.closeIdleConnections()
          const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS)
          await closed
          clearTimeout(timer)
        },
      })
    })
  })
}
