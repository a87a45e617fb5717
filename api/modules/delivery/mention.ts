import { awaited, catalogue } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { sendingsOf, type Alert } from '../../delivery/plan.ts'
import { platformsOf, readerOf } from '../../delivery/reach.ts'
import { builder } from '../../graphql/builder.ts'
import { askedOf } from '../node/node.ts'
import { findTask, type TaskView } from '../task/load.ts'

/** Somebody called by their account in a chat. */
export interface MentionShape {
  readonly person: string
  readonly name: string
  readonly user: string
}
export const Mention = builder.objectRef<MentionShape>('Mention').implement({
  description: 'An account on the platform of a card, by which somebody can be called there.',
  fields: (t) => ({ person: t.exposeID('person'), name: t.exposeString('name'), user: t.exposeID('user') }),
})
/** More than these would be shouting. */
const MOST = 10

/**
 * Whom a card calls when it is posted or rings: those who are asked and have an account there. In rooms only who would hear of it by
 * this chat now: a mute, quiet hours, a digest or another order of channels holds for a mention as for any alert. An edit calls nobody.
 */
export async function mentionsOf(context: Context, { cardId, why }: catalogue.Delivery): Promise<MentionShape[]> {
  const { db, who } = context
  const card = db.read((tx) => catalogue.cardById(tx, cardId))
  const rings = why === 'reminder' || why === 'escalated'
  if (!who.service || who.account || !card || (card.messageId !== null && !rings)) return []
  if (card.kind !== 'attention' && card.kind !== 'ask') return []
  const view = await findTask(context, card.taskId)
  const people = view === null ? [] : peopleOf(context, view, card, rings)
  return db.read((tx) => {
    const row = catalogue.taskRow(tx, card.taskId)
    if (!row) return []
    const hears = (person: string): boolean => !card.shared || wouldHear(context, tx, person, row, card, why)
    return people
      .filter(hears)
      .flatMap((person): MentionShape[] => {
        const account = catalogue.identitiesOf(tx, person).find(({ platform }) => platform === card.platform)
        return account ? [{ person, name: catalogue.personById(tx, person)?.name ?? '', user: account.user }] : []
      })
      .slice(0, MOST)
  })
}
function peopleOf(context: Context, view: TaskView, card: catalogue.Card, rings: boolean): string[] {
  if (card.kind === 'ask') {
    const ask = view.state.asks.get(card.askId ?? '')
    return ask?.state === 'open' ? [...awaited(ask)] : []
  }
  const id = card.nodeId ?? ''
  if (view.state.nodes.get(id)?.state !== 'failed') return []
  const here = context.directory.within(view.state.project)
  const escalated = rings ? view.flow.attention.escalateTo.flatMap((ref) => here.people(ref, view.state.startedBy)) : []
  const asked = askedOf({ ...view, id }, context).map(({ person }) => person)
  return [...new Set([...asked, ...escalated.map((one) => one.id)])].filter((one) => one !== null)
}
type Tx = Parameters<Parameters<Context['db']['read']>[0]>[0]
function wouldHear(
  context: Context,
  tx: Tx,
  person: string,
  row: NonNullable<ReturnType<typeof catalogue.taskRow>>,
  card: catalogue.Card,
  why: string,
): boolean {
  const now = context.now()
  const reader = readerOf(tx, person, row, platformsOf(context.config), now)
  if (reader.isGone) return false
  const isEscalated = why === 'escalated'
  const alert: Alert = { kind: card.kind === 'ask' ? 'ask' : 'attention', isEscalated, deadline: null }
  const isOnCall = isEscalated && context.directory.rolesOf(person, row.project).length > 0
  return sendingsOf(alert, { ...reader, isOnCall }, now).some(
    ({ channel, reason }) => channel === card.platform && reason === null,
  )
}
