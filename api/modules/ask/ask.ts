import {
  type Actor as ActorShape,
  type Ask as AskRecord,
  type Decision,
  type Flow,
  type Place,
  type Value,
  type Variable,
  type Values,
} from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { AskEnd, AskKind, AskState, Verdict } from '../../graphql/enums.ts'
import { connectionOf, pageOf } from '../../graphql/connection.ts'
import { textsOf } from '../../texts.ts'
import { AvailableAction } from '../app/app.ts'
import { fieldOf, FormField, type FieldShape } from '../form/field.ts'
import { Actor } from '../person/actor.ts'
import { askActions } from '../task/actions.ts'
import { findAsk, type AskShape } from '../task/load.ts'
import { masked } from '../task/mask.ts'
import { shownValue } from '../task/shown.ts'
import { filledOf, waitingOn } from '../task/step.ts'
import { Task } from '../task/task-ref.ts'
import { askTitle, placeTitle } from './title.ts'
import { catalogue } from '../../../engine/index.ts'
import { somebody, standsFor } from '../../auth/allow.ts'
import { FileRef } from '../file/file.ts'
import { answersFor, standInsOf, standsIn } from './stand-in.ts'

interface FactShape {
  readonly key: string
  readonly title: string
  readonly value: Value
  /** How it was declared, for its words. */
  readonly variable?: Pick<Variable, 'type' | 'options'> | undefined
}
export const Fact = builder.objectRef<FactShape>('Fact').implement({
  fields: (t) => ({
    key: t.exposeString('key'),
    title: t.exposeString('title'),
    value: t.field({ type: 'JSON', nullable: true, resolve: ({ value }) => masked(value) }),
    text: t.string({ resolve: ({ value, variable }, _, { who }) => shownValue(variable, value, who) }),
  }),
})
interface PlaceShape {
  readonly ask: AskRecord
  readonly place: Place
}
const AskPlace = builder.objectRef<PlaceShape>('AskPlace').implement({
  fields: (t) => ({
    place: t.string({ resolve: ({ place }) => place.place }),
    title: t.string({ resolve: ({ place }, _, { who }) => placeTitle(place, who.language) }),
    count: t.int({ resolve: ({ place }) => place.count }),
    filled: t.int({ resolve: ({ ask, place }) => filledOf(ask, place.place) }),
    people: t.field({
      type: [Actor],
      resolve: ({ ask, place }) =>
        place.people.map((person) => ({ person, name: ask.names[person] ?? person, surface: 'system' as const })),
    }),
  }),
})
const AskDecision = builder.objectRef<Decision>('AskDecision').implement({
  fields: (t) => ({
    by: t.field({ type: Actor, resolve: ({ person, name, surface }) => ({ person, name, surface }) }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    verdict: t.field({ type: Verdict, resolve: ({ verdict }) => verdict }),
    comment: t.exposeString('comment', { nullable: true }),
    for: t.field({
      type: Actor,
      nullable: true,
      description: 'Whose place it is, where somebody answered as their stand-in: “B for A”.',
      resolve: ({ for: holder }) => (holder ? actorOf(holder.id, holder.name) : null),
    }),
    as: t.string({ nullable: true, resolve: ({ as }) => as || null }),
  }),
})

const actorOf = (person: string, name: string): ActorShape => ({ person, name, surface: 'system' })
const AskComment = builder.objectRef<AskRecord['comments'][number]>('AskComment').implement({
  fields: (t) => ({
    by: t.field({ type: Actor, resolve: ({ by }) => by }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    text: t.exposeString('text', { description: 'Empty where files say it.' }),
    files: t.field({ type: [FileRef], resolve: ({ files = [] }) => [...files] }),
  }),
})
const HandedOn = builder.objectRef<NonNullable<AskRecord['handedOn']>[number]>('HandedOn').implement({
  description: 'Somebody gave their place to others, or somebody with the right asked others.',
  fields: (t) => ({
    by: t.field({ type: Actor, resolve: ({ by }) => by }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    to: t.field({ type: [Actor], resolve: ({ to }) => to.map(({ id, name }) => actorOf(id, name)) }),
    reason: t.exposeString('reason'),
  }),
})
const StandIn = builder.objectRef<{ readonly person: ActorShape; readonly for: ActorShape }>('StandIn').implement({
  description: 'Somebody who may answer in another’s place: “B for A”.',
  fields: (t) => ({
    person: t.field({ type: Actor, resolve: ({ person }) => person }),
    for: t.field({ type: Actor, resolve: (shape) => shape.for }),
  }),
})
/** Field by field as its form shows it. */
const filledIn = ({ fields, answers }: AskRecord): FactShape[] =>
  fields.map((field) => {
    const variable = variableOf(field)
    return { key: variable.key, title: variable.title, value: answers?.[variable.key] ?? null, variable }
  })
const EarlierAnswer = builder.objectRef<AskShape>('EarlierAnswer').implement({
  description: 'What somebody filled in before, as it is shown to the next.',
  fields: (t) => ({
    askId: t.id({ resolve: ({ ask }) => ask.id }),
    step: t.string({ resolve: ({ ask }) => ask.title }),
    by: t.field({
      type: Actor,
      nullable: true,
      resolve: ({ ask }) => {
        const last = ask.decisions.at(-1)
        return last ? actorOf(last.person, last.name) : null
      },
    }),
    at: t.field({ type: 'DateTime', nullable: true, resolve: ({ ask }) => ask.closedAt }),
    answers: t.field({ type: [Fact], resolve: ({ ask }) => filledIn(ask) }),
  }),
})

export const Ask = builder.objectRef<AskShape>('Ask')
builder.objectType(Ask, {
  fields: (t) => ({
    id: t.id({ resolve: ({ ask }) => ask.id }),
    kind: t.field({ type: AskKind, resolve: ({ ask }) => ask.kind }),
    task: t.field({ type: Task, resolve: ({ state, flow }) => ({ state, flow }) }),
    nodeId: t.string({ resolve: ({ ask }) => ask.nodeId }),
    attempt: t.int({ resolve: ({ ask }) => ask.attempt }),
    state: t.field({ type: AskState, resolve: ({ ask }) => ask.state }),
    end: t.field({ type: AskEnd, nullable: true, resolve: ({ ask }) => ask.end }),
    title: t.string({
      description: 'What is decided, as a question, for an approval: `Release v2.14.0 to production?`',
      resolve: ({ ask, state }, _, { who }) => askTitle(ask, state.title, who.language),
    }),
    step: t.string({ description: 'Title of the step that asks.', resolve: ({ ask }) => ask.title }),
    text: t.string({ nullable: true, resolve: ({ ask }) => ask.text }),
    digest: t.string({ resolve: ({ ask }) => ask.digest }),
    facts: t.field({
      type: [Fact],
      resolve: ({ ask, flow }) =>
        ask.facts.map((fact) => ({ ...fact, variable: flow.variables.find(({ key }) => key === fact.key) })),
    }),
    fields: t.field({
      type: [FormField],
      resolve: ({ ask, state: { project } }) => ask.fields.map((field) => askField(field, project)),
    }),
    need: t.field({ type: [AskPlace], resolve: ({ ask }) => ask.need.places.map((place) => ({ ask, place })) }),
    decisions: t.field({ type: [AskDecision], resolve: ({ ask }) => [...ask.decisions] }),
    waitingOn: t.field({
      type: [Actor],
      description: 'People who may still answer.',
      resolve: ({ ask }) => [...waitingOn(ask)],
    }),
    claim: t.boolean({
      description: 'One person takes it before it is answered.',
      resolve: ({ ask }) => ask.claim === true,
    }),
    claimedBy: t.field({
      type: Actor,
      nullable: true,
      description:
        'Who has taken it. A form or confirmation is theirs alone then; on an approval it is a sign to the others.',
      resolve: ({ ask }) => (ask.claimedBy ? actorOf(ask.claimedBy.person, ask.claimedBy.name) : null),
    }),
    claimedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ ask }) => ask.claimedBy?.at ?? null }),
    standIns: t.field({
      type: [StandIn],
      description: 'Who may answer in the place of somebody who is still waited on, by standing delegation.',
      resolve: ({ ask, state }, _, { directory, now }) => standInsOf(directory, state, ask, now()),
    }),
    answersFor: t.field({
      type: [Actor],
      description: 'Whose place the viewer may take beside their own.',
      resolve: ({ ask, state }, _, context) => answersFor(context, state, ask),
    }),
    comments: t.field({ type: [AskComment], resolve: ({ ask }) => [...ask.comments] }),
    handedOn: t.field({
      type: [HandedOn],
      description: 'Who handed it on to whom, and why; the oldest first.',
      resolve: ({ ask }) => [...(ask.handedOn ?? [])],
    }),
    earlier: t.field({
      type: [EarlierAnswer],
      description: 'What others filled in before it, oldest first. The digest binds it.',
      resolve: (shape) =>
        (shape.ask.earlier ?? []).flatMap((id) => {
          const ask = shape.state.asks.get(id)
          return ask ? [{ ...shape, ask }] : []
        }),
    }),
    commentRule: t.string({ resolve: ({ ask }) => ask.comment }),
    openedAt: t.field({ type: 'DateTime', resolve: ({ ask }) => ask.openedAt }),
    closedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ ask }) => ask.closedAt }),
    deadline: t.field({ type: 'DateTime', nullable: true, resolve: ({ ask }) => ask.deadline }),
    answers: t.field({ type: 'JSON', nullable: true, resolve: ({ ask }) => ask.answers && masked(ask.answers) }),
    given: t.field({
      type: [Fact],
      description: 'What was filled in, in words; empty until it is.',
      resolve: ({ ask }) => (Object.keys(ask.answers ?? {}).length === 0 ? [] : filledIn(ask)),
    }),
    next: t.string({ nullable: true, description: 'What comes next when granted.', resolve: nextInWords }),
    then: t.string({
      nullable: true,
      description: 'As `next`. An answer with a field of this name is taken for a promise: ask for it under another.',
      deprecationReason: 'Ask for `next`.',
      resolve: nextInWords,
    }),
    availableActions: t.field({
      type: [AvailableAction],
      resolve: (shape, _, context) => [...askActions(context, shape)],
    }),
  }),
})

