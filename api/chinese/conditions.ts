import { inChinese, type Phrase } from './phrases.ts'
import { h } from './spacing.ts'

/** What the server says of a document as it stands. What the check finds stays as it is said there. */
const PHRASES: readonly Phrase[] = [
  [/^The check finds nothing that stands in the way\.$/, () => '检查没有发现问题。'],
  [/^No version of it can be launched\.$/, () => '还没有可以发起的版本。'],
  [/^Version (\d+) says the same\.$/, (version = '') => h`与第 ${version} 版相同。`],
  [
    /^Version (\d+) is launched; the draft says something else\.$/,
    (version = '') => h`发起的是第 ${version} 版，草稿与它不同。`,
  ],
  [/^It starts version (\d*) of (.+)\.$/, (version = '', flow = '') => h`发起 ${flow} 的第 ${version} 版。`],
  [/^(.+) has no such version yet: publish it\.$/, (flow = '') => h`${flow} 还没有这个版本，先发布它。`],
  [/^It is reached with (.+)\.$/, (key = '') => h`用 ${key} 连接。`],
  [/^The secret (.+) has no value yet\.$/, (key = '') => h`密钥 ${key} 还没有设置。`],
  [/^Every key has a value\.$/, () => '全部已设置。'],
  [/^No value yet: (.+)\.$/, (keys = '') => h`还没有设置：${keys}。`],
  [/^(\d+) (?:person stands|people stand) in it now\.$/, (count = '') => h`现在有 ${count} 人。`],
  [/^Nobody stands in it: what asks it reaches nobody\.$/, () => '没有人：问到它时找不到人。'],
  [/^(\d+) (?:person has|people have) it\.$/, (count = '') => h`${count} 人有这个角色。`],
  [/^Nobody has it yet\.$/, () => '还没有人有这个角色。'],
  [/^It shows (\S+), not its pinned key\.$/, (key = '') => h`它现在出示的是 ${key}，不是已固定的密钥。`],
  [/^Pinned to (.*)\.$/, (key = '') => h`已固定为 ${key}。`],
  [/^It shows (\S+): compare and confirm it\.$/, (key = '') => h`它出示的是 ${key}，请核对后确认。`],
  [/^Nobody has looked at its key yet\.$/, () => '还没有读取过它的密钥。'],
  [/^It is being looked at\.$/, () => '正在探测。'],
  [/^Nobody has looked yet\.$/, () => '还没有探测过。'],
  [/^Scripts can run there\.$/, () => '可以在上面运行脚本。'],
  [/^Scripts cannot run there: (.+)\.$/, (missing = '') => h`不能在上面运行脚本：${missing}。`],
]
/** A condition's message in Chinese; one without a phrase is told as it was said. */
export const conditionInChinese = (message: string): string => inChinese(PHRASES, message) ?? message
