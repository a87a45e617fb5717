import type { Client } from '../../api/client/index.ts'
import { ClientError } from '../../api/client/index.ts'
import { BLANK, line, type Card, type Line } from './card.ts'
import type { Account, Acting, Log, Reply } from './contract.ts'
import {
  identityQuery,
  joinAsMutation,
  linkCodeMutation,
  redeemCodeMutation,
  type IdentityData,
} from './queries/index.ts'
import { refused } from './refusal.ts'
import { textsFor } from './texts.ts'

/** `slack:T1:U2`, `telegram::42`: the account the bot acts for, as the API reads it. */
export const accountKey = ({ platform, team, user }: Account): string =>
  `${platform.toLowerCase()}:${team ?? ''}:${user}`

/** Makes the two connections a feature needs: the bot's own, and the same for the person who acts. */
export function actAs(
  service: Client,
  account: Account,
  options: { readonly origin?: string | null; readonly language?: string | null; readonly log?: Log } = {},
): Acting {
  const texts = textsFor(options.language)
  return {
    account,
    service,
    client: service.actingFor(accountKey(account), texts.language),
    texts,
    origin: options.origin ?? null,
    ...(options.log && { log: options.log }),
  }
}

export interface Known {
  readonly id: string
  readonly name: string
  readonly language: string | null
  readonly timeZone: string | null
}
/** The person behind an account, or null. */
export async function personOf(acting: Acting): Promise<Known | null> {
  const { platform, team, user } = acting.account
  const { identity } = await acting.service.query(identityQuery, { platform, team, user })
  return identity.person
}

/** For somebody without a person: one button to join, or whom to ask. Null: already linked. */
export async function offerToJoin(acting: Acting, fullMember: boolean): Promise<Reply | null> {
  const { texts, account } = acting
  const { platform, team, user, name } = account
  const { identity } = await acting.service.query(identityQuery, { platform, team, user })
  if (identity.person) return null
  const mayJoin = fullMember ? identity.mayJoin : null
  const lines: Line[] = [
    line(texts.welcome.hello),
    ...(mayJoin ? [line(texts.welcome.joinRole(mayJoin))] : [line(whom(acting, identity))]),
  ]
  const actions: Card['actions'] = mayJoin
    ? [{ label: texts.welcome.joinAs(name), style: 'primary', target: { verb: 'join_baton' }, confirm: null }]
    : []
  return { kind: 'card', card: { ...BLANK, summary: texts.notMember, title: texts.menu.title, lines, actions } }
}
function whom({ texts }: Acting, { askWhom, suspended }: Pick<IdentityData, 'askWhom' | 'suspended'>): string {
  const names = askWhom.join(texts.comma)
  if (suspended) return texts.welcome.suspended(names)
  return names === '' ? texts.welcome.askOwner : texts.welcome.askWhom(names)
}

/** The button of `offerToJoin`. The server decides; `fullMember` is what the platform says of the account now. */
export async function joinBaton(acting: Acting, fullMember: boolean): Promise<Reply> {
  const { texts, account } = acting
  try {
    const { joinAs } = await acting.service.query(joinAsMutation, { ...account, fullMember })
    return tell(joinAs.person ? texts.welcome.joined(joinAs.person.name) : whom(acting, joinAs))
  } catch (error) {
    return { kind: 'tell', lines: refused(acting, error), alert: true }
  }
}

/** `/baton link <code>`, `/start <code>`: an invitation, a link code or the owner's. One that makes somebody of this account says first of whom. */
export async function redeem(acting: Acting, code: string, confirm = false): Promise<Reply> {
  const { texts, account } = acting
  try {
    const { redeemCode } = await acting.service.query(redeemCodeMutation, { ...account, code, confirm })
    if (redeemCode.joins != null) return { kind: 'card', card: joinCard(acting, redeemCode.joins, code) }
    if (!redeemCode.person) return tell(texts.welcome.badCode)
    const left = redeemCode.leftOut
    const lines = [
      texts.welcome.linked(redeemCode.person.name),
      ...(left.length > 0 ? [texts.welcome.leftOut(left.join(texts.comma))] : []),
    ]
    return { kind: 'tell', lines: lines.map((text) => line(text)), alert: false }
  } catch (error) {
    const unknown =
      error instanceof ClientError && ['NOT_FOUND', 'INVALID_INPUT', 'FORBIDDEN', 'STALE'].includes(error.code)
    // Its button pressed again: what it was for is done.
    const known = unknown && confirm ? await personOf(acting) : null
    if (known) return tell(texts.welcome.linked(known.name))
    return { kind: 'tell', lines: unknown ? [line(texts.welcome.badCode)] : refused(acting, error), alert: true }
  }
}
function joinCard({ texts, account }: Acting, joins: string, code: string): Card {
  const title = texts.welcome.joinsTitle(joins)
  return {
    ...BLANK,
    summary: title,
    title,
    lines: [line(texts.welcome.joinsWhy(account.name, joins))],
    actions: [
      {
        label: texts.welcome.joinsYes(joins),
        style: 'primary',
        target: { verb: 'redeem', data: { code } },
        confirm: null,
      },
    ],
  }
}
/** The button of that card. */
export const redeemAsked = (acting: Acting, data: unknown): Promise<Reply> =>
  redeem(acting, typeof data === 'object' && data !== null && 'code' in data ? String(data.code) : '', true)
/** A code that joins another account to this person. */
export async function makeLinkCode(acting: Acting): Promise<Reply> {
  const { texts } = acting
  const { linkCode } = await acting.client.query(linkCodeMutation)
  return { kind: 'tell', lines: [line(texts.welcome.codeIs(linkCode.code)), line(texts.welcome.codeHow)], alert: false }
}
const tell = (text: string): Reply => ({ kind: 'tell', lines: [line(text)], alert: false })
