import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nowMs } from './measure.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ENTRY = join(ROOT, 'api/entry/node.ts')
const PATIENCE_MS = 60_000
/** There is a whole server to start, not the engine alone. */
export const hasServer = existsSync(ENTRY)

/** A server as `npm start` runs it, in a process of its own, without examples. */
export interface Server {
  readonly url: string
  /** From its start to its first answer. */
  readonly coldMs: number
  /** An owner's token, as `baton token new --owner` makes it. */
  ownerToken(): string
  /** SIGTERM, and until it is gone. */
  stop(): Promise<void>
  kill(): Promise<void>
}

export async function startServer(data: string): Promise<Server> {
  const port = await freePort()
  const begin = nowMs()
  const env = {
    PATH: process.env['PATH'],
    HOME: data,
    PORT: String(port),
    BATON_DATA: data,
    BATON_EXAMPLES: 'off',
    LOG_LEVEL: 'error',
  }
  const child = spawn(process.execPath, [ENTRY], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] })
  const url = `http://127.0.0.1:${port}`
  while (!(await fetch(`${url}/healthz`).catch(() => null))?.ok) {
    if (child.exitCode !== null) throw new Error(`expected a server, but it ended with ${child.exitCode}`)
    if (nowMs() - begin > PATIENCE_MS) throw new Error(`expected an answer within ${PATIENCE_MS} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return {
    url,
    coldMs: nowMs() - begin,
    ownerToken() {
      const made = spawnSync(process.execPath, [join(ROOT, 'cli/main.ts'), 'token', 'new', '--owner'], { env })
      const token = made.stdout.toString().trim().split('\n')[0]
      if (made.status !== 0 || !token) throw new Error(`expected a token, but got: ${made.stderr.toString()}`)
      return token
    },
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  }
}
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

export type Ask = (query: string, variables?: object) => Promise<{ readonly [field: string]: unknown }>
/** Callers that take turns and keep their connections. The plain client of Node: a heavier one would be measured with the server. */
export function askerOf({ url }: Server, tokens: readonly string[], connections: number): Ask {
  let calls = 0
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(url)
  return (query, variables = {}) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ query, variables })
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization: `Bearer ${tokens[calls++ % tokens.length]!}`,
      }
      const call = request({ agent, hostname, port, path: '/graphql', method: 'POST', headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const answer = JSON.parse(text) as { data?: { [field: string]: unknown }; errors?: unknown }
          if (answer.data && !answer.errors) resolve(answer.data)
          else reject(new Error(`expected an answer, but got ${text.slice(0, 500)}`))
        })
      })
      call.on('error', reject)
      call.end(body)
    })
}
