import {
  bold,
  line,
  person,
  plain,
  quiet,
  time,
  type Action,
  type Card,
  type CardFact,
  type Line,
  type TimelineEntry,
} from '../card.ts'
import { handOverLines } from './request.ts'
import type { TaskData } from '../queries/index.ts'
import type { Texts } from '../texts.ts'
import {
  button,
  cut,
  didBy,
  dotted,
  isFinal,
  listOf,
  markOfPhase,
  markOfState,
  may,
  msOf,
  peopleOf,
  stopActions,
} from './words.ts'

export interface View {
  readonly texts: Texts
  /** Shared room: title, phase, people, cause and onCard variables only; actions by phase, checked per presser. */
  readonly shared: boolean
  readonly now: number
}
type Step = TaskData['steps'][number]

const TIMELINE_MAX = 12
const isDone = (step: Step): boolean =>
  ['SUCCEEDED', 'BYHAND', 'SKIPPED', 'IGNORED', 'REVOKED'].includes(step.state ?? '')

/** The living card of a task; its last edit is the receipt. */
export function taskCard(view: View, task: TaskData): Card {
  return isFinal(task.phase) ? receiptCard(view, task) : runningCard(view, task)
}

function runningCard(view: View, task: TaskData): Card {
  const { texts } = view
  const state = dotted(line(bold(texts.phase[task.phase] ?? task.phase)), nowLine(view, task), elapsedLine(view, task))
  return {
    kind: 'task',
    summary: `${task.title}: ${texts.phase[task.phase] ?? task.phase}, ${texts.steps(task.progress.done, task.progress.total)}`,
    banner: task.rehearsal ? texts.rehearsal : null,
    mark: null, // the mark stands before the state, so that the title keeps its place while it moves
    title: task.title,
    lines: [
      [plain(`${markEmojiOf(task.phase)} `), ...state],
      ...handOverLines(texts, task.handOver, view.shared),
      ...unconfirmedLine(view, task),
    ],
    progress:
      task.progress.total > 0 ? { ...task.progress, text: texts.steps(task.progress.done, task.progress.total) } : null,
    timeline: timelineOf(texts, task.steps, stuckSteps(task)),
    facts: task.cardFacts.map(({ title, text }) => ({ title, text })),
    advice: null,
    log: [],
    outcome: null,
    actions: actionsOf(view, task),
    notes: [
      dotted([plain(texts.startedBy), person(task.startedBy)], line(`#${task.number}`), [
        plain(texts.updated),
        time(Date.parse(task.updatedAt)),
      ]),
    ],
  }
}
const markEmojiOf = (phase: string): string => EMOJI_OF[markOfPhase[phase] ?? 'todo'] ?? ''
const EMOJI_OF: Readonly<Record<string, string>> = {
  running: '🔵',
  waiting: '✋',
  attention: '⚠️',
  paused: '⏸️',
  queued: '⏳',
  todo: '⚪',
}

/** What is going on: the steps at work, who is waited for, or the place in the queue. */
function nowLine({ texts }: View, task: TaskData): Line {
  if (task.phase === 'QUEUED' && task.queuePosition !== null) return line(texts.startsAfter(task.queuePosition))
  if (task.phase === 'CREATED' && task.frozen) return line(task.frozen.text)
  const failed = [
    ...task.failures.map((node) => node.headline ?? node.title),
    ...stuckChildren(task).flatMap(({ number, failures }) =>
      failures.map((node) => `${node.headline ?? node.title} (#${number})`),
    ),
  ]
  if (task.phase === 'ATTENTION' && failed.length > 0) return line(cut(failed.join(texts.comma), 200))
  const open = task.asks.filter(({ state }) => state === 'OPEN')
  const waitedFor = peopleOf(
    texts,
    open.flatMap((ask) => ask.waitingOn),
  )
  if (task.phase === 'WAITING' && waitedFor.length > 0) return [plain(texts.waitsFor), ...waitedFor.slice(0, 12)]
  if (task.phase === 'WAITING')
    return line(task.waitingFor.map((why) => texts.waitingFor[why] ?? why).join(texts.comma))
  const atWork = task.steps.filter(({ state }) => state === 'RUNNING').map((step) => step.title)
  return atWork.length > 0 ? line(cut(atWork.join(texts.comma), 200)) : []
}
/** Tasks its steps have started that wait for somebody: what failed is there, and named here. */
const stuckChildren = ({ children }: TaskData): TaskData['children'] =>
  children.filter(({ phase }) => phase === 'ATTENTION')
