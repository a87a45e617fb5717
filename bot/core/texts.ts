import { english } from './texts-en.ts'
import { chinese } from './texts-zh.ts'

export type { Texts } from './texts-en.ts'
import type { Texts } from './texts-en.ts'

/** The words for a language tag (`zh-Hans`, `zh_CN`, `en-GB`); English for any other. */
export const textsFor = (language: string | null | undefined): Texts =>
  /^zh\b|^zh[-_]/i.test(language ?? '') ? chinese : english
