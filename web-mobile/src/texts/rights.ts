type Words = Readonly<Record<string, string>>
/** What each right lets somebody do; the names stand in documents and refusals. */
const en: Words = {
  view: 'see tasks and apps',
  launch: 'launch',
  operate: 'retry, skip, stop',
  'operate-inputs': 'edit raw inputs of steps',
  'override-approval': 'go past approvals',
  'reassign-ask': 'assign asks to others',
  'override-freeze': 'go on during a freeze',
  'edit-flow': 'edit flows',
  author: 'make flows and apps',
  'use-secret': 'use secrets in flows',
  'manage-people': 'manage people',
  'manage-hosts': 'manage hosts',
  'manage-secrets': 'set secrets',
  audit: 'read the audit',
  decide: 'answer asks',
}
const zh: Words = {
  view: '查看任务和应用',
  launch: '启动',
  operate: '重试、跳过、停止',
  'operate-inputs': '修改步骤的原始输入',
  'override-approval': '越过审批',
  'reassign-ask': '改派',
  'override-freeze': '冻结期间继续',
  'edit-flow': '编辑流程',
  author: '新建流程和应用',
  'use-secret': '在流程里使用密钥',
  'manage-people': '管理人员',
  'manage-hosts': '管理主机',
  'manage-secrets': '设置密钥',
  audit: '查看审计',
  decide: '答复',
}
const WORDS = { en, zh }
/** All of them in a line. */
export const rightsText = (rights: readonly string[], language: 'en' | 'zh'): string =>
  rights.map((right) => rightText(right, language)).join(' · ')
/** A right in words; one that is not known here by its name. */
export const rightText = (right: string, language: 'en' | 'zh'): string => WORDS[language][right] ?? right
