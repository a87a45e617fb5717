import { catalogue, type Tx } from '../../../engine/index.ts'
import { mayDo, theService } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { deliverable, undelivered } from '../../delivery/ack.ts'
import { placesOf } from '../../delivery/reach.ts'
import { isStillFor } from '../../delivery/still-for.ts'
import { badInput, notFound } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, open, pageSize, seal } from '../../graphql/connection.ts'
import { CardKind, Platform } from '../../graphql/enums.ts'
import { personOf } from '../person/load.ts'
import { Person } from '../person/person.ts'
import { Mention, mentionsOf } from './mention.ts'
import './room.ts'

export const Card = builder.objectRef<catalogue.Card>('Card').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    kind: t.field({
      type: CardKind,
      resolve: ({ kind }) => kind as 'task' | 'attention' | 'ask' | 'message' | 'thread' | 'request',
    }),
    taskId: t.exposeID('taskId'),
    askId: t.exposeID('askId', { nullable: true }),
    nodeId: t.exposeString('nodeId', { nullable: true }),
    platform: t.field({ type: Platform, resolve: ({ platform }) => platform as 'slack' | 'telegram' }),
    place: t.exposeString('place'),
    messageId: t.exposeString('messageId', { nullable: true }),
    replyTo: t.string({
      nullable: true,
      description: "Of a thread: the message of its task's card at this place, under which it hangs.",
      resolve: ({ kind, taskId, place }, _, { db }) =>
        kind === 'thread' ? (db.read((tx) => catalogue.cardThere(tx, taskId, 'task', place))?.messageId ?? null) : null,
    }),
    memo: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'What the bot asked to be remembered with its last acknowledgement, e.g. how far a thread has been told.',
      resolve: ({ memo }) => memo ?? null,
    }),
    shared: t.boolean({
      description: 'Shared room: title, phase, people, cause and onCard variables only.',
      resolve: ({ shared }) => shared,
    }),
    person: t.field({
      type: Person,
      nullable: true,
      resolve: ({ person }, _, context) => personOf(context, person),
    }),
  }),
})
const Delivery = builder.objectRef<catalogue.Delivery>('Delivery').implement({
  description:
    'Something to post or to bring up to date in a chat. The bot reads the present truth and renders it; then acknowledges.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => String(id) }),
    card: t.field({
      type: Card,
      resolve: ({ cardId }, _, { db }) => {
        const card = db.read((tx) => catalogue.cardById(tx, cardId))
        if (!card) throw notFound('card', cardId)
        return card
      },
    }),
    urgent: t.boolean({
      description: 'Progress may be joined together and dropped; all else must get out.',
      resolve: ({ urgent }) => urgent,
    }),
    why: t.string({
      description: 'Why: `opened changed closed reminder escalated finished message announce digest`.',
      resolve: ({ why }) => why,
    }),
    title: t.exposeString('title', { nullable: true }),
    text: t.exposeString('text', { nullable: true }),
    level: t.exposeString('level', { nullable: true }),
    mentions: t.field({
      type: [Mention],
      description:
        'Bot service only: whom it calls when it is posted, reminds or escalates. In rooms without those who have muted it, have quiet hours or are told by another channel. Empty for an edit.',
      resolve: (delivery, _, context) => mentionsOf(context, delivery),
    }),
    attempts: t.exposeInt('attempts'),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    error: t.exposeString('error', { nullable: true }),
  }),
})
const DeliveryConnection = connectionOf('Delivery', Delivery, { counted: false })

builder.queryField('deliveries', (t) =>
  t.field({
    type: DeliveryConnection,
    description: 'What chats could not be told, message by message. `undeliverable` says whom, by mail too.',
    args: { first: t.arg.int(), after: t.arg.string(), undeliverable: t.arg.boolean() },
    resolve: (_, { first, after, undeliverable }, context) => {
      mayDo(context, 'manage-people')
      const size = pageSize(first)
      const before = after ? Number(open(after)) : null
      const rows = context.db.read((tx) => catalogue.listDeliveries(tx, undeliverable ?? true, size + 1, before))
      const nodes = rows.slice(0, size)
      return { nodes, cursorOf: ({ id }) => seal(String(id)), hasNextPage: rows.length > size, totalCount: 0 }
    },
  }),
)
const MAX_LEASE = 100
const MAX_WAIT_S = 25
/** Characters of JSON. */
const MAX_MEMO = 4000

