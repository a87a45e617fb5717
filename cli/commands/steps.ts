import { text, UsageError, word, type Parsed } from '../args.ts'
import type { Context } from '../context.ts'
import { drawTask } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'
import { CHOOSE_BRANCH, HOLD, MOVE_TIMER, RELEASE, TASK_NODE, type StepNode } from '../queries/steps.ts'
import { NOTE, PAUSE, PLAN, RESUME, START, type Tree } from '../queries/tasks.ts'

const show = ({ world, json }: Context, task: Tree): number => {
  if (json) world.out(JSON.stringify(task))
  else for (const line of drawTask(task, Date.now())) world.out(line)
  return EXIT.ok
}
const numberOf = (parsed: Parsed): string => word(parsed, 0, 'the task').replace(/^#/, '')

/** An instant in words of a terminal: `now`, `in 30m`, `16:00` (the next one), or ISO 8601. @throws UsageError */
export function instantOf(given: string, now: number): string {
  if (given === 'now') return new Date(now).toISOString()
  const [, count, unit] = /^(?:in )?(\d+)(s|m|h|d)$/.exec(given) ?? []
  if (count !== undefined) {
    const ms = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 's' | 'm' | 'h' | 'd'] // by the pattern
    return new Date(now + Number(count) * ms).toISOString()
  }
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(given) ?? []
  if (hour !== undefined && Number(hour) < 24 && Number(minute) < 60) {
    const at = new Date(now)
    at.setHours(Number(hour), Number(minute), 0, 0)
    if (at.getTime() <= now) at.setDate(at.getDate() + 1)
    return at.toISOString()
  }
  const at = Date.parse(DAY.test(given) ? `${given}T00:00` : given) // a day by itself is one of this machine's, not of UTC
  if (!/^\d{4}-\d{2}-\d{2}/.test(given) || Number.isNaN(at))
    throw new UsageError(`“${given}” is no time. Write now, in 30m, 16:00 or 2026-11-21T16:00`)
  return new Date(at).toISOString()
}
const DAY = /^\d{4}-\d{2}-\d{2}$/
/** As `instantOf`, for how long something lasts: a day by itself belongs to it to its end. */
export function endOf(given: string, now: number): string {
  const at = new Date(instantOf(given, now))
  if (DAY.test(given)) at.setDate(at.getDate() + 1)
  return at.toISOString()
}

const onTask = (
  of: Pick<Command, 'usage' | 'about'>,
  send: (context: Context, id: string) => Promise<Tree>,
): Command => ({
  ...of,
  flags: {},
  run: async (context, parsed) => show(context, await send(context, numberOf(parsed))),
})
export const pause = onTask(
  { usage: 'pause <task>', about: 'Starts nothing more until it is resumed; what runs goes on.' },
  async ({ client }, id) => (await client.query(PAUSE, { id })).pauseTask,
)
export const resume = onTask(
  { usage: 'resume <task>', about: 'Goes on with a paused task.' },
  async ({ client }, id) => (await client.query(RESUME, { id })).resumeTask,
)
export const start: Command = {
  ...onTask(
    { usage: 'start <task> [--override-freeze <why>]', about: 'Starts a task that waits for it.' },
    async ({ client, flags }, id) => {
      const overrideFreeze = text(flags, 'override-freeze')
      return (await client.query(START, { id, ...(overrideFreeze !== undefined && { overrideFreeze }) })).startTask
    },
  ),
  flags: { 'override-freeze': 'value' },
}

export const plan: Command = {
  usage: 'plan <task> <when | never>',
  about: 'Sets when a task that has not started starts by itself.',
  flags: {},
  async run(context, parsed) {
    const when = parsed.words.slice(1).join(' ')
    if (when === '') throw new UsageError('when is missing: now, in 30m, 16:00, an ISO 8601 time, or never')
    const at = when === 'never' ? null : instantOf(when, Date.now())
    const { planTask } = await context.client.query(PLAN, { id: numberOf(parsed), at })
    return show(context, planTask)
  },
}
export const note: Command = {
  usage: 'note <task> <text>',
  about: 'Leaves a note on a task; an empty one takes it away.',
  flags: {},
  async run(context, parsed) {
    const { setNote } = await context.client.query(NOTE, {
      id: numberOf(parsed),
      note: parsed.words.slice(1).join(' '),
    })
    return show(context, setNote)
  },
}

/** The step that is meant, as it is now: commands carry the attempt that was seen. @throws NothingToDo */
async function stepOf(context: Context, parsed: Parsed): Promise<{ id: string; node: StepNode }> {
  const number = numberOf(parsed)
  const named = word(parsed, 1, 'the step')
  const { task } = await context.client.query(TASK_NODE, { id: number, node: named })
  if (!task) throw new NothingToDo(`there is no task ${number} that you may see`)
  if (!task.node) throw new NothingToDo(`#${task.number} has no step ${named}`)
  return { id: task.id, node: task.node }
}
const onStep = (
  of: Pick<Command, 'usage' | 'about'>,
  send: (
    context: Context,
    input: { taskId: string; nodeId: string; attempt: number; note?: string },
    node: StepNode,
    rest: readonly string[],
  ) => Promise<Tree>,
): Command => ({
  ...of,
  flags: { note: 'value' },
  async run(context, parsed) {
    const { id, node } = await stepOf(context, parsed)
    const why = text(context.flags, 'note')
    const input = { taskId: id, nodeId: node.id, attempt: node.attempt, ...(why !== undefined && { note: why }) }
    return show(context, await send(context, input, node, parsed.words.slice(2)))
  },
})

export const branch = onStep(
  {
    usage: 'branch <task> <gateway> <branch…> [--note <why>]',
    about: 'Sends a task down branches that a failed gateway could not choose.',
  },
  async ({ client }, input, node, rest) => {
    const known = node.branches.map(({ id, title }) => `${id} (${title})`).join(', ')
    if (rest.length === 0) throw new UsageError(`name a branch: ${known}`)
    const branches = rest.map((given) => {
      const found = node.branches.find(({ id, title }) => id === given || title === given)
      if (!found) throw new UsageError(`${node.id} has no branch “${given}”: ${known}`)
      return found.id
    })
    return (await client.query(CHOOSE_BRANCH, { input: { ...input, branches } })).chooseBranch
  },
)
export const move = onStep(
  { usage: 'move <task> <step> <when | now>', about: 'Moves a waiting step’s time, or ends its wait.' },
  async ({ client }, input, _node, rest) => {
    if (rest.length === 0) throw new UsageError('when is missing: now, in 30m, 16:00 or an ISO 8601 time')
    return (await client.query(MOVE_TIMER, { input: { ...input, at: instantOf(rest.join(' '), Date.now()) } }))
      .rescheduleNode
  },
)
export const hold = onStep(
  { usage: 'hold <task> <step>', about: 'Lets nobody into a step until it is released.' },
  async ({ client }, input) => (await client.query(HOLD, { input })).pauseBefore,
)
export const release = onStep(
  { usage: 'release <task> <step>', about: 'Lets a held step begin.' },
  async ({ client }, input) => (await client.query(RELEASE, { input })).unpause,
)
