import type { AvailableAction } from '../engine/index.ts'
import { inChinese, type Phrase } from './chinese/phrases.ts'
import { h, spaced } from './chinese/spacing.ts'
import type { Language } from './texts.ts'

/** The engine's reasons, in Chinese. Names stay as they are; a reason that is not here is told as the engine says it. */
const CHINESE: readonly Phrase[] = [
  [/^This token answers no asks$/, () => '这个令牌不能答复'],
  [/^Operators only$/, () => '只有操作员可以'],
  [/^You may not launch this$/, () => '你不能发起'],
  [/^Paused with #(\d+)$/, (number = '') => h`随 #${number} 暂停`],
  [/^There is nothing to edit$/, () => '没有可以修改的内容'],
  [/^The author of this flow does not allow it here$/, () => '流程作者不允许在这一步这样做'],
  [/^Needs the right to reassign asks$/, () => '需要改派的权限'],
  [/^Needs the right to override approvals$/, () => '需要越过审批的权限'],
  [/^Needs the right to edit raw inputs.*$/, () => '需要修改原始输入的权限：里面有脚本和主机'],
  [/^(.+) or an operator$/, (name = '') => h`${name}或操作员`],
  [/^Only (.+)$/, (names = '') => h`只有${anyOf(names)}可以`],
  [/^Paused with (#\d+)$/, (parent = '') => h`与${parent}一起暂停`],
  [/^You started it: (.+)$/, (rest = '') => h`任务由你发起：${rest && whyText(rest, 'zh')}`],
  [
    /^You set (.+?): (.+ decides)$/,
    (what = '', rest = '') => h`${what.replaceAll(', ', '、')}由你填写：${whyText(rest, 'zh')}`,
  ],
  [/^Nobody decides$/, () => '没有人可以决定'],
  [/^(.+) decides$/, (names = '') => h`由${anyOf(names)}决定`],
  [/^(.+) has taken it$/, (name = '') => h`${name}已接手`],
  [/^(.+) answers first$/, (names = '') => h`先由${anyOf(names)}答复`],
]
const anyOf = (names: string): string =>
  spaced(
    names
      .replaceAll('operators', '操作员')
      .split(' or ')
      .flatMap((name, at) => (at === 0 ? [name] : ['或', name])),
  )

export const whyText = (why: string, language: Language): string =>
  language === 'en' ? why : (inChinese(CHINESE, why) ?? why)
export const inWordsOf =
  (language: Language) =>
  (action: AvailableAction): AvailableAction =>
    action.why === null ? action : { ...action, why: whyText(action.why, language) }
