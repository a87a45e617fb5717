import type { Texts } from '../core/texts.ts'
import { textsFor } from '../core/texts.ts'
import { telegramTexts } from './texts.ts'

/** The common words, where they name commands said as Telegram has them. */
export function wordsFor(language: string | null | undefined): Texts {
  const texts = textsFor(language)
  const own = telegramTexts(texts.language)
  return {
    ...texts,
    help: own.help,
    welcome: { ...texts.welcome, ...own.welcome },
    menu: { ...texts.menu, hint: own.menuHint },
  }
}
