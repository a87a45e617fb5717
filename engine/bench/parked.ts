import { statSync } from 'node:fs'
import { life } from './killed.ts'
import { countdown, cpuUs, median, nowMs, type Value } from './measure.ts'
import { bench, flowOf, remove, sequence, starter, type BenchEngine } from './world.ts'

/** Launches in flight at once: a caller, not a queue. */
const WINDOW = 2_000
const IDLE_MS = 2_000
/** Parked before anything is measured: by then the code is compiled and the file has its tables. */
const WARM_UP = 2_000

export const approval = { nodes: { ok: { use: 'approval', with: { approvers: ['starter'] } } } }

/** Launches `count` tasks, a window at a time. */
export async function launchAll(world: BenchEngine, flow: string, count: number, first = 0): Promise<void> {
  for (let from = 0; from < count; from += WINDOW) {
    const some = Array.from({ length: Math.min(WINDOW, count - from) }, (_, i) => world.launch(flow, first + from + i))
    await Promise.all(some)
  }
}

const UNITS = {
  parks_per_s: '1/s',
  kib_per_parked: 'KiB',
  disk_b_per_parked: 'B',
  idle_cpu_pct: '%',
  'node_to_node_while_parked.p50': 'ms',
  drain_ms: 'ms',
} as const
type Figures = { readonly [metric in keyof typeof UNITS]: number } & { readonly rssKib: number }

/** W4: tasks that wait for people; each round in a process of its own, so that its memory is its own. */
export async function w4(sizes: readonly number[] = [10, 1_000, 10_000, 100_000], rounds = 3): Promise<Value[]> {
  const values: Value[] = []
  for (const n of sizes) {
    const figures: Figures[] = []
    for (let round = 0; round < rounds; round++) figures.push((await life('w4', '', String(n))) as Figures)
    for (const metric of Object.keys(UNITS) as (keyof typeof UNITS)[]) {
      const settings = {
        n,
        rounds,
        // What the process holds of the machine's memory, with the database's cache and what the collector has not given back.
        ...(metric === 'kib_per_parked' && {
          rss_kib: Math.round(median(figures.map(({ rssKib }) => rssKib)) * 100) / 100,
        }),
      }
      values.push({
        workload: 'W4',
        metric,
        value: median(figures.map((each) => each[metric])),
        unit: UNITS[metric],
        settings,
      })
    }
  }
  return values
}

/** One round, in the process that parks them (`life.ts`). */
export async function parked(n: number): Promise<Figures> {
  let at: number[] = []
  let onEnd: () => void = () => {}
  const world = await bench({
    flows: [flowOf('asked', approval), flowOf('forty', sequence(40))],
    onRun: () => at.push(nowMs()),
    onEnd: () => onEnd(),
  })
  await launchAll(world, 'asked', WARM_UP, n)
  await settled(world)
  const before = { ...memory(), disk: sizeOf(world), at: nowMs() }
  await launchAll(world, 'asked', n)
  const tookMs = nowMs() - before.at
  await settled(world)
  const after = { ...memory(), disk: sizeOf(world) }

  const cpu = cpuUs()
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const idle = ((cpuUs() - cpu) / 1000 / IDLE_MS) * 100

  const gaps: number[] = []
  for (let round = 0; round < 15; round++) {
    at = []
    const done = new Promise<void>((resolve) => (onEnd = resolve))
    await world.launch('forty', n + WARM_UP + round)
    await done
    if (round >= 5) for (let i = 1; i < at.length; i++) gaps.push(at[i]! - at[i - 1]!)
  }

  const end = countdown(n)
  onEnd = end.hit
  const drain = nowMs()
  await answerAll(world, n)
  await end.done
  const drainMs = nowMs() - drain
  await world.close()
  remove(world.file)
  return {
    parks_per_s: (n * 1000) / tookMs,
    kib_per_parked: (after.used - before.used) / n / 1024,
    rssKib: (after.rss - before.rss) / n / 1024,
    disk_b_per_parked: (after.disk - before.disk) / n,
    idle_cpu_pct: idle,
    'node_to_node_while_parked.p50': median(gaps),
    drain_ms: drainMs,
  }
}

/** Bytes that are in use, and that the process holds. Collected twice: what is freed by the first may free more. */
function memory(): { readonly used: number; readonly rss: number } {
  const { gc } = globalThis
  if (!gc) throw new Error('expected --expose-gc')
  gc()
  gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { used: heapUsed + external, rss }
}
/** Of the file once it has taken in what is in its log, which stays as long as it is: one that grows again would make each commit after this dearer. */
function sizeOf(world: BenchEngine): number {
  world.db.prepare('PRAGMA wal_checkpoint(FULL)').all()
  return statSync(world.file).size
}

/** Every ask but those of the warm-up is answered, as people would: by its id and its digest. */
export async function answerAll(world: BenchEngine, n: number, warmUp = WARM_UP): Promise<void> {
  const ids = world.db
    .prepare("SELECT id FROM task_index WHERE flow = 'asked' AND phase = 'waiting' ORDER BY number LIMIT -1 OFFSET ?")
    .all([warmUp])
    .map(([id]) => id as string)
  if (ids.length !== n) throw new Error(`expected ${n} parked tasks, but found ${ids.length}`)
  const viewer = {
    actor: starter,
    rights: new Set(['operate', 'view'] as const),
    app: { launch: true, see: true, operate: true },
  }
  const { digest } = [...(await world.engine.task(ids[0]!))!.state.asks.values()][0]! // the same facts, the same digest
  for (let from = 0; from < n; from += WINDOW) {
    const some = ids
      .slice(from, from + WINDOW)
      .map((id) =>
        world.engine.command(id, { kind: 'decide', by: starter, askId: `${id}-1`, digest, verdict: 'approve' }, viewer),
      )
    await Promise.all(some)
  }
}

/** Waits until the catalogue has applied what tasks sent. */
async function settled(world: BenchEngine): Promise<void> {
  while (world.db.prepare('SELECT count(*) FROM outbox').get()![0] !== 0)
    await new Promise((resolve) => setTimeout(resolve, 5))
}
