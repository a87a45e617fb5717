/** `npm run bench [-- W1 W2 … --json --above=15]`: the workloads of README.md through the engine's public entry. No thresholds: it measures. */
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { w9 } from './cold.ts'
import { w11 } from './graphql.ts'
import { floors } from './floor.ts'
import { w5, w6 } from './killed.ts'
import { w0 } from './machine.ts'
import { round, type Value } from './measure.ts'
import { w4 } from './parked.ts'
import { w12 } from './people.ts'
import { w10 } from './polled.ts'
import { w1, w2, w3, w7 } from './steps.ts'

const WORKLOADS: { readonly [id: string]: () => Promise<Value[]> } = {
  W0: async () => [...(await w0()), ...(await floors())],
  W1: w1,
  W2: w2,
  W3: w3,
  W4: w4,
  W5: w5,
  W6: w6,
  W7: w7,
  W9: w9,
  W10: w10,
  W11: w11,
  W12: () => w12(undefined, above),
}
/** `--above=15`: W12 names every question that takes longer. */
const above = Number(process.argv.find((arg) => arg.startsWith('--above='))?.slice(8)) || null
/** What we want, on the two-core machine where the goals were set (the last column of the benchmark's table); W0 says how this one compares. */
const GOALS: { readonly [metric: string]: string } = {
  'W0 commits_per_s': 'there 8,500–10,000',
  'W0 rows_per_s': 'there 219,000',
  'W1 node_to_node.p50': '≤ 0.25',
  'W1 start_to_first.p50': '≤ 0.4',
  'W2 nodes_per_s': '≥ 50,000',
  'W2 cpu_us_per_node': '≤ 20',
  'W3 fanout100.p50': '≤ 3',
  'W4 parks_per_s': '≥ 60,000',
  'W4 kib_per_parked': '≤ 1',
  'W4 disk_b_per_parked': '≤ 600',
  'W4 drain_ms': '≤ 500 at 10,000',
  'W5 restart_to_done_ms': '≤ 400',
  'W5 lost': '0',
  'W6 restart_to_first_ms': '≤ 100',
  'W12 lists_p99_ms': '≤ 50',
  'W12 administration_p99_ms': '≤ 50',
  'W12 rights_p99_ms': '≤ 50',
}

const args = process.argv.slice(2)
const isJson = args.includes('--json')
const wanted = args.filter((arg) => !arg.startsWith('--'))
const unknown = wanted.filter((id) => !(id in WORKLOADS))
if (unknown.length > 0) {
  process.stderr.write(`expected some of ${Object.keys(WORKLOADS).join(' ')}, but got ${unknown.join(' ')}\n`)
  process.exit(2)
}

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
const machine = {
  baton: version,
  node: process.version,
  cpus: cpus().length,
  cpu: cpus()[0]?.model.trim() ?? '',
  load: round(loadavg()[0] ?? 0),
  journal: 'WAL',
  synchronous: 'FULL',
}
if (!isJson)
  console.log(
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(' · '),
  )
for (const id of wanted.length > 0 ? wanted : Object.keys(WORKLOADS)) {
  const values = await WORKLOADS[id]!()
  if (values.length === 0 && !isJson) console.log(`${id}  cannot be measured here: there is no server entry`)
  for (const value of values) print(value)
}
process.exit(0)

function print({ workload, metric, value, unit, settings }: Value): void {
  if (isJson)
    return console.log(
      JSON.stringify({ workload, metric, value: round(value), unit, settings: { ...settings, ...machine } }),
    )
  const goal = GOALS[`${workload} ${metric}`]
  const detail = Object.entries(settings)
    .map(([name, amount]) => `${name} ${amount.toLocaleString('en')}`)
    .join(', ')
  console.log(
    `${workload}  ${metric.padEnd(32)}${round(value).toLocaleString('en').padStart(12)} ${unit.padEnd(4)} ${(goal ? (workload === 'W0' ? goal : `goal ${goal}`) : '').padEnd(24)} ${detail}`,
  )
}
