import type { Ask } from '../../../engine/index.ts'
import { textsOf, type Language } from '../../texts.ts'

/**
 * What an ask says on top, on every surface alike. An approval is titled by what it decides, “Release v2.14.0 to production?”:
 * its step is called “Approve” in most flows, which tells nobody anything. An author’s own question stands as it is.
 */
export function askTitle(ask: Pick<Ask, 'kind' | 'title'>, task: string, language: Language): string {
  if (ask.kind !== 'approval' || isQuestion(ask.title)) return ask.title
  return isQuestion(task) ? task : textsOf(language).question(task)
}
interface NamedPlace {
  readonly place: string
  readonly title: string
}
/** Whose place it is: a role's title as it was when it was asked. Whoever started the task is a word of the document, not of a person. */
export const placeTitle = (place: NamedPlace, language: Language): string =>
  isStarters(place) ? textsOf(language).roleTitle['starter']! : place.title
/** A place that is the only one has no name but its title. */
export const isStarters = ({ place, title }: NamedPlace): boolean => (place || title) === 'starter'
const isQuestion = (text: string): boolean => /[?？]\s*$/.test(text)
