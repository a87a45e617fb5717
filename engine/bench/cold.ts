import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, nowMs, type Value } from './measure.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ENTRY = join(ROOT, 'api/entry/node.ts')
const PATIENCE_MS = 60_000

/** W9: from starting the process to its first answer, on an empty data folder without examples. */
export async function w9(rounds = 5): Promise<Value[]> {
  if (!existsSync(ENTRY)) return []
  const took: number[] = []
  for (let round = 0; round < rounds; round++) took.push(await coldStart())
  return [{ workload: 'W9', metric: 'cold_start_ms', value: median(took), unit: 'ms', settings: { rounds } }]
}

async function coldStart(): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'baton-cold-'))
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
  const server = spawn(process.execPath, [ENTRY], { cwd: ROOT, env, stdio: 'ignore' })
  try {
    while (nowMs() - begin < PATIENCE_MS) {
      if (server.exitCode !== null) throw new Error(`expected a server, but it ended with ${server.exitCode}`)
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null)
      if (answer?.ok) return nowMs() - begin
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    throw new Error(`expected an answer within ${PATIENCE_MS} ms`)
  } finally {
    const gone = server.exitCode === null ? once(server, 'exit') : null
    server.kill('SIGKILL')
    await gone
    rmSync(data, { recursive: true, force: true })
  }
}
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
