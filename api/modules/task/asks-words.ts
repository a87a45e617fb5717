import type { FlowPreview } from '../../../engine/index.ts'
import { textsOf, type Language } from '../../texts.ts'

type Asks = FlowPreview['approvals'][number]['asks']
/** How many of whom: “1 of QA and 1 of Ops”, “any 2 of QA, Li Wei, not whoever starts it”. */
export function asksText({ of, need, notStarter }: Asks, language: Language): string {
  const words = textsOf(language).preview
  const named = (title: string): string =>
    title === 'starter' ? words.starter : title === 'previous' ? words.previous : title
  const not = notStarter ? words.notStarter : ''
  if (typeof need === 'object')
    return words.and(need.map((each) => words.someOf(String(each.count), [named(each.of)]))) + not
  if (of.length === 0) return words.later
  const names = of.map(named)
  if (need === 'all') return words.all(names) + not
  if (typeof need === 'string') return words.someOf(need, names) + not
  return (need > 1 ? words.any(need, names) : words.or(names)) + not
}
