import { catalogue, EngineError, factsOf, quantile, type Cause, type Counts } from '../../../engine/index.ts'
import { mayDo } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { textsOf } from '../../texts.ts'
import { Actor } from '../person/actor.ts'

type Sums = ReturnType<typeof catalogue.sumOf>
interface Row {
  /** Null: all of them together. */
  readonly flow: string | null
  readonly app: string | null
  readonly node: string | null
  readonly title: string
  readonly sums: Sums
}
interface Shape {
  readonly from: number
  readonly to: number
  readonly total: Row
  readonly rows: readonly Row[]
  /** Added up when they are asked for. */
  readonly nodes: () => readonly Row[]
  readonly mostRetried: () => readonly Retried[]
}
interface Retried {
  readonly flow: string
  readonly flowTitle: string
  readonly node: string
  readonly title: string
  readonly retries: number
}
const NONE: Sums = {
  runs: 0,
  succeeded: 0,
  failed: 0,
  revoked: 0,
  retries: 0,
  workMs: 0,
  waitMs: 0,
  sums: { causes: {}, work: {}, wait: {} },
}
const total = (all: readonly Sums[]): Sums => all.reduce<Sums>(catalogue.sumOf, NONE)

const Spread = builder.objectRef<{ histogram: Counts; ms: number }>('Spread').implement({
  description: 'How long something took, in ms. Shares are right to 5 %.',
  fields: (t) => ({
    count: t.int({ resolve: ({ histogram }) => countOf(histogram) }),
    mean: t.int({
      nullable: true,
      resolve: ({ histogram, ms }) => (countOf(histogram) === 0 ? null : int(ms / countOf(histogram))),
    }),
    p50: t.int({ nullable: true, resolve: ({ histogram }) => intOrNull(quantile(histogram, 0.5)) }),
    p95: t.int({ nullable: true, resolve: ({ histogram }) => intOrNull(quantile(histogram, 0.95)) }),
  }),
})
const countOf = (histogram: Counts): number => Object.values(histogram).reduce((sum, count) => sum + count, 0)
/** GraphQL's Int ends at 24 days of ms: longer ones are told as that. */
const int = (ms: number): number => Math.min(Math.round(ms), 2_147_483_647)
const intOrNull = (ms: number | null): number | null => (ms === null ? null : int(ms))

