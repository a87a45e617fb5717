/** Asks in the terminal: what waits, answering one or several, and all that stands beside an answer. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { ClientError } from '../../api/client/index.ts'
import { pairs, text, UsageError, word, type Parsed } from '../args.ts'
import {
  ASK,
  ASSIGN,
  ATTACH,
  CLAIM,
  COMMENT,
  DECIDE,
  DECIDE_ALL,
  DELEGATE,
  DELEGATIONS,
  END_DELEGATION,
  INBOX,
  RELEASE,
  REMIND,
  TRANSFER,
  type AskParts,
  type DelegationParts,
} from '../queries/asks.ts'
import { REQUESTS } from '../queries/apps.ts'
import type { Context } from '../context.ts'
import { clock, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'
import { FAILURES, type NeedsMe } from '../queries/steps.ts'
import { nextOn, type Requested } from './requests.ts'
import { endOf, instantOf } from './steps.ts'

export const inbox: Command = {
  usage: 'inbox',
  about: 'What waits for you, with the facts an answer binds to; what you stand in for says for whom.',
  flags: {},
  async run({ client, world, json }) {
    const [{ inbox: found }, { tasks: failed }, { tasks: requested }] = await Promise.all([
      client.query(INBOX),
      client.query(FAILURES),
      client.query(REQUESTS, {}),
    ])
    const requests = requested.nodes.filter((one) => nextOn(one) !== null)
    if (json) {
      world.out(JSON.stringify({ asks: found.nodes, failures: failed.nodes, requests }))
      return EXIT.ok
    }
    for (const task of failed.nodes) for (const line of drawNeed(task)) world.out(line)
    for (const one of requests) for (const line of drawRequested(one)) world.out(line)
    if (found.nodes.length + failed.nodes.length + requests.length === 0) world.out('Nothing waits for you.')
    else for (const one of found.nodes) for (const line of [...drawAsk(one, Date.now()), '']) world.out(line)
    return EXIT.ok
  },
}
/** What failed and asks you, with the command that mends it. */
const drawNeed = ({ number, title, failures }: NeedsMe): string[] =>
  failures.flatMap((node) => [
    `▲ ${node.headline ?? node.id}  (${title}, #${number})`,
    `  ${node.causeText ?? ''}${node.advice ? `. ${node.advice}` : ''}`,
    `  baton retry ${number} ${node.id}`,
    '',
  ])
/** Work handed over that is one's own to take, or to put right. */
function drawRequested(one: Requested): string[] {
  const { handOver, number, startedBy, title } = one
  const said = handOver?.reason ? `: ${handOver.reason}` : ''
  const head =
    handOver?.state === 'REJECTED'
      ? `↩ ${title}  (#${number}, given back by ${handOver.lastBy.name}${said})`
      : `⇢ ${title}  (${startedBy.name} asks, #${number}, for ${handOver?.to ?? ''}${said})`
  return [head, `  baton request ${nextOn(one)} ${number}`, '']
}
function drawAsk(one: AskParts, now: number): string[] {
  const places = one.need.map(({ title, filled, count }) => `${title ? `${title} ` : ''}${filled} of ${count}`)
  return [
    `◐ ${one.title}  (${one.task.startedBy.name} asks, #${one.task.number}${one.deadline ? `, by ${clock(one.deadline, now)}` : ''})`,
    ...(one.text ? [`  ${one.text}`] : []),
    ...table(one.facts.map((fact) => [`  ${fact.title}`, fact.text])),
    ...(one.claimedBy ? [`  taken by ${one.claimedBy.name}`] : []),
    ...(one.answersFor.length > 0 ? [`  for ${one.answersFor.map(({ name }) => name).join(', ')}`] : []),
    `  ${[...places, nextCommand(one)].filter(Boolean).join('  ')}`,
  ]
}
/** What to type next. */
function nextCommand({ id, kind, claim, claimedBy, fields, state }: AskParts): string {
  if (state !== 'OPEN') return ''
  if (claim && !claimedBy) return `baton ask claim ${id}`
  if (kind === 'APPROVAL') return `baton approve ${id}`
  if (kind === 'CONFIRM') return `baton confirm ${id}`
  return `baton submit ${id} ${fields.map(({ key, required }) => (required ? `${key}=…` : `[${key}=…]`)).join(' ')}`
}

