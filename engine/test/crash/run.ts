import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { audit, type Acknowledged } from './audit.ts'

export interface CrashOptions {
  readonly seed: number
  /** Lives ended by SIGKILL before the last one may finish everything. */
  readonly kills: number
  readonly tasksPerLife: number
  /** A life lasts up to this long after it has started. */
  readonly maxLifeMs: number
}
const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))
/** A life is short; most of it would go into compiling the same again. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/baton-crash', import.meta.url))

/** Kills an engine under load again and again at random moments, lets the last one finish, and audits what is left. */
export async function crash(options: CrashOptions): ReturnType<typeof audit> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-crash-'))
  const acknowledged: Acknowledged[] = []
  let seed = options.seed
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  for (let life = 0; life < options.kills; life++) {
    // Now and then a restart is killed before it has done anything.
    await live(folder, acknowledged, options.seed * 1_000 + life, options.tasksPerLife, async (child, started) => {
      if (random() > 0.15) await started
      await new Promise((resolve) => setTimeout(resolve, random() * options.maxLifeMs))
      child.kill('SIGKILL')
    })
  }
  let haveEnded = false
  for (let patience = 0; patience < 20; patience++) {
    await live(folder, acknowledged, options.seed * 1_000 + 900 + patience, 0, async (child, started) => {
      await started
      await new Promise((resolve) => setTimeout(resolve, 500 + patience * 200))
      child.kill('SIGKILL')
    })
    const result = await audit(folder, acknowledged)
    if (result.unfinished > 0 && result.problems.length === 0) continue
    // The last task may have ended just before the kill: what it had to say is said in one more life.
    if (result.unfinished === 0 && !haveEnded) {
      haveEnded = true
      continue
    }
    if (result.problems.length === 0) rmSync(folder, { recursive: true, force: true })
    else result.problems.push(`left for inspection: ${folder}`)
    return result
  }
  const result = await audit(folder, acknowledged)
  return {
    ...result,
    problems: [...result.problems, `${result.unfinished} tasks never ended; left for inspection: ${folder}`],
  }
}

type Child = ReturnType<typeof spawn>
async function live(
  folder: string,
  acknowledged: Acknowledged[],
  seed: number,
  tasks: number,
  kill: (child: Child, started: Promise<void>) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, [CHILD, folder, String(seed), String(tasks)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: CACHE },
  })
  const atExit = (): void => void child.kill('SIGKILL')
  process.once('exit', atExit) // whoever ends this run ends its engine
  const lines = createInterface({ input: child.stdout! })
  const gone = once(child, 'exit')
  const started = new Promise<void>((resolve) => {
    lines.on('line', (text) => {
      const line = JSON.parse(text) as Acknowledged // a whole line: half of one was never acknowledged
      acknowledged.push(line)
      if (line.kind === 'started') resolve()
    })
    void gone.then(() => resolve())
  })
  await kill(child, started)
  await gone
  process.off('exit', atExit)
}
