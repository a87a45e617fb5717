import { inChinese, type Phrase } from './phrases.ts'
import { h } from './spacing.ts'

/** `a, b or c` → `a、b 或 c`. */
const choice = (names: string): string => h`${names.replace(/, /g, '、').replace(/ or (?=[^ ]*[^、]*$)/, ' 或 ')}`
const NOUN = '(?:an? )?(.+?)'
/** The English sentence has taken its capital: “Enter what changes”. */
const asTitled = (noun: string): string => noun.replace(/^[a-z]/, (letter) => letter.toUpperCase())
const VALUE = '“(.*)”'

/** What `core/variables`, `core/form` and the commands say of a value, by pattern: the words carry names, the codes do not. */
const PHRASES: readonly Phrase[] = [
  [/^Choose at least one channel$/, () => '至少选一个渠道'],
  [/^A channel can be used once$/, () => '每个渠道只能用一次'],
  [/^Use (\d+) to (\d+) minutes$/, (from = '', to = '') => h`填 ${from} 到 ${to} 分钟`],
  [/^Use (\d+) to (\d+) minutes, or 0 for none$/, (from = '', to = '') => h`填 ${from} 到 ${to} 分钟，不要就填 0`],
  [/^Use 1 minute to a year, or none for as long as you like$/, () => '填 1 分钟到 1 年，不填就一直静音'],
  [/^Write quiet hours like (\S+) to (\S+)$/, (from = '', to = '') => h`免打扰时间写成 ${from} 到 ${to}`],
  [/^Days are 1 \(Monday\) to 7 \(Sunday\)$/, () => '日期用 1（周一）到 7（周日）'],
  [/^Name an app or a task$/, () => '写明应用或任务'],
  [/^Choose at least one host$/, () => '至少选一台主机'],
  [/^Choose at least one person$/, () => '至少选一个人'],
  [/^(?:Choose|Add) at least one entry for (.+)$/, (noun = '') => h`${noun}至少要有一项`],
  [/^Choose at least (\d+) for (.+)$/, (count = '', noun = '') => h`${noun}至少选 ${count} 项`],
  [/^Choose at most (\d+) for (.+)$/, (count = '', noun = '') => h`${noun}最多选 ${count} 项`],
  [/^Choose one entry for (.+)$/, (noun = '') => h`为${noun}选一项`],
  [new RegExp(`^Choose ${NOUN}$`), (noun = '') => h`选择${asTitled(noun)}`],
  [new RegExp(`^Enter ${NOUN}$`), (noun = '') => h`填写${asTitled(noun)}`],
  [
    /^(.+): contains a character that no program can take \(NUL\)$/,
    (noun = '') => h`${noun}：含有程序无法接受的字符（NUL）`,
  ],
  [/^(.+): has more than (\d+) characters$/, (noun = '', count = '') => h`${noun}：超过 ${count} 个字符`],
  [/^(.+): has more than 10,000 entries$/, (noun = '') => h`${noun}：超过 10,000 项`],
  [/^(.+): this file is not kept here\. Upload it$/, (noun = '') => h`${noun}：这里没有保存这个文件，请先上传`],
  [/^(.+): is not a number$/, (noun = '') => h`${noun}：不是数字`],
  [/^A service account is no owner$/, () => '服务账号不能是所有者'],
  [/^(.+): may not have a key “(.*)”$/, (noun = '', key = '') => h`${noun}：不能有键「${key}」`],
  [/^(?:(.+): )?has more than (\d+) levels$/, (noun = '', count = '') => h`${noun}${noun && '：'}嵌套超过 ${count} 层`],
  [new RegExp(`^${VALUE} is not a whole number$`), (value = '') => h`「${value}」不是整数`],
  [/^(-?[\d.e+]+) is not a whole number$/, (value = '') => h`${value} 不是整数`],
  [new RegExp(`^${VALUE} is not a number$`), (value = '') => h`「${value}」不是数字`],
  [new RegExp(`^${VALUE} is neither yes nor no$`), (value = '') => h`「${value}」既不是「是」也不是「否」`],
  [
    new RegExp(`^${VALUE} is not a date and time\\. Write (.+)$`),
    (value = '', example = '') => h`「${value}」不是日期和时间，写成 ${example}`,
  ],
  [
    new RegExp(`^${VALUE} needs a time zone\\. Write (.+)$`),
    (value = '', example = '') => h`「${value}」缺少时区，写成 ${example}`,
  ],
  [
    new RegExp(`^${VALUE} is not a duration\\. Write .+$`),
    (value = '') => h`「${value}」不是时长，写成 30s、5m 或 1h30m`,
  ],
  [
    new RegExp(`^${VALUE} is not a date\\. Write (.+)$`),
    (value = '', example = '') => h`「${value}」不是日期，写成 ${example}`,
  ],
  [
    new RegExp(`^${VALUE} is not a time\\. Write (.+)$`),
    (value = '', example = '') => h`「${value}」不是时间，写成 ${example}`,
  ],
  [new RegExp(`^${VALUE} is not JSON$`), (value = '') => h`「${value}」不是 JSON`],
  [/^(.+) has too many digits$/, (noun = '') => h`${noun}的位数太多`],
  [/^(.+) is a text$/, (noun = '') => h`${noun}应为文本`],
  [/^(.+) is a list of hosts$/, (noun = '') => h`${noun}应为主机列表`],
  [/^(.+) is a list of people$/, (noun = '') => h`${noun}应为人员列表`],
  [/^(.+) is a list$/, (noun = '') => h`${noun}应为列表`],
  [/^(.+) is a table: .*$/, (noun = '') => h`${noun}应为表格：由 {"name": "…"} 这样的行组成`],
  [/^(.+) is the name of a host$/, (noun = '') => h`${noun}应为主机名`],
  [/^(.+) is the name of a person$/, (noun = '') => h`${noun}应为人名`],
  [
    new RegExp(`^${VALUE} stands for several hosts\\. Choose one$`),
    (value = '') => h`「${value}」代表多台主机，选一台`,
  ],
  [new RegExp(`^No host has the label ${VALUE}$`), (value = '') => h`没有主机带标签「${value}」`],
  [
    new RegExp(`^There is no host ${VALUE}(?:\\. Use (.+))?$`),
    (value = '', near = '') => h`没有主机「${value}」${near && '，改用 '}${near}`,
  ],
  [new RegExp(`^There is no person ${VALUE}$`), (value = '') => h`没有人叫「${value}」`],
  [
    new RegExp(`^${VALUE} are (\\d+) people\\. Choose one$`),
    (value = '', count = '') => h`叫「${value}」的有 ${count} 人，选一个`,
  ],
  [
    new RegExp(`^${VALUE} is not offered for (.+) any more$`),
    (value = '', noun = '') => h`${noun}已不再提供「${value}」`,
  ],
  [/^(.+) can be chosen once (.+) is$/, (noun = '', first = '') => h`先选${first}，再选${noun}`],
  [/^(.+) is at least (.+)$/, (noun = '', min = '') => h`${noun}至少为 ${min}`],
  [/^(.+) is at most (.+)$/, (noun = '', max = '') => h`${noun}最多为 ${max}`],
  [/^(.+) goes in steps of (.+)$/, (noun = '', step = '') => h`${noun}以 ${step} 为一档`],
  [/^(.+) needs at least (\d+) characters$/, (noun = '', count = '') => h`${noun}至少 ${count} 个字符`],
  [/^(.+) may have up to (\d+) characters$/, (noun = '', count = '') => h`${noun}最多 ${count} 个字符`],
  [
    /^(.+) cannot be checked: its pattern is broken \((.*)\)\. Tell the author$/,
    (noun = '', why = '') => h`${noun}无法检查：它的格式规则有误（${why}），告诉作者`,
  ],
  [new RegExp(`^This is not ${NOUN}$`), (noun = '') => h`这不是${noun}`],
  [
    new RegExp(`^${VALUE} is not ${NOUN}\\. Choose one of the (\\d+) entries$`),
    (value = '', noun = '', count = '') => h`「${value}」不是${noun}，从 ${count} 项中选`,
  ],
  [
    new RegExp(`^${VALUE} is not ${NOUN}\\. Choose (.+)$`),
    (value = '', noun = '', titles = '') => h`「${value}」不是${noun}，选 ${choice(titles)}`,
  ],
  [
    new RegExp(`^${VALUE} is not ${NOUN}\\. Use (.+)$`),
    (value = '', noun = '', fix = '') => h`「${value}」不是${noun}，改用 ${fix}`,
  ],
  [
    new RegExp(`^${VALUE} is not ${NOUN}\\. It must match (.+)$`),
    (value = '', noun = '', pattern = '') => h`「${value}」不是${noun}，须符合 ${pattern}`,
  ],
  [
    new RegExp(`^${VALUE} is not ${NOUN}\\. (.+)$`),
    (value = '', noun = '', help = '') => h`「${value}」不是${noun}。${help}`,
  ],
  [/^(.+) is fixed by this app and cannot be changed$/, (noun = '') => h`${noun}由应用固定，不能修改`],
  [/^(.+) follows from other values and cannot be set$/, (noun = '') => h`${noun}由其他值算出，不能设置`],
  [/^(.+) can be read, not changed$/, (noun = '') => h`${noun}只读，不能修改`],
  [/^(.+) is not part of this form$/, (noun = '') => h`${noun}不在这个表单里`],
  [
    new RegExp(`^There is no ${VALUE} to fill in(?:\\. Did you mean (.+)\\?)?$`),
    (key = '', near = '') => h`没有「${key}」这一项${near && '，是不是 '}${near}${near && '？'}`,
  ],
  [/^[Tt]here is no (?:field|variable) (.+)$/, (key = '') => h`没有「${key}」这一项`],
  [/^(.+) cannot be left out$/, (noun = '') => h`${noun}不能略去`],
  [/^(.+) is needed by (.+)$/, (noun = '', readers = '') => h`${readers.replace(/, /g, '、')}要用到${noun}`],
  [/^say what has to change$/, () => '说明要改什么'],
  [/^say why it is passed on$/, () => '说明为什么转交'],
  [/^say who is to take it$/, () => '指定由谁认领'],
  [/^there is nobody behind (.+)$/, (who = '') => h`${who}里没有人`],
  [
    /^it has been claimed: name the one person who carries it from now on$/,
    () => '已有人认领：指定从现在起负责的那一个人',
  ],
  [/^(.+) carries it already$/, (who = '') => h`已经由${who}负责`],
  [/^There is no scheme “(.*)”$/, (name = '') => h`没有方案「${name}」`],
  [/^say why$/, () => '说明理由'],
  [/^an approval was given for the value before: say why it changes$/, () => '原来的值已经批准过：说明为什么要改'],
  [/^this goes past an approval: say why$/, () => '这会越过审批：说明理由'],
  [/^(.+) is nobody here$/, (who = '') => h`这里没有 ${who}`],
  [/^who started it cannot answer (.+)$/, (title = '') => h`发起人不能答复${title}`],
  [
    /^(.+) cannot answer (.+): it is their own work$/,
    (name = '', title = '') => h`${name} 不能答复${title}：这是他们自己填写或发起的`,
  ],
  [/^(.+) has answered already$/, (who = '') => h`${who}已经答复过`],
  [/^nobody of (.+) can answer (.+)$/, (who = '', title = '') => h`${who} 里没有人能答复「${title}」`],
  [
    /^(.+) needs several people: hand your place to one person$/,
    (title = '') => h`「${title}」需要多人，只能转给一个人`,
  ],
  [/^they have answered already$/, () => '他们已经答复过'],
  [/^you cannot make yourself an approver$/, () => '不能把自己设为审批人'],
  [/^name somebody$/, () => '指定一个人'],
  [/^(.+) needs more people than that$/, (title = '') => h`${title}需要更多人`],
  [/^write something$/, () => '写点内容'],
  [/^at most (\d+) files at once$/, (most = '') => h`一次最多 ${most} 个文件`],
  [/^There is no file (\S+) of this task\..*$/, (file = '') => h`这个任务没有文件 ${file}，先为它上传`],
  [/^At most (\d+) at once\. These are (\d+)$/, (most = '', has = '') => h`一次最多 ${most} 个，现有 ${has} 个`],
  [/^(.+) is secret and must come sealed$/, (noun = '') => h`${noun}是密钥，要先密封`],
  [
    /^(.+) is asked already, and too few people would be left$/,
    (who = '') => h`${who}已在被询问的人里，转交后人数不够`,
  ],
  [
    /^There is no project “(.+)” yet\.(?: Did you mean “(.+)”\?)?$/,
    (name = '', near = '') => h`还没有项目「${name}」。${near === '' ? '' : h`是不是「${near}」？`}`,
  ],
  [/^“(.+)” is no name for a project$/, (name = '') => h`「${name}」不能作项目名`],
  [
    /^There is no (role|group):(\S+) in (\S+)\.(?: Did you mean (\S+)\?)?$/,
    (kind = '', name = '', project = '', near = '') =>
      h`${project} 里没有${kind === 'group' ? '组' : '角色'}「${name}」。${near === '' ? '' : h`是不是 ${near}？`}`,
  ],
  [
    /^Up to (\d+) roles and groups\. This has (\d+)$/,
    (most = '', count = '') => h`最多 ${most} 个角色和组，这里有 ${count} 个`,
  ],
  [/^There is nobody called “(.+)”$/, (who = '') => h`没有叫「${who}」的人`],
  [/^(.+) is a service account: it answers no asks$/, (who = '') => h`${who}是服务账号，不能答复`],
  [/^Nobody stands in for themselves$/, () => '不能由自己代自己答复'],
  [/^Choose an end that is to come, after its beginning$/, () => '结束要在将来，且晚于开始'],
  [/^At most a year\..*$/, () => '最长一年；要长期如此，改角色'],
  [
    /^(.+) would come back to (.+): one of them delegates to the other at that time$/,
    (to = '', from = '') => h`会绕回${from}：那段时间${to}与${from}之间已有代办`,
  ],
  [
    /^(.+) delegates to (.+) at that time already\. End that first$/,
    (from = '', to = '') => h`${from}在那段时间已由${to}代办，先结束它`,
  ],
  [/^choose a branch$/, () => '选一个分支'],
  [/^(.+) takes one branch$/, (title = '') => h`${title}只能走一个分支`],
  [/^name at least one item$/, () => '至少指定一项'],
  [/^choose an instant to come$/, () => '选一个将来的时间'],
  [/^a note has up to (\d+) characters$/, (most = '') => h`备注最多 ${most} 个字符`],
  [/^expected an instant$/, () => '应为时间'],
  [/^Say when$/, () => '说明时间'],
  [/^Say it in (\d+) characters\. This has (\d+)$/, (most = '', has = '') => h`最多 ${most} 个字符，现有 ${has} 个`],
  [/^A secret of a running task cannot be changed\..*$/, () => '运行中任务的密钥不能修改，重新发起。'],
]

/** A field's error in Chinese. One without a phrase is told as it was said. */
export const fieldInChinese = (message: string): string => inChinese(PHRASES, message) ?? message
