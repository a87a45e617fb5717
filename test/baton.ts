/** Baton as its users have it: a process of its own on a data folder, spoken to by GraphQL alone. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient, type Client } from '../api/client/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface BatonProcess {
  readonly url: string
  readonly data: string
  /** What it printed so far. */
  output(): string
  /** A client with a token of its own, made from the data folder. */
  owner(): Client
  person(name: string, role: string): Client
  /** `kill -9`: no goodbye. */
  kill(): Promise<void>
  /** As Ctrl-C. Resolves with its exit code. */
  stop(): Promise<number | null>
  /** The same again on the same data and port. */
  restart(): Promise<void>
  /** Ends it and removes its data. */
  close(): Promise<void>
}

/** Resolves when it answers. `env` goes over a bare environment. @throws with its output when it does not start. */
export async function startBatonProcess(env: Readonly<Record<string, string>> = {}): Promise<BatonProcess> {
  const data = mkdtempSync(join(tmpdir(), 'baton-data-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const clean = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? data,
    PORT: String(port),
    BATON_DATA: data,
    BATON_EXAMPLES: 'off',
    LOG_LEVEL: 'warn',
    ...env,
  }
  let text = ''
  let child: ChildProcess
  process.once('exit', () => child?.kill('SIGKILL')) // a test file that times out never comes to its `close`

  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [join(root, 'api/entry/node.ts')], {
      cwd: root,
      env: clean,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (text += bytes.toString()))
    const ended = once(child, 'exit')
    for (;;) {
      const answer = await Promise.race([fetch(`${url}/readyz`).catch(() => null), ended.then(() => 'ended' as const)])
      if (answer === 'ended') throw new Error(`Baton did not start:\n${text}`)
      if (answer?.ok) return
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
  const ending = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    return child.exitCode
  }
  const token = (...args: string[]): Client => {
    const secret = execFileSync(process.execPath, [join(root, 'cli/main.ts'), 'token', 'new', ...args], {
      env: clean,
      encoding: 'utf8',
    }).trim()
    return createClient({ url: `${url}/graphql`, token: secret, surface: 'api' })
  }
  await start()
  return {
    url,
    data,
    output: () => text,
    owner: () => token('--owner'),
    person: (name, role) => token('--person', name, '--role', role),
    kill: async () => void (await ending('SIGKILL')),
    stop: () => ending('SIGTERM'),
    restart: start,
    async close() {
      await ending('SIGKILL')
      rmSync(data, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  server.close()
  await once(server, 'close')
  return port
}
