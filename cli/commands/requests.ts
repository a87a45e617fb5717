import type { ResultOf } from '../../api/client/index.ts'
import { isOn, pairs, text, UsageError, word, type Parsed } from '../args.ts'
import { CLAIM, REJECT_REQUEST, REQUEST, REQUESTS, RESUBMIT, TRANSFER_REQUEST, WITHDRAW } from '../queries/apps.ts'
import type { Context } from '../context.ts'
import { drawTask, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'
import { overriding } from './tasks.ts'
import type { Tree } from '../queries/tasks.ts'

type Act = (context: Context, on: { id: string; round: number }, more: More) => Promise<Tree>
interface More {
  /** What is put right, at the revision that was seen. */
  readonly edit: { readonly variables?: object; readonly revision?: number }
  readonly note: string | undefined
  readonly reason: string | undefined
  readonly to: readonly string[]
}
const need = (reason: string | undefined): string => {
  if (reason === undefined) throw new UsageError('--reason is missing')
  return reason
}
const ACTS: Readonly<Record<string, Act>> = {
  claim: async (context, on, { edit, note }) =>
    (await context.client.query(CLAIM, { ...on, ...edit, ...(note && { note }), ...overriding(context) })).claimTask,
  resubmit: async ({ client }, on, { edit, note }) =>
    (await client.query(RESUBMIT, { ...on, ...edit, ...(note && { note }) })).resubmitTask,
  reject: async ({ client }, on, { reason }) =>
    (await client.query(REJECT_REQUEST, { ...on, reason: need(reason) })).rejectTask,
  transfer: async ({ client }, on, { to, reason }) => {
    if (to.length === 0) throw new UsageError('--to is missing: a person, role:ops or group:web')
    return (await client.query(TRANSFER_REQUEST, { ...on, to: [...to], reason: need(reason) })).transferTask
  },
  withdraw: async ({ client }, on, { reason }) =>
    (await client.query(WITHDRAW, { ...on, ...(reason && { reason }) })).withdrawTask,
}

export const request: Command = {
  usage:
    'request [--mine] | request claim|resubmit <task> [key=value…] [--note <text>] [--override-freeze <why>] | request reject|withdraw <task> --reason <text> | request transfer <task> --to <whom> --reason <text>',
  about:
    'Work handed over: what waits to be claimed; claims it (key=value puts right what was asked), gives it back, passes it on, takes it back.',
  flags: { mine: 'switch', note: 'value', reason: 'value', to: 'values', 'override-freeze': 'value' },
  async run(context, parsed) {
    const verb = parsed.words[0]
    if (verb === undefined) return list(context)
    const act = ACTS[verb]
    if (!act) throw new UsageError(`request ${verb} is not a command: claim, reject, resubmit, transfer, withdraw`)
    const task = await act(context, ...(await aimed(context, parsed)))
    if (context.json) context.world.out(JSON.stringify(task))
    else for (const line of drawTask(task, Date.now())) context.world.out(line)
    return EXIT.ok
  },
}
/** The request as it is seen now: another round is refused. */
async function aimed(context: Context, parsed: Parsed): Promise<[{ id: string; round: number }, More]> {
  const ref = word(parsed, 1, 'the task')
  const { task } = await context.client.query(REQUEST, { id: ref.replace(/^#/, '') })
  if (!task) throw new NothingToDo(`there is no task ${ref} that you may see`)
  if (!task.handOver) throw new NothingToDo(`#${task.number} was not handed over to anybody`)
  const words = parsed.words.slice(2)
  const { flags } = context
  const to = flags['to']
  return [
    { id: task.id, round: task.handOver.round },
    {
      edit: words.length > 0 ? { variables: pairs(words), revision: task.variablesRevision } : {},
      note: text(flags, 'note'),
      reason: text(flags, 'reason'),
      to: Array.isArray(to) ? to.map(String) : [],
    },
  ]
}

export type Requested = ResultOf<typeof REQUESTS>['tasks']['nodes'][number]
/** What the caller has to do with a request: take it, change it and submit it again, or pass on what nobody is there to take. */
export function nextOn({ availableActions, handOver }: Requested): 'claim' | 'resubmit' | 'transfer' | null {
  const may = (wanted: string): boolean => availableActions.some(({ action, allowed }) => allowed && action === wanted)
  if (may('claim_request')) return 'claim'
  if (may('resubmit_request')) return 'resubmit'
  return handOver?.nobody === true && may('transfer_request') ? 'transfer' : null
}
/** A step may wait to be taken, too: that is no request. */
const isOpen = ({ handOver }: Requested): boolean => handOver?.state === 'OPEN' || handOver?.state === 'REJECTED'
/** What waits: what the caller may claim or has to change is marked. */
async function list({ client, world, json, flags }: Context): Promise<number> {
  const { tasks } = await client.query(REQUESTS, { mine: isOn(flags, 'mine') })
  const waiting = tasks.nodes.filter(isOpen)
  if (json) world.out(JSON.stringify(waiting))
  else if (waiting.length === 0) world.out('Nothing waits to be claimed.')
  else
    for (const line of table(
      waiting.map((task) => {
        const rejected = task.handOver?.state === 'REJECTED'
        return [
          `${nextOn(task) === null ? '  ' : '▸ '}#${task.number}`,
          rejected ? 'given back' : `for ${task.handOver?.to ?? ''}${task.handOver?.nobody ? ', where nobody is' : ''}`,
          task.startedBy.name,
          `${task.title}${task.handOver?.reason ? `  (${task.handOver.reason})` : ''}`,
        ]
      }),
    ))
      world.out(line)
  return EXIT.ok
}
