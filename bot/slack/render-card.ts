import type { ActionsBlock, Button, ConfirmationDialog, KnownBlock, Overflow, SectionBlock } from '@slack/types'
import {
  bold,
  plain,
  type CardFact,
  type Confirm,
  type Line,
  type PlacedAction,
  type PlacedCard,
} from '../core/card.ts'
import { EMOJI, cut, progressBar } from '../core/cards/words.ts'
import { LIMITS } from './limits.ts'
import { calls, escape, isPlain, plainText, preformatted, printed, richText, smallText, type Blocks } from './mrkdwn.ts'

export interface Message {
  readonly text: string
  readonly blocks: Blocks
}

/** A card as Block Kit, inside every limit: when all blocks together would be too long, log and facts are cut shorter. */
export function renderCard(card: PlacedCard, more = 'More'): Message {
  const text = escape(cut(card.banner ? `${card.banner}: ${card.summary}` : card.summary, LIMITS.text / 8)) || ' '
  for (const scale of [1, 0.5, 0.25, 0.1, 0.03]) {
    const blocks = blocksOf(card, scale, more)
    if (JSON.stringify(blocks).length <= LIMITS.allBlocks) return { text, blocks }
  }
  return { text, blocks: [header(card), ...actionBlocks(card.actions, more)] }
}

function blocksOf(card: PlacedCard, scale: number, more: string): Blocks {
  const parts = (max: number): number => Math.max(40, Math.floor(max * scale))
  const progress: Line[] = card.progress ? [[plain(`${progressBar(card.progress)} ${card.progress.text}`)]] : []
  const timeline = card.timeline.map(({ mark, line, log }) => ({
    line: mark ? [plain(`${EMOJI[mark]} `), ...line] : line,
    log: log ?? [],
  }))
  const lines = [...card.lines, ...progress].map((line) => ({ line, log: [] }))
  const body = printed(
    [...lines, ...timeline].map(({ line, log }) => ({ line: short(line, parts(2500)), log })),
    parts(LIMITS.log - 100),
  )
  const advice = card.advice
    ? richText([[bold(card.advice.title)], [plain(cut(card.advice.text, parts(1500)))]], 'rich_text_quote')
    : null
  const outcome = card.outcome ? richText([card.outcome]) : null
  const log = preformatted(card.log, parts(LIMITS.log - 100))
  const small = card.notes
    .filter((line) => line.length > 0)
    .slice(0, 10)
    .map((line) => ({ line, element: smallText(line, 2000) }))
  // Small type that cannot be marked up calls nobody: such a line is written large.
  const isMute = ({ line, element }: (typeof small)[number]): boolean =>
    element.type === 'plain_text' && line.some(calls)
  const large = richText(small.filter(isMute).map(({ line }) => line))
  const notes = small.filter((one) => !isMute(one)).map(({ element }) => element)
  return [
    ...(card.title ? [header(card)] : []),
    ...(body ? [body] : []),
    ...factBlocks(card.facts, parts(500)),
    ...(advice ? [advice] : []),
    ...(log ? [log] : []),
    ...(outcome ? [outcome] : []),
    ...actionBlocks(card.actions, more),
    ...(large ? [large] : []),
    ...(notes.length > 0 ? [{ type: 'context' as const, elements: notes }] : []),
  ].slice(0, LIMITS.blocks)
}
const header = (card: PlacedCard): KnownBlock => {
  const title = [card.mark ? EMOJI[card.mark] : '', card.banner ? `${card.banner} ·` : '', card.title]
    .filter(Boolean)
    .join(' ')
  return { type: 'header', text: plainText(title, LIMITS.header) }
}
const short = (line: Line, max: number): Line =>
  line.map((span) => (span.kind === 'text' ? { ...span, text: span.text === '' ? '' : cut(span.text, max) } : span))

/** Two columns, ten to a section. */
export function factBlocks(facts: readonly CardFact[], max = 500): SectionBlock[] {
  const fields = facts.slice(0, 30).map(({ title, text }) => factText(title, cut(text || '–', max)))
  const sections: SectionBlock[] = []
  for (let at = 0; at < fields.length; at += LIMITS.fieldsPerSection)
    sections.push({ type: 'section', fields: fields.slice(at, at + LIMITS.fieldsPerSection) })
  return sections
}
const factText = (title: string, text: string) =>
  isPlain(`${title} ${text}`)
    ? { type: 'mrkdwn' as const, text: cut(`*${escape(title)}*\n${escape(text)}`, LIMITS.field) }
    : plainText(`${title}\n${text}`, LIMITS.field)

/** Buttons in the card's order; minor ones behind a menu. A button's value is its token and nothing else. */
export function actionBlocks(actions: readonly PlacedAction[], more: string): ActionsBlock[] {
  const usable = actions.filter(({ token }) => token.length > 0 && token.length <= LIMITS.optionText)
  const minor = usable.filter((action) => action.minor)
  const folded = minor.length > 1 ? minor.slice(0, LIMITS.overflow) : []
  const buttons = usable.filter((action) => !folded.includes(action)).slice(0, LIMITS.actionsPerBlock - 1)
  const ids = new Set<string>()
  const elements = [
    ...buttons.map((action) => buttonOf(action, ids)),
    ...(folded.length > 0 ? [overflowOf(folded, more)] : []),
  ]
  return elements.length === 0 ? [] : [{ type: 'actions', block_id: 'act', elements }]
}
function buttonOf(action: PlacedAction, ids: Set<string>): Button {
  const style = action.style === 'danger' ? 'danger' : action.style === 'plain' ? null : 'primary'
  return {
    type: 'button',
    action_id: unique(action.target.verb, ids),
    text: plainText(action.label, LIMITS.button),
    value: action.token,
    ...(style && { style }),
    ...(action.confirm && { confirm: confirmOf(action.confirm, style === 'danger') }),
  }
}
function unique(verb: string, ids: Set<string>): string {
  let id = verb
  for (let n = 2; ids.has(id); n++) id = `${verb}:${n}`
  ids.add(id)
  return id
}
const overflowOf = (actions: readonly PlacedAction[], _more: string): Overflow => ({
  type: 'overflow',
  action_id: 'more',
  options: actions.map((action) => ({ text: plainText(action.label, LIMITS.optionText), value: action.token })),
})
const confirmOf = (confirm: Confirm, danger: boolean): ConfirmationDialog => ({
  title: plainText(confirm.title, LIMITS.confirmTitle),
  text: plainText(confirm.lines.join('\n'), LIMITS.confirmText),
  confirm: plainText(confirm.yes, LIMITS.confirmButton),
  deny: plainText(confirm.no, LIMITS.confirmButton),
  ...(danger && { style: 'danger' as const }),
})
