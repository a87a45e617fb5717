import { bold, line, link, plain, quiet, time, type Action, type Card, type Line } from '../card.ts'
import type { AttentionNode, AttentionTask } from '../queries/index.ts'
import type { Texts } from '../texts.ts'
import type { View } from './task.ts'
import { button, cut, didBy, dotted, isFinal, may, msOf, peopleOf, stopActions, taskLink } from './words.ts'

type Node = Omit<AttentionNode, 'log'> & { readonly log?: AttentionNode['log'] }

/** What failed, why, what helps, what it printed, who is asked, what to press; after a decision only who did what. */
export function attentionCard(view: View, task: Omit<AttentionTask, 'node'>, node: Node): Card {
  const { texts, shared } = view
  const open = node.state === 'FAILED' && !isFinal(task.phase)
  // Once it goes on the server has no headline for it: what had happened then keeps its word.
  const title =
    node.headline ??
    (pastCauseOf(node) === 'REJECTED' ? texts.rejectedTitle(node.title) : texts.failedTitle(node.title))
  const cause = causeOf(node)
  return {
    kind: 'attention',
    summary: cut(`${title}${cause ? `${texts.colon}${cause}` : ''} · ${task.title}`, 300),
    banner: task.rehearsal ? texts.rehearsal : null,
    mark: open ? 'attention' : null,
    title: cut(title, 140),
    lines: [
      ...(node.error?.cause === 'LOST' && open ? [line(bold(texts.lost))] : []),
      dotted(
        cause !== '' && line(cut(cause, 600)),
        itemsLine(texts, node),
        line(texts.attempt(open ? node.attempt : failedAttempt(node))),
      ),
      dotted(taskLink(task), line(`#${task.number}`)),
      ...(task.parent ? [line(quiet(texts.partOf(task.parent.title, task.parent.number)))] : []),
    ],
    progress: null,
    timeline: [],
    facts: shared ? task.cardFacts.map(({ title: name, text }) => ({ title: name, text })) : [],
    advice: open && !shared && node.advice ? { title: texts.adviceTitle, text: node.advice } : null,
    log: open && !shared ? logLines(node) : [],
    outcome: open ? null : outcomeOf(texts, task, node),
    actions: open ? actionsOf(view, task, node) : [],
    notes: open
      ? [
          dotted(
            askedLine(texts, node),
            nextLine(texts, node),
            !shared &&
              (node.log?.total ?? 0) > 20 &&
              line(link(texts.allLines(node.log?.total ?? 0), `${task.url}/steps/${encodeURIComponent(node.id)}`)),
          ),
        ]
      : [],
  }
}

const failedAttempt = (node: Node): number =>
  node.attempts.findLast(({ error }) => error !== null)?.attempt ?? node.attempt
const pastCauseOf = (node: Node): string | undefined =>
  node.attempts.findLast(({ error }) => error !== null)?.error?.cause
const causeOf = (node: Node): string =>
  node.causeText ?? node.error?.message ?? node.attempts.findLast(({ error }) => error !== null)?.error?.message ?? ''
const askedLine = (texts: Texts, node: Node): Line =>
  node.asked.length > 0 ? [plain(texts.asked), ...peopleOf(texts, node.asked)] : line(texts.noneAsked)
/** Who comes in, and when, if nobody decides before. */
function nextLine(texts: Texts, { asksNext }: Node): Line {
  return asksNext
    ? [
        plain(texts.asksNext.before(asksNext.to.join(texts.or))),
        time(Date.parse(asksNext.at)),
        plain(texts.asksNext.after),
      ]
    : []
}
function itemsLine(texts: Texts, node: Node): Line {
  const failed = node.items?.filter(({ state }) => state === 'FAILED').length ?? 0
  return node.items && failed > 0 ? line(texts.hostsOf(failed, node.items.length)) : []
}
/** As many of the last lines as a card bears; the platform cuts further by its own limit. */
const logLines = (node: Node): string[] => (node.log?.lines ?? []).map(({ at, text }) => `${clock(at)}  ${text}`)
const clock = (iso: string): string => new Date(iso).toISOString().slice(11, 19)

