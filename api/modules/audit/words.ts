/** One line of the audit as people read it. Pure; the phone, the terminal and the chats all show what is made here. */
import { reasonText } from '../../auth/words.ts'
import { h, spaced } from '../../chinese/spacing.ts'
import { textsOf, type Language } from '../../texts.ts'
import { DEEDS, LOOKS } from './deeds.ts'

/** What an act was aimed at, by the name people know it by. */
export interface Subject {
  readonly kind: SubjectKind
  readonly title: string
  /** Of a task. */
  readonly number?: number
  /** What a surface links by: a task’s number, an ask’s id, a name. Null: there is nothing to open. */
  readonly ref: string | null
  /** The task of an ask or a step. */
  readonly within?: Subject
}
export type SubjectKind =
  | 'task'
  | 'ask'
  | 'step'
  | 'app'
  | 'flow'
  | 'person'
  | 'role'
  | 'group'
  | 'host'
  | 'secret'
  | 'schedule'
  | 'document'
  | 'project'
  | 'thing'
export interface Told {
  readonly what: string
  readonly by: { readonly person: string | null; readonly name: string }
  readonly allowed: boolean
  readonly subject: Subject | null
  /** Names that the phrase may mention: `role`, `project`, `person`, `task` … */
  readonly names: Readonly<Record<string, string | null>>
  readonly verdict: string | null
}

/** “Ming approved “Confirm the test” in Release (#42)”, “Refused: Ming wanted to retry …”. */
export function auditText(row: Told, language: Language): string {
  const who = nameOf(row.by, language)
  const deed = DEEDS[row.verdict === null ? row.what : `${row.what}.${row.verdict}`] ?? DEEDS[row.what]
  const values = { ...row.names, on: row.subject === null ? null : subjectText(row.subject, language) }
  if (language === 'zh') {
    const [, look] = LOOKS[row.what] ?? []
    const said = spaced([who, ...(deed ? filled(deed.zh, values) : ['查看', look ?? row.what])])
    return row.allowed ? said : h`被拒绝：${said}`
  }
  const [did, todo, rest] = deed?.en ?? ['looked at', 'look at', LOOKS[row.what]?.[0] ?? spelled(row.what)]
  const said = filled(rest, values).join('')
  const end = said === '' ? '' : ` ${said.trimStart()}`
  return row.allowed ? `${who} ${did}${end}` : `Refused: ${who} wanted to ${todo}${end}`
}

/** Why it was refused: the missing right first, since that is what can be given. Null: it was not refused. */
export function auditWhy(allowed: boolean, detail: unknown, language: Language): string | null {
  if (allowed) return null
  const { code, right, reason } = (typeof detail === 'object' && detail !== null ? detail : {}) as {
    readonly [key: string]: unknown
  }
  const texts = textsOf(language)
  // Whoever held the right was refused too, until they said why it could not wait.
  if (code === 'FROZEN') return language === 'en' ? 'It was frozen then' : '当时已冻结'
  if (typeof right === 'string') {
    const meant = texts.right[right]
    if (language === 'zh') return meant === undefined ? h`缺少权限：${right}` : h`缺少权限：${meant}（${right}）`
    return `Right missing: ${meant === undefined ? right : `${meant} (${right})`}`
  }
  const known = typeof reason === 'string' ? reasonText(reason, language, []) : null
  if (known !== null) return known
  if (code === 'SECRET_NOT_ALLOWED') return language === 'en' ? 'The flow may not use it' : '流程不可使用它'
  return typeof code === 'string' ? (texts.refusal[code] ?? code) : null
}

/** As sentences name it: what people wrote in quotation marks, what machines are called plainly. */
export function subjectText({ kind, title, number, within }: Subject, language: Language): string {
  const isZh = language === 'zh'
  const numbered = number === undefined ? title : isZh ? `${title}（#${number}）` : `${title} (#${number})`
  const own = isQuoted(kind) ? (isZh ? `「${title}」` : `“${title}”`) : numbered
  const word = WORDS[kind]
  const named = word === undefined ? own : isZh ? h`${word[1]} ${own}` : `${word[0]} ${own}`
  if (within === undefined) return named
  const whole = subjectText(within, language)
  return isZh ? h`${whole}的${named}` : `${named} in ${whole}`
}
const isQuoted = (kind: SubjectKind): boolean => kind === 'ask' || kind === 'step'
const WORDS: { readonly [kind in SubjectKind]?: readonly [en: string, zh: string] } = {
  host: ['the host', '主机'],
  secret: ['the secret', '密钥'],
  schedule: ['the schedule', '计划'],
  project: ['the project', '项目'],
  role: ['the role', '角色'],
  group: ['the group', '群组'],
}
/** What has no words yet is at least read as words: `schedulePreview`, “schedule preview”. */
const spelled = (what: string): string => what.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
const nameOf = ({ person, name }: Told['by'], language: Language): string =>
  person !== null || name !== 'Nobody' ? name : language === 'zh' ? '未登录的人' : 'Somebody not signed in'

type Names = Readonly<Record<string, string | null | undefined>>
/** Puts names in; a part in brackets goes when it has a name that is not known, and elsewhere nothing stands for it. */
function filled(pattern: string, names: Names): readonly string[] {
  return pattern.split(/(\[[^\]]*\])/).flatMap((part) => {
    const isOptional = part.startsWith('[')
    const text = isOptional ? part.slice(1, -1) : part
    const named = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => names[name] ?? null)
    if (isOptional && named.some((name) => name === null)) return []
    return text.split(/(\{\w+\})/).map((piece) => (piece.startsWith('{') ? (names[piece.slice(1, -1)] ?? '') : piece))
  })
}
