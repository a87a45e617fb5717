import type { ResultOf } from '../../api/client/index.ts'
import { REBUILD_STATS, STATS } from '../queries/administration.ts'
import { text, UsageError } from '../args.ts'
import { table } from '../draw.ts'
import { EXIT } from '../exit.ts'
import type { Command } from '../main.ts'

type Row = ResultOf<typeof STATS>['stats']['rows'][number]

export const stats: Command = {
  usage: 'stats [--app <name>] [--flow <name>] [--days <n>] | stats rebuild',
  about:
    'Runs, success, how long the work and the waiting for people took, why steps fail and which are retried most; `rebuild` counts every ended task anew.',
  flags: { app: 'value', flow: 'value', days: 'value' },
  async run({ client, world, json, flags, project }, parsed) {
    if (parsed.words[0] === 'rebuild') {
      const { rebuildStats } = await client.query(REBUILD_STATS)
      world.out(
        json
          ? JSON.stringify({ tasks: rebuildStats })
          : `${rebuildStats} ${rebuildStats === 1 ? 'task was' : 'tasks were'} counted anew.`,
      )
      return EXIT.ok
    }
    if (parsed.words[0] !== undefined) throw new UsageError(`stats ${parsed.words[0]} is not a command: rebuild`)
    const [app, flow, days] = [text(flags, 'app'), text(flags, 'flow'), text(flags, 'days')]
    if (days !== undefined && !/^\d{1,3}$/.test(days))
      throw new UsageError(`--days: expected a number of days, but got ${days}`)
    const { stats: found } = await client.query(STATS, {
      ...(project !== undefined && { project }),
      ...(app !== undefined && { app }),
      ...(flow !== undefined && { flow }),
      ...(days !== undefined && { days: Number(days) }),
    })
    if (json) {
      world.out(JSON.stringify(found))
      return EXIT.ok
    }
    if (found.total.runs === 0) {
      world.out('No task ended in these days.')
      return EXIT.ok
    }
    const rows = found.nodes.length > 0 ? found.nodes : found.rows
    for (const line of table([HEAD, ...rows.map(draw), draw({ ...found.total, title: 'all' })])) world.out(line)
    const causes = found.total.causes.map(({ text: why, count }) => `${why}: ${count}`)
    if (causes.length > 0) world.out(`Why steps failed: ${causes.join('; ')}`)
    const hands = found.total.byHand.map((one) => `${one.by.name} ${actsOf(one)}`)
    if (hands.length > 0) world.out(`By hand: ${hands.join('; ')}`)
    const retried = found.mostRetried.map(({ flowTitle, title, retries }) => `${title} (${flowTitle}): ${retries}`)
    if (retried.length > 0) world.out(`Retried most: ${retried.join('; ')}`)
    return EXIT.ok
  },
}
const actsOf = ({ retried, skipped, byHand, gaveUp }: Row['byHand'][number]): string =>
  [
    retried > 0 && `${retried} retried`,
    skipped > 0 && `${skipped} skipped`,
    byHand > 0 && `${byHand} done by hand`,
    gaveUp > 0 && `${gaveUp} given up`,
  ]
    .filter(Boolean)
    .join(', ')
const HEAD = ['', 'runs', 'success', 'work p50', 'p95', 'waiting p50', 'p95', 'retries', 'failed', 'stopped']
const draw = ({ title, runs, successRate, work, wait, retries, failed, revoked }: Row): string[] => [
  title,
  String(runs),
  successRate === null ? '–' : `${Math.round(successRate * 1000) / 10} %`,
  took(work.p50),
  took(work.p95),
  took(wait.p50),
  took(wait.p95),
  String(retries),
  String(failed),
  String(revoked),
]
/** As people say it: `320 ms`, `4.2 s`, `12 min`, `3.5 h`, `2 d`. */
function took(ms: number | null): string {
  if (ms === null) return '–'
  const round = (value: number): string => String(value < 10 ? Math.round(value * 10) / 10 : Math.round(value))
  if (ms < 1_000) return `${ms} ms`
  if (ms < 60_000) return `${round(ms / 1_000)} s`
  if (ms < 3_600_000) return `${round(ms / 60_000)} min`
  return ms < 86_400_000 ? `${round(ms / 3_600_000)} h` : `${round(ms / 86_400_000)} d`
}
