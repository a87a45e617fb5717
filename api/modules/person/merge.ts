import { catalogue, EngineError, type Tx } from '../../../engine/index.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import { codeUnknown } from '../../auth/redeem.ts'
import { sure } from '../../auth/proof.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { mayGive } from '../role/give.ts'
import { Person } from './person.ts'

type MergeRow = catalogue.Merge
const personOf = (context: Context, id: string): catalogue.Person =>
  context.db.read((tx) => catalogue.personById(tx, id))!

const MergeCode = builder.objectRef<{ code: string; row: catalogue.Code }>('MergeCode').implement({
  fields: (t) => ({
    code: t.exposeString('code'),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ row }) => row.expiresAt }),
  }),
})
const Conflict = builder.objectRef<catalogue.MergeConflict>('MergeConflict').implement({
  fields: (t) => ({
    code: t.exposeString('code', {
      description: '`SAME INACTIVE SERVICE LAST_OWNER TWO_ACCOUNTS LIVE_TASK`.',
    }),
    arg: t.exposeString('arg', { description: 'Who, which platform, or which task it is about.' }),
  }),
})
const Merge = builder.objectRef<MergeRow>('Merge').implement({
  description: 'Two people who turned out to be one. Both are asked: one brings the other’s code, the other agrees.',
  fields: (t) => ({
    id: t.exposeID('id'),
    state: t.exposeString('state', { description: '`asked done refused undone`.' }),
    keep: t.field({
      type: Person,
      description: 'Who stays, with their rights.',
      resolve: ({ keep }, _, c) => personOf(c, keep),
    }),
    gone: t.field({
      type: Person,
      description: 'Who becomes them: accounts, tokens and passkeys go over, rights do not.',
      resolve: ({ gone }, _, context) => personOf(context, gone),
    }),
    askedAt: t.field({ type: 'DateTime', resolve: ({ askedAt }) => askedAt }),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAt }) => expiresAt }),
    endedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ endedAt }) => endedAt }),
    endedBy: t.exposeString('endedBy', { nullable: true }),
    conflicts: t.field({
      type: [Conflict],
      description: 'What stands against it now.',
      resolve: (row, _, { db }) => (row.state === 'asked' ? db.read((tx) => conflictsOf(tx, row)) : []),
    }),
    mine: t.boolean({
      description: 'It is for the viewer to answer.',
      resolve: ({ state, keep, expiresAt }, _, { who, now }) =>
        state === 'asked' && keep === who.person?.id && expiresAt > now(),
    }),
  }),
})
type Two = Pick<MergeRow, 'keep' | 'gone'>
const conflictsOf = (tx: Tx, { keep, gone }: Two): catalogue.MergeConflict[] =>
  catalogue.mergeConflicts(tx, catalogue.personById(tx, keep)!, catalogue.personById(tx, gone)!)
/** @throws CONFLICT with all that stands against it. */
function clear(tx: Tx, two: Two): void {
  const conflicts = conflictsOf(tx, two)
  if (conflicts.length > 0) throw new EngineError('CONFLICT', { reason: 'MERGE_CONFLICT', against: conflicts })
}
/** Only people decide who they are: not a token, nor a chat in passing. @throws FORBIDDEN */
function inPerson(context: Context): catalogue.Person {
  const person = somebody(context)
  if (context.who.kind === 'token' && context.who.scopes.length > 0)
    throw new EngineError('FORBIDDEN', { reason: 'SESSION_NEEDED' })
  if (person.kind !== 'person') throw new EngineError('FORBIDDEN', { reason: 'SERVICE_ACCOUNT' })
  sure(context)
  return person
}

