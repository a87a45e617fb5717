/** Standing delegation: somebody's asks go to another as well, until a date. */
import { catalogue, type Actor as ActorShape, type Right } from '../../../engine/index.ts'
import { lacking, mayDecide, rightsIn, somebody } from '../../auth/allow.ts'
import { sure } from '../../auth/proof.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { Actor } from '../person/actor.ts'
import { nameOfPerson } from '../person/load.ts'
import { askedIn } from './asked-in.ts'
import { everybodyIn, tellStandIns } from './stand-in-clock.ts'

type Row = catalogue.DelegationRow
const Delegation = builder.objectRef<Row>('Delegation').implement({
  description: 'B answers for A until a date: in A’s place, counted once, never where the starter may not answer.',
  fields: (t) => ({
    id: t.exposeID('id'),
    from: t.field({ type: Actor, resolve: (row, _, context) => named(context, row.from) }),
    to: t.field({ type: Actor, resolve: (row, _, context) => named(context, row.to) }),
    fromAt: t.field({ type: 'DateTime', resolve: ({ fromAt }) => fromAt }),
    until: t.field({ type: 'DateTime', resolve: ({ untilAt }) => untilAt }),
    reason: t.exposeString('reason', { nullable: true }),
    createdBy: t.field({ type: Actor, resolve: (row, _, context) => named(context, row.createdBy) }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Ended before its time.',
      resolve: ({ endedAt }) => endedAt,
    }),
    active: t.boolean({ description: 'Under way now.', resolve: (row, _, { now }) => isOn(row, now()) }),
  }),
})
const isOn = ({ fromAt, untilAt, endedAt }: Row, now: number): boolean =>
  endedAt === null && fromAt <= now && now < untilAt
const named = async (context: Context, person: string): Promise<ActorShape> => ({
  person,
  name: await nameOfPerson(context, person),
  surface: 'system',
})

/** Others' asks are theirs to give away, or of those who may reassign asks wherever they are asked. @throws FORBIDDEN */
function mayArrange(context: Context, whose: readonly string[], from = whose[0]!): void {
  if (!whose.includes(somebody(context).id)) needsWhereAsked(context, 'reassign-ask', from)
}
/** Whoever answers gives their answers away; naming a stand-in for somebody else chooses who approves, as assigning does. @throws FORBIDDEN */
function mayAppoint(context: Context, from: string): void {
  if (from === somebody(context).id) mayDecide(context)
  else needsWhereAsked(context, 'override-approval', from)
}
/** A stand-in answers in every project: the right is needed in each that asks this person, or may. @throws FORBIDDEN */
function needsWhereAsked(context: Context, right: Right, person: string): void {
  const missing = askedIn(context, person).find((project) => !rightsIn(context, project).has(right))
  if (missing !== undefined) throw lacking(context, right, missing)
}
function personOf(context: Context, field: string, ref: string): catalogue.Person {
  const found = context.db.read((tx) => catalogue.personByRef(tx, ref))
  if (!found?.active) throw badInput(field, 'UNKNOWN', `There is nobody called “${ref}”`)
  if (found.kind === 'service')
    throw badInput(field, 'SERVICE', `${found.name} is a service account: it answers no asks`)
  return found
}

/** Who sees to the asks of one of their projects sees who answers them. @throws FORBIDDEN */
function maySee(context: Context, person: string): void {
  const places = askedIn(context, person)
  if (!places.some((project) => rightsIn(context, project).has('reassign-ask')))
    throw lacking(context, 'reassign-ask', places[0]!)
}

