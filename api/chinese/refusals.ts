import { inChinese, type Phrase } from './phrases.ts'
import { h } from './spacing.ts'

const THING: Readonly<Record<string, string>> = {
  flow: '流程',
  'published flow': '已发布的流程',
  app: '应用',
  host: '主机',
  task: '任务',
  node: '步骤',
  step: '步骤',
  person: '人员',
  ask: '待办',
  field: '字段',
  secret: '密钥',
  invitation: '邀请',
  project: '项目',
  token: '令牌',
  version: '版本',
  role: '角色',
  schedule: '计划',
}
const thing = (word: string): string => THING[word] ?? word

/** What the engine and the catalogue refuse with, where the words carry names. Others are told by their code. */
const PHRASES: readonly Phrase[] = [
  [
    /^There is no (.+?) “(.*)”, or you may not see it\.$/,
    (word = '', ref = '') => h`没有${thing(word)}「${ref}」，或者你无权查看。`,
  ],
  [/^(.+) does not stand in (.+)\.$/, (name = '', role = '') => h`${name}不在「${role}」里。`],
  [/^You are sending (\d+) files already\..*$/, (count = '') => h`你正在发送 ${count} 个文件，等一个传完。`],
  [
    /^(\d+) live views are open (in this browser|by this token)\..*$/,
    (count = '', where = '') =>
      h`${where === 'by this token' ? '这个令牌' : '这个浏览器'}已打开 ${count} 个实时视图。关掉一些，或改为隔一段时间读取。`,
  ],
  [
    /^You have (\d+) live views open\..*$/,
    (count = '') => h`你已打开 ${count} 个实时视图。关掉一些，或结束不用的登录。`,
  ],
  [/^This is not muted\.$/, () => '没有静音过。'],
  [/^There is no host “(.*)”$/, (name = '') => h`没有主机「${name}」`],
  [/^there is no (task|ask) (.+)$/, (word = '', id = '') => h`没有${thing(word)} ${id}`],
  [/^(.+) has no node (.+)$/, (flow = '', id = '') => h`${flow} 没有步骤 ${id}`],
  [/^task (\d+) was not handed over to anybody$/, (number = '') => h`任务 #${number} 没有移交给谁`],
  [/^task (\d+) has ended$/, (number = '') => h`任务 #${number} 已结束`],
  [/^task (\d+) has not started$/, (number = '') => h`任务 #${number} 还没开始`],
  [/^task (\d+) is being stopped$/, (number = '') => h`任务 #${number} 正在停止`],
  [/^(.+) has not been reached yet$/, (title = '') => h`还没走到${title}`],
  [/^(.+) is (\w+), it has not failed$/, (title = '') => h`${title}没有失败`],
  [/^(.+) has had all its visits: skip it, or give up$/, (title = '') => h`${title}的次数已用完：跳过它，或放弃`],
  [/^(.+) cannot be skipped: choose a branch$/, (title = '') => h`${title}不能跳过：选一个分支`],
  [/^(.+) cannot be done by hand: choose a branch$/, (title = '') => h`${title}不能手工完成：选一个分支`],
  [/^(.+) is being ended already$/, (title = '') => h`${title}已在结束中`],
  [/^(.+) has no branches to choose from$/, (title = '') => h`${title}没有可选的分支`],
  [/^(.+) does not wait for a time$/, (title = '') => h`${title}等的不是时间`],
  [/^(.+) has no items$/, (title = '') => h`${title}没有分项`],
  [/^(.+) waits for more people to be assigned$/, (title = '') => h`${title}要先改派更多人`],
  [/^take (.+) before you answer it$/, (title = '') => h`先接手${title}，再答复`],
  [/^(.+) has taken (.+)$/, (name = '', title = '') => h`${title}已由${name}接手`],
  [/^nobody has taken (.+)$/, (title = '') => h`${title}还没有人接手`],
  [/^nobody can answer (.+) now$/, (title = '') => h`${title}现在没有人能答复`],
  [/^they were reminded a moment ago$/, () => '刚刚提醒过，五分钟后再试'],
  [/^others answer (.+) before you$/, (title = '') => h`${title}先由别人答复`],
  [/^(.+) has all the answers it needs in your place$/, (title = '') => h`${title}在你的位置上已经够了`],
  [/^(.+) does not ask you$/, (title = '') => h`${title}没有问你`],
  [
    /^You have (\d+) of (.+) running already\..*$/,
    (count = '', app = '') => h`你已有 ${count} 个${app}在运行，等一个结束。`,
  ],
  [/^(.+) is launched at most (\d+) times an hour\.$/, (app = '', count = '') => h`${app}每小时最多发起 ${count} 次。`],
  [
    /^The project (\S+) has a role (\S+) already, and those of default are everybody’s: choose another name\.$/,
    (project = '', role = '') => h`项目${project}已经有角色${role}，default 的角色人人共用：请换一个名字。`,
  ],
  [/^(.+) is the only owner\. Make somebody else one first\.$/, (name = '') => h`${name}是唯一的所有者，先再设一个。`],
  [/^The choices for (.+) did not come: (.*)$/s, (title = '', why = '') => h`没有取到${title}的选项：${why}`],
  [
    /^The secret (\S+) has no value yet\..*$/,
    (ref = '') => h`密钥 ${ref} 还没有值。用 baton secret set ${ref} 设置，或在页面「我的」里设置。`,
  ],
  [
    /^The secret (\S+) belongs to the project (\S+): nothing of (\S+) may use it\.$/,
    (ref = '', owner = '', project = '') => h`密钥 ${ref} 属于项目 ${owner}，项目 ${project} 不能使用它。`,
  ],
  [
    /^No SecretRef names the secret (\S+): until one does, no flow may use it\.$/,
    (ref = '') => h`没有 SecretRef 写明密钥 ${ref}，写明之前任何流程都不能使用它。`,
  ],
  [
    /^The flow (\S+) may not use the secret (\S+): SecretRef (\S+) keeps it for (.+)\.$/,
    (flow = '', ref = '', name = '', flows = '') =>
      h`流程 ${flow} 不能使用密钥 ${ref}，SecretRef ${name} 只把它留给 ${flows}。`,
  ],
  [
    /^The name space (\S+) belongs to the project (\S+): choose another name\.$/,
    (name = '', project = '') => h`名字空间 ${name} 属于项目 ${project}，换一个名字。`,
  ],
  [
    /^(\S+) of (\S+) (\S+) belongs to (.+?)(?: \(and (\d+) more\))?\. Force takes it over\.$/,
    (path = '', kind = '', name = '', owners = '', more = '') =>
      more === ''
        ? h`${kind} ${name} 的 ${path} 由 ${owners} 维护。强制可以接管。`
        : h`${kind} ${name} 的 ${path} 由 ${owners} 维护，另有 ${more} 处。强制可以接管。`,
  ],
  [
    /^(\S+) (\S+) has changed meanwhile: (?:(.+) saved it|it was deleted)\. Look at it again\.$/,
    (kind = '', name = '', who = '') =>
      who === ''
        ? h`${kind} ${name} 在此期间被删除了，请再看一遍。`
        : h`${kind} ${name} 在此期间被${who}改过，请再看一遍。`,
  ],
  [
    /^(?:line \d+: )?(\S+) (\S+) stands twice in this text$/,
    (kind = '', name = '') => h`${kind} ${name} 在这段文本里出现了两次`,
  ],
  [/^Save one document at a time$/, () => '一次保存一份文档'],
  [/^The statistics are being counted anew already\.$/, () => '统计正在重新计算。'],
  [/^(\S+\.\S+) is in use by (.+)\.$/, (ref = '', users = '') => h`${ref} 正在被 ${users} 使用。`],
  [/^(.+) did not answer: (.*)$/s, (host = '', why = '') => h`${host} 没有应答：${why}`],
  [/^(\S+) shows (\S+), not this key\.$/, (host = '', key = '') => h`${host} 显示的是 ${key}，不是这个密钥。`],
  [/^(\S+) has shown no key yet\. Scan it first\.$/, (host = '') => h`${host} 还没有显示过密钥，先查看它的密钥。`],
  [
    /^(\S+) is behind (\S+): its key shows at the first step that runs there\.$/,
    (host = '', via = '') => h`${host} 在 ${via} 后面：第一个步骤在上面运行时才会看到它的密钥。`,
  ],
  [
    /^(.+) runs whenever the task ends, nothing holds it back$/,
    (title = '') => h`${title}在任务结束时总会运行，不能拦住`,
  ],
  [
    /^(.+) only joins branches: pause before the step behind it$/,
    (title = '') => h`${title}只是汇合分支，在它后面的步骤之前暂停`,
  ],
  [/^task (\d+) is ending, no step starts any more$/, (number = '') => h`任务 #${number} 正在结束，不会再开始步骤`],
  [/^nothing holds the task back before (.+)$/, (title = '') => h`${title}之前没有暂停`],
  [
    /^task (\d+) is paused with #(\d+): resume that one$/,
    (number = '', parent = '') => h`任务 #${number} 随 #${parent} 暂停，恢复那一个`,
  ],
  [/^This ended long ago and is in the archive: it can only be looked at\.$/, () => '它早已结束并归档，只能查看。'],
  [/^As many as may run under “(.*)” are running$/, (key = '') => h`「${key}」下能同时运行的已满`],
  [/^the one under “(.*)” is just beginning$/, (key = '') => h`「${key}」下的那个正要开始，稍后再试`],
  [/^Waiting for “(.*)” would never end: .*$/, (key = '') => h`等「${key}」永远等不到：占着它的正等着这个任务`],
  [/^There is no published flow “(.*)”$/, (name = '') => h`没有已发布的流程「${name}」`],
  [/^there is no such task$/, () => '没有这个任务'],
  [/^no answer came, try again$/, () => '没有收到回音，再试一次'],
  [/^the task to go on from is not there$/, () => '要接着做的那个任务不在了'],
  [/^Baton is shutting down.*$/, () => 'Baton 正在关闭，稍后再试。'],
  [/^not recorded, try again$/, () => '没有记录下来，再按一次。'],
  [/^Nobody owns this schedule: take it over, or apply it again$/, () => '这个计划没有负责人：接手它，或重新 apply'],
  [/^(.+), who owns this schedule, is suspended$/, (name = '') => h`负责这个计划的${name}已被停用`],
  [
    /^(.+), who owns this schedule, may not launch (.+) any more$/,
    (name = '', app = '') => h`负责这个计划的${name}已无权发起${app}`,
  ],
  [
    /^(.+) asks whoever launches it for a passkey, so it is never launched by itself$/,
    (app = '') => h`${app}要求发起人出示通行密钥，不能自动发起`,
  ],
  [/^Baton could not launch it; its log says what went wrong$/, () => 'Baton 没能发起它，原因在日志里'],
  [/^Too many tries\. Try again in (\d+) s\.$/, (s = '') => h`试得太频繁，${s} 秒后再试。`],
]
export const refusalInChinese = (message: string): string | null => inChinese(PHRASES, message)
