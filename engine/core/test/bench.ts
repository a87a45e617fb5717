/** What the core alone costs: decide, apply and the JSON of an entry, per node of a sequence. `node engine/core/test/bench.ts [nodes] [rounds]` */
import { applyEntry } from '../apply.ts'
import { decide, record } from '../decide/decide.ts'
import { decideLaunch } from '../decide/launch.ts'
import { jobsOf } from '../jobs.ts'
import { act, envOf, flowOf, launchOf } from './build.ts'
import { SYSTEM, type TaskState } from '../state.ts'

const [nodes = 40, rounds = 2000] = process.argv.slice(2).map(Number)
const flow = flowOf(
  Array.from({ length: nodes }, (_, index) => act(`n${index}`, index === nodes - 1 ? 'end' : `n${index + 1}`)),
)
const env = envOf()
let bytes = 0

function step(state: TaskState, at: number): void {
  const events = decide(
    flow,
    state,
    { kind: 'result', nodeId: `n${at}`, attempt: 1, result: { kind: 'done', outputs: { exitCode: 0 } } },
    env,
  )
  const entry = record(state, events, SYSTEM, env.now)
  if (entry === null) throw new Error('expected the sequence to go on')
  applyEntry(state, entry)
  bytes += JSON.stringify(entry.events).length
  jobsOf(events, state)
}
function round(): number[] {
  const { state } = decideLaunch(flow, launchOf(), env)
  const times: number[] = []
  for (let at = 0; at < nodes; at += 1) {
    const before = performance.now()
    step(state, at)
    times.push(performance.now() - before)
  }
  return times
}

for (let warm = 0; warm < Math.max(5, 20_000 / nodes); warm += 1) round()
bytes = 0
const started = process.cpuUsage()
const before = performance.now()
let last: number[] = []
for (let each = 0; each < rounds; each += 1) last = round()
const wall = performance.now() - before
const cpu = process.cpuUsage(started)
const steps = rounds * nodes
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
process.stdout.write(
  JSON.stringify({
    nodes,
    rounds,
    wall_us_per_node: +((wall * 1000) / steps).toFixed(2),
    cpu_us_per_node: +((cpu.user + cpu.system) / steps).toFixed(2),
    bytes_per_node: Math.round(bytes / steps),
    first: +(median(last.slice(0, 200)) * 1000).toFixed(2),
    last: +(median(last.slice(-200)) * 1000).toFixed(2),
  }) + '\n',
)