function actionsOf({ texts, shared }: View, task: Omit<AttentionTask, 'node'>, node: Node): Action[] {
  const on = { taskId: task.id, nodeId: node.id, attempt: node.attempt }
  const can = (name: string): boolean => (shared ? ['retry'].includes(name) : may(node.availableActions, name))
  const cause = node.error?.cause ?? 'ERROR'
  const first = PRIMARY[cause] ?? 'retry'
  const style = (name: string): Action['style'] => (name === first ? 'primary' : 'plain')
  const retry = { ...button(texts, 'retry', on, style('retry')), label: retryLabel(texts, node) }
  const careful: Action = cause === 'LOST' ? { ...retry, confirm: lostConfirm(texts) } : retry
  const actions = [
    ...(can('retry') ? [careful] : []),
    ...(can('edit_retry') ? [button(texts, 'edit_retry', on, style('edit_retry'))] : []),
    ...(can('assign') ? [button(texts, 'assign', on, style('assign'))] : []),
    ...(can('byhand') ? [button(texts, 'byhand', on)] : []),
    ...(can('skip') ? [button(texts, 'skip', on)] : []),
    ...(shared || may(task.availableActions, 'revoke') ? stopActions(texts, task, { nodeId: node.id }) : []),
    ...(can('fail') ? [{ ...button(texts, 'fail', on), minor: true }] : []),
    { ...button(texts, 'open', { taskId: task.id, nodeId: node.id }), minor: true },
    ...(shared ? [] : [{ ...button(texts, 'mute', { taskId: task.id }), minor: true }]),
  ]
  return actions.toSorted((a, b) => Number(b.style === 'primary') - Number(a.style === 'primary'))
}
/** The one thing to do now, by cause (VISUAL §8). `lost`: none, "check first" leads. */
const PRIMARY: Readonly<Record<string, string>> = { REJECTED: 'edit_retry', NOBODY_CAN_ANSWER: 'assign', LOST: '' }
const lostConfirm = (texts: Texts) => ({
  title: texts.lostConfirm.title,
  lines: [texts.lostConfirm.line],
  yes: texts.lostConfirm.yes,
  no: texts.lostConfirm.no,
})
/** "Retry on web-2" where exactly one item would run again. */
function retryLabel(texts: Texts, node: Node): string {
  const open =
    node.items?.filter(({ state }) => state !== 'SUCCEEDED' && state !== 'SKIPPED' && state !== 'BYHAND') ?? []
  const [only] = open
  return open.length === 1 && typeof only?.item === 'string'
    ? texts.retryOn(cut(only.item, 40))
    : (texts.verb['retry'] ?? '')
}

/** Who did what, when, and what is going on now. */
function outcomeOf(texts: Texts, task: Omit<AttentionTask, 'node'>, node: Node): Line {
  const last = node.attempts.at(-1)
  const who = (did: string, actor: { id: string | null; name: string } | null, when: string | null | undefined): Line =>
    didBy(texts, texts.did[did] ?? did, actor, msOf(when))
  const note = node.note ? [quiet(`${texts.colon}${cut(node.note, 300)}`)] : []
  switch (node.state) {
    case 'SKIPPED':
      return [plain('⏭️ '), ...who('skipped', node.endedBy, node.endedAt), ...note]
    case 'BYHAND':
      return [plain('✅ '), ...who('byhand', node.endedBy, node.endedAt), ...note]
    case 'IGNORED':
      return [...didBy(texts, texts.state['IGNORED'] ?? '', node.endedBy, msOf(node.endedAt))]
    case 'READY':
    case 'RUNNING':
    case 'WAITING':
    case 'SUCCEEDED': {
      const now =
        node.state === 'SUCCEEDED' ? texts.nowState(texts.state['SUCCEEDED'] ?? '') : texts.runningAs(node.attempt)
      return [plain('↻ '), ...who('retried', last?.by ?? null, last?.startedAt), plain(`${texts.stop}${now}`)]
    }
    default:
      return task.phase === 'REVOKED'
        ? [
            plain('⏹️ '),
            ...who('revoked', task.revokedBy, task.endedAt),
            ...(task.revokeReason ? [quiet(`${texts.colon}${cut(task.revokeReason, 300)}`)] : []),
          ]
        : [...who('failed', node.endedBy, node.endedAt), ...note]
  }
}