builder.queryField('delegations', (t) =>
  t.field({
    type: [Delegation],
    description: 'By a person and to them, the latest first; those that are over too. Default: the viewer’s.',
    args: { person: t.arg.string() },
    resolve: (_, { person }, context) => {
      const whose = person ? personOf(context, 'person', person).id : somebody(context).id
      if (whose !== somebody(context).id) maySee(context, whose)
      return context.db.read((tx) => catalogue.delegationsOf(tx, whose))
    },
  }),
)
builder.mutationFields((t) => ({
  delegate: t.field({
    type: Delegation,
    description:
      'Lets somebody answer in another’s place from now, or `fromAt`, until a date, at most a year. The other may still answer too. Refused where it comes back in a circle.',
    args: {
      to: t.arg.string({ required: true, description: 'By id, name or e-mail.' }),
      until: t.arg({ type: 'DateTime', required: true }),
      fromAt: t.arg({ type: 'DateTime' }),
      from: t.arg.string({
        description:
          'Default: the viewer. For others: `reassign-ask` and `override-approval`, in every project that asks them or names them.',
      }),
      reason: t.arg.string(),
    },
    resolve: (_, args, context) =>
      act(context, 'delegate', args.to, () => delegate(context, args), {
        until: args.until,
        fromAt: args.fromAt ?? null,
        from: args.from ?? null,
      }),
  }),
  endDelegation: t.field({
    type: Delegation,
    description: 'At once: whoever stood in may not answer any more. Answers given stand.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      act(context, 'endDelegation', String(id), async () => {
        const { id: by } = somebody(context)
        const row = context.db.read((tx) => catalogue.delegationById(tx, String(id)))
        if (!row) throw notFound('delegation', String(id))
        mayArrange(context, [row.from, row.to], row.from)
        const concerned = everybodyIn(context, row, context.now())
        if (row.endedAt === null) await context.db.write((tx) => catalogue.endDelegation(tx, row.id, by, context.now()))
        changed(context, concerned)
        return context.db.read((tx) => catalogue.delegationById(tx, row.id))!
      }),
  }),
}))

interface Wanted {
  readonly to: string
  readonly until: number
  readonly fromAt?: number | null | undefined
  readonly from?: string | null | undefined
  readonly reason?: string | null | undefined
}
async function delegate(context: Context, wanted: Wanted): Promise<Row> {
  const viewer = somebody(context)
  const now = context.now()
  const from = wanted.from ? personOf(context, 'from', wanted.from) : viewer
  const to = personOf(context, 'to', wanted.to)
  mayArrange(context, [from.id])
  mayAppoint(context, from.id)
  sure(context)
  const fromAt = Math.max(wanted.fromAt ?? now, now)
  const untilAt = wanted.until
  if (untilAt <= fromAt) throw badInput('until', 'PAST', 'Choose an end that is to come, after its beginning')
  if (untilAt - fromAt > catalogue.LONGEST_DELEGATION_MS)
    throw badInput('until', 'TOO_LONG', 'At most a year. What should last is a change of roles')
  if (from.id === to.id) throw badInput('to', 'CIRCLE', 'Nobody stands in for themselves')
  const reason = wanted.reason?.trim().slice(0, 500) || null
  const row = await context.db.write((tx) => {
    const problem = catalogue.delegationProblem(tx, { from: from.id, to: to.id, fromAt, untilAt }, now)
    if (problem?.kind === 'circle')
      throw badInput(
        'to',
        'CIRCLE',
        `${to.name} would come back to ${from.name}: one of them delegates to the other at that time`,
      )
    if (problem)
      throw badInput(
        'until',
        'OVERLAP',
        `${from.name} delegates to ${catalogue.personById(tx, problem.with!.to)?.name ?? problem.with!.to} at that time already. End that first`,
      )
    return catalogue.addDelegation(tx, {
      from: from.id,
      to: to.id,
      fromAt,
      untilAt,
      reason,
      createdAt: now,
      createdBy: viewer.id,
    })
  })
  changed(context, [row.from, row.to])
  context.standIns.wake()
  if (isOn(row, now)) await tellStandIns(context, row)
  return row
}
/** From the next answer on; their cards are drawn again. */
function changed(context: Context, people: readonly string[]): void {
  context.directory.refresh({ delegations: true })
  context.access.changed(people)
}
