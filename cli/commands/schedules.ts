import { graphql, type ResultOf, whole } from '../../api/client/index.ts'
import { text, UsageError, word } from '../args.ts'
import type { Context } from '../context.ts'
import { clock, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'

const ScheduleShown = graphql(`
  fragment ScheduleShown on Schedule {
    name
    project
    title
    app
    appTitle
    variables
    cron
    at
    timeZone
    overlap
    missed
    calendar
    until
    owner {
      name
    }
    state
    pausedText
    nextDue(first: 3)
    frozen {
      text
    }
  }
`)
type Schedule = ResultOf<typeof ScheduleShown>
const RunShown = graphql(`
  fragment ScheduleRunShown on ScheduleRun {
    dueAt
    state
    text
    count
    notBefore
    task {
      number
      title
      phase
    }
  }
`)
const DueShown = graphql(`
  fragment ScheduleDueShown on ScheduleDue {
    at
    local
    note
    frozen {
      text
    }
  }
`)
type Due = ResultOf<typeof DueShown>
const LIST = graphql(
  `
    query TerminalSchedules($project: String, $first: Int, $after: String) {
      schedules(project: $project, first: $first, after: $after) {
        ...ScheduleShown
      }
    }
  `,
  [ScheduleShown],
)
const ONE = graphql(
  `
    query TerminalSchedule($name: String!, $project: String, $first: Int) {
      schedule(name: $name, project: $project) {
        ...ScheduleShown
        missedText
        dues(first: 5) {
          ...ScheduleDueShown
        }
        runs(first: $first) {
          nodes {
            ...ScheduleRunShown
          }
        }
      }
    }
  `,
  [ScheduleShown, RunShown, DueShown],
)
const PREVIEW = graphql(
  `
    query TerminalSchedulePreview(
      $project: String
      $app: String
      $cron: String
      $at: [String!]
      $timeZone: String
      $calendar: String
      $until: String
      $missed: String
      $first: Int
    ) {
      schedulePreview(
        project: $project
        app: $app
        cron: $cron
        at: $at
        timeZone: $timeZone
        calendar: $calendar
        until: $until
        missed: $missed
        first: $first
      ) {
        timeZone
        missedText
        dues {
          ...ScheduleDueShown
        }
      }
    }
  `,
  [DueShown],
)
const PAUSE = graphql(
  `
    mutation TerminalPauseSchedule($name: String!, $project: String, $reason: String) {
      pauseSchedule(name: $name, project: $project, reason: $reason) {
        ...ScheduleShown
      }
    }
  `,
  [ScheduleShown],
)
const RESUME = graphql(
  `
    mutation TerminalResumeSchedule($name: String!, $project: String) {
      resumeSchedule(name: $name, project: $project) {
        ...ScheduleShown
      }
    }
  `,
  [ScheduleShown],
)
const TAKE = graphql(
  `
    mutation TerminalTakeSchedule($name: String!, $project: String) {
      takeSchedule(name: $name, project: $project) {
        ...ScheduleShown
      }
    }
  `,
  [ScheduleShown],
)
const RUN = graphql(
  `
    mutation TerminalRunSchedule($name: String!, $project: String, $overrideFreeze: String) {
      runSchedule(name: $name, project: $project, overrideFreeze: $overrideFreeze) {
        ...ScheduleRunShown
      }
    }
  `,
  [RunShown],
)
const FREEZES = graphql(`
  query TerminalFreezes($project: String) {
    freezes(project: $project) {
      name
      project
      title
      help
      apps
      except
      active {
        from
        to
      }
      next {
        from
        to
      }
    }
  }
`)

const at = (text: string): string => clock(text, Date.now())
const stateOf = ({ state, pausedText, nextDue }: Schedule): string =>
  state === 'PAUSED' ? (pausedText ?? 'paused') : state === 'ENDED' ? 'over' : `next ${nextDue.map(at).join(', ')}`
const whenOf = ({ cron, at: instants, timeZone, calendar, until }: Schedule): string =>
  [cron ?? instants.join(', '), timeZone, calendar && `on days of ${calendar}`, until && `until ${until}`]
    .filter(Boolean)
    .join(' · ')

export const schedule: Command = {
  usage:
    'schedule list | show <name> [--first <n>] | preview --cron <five fields> | --at <time>[,<time>] [--zone <zone>] [--calendar <name>] [--app <name>] [--until <day>] [--missed runOnce|skip] | pause <name> [--reason <why>] | resume <name> | take <name> | run <name> [--override-freeze <why>]',
  about:
    'What launches apps by itself: when it is due next, and what became of each due time. take makes you its owner: it is launched with your rights then. preview shows the next times of one that is not made yet, changes of clocks and freezes included. Made by baton apply.',
  flags: {
    ...{ reason: 'value', first: 'value', 'override-freeze': 'value' },
    ...{ cron: 'value', at: 'value', zone: 'value', calendar: 'value', app: 'value', until: 'value', missed: 'value' },
  },
  async run(context, parsed) {
    const verb = parsed.words[0] ?? 'list'
    if (verb === 'list') return list(context)
    if (verb === 'preview') return preview(context)
    const act = ACTS[verb]
    if (!act) throw new UsageError(`schedule ${verb} is not a command: list, preview, ${Object.keys(ACTS).join(', ')}`)
    return act(context, { name: word(parsed, 1, 'the schedule'), ...(context.project && { project: context.project }) })
  },
}
type Named = { readonly name: string; readonly project?: string }
const ACTS: Readonly<Record<string, (context: Context, named: Named) => Promise<number>>> = {
  show,
  pause: async (context, named) => {
    const reason = text(context.flags, 'reason')
    return told(context, (await context.client.query(PAUSE, { ...named, ...(reason && { reason }) })).pauseSchedule)
  },
  resume: async (context, named) => told(context, (await context.client.query(RESUME, named)).resumeSchedule),
  take: async (context, named) => told(context, (await context.client.query(TAKE, named)).takeSchedule),
  run: async (context, named) => {
    const { client, world, json, flags } = context
    const overrideFreeze = text(flags, 'override-freeze')
    const { runSchedule } = await client.query(RUN, { ...named, ...(overrideFreeze && { overrideFreeze }) })
    if (json) world.out(JSON.stringify(runSchedule))
    else
      world.out(`Launched ${runSchedule.task ? `${runSchedule.task.title} #${runSchedule.task.number}` : named.name}`)
    return EXIT.ok
  },
}

async function list({ client, world, json, project }: Context): Promise<number> {
  const schedules = await whole(
    async (piece) => (await client.query(LIST, { ...(project && { project }), ...piece })).schedules,
    (one) => `${one.project}/${one.name}`,
  )
  if (json) world.out(JSON.stringify(schedules))
  else if (schedules.length === 0) world.out('No schedules.')
  else
    for (const line of table(
      schedules.map((one) => [one.name, one.appTitle, one.owner?.name ?? 'nobody', whenOf(one), stateOf(one)]),
    ))
      world.out(line)
  return EXIT.ok
}
function told({ world, json }: Context, one: Schedule): number {
  if (json) world.out(JSON.stringify(one))
  else world.out(`${one.title}: ${stateOf(one)}`)
  return EXIT.ok
}
const duesDrawn = (dues: readonly Due[]): readonly string[] =>
  table(dues.map((due) => [due.local, [due.note, due.frozen?.text].filter(Boolean).join('. ')])).map(
    (line) => `  ${line}`,
  )
async function preview({ client, world, json, flags, project }: Context): Promise<number> {
  const given = Object.fromEntries(
    ['app', 'cron', 'calendar', 'until', 'missed'].flatMap((name) => {
      const value = text(flags, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const [at, zone, first] = [text(flags, 'at'), text(flags, 'zone'), text(flags, 'first')]
  if (at === undefined && given['cron'] === undefined) throw new UsageError('say when: --cron or --at')
  if (first !== undefined && !/^\d{1,2}$/.test(first))
    throw new UsageError(`--first: expected 1 to 20, but got ${first}`)
  const { schedulePreview: found } = await client.query(PREVIEW, {
    ...given,
    ...(project && { project }),
    ...(at !== undefined && { at: at.split(',').map((one) => one.trim()) }),
    ...(zone !== undefined && { timeZone: zone }),
    ...(first !== undefined && { first: Number(first) }),
  })
  if (json) world.out(JSON.stringify(found))
  else {
    world.out(`In ${found.timeZone}:`)
    for (const line of found.dues.length > 0 ? duesDrawn(found.dues) : ['  never']) world.out(line)
    world.out(found.missedText)
  }
  return EXIT.ok
}
async function show({ client, world, json, flags }: Context, named: Named): Promise<number> {
  const { schedule: found } = await client.query(ONE, { ...named, first: Number(text(flags, 'first') ?? 10) })
  if (!found) throw new NothingToDo(`there is no schedule ${named.name} that you may see`)
  if (json) {
    world.out(JSON.stringify(found))
    return EXIT.ok
  }
  world.out(`${found.title}  launches ${found.appTitle} (${found.app}) as ${found.owner?.name ?? 'nobody'}`)
  world.out(`  ${whenOf(found)}`)
  world.out(`  ${stateOf(found)}`)
  if (found.frozen) world.out(`  ${found.frozen.text}`)
  for (const line of duesDrawn(found.dues)) world.out(line)
  const overlap = { SKIP: 'left out', QUEUE: 'after it', ALLOW: 'beside it' }[found.overlap]
  world.out(`  while the one before runs: ${overlap}`)
  world.out(`  ${found.missedText}`)
  const inputs = Object.entries((found.variables ?? {}) as Record<string, unknown>) // a map, by the document
  for (const [key, value] of inputs)
    world.out(`  ${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const rows = found.runs.nodes.map((run) => [
    at(run.dueAt),
    `${run.text}${run.notBefore && run.state === 'WAITING' ? ` (${at(run.notBefore)})` : ''}`,
    run.task ? `#${run.task.number} ${run.task.phase.toLowerCase()}` : '',
  ])
  for (const line of table(rows)) world.out(`  ${line}`)
  return EXIT.ok
}

export const freezes: Command = {
  usage: 'freezes',
  about: 'When nothing is launched or retried: what holds now, and what begins next. Made by baton apply.',
  flags: {},
  async run({ client, world, json, project }) {
    const { freezes: found } = await client.query(FREEZES, { ...(project && { project }) })
    if (json) world.out(JSON.stringify(found))
    else if (found.length === 0) world.out('No freezes.')
    else
      for (const line of table(
        found.map((one) => [
          one.name,
          one.title,
          one.active
            ? `HOLDS until ${one.active.to ? at(one.active.to) : 'it is taken out'}`
            : one.next
              ? `from ${at(one.next.from)}${one.next.to ? ` to ${at(one.next.to)}` : ' on'}`
              : 'over',
          [one.apps?.join(', ') ?? 'all apps', one.except.length > 0 && `but not ${one.except.join(', ')}`]
            .filter(Boolean)
            .join(', '),
        ]),
      ))
        world.out(line)
    return EXIT.ok
  },
}