async function load({ client }: Context, id: string): Promise<AskParts> {
  const { ask: found } = await client.query(ASK, { id })
  if (!found) throw new NothingToDo(`there is no ask ${id} that you may see`)
  return found
}

// ---- answering -----------------------------------------------------------------------------------------------------

type Verdict = 'APPROVE' | 'REJECT' | 'SUBMIT' | 'CONFIRM'
const DONE: Record<Verdict, string> = {
  APPROVE: 'Approved',
  REJECT: 'Rejected',
  SUBMIT: 'Submitted',
  CONFIRM: 'Confirmed',
}
async function one(context: Context, id: string, verdict: Verdict, fields?: Record<string, string>): Promise<number> {
  const { client, world, json, flags } = context
  const found = await load(context, id)
  const comment = text(flags, 'comment')
  const { decide: decided } = await client
    .query(DECIDE, {
      input: {
        askId: found.id,
        digest: text(flags, 'digest') ?? found.digest,
        verdict,
        ...(comment && { comment }),
        ...(fields && { fields }),
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof ClientError) || error.detail['why'] !== 'CLAIM_FIRST') throw error
      throw new NothingToDo(`One person takes “${found.title}” before it is answered: baton ask claim ${found.id}`)
    })
  world.out(json ? JSON.stringify(decided) : answered(verdict, decided))
  return EXIT.ok
}
const answered = (
  verdict: Verdict,
  { title, task }: { readonly title: string; readonly task: { readonly number: number; readonly phase: string } },
): string => `${DONE[verdict]}: ${title} (#${task.number} is ${task.phase.toLowerCase()})`

/** Each with its facts, each recorded and refused on its own. */
async function several(context: Context, ids: readonly string[], verdict: Verdict): Promise<number> {
  const { client, world, json, flags } = context
  if (text(flags, 'digest') !== undefined) throw new UsageError('--digest goes with one ask')
  const comment = text(flags, 'comment')
  const asks: AskParts[] = []
  for (const id of ids) asks.push(await load(context, id))
  if (!json) for (const found of asks) for (const line of drawAsk(found, Date.now()).slice(0, -1)) world.out(line)
  const { decideAll } = await client.query(DECIDE_ALL, {
    inputs: asks.map(({ id, digest }) => ({ askId: id, digest, verdict, ...(comment && { comment }) })),
  })
  if (json) world.out(JSON.stringify(decideAll))
  else
    for (const each of decideAll) {
      if (each.ask) world.out(answered(verdict, each.ask))
      else world.err(`Not recorded: ${asks.find(({ id }) => id === each.askId)?.title ?? each.askId}: ${each.message}`)
    }
  if (decideAll.every(({ ask: after }) => after !== null)) return EXIT.ok
  return decideAll.some(({ code }) => code === 'FORBIDDEN') ? EXIT.forbidden : EXIT.stale
}
const answering = (verdict: Verdict, of: Pick<Command, 'usage' | 'about'>): Command => ({
  ...of,
  flags: { comment: 'value', digest: 'value' },
  run: (context, parsed) => {
    const id = word(parsed, 0, 'the ask')
    return parsed.words.length > 1 ? several(context, parsed.words, verdict) : one(context, id, verdict)
  },
})
export const approve = answering('APPROVE', {
  usage: 'approve <ask…> [--comment <text>] [--digest <digest>]',
  about: 'Approves one or several, each on its own. --digest binds the answer to what `inbox --json` showed.',
})
export const reject = answering('REJECT', { usage: 'reject <ask…> --comment <why>', about: 'Rejects, with a reason.' })
export const confirm = answering('CONFIRM', { usage: 'confirm <ask…>', about: 'Confirms: what waits for it goes on.' })
export const submit: Command = {
  usage: 'submit <ask> key=value…',
  about: 'Fills in a form. `baton ask show <ask>` lists its fields.',
  flags: { comment: 'value', digest: 'value' },
  run: (context, parsed) => one(context, word(parsed, 0, 'the ask'), 'SUBMIT', pairs(parsed.words.slice(1))),
}

