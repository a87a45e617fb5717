import { catalogue } from '../../../engine/index.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { nameOf } from '../../delivery/ack.ts'
import { forgetPlace, retryPlace } from '../../delivery/retry.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { pieceOf } from '../../graphql/piece.ts'
import { words } from '../../graphql/enums.ts'
import { personOf } from '../person/load.ts'
import { Person } from '../person/person.ts'

const UnreachedBy = words('UnreachedBy', ['slack', 'telegram', 'email', 'none'])

export const Unreached = builder.objectRef<catalogue.Unreached>('Unreached').implement({
  description: 'Somebody, or a room, who could not be told.',
  fields: (t) => ({
    place: t.exposeString('place', { description: 'What `retryUndeliverable` names.' }),
    platform: t.field({
      type: UnreachedBy,
      resolve: ({ platform }) => platform as 'slack' | 'telegram' | 'email' | 'none',
    }), // as cards hold it
    name: t.string({
      description: 'The room, the account or the address.',
      resolve: ({ place }, _, { db }) => db.read((tx) => nameOf(tx, place)),
    }),
    person: t.field({
      type: Person,
      nullable: true,
      resolve: ({ person }, _, context) => personOf(context, person),
    }),
    why: t.string({
      description:
        '`NO_CHANNEL`: no chat is linked and no address known. `NO_MAIL_SERVER`: `SMTP_URL` was taken out. Else what the other side said.',
      resolve: ({ error }) => error,
    }),
    since: t.field({ type: 'DateTime', resolve: ({ since }) => since }),
    lastAt: t.field({ type: 'DateTime', resolve: ({ lastAt }) => lastAt }),
    count: t.exposeInt('count', { description: 'What was missed since.' }),
  }),
})
const MOST = 5_000
export const missedBy = ({ db }: Context, person: string): catalogue.Unreached[] =>
  db.read((tx) => catalogue.unreachedPlaces(tx, MOST, person))

builder.queryField('undeliverable', (t) =>
  t.field({
    type: [Unreached],
    description:
      'Who could not be told, why and since when; the last to fail first. `after` is the `place` of the last one shown.',
    args: { first: t.arg.int({ description: 'Up to 100; 50 unless said.' }), after: t.arg.string() },
    resolve: (_, piece, context) => {
      mayDo(context, 'operate')
      const all = context.db.read((tx) => catalogue.unreachedPlaces(tx, MOST))
      return [...pieceOf(all, ({ place }) => place, piece)]
    },
  }),
)
builder.mutationFields((t) => ({
  retryUndeliverable: t.int({
    description:
      'Tries again what a place did not take, as far as it still matters. One’s own, or with `operate`. Answers how much.',
    args: { place: t.arg.string({ required: true }) },
    resolve: (_, { place }, context) =>
      act(context, 'retryUndeliverable', place, async () => {
        ownOrOperated(context, place)
        const tried = await context.db.write((tx) => retryPlace(tx, place, context.config, context.now()))
        context.hub.wake()
        return tried
      }),
  }),
  forgetUndeliverable: t.int({
    description: 'Strikes off what a place missed: whoever it was for knows. One’s own, or with `operate`.',
    args: { place: t.arg.string({ required: true }) },
    resolve: (_, { place }, context) =>
      act(context, 'forgetUndeliverable', place, () => {
        ownOrOperated(context, place)
        return context.db.write((tx) => forgetPlace(tx, place))
      }),
  }),
}))
function ownOrOperated(context: Context, place: string): void {
  const person = somebody(context)
  if (!missedBy(context, person.id).some((one) => one.place === place)) mayDo(context, 'operate')
}
