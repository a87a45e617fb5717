import { randomUUID } from 'node:crypto'
import type { VariablesOf } from '../../api/client/index.ts'
import { isOn, pairs, text, UsageError, word } from '../args.ts'
import type { Context } from '../context.ts'
import { CONFIRM } from '../queries/apps.ts'
import { drawTask, phaseText, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'
import { BYHAND, FAIL, RETRY, SKIP } from '../queries/steps.ts'
import { LAUNCH, REVOKE, TASK, TASK_AT, TASKS, type TaskPhase, type Tree } from '../queries/tasks.ts'
import { watchTask } from '../watch.ts'
import { instantOf } from './steps.ts'

const show = ({ world, json }: Context, task: Tree): void => {
  if (json) world.out(JSON.stringify(task))
  else for (const line of drawTask(task, Date.now())) world.out(line)
}

/** Goes on although a freeze holds, for this reason. */
export const overriding = ({ flags }: Context): { overrideFreeze?: string } => {
  const overrideFreeze = text(flags, 'override-freeze')
  return overrideFreeze === undefined ? {} : { overrideFreeze }
}

export const run: Command = {
  usage:
    'run <app> [key=value…] [--watch] [--key <key>] [--title <title>] [--rehearsal] [--from <task>] [--at <when> | --later] [--yes] [--override-freeze <why>]',
  about:
    'Launches an app; --watch follows it to its end (exit 0 succeeded, 1 failed, 6 stopped). --from keeps what an ended task gave where nothing changed. --yes where the app asks once more.',
  flags: {
    watch: 'switch',
    key: 'value',
    title: 'value',
    rehearsal: 'switch',
    scheme: 'value',
    flow: 'switch',
    from: 'value',
    at: 'value',
    later: 'switch',
    yes: 'switch',
    'override-freeze': 'value',
  },
  async run(context, parsed) {
    const { client, flags, world, json, project } = context
    const name = word(parsed, 0, 'the app')
    const title = text(flags, 'title')
    const scheme = text(flags, 'scheme')
    const [from, at] = [text(flags, 'from'), text(flags, 'at')]
    if (!isOn(flags, 'yes') && !isOn(flags, 'flow') && !isOn(flags, 'rehearsal')) await askOnceMore(context, name)
    const { launch } = await client.query(LAUNCH, {
      input: {
        ...(isOn(flags, 'flow') ? { flow: name } : { app: name }),
        variables: pairs(parsed.words.slice(1)),
        asText: true,
        key: text(flags, 'key') ?? randomUUID(),
        ...(title && { title }),
        ...(scheme && { scheme }),
        ...(project && { project }),
        ...(from && { continueFrom: from.replace(/^#/, '') }),
        ...(at && { startAt: instantOf(at, Date.now()) }),
        ...(isOn(flags, 'later') && { startNow: false }),
        ...overriding(context),
        rehearsal: isOn(flags, 'rehearsal'),
      },
    })
    if (!json)
      world.out(
        `${launch.phase === 'REQUESTED' ? 'Requested' : 'Launched'} ${launch.title} #${launch.number}  ${launch.url}`,
      )
    if (isOn(flags, 'watch')) return watchTask(context, launch.id)
    if (json) world.out(JSON.stringify(launch))
    return EXIT.ok
  },
}

/** What an app wants confirmed is asked of a person at a terminal; a script has made up its mind. @throws UsageError */
async function askOnceMore({ client, world, project }: Context, name: string): Promise<void> {
  if (world.redraw === null) return
  const { app } = await client.query(CONFIRM, { name, ...(project && { project }) })
  if (app?.confirm) throw new UsageError(`${app.confirm} Say --yes to go on`)
}

export const tasks: Command = {
  usage: 'tasks [--mine] [--needs-me] [--phase running,attention…] [--app <app>] [--search <text>] [--first <n>]',
  about: 'Lists tasks, newest first.',
  flags: { mine: 'switch', 'needs-me': 'switch', phase: 'value', app: 'value', search: 'value', first: 'value' },
  async run({ client, flags, world, json }) {
    const phase = text(flags, 'phase')
      ?.split(',')
      .map((name) => name.trim().toUpperCase() as TaskPhase) // the server names the phases it knows when one is wrong
    const [app, search] = [text(flags, 'app'), text(flags, 'search')]
    const { tasks: found } = await client.query(TASKS, {
      first: Number(text(flags, 'first') ?? 30),
      ...(phase && { phase }),
      ...(app && { app }),
      ...(search && { search }),
      ...(isOn(flags, 'mine') && { mine: true }),
      ...(isOn(flags, 'needs-me') && { needsMe: true }),
    })
    if (json) world.out(JSON.stringify(found.nodes))
    else if (found.nodes.length === 0) world.out('No tasks.')
    else
      for (const line of table(
        found.nodes.map((task) => [
          `#${task.number}`,
          phaseText(task.phase),
          `${task.progress.done}/${task.progress.total}`,
          task.startedBy.name,
          task.title,
        ]),
      ))
        world.out(line)
    return EXIT.ok
  },
}

/** @throws NothingToDo when there is no such task, or it is not yours to see. */
async function load(context: Context, id: string): Promise<Tree> {
  const { task } = await context.client.query(TASK, { id: id.replace(/^#/, '') })
  if (!task) throw new NothingToDo(`there is no task ${id} that you may see`)
  return task
}

export const task: Command = {
  usage: 'task <id|number> [--watch | --at <event>]',
  about:
    'Shows a task: its steps, what failed, who is asked. --watch follows it; --at shows it as it stood after an event.',
  flags: { watch: 'switch', at: 'value' },
  async run(context, parsed) {
    const at = text(context.flags, 'at')
    if (at !== undefined) return showPast(context, word(parsed, 0, 'the task'), Number(at))
    const found = await load(context, word(parsed, 0, 'the task'))
    if (isOn(context.flags, 'watch')) return watchTask(context, found.id)
    show(context, found)
    return EXIT.ok
  },
}

async function showPast(context: Context, id: string, event: number): Promise<number> {
  if (!Number.isInteger(event) || event < 1) throw new UsageError('--at: expected the number of an event, from 1')
  const { taskAt } = await context.client.query(TASK_AT, { id: id.replace(/^#/, ''), event })
  if (!taskAt) throw new NothingToDo(`there is no task ${id} that you may see`)
  show(context, taskAt)
  return EXIT.ok
}

/** The failed step that is meant: the one named, or the only one. */
function failedNode(found: Tree, named: string | undefined): Tree['failures'][number] {
  const [only, ...more] = named
    ? found.failures.filter((node) => node.id === named || node.title === named)
    : found.failures
  if (!only)
    throw new NothingToDo(
      named ? `${named} has not failed in #${found.number}` : `no step of #${found.number} has failed`,
    )
  if (more.length > 0)
    throw new UsageError(`several steps have failed: name one of ${found.failures.map((node) => node.id).join(', ')}`)
  return only
}

export const retry: Command = {
  usage: 'retry <task> [<step>] [key=value…] [--note <text>] [--override-freeze <why>]',
  about: 'Runs a failed step again; key=value edits variables first.',
  flags: { note: 'value', 'override-freeze': 'value' },
  async run(context, parsed) {
    const found = await load(context, word(parsed, 0, 'the task'))
    const rest = parsed.words.slice(1)
    const named = rest[0] && !rest[0].includes('=') ? rest.shift() : undefined
    const node = failedNode(found, named)
    const changes = pairs(rest)
    const note = text(context.flags, 'note')
    const { retryNode } = await context.client.query(RETRY, {
      input: {
        taskId: found.id,
        nodeId: node.id,
        attempt: node.attempt,
        ...(note && { note }),
        ...overriding(context),
        ...(rest.length > 0 && { variables: changes, variablesRevision: found.variablesRevision }),
      },
    })
    show(context, retryNode)
    return EXIT.ok
  },
}

type NodeInput = VariablesOf<typeof SKIP>['input']
/** A command on one failed step: finds it, aims at the attempt that was seen, sends, shows. */
const onFailedStep = (
  of: Pick<Command, 'usage' | 'about'>,
  send: (context: Context, input: NodeInput, rest: readonly string[]) => Promise<Tree>,
): Command => ({
  ...of,
  flags: { note: 'value' },
  async run(context, parsed) {
    const found = await load(context, word(parsed, 0, 'the task'))
    const rest = parsed.words.slice(1)
    const named = rest[0] && !rest[0].includes('=') ? rest.shift() : undefined
    const node = failedNode(found, named)
    const note = text(context.flags, 'note')
    show(
      context,
      await send(context, { taskId: found.id, nodeId: node.id, attempt: node.attempt, ...(note && { note }) }, rest),
    )
    return EXIT.ok
  },
})
export const skip = onFailedStep(
  {
    usage: 'skip <task> [<step>] [--note <why>]',
    about: 'Passes over a failed step: later steps go without its outputs.',
  },
  async ({ client }, input) => (await client.query(SKIP, { input })).skipNode,
)
export const byhand = onFailedStep(
  {
    usage: 'byhand <task> [<step>] [output=value…] --note <what you did>',
    about: 'Says that you did a failed step by hand, with the outputs later steps need.',
  },
  async ({ client }, input, rest) =>
    (await client.query(BYHAND, { input: { ...input, outputs: pairs(rest) } })).completeNode,
)
export const fail = onFailedStep(
  { usage: 'fail <task> [<step>] [--note <why>]', about: 'Gives a failed step up: the task fails, after its cleanup.' },
  async ({ client }, input) => (await client.query(FAIL, { input })).failNode,
)

export const stop: Command = {
  usage: 'stop <task> [--after-current] [--reason <text>]',
  about: 'Ends a task: kills what runs, then runs its cleanup. --after-current lets running steps end first.',
  flags: { 'after-current': 'switch', reason: 'value' },
  async run(context, parsed) {
    const found = await load(context, word(parsed, 0, 'the task'))
    const reason = text(context.flags, 'reason')
    const { revokeTask } = await context.client.query(REVOKE, {
      id: found.id,
      mode: isOn(context.flags, 'after-current') ? 'STOP' : 'CANCEL',
      ...(reason && { reason }),
    })
    show(context, revokeTask)
    return EXIT.ok
  },
}
