import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { countdown, cpuUs, median, nowMs, type Value } from './measure.ts'
import { bench, flowOf, remove, sequence, starter, type BenchEngine } from './world.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void
/** Launches in flight at once: a caller, not a queue. */
const WINDOW = 2_000
const IDLE_MS = 2_000

export const approval = { nodes: { ok: { use: 'approval', with: { approvers: ['starter'] } } } }

/** Launches `count` tasks, a window at a time. */
export async function launchAll(world: BenchEngine, flow: string, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let from = 0; from < count; from += WINDOW) {
    ids.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(WINDOW, count - from) }, (_, i) => world.launch(flow, from + i)),
      )),
    )
  }
  return ids
}

/** W4: tasks that wait for people. */
export async function w4(sizes: readonly number[] = [10, 1_000, 10_000, 100_000]): Promise<Value[]> {
  const values: Value[] = []
  for (const n of sizes) values.push(...(await parked(n)))
  return values
}

async function parked(n: number): Promise<Value[]> {
  let at: number[] = []
  let onEnd: () => void = () => {}
  const world = await bench({
    flows: [flowOf('asked', approval), flowOf('forty', sequence(40))],
    onRun: () => at.push(nowMs()),
    onEnd: () => onEnd(),
  })
  gc()
  const [heap, disk, begin] = [process.memoryUsage().heapUsed, world.size(), nowMs()]
  const ids = await launchAll(world, 'asked', n)
  const parksPerS = (n * 1000) / (nowMs() - begin)
  await settled(world)
  const asks = await Promise.all(
    ids.slice(0, 1).map(async (id) => [...(await world.engine.task(id))!.state.asks.values()][0]!),
  )
  gc()
  const heapPerTask = Math.max(0, process.memoryUsage().heapUsed - heap - ids.length * 40) / n / 1024
  world.db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all()
  const diskPerTask = (world.size() - disk) / n

  const cpu = cpuUs()
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const idle = ((cpuUs() - cpu) / 1000 / IDLE_MS) * 100

  const gaps: number[] = []
  for (let round = 0; round < 15; round++) {
    at = []
    const done = new Promise<void>((resolve) => (onEnd = resolve))
    await world.launch('forty', n + round)
    await done
    if (round >= 5) for (let i = 1; i < at.length; i++) gaps.push(at[i]! - at[i - 1]!)
  }

  const end = countdown(n)
  onEnd = end.hit
  const viewer = {
    actor: starter,
    rights: new Set(['operate', 'view'] as const),
    app: { launch: true, see: true, operate: true },
  }
  const digest = asks[0]!.digest // the same facts, the same digest
  const drain = nowMs()
  for (let from = 0; from < n; from += WINDOW) {
    await Promise.all(
      ids
        .slice(from, from + WINDOW)
        .map((id) =>
          world.engine.command(
            id,
            { kind: 'decide', by: starter, askId: `${id}-1`, digest, verdict: 'approve' },
            viewer,
          ),
        ),
    )
  }
  await end.done
  const drained = nowMs() - drain
  await world.close()
  remove(world.file)
  const value = (metric: string, amount: number, unit: string): Value => ({
    workload: 'W4',
    metric,
    value: amount,
    unit,
    settings: { n },
  })
  return [
    value('parks_per_s', parksPerS, '1/s'),
    value('kib_per_parked', heapPerTask, 'KiB'),
    value('disk_b_per_parked', diskPerTask, 'B'),
    value('idle_cpu_pct', idle, '%'),
    value('node_to_node_while_parked.p50', median(gaps), 'ms'),
    value('drain_ms', drained, 'ms'),
  ]
}

/** Waits until the catalogue has applied what tasks sent. */
async function settled(world: BenchEngine): Promise<void> {
  while (world.db.prepare('SELECT count(*) FROM outbox').get()![0] !== 0)
    await new Promise((resolve) => setTimeout(resolve, 5))
}
