import { randomBytes } from 'node:crypto'
import type { Client } from '../../api/client/index.ts'
import type { ButtonTarget, Card, PlacedCard } from './card.ts'
import { botStateQuery, makeButtonsMutation, setBotStateMutation } from './queries/index.ts'

const MENU_TTL_S = 24 * 3600

/** Tokens a card has on screen, by what they stand for: a card that only moves on keeps its buttons. */
export type Tokens = Map<string, { readonly targets: string; readonly tokens: readonly string[] }>

/** Gives a card of the server's its buttons' tokens. What a token stands for stays with the server. */
export async function placeCard(service: Client, cardId: string, card: Card, known?: Tokens): Promise<PlacedCard> {
  if (card.actions.length === 0) return { ...card, actions: [] }
  const buttons = card.actions.map(({ target }) => ({ ...target }))
  const targets = JSON.stringify(buttons)
  const had = known?.get(cardId)
  if (had?.targets === targets) return withTokens(card, had.tokens)
  const { makeButtons } = await service.query(makeButtonsMutation, { cardId, buttons })
  known?.set(cardId, { targets, tokens: makeButtons })
  return withTokens(card, makeButtons)
}

/**
 * The same for a card that only one person sees and the server does not keep (menus, offers to join): its targets are kept as bot state,
 * and a token is `m.<state>.<which>`. Such buttons open, list or offer; whatever decides carries the digests that were shown and is asked of the server again.
 */
export async function placeMenu(service: Client, card: Card): Promise<PlacedCard> {
  if (card.actions.length === 0) return { ...card, actions: [] }
  const id = randomBytes(12).toString('base64url')
  await service.query(setBotStateMutation, {
    key: `menu:${id}`,
    expected: null,
    value: card.actions.map(({ target }) => target),
    ttlS: MENU_TTL_S,
  })
  return withTokens(
    card,
    card.actions.map((_, at) => `m.${id}.${at}`),
  )
}

/** The target of a menu's token; null: too old or invented. */
export async function menuTarget(service: Client, token: string): Promise<ButtonTarget | null> {
  const [, id = '', which = ''] = /^m\.([\w-]{1,32})\.(\d{1,3})$/.exec(token) ?? []
  if (!id) return null
  const { botState } = await service.query(botStateQuery, { key: `menu:${id}` })
  const targets = botState?.value
  return Array.isArray(targets) ? ((targets[Number(which)] as ButtonTarget | undefined) ?? null) : null // written by `placeMenu` above
}
export const isMenuToken = (token: string): boolean => token.startsWith('m.')

const withTokens = (card: Card, tokens: readonly string[]): PlacedCard => ({
  ...card,
  actions: card.actions
    .map((action, at) => ({ ...action, token: tokens[at] ?? '' }))
    .filter(({ token }) => token !== ''),
})
