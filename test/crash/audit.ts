import type { Chat } from './chat.ts'

/** As callers see them, by GraphQL. */
export interface Task {
  readonly id: string
  readonly number: number
  readonly title: string
  readonly phase: string
}
export interface Run {
  readonly state: string | null
  readonly attempt: number
  readonly outputs: unknown
  readonly error: { readonly cause: string; readonly code: string | null } | null
  readonly log: { readonly total: number; readonly lines: readonly { readonly n: number; readonly text: string }[] }
}
export interface HostsAudit {
  readonly problems: string[]
  readonly tasks: number
  readonly scripts: number
  readonly lost: number
  /** Messages that arrived in the chat. */
  readonly deliveries: number
}
export const FINAL: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'REVOKED'])
/** One chat per app and task cards; one for what ended, one for what failed. */
export const CHATS = { of: (app: number): number => 3_000 + app, finished: 9_001, attention: 9_002 } as const
/** The scripts of a task, and what each ends with; null: 0 or 9. */
export const STEPS = [
  { id: 'a', exit: 0 },
  { id: 'x', exit: 0 },
  { id: 'y', exit: 7 },
  { id: 'c', exit: null },
] as const

export interface HostsFacts {
  readonly tasks: readonly Task[]
  /** By `task/step`. */
  readonly runs: ReadonlyMap<string, Run | null>
  /** Task ids by title, as callers were told them. */
  readonly told: ReadonlyMap<string, string>
  /** What the scripts wrote on the host: a line per run. */
  readonly ran: string
  /** Deliveries that were not acknowledged. */
  readonly owed: readonly string[]
  readonly chat: Pick<Chat, 'messages' | 'shown'>
  readonly isDone: boolean
}

/** Holds what the host, the chat and the callers saw against what Baton says of itself. Each problem is a broken promise. */
export function auditHosts(facts: HostsFacts): HostsAudit {
  const { tasks, runs, told, ran, owed, chat, isDone } = facts
  const problems = [...owed.map((row) => `a delivery never arrived: ${row}`)]
  if (!isDone)
    problems.push(
      `not all came to an end: ${tasks
        .filter(({ phase }) => !FINAL.has(phase))
        .map(({ number }) => `#${number}`)
        .join(' ')}`,
    )
  for (const [title, id] of told) {
    const made = tasks.filter((task) => task.title === title)
    if (made.length !== 1 || made[0]!.id !== id)
      problems.push(`the launch of ${title} was answered with ${id}, but made ${made.length} tasks`)
  }
  const counts = new Map<string, number>()
  const lines = ran.split('\n').filter(Boolean)
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  let lost = 0
  for (const [key, run] of runs) {
    const wants = STEPS.find(({ id }) => id === key.split('/').at(-1))!
    if (run?.error?.cause === 'lost') lost++
    problems.push(...problemsOf(key, run, counts.get(key) ?? 0, wants.exit))
    counts.delete(key)
  }
  for (const [key, count] of counts) problems.push(`${key}: ran ${count} times, and no task knows of it`)
  problems.push(...tasks.flatMap((task) => unsaid(task, runs, chat)))
  return { problems, tasks: tasks.length, scripts: lines.length, lost, deliveries: chat.messages().length }
}

function problemsOf(key: string, run: Run | null, count: number, exit: number | null): string[] {
  const say = (problem: string): string[] => [`${key}: ${problem}`]
  if (!run || run.attempt === 0)
    return count === 0 ? say('never came to run') : say(`ran ${count} times without an attempt`)
  if (run.error?.cause === 'lost') return count > 1 ? say(`lost, but ran ${count} times`) : []
  if (count !== run.attempt) return say(`ran ${count} times in ${run.attempt} attempts`)
  const outputs = run.outputs as { exitCode?: number; values?: { mark?: string } } | null // as ssh.script declares them
  const code = outputs?.exitCode
  if (exit === null ? code !== 0 && code !== 9 : code !== exit)
    return say(`ended with ${String(code)}: ${JSON.stringify(run.error)}`)
  if (outputs?.values?.mark !== key) return say(`left ${JSON.stringify(outputs?.values)} as its values`)
  const printed = run.log.lines.map(({ text }) => text).filter((text) => text.startsWith('line '))
  const whole = printed.length === 40 && printed.every((text, index) => text === `line ${index + 1}`)
  const isNumbered = run.log.lines.every(({ n }, index) => n === index) && run.log.total === run.log.lines.length
  return whole && isNumbered ? [] : say(`its output is not whole: ${printed.length} lines of 40, ${run.log.total} kept`)
}

/** What people in chat should have read of a task, and did not. */
function unsaid(task: Task, runs: ReadonlyMap<string, Run | null>, chat: HostsFacts['chat']): string[] {
  const mentions = (text: string): boolean =>
    text.includes(`${task.title} `) || text.includes(`#${task.number}`) || text.endsWith(task.title)
  const card = chat.messages().filter((message) => message.chat < CHATS.finished && mentions(message.text))
  const problems: string[] = []
  if (!card.some(({ text }) => /Succeeded/.test(text))) problems.push('its card does not say how it ended')
  if (!chat.shown(CHATS.finished).some((text) => text.includes(`#${task.number}`)))
    problems.push('nobody was told that it has ended')
  const hasFailed = runs.get(`${task.id}/c`)?.error !== null && runs.get(`${task.id}/c`) !== null
  if (hasFailed && !chat.shown(CHATS.attention).some(mentions)) problems.push('nobody was told that it needs somebody')
  return problems.map((problem) => `#${task.number} ${task.title}: ${problem}`)
}
