import type { Language } from '../../texts.ts'

/** What is missing on a host, why it matters, and the way out. `arg`: the tool, the account, the KiB that are free. */
export interface FindingWords {
  readonly what: string
  readonly why: string
  readonly wayOut: string
}
type Words = Readonly<Record<string, (host: string, arg: string) => FindingWords>>

const english: Words = {
  HOME_NOT_WRITABLE: (host) => ({
    what: 'A home folder that can be written to',
    why: `Scripts are kept in ~/.baton on ${host} while they run.`,
    wayOut: 'Give the account a home folder of its own, or make room for one.',
  }),
  NO_ROOM: (_host, kib) => ({
    what: `Room in the home folder: ${kib} KiB are free`,
    why: 'A script and its output need a few megabytes.',
    wayOut: 'Free some room there.',
  }),
  TOOL_MISSING: (host, tool) => ({
    what: tool,
    why: 'Scripts are started, followed and ended with it.',
    wayOut: `Install ${tool} on ${host}.`,
  }),
  NO_BOOT_ID: () => ({
    what: 'A way to tell when it was started',
    why: 'A restart of the machine during a script may go unnoticed for a while.',
    wayOut: 'Nothing has to be done; look twice after a restart.',
  }),
  NO_SETSID: (host) => ({
    what: 'setsid',
    why: 'nohup is used instead, which protects a script less well.',
    wayOut: `Install util-linux on ${host}.`,
  }),
  NO_GROUP: (host) => ({
    what: 'setsid',
    why: 'Its SSH server keeps commands in its own process group, so a script could not be ended without it.',
    wayOut: `Install util-linux on ${host}.`,
  }),
  NO_LINGER: (_host, user) => ({
    what: 'Permission to run on after logging out',
    why: `Everything of ${user} is ended when it logs out (KillUserProcesses).`,
    wayOut: `Run there: loginctl enable-linger ${user}`,
  }),
  SESSIONS_ARE_KILLED: (_host, user) => ({
    what: 'Permission to run on after logging out',
    why: `Everything of ${user} is ended when it logs out (KillUserProcesses), and systemd-run --user does not work for it.`,
    wayOut: `Run there: loginctl enable-linger ${user}, or add ${user} to KillExcludeUsers in logind.conf`,
  }),
  HOST_UNREACHABLE: (host, said) => ({
    what: `A connection to ${host}`,
    why: said,
    wayOut: 'Look whether it is switched on, and whether address, port and firewall are right.',
  }),
  HOST_LOST: (host, said) => ({
    what: `A connection to ${host} that lasts`,
    why: said,
    wayOut: 'Look at its network and check again.',
  }),
  HOST_LOGIN_REFUSED: (host, said) => ({
    what: 'A login',
    why: said,
    wayOut: `Put the public half of the stored key into ~/.ssh/authorized_keys on ${host}.`,
  }),
  HOST_KEY_UNCONFIRMED: (host, said) => ({
    what: 'A confirmed host key',
    why: said,
    wayOut: `Look at the key of ${host}, compare it there, and confirm it.`,
  }),
  HOST_KEY_CHANGED: (host, said) => ({
    what: 'The confirmed host key',
    why: said,
    wayOut: `If you replaced ${host}, confirm its new key. If not, somebody may be answering in its place.`,
  }),
  HOST_KEY_UNUSABLE: (_host, said) => ({
    what: 'A private key that can be read',
    why: said,
    wayOut: 'Store the private key again, whole and without a passphrase.',
  }),
  HOST_NO_SHELL: (_host, said) => ({
    what: 'A shell for the account',
    why: said,
    wayOut: 'Give the account /bin/sh, and no forced command.',
  }),
  NOT_FOUND: (_host, said) => ({
    what: 'The stored private key',
    why: said,
    wayOut: 'Set the secret the host names as its key, then check again.',
  }),
}
const chinese: Words = {
  HOME_NOT_WRITABLE: (host) => ({
    what: '可写的主目录',
    why: `脚本运行时放在 ${host} 的 ~/.baton 下。`,
    wayOut: '给账号一个自己的、可写的主目录。',
  }),
  NO_ROOM: (_host, kib) => ({
    what: `主目录空间：只剩 ${kib} KiB`,
    why: '脚本和输出需要几 MB。',
    wayOut: '在那里腾出空间。',
  }),
  TOOL_MISSING: (host, tool) => ({
    what: tool,
    why: '启动、跟踪、结束脚本都要用它。',
    wayOut: `在 ${host} 上安装 ${tool}。`,
  }),
  NO_BOOT_ID: () => ({
    what: '开机标识',
    why: '脚本运行期间机器重启，可能一时发现不了。',
    wayOut: '不必处理；重启后多看一眼。',
  }),
  NO_SETSID: (host) => ({
    what: 'setsid',
    why: '改用 nohup，对脚本的保护弱一些。',
    wayOut: `在 ${host} 上安装 util-linux。`,
  }),
  NO_GROUP: (host) => ({
    what: 'setsid',
    why: '它的 SSH 服务让命令留在自己的进程组里，没有 setsid 就无法结束脚本。',
    wayOut: `在 ${host} 上安装 util-linux。`,
  }),
  NO_LINGER: (_host, user) => ({
    what: '退出登录后继续运行的许可',
    why: `${user} 一退出登录，它的进程就全部被结束（KillUserProcesses）。`,
    wayOut: `在那里运行：loginctl enable-linger ${user}`,
  }),
  SESSIONS_ARE_KILLED: (_host, user) => ({
    what: '退出登录后继续运行的许可',
    why: `${user} 一退出登录，它的进程就全部被结束（KillUserProcesses），而且 systemd-run --user 对它不可用。`,
    wayOut: `在那里运行：loginctl enable-linger ${user}，或把 ${user} 加进 logind.conf 的 KillExcludeUsers`,
  }),
  HOST_UNREACHABLE: (host, said) => ({
    what: `到 ${host} 的连接`,
    why: said,
    wayOut: '看它是否开机，地址、端口、防火墙是否正确。',
  }),
  HOST_LOST: (host, said) => ({
    what: `到 ${host} 的稳定连接`,
    why: said,
    wayOut: '检查网络后再查一次。',
  }),
  HOST_LOGIN_REFUSED: (host, said) => ({
    what: '登录',
    why: said,
    wayOut: `把所存密钥的公钥放进 ${host} 的 ~/.ssh/authorized_keys。`,
  }),
  HOST_KEY_UNCONFIRMED: (host, said) => ({
    what: '已确认的主机密钥',
    why: said,
    wayOut: `查看 ${host} 的密钥，在机器上核对后确认。`,
  }),
  HOST_KEY_CHANGED: (host, said) => ({
    what: '原来确认的主机密钥',
    why: said,
    wayOut: `如果换过 ${host}，确认新密钥；没换过，可能有人冒充它。`,
  }),
  HOST_KEY_UNUSABLE: (_host, said) => ({
    what: '可读的私钥',
    why: said,
    wayOut: '重新保存私钥：完整，不带口令。',
  }),
  HOST_NO_SHELL: (_host, said) => ({
    what: '账号的 shell',
    why: said,
    wayOut: '给账号 /bin/sh，去掉强制命令。',
  }),
  NOT_FOUND: (_host, said) => ({
    what: '所存的私钥',
    why: said,
    wayOut: '设置主机所指的密钥，再查一次。',
  }),
}
const WORDS: { readonly [language in Language]: Words } = { en: english, zh: chinese }

/** A finding or a trouble, for people. One without words of its own is told as it was said. */
export const findingWords = (code: string, host: string, arg: string, language: Language): FindingWords =>
  WORDS[language][code]?.(host, arg) ?? { what: code, why: arg, wayOut: '' }
