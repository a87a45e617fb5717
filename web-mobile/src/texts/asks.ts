import type { Language } from '../state/app.svelte.ts'

/** What the page of an ask says beyond what other pages say too. */
const en = {
  handedOn: (by: string, to: string) => `${by} handed it on to ${to}`,
  handedOnToYou: (by: string) => `${by} handed it on to you`,
  takeFrom: (name: string) => `Take it from ${name}…`,
}
export type AskTexts = typeof en
const zh: AskTexts = {
  handedOn: (by, to) => `${by} 已转交给 ${to}`,
  handedOnToYou: (by) => `${by} 已转交给你`,
  takeFrom: (name) => `从 ${name} 收回…`,
}
export const askTexts = (language: Language): AskTexts => (language === 'zh' ? zh : en)
