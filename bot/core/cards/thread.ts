import {
  bold,
  line,
  link,
  person,
  plain,
  quiet,
  time,
  type Card,
  type Line,
  type Mark,
  type TimelineEntry,
} from '../card.ts'
import type { HistoryEntry, HistoryTask, LogTask } from '../queries/index.ts'
import type { Texts } from '../texts.ts'
import type { Ended, Page } from '../thread.ts'
import type { View } from './task.ts'
import { button, cut, dotted, msOf, taskLink } from './words.ts'

export type Tail = NonNullable<LogTask['node']>
type TailOf = (end: Ended) => Tail | null

/** One page of a thread: a line for each thing that happened, with what the steps printed for those who may see it. */
export function threadCard(
  { texts, shared }: View,
  task: Omit<HistoryTask, 'events'>,
  page: Page,
  tailOf: TailOf,
): Card {
  return {
    kind: 'thread',
    summary: texts.thread.summary(task.title),
    banner: null,
    mark: null,
    title: '',
    lines: [
      line(bold(texts.thread.title)),
      ...(page.left > 0 ? [line(link(texts.thread.earlier(page.left), `${task.url}/history`))] : []),
    ],
    progress: null,
    timeline: page.shown.map(({ entry, tails }) =>
      entryOf(texts, task.url, entry, shared ? [] : tails.flatMap((end) => tailOf(end) ?? [])),
    ),
    facts: [],
    advice: null,
    log: [],
    outcome: null,
    // Others read along in a room: what the steps printed is told to whoever asks for it, in private.
    actions: shared ? [button(texts, 'log', { taskId: task.id })] : [],
    notes: [],
  }
}

function entryOf(texts: Texts, url: string, entry: HistoryEntry, tails: readonly Tail[]): TimelineEntry {
  const { text, follows, by } = entry
  const more = tails
    .filter(({ log }) => log.total > log.lines.length)
    .map(({ id, log }): Line => line(link(texts.allLines(log.total), `${url}/steps/${encodeURIComponent(id)}`)))
  return {
    mark: markOf(entry),
    line: dotted(
      [time(Date.parse(entry.at))],
      by.id !== null && [person(by)],
      [plain(cut(text, 240)), ...(follows.length > 0 ? [quiet(` → ${cut(follows.join(' · '), 160)}`)] : [])],
      ...more,
    ),
    log: tails.flatMap((tail) => logLines(tail, tails.length > 1)),
  }
}
/** Lines as they were printed, each with its time; several steps at once each with their name. */
const logLines = ({ title, log }: Tail, named = false): string[] => [
  ...(named ? [`${title}:`] : []),
  ...log.lines.map(({ at, text }) => `${new Date(at).toISOString().slice(11, 19)}  ${text}`),
]
const MARKS: readonly (readonly [kind: string, mark: Mark])[] = [
  ['node_failed', 'attention'],
  ['revoke_requested', 'stopped'],
  ['task_paused', 'paused'],
  ['ask_opened', 'waiting'],
]
const markOf = ({ kinds }: HistoryEntry): Mark | null => MARKS.find(([kind]) => kinds.includes(kind))?.[1] ?? null

/** What a step printed, for the one who asked. `others`: steps whose log is a press away. */
export function logCard(
  texts: Texts,
  task: Omit<LogTask, 'node'>,
  tail: Tail,
  others: readonly { readonly nodeId: string; readonly title: string }[],
): Card {
  const at = msOf(tail.log.lines.at(-1)?.at)
  const { total, lines } = tail.log
  return {
    kind: 'message',
    summary: `${tail.title}${texts.colon}${task.title}`,
    banner: null,
    mark: null,
    title: cut(tail.title, 140),
    lines: [
      dotted(
        line(texts.state[tail.state ?? ''] ?? ''),
        tail.attempt > 1 && line(texts.attempt(tail.attempt)),
        at !== null && [time(at)],
      ),
      dotted(taskLink(task), line(`#${task.number}`)),
    ],
    progress: null,
    timeline: [],
    facts: [],
    advice: null,
    log: logLines(tail),
    outcome: null,
    actions: others.map(({ nodeId, title }) => ({
      ...button(texts, 'log', { taskId: task.id, nodeId }),
      label: texts.thread.logOf(cut(title, 40)),
    })),
    notes:
      total > lines.length
        ? [line(link(texts.allLines(total), `${task.url}/steps/${encodeURIComponent(tail.id)}`))]
        : [],
  }
}