function nextInWords({ flow, ask }: AskShape, _: unknown, { who }: Context): string | null {
  const next = nextSteps(flow, ask.nodeId)
  const texts = textsOf(who.language)
  if (next === null) return null
  return next[0] === 'end' ? texts.endsTask : texts.then(next.map((id) => flow.node(id)?.title ?? id).join(', '))
}
/** Declared with the keys of a variable. */
const askField = (field: Values, project: string): FieldShape =>
  fieldOf(variableOf(field), field['default'], { project })
function variableOf(field: Values): Variable {
  const given = field as unknown as Partial<Variable> & { key: string } // frozen from checked declarations
  return {
    ...given,
    key: given.key,
    type: given.type ?? 'text',
    title: given.title ?? given.key,
    required: given.required ?? false,
    show: true,
    readOnly: false,
    secret: given.type === 'password' || given.secret === true,
    onCard: false,
  }
}
/** The steps that certainly follow, those of a fork together; null where a branch decides. */
function nextSteps(flow: Flow, nodeId: string): readonly string[] | null {
  let node = flow.node(nodeId)
  for (let hops = 0; node && hops < 20; hops++) {
    if (node.kind === 'gateway' && node.gateway === 'parallel') return node.branches.map(({ next }) => next)
    const next: string | null = node.kind === 'gateway' ? (node.gateway === 'converge' ? node.next : null) : node.next
    if (next === null) return null
    node = flow.node(next)
    if (next === 'end' || node?.kind !== 'gateway') return [next]
  }
  return null
}

