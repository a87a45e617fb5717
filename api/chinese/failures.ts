import { inChinese, type Phrase } from './phrases.ts'
import { h } from './spacing.ts'

/** What the engine itself says of a failed step. What a plugin or a machine said stays as it was said. */
const PHRASES: readonly Phrase[] = [
  [/^Rejected by (.+?): (.*)$/s, (who = '', why = '') => h`${who} 已驳回：${why}`],
  [/^Rejected by (.+)$/, (who = '') => h`${who} 已驳回`],
  [/^(.+) was ended by a person$/, (title = '') => h`${title}被人结束`],
  [/^(.+) took too long and was ended$/, (title = '') => h`${title}超过时限，已被结束`],
  [
    /^(.+) took too long, and nobody can tell whether it has ended$/,
    (title = '') => h`${title}超过时限，无法确定是否已结束`,
  ],
  [
    /^(.+) asks (.+), and nobody is there who may answer$/,
    (title = '', whom = '') => h`${title}要问${whom.replaceAll(' and ', '、')}，但那里没有可以答复的人`,
  ],
  [
    /^(.+) needs somebody else than (.+): it is their own work$/,
    (title = '', names = '') => h`${title}要由${names.replaceAll(' and ', '、')}以外的人答复：这是他们自己填写或发起的`,
  ],
  [/^(.+) needs more people than can still answer$/, (title = '') => h`${title}所需的人数多于还能答复的人`],
  [/^Nobody answered (.+) in time$/, (title = '') => h`${title}到期没有人答复`],
  [/^The plugin (.+) is not installed here$/, (use = '') => h`这里没有安装插件 ${use}`],
  [
    /^(.+) has had its (\d+) visits?; the loop around it does not end$/,
    (title = '', times = '') => h`${title}已走过 ${times} 次，外面的循环停不下来`,
  ],
  [/^(.+): no branch is true and there is no else$/, (title = '') => h`${title}：没有一个分支成立，也没有 else`],
  [
    /^(.+): (\d+) branches are true, and only one may be$/,
    (title = '', count = '') => h`${title}：${count} 个分支都成立，只能有一个`,
  ],
  [
    /^(\d+) of (\d+) failed, first (.+?): (.*)$/s,
    (failed = '', count = '', first = '', why = '') =>
      h`${count} 项中 ${failed} 项失败，第一项 ${first}：${failureInChinese(why)}`,
  ],
  [/^#(\d+) failed: (.*)$/s, (number = '', why = '') => h`#${number} 失败：${failureInChinese(why)}`],
  [/^#(\d+) failed$/, (number = '') => h`#${number} 失败`],
  [/^#(\d+) was stopped$/, (number = '') => h`#${number} 已停止`],
  [/^It was stopped before it began$/, () => '还没开始就被停止'],
  [/^Baton could not launch it; its log says what went wrong$/, () => 'Baton 没能发起它，原因见它的日志'],
  [/^(.+) does not take this: (.*)$/s, (title = '', why = '') => h`${title}不接受这些：${why}`],
  [/^As many as may run under “(.*)” are running$/, (key = '') => h`「${key}」下能同时运行的已满`],
  [/^Waiting for “(.*)” would never end: .*$/, (key = '') => h`等「${key}」永远等不到：占着它的正等着这个任务`],
  [/^there is no calendar “(.*)”$/, (name = '') => h`没有日历「${name}」`],
  [/^the calendar “(.*)” does not open that long$/, (name = '') => h`日历「${name}」没有那么长的工作时间`],
  [/^not every item ran$/, () => '不是每一项都运行了'],
  [
    /^(.+) gave no output “(.*)”, which (.+) is saved from$/,
    (title = '', output = '', key = '') => h`${title}没有给出输出「${output}」，${key} 要从它保存`,
  ],
  [
    /^The output “(.*)” does not fit (.+?): (.*)$/s,
    (output = '', key = '', why = '') => h`输出「${output}」不适合 ${key}：${why}`,
  ],
  [/^The value for (.+) does not fit: (.*)$/s, (key = '', why = '') => h`${key} 的值不合适：${why}`],
  [
    /^(.+) gave an output that breaks its schema: (.*)$/s,
    (title = '', why = '') => h`${title}的输出不符合它的模式：${why}`,
  ],
  // A script's own last words stay; how it ended is ours to say.
  [/^(.+) \(exit code (\d+)\)$/s, (said = '', code = '') => `${said}（退出码 ${code}）`],
  [/^the script ended with exit code (\d+)$/, (code = '') => `脚本以退出码 ${code} 结束`],
]
export const failureInChinese = (message: string): string => inChinese(PHRASES, message) ?? message