const CauseCount = builder.objectRef<{ cause: string; count: number }>('CauseCount').implement({
  fields: (t) => ({
    cause: t.exposeString('cause'),
    text: t.string({
      description: 'The cause in words.',
      resolve: ({ cause }, _, { who }) =>
        (textsOf(who.language).cause[cause as Cause] ?? cause).replace(/[.。].*$/, ''),
    }),
    count: t.exposeInt('count'),
  }),
})
interface Hands {
  readonly person: string
  readonly name: string
  readonly acts: Readonly<Record<string, number>>
}
const ByHand = builder.objectRef<Hands>('ByHand').implement({
  description: 'Somebody who had to put a hand to it, and how often.',
  fields: (t) => ({
    by: t.field({ type: Actor, resolve: ({ person, name }) => ({ person, name, surface: 'system' as const }) }),
    retried: t.int({ resolve: ({ acts }) => acts['retried'] ?? 0 }),
    skipped: t.int({ resolve: ({ acts }) => acts['skipped'] ?? 0 }),
    byHand: t.int({ description: 'Steps done by hand.', resolve: ({ acts }) => acts['byhand'] ?? 0 }),
    gaveUp: t.int({ resolve: ({ acts }) => acts['given_up'] ?? 0 }),
  }),
})
const StatsRow = builder.objectRef<Row>('StatsRow').implement({
  description: 'What the tasks of an app or a flow, or the attempts of a step, came to.',
  fields: (t) => ({
    flow: t.exposeString('flow', { nullable: true }),
    app: t.exposeString('app', { nullable: true, description: 'Null: its flow was launched by itself.' }),
    node: t.exposeString('node', { nullable: true, description: 'Null: whole tasks.' }),
    title: t.exposeString('title'),
    runs: t.int({ description: 'Tasks, or attempts of the step.', resolve: ({ sums }) => sums.runs }),
    succeeded: t.int({ resolve: ({ sums }) => sums.succeeded }),
    failed: t.int({ resolve: ({ sums }) => sums.failed }),
    revoked: t.int({ resolve: ({ sums }) => sums.revoked }),
    successRate: t.float({
      nullable: true,
      description: 'Of those that succeeded or failed: 0 to 1. What people stopped counts for neither.',
      resolve: ({ sums: { succeeded, failed } }) =>
        succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    }),
    retries: t.int({ resolve: ({ sums }) => sums.retries }),
    work: t.field({
      type: Spread,
      description: 'Time of work: without that in which people were waited for. Stopped tasks are left out.',
      resolve: ({ sums }) => ({ histogram: sums.sums.work, ms: sums.workMs }),
    }),
    wait: t.field({
      type: Spread,
      description: 'Time in which people were waited for, where they were: answers, and decisions about failures.',
      resolve: ({ sums }) => ({ histogram: sums.sums.wait, ms: sums.waitMs }),
    }),
    byHand: t.field({
      type: [ByHand],
      description: 'Who retried, skipped, did steps by hand or gave them up; who did most first, up to 20.',
      resolve: ({ sums }, _, context) => handsOf(context, sums.sums.hands),
    }),
    causes: t.field({
      type: [CauseCount],
      description: 'Why attempts failed, most frequent first; those that were retried with success too.',
      resolve: ({ sums }) =>
        Object.entries(sums.sums.causes)
          .map(([cause, count]) => ({ cause, count }))
          .sort((a, b) => b.count - a.count || a.cause.localeCompare(b.cause)),
    }),
  }),
})
/** As many as a page names. */
const MOST_HANDS = 20
function handsOf({ db }: Context, hands: Counts = {}): Hands[] {
  const byPerson = new Map<string, Record<string, number>>()
  for (const [key, count] of Object.entries(hands)) {
    const [what = '', person = ''] = key.split(' ')
    const acts = byPerson.get(person) ?? {}
    byPerson.set(person, { ...acts, [what]: count })
  }
  const totalOf = (acts: Record<string, number>): number => Object.values(acts).reduce((sum, count) => sum + count, 0)
  const most = [...byPerson].sort(([, a], [, b]) => totalOf(b) - totalOf(a)).slice(0, MOST_HANDS)
  const known = new Map(
    db
      .read((tx) =>
        catalogue.peopleByIds(
          tx,
          most.map(([id]) => id),
        ),
      )
      .map(({ id, name }) => [id, name]),
  )
  return most.map(([person, acts]) => ({ person, name: known.get(person) ?? person, acts }))
}
const RetriedStep = builder.objectRef<Retried>('RetriedStep').implement({
  fields: (t) => ({
    flow: t.exposeString('flow'),
    flowTitle: t.exposeString('flowTitle'),
    node: t.exposeString('node'),
    title: t.exposeString('title'),
    retries: t.exposeInt('retries'),
  }),
})
const Stats = builder.objectRef<Shape>('Stats').implement({
  description: 'Of tasks that ended within these days (UTC). Rehearsals are left out.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', resolve: ({ from }) => from }),
    to: t.field({ type: 'DateTime', description: 'Before this moment.', resolve: ({ to }) => to }),
    total: t.field({ type: StatsRow, resolve: (stats) => stats.total }),
    rows: t.field({
      type: [StatsRow],
      description: 'By app, and by flow where no app was launched; most runs first, up to 100.',
      resolve: ({ rows }) => [...rows],
    }),
    nodes: t.field({
      type: [StatsRow],
      description: 'Steps, where a flow or an app is named; most retried first.',
      resolve: ({ nodes }) => [...nodes()],
    }),
    mostRetried: t.field({
      type: [RetriedStep],
      description: 'The ten steps that were retried most, of whatever flow.',
      resolve: ({ mostRetried }) => [...mostRetried()],
    }),
  }),
})

