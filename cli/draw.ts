import type { Applied } from './queries/apply.ts'
import type { Finding, FlowDiff, ReferenceRow } from './queries/flows.ts'
import type { HostState } from './queries/hosts.ts'
import type { Tree } from './queries/tasks.ts'

const MARK: Readonly<Record<string, string>> = {
  RUNNING: '●',
  WAITING: '◐',
  ATTENTION: '▲',
  PAUSED: '‖',
  SUCCEEDED: '✔',
  FAILED: '✖',
  REVOKED: '■',
  QUEUED: '◌',
  CREATED: '◌',
  REQUESTED: '◌',
  READY: '○',
  IGNORED: '△',
  SKIPPED: '»',
  BYHAND: '✔',
}
const WORD: Readonly<Record<string, string>> = {
  RUNNING: 'running',
  WAITING: 'waiting',
  ATTENTION: 'needs attention',
  PAUSED: 'paused',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  REVOKED: 'stopped',
  QUEUED: 'queued',
  CREATED: 'not started',
  REQUESTED: 'requested',
  READY: 'about to start',
  IGNORED: 'failed, ignored',
  SKIPPED: 'skipped',
  BYHAND: 'done by hand',
}
export const phaseText = (phase: string): string => `${MARK[phase] ?? '·'} ${WORD[phase] ?? phase.toLowerCase()}`

