import { catalogue, EngineError, type Tx } from '../../../engine/index.ts'
import { mayDo, rightsIn } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { ApiToken } from '../token/token.ts'
import { Person } from './person.ts'

/** Service accounts and their tokens go on when whoever looks after them goes: that is said, and settled, with the suspension. */
export const WhatOfTools = builder.enumType('WhatOfTools', {
  description:
    'What becomes of the tools of somebody who is suspended. `KEEP`: they go on as they are. `END`: the accounts are suspended too, and tokens that they made for other accounts end. `HAND_OVER`: somebody else looks after them.',
  values: ['KEEP', 'END', 'HAND_OVER'] as const,
})
export type WhatOfTools = typeof WhatOfTools.$inferType

const Tools = builder.objectRef<catalogue.Tools>('Tools').implement({
  description: 'What goes on when somebody goes.',
  fields: (t) => ({
    accounts: t.field({
      type: [Person],
      description: 'Service accounts that they look after, and that are not suspended.',
      resolve: ({ accounts }) => [...accounts],
    }),
    tokens: t.field({
      type: [ApiToken],
      description: 'Tokens that work: those of these accounts, and those of others’ that they made and have seen.',
      resolve: ({ tokens }) => [...tokens],
    }),
  }),
})
const managesOr = (context: Context, id: string | null): boolean =>
  (id !== null && context.who.person?.id === id) || rightsIn(context, 'default').has('manage-people')

builder.objectFields(Person, (t) => ({
  keeper: t.field({
    type: Person,
    nullable: true,
    description: 'Of a service account: who looks after it, for them and for who manages people.',
    resolve: ({ keeper }, _, context) =>
      keeper === null || !managesOr(context, keeper)
        ? null
        : (context.db.read((tx) => catalogue.personById(tx, keeper)) ?? null),
  }),
  tools: t.field({
    type: Tools,
    nullable: true,
    description: 'What goes on when this person goes; for them and for who manages people.',
    resolve: ({ id }, _, context) =>
      managesOr(context, id) ? context.db.read((tx) => catalogue.toolsOf(tx, id, context.now())) : null,
  }),
}))
builder.objectFields(ApiToken, (t) => ({
  of: t.field({
    type: Person,
    nullable: true,
    description: 'Whose it is.',
    resolve: ({ person }, _, { db }) =>
      person === null ? null : (db.read((tx) => catalogue.personById(tx, person)) ?? null),
  }),
  madeBy: t.field({
    type: Person,
    nullable: true,
    description: 'Who made it, where that is somebody else, or to whom it was handed over.',
    resolve: ({ madeBy }, _, { db }) =>
      madeBy === null ? null : (db.read((tx) => catalogue.personById(tx, madeBy)) ?? null),
  }),
}))

/** Who looks after tools is a person who is here. */
function keeperBy(tx: Tx, field: string, to: string, from: string | null): catalogue.Person {
  const person = catalogue.personById(tx, to)
  if (!person) throw notFound('person', to)
  if (person.kind !== 'person') throw badInput(field, 'SERVICE', `${person.name} is a service account`)
  if (!person.active || person.id === from) throw badInput(field, 'INACTIVE', `${person.name} is not there to do it`)
  return person
}
/** Does what was said of the tools of somebody who is suspended, in the same transaction. Returns what they had. @throws INVALID_INPUT */
export function settleTools(
  context: Context,
  tx: Tx,
  of: string,
  { what, to, by, why }: { what: WhatOfTools; to: string | null; by: string; why: string | null },
): catalogue.Tools {
  const tools = catalogue.toolsOf(tx, of, context.now())
  if (what === 'END') catalogue.endTools(tx, tools, by, why, context.now())
  if (what === 'HAND_OVER') {
    if (to === null) throw badInput('toolsTo', 'REQUIRED', 'Say who looks after them from now on')
    catalogue.handOverTools(tx, tools, keeperBy(tx, 'toolsTo', to, of).id)
  }
  return tools
}

builder.mutationField('handOverAccount', (t) =>
  t.field({
    type: Person,
    description: 'Somebody else looks after a service account from now on. It gives them no rights.',
    args: { id: t.arg.id({ required: true }), to: t.arg.id({ required: true }) },
    resolve: (_, { id, to }, context) =>
      act(
        context,
        'handOverAccount',
        id,
        () => {
          mayDo(context, 'manage-people')
          return context.db.write((tx) => {
            const account = catalogue.personById(tx, id)
            if (!account) throw notFound('person', id)
            if (account.kind !== 'service') throw new EngineError('NOT_ALLOWED', { reason: 'NOT_SERVICE' })
            const keeper = keeperBy(tx, 'to', to, null)
            catalogue.setKeeper(tx, id, keeper.id)
            return catalogue.personById(tx, id)!
          })
        },
        undefined,
        ({ keeper }) => ({ to: context.db.read((tx) => catalogue.personById(tx, keeper!))?.name }), // it has just been given one
      ),
  }),
)