const AskConnection = connectionOf('Ask', Ask)
builder.queryFields((t) => ({
  inbox: t.field({
    type: AskConnection,
    description: 'Open asks that wait for the viewer, oldest deadline first.',
    args: { first: t.arg.int(), after: t.arg.string() },
    resolve: async (_, { first, after }, context) => pageOf(await inboxOf(context), ({ ask }) => ask.id, first, after),
  }),
  ask: t.field({
    type: Ask,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) => {
      somebodyOrService(context)
      return findAsk(context, id)
    },
  }),
}))
export const somebodyOrService = (context: Context): void => {
  if (!context.who.service) somebody(context)
}
/** Open asks of the caller, and of those they stand in for, that they may answer. */
export async function inboxOf(context: Context): Promise<AskShape[]> {
  const person = somebody(context)
  const wanted = (id: string): string[] =>
    context.db
      .read((tx) => catalogue.needsOf(tx, id))
      .filter(({ kind }) => kind === 'ask')
      .map(({ ref }) => ref)
  const own = new Set(wanted(person.id))
  const others = standsFor(context).flatMap(({ id }) => wanted(id))
  const asks = await Promise.all([...new Set([...own, ...others])].map((ref) => findAsk(context, ref)))
  const never = Number.MAX_SAFE_INTEGER
  return asks
    .filter((shape) => shape !== null)
    .filter(({ ask, state }) => ask.state === 'open' && (own.has(ask.id) || standsIn(context, state, ask)))
    .sort((a, b) => (a.ask.deadline ?? never) - (b.ask.deadline ?? never) || a.ask.openedAt - b.ask.openedAt)
}