// ---- beside an answer ----------------------------------------------------------------------------------------------

export const ask: Command = {
  usage:
    'ask show <ask> | claim <ask> | release <ask> [--reason <why>] | transfer <ask> --to <person> --reason <why> | assign <ask> --to <person> --reason <why> | remind <ask> | comment <ask> <text> [--file <file>]',
  about:
    'One ask: what it shows and who is asked; take it, give it back, hand it on, give it people, remind those who have not answered, say something with or without files.',
  flags: { to: 'values', reason: 'value', file: 'values' },
  run(context, parsed) {
    const verb = word(parsed, 0, Object.keys(BESIDE).join(', '))
    const act = BESIDE[verb]
    if (!act) throw new UsageError(`ask ${verb} is not a command: ${Object.keys(BESIDE).join(', ')}`)
    return act(context, word(parsed, 1, 'the ask'), parsed)
  },
}
const BESIDE: Readonly<Record<string, (context: Context, id: string, parsed: Parsed) => Promise<number>>> = {
  show,
  async claim(context, id) {
    const { claimAsk } = await context.client.query(CLAIM, { id })
    return say(context, claimAsk, `Taken: ${claimAsk.title}`)
  },
  async release(context, id) {
    const reason = text(context.flags, 'reason') ?? null
    const { releaseAsk } = await context.client.query(RELEASE, { id, reason })
    return say(context, releaseAsk, `Given back: ${releaseAsk.title}`)
  },
  async transfer(context, id) {
    const [to, ...more] = whom(context)
    if (to === undefined || more.length > 0) throw new UsageError('--to names one person')
    const { transferAsk } = await context.client.query(TRANSFER, { id, to, reason: whyOf(context) })
    return say(context, transferAsk, `Handed on: ${transferAsk.title}, waits for ${namesOf(transferAsk.waitingOn)}`)
  },
  async assign(context, id) {
    const to = whom(context)
    if (to.length === 0) throw new UsageError('--to is missing')
    const { assignAsk } = await context.client.query(ASSIGN, { id, to: [...to], reason: whyOf(context) })
    return say(context, assignAsk, `${assignAsk.title} waits for ${namesOf(assignAsk.waitingOn)}`)
  },
  async remind(context, id) {
    const { remindAsk } = await context.client.query(REMIND, { id })
    return say(context, remindAsk, `Reminded ${namesOf(remindAsk.waitingOn)}`)
  },
  async comment(context, id, parsed) {
    const files = listed(context.flags['file'])
    const comment = parsed.words.slice(2).join(' ')
    const { task } = await load(context, id)
    const kept: string[] = []
    for (const path of files) {
      const file = new Blob([contentOf(path)])
      kept.push((await context.client.query(ATTACH, { file, name: basename(path), task: task.id })).upload.file)
    }
    const { commentAsk } = await context.client.query(COMMENT, { id, comment, files: kept })
    return say(context, commentAsk, `Said to ${commentAsk.title}`)
  },
}
const say = ({ world, json }: Context, answer: object, line: string): number => {
  world.out(json ? JSON.stringify(answer) : line)
  return EXIT.ok
}
const listed = (flag: Context['flags'][string]): readonly string[] =>
  (Array.isArray(flag) ? flag : [flag]).filter((value): value is string => typeof value === 'string')
const whom = ({ flags }: Context): readonly string[] => listed(flags['to'])
function whyOf({ flags }: Context): string {
  const reason = text(flags, 'reason')
  if (reason === undefined) throw new UsageError('--reason is missing')
  return reason
}
const namesOf = (people: readonly { readonly name: string }[]): string =>
  people.map(({ name }) => name).join(', ') || 'nobody'