const MOST_DAYS = 400
const MOST_ROWS = 100
const MOST_RETRIED = 10
interface Asked {
  readonly project?: string | null | undefined
  readonly flow?: string | null | undefined
  readonly app?: string | null | undefined
  readonly days?: number | null | undefined
}
function statsOf(context: Context, { project: given, flow, app, days: wanted }: Asked): Shape {
  const project = given ?? 'default'
  const days = wanted ?? 30
  if (!(days >= 1 && days <= MOST_DAYS)) throw badInput('days', 'RANGE', `Ask for 1 to ${MOST_DAYS} days`)
  const toDay = catalogue.dayOf(context.now())
  const range = { project, fromDay: toDay - days + 1, toDay }
  const filter = { ...range, ...(flow && { flow }), ...(app && { app }) }
  const isAll = !flow && !app
  const names = context.statistics.busiest(filter, MOST_ROWS)
  const tasks = context.statistics.tasks(filter, flowsOf(names))
  const all = isAll ? context.db.read((tx) => catalogue.projectStatistics(tx, filter)) : tasks
  const titles = titlesIn(context, project)
  const byName = new Map(tasks.map((sums) => [`${sums.flow}\n${sums.name}`, sums]))
  return {
    from: catalogue.startOfDay(range.fromDay),
    to: catalogue.startOfDay(toDay + 1),
    total: { flow: flow ?? null, app: app ?? null, node: null, title: '', sums: total(all) },
    rows: names.map(({ flow: of, app: by }) => ({
      flow: of,
      app: by === '' ? null : by,
      node: null,
      title: titles.of(of, by),
      sums: byName.get(`${of}\n${by}`) ?? NONE,
    })),
    nodes: () =>
      (isAll ? [] : context.statistics.nodes(filter, flowsOf(names)))
        .map((sums) => ({
          flow: sums.flow,
          app: app ?? null,
          node: sums.name,
          title: titles.step(sums.flow, sums.name),
          sums,
        }))
        .sort((a, b) => b.sums.retries - a.sums.retries || b.sums.failed - a.sums.failed || b.sums.runs - a.sums.runs),
    mostRetried: () =>
      context.statistics
        .mostRetried(filter, MOST_RETRIED)
        .map((one) => ({ ...one, flowTitle: titles.of(one.flow, ''), title: titles.step(one.flow, one.node) })),
  }
}
const flowsOf = (names: readonly { readonly flow: string }[]): string[] => names.map(({ flow }) => flow)
/** As they are called now; what is gone goes by its name. */
function titlesIn({ library, db }: Context, project: string) {
  const steps = new Map<string, ReadonlyMap<string, string>>()
  const stepsOf = (flow: string): ReadonlyMap<string, string> => {
    const known = steps.get(flow)
    if (known) return known
    let found: ReadonlyMap<string, string>
    try {
      found = new Map(library.flow(project, flow, 'current').nodes.map(({ id, title }) => [id, title]))
    } catch {
      found = new Map() // it is gone
    }
    steps.set(flow, found)
    return found
  }
  const flowTitle = (name: string): string =>
    catalogue.titleOf(
      db.read((tx) => catalogue.documentOf(tx, project, 'Flow', name)),
      name,
    )
  return {
    of: (flow: string, app: string): string => {
      if (app === '') return flowTitle(flow)
      const known = library.app(project, app)
      const title = known?.title ?? app
      // What an app's tasks start counts as theirs, and is another row.
      return known && known.spec.flow !== flow ? `${title} · ${flowTitle(flow)}` : title
    },
    step: (flow: string, node: string): string => stepsOf(flow).get(node) ?? node,
  }
}

builder.queryField('stats', (t) =>
  t.field({
    type: Stats,
    description: 'Launches, success, durations and causes of failures. Needs the right `view`.',
    args: {
      project: t.arg.string(),
      flow: t.arg.string(),
      app: t.arg.string(),
      days: t.arg.int({ description: 'Back from today, today included. 30 unless said otherwise.' }),
    },
    resolve: async (_, asked, context) => {
      mayDo(context, 'view', asked.project ?? 'default')
      await context.statistics.fold()
      return statsOf(context, asked)
    },
  }),
)
builder.mutationField('rebuildStats', (t) =>
  t.int({
    description:
      'Counts every task that has ended anew, from its history. Answers with how many. Needs the right `audit`.',
    resolve: (_, __, context) =>
      act(
        context,
        'rebuildStats',
        null,
        async () => {
          mayDo(context, 'audit')
          if (context.statistics.isRebuilding())
            throw new EngineError('BUSY', { message: 'The statistics are being counted anew already.' })
          return context.statistics.rebuild(async (id) => {
            const view = await context.engine.task(id)
            return view && factsOf(view.state)
          })
        },
        (tasks) => ({ tasks }),
      ),
  }),
)
