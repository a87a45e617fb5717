import { line, type Card } from '../card.ts'
import { cut } from './words.ts'

/** A card that only says something: announcements, the `notify` plugin, digests. */
export function messageCard(title: string | null, text: string, level: string | null = null): Card {
  const mark =
    level === 'error' ? 'failed' : level === 'warning' ? 'attention' : level === 'success' ? 'succeeded' : null
  return {
    kind: 'message',
    summary: cut([title, text].filter(Boolean).join(': '), 300),
    banner: null,
    mark,
    title: title ?? '',
    lines: text ? [line(cut(text, 2900))] : [],
    progress: null,
    timeline: [],
    facts: [],
    advice: null,
    log: [],
    outcome: null,
    actions: [],
    notes: [],
  }
}
