import { bench, flowOf, remove, sequence } from './world.ts'
import { countdown, cpuUs, median, nowMs, quantile, type Value } from './measure.ts'

/** W1: one task of 40 steps after another, alone: how long from one step to the next. Then tasks of one step, so that launches find the caches as launches left them. */
export async function w1(): Promise<Value[]> {
  const forty = await alone(40, 60, 500)
  const one = await alone(1, 300, 500)
  return [
    forty.value('node_to_node.p50', median(forty.gaps)),
    forty.value('node_to_node.p99', quantile(forty.gaps, 0.99)),
    forty.value('start_to_first.p50', median(forty.starts)),
    one.value('start_to_first.p50', median(one.starts)),
  ]
}
/** Tasks of so many steps, each launched when the one before has ended; the first ones warm up. */
async function alone(nodes: number, rounds: number, warmUp: number) {
  const at: number[] = []
  let ended: () => void = () => {}
  const world = await bench({
    flows: [flowOf('steps', sequence(nodes))],
    onRun: () => at.push(nowMs()),
    onEnd: () => ended(),
  })
  const gaps: number[] = []
  const starts: number[] = []
  for (let round = -warmUp; round < rounds; round++) {
    at.length = 0
    const begin = nowMs()
    const done = new Promise<void>((resolve) => (ended = resolve))
    await world.launch('steps', round + warmUp)
    await done
    // A server that has been up for a moment: the code is compiled, and the database's log has its size.
    if (round < 0) continue
    starts.push(at[0]! - begin)
    for (let i = 1; i < at.length; i++) gaps.push(at[i]! - at[i - 1]!)
  }
  await world.close()
  remove(world.file)
  const settings = { tasks: rounds, nodes, warm_up: warmUp }
  const value = (metric: string, ms: number): Value => ({ workload: 'W1', metric, value: ms, unit: 'ms', settings })
  return { gaps, starts, value }
}

/** W2: 1,000 tasks of 10 steps, all launched at once. */
export async function w2(tasks = 1_000, rounds = 5, warmUp = 3): Promise<Value[]> {
  const perS: number[] = []
  const perNode: number[] = []
  for (let round = -warmUp; round < rounds; round++) {
    const end = countdown(tasks)
    const world = await bench({ flows: [flowOf('ten', sequence(10))], onEnd: end.hit })
    const [begin, cpu] = [nowMs(), cpuUs()]
    for (let i = 0; i < tasks; i++) void world.launch('ten', i)
    await end.done
    const [took, used] = [nowMs() - begin, cpuUs() - cpu]
    // The first rounds compile, as in W1.
    if (round >= 0) perS.push((tasks * 10 * 1000) / took)
    if (round >= 0) perNode.push(used / (tasks * 10))
    await world.close()
    remove(world.file)
  }
  const settings = { tasks, nodes: 10, rounds, warm_up: warmUp }
  return [
    { workload: 'W2', metric: 'nodes_per_s', value: median(perS), unit: '1/s', settings },
    { workload: 'W2', metric: 'cpu_us_per_node', value: median(perNode), unit: 'µs', settings },
  ]
}

/** W3: a parallel gateway with 100 branches of one step each, and its converge. */
export async function w3(rounds = 20): Promise<Value[]> {
  const branches = Array.from({ length: 100 }, (_, i) => `b${i}`)
  const spec = {
    nodes: {
      fork: { gateway: 'parallel', next: branches },
      ...Object.fromEntries(branches.map((id) => [id, { use: 'noop@1', next: 'join' }])),
      join: { gateway: 'converge', next: 'end' },
    },
  }
  let ended: () => void = () => {}
  const world = await bench({ flows: [flowOf('fan', spec)], onEnd: () => ended() })
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begin = nowMs()
    const done = new Promise<void>((resolve) => (ended = resolve))
    await world.launch('fan', round)
    await done
    if (round >= 5) took.push(nowMs() - begin)
  }
  await world.close()
  remove(world.file)
  return [
    {
      workload: 'W3',
      metric: 'fanout100.p50',
      value: median(took),
      unit: 'ms',
      settings: { branches: 100, rounds: rounds - 5 },
    },
  ]
}

/** W7: one task of 10,000 steps: a step costs the same at the end as at the beginning. */
export async function w7(nodes = 10_000): Promise<Value[]> {
  const at: number[] = []
  const end = countdown(1)
  const world = await bench({ flows: [flowOf('long', sequence(nodes))], onRun: () => at.push(nowMs()), onEnd: end.hit })
  await world.launch('long', 0)
  await end.done
  await world.close()
  remove(world.file)
  const gaps = at.slice(1).map((time, i) => time - at[i]!)
  const settings = { nodes }
  return [
    { workload: 'W7', metric: 'first200.p50', value: median(gaps.slice(0, 200)), unit: 'ms', settings },
    { workload: 'W7', metric: 'last200.p50', value: median(gaps.slice(-200)), unit: 'ms', settings },
  ]
}
