import type { Command } from './main.ts'

/** Commands by what somebody wants to do. What stands in none of them is shown all the same, at the end. */
const GROUPS: ReadonlyArray<readonly [title: string, names: readonly string[]]> = [
  ['Launch and watch', ['apps', 'app', 'favourite', 'preview', 'run', 'upload', 'tasks', 'task']],
  ['What waits for you', ['inbox', 'approve', 'reject', 'submit', 'confirm', 'ask', 'request', 'delegate']],
  ['When a step fails', ['retry', 'skip', 'byhand', 'fail', 'branch', 'stop']],
  ['Steer a task', ['pause', 'resume', 'start', 'plan', 'move', 'hold', 'release', 'note']],
  ['How you are told', ['alerts', 'mute', 'unmute', 'unreached']],
  [
    'Write flows and apps',
    ['lint', 'apply', 'get', 'delete', 'flow', 'host', 'secret', 'schedule', 'freezes', 'plugin'],
  ],
  [
    'People and rights',
    ['people', 'invite', 'projects', 'roles', 'rights', 'rights-role', 'sessions', 'passkeys', 'merge'],
  ],
  ['Your account', ['login', 'link', 'token']],
  ['Records', ['stats', 'audit', 'history', 'verify', 'retention', 'backup', 'restore']],
]

const ALWAYS =
  'Everywhere: --json, --url <address>, --token <token>, --project <name>. Exit codes: 0 done, 1 refused or failed, 2 not a command, 3 no answer, 4 no right, 5 somebody was first, 6 stopped.'

/** Every command in a line, under what it is for. */
export function overview(commands: Readonly<Record<string, Command>>): string[] {
  const grouped = new Set(GROUPS.flatMap(([, names]) => names))
  const others = Object.keys(commands).filter((name) => !grouped.has(name))
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const shown = [...GROUPS, ...(others.length > 0 ? [['More', others] as const] : [])]
  return [
    'baton: hand work from the people who run systems to the people who need it done',
    ...shown.flatMap(([title, names]) => [
      '',
      title,
      ...names.flatMap((name) => {
        const command = commands[name]
        return command ? [`  ${name.padEnd(width)}  ${firstSentence(command.about)}`] : []
      }),
    ]),
    '',
    'baton help <command> says how one is written.',
    ALWAYS,
  ]
}
/** How one command is written, each of its forms in a line of its own, and what it does. */
export const manual = (command: Command): string[] => [
  ...formsOf(command.usage).map((form) => `  baton ${form}`),
  `      ${command.about}`,
  '',
  ALWAYS,
]
/** `ask show <ask> | claim <ask>`: the later forms leave out the command's own word. What stands in brackets is of one form. */
function formsOf(usage: string): string[] {
  const [word = ''] = usage.split(' ')
  const forms: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < usage.length; at++) {
    const letter = usage[at]
    if (letter === '[' || letter === '<') depth += 1
    else if (letter === ']' || letter === '>') depth -= 1
    else if (depth === 0 && usage.startsWith(' | ', at)) {
      forms.push(usage.slice(from, at))
      from = at + 3
    }
  }
  return [...forms, usage.slice(from)].map((form) => (form.split(' ')[0] === word ? form : `${word} ${form}`))
}
/** The first sentence, or as much of it as fits beside a name. */
function firstSentence(text: string): string {
  const [sentence = ''] = /^.*?(?=\.(?:\s|$))/.exec(text) ?? [text]
  if (sentence.length <= FITS) return sentence
  const cut = Math.max(...[';', ':', ','].map((mark) => sentence.lastIndexOf(mark, FITS)))
  return cut > 0 ? sentence.slice(0, cut) : sentence
}
const FITS = 90