const stuckSteps = (task: TaskData): ReadonlySet<string> =>
  new Set(stuckChildren(task).flatMap(({ parentNode }) => (parentNode === null ? [] : [parentNode])))
function elapsedLine({ texts, now }: View, task: TaskData): Line {
  const startedAt = msOf(task.startedAt)
  if (startedAt === null) return []
  const ran = now - startedAt
  const usual = task.expectS === null ? '' : ` ${texts.about(texts.duration(task.expectS * 1000))}`
  const late = task.expectS !== null && ran > task.expectS * 1000 ? ` (${texts.late})` : ''
  return line(texts.duration(ran) + usual + late)
}
function unconfirmedLine({ texts }: View, task: TaskData): Line[] {
  return task.cancelUnconfirmed || task.mayStillRun.length > 0
    ? [line('⚠️ ', bold(texts.mayStillRun(task.mayStillRun.join(texts.comma))))]
    : []
}

/** Done steps one by one (a done stage folded to one line), those at work in bold, those to come joined in one line. */
function timelineOf(texts: Texts, steps: readonly Step[], stuck: ReadonlySet<string> = new Set()): TimelineEntry[] {
  const entries: TimelineEntry[] = []
  let toCome: string[] = []
  const flush = (): void => {
    if (toCome.length > 0) entries.push({ mark: 'todo', line: line(cut(toCome.join(texts.comma), 300)) })
    toCome = []
  }
  for (const group of byStage(steps)) {
    const [first] = group
    if (first && first.stage && group.length > 1 && group.every(isDone)) {
      flush()
      entries.push({
        mark: markOfStage(group),
        line: line(first.stage),
      })
      continue
    }
    for (const step of group) {
      if (step.state === null || step.state === 'READY') toCome.push(step.title)
      else {
        flush()
        entries.push({
          mark: step.state === 'WAITING' && stuck.has(step.nodeId) ? 'attention' : markOfState(step.state),
          line: stepLine(texts, step),
        })
      }
    }
  }
  flush()
  return foldDone(texts, entries)
}
/** A stage that was gone through is done, though one of its steps was passed over; if all were, it was too. */
function markOfStage(group: readonly Step[]): TimelineEntry['mark'] {
  const marks = group.map(({ state }) => markOfState(state))
  return marks.includes('succeeded') && !marks.includes('stopped') ? 'succeeded' : (marks.at(-1) ?? 'todo')
}
function byStage(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  for (const step of steps) {
    const last = groups.at(-1)
    if (last && last[0]?.stage === step.stage && step.stage !== null) last.push(step)
    else groups.push([step])
  }
  return groups
}
function stepLine(texts: Texts, step: Step): Line {
  const title = isDone(step) ? plain(step.title) : bold(step.title)
  // The server's text says what a waiting step waits for; a failure keeps its word beside the mark.
  const isSaid = step.state === 'SUCCEEDED' || step.state === 'RUNNING' || (step.state === 'WAITING' && step.text)
  const said = [isSaid ? null : texts.state[step.state ?? ''], step.text].filter(Boolean).join(texts.comma)
  const people = step.people.length > 0 && !step.text ? [plain(' '), ...peopleOf(texts, step.people)] : []
  return [title, ...(said ? [quiet(` ${cut(said, 160)}`)] : []), ...people]
}
/** Too long for a card: what was done first becomes a number. */
function foldDone(texts: Texts, entries: TimelineEntry[]): TimelineEntry[] {
  const over = entries.length - TIMELINE_MAX
  if (over <= 0) return entries
  const folded = entries.slice(0, over + 1)
  return [{ mark: 'succeeded', line: line(texts.steps(folded.length, entries.length)) }, ...entries.slice(over + 1)]
}

