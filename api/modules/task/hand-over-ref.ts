import type { HandOver as HandOverRecord, Variable } from '../../../engine/index.ts'
import { builder } from '../../graphql/builder.ts'
import { words } from '../../graphql/enums.ts'
import { Actor } from '../person/actor.ts'
import { maySeeValues, type TaskView } from './load.ts'
import { masked } from './mask.ts'
import { shownValue } from './shown.ts'

const HandOverState = words('HandOverState', ['open', 'rejected', 'claimed', 'withdrawn'])

interface CorrectionShape {
  readonly key: string
  readonly variable: Variable | undefined
  readonly before: HandOverRecord['corrections'][string]['before']
  readonly after: HandOverRecord['corrections'][string]['after']
}
const Correction = builder.objectRef<CorrectionShape>('Correction').implement({
  description: 'What was put right in taking a request on.',
  fields: (t) => ({
    key: t.exposeString('key'),
    title: t.string({ resolve: ({ key, variable }) => variable?.title ?? key }),
    before: t.string({ resolve: ({ variable, before }, _, { who }) => shownValue(variable, masked(before), who) }),
    after: t.string({ resolve: ({ variable, after }, _, { who }) => shownValue(variable, masked(after), who) }),
  }),
})

interface HandOverShape extends TaskView {
  readonly handOver: HandOverRecord
}
/** Work handed over (`mode: handOver` of an app). */
export const HandOver = builder.objectRef<HandOverShape>('HandOver').implement({
  fields: (t) => ({
    state: t.field({ type: HandOverState, resolve: ({ handOver }) => handOver.state }),
    round: t.int({
      description: 'What every act on it must name. Grows with each act and each change; another one is STALE.',
      resolve: ({ handOver }) => handOver.round,
    }),
    to: t.string({ description: 'Who is asked to take it, in words.', resolve: ({ handOver }) => handOver.title }),
    refs: t.stringList({ resolve: ({ handOver }) => [...handOver.to] }),
    people: t.field({
      type: [Actor],
      description: 'Those behind `to`, as of now.',
      resolve: ({ handOver, state }, _, context) => {
        const found = handOver.to.flatMap((ref) => context.directory.within(state.project).people(ref, state.startedBy))
        return [
          ...new Map(found.map(({ id, name }) => [id, { person: id, name, surface: 'system' as const }])).values(),
        ]
      },
    }),
    nobody: t.boolean({
      description: 'Nobody stands behind `to`: it waits for somebody to pass it on, or to join them.',
      resolve: ({ handOver }) => handOver.stranded === true,
    }),
    holder: t.field({
      type: Actor,
      nullable: true,
      description: 'Who carries it.',
      resolve: ({ handOver: { holder } }) =>
        holder && { person: holder.id, name: holder.name, surface: 'system' as const },
    }),
    claimedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ handOver }) => handOver.claimedAt }),
    reason: t.string({
      nullable: true,
      description: 'What was said with the latest act: why it was given back or passed on, a note with a claim.',
      resolve: ({ handOver, state }, _, context) => (maySeeValues(context, state) ? handOver.reason : null),
    }),
    lastBy: t.field({ type: Actor, resolve: ({ handOver }) => handOver.lastAct.by }),
    lastAt: t.field({ type: 'DateTime', resolve: ({ handOver }) => handOver.lastAct.at }),
    corrections: t.field({
      type: [Correction],
      description: 'What was put right in taking it on, for whoever asked.',
      resolve: ({ handOver, flow, state }, _, context) => {
        if (!maySeeValues(context, state)) return []
        return Object.entries(handOver.corrections).map(([key, { before, after }]) => ({
          key,
          before,
          after,
          variable: flow.variables.find((variable) => variable.key === key),
        }))
      },
    }),
  }),
})