function contentOf(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function show(context: Context, id: string): Promise<number> {
  const { world, json } = context
  const found = await load(context, id)
  if (json) world.out(JSON.stringify(found))
  else for (const line of drawWhole(found, Date.now())) world.out(line)
  return EXIT.ok
}
function drawWhole(one: AskParts, now: number): string[] {
  const { earlier, fields, given, decisions, comments, standIns, waitingOn, state, end } = one
  return [
    ...drawAsk(one, now),
    ...earlier.flatMap(({ step, by, answers }) => [
      `  ${step}${by ? `, ${by.name}` : ''}`,
      ...table(answers.map(({ title, text: said }) => [`    ${title}`, said])),
    ]),
    ...table(given.map(({ title, text: said }) => [`  ${title}`, said])),
    ...table(
      (given.length > 0 ? [] : fields).map(({ key, title, type, required, text: stands, options }) => [
        `  ${key}`,
        required ? title : `${title} (optional)`,
        options && options.length > 0 ? options.map(({ value }) => String(value)).join(' | ') : type,
        stands ? `else ${stands}` : '',
      ]),
    ),
    ...decisions.map(
      ({ by, for: holder, at, verdict, comment }) =>
        `  ${DONE[verdict]} by ${by.name}${holder ? ` for ${holder.name}` : ''} ${clock(at, now)}${comment ? `: ${comment}` : ''}`,
    ),
    ...comments.flatMap(({ by, at, text: said, files }) => [
      `  ${by.name} ${clock(at, now)}${said ? `: ${said}` : ''}`,
      ...files.map(({ name, url }) => `    ${name}  ${url}`),
    ]),
    state === 'OPEN' ? `  waits for ${namesOf(waitingOn)}` : `  ${(end ?? state).toLowerCase()}`,
    ...standIns.map(({ person, for: holder }) => `  ${person.name} for ${holder.name}`),
  ]
}

// ---- standing delegation -------------------------------------------------------------------------------------------

export const delegate: Command = {
  usage: 'delegate [list] | to <person> --until <when> [--start <when>] [--for <person>] [--reason <why>] | end <id>',
  about:
    'Lets somebody answer in your place until a date; you still may. --for arranges it for another, with the right to reassign asks.',
  flags: { until: 'value', start: 'value', for: 'value', reason: 'value' },
  async run(context, parsed) {
    const { client, world, json, flags } = context
    const now = Date.now()
    const verb = parsed.words[0] ?? 'list'
    const told = (one: DelegationParts): number => say(context, one, drawDelegation(one, now).join('  '))
    if (verb === 'end')
      return told((await client.query(END_DELEGATION, { id: word(parsed, 1, 'its id') })).endDelegation)
    if (verb === 'to') {
      const [until, start] = [text(flags, 'until'), text(flags, 'start')]
      if (until === undefined) throw new UsageError('--until is missing: 16:00, in 14d or 2026-12-31')
      const { delegate: made } = await client.query(DELEGATE, {
        to: word(parsed, 1, 'the person'),
        until: endOf(until, now),
        fromAt: start === undefined ? null : instantOf(start, now),
        from: text(flags, 'for') ?? null,
        reason: text(flags, 'reason') ?? null,
      })
      return told(made)
    }
    if (verb !== 'list') throw new UsageError(`delegate ${verb} is not a command: list, to, end`)
    const { delegations } = await client.query(DELEGATIONS, { person: text(flags, 'for') ?? null })
    if (json) world.out(JSON.stringify(delegations))
    else if (delegations.length === 0) world.out('Nobody stands in for you, nor you for anybody.')
    else for (const line of table(delegations.map((one) => drawDelegation(one, now)))) world.out(line)
    return EXIT.ok
  },
}
const drawDelegation = (one: DelegationParts, now: number): string[] => [
  one.active ? '●' : '○',
  one.id,
  `${one.to.name} for ${one.from.name}`,
  one.endedAt ? `ended ${clock(one.endedAt, now)}` : `${clock(one.fromAt, now)} – ${clock(one.until, now)}`,
  one.reason ?? '',
]
