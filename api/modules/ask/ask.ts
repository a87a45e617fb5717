import {
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
import { askTitle } from './title.ts'
import { catalogue } from '../../../engine/index.ts'
import { somebody } from '../../auth/allow.ts'

interface FactShape {
  readonly key: string
  readonly title: string
  readonly value: Value
  /** How it was declared, for its words. */
  readonly variable?: Variable | undefined
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
    title: t.string({ resolve: ({ place }) => place.title }),
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
    as: t.string({ nullable: true, resolve: ({ as }) => as || null }),
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
    fields: t.field({ type: [FormField], resolve: ({ ask }) => ask.fields.map(askField) }),
    need: t.field({ type: [AskPlace], resolve: ({ ask }) => ask.need.places.map((place) => ({ ask, place })) }),
    decisions: t.field({ type: [AskDecision], resolve: ({ ask }) => [...ask.decisions] }),
    waitingOn: t.field({
      type: [Actor],
      description: 'People who may still answer.',
      resolve: ({ ask }) => [...waitingOn(ask)],
    }),
    commentRule: t.string({ resolve: ({ ask }) => ask.comment }),
    openedAt: t.field({ type: 'DateTime', resolve: ({ ask }) => ask.openedAt }),
    closedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ ask }) => ask.closedAt }),
    deadline: t.field({ type: 'DateTime', nullable: true, resolve: ({ ask }) => ask.deadline }),
    answers: t.field({ type: 'JSON', nullable: true, resolve: ({ ask }) => ask.answers && masked(ask.answers) }),
    then: t.string({
      nullable: true,
      description: 'What comes next when granted.',
      resolve: ({ flow, ask }, _, { who }) => {
        const next = nextSteps(flow, ask.nodeId)
        const texts = textsOf(who.language)
        if (next === null) return null
        return next[0] === 'end' ? texts.endsTask : texts.then(next.map((id) => flow.node(id)?.title ?? id).join(', '))
      },
    }),
    availableActions: t.field({
      type: [AvailableAction],
      resolve: (shape, _, context) => [...askActions(context, shape)],
    }),
  }),
})

/** Declared with the keys of a variable. */
function askField(field: Values): FieldShape {
  const given = field as unknown as Partial<Variable> & { key: string } // frozen from checked declarations
  const plain: Variable = {
    key: given.key,
    type: given.type ?? 'text',
    title: given.title ?? given.key,
    required: given.required ?? false,
    show: true,
    readOnly: false,
    secret: given.type === 'password' || given.secret === true,
    onCard: false,
  }
  return fieldOf({ ...given, ...plain }, field['default'])
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
export async function inboxOf(context: Context): Promise<AskShape[]> {
  const person = somebody(context)
  const needs = context.db.read((tx) => catalogue.needsOf(tx, person.id)).filter(({ kind }) => kind === 'ask')
  const asks = await Promise.all(needs.map(({ ref }) => findAsk(context, ref)))
  const never = Number.MAX_SAFE_INTEGER
  return asks
    .filter((shape) => shape !== null)
    .filter(({ ask }) => ask.state === 'open')
    .sort((a, b) => (a.ask.deadline ?? never) - (b.ask.deadline ?? never) || a.ask.openedAt - b.ask.openedAt)
}
