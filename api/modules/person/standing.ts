import { catalogue, EngineError, type Tx } from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody } from '../../auth/allow.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { roleToGive } from '../role/give.ts'
import { Person, seesAllOf } from './person.ts'
import { settleTools, WhatOfTools } from './tools.ts'

interface SuspensionShape {
  readonly at: number
  readonly by: string | null
  readonly why: string | null
}
const Suspension = builder.objectRef<SuspensionShape>('Suspension').implement({
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    by: t.exposeString('by', { nullable: true }),
    why: t.exposeString('why', { nullable: true }),
  }),
})
builder.objectFields(Person, (t) => ({
  kind: t.exposeString('kind', { description: '`person`, or `service`: an account for a tool, which never signs in.' }),
  suspended: t.field({
    type: Suspension,
    nullable: true,
    description: 'For who manages people. Others see that the person is not `active`.',
    resolve: (person, _, context) => {
      const { suspendedAt: at, suspendedBy: by, suspendedWhy: why } = person
      if (at === null || !seesAllOf(context, person)) return null
      return { at, by, why: rightsIn(context, 'default').has('manage-people') ? why : null }
    },
  }),
  mergedInto: t.exposeID('mergedInto', { nullable: true, description: 'The person that this one turned out to be.' }),
}))

const LONGEST_REASON = 500
/** What went on or ended with somebody, by name: whoever reads the audit later has no list of it any more. */
const toolsNoted = ({ accounts, tokens }: catalogue.Tools, what: WhatOfTools, to: string | null): object =>
  accounts.length + tokens.length === 0
    ? {}
    : {
        tools: what,
        ...(to !== null && { toolsTo: to }),
        accounts: accounts.map(({ name }) => name).join(', '),
        tokens: tokens.map(({ name }) => name).join(', '),
      }
const personIn = (tx: Tx, id: string): catalogue.Person => {
  const person = catalogue.personById(tx, id)
  if (!person) throw notFound('person', id)
  return person
}

builder.mutationFields((t) => ({
  suspendPerson: t.field({
    type: Person,
    description:
      'Takes effect at once everywhere: sessions and codes end, tokens and chat accounts stop, subscriptions close, cards lose their buttons, what they launched and has not begun is stopped. What runs goes on, and so do tools they look after, unless `tools` says otherwise. Somebody who is suspended already stays so; what is said of their tools is done.',
    args: {
      id: t.arg.id({ required: true }),
      reason: t.arg.string(),
      tools: t.arg({ type: WhatOfTools, description: 'What becomes of `Person.tools`. Absent: `KEEP`.' }),
      toolsTo: t.arg.id({ description: 'Who looks after them from now on, with `HAND_OVER`.' }),
    },
    resolve: (_, { id, reason, tools, toolsTo }, context) => {
      let had: catalogue.Tools = { accounts: [], tokens: [] }
      return act(
        context,
        'suspendPerson',
        id,
        async () => {
          mayDo(context, 'manage-people')
          const by = somebody(context)
          if (id === by.id) throw new EngineError('NOT_ALLOWED', { reason: 'SUSPEND_SELF' })
          if ((reason?.length ?? 0) > LONGEST_REASON)
            throw badInput('reason', 'TOO_LONG', `Say it in ${LONGEST_REASON} characters. This has ${reason?.length}`)
          const why = reason?.trim() || null
          const person = await context.db.write((tx) => {
            const known = personIn(tx, id)
            if (known.mergedInto !== null) throw new EngineError('NOT_ALLOWED', { reason: 'MERGED_AWAY' })
            if (known.role === 'owner' && known.active && catalogue.ownersOf(tx).length === 1)
              throw new EngineError('NOT_ALLOWED', { reason: 'LAST_OWNER' })
            had = settleTools(context, tx, id, { what: tools ?? 'KEEP', to: toolsTo ?? null, by: by.name, why })
            return known.active ? catalogue.suspend(tx, id, by.name, why, context.now()) : known
          })
          const touched = [
            ...new Set([id, ...had.accounts.map((one) => one.id), ...had.tokens.map((one) => one.person!)]),
          ] // tools' tokens have an account
          context.directory.refresh({ people: touched })
          context.access.changed(touched)
          return person
        },
        { reason: reason ?? null },
        () => toolsNoted(had, tools ?? 'KEEP', toolsTo ?? null),
      )
    },
  }),
  restorePerson: t.field({
    type: Person,
    description: 'Ends a suspension: accounts, tokens and passkeys work again; sessions begin anew.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      act(context, 'restorePerson', id, async () => {
        mayDo(context, 'manage-people')
        const person = await context.db.write((tx) => {
          const known = personIn(tx, id)
          if (known.mergedInto !== null) throw new EngineError('NOT_ALLOWED', { reason: 'MERGED_AWAY' })
          return known.active ? known : catalogue.restore(tx, id)
        })
        context.directory.refresh({ people: [id] })
        context.access.changed([id])
        return person
      }),
  }),
  createServiceAccount: t.field({
    type: Person,
    description: 'An account for a tool: it has a role and tokens, is in the audit by its name, and never signs in.',
    args: { name: t.arg.string({ required: true }), role: t.arg.string({ required: true }) },
    resolve: (_, { name, role }, context) =>
      act(
        context,
        'createServiceAccount',
        name,
        async () => {
          mayDo(context, 'manage-people')
          if (role === 'owner') throw badInput('role', 'TOO_WIDE', 'A service account is no owner')
          if (name.trim() === '') throw badInput('name', 'REQUIRED', 'A name is needed')
          const person = await context.db.write((tx) => {
            roleToGive(context, tx, role, 'default')
            const me = somebody(context)
            const keeper = me.kind === 'person' ? { keeper: me.id } : {}
            const made = { name, role, named: true, kind: 'service' as const, ...keeper }
            return catalogue.addPerson(tx, made, context.now())
          })
          context.directory.refresh({ people: [person.id] })
          return person
        },
        { role },
      ),
  }),
}))