/** `1:47`, `1:02:05`. */
function elapsed(from: string | null | undefined, to: string | null | undefined, now: number): string {
  if (!from) return ''
  const seconds = Math.max(0, Math.floor(((to ? Date.parse(to) : now) - Date.parse(from)) / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0
    ? `${h}:${String(m).padStart(2, '0')}:${String(s).padStart(2, '0')}`
    : `${m}:${String(s).padStart(2, '0')}`
}

/** `16:06`, with the date on another day; in the zone of this terminal. */
export function clock(at: string, now: number): string {
  const when = new Date(at)
  const two = (part: number): string => String(part).padStart(2, '0')
  const hour = `${two(when.getHours())}:${two(when.getMinutes())}`
  const day = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`
  return when.toDateString() === new Date(now).toDateString() ? hour : `${day} ${hour}`
}
/** A value as people read it. What is nested deep stays JSON. */
function plain(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'object') return String(value)
  const parts = Object.values(value)
  if (parts.length === 0) return 'nothing'
  if (parts.some((part) => typeof part === 'object' && part !== null)) return JSON.stringify(value)
  return Array.isArray(value)
    ? parts.map(plain).join(', ')
    : Object.entries(value)
        .map(([name, part]) => `${name} ${plain(part)}`)
        .join(', ')
}

/** The task as lines: state first, then its steps, then what failed and who is asked. */
export function drawTask(task: Tree, now: number): string[] {
  const lines = [
    `${task.rehearsal ? 'REHEARSAL  ' : ''}${task.title}  #${task.number}`,
    `${phaseText(task.phase)} · ${task.progress.done} of ${task.progress.total} steps · ${elapsed(task.startedAt ?? task.createdAt, task.endedAt, now)} · ${task.startedBy.name}${task.late ? ' · late' : ''}`,
    ...(task.archivedAt
      ? [`in the archive since ${task.archivedAt.slice(0, 10)}: to be looked at, and nothing more`]
      : []),
    ...drawStanding(task, now),
    '',
  ]
  let stage: string | null = null
  for (const step of task.steps) {
    if (step.stage !== stage) lines.push(`  ${(stage = step.stage) ?? ''}`.trimEnd())
    const state = step.state ? (MARK[step.state] ?? '·') : '·'
    const detail = [
      step.text,
      step.attempt > 1 && !/attempt/i.test(step.text ?? '') ? `attempt ${step.attempt}` : null,
      elapsed(step.startedAt, step.endedAt, now),
    ]
      .filter(Boolean)
      .join(' · ')
    lines.push(`  ${state} ${step.title}${detail ? `  ${detail}` : ''}`)
    for (const child of task.children.filter(({ parentNode }) => parentNode === step.nodeId))
      lines.push(`      └ ${phaseText(child.phase)}  ${child.title}  #${child.number}`)
  }
  return [
    ...lines,
    ...task.failures.flatMap((node) => drawFailure(node, task.number)),
    ...task.asks.filter((ask) => ask.state === 'OPEN').flatMap((ask) => drawOpenAsk(ask, now)),
    ...task.nodes.flatMap(drawCallback),
    ...drawEnd(task),
  ]
}

/** Where it stands among others: whose child, after whom, from when; and what somebody noted. */
const drawStanding = (task: Tree, now: number): string[] => [
  ...(task.parent ? [`Part of ${task.parent.title} #${task.parent.number}`] : []),
  ...(task.queuePosition === null
    ? []
    : [
        `Waits for ${task.heldBy.map(({ title, number }) => `${title} #${number}`).join(', ') || 'its turn'}, position ${task.queuePosition}`,
      ]),
  ...drawHandOver(task.handOver),
  ...(task.frozen
    ? [
        `${task.frozen.text}${task.frozen.passedBy.length > 0 ? `. ${task.frozen.passedBy.join(' or ')} may pass it` : ''}`,
      ]
    : []),
  ...(task.startAt ? [`Starts at ${clock(task.startAt, now)}`] : []),
  ...(task.note ? [`Note: ${task.note}`] : []),
]

/** Who is to take it, who has, and what they put right. */
function drawHandOver(asked: Tree['handOver']): string[] {
  if (!asked) return []
  const said = asked.reason ? `: ${asked.reason}` : ''
  if (asked.state === 'OPEN')
    return [
      asked.nobody
        ? `Nobody is in ${asked.to} now: pass it on, or put somebody there`
        : `${asked.to} can claim it${said}`,
    ]
  if (asked.state === 'REJECTED') return [`Given back by ${asked.lastBy.name}${said}`]
  if (asked.state === 'WITHDRAWN' || !asked.holder) return []
  return [
    `Claimed by ${asked.holder.name}${said}`,
    ...asked.corrections.map(({ title, before, after }) => `  ${title}: ${before} → ${after}`),
  ]
}

/** Verbs of the terminal for what the server allows. */
const COMMAND: Readonly<Record<string, string>> = {
  retry: 'baton retry',
  skip: 'baton skip',
  byhand: 'baton byhand',
  fail: 'baton fail',
  choose_branch: 'baton branch',
}
/** What failed, why, what helps, what it printed, who is asked, what to type. */
export function drawFailure(node: Tree['failures'][number], number: number): string[] {
  const actions = node.availableActions.flatMap(({ action, allowed }) =>
    allowed && COMMAND[action]
      ? [
          `${COMMAND[action]} ${number} ${node.id}${action === 'retry' ? ' [variable=value]' : action === 'choose_branch' ? ' <branch>' : ''}`,
        ]
      : [],
  )
  return [
    '',
    `▲ ${node.headline ?? node.title}`,
    `  ${node.causeText ?? ''} (attempt ${node.attempt})`,
    ...(node.advice ? [`  Advice: ${node.advice}`] : []),
    ...node.log.lines.map((line) => `  │ ${line.text}`),
    ...(node.asked.length > 0 ? [`  Asked: ${node.asked.map((actor) => actor.name).join(', ')}`] : []),
    ...actions.map((action, index) => `  ${index === 0 ? 'You may:' : '        '} ${action}`),
  ]
}
const drawOpenAsk = (ask: Tree['asks'][number], now: number): string[] => [
  '',
  `◐ ${ask.title}`,
  `  Waiting for ${ask.waitingOn.map((actor) => actor.name).join(', ') || 'nobody who can answer'}${ask.deadline ? `, by ${clock(ask.deadline, now)}` : ''}  (ask ${ask.id})`,
]

/** The server shows it to those who may operate the task alone: whoever calls it answers for the step. */
const drawCallback = ({ title, callbackUrl }: Tree['nodes'][number]): string[] =>
  callbackUrl ? ['', `◐ ${title} waits for a call. This address ends it:`, `  ${callbackUrl}`] : []

function drawEnd(task: Tree): string[] {
  const unconfirmed = task.cancelUnconfirmed ? ['', `  May still run on ${task.mayStillRun.join(', ')}`] : []
  return [...unconfirmed, ...(task.results.length > 0 ? ['', ...task.results.flatMap(drawResult)] : [])]
}

/** A list of records has a line for each. */
const drawResult = ({ title, value, text }: Tree['results'][number]): string[] =>
  Array.isArray(value) && value.some((part) => typeof part === 'object' && part !== null)
    ? [`  ${title}:`, ...value.map((part) => `    ${plain(part)}`)]
    : [`  ${title}: ${typeof value === 'object' ? plain(value) : text}`]

export const drawFinding = (finding: Finding, file = ''): string =>
  `${file}${finding.line ? `:${finding.line}:${finding.column ?? 1}` : ''} ${finding.severity.toLowerCase()} ${finding.node ? `${finding.node}: ` : ''}${finding.message} [${finding.code}]${finding.fix ? `\n    ${finding.fix}` : ''}`

export function drawApplied(
  document: Applied,
  dryRun: boolean,
  where: (line: number) => { file: string; line: number },
): string[] {
  const verb = { CREATED: 'created', CHANGED: 'changed', UNCHANGED: 'unchanged' }[document.result]
  const show = (value: unknown): string => (value === undefined || value === null ? '∅' : JSON.stringify(value))
  const isNew = document.result === 'CREATED' // its text is the difference: whoever applies it has it before them
  return [
    `${document.kind}/${document.name}${document.project === 'default' ? '' : ` in ${document.project}`} ${verb}${isNew ? `, ${document.diff.length} fields` : ''}${dryRun && document.result !== 'UNCHANGED' ? ' (dry run)' : ''}`,
    ...(isNew ? [] : document.diff).map((change) => `  ${change.path}: ${show(change.before)} → ${show(change.after)}`),
    ...document.taken.map(({ path, managers }) => `  ${path} taken from ${managers.join(', ')}`),
    ...document.conflicts.map(
      ({ path, managers, theirs, yours }) =>
        `  ${path} is looked after by ${managers.join(', ')} (there: ${show(theirs)}, yours: ${show(yours)})`,
    ),
    ...document.findings.map((finding) => {
      const at = finding.line ? where(finding.line) : { file: '', line: null }
      return `  ${drawFinding({ ...finding, line: at.line }, at.file)}`
    }),
  ]
}

const SIGN = { SAME: ' ', ADDED: '+', REMOVED: '-' } as const
const versionText = (version: number | null): string =>
  version === null ? 'draft' : version === 0 ? 'nothing' : `version ${version}`
/** As `diff -u` shows it, with what means something else above. */
export function drawDiff(name: string, diff: FlowDiff): string[] {
  const head = `${name}: ${versionText(diff.from)} → ${versionText(diff.to)}`
  if (diff.hunks.length === 0) return [head, 'They are the same.']
  return [
    head,
    ...(diff.same ? ['They mean the same; the texts differ.'] : diff.changes.map((change) => `  ${change.path}`)),
    ...diff.hunks.flatMap(({ lines }) => {
      const at = (side: 'before' | 'after'): number => lines.find((line) => line[side] !== null)?.[side] ?? 0
      return [`@@ -${at('before')} +${at('after')} @@`, ...lines.map(({ sign, text }) => `${SIGN[sign]}${text}`)]
    }),
  ]
}

/** Who uses something; what keeps it from being deleted comes first. */
export function drawReferences(what: string, references: readonly ReferenceRow[]): string[] {
  if (references.length === 0) return [`Nothing refers to ${what}.`]
  const by = ({ kind, name, version, task }: ReferenceRow): string =>
    task !== null ? `#${task} ${name}` : `${kind} ${name}${version === null ? '' : `@${version}`}`
  const ordered = [...references].sort((a, b) => Number(b.holds) - Number(a.holds))
  return table(
    ordered.map((one) => [one.holds ? '●' : '○', by(one), one.path, one.holds ? 'in use' : 'an old version']),
  )
}

/** Whether scripts can run on a host; what is missing, why it matters and the way out. */
export function drawProbe({ name, probe }: HostState): string[] {
  if (!probe || probe.state === 'PROBING') return [`${name} is being looked at.`]
  const needed = probe.missing.filter((finding) => finding.needed).length
  const head = {
    READY: `Scripts can run there${probe.system ? ` (${probe.system})` : ''}.`,
    LACKING: `No script can run on ${name} yet: ${needed} thing${needed === 1 ? ' is' : 's are'} missing.`,
    UNREACHABLE: `${name} could not be looked at.`,
  }[probe.state]
  return [
    head,
    ...probe.missing.flatMap(({ needed: isNeeded, what, why, wayOut }) => [
      `  ${isNeeded ? '✖' : '△'} ${what}`,
      `    ${why}`,
      ...(wayOut ? [`    ${wayOut}`] : []),
    ]),
  ]
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((found, row) => row.map((cell, at) => Math.max(found[at] ?? 0, cell.length)), [])
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