function actionsOf(view: View, task: TaskData): Action[] {
  const { texts, shared } = view
  const on = { taskId: task.id }
  const can = (name: string): boolean => (shared ? roomAllows(task.phase, name) : may(task.availableActions, name))
  const asked = { ...on, attempt: task.handOver?.round ?? 0 }
  return [
    ...(can('claim_request') ? [button(texts, 'claim_request', asked, 'primary')] : []),
    ...(can('resubmit_request') ? [button(texts, 'resubmit_request', asked, 'primary')] : []),
    ...(can('start') ? [button(texts, 'start', on, 'primary')] : []),
    ...(can('resume') ? [button(texts, 'resume', on, 'primary')] : []),
    ...(can('pause') ? [button(texts, 'pause', on)] : []),
    ...(shared ? [] : askedActions(texts, task)),
    button(texts, 'open', on),
    ...(can('withdraw_request') ? [button(texts, 'withdraw_request', asked)] : []),
    ...(can('revoke') ? stopActions(texts, task) : []),
  ]
}
/** What whoever watches may do about those who are asked: remind them, or see to it that somebody answers. */
function askedActions(texts: Texts, task: TaskData): Action[] {
  const open = task.asks.filter(({ state }) => state === 'OPEN').slice(0, 2)
  return open.flatMap(({ id: askId, title, availableActions }) => {
    const on = { taskId: task.id, askId }
    const named = (action: Action): Action => ({
      ...action,
      minor: true,
      label: open.length > 1 ? `${action.label}${texts.colon}${cut(title, 40)}` : action.label,
    })
    return [
      ...(may(availableActions, 'remind') ? [named(button(texts, 'remind', on))] : []),
      ...(['assign', 'release', 'comment'].some((one) => may(availableActions, one))
        ? [named(button(texts, 'show_ask', on))]
        : []),
    ]
  })
}
/** Nobody in particular looks at a room's card: what the phase allows is offered, and the server checks who presses. */
const roomAllows = (phase: string, name: string): boolean =>
  (name === 'claim_request' && phase === 'REQUESTED') ||
  (name === 'revoke' && phase !== 'REQUESTED') ||
  (name === 'pause' && ['RUNNING', 'WAITING', 'ATTENTION', 'QUEUED'].includes(phase)) ||
  (name === 'resume' && phase === 'PAUSED')

function receiptCard(view: View, task: TaskData): Card {
  const { texts, shared } = view
  const startedAt = msOf(task.startedAt)
  const endedAt = msOf(task.endedAt)
  const took: CardFact[] =
    startedAt !== null && endedAt !== null ? [{ title: texts.took, text: texts.duration(endedAt - startedAt) }] : []
  const approved = task.asks.flatMap((ask) =>
    ask.decisions.filter(({ verdict }) => verdict === 'APPROVE').map(({ by }) => by),
  )
  const retries = task.steps.reduce((sum, step) => sum + Math.max(0, step.attempt - Math.max(1, step.visit)), 0)
  return {
    kind: 'receipt',
    summary: `${task.title}: ${texts.phase[task.phase] ?? task.phase}`,
    banner: task.rehearsal ? texts.rehearsal : null,
    mark: markOfPhase[task.phase] ?? null,
    title: task.title,
    lines: [
      endLine(view, task),
      ...(task.phase === 'FAILED' ? failureLines(texts, task) : []),
      ...unconfirmedLine(view, task),
    ],
    progress: null,
    timeline: [],
    facts: [
      ...took,
      ...task.cardFacts.map(({ title, text }) => ({ title, text })),
      ...(shared ? [] : resultFacts(task.results)),
    ],
    advice: null,
    log: [],
    outcome: null,
    actions: [
      ...(task.app && (shared || may(task.availableActions, 'run_again'))
        ? [button(texts, 'run_again', { taskId: task.id })]
        : []),
      button(texts, 'open', { taskId: task.id }),
    ],
    notes: [
      dotted(
        [plain(texts.startedBy), person(task.startedBy)],
        approved.length > 0 && [plain(texts.approvedBy), ...peopleOf(texts, approved)],
        retries > 0 && line(texts.retries(retries)),
        line(`#${task.number}`),
      ),
    ],
  }
}
function endLine({ texts }: View, task: TaskData): Line {
  const word = texts.phase[task.phase] ?? task.phase
  if (task.phase !== 'REVOKED' || !task.revokedBy) return [bold(word)]
  return [
    ...didBy(texts, word, task.revokedBy, msOf(task.endedAt)),
    ...(task.revokeReason ? [plain(`${texts.colon}${cut(task.revokeReason, 300)}`)] : []),
  ]
}
function failureLines(texts: Texts, task: TaskData): Line[] {
  const failed =
    task.failures.length > 0
      ? task.failures.map((node) => node.headline ?? node.title)
      : task.steps.filter(({ state }) => state === 'FAILED').map(({ title }) => title)
  return failed.length > 0
    ? [
        listOf(
          texts,
          failed.slice(0, 3).map((text) => plain(cut(text, 200))),
        ),
      ]
    : []
}
/** As many of them as a card holds. */
const resultFacts = (results: TaskData['results']): CardFact[] =>
  results.slice(0, 8).map(({ title, text }) => ({ title, text: cut(text, 300) }))
