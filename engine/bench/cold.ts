import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, type Value } from './measure.ts'
import { hasServer, startServer } from './server.ts'

/** W9: from starting the process to its first answer, on an empty data folder without examples. */
export async function w9(rounds = 5): Promise<Value[]> {
  if (!hasServer) return []
  const took: number[] = []
  for (let round = 0; round < rounds; round++) took.push(await coldStart())
  return [{ workload: 'W9', metric: 'cold_start_ms', value: median(took), unit: 'ms', settings: { rounds } }]
}

async function coldStart(): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'baton-cold-'))
  const server = await startServer(data)
  await server.kill()
  rmSync(data, { recursive: true, force: true })
  return server.coldMs
}
