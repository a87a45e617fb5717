import { countdown, median, nowMs, type Value } from './measure.ts'
import { bench, flowOf, remove } from './world.ts'

const polled = { use: 'polled@1' }
const chain = (nodes: number, prefix: string, last: string): object =>
  Object.fromEntries(
    Array.from({ length: nodes }, (_, i) => [
      `${prefix}${i + 1}`,
      { ...polled, next: i + 1 < nodes ? `${prefix}${i + 2}` : last },
    ]),
  )

/** W10: what bamboo-engine publishes. Each step is one execute and one poll, asked for at once. */
export async function w10(rounds = 3): Promise<Value[]> {
  const seventeen = { nodes: chain(17, 'n', 'end') }
  const branches = 100
  const thousand = {
    nodes: {
      fork: { gateway: 'parallel', next: Array.from({ length: branches }, (_, i) => `b${i}n1`) },
      ...Object.assign({}, ...Array.from({ length: branches }, (_, i) => chain(10, `b${i}n`, 'join'))),
      join: { gateway: 'converge', next: 'end' },
    },
  }
  const hundredFlows: number[] = []
  const thousandNodes: number[] = []
  for (let round = 0; round < rounds; round++) {
    hundredFlows.push(await run(seventeen, 100))
    thousandNodes.push(await run(thousand, 1))
  }
  const value = (metric: string, ms: readonly number[], settings: Value['settings']): Value => ({
    workload: 'W10',
    metric,
    value: median(ms) / 1000,
    unit: 's',
    settings: { ...settings, rounds },
  })
  return [
    value('hundred_flows_s', hundredFlows, { flows: 100, nodes: 17 }),
    value('thousand_nodes_s', thousandNodes, { flows: 1, nodes: 10 * branches, branches }),
  ]
}

async function run(spec: object, tasks: number): Promise<number> {
  const end = countdown(tasks)
  const world = await bench({ flows: [flowOf('polled', spec)], onEnd: end.hit })
  const begin = nowMs()
  for (let i = 0; i < tasks; i++) void world.launch('polled', i)
  await end.done
  const took = nowMs() - begin
  await world.close()
  remove(world.file)
  return took
}