builder.mutationFields((t) => ({
  nextDeliveries: t.field({
    type: [Delivery],
    description:
      'Bot service only. Leases up to `max` deliveries of a platform; waits up to `waitS` (≤ 25) for the first. A lease not acknowledged in 30 s is given again.',
    args: { platform: t.arg({ type: Platform, required: true }), max: t.arg.int(), waitS: t.arg.int() },
    resolve: (_, { platform, max, waitS }, context) => {
      theService(context)
      if ((max ?? 1) < 1) throw badInput('max', 'OUT_OF_RANGE', 'Ask for at least 1')
      return lease(context, platform, Math.min(max ?? 20, MAX_LEASE), Math.min(waitS ?? 0, MAX_WAIT_S) * 1000)
    },
  }),
  ackDelivery: t.boolean({
    args: {
      id: t.arg.id({ required: true }),
      messageId: t.arg.string(),
      memo: t.arg({ type: 'JSON', description: 'To be given back with the card; absent: as it was.' }),
      error: t.arg.string(),
      retryAfterS: t.arg.int({ description: 'Leased again after so long. 0: there is more of it to post.' }),
      undeliverable: t.arg.boolean(),
    },
    resolve: async (_, { id, messageId, memo, error, retryAfterS, undeliverable }, context) => {
      theService(context)
      if (JSON.stringify(memo ?? null).length > MAX_MEMO) throw badInput('memo', 'TOO_LONG', `Use up to ${MAX_MEMO}`)
      const now = context.now()
      const known = await context.db.write((tx) => {
        const row = catalogue.deliveryById(tx, Number(id))
        if (!row || row.state !== 'leased') return false
        if (undeliverable) undelivered(tx, row, error ?? 'undeliverable', context, now)
        else
          deliverable(
            tx,
            row,
            { messageId: messageId ?? null, memo, error: error ?? null, retryAfterS: retryAfterS ?? null },
            now,
          )
        return true
      })
      context.hub.wake()
      return known
    },
  }),
}))

async function lease(context: Context, platform: string, max: number, waitMs: number): Promise<catalogue.Delivery[]> {
  const until = Date.now() + waitMs
  for (;;) {
    const now = context.now()
    const dueAt = context.db.read((tx) => catalogue.nextDueAt(tx, platform))
    if (dueAt !== null && dueAt <= now) {
      const leased = await context.db.write((tx) =>
        catalogue.leaseDeliveries(tx, platform, max, now).filter((row) => !isNobodys(tx, row, context, now)),
      )
      const theirs = await stillTheirs(context, leased)
      if (theirs.length > 0) return theirs
      if (leased.length > 0) continue // what has been settled made room
      if (context.db.read((tx) => catalogue.nextDueAt(tx, platform)) !== dueAt) continue // what was nobody’s made room
    }
    const left = until - Date.now()
    if (left <= 0 || context.signal?.aborted) return []
    await context.hub.wait(Math.min(left, dueAt === null ? left : Math.max(50, dueAt - now)), context.signal)
  }
}

/** What was not yet said to somebody who may not hear of it any more is not said. What stands already is drawn again without facts, by the bot. */
async function stillTheirs(context: Context, leased: readonly catalogue.Delivery[]): Promise<catalogue.Delivery[]> {
  const theirs = await Promise.all(leased.map((row) => isTheirs(context, row)))
  const over = leased.filter((_, at) => !theirs[at])
  if (over.length > 0) await context.db.write((tx) => over.forEach(({ id }) => catalogue.settleDelivery(tx, id)))
  return leased.filter((_, at) => theirs[at])
}
async function isTheirs(context: Context, row: catalogue.Delivery): Promise<boolean> {
  const card = context.db.read((tx) => catalogue.cardById(tx, row.cardId))
  if (!card || card.person === null || card.taskId === '' || (card.messageId !== null && card.kind !== 'message'))
    return true
  const task = await context.engine.task(card.taskId)
  return task === null || isStillFor(context, card, task)
}

/**
 * A message says the same to whoever reads it, so it is judged here whose it is now: of somebody suspended it is nobody's, and what was meant
 * for an account that is theirs no more goes by another way. Cards are read as the person they are for, and judged by that.
 */
function isNobodys(tx: Tx, row: catalogue.Delivery, context: Context, now: number): boolean {
  const card = catalogue.cardById(tx, row.cardId)
  if (card?.kind !== 'message' || card.person === null) return false
  if (catalogue.personById(tx, card.person)?.active !== true) catalogue.settleDelivery(tx, row.id)
  else if (placesOf(tx, card.person).includes(card.place)) return false
  else undelivered(tx, row, 'This account is not linked any more', context, now)
  return true
}
