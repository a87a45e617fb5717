/**
 * Several approvals of one app at once: each is shown with its facts, and what is approved is what was shown, each by its own digest. What cannot be
 * shown whole on one card, asks for words, or has more to fill in is left to be looked at by itself.
 */
import { BLANK, line, type Action, type Card, type CardFact, type Confirm, type Line } from './card.ts'
import { cut, may } from './cards/words.ts'
import type { Acting, Reply } from './contract.ts'
import { batchQuery, decideAllMutation, type BatchAsk, type HomeData } from './queries/index.ts'
import type { Texts } from './texts.ts'

/** What every chat shows without cutting: Telegram is the narrowest. */
const MOST = { asks: 8, title: 75, text: 280 } as const
interface Shown {
  readonly askId: string
  readonly digest: string
  /** For what is said of it. */
  readonly title: string
}

/** Offered as soon as two approvals of one app wait. */
export function batchActions({ texts }: Acting, { inbox }: Pick<HomeData, 'inbox'>): Action[] {
  const apps = new Map<string, { title: string; count: number }>()
  for (const { kind, task } of inbox.nodes) {
    if (kind !== 'APPROVAL' || !task.app) continue
    const { name, title } = task.app
    apps.set(name, { title, count: (apps.get(name)?.count ?? 0) + 1 })
  }
  return [...apps]
    .filter(([, { count }]) => count > 1)
    .slice(0, 3)
    .map(([app, { title }]) => ({
      label: cut(texts.batch.offer(title), 70),
      style: 'plain',
      target: { verb: 'batch', app },
      confirm: null,
    }))
}

const factsOf = (texts: Texts, { facts, task }: BatchAsk): CardFact => ({
  title: `#${task.number} ${task.title}`,
  text: [
    `${task.startedBy.name}${texts.asks}`,
    ...facts.map(({ title, text }) => `${title}${texts.colon}${text}`),
  ].join('\n'),
})
function isShownWhole(texts: Texts, ask: BatchAsk): boolean {
  const { title, text } = factsOf(texts, ask)
  return title.length <= MOST.title && text.length <= MOST.text
}
const needsWords = ({ commentRule, fields, text }: BatchAsk): boolean =>
  commentRule.toLowerCase() === 'always' ||
  (text ?? '') !== '' ||
  fields.some(({ visible, fixed }) => visible && !fixed)

/** Those of one app, each with what it binds to. */
export async function batchCard(acting: Acting, app: string): Promise<Reply> {
  const { texts } = acting
  const { inbox } = await acting.client.query(batchQuery)
  const waiting = inbox.nodes.filter(({ kind, task }) => kind === 'APPROVAL' && task.app?.name === app)
  const shown = waiting
    .filter((ask) => may(ask.availableActions, 'approve') && !ask.task.rehearsal)
    .filter((ask) => !needsWords(ask) && isShownWhole(texts, ask))
    .slice(0, MOST.asks)
  const title = waiting[0]?.task.app?.title ?? app
  if (shown.length < 2) return { kind: 'tell', lines: [line(texts.batch.none(title))], alert: true }
  const left = waiting.length - shown.length
  const card: Card = {
    ...BLANK,
    summary: texts.batch.title(title, shown.length),
    title: texts.batch.title(title, shown.length),
    facts: shown.map((ask) => factsOf(texts, ask)),
    actions: [
      {
        label: texts.batch.approve(shown.length),
        style: 'success',
        target: {
          verb: 'approve_all',
          data: {
            asks: shown.map((ask): Shown => ({ askId: ask.id, digest: ask.digest, title: factsOf(texts, ask).title })),
          },
        },
        confirm: confirmOf(texts, shown.length),
      },
    ],
    notes: left > 0 ? [line(texts.batch.left(left))] : [],
  }
  return { kind: 'card', card }
}
const confirmOf = (texts: Texts, count: number): Confirm => ({
  title: texts.batch.sure(count),
  lines: [texts.batch.each],
  yes: texts.batch.approve(count),
  no: texts.form.cancel,
})

/** Recorded and refused one by one: what has changed since it was shown is not approved. */
export async function approveAll(
  acting: Acting,
  token: string,
  data: unknown,
  given: { readonly confirmed?: boolean; readonly key?: string },
): Promise<Reply> {
  const { texts } = acting
  const asks = shownIn(data)
  if (asks.length === 0) return { kind: 'tell', lines: [line(texts.unknownButton)], alert: true }
  if (!given.confirmed) return { kind: 'confirm', token, confirm: confirmOf(texts, asks.length), gentler: null }
  const inputs = asks.map(({ askId, digest }, at) => ({
    askId,
    digest,
    verdict: 'APPROVE' as const,
    ...(given.key !== undefined && { clientMutationId: `${given.key}:${at}`.slice(-200) }),
  }))
  const { decideAll } = await acting.client.query(decideAllMutation, { inputs })
  const done = decideAll.filter(({ message }) => message === null)
  const refused = decideAll.filter(({ message }) => message !== null)
  const lines: Line[] = [
    ...(done.length > 0 ? [line('✅ ', texts.batch.approved(done.length))] : []),
    ...refused.map(({ askId, message }) =>
      line('❌ ', `${asks.find((ask) => ask.askId === askId)?.title ?? ''}${texts.colon}${message ?? ''}`),
    ),
  ]
  return { kind: 'tell', lines, alert: false }
}
/** Written by `batchCard`, kept by the server. */
function shownIn(data: unknown): readonly Shown[] {
  if (typeof data !== 'object' || data === null || !('asks' in data) || !Array.isArray(data.asks)) return []
  return (data.asks as Shown[]).filter(({ askId, digest }) => typeof askId === 'string' && typeof digest === 'string')
}
