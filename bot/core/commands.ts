import { ClientError } from '../../api/client/index.ts'
import { alertCommand, runAlertCommand, type AlertCommand } from './alerts.ts'
import { line } from './card.ts'
import { may } from './cards/words.ts'
import type { Acting, Reply } from './contract.ts'
import { openLaunch, tryLaunch } from './form.ts'
import { appsMenu, homeMenu, inboxMenu, tasksMenu } from './menu.ts'
import { refuse } from './press.ts'
import { appsQuery } from './queries/index.ts'
import { makeLinkCode, offerToJoin, redeem } from './welcome.ts'

export type Command =
  | { readonly kind: 'home' | 'tasks' | 'inbox' | 'apps' | 'help' }
  | { readonly kind: 'link'; readonly code: string | null }
  | AlertCommand
  | { readonly kind: 'app'; readonly name: string; readonly typed: Readonly<Record<string, string>> }
  | { readonly kind: 'unreadable' }

/** `release version=v1 note="two words"`, `tasks`, `inbox`, `apps`, `link [code]`, `alerts`, `mute release 2h`, `help`, nothing. */
export function parseCommand(text: string): Command {
  const words = wordsOf(text)
  if (words === null) return { kind: 'unreadable' }
  const [first, second] = words
  if (!first) return { kind: 'home' }
  const word = first.text.toLowerCase()
  if (word === 'link' && words.length <= 2) return { kind: 'link', code: second?.text ?? null }
  if (words.length === 1 && (word === 'tasks' || word === 'inbox' || word === 'apps' || word === 'help'))
    return { kind: word }
  const alert = words.every(({ value }) => value === null) ? alertCommand(words.map((found) => found.text)) : null
  if (alert) return alert
  const names = words.filter(({ value }) => value === null).map((found) => found.text)
  const typed = Object.fromEntries(words.flatMap(({ text: key, value }) => (value === null ? [] : [[key, value]])))
  return { kind: 'app', name: names.join(' '), typed }
}
/** Whether it opens a form: a platform whose triggers run out opens a loading view at once. */
export const opensForm = (command: Command): boolean => command.kind === 'app'

interface Word {
  readonly text: string
  /** Of `key=value`; null for a bare word. */
  readonly value: string | null
}
const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '„': '“', '「': '」' }
/** Splits at spaces outside quotes; phones type curly ones. Null: a quotation mark is not closed. */
function wordsOf(text: string): Word[] | null {
  const words: Word[] = []
  let rest = text.trim()
  while (rest !== '') {
    const [, key] = /^([A-Za-z_]\w*)=/.exec(rest) ?? []
    const after = key === undefined ? rest : rest.slice(key.length + 1)
    const value = valueAt(after)
    if (value === null) return null
    words.push(key === undefined ? { text: value.text, value: null } : { text: key, value: value.text })
    rest = value.rest.trimStart()
  }
  return words
}
function valueAt(text: string): { text: string; rest: string } | null {
  const close = QUOTES[text.charAt(0)]
  if (close === undefined) {
    const end = text.search(/\s/)
    return end < 0 ? { text, rest: '' } : { text: text.slice(0, end), rest: text.slice(end) }
  }
  let value = ''
  for (let at = 1; at < text.length; at++) {
    const letter = text.charAt(at)
    if (letter === '\\' && (text.charAt(at + 1) === close || text.charAt(at + 1) === '\\')) value += text.charAt(++at)
    else if (letter === close || (close === '”' && letter === '"')) return { text: value, rest: text.slice(at + 1) }
    else value += letter
  }
  return null
}

/** What somebody typed after `/baton`, or after the bot's name. */
export async function runCommand(
  acting: Acting,
  text: string,
  options: { readonly fullMember?: boolean } = {},
): Promise<Reply> {
  const { texts } = acting
  const fullMember = options.fullMember ?? false
  const command = parseCommand(text)
  try {
    if (command.kind === 'unreadable') return { kind: 'tell', lines: [line(texts.badQuote)], alert: true }
    if (command.kind === 'help') return { kind: 'tell', lines: texts.help.map((help) => line(help)), alert: false }
    if (command.kind === 'link' && command.code) return await redeem(acting, command.code)
    const offer = await offerToJoin(acting, fullMember)
    if (offer) return offer
    switch (command.kind) {
      case 'home':
        return await homeMenu(acting)
      case 'tasks':
        return await tasksMenu(acting)
      case 'inbox':
        return await inboxMenu(acting)
      case 'apps':
        return await appsMenu(acting, null)
      case 'link':
        return await makeLinkCode(acting)
      case 'alerts':
      case 'quiet':
      case 'mute':
      case 'unmute':
        return await runAlertCommand(acting, command)
      case 'app':
        return await findApp(acting, command.name, command.typed)
    }
  } catch (error) {
    const away = error instanceof ClientError && ['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED'].includes(error.code)
    if (away) return { kind: 'tell', lines: [line(texts.unreachable)], alert: true }
    return refuse(acting, error, fullMember)
  }
}

/** By name or alias, else by part of it: one match opens its form, several are offered. */
async function findApp(acting: Acting, name: string, typed: Readonly<Record<string, string>>): Promise<Reply> {
  const { texts } = acting
  const exact = await tryLaunch(acting, name, { typed })
  if (exact) return exact
  const { apps } = await acting.client.query(appsQuery, { search: name, first: 24 })
  const found = apps.nodes.filter((candidate) => may(candidate.availableActions, 'launch'))
  const [only] = found
  if (only && found.length === 1) return openLaunch(acting, only.name, { typed })
  return appsMenu(
    acting,
    found.length > 0 ? name : null,
    found.length > 0 ? texts.manyApps(name) : `${texts.noSuchApp(name)} ${texts.didYouMean}`,
  )
}
