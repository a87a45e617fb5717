import { means, nextStretch, stretchAt, type Freeze as FreezeRule, type Stretch } from '../../../engine/index.ts'
import { appRights, holders, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { frozenText, type FrozenView } from './frozen.ts'

export const Frozen = builder.objectRef<FrozenView>('Frozen').implement({
  description: 'Why something cannot be launched or retried now, and until when.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Of the Freeze document.' }),
    title: t.exposeString('title'),
    help: t.exposeString('help', { nullable: true }),
    since: t.field({ type: 'DateTime', resolve: ({ since }) => since }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the last of the freezes that follow on each other ends; null: when somebody takes it out.',
      resolve: ({ until }) => until,
    }),
    text: t.string({
      description: 'In the reader’s language and zone.',
      resolve: (frozen, _, context) => frozenText(context, frozen),
    }),
    passedBy: t.stringList({
      description: 'Who may pass it, by name.',
      resolve: ({ project }, _, context) => [...holders(context, 'override-freeze', project)],
    }),
    mayOverride: t.exposeBoolean('mayOverride', { description: 'The reader may pass it, with a reason.' }),
  }),
})

interface FreezeShape extends FreezeRule {
  readonly project: string
}
const FreezeStretch = builder.objectRef<Stretch>('FreezeStretch').implement({
  fields: (t) => ({
    from: t.field({ type: 'DateTime', resolve: ({ from }) => from }),
    to: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null: it lasts until it is taken out.',
      resolve: ({ to }) => to,
    }),
  }),
})
const Freeze = builder.objectRef<FreezeShape>('Freeze').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    project: t.exposeString('project'),
    title: t.exposeString('title'),
    help: t.exposeString('help', { nullable: true }),
    apps: t.stringList({
      nullable: true,
      description: 'Names of apps; null: all of the project.',
      resolve: ({ apps }) => (apps === null ? null : [...apps]),
    }),
    except: t.stringList({ resolve: ({ except }) => [...except] }),
    active: t.field({
      type: FreezeStretch,
      nullable: true,
      description: 'Since when it holds now, and until when; null: it does not.',
      resolve: (freeze, _, { now }) => stretchAt(freeze, now()),
    }),
    next: t.field({
      type: FreezeStretch,
      nullable: true,
      description: 'When it begins next.',
      resolve: (freeze, _, { now }) => nextStretch(freeze, now()),
    }),
  }),
})

/** Whoever looks at a project sees all of its freezes; others those of the apps they see. */
function visible(context: Context, freeze: FreezeShape): boolean {
  const rights = rightsIn(context, freeze.project)
  if (rights.has('view') || rights.has('override-freeze')) return true
  return context.library
    .apps()
    .some(
      (app) =>
        app.project === freeze.project &&
        means(freeze, { app: app.name, appsOfFlow: [] }) &&
        appRights(context, app, rights).see,
    )
}
builder.queryField('freezes', (t) =>
  t.field({
    type: [Freeze],
    description: 'When nothing is launched or retried: those that hold now first, then by when they begin.',
    args: { project: t.arg.string() },
    resolve: (_, { project }, context) => {
      somebody(context)
      const at = context.now()
      const begins = (freeze: FreezeShape): number =>
        stretchAt(freeze, at) === null ? (nextStretch(freeze, at)?.from ?? Infinity) : 0
      return context.library
        .freezes()
        .filter((freeze) => (project == null || freeze.project === project) && visible(context, freeze))
        .sort((a, b) => begins(a) - begins(b) || a.title.localeCompare(b.title))
    },
  }),
)
