import { text, UsageError, word } from '../args.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import { exportLines } from '../export-lines.ts'
import { runOnMachine } from '../local.ts'
import type { Command } from '../main.ts'
import { HISTORY_CHECK, RETENTION, SET_RETENTION } from '../queries/history.ts'
import { TASK_ID } from '../queries/tasks.ts'

const onMachine = (of: Pick<Command, 'usage' | 'about' | 'flags'>): Command => ({
  ...of,
  local: () => true,
  runLocal: (world, argv) => runOnMachine(world, 'history.ts', argv),
  run: () => Promise.reject(new UsageError(of.usage)),
})

export const verify = onMachine({
  usage: 'verify <file> [--key <ed25519:…|file>] [--head <event>:<hash>] [--audit-head <row>:<hash>]',
  about: 'Checks an exported history without a server: an edit, a gap and a cut-off end are told where they are.',
  flags: { key: 'value', head: 'value', 'audit-head': 'value' },
})
export const backup = onMachine({
  usage: 'backup -o <file> [--with-key] [--data <folder>]',
  about: 'On the server itself: one consistent file, made while the server goes on.',
  flags: { out: 'value', 'with-key': 'switch', data: 'value' },
})
export const restore = onMachine({
  usage: 'restore <file> [--go-on] [--data <folder>]',
  about: 'On the stopped server: puts a backup in place; what was there is kept aside, tasks are paused.',
  flags: { 'go-on': 'switch', data: 'value' },
})

export const history: Command = {
  usage: 'history export [<task>] [-o <file>] | check <task> | key [--data <folder>]',
  about:
    'Exports histories for `baton verify` (one task, --project, or everything with the audit); checks one in place; on the server itself, `key` prints what exports are verified by.',
  flags: { out: 'value', data: 'value' },
  local: (parsed) => parsed.words[0] === 'key',
  runLocal: (world, [, ...argv]) => runOnMachine(world, 'history.ts', argv),
  async run(context, parsed) {
    const { client, world, json, project } = context
    const verb = word(parsed, 0, 'export, check or key')
    const task = parsed.words[1]?.replace(/^#/, '')
    if (verb === 'check') {
      const { historyCheck: found } = await client.query(HISTORY_CHECK, {
        task: word(parsed, 1, 'the task').replace(/^#/, ''),
      })
      if (json) world.out(JSON.stringify(found))
      else world.out(found.whole ? 'Whole.' : `NOT WHOLE at event ${found.event}: ${found.problem}`)
      return found.whole ? EXIT.ok : EXIT.failed
    }
    if (verb !== 'export') throw new UsageError(`history ${verb} is not a command: export, check or key`)
    if (task !== undefined && !(await client.query(TASK_ID, { id: task })).task)
      throw new NothingToDo(`there is no task ${task} that you may see`)
    const scope = task !== undefined ? { task } : project !== undefined ? { project } : {}
    return exportLines(context, scope, 'a history')
  },
}

const days = (count: number | null): string => (count === null ? 'for ever' : `${count} days`)
/** @throws UsageError unless it is a number of days or `never`. */
function daysOf(given: string | undefined, now: number | null): number | null {
  if (given === undefined) return now
  if (given === 'never') return null
  if (!/^\d{1,6}$/.test(given)) throw new UsageError(`expected a number of days or never, but got ${given}`)
  return Number(given)
}
export const retention: Command = {
  usage: 'retention [--tasks <days|never>] [--logs <days|never>] [--statistics <days|never>]',
  about:
    'How long --project keeps ended tasks before they go into the archive, and logs and statistics before they go.',
  flags: { tasks: 'value', logs: 'value', statistics: 'value' },
  async run({ client, world, json, flags, project }) {
    const which = project === undefined ? {} : { project }
    const [tasks, logs, sums] = [text(flags, 'tasks'), text(flags, 'logs'), text(flags, 'statistics')]
    const { retention: now } = await client.query(RETENTION, which)
    const wanted = {
      tasksDays: daysOf(tasks, now.tasksDays),
      logsDays: daysOf(logs, now.logsDays),
      statisticsDays: daysOf(sums, now.statisticsDays),
    }
    const kept =
      tasks === undefined && logs === undefined && sums === undefined
        ? now
        : (await client.query(SET_RETENTION, { ...which, ...wanted })).setRetention
    if (json) world.out(JSON.stringify(kept))
    else
      world.out(
        `${kept.project} keeps ended tasks ${days(kept.tasksDays)}, then in the archive; logs ${days(kept.logsDays)}; statistics ${days(kept.statisticsDays)}; the audit for ever.`,
      )
    return EXIT.ok
  },
}
