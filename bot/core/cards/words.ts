import { bold, line, person, plain, time, type Action, type Confirm, type Line, type Mark, type Span } from '../card.ts'
import type { Available } from '../queries/index.ts'
import type { Texts } from '../texts.ts'

/** Which mark a phase has, in every language. */
export const markOfPhase: Readonly<Record<string, Mark>> = {
  CREATED: 'queued',
  REQUESTED: 'queued',
  QUEUED: 'queued',
  RUNNING: 'running',
  WAITING: 'waiting',
  ATTENTION: 'attention',
  PAUSED: 'paused',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  REVOKED: 'stopped',
}
export const markOfState = (state: string | null): Mark => (state === null ? 'todo' : (STATES[state] ?? 'todo'))
const STATES: Readonly<Record<string, Mark>> = {
  READY: 'todo',
  RUNNING: 'running',
  WAITING: 'waiting',
  FAILED: 'attention',
  SUCCEEDED: 'succeeded',
  BYHAND: 'succeeded',
  IGNORED: 'skipped',
  SKIPPED: 'skipped',
  REVOKED: 'stopped',
}
export const isFinal = (phase: string): boolean => phase === 'SUCCEEDED' || phase === 'FAILED' || phase === 'REVOKED'

/** Marks as emoji; always beside their word (VISUAL §7). */
export const EMOJI: Readonly<Record<Mark, string>> = {
  running: '🔵',
  waiting: '✋',
  attention: '⚠️',
  paused: '⏸️',
  succeeded: '✅',
  failed: '❌',
  stopped: '⏹️',
  queued: '⏳',
  todo: '⚪',
  skipped: '⏭️',
}
/** `▰▰▰▱▱▱`: drawn from counts, at most ten marks. */
export function progressBar({ done, total }: { readonly done: number; readonly total: number }): string {
  const marks = Math.min(10, Math.max(1, total))
  const full = total === 0 ? 0 : Math.min(marks, Math.floor((done * marks) / total))
  return '▰'.repeat(full) + '▱'.repeat(marks - full)
}

/** `a, b and c`, each a span of its own. */
export function listOf(texts: Texts, spans: readonly Span[]): Span[] {
  return spans.flatMap((span, at) =>
    at === 0 ? [span] : [plain(at === spans.length - 1 ? texts.and : texts.comma), span],
  )
}
export const peopleOf = (
  texts: Texts,
  actors: readonly { readonly id: string | null; readonly name: string }[],
): Span[] => {
  const seen = new Map(actors.map((actor) => [actor.id ?? actor.name, actor]))
  return listOf(texts, [...seen.values()].map(person))
}
/** Parts of a line of small type, with dots between. */
export const dotted = (...parts: readonly (Line | null | false | undefined)[]): Line =>
  parts
    .filter((part): part is Line => Boolean(part) && (part as Line).length > 0)
    .flatMap((part, at) => (at === 0 ? part : [plain(' · '), ...part]))

export const msOf = (iso: string | null | undefined): number | null => (iso ? Date.parse(iso) : null)
/** A text cut at a whole character, with a mark that it was. */
export const cut = (text: string, max: number): string => {
  const letters = [...text]
  return letters.length <= max ? text : letters.slice(0, Math.max(0, max - 1)).join('') + '…'
}

const actionOf = (list: Available, name: string): Available[number] | undefined =>
  list.find(({ action }) => action.toLowerCase() === name)
export const may = (list: Available, name: string): boolean => actionOf(list, name)?.allowed === true

interface Stoppable {
  readonly id: string
  readonly title: string
  readonly stopConsequences: {
    readonly kills: readonly string[]
    readonly leaves: readonly string[]
    readonly thenRuns: readonly string[]
  }
}
/** What Stop would do right now, as a question. */
export function stopConfirm(texts: Texts, task: Stoppable): Confirm {
  const { kills, leaves, thenRuns } = task.stopConsequences
  const join = (names: readonly string[]): string => cut(names.join(texts.comma), 120)
  return {
    title: texts.stopConfirm.title(cut(task.title, 70)),
    lines: [
      kills.length > 0 ? texts.stopConfirm.kills(join(kills)) : texts.stopConfirm.nothing,
      ...(leaves.length > 0 ? [texts.stopConfirm.leaves(join(leaves))] : []),
      ...(thenRuns.length > 0 ? [texts.stopConfirm.then(join(thenRuns))] : []),
    ],
    yes: texts.stopConfirm.yes,
    no: texts.stopConfirm.no,
  }
}
/** Stop, and the gentler way where something runs. `on`: the step whose card it stands on. */
export function stopActions(texts: Texts, task: Stoppable, on: { readonly nodeId?: string } = {}): Action[] {
  const gentle: Action = {
    label: texts.verb['revoke_soft'] ?? '',
    style: 'plain',
    minor: true,
    confirm: null,
    target: { verb: 'revoke', taskId: task.id, ...on, data: { mode: 'STOP' } },
  }
  return [
    {
      label: texts.verb['revoke'] ?? '',
      style: 'danger',
      confirm: stopConfirm(texts, task),
      target: { verb: 'revoke', taskId: task.id, ...on },
    },
    ...(task.stopConsequences.kills.length > 0 ? [gentle] : []),
  ]
}
export const button = (
  texts: Texts,
  verb: string,
  target: Omit<Action['target'], 'verb'>,
  style: Action['style'] = 'plain',
): Action => ({
  label: texts.verb[verb] ?? verb,
  style,
  target: { verb, ...target },
  confirm: null,
})
export const taskLink = (task: { readonly title: string; readonly url: string }): Line =>
  line({ kind: 'link', text: task.title, url: task.url })
/** Who did what, when, in the order the language has it. */
export function didBy(
  texts: Texts,
  did: string,
  actor: { readonly id: string | null; readonly name: string } | null,
  when: number | null,
): Span[] {
  if (texts.actorFirst)
    return [
      ...(actor ? [person(actor), plain(' ')] : []),
      ...(when === null ? [] : [time(when), plain(' ')]),
      bold(did),
    ]
  return [
    bold(did),
    ...(actor ? [plain(` ${texts.by}`), person(actor)] : []),
    ...(when === null ? [] : [plain(texts.at), time(when)]),
  ]
}