builder.queryField('merges', (t) =>
  t.field({
    type: [Merge],
    description: 'Those that concern the viewer; all of them with `all` (`manage-people`).',
    args: { all: t.arg.boolean() },
    resolve: (_, { all }, context) => {
      const person = somebody(context)
      if (all === true) mayDo(context, 'manage-people')
      return context.db.read((tx) =>
        all === true ? catalogue.allMerges(tx) : catalogue.mergesOf(tx, person.id, context.now()),
      )
    },
  }),
)
builder.mutationFields((t) => ({
  mergeCode: t.field({
    type: MergeCode,
    description:
      'For somebody who is two people here: the code that the other one brings (`askMerge`). 15 minutes, once. The viewer stays.',
    resolve: (_, __, context) =>
      act(context, 'mergeCode', null, () => {
        const person = inPerson(context)
        const of = { person: person.id, createdBy: person.name }
        return context.db.write((tx) => catalogue.makeCode(tx, 'merge', of, context.now()))
      }),
  }),
  askMerge: t.field({
    type: Merge,
    description:
      'The viewer wants to become the person whose code this is; that person has yet to agree. Refused with all that stands against it (`extensions.against`) where it cannot be.',
    args: { code: t.arg.string({ required: true }) },
    resolve: (_, { code }, context) =>
      act(
        context,
        'askMerge',
        null,
        () => {
          const person = inPerson(context)
          const ask = () =>
            context.db.write((tx) => {
              const now = context.now()
              const row = catalogue.codeOf(tx, code, now)
              if (row?.kind !== 'merge' || row.person === null) throw codeUnknown()
              if (row.person === person.id) throw new EngineError('CONFLICT', { reason: 'MERGE_OWN_CODE' })
              clear(tx, { keep: row.person, gone: person.id })
              const asked = catalogue.askMerge(tx, row.person, person.id, now)
              catalogue.spendCode(tx, row.id, person.id, now)
              return asked
            })
          return context.codes.run(context.caller, ask)
        },
        ({ id, keep }) => ({ merge: id, keep }),
      ),
  }),
  answerMerge: t.field({
    type: Merge,
    description: 'By whoever stays: yes makes the two one; no ends it.',
    args: { id: t.arg.id({ required: true }), agree: t.arg.boolean({ required: true }) },
    resolve: (_, { id, agree }, context) =>
      act(
        context,
        'answerMerge',
        id,
        async () => {
          const person = inPerson(context)
          const row = await context.db.write((tx) => {
            const now = context.now()
            const known = catalogue.mergeById(tx, id)
            if (!known || known.keep !== person.id) throw notFound('merge', id)
            if (known.state !== 'asked' || known.expiresAt <= now)
              throw new EngineError('STALE', { message: 'This has been answered already, or is too old.' })
            if (!agree) catalogue.endMerge(tx, id, 'refused', person.name, now)
            else {
              clear(tx, known)
              catalogue.merge(tx, known, person.name, now)
            }
            return catalogue.mergeById(tx, id)!
          })
          if (agree) tell(context, row)
          return row
        },
        { agree },
      ),
  }),
  undoMerge: t.field({
    type: Merge,
    description:
      'Makes them two again, with what each had; `manage-people`. What was done meanwhile stays as it is recorded.',
    args: { id: t.arg.id({ required: true }), reason: t.arg.string({ required: true }) },
    resolve: (_, { id, reason }, context) =>
      act(
        context,
        'undoMerge',
        id,
        async () => {
          mayDo(context, 'manage-people')
          const by = somebody(context)
          if (reason.trim() === '') throw badInput('reason', 'REQUIRED', 'Say why')
          const row = await context.db.write((tx) => {
            const known = catalogue.mergeById(tx, id)
            if (!known) throw notFound('merge', id)
            if (known.state !== 'done') throw new EngineError('STALE', { message: 'These two are not merged.' })
            // What they had they have again: whoever gives it back has it.
            mayGive(
              context,
              tx,
              catalogue.rightsOfPerson(tx, catalogue.personById(tx, known.gone)!, 'default'),
              'default',
            )
            catalogue.unmerge(tx, known, by.name, context.now())
            return catalogue.mergeById(tx, id)!
          })
          tell(context, row)
          return row
        },
        { reason },
      ),
  }),
}))
function tell(context: Context, { keep, gone }: Two): void {
  context.directory.refresh()
  context.access.changed([keep, gone])
}
