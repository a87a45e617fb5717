import type { Language } from '../texts.ts'

/** What sort of alert: one sort of one app makes one storm. */
export type Sort = 'failure' | 'ask' | 'news'
const en = {
  digest: (sort: Sort, count: number, app: string, first: string) =>
    `${count} tasks of ${app} ${{ failure: 'need someone', ask: 'wait for your answer', news: 'have news' }[sort]}. First: ${first}`,
  /** What came while somebody wanted none, or since the last digest. */
  gathered: (count: number) => `${count} things since you were told last`,
  more: (count: number) => `… and ${count} more`,
  attention: (title: string) => `⚠️ needs someone: ${title}`,
  ask: (title: string) => `✋ waits for you: ${title}`,
  request: (title: string) => `✋ a request waits: ${title}`,
  message: (title: string, text: string | null) => `${title}${text ? `: ${text}` : ''}`,
}
export type AlertWords = typeof en
const zh: AlertWords = {
  digest: (sort, count, app, first) =>
    `「${app}」有 ${count} 个任务${{ failure: '需处理', ask: '等你答复', news: '有新情况' }[sort]}，最早一个：${first}`,
  gathered: (count) => `上次通知之后有 ${count} 件事`,
  more: (count) => `……还有 ${count} 件`,
  attention: (title) => `⚠️ 需处理：${title}`,
  ask: (title) => `✋ 等你答复：${title}`,
  request: (title) => `✋ 有申请待办理：${title}`,
  message: (title, text) => `${title}${text ? `：${text}` : ''}`,
}
export const alertWords = (language: Language): AlertWords => ({ en, zh })[language]
