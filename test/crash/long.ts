/**
 * `npm run crash [-- kills [seed]]`: kills engines under load, and every tenth time a whole Baton with scripts on a real sshd and a chat to tell,
 * and holds against each other what callers, hosts, chats and the journal say. All at the same time. Exits with 1 on a problem.
 */
import { crash } from '../../engine/test/crash/run.ts'
import { skipLine, system } from '../system.ts'
import { crashHosts } from './hosts.ts'

const KILLS_A_ROUND = 20
const wanted = Number(process.argv[2] ?? 500)
const first = Number(process.argv[3] ?? Date.now() % 100_000)
const has = system()
const onHosts = has.sshd ? Math.ceil(wanted / 10) : 0
if (!has.sshd) skipLine('scripts on a real sshd and deliveries: there is no sshd')
const began = performance.now()
const problems: string[] = []
const total = { kills: 0, tasks: 0, starts: 0, lost: 0, scripts: 0, deliveries: 0 }
const say = (text: string): void =>
  void process.stdout.write(`${Math.round((performance.now() - began) / 1000)} s: ${text}\n`)

let left = wanted - onHosts
let round = 0
async function engines(): Promise<void> {
  while (left > 0) {
    const kills = Math.min(left, KILLS_A_ROUND)
    const seed = first + round++
    left -= kills
    const result = await crash({ seed, kills, tasksPerLife: 30, maxLifeMs: 400 })
    total.kills += kills
    total.tasks += result.tasks
    total.starts += result.starts
    total.lost += result.lost
    problems.push(...result.problems.map((problem) => `engine, seed ${seed}: ${problem}`))
    say(
      `engine, seed ${seed}: ${kills} kills, ${result.tasks} tasks, ${result.starts} starts, ${result.lost} lost and asked about, ${result.problems.length} problems; ${total.kills} kills so far`,
    )
  }
}
async function hosts(): Promise<void> {
  for (let rest = onHosts, seed = first; rest > 0; rest -= KILLS_A_ROUND, seed++) {
    const result = await crashHosts({ seed, kills: Math.min(rest, KILLS_A_ROUND) })
    total.kills += result.kills
    total.tasks += result.tasks
    total.lost += result.lost
    total.scripts += result.scripts
    total.deliveries += result.deliveries
    problems.push(...result.problems.map((problem) => `Baton, seed ${seed}: ${problem}`))
    say(
      `Baton with sshd and chat, seed ${seed}: ${result.kills} kills, ${result.tasks} tasks, ${result.scripts} scripts, ${result.lost} lost and asked about, ${result.deliveries} messages, ${result.problems.length} problems; ${total.kills} kills so far`,
    )
  }
}

// Servers and engines are ended with this process (`exit`), which a bare signal would not come to.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
// Each waits more than it works: for the moment to kill, and for what is on disk.
const outcomes = await Promise.allSettled([engines(), engines(), hosts()])
for (const outcome of outcomes)
  if (outcome.status === 'rejected') problems.push(`a part broke off: ${String(outcome.reason)}`)
for (const problem of problems) process.stderr.write(`${problem}\n`)
const { kills, tasks, starts, lost, scripts, deliveries } = total
say(
  `${kills} kills, ${tasks} tasks, ${starts} starts, ${lost} lost and asked about, ${scripts} scripts, ${deliveries} deliveries, ${problems.length} problems`,
)
process.exit(problems.length > 0 ? 1 : 0)
