import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, type Value } from './measure.ts'
import { remove } from './world.ts'

const LIFE = fileURLToPath(new URL('./life.ts', import.meta.url))
const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'baton-bench-')), 'baton.db')

/** Runs one life of an engine in a process of its own and gives what it printed last. */
export async function life(...args: readonly string[]): Promise<{ readonly [name: string]: number }> {
  const child = spawn(process.execPath, ['--expose-gc', LIFE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await once(child, 'close')
  const last = text.trim().split('\n').at(-1)
  if (!last) throw new Error(`expected ${args.join(' ')} to print its figures`)
  return JSON.parse(last) as { [name: string]: number }
}

/** W5: killed when 40 % of W2 has run. Whoever had no answer to a launch asks again, with the same key. */
export async function w5(rounds = 3): Promise<Value[]> {
  const took: number[] = []
  const answered: number[] = []
  let [lost, repeated] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    const file = newFile()
    const first = await life('w5-first', file)
    const second = await life('w5-second', file, String(first['answered']))
    took.push(second['ms']!)
    answered.push(first['answered']!)
    lost = Math.max(lost, second['lost']!)
    repeated = Math.max(repeated, first['runs']! + second['runs']! - 10_000)
    remove(file)
  }
  const settings = { tasks: 1_000, nodes: 10, rounds, answered_before_kill: median(answered) }
  return [
    { workload: 'W5', metric: 'restart_to_done_ms', value: median(took), unit: 'ms', settings },
    { workload: 'W5', metric: 'lost', value: lost, unit: '', settings },
    { workload: 'W5', metric: 'repeated', value: repeated, unit: '', settings },
  ]
}

/** W6: killed with many parked. */
export async function w6(sizes: readonly number[] = [10_000, 100_000]): Promise<Value[]> {
  const values: Value[] = []
  for (const n of sizes) {
    const file = newFile()
    await life('w6-first', file, String(n))
    const took = [
      (await life('w6-second', file))['ms']!,
      (await life('w6-second', file))['ms']!,
      (await life('w6-second', file))['ms']!,
    ]
    values.push({ workload: 'W6', metric: 'restart_to_first_ms', value: median(took), unit: 'ms', settings: { n } })
    remove(file)
  }
  return values
}
