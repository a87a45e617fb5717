import type { Language } from '../texts.ts'

const en = {
  reminder: (title: string) => `Reminder: ${title}`,
  escalated: (title: string) => `Nobody has answered yet: ${title}`,
  task: 'Task',
  startedBy: 'Started by',
  until: 'Answer by',
  advice: 'What helps',
  rehearsal: 'A rehearsal: nothing really happens.',
  request: (title: string) => `A request waits: ${title}`,
  look: 'Look at it',
  answer: 'Answer it',
  act: 'See what can be done',
  open: 'Open Baton',
  why: 'Baton tells you because this needs you. How you are told is yours to choose, under Me, Notifications.',
}
export type MailWords = typeof en
const zh: MailWords = {
  reminder: (title) => `提醒：${title}`,
  escalated: (title) => `还没有人处理：${title}`,
  task: '任务',
  startedBy: '发起人',
  until: '截止',
  advice: '怎么办',
  rehearsal: '这是演练，不会真正执行。',
  request: (title) => `有申请待办理：${title}`,
  look: '查看',
  answer: '去答复',
  act: '看看怎么处理',
  open: '打开 Baton',
  why: '这件事需要你，所以 Baton 通知你。通知方式可以在「我的 → 通知」里选择。',
}
export const mailWords = (language: Language): MailWords => ({ en, zh })[language]
