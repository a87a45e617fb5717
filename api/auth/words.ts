/** Why somebody is not let in, or what is asked of them first: what is, then what to do. In the order of the doors. */
const REASONS = {
  OTHER_BROWSER: {
    en: () =>
      'This link was asked for in another browser, and works only there. Open it there, or ask for a new link from here.',
    zh: () => '这个链接是另一个浏览器要的，只能在那个浏览器里打开。请回那边打开，或者在这里重新要一个。',
  },
  SUSPENDED: {
    en: (names) => `This account is suspended. ${ask(names)} can lift that.`,
    zh: (names) => `这个账号已停用，可以找${names.join('、') || '所有者'}恢复。`,
  },
  SERVICE_ACCOUNT: {
    en: () => 'This is a service account: it works with tokens and does not sign in.',
    zh: () => '这是服务账号，只用令牌，不能登录。',
  },
  TOOL_ANSWERS: {
    en: () => 'This is a service account: it launches and looks, and a person answers.',
    zh: () => '这是服务账号，可以发起和查看，但审批和回答要由人来做。',
  },
  SESSION_ELSEWHERE: {
    en: () =>
      'This sign-in turned up in another browser, so it has been ended. Sign in again; if that was not you, end your other sign-ins under Me.',
    zh: () => '这次登录出现在另一个浏览器里，已经结束。请重新登录；如果不是你本人，在「我的」里结束其他登录。',
  },
  PASSKEY_SITE: {
    en: () =>
      'Passkeys need an address with a name and https. Baton’s has none here; ask whoever runs it to set BATON_URL.',
    zh: () => '通行密钥需要带域名的 https 地址，这里没有；请管理 Baton 的人设置 BATON_URL。',
  },
  PASSKEY_MOST: {
    en: () => 'You have twenty passkeys already. Remove one first.',
    zh: () => '你已有二十个通行密钥，请先删掉一个。',
  },
  PASSKEY_KNOWN: {
    en: () => 'This passkey is registered already.',
    zh: () => '这个通行密钥已经登记过。',
  },
  PASSKEY_NONE: {
    en: () => 'You have no passkey yet. Add one under Me, Sign-in and security.',
    zh: () => '你还没有通行密钥，请先在「我的 · 登录与安全」里添加。',
  },
  PASSKEY_USED: {
    en: () => 'This answer was used already, came too late, or was begun in another browser. Try again from here.',
    zh: () => '这次验证已经用过、太晚了，或是在别的浏览器里开始的，请在这里重试。',
  },
  PASSKEY_ORIGIN: {
    en: () =>
      'This passkey was used on another address than Baton’s. Nothing was done; look at the address before you go on.',
    zh: () => '这个通行密钥是在别的网址上使用的，什么也没有做；请先看清网址。',
  },
  PASSKEY_REFUSED: {
    en: () => 'This passkey is not known here, or could not be verified. Sign in another way, or try again.',
    zh: () => '这个通行密钥在这里查不到，或者无法验证。请换一种方式登录，或重试。',
  },
  PROOF_NEEDED: {
    en: () =>
      'This asks for your passkey first, and shows that it is you. Do it on the page; a chat or a token cannot.',
    zh: () => '这一步要先用通行密钥确认是你本人。请在网页上操作，聊天和令牌不行。',
  },
  SESSION_NEEDED: {
    en: () => 'This is done on the page, by somebody who is signed in there.',
    zh: () => '这一步要在网页上登录后操作。',
  },
  MAIL_NONE: {
    en: () => 'No mail server is set up here, so no mail can be sent.',
    zh: () => '这里没有设置邮件服务器，发不了邮件。',
  },
  SUSPEND_SELF: {
    en: () => 'You cannot suspend yourself. Ask another owner.',
    zh: () => '不能停用自己，请找另一位所有者。',
  },
  LAST_OWNER: {
    en: () => 'This is the only owner. Make somebody else one first.',
    zh: () => '这是唯一的所有者，请先让别人成为所有者。',
  },
  MERGED_AWAY: {
    en: () => 'This person was merged into another. Undo that first, or act on the one who stayed.',
    zh: () => '这个人已合并到另一个人。请先撤销合并，或对留下的那个人操作。',
  },
  NOT_SERVICE: {
    en: () => 'Tokens of people are made by themselves. For others, make a service account.',
    zh: () => '个人的令牌由本人创建；给别的工具用，请建一个服务账号。',
  },
  COMPANY_NONE: {
    en: () => 'No company sign-in is set up here.',
    zh: () => '这里没有设置公司登录。',
  },
  COMPANY_DOWN: {
    en: () => 'Your company’s sign-in does not answer. Try again in a moment, or sign in another way.',
    zh: () => '公司登录没有响应，请稍后再试，或换一种方式登录。',
  },
  COMPANY_STALE: {
    en: () => 'This sign-in was begun in another browser, has been used, or is too old. Begin again from here.',
    zh: () => '这次登录是在别的浏览器里开始的、已经用过或太久了，请在这里重新开始。',
  },
  COMPANY_DENIED: {
    en: () => 'Your company’s sign-in said no. Nothing was done; you can try again.',
    zh: () => '公司登录没有同意，什么也没有做；可以再试一次。',
  },
  COMPANY_REFUSED: {
    en: () =>
      'What your company’s sign-in answered does not hold. Begin again; if it stays so, tell whoever runs Baton.',
    zh: () => '公司登录的回答无法验证。请重新开始；如果一直这样，请告诉管理 Baton 的人。',
  },
  COMPANY_UNKNOWN: {
    en: (names) =>
      `This company account is nobody here yet. ${ask(names)} can invite you; or sign in another way and link it under Me.`,
    zh: (names) =>
      `这个公司账号在这里还不是任何人。可以找${names.join('、') || '所有者'}邀请你；或者换一种方式登录后在「我的」里绑定。`,
  },
  ALREADY_LINKED: {
    en: () => 'This account is somebody else already. Unlink it there first, or merge the two people.',
    zh: () => '这个账号已属于别人。先在那边解绑，或者合并两个人。',
  },
  MERGE_CONFLICT: {
    en: () => 'These two people cannot become one as things stand.',
    zh: () => '这两个人现在还不能合并。',
  },
  MERGE_OWN_CODE: {
    en: () => 'This is your own code. The other account has to bring it.',
    zh: () => '这是你自己的码，要由另一个账号来输入。',
  },
} satisfies Readonly<Record<string, { readonly en: Words; readonly zh: Words }>>
type Words = (names: readonly string[]) => string
const ask = (names: readonly string[]): string => names.join(' or ') || 'An owner'

export function reasonText(reason: unknown, language: 'en' | 'zh', names: readonly string[]): string | null {
  return typeof reason === 'string' && Object.hasOwn(REASONS, reason)
    ? REASONS[reason as keyof typeof REASONS][language](names) // it has it: see above
    : null
}

export const LINK_WORDS = {
  en: {
    title: 'Sign in to Baton',
    text: (link: string, browser: string | null) =>
      `Somebody asked for this link${browser === null ? '' : ` in ${browser}`}. Open it in that browser within 15 minutes:\n${link}\nIn any other it does nothing. If it was not you, nothing needs to be done.`,
  },
  zh: {
    title: '登录 Baton',
    text: (link: string, browser: string | null) =>
      `有人${browser === null ? '' : `在 ${browser} 里`}要了这个登录链接，请在同一个浏览器里 15 分钟内打开：\n${link}\n换个浏览器打不开。如果不是你，不用理会。`,
  },
} as const
/** What a mail says that shows that an address is yours. */
export const MAIL_WORDS = {
  en: {
    title: 'Is this your address?',
    text: (name: string, link: string) =>
      `${name} wants this address to be theirs in Baton. If that is you, open this where you are signed in, within 15 minutes:\n${link}\nIf not, nothing needs to be done.`,
  },
  zh: {
    title: '这是你的邮箱吗？',
    text: (name: string, link: string) =>
      `${name} 想在 Baton 里绑定这个邮箱。如果是你，请在已登录的浏览器里 15 分钟内打开：\n${link}\n如果不是，不用理会。`,
  },
} as const
/** What somebody reads whose link or code was used. */
export const USED_WORDS = {
  en: {
    signedIn: 'Your sign-in link was used',
    signedInText: (browser: string | null, page: string) =>
      `It signed in a browser as you${browser === null ? '' : `: ${browser}`}. If that was not you, end that sign-in now: ${page}`,
    linked: 'Another account is yours now',
    linkedText: (platform: string, name: string, page: string) =>
      `The ${platform === 'slack' ? 'Slack' : 'Telegram'} account “${name}” was linked to you by a code of yours, and acts as you. If that was not you, unlink it now: ${page}`,
  },
  zh: {
    signedIn: '你的登录链接已被使用',
    signedInText: (browser: string | null, page: string) =>
      `有浏览器用它以你的身份登录${browser === null ? '' : `：${browser}`}。如果不是你，马上结束那次登录：${page}`,
    linked: '又有一个账号是你的了',
    linkedText: (platform: string, name: string, page: string) =>
      `${platform === 'slack' ? 'Slack' : 'Telegram'} 账号「${name}」用你的代码关联到了你，可以以你的身份操作。如果不是你，马上解除：${page}`,
  },
} as const
