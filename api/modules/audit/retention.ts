import { keepOf, setKeep, type Keep } from '../../../engine/index.ts'
import { mayDo } from '../../auth/allow.ts'
import { badInput } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { mustBeThere } from '../project/project.ts'

/** A hundred years: what is meant to be for ever says so. */
const MOST_DAYS = 36_500

const Retention = builder.objectRef<Keep & { readonly project: string }>('Retention').implement({
  description: 'How long a project keeps what has ended. Null: for ever. The audit is kept for ever.',
  fields: (t) => ({
    project: t.exposeString('project'),
    tasksDays: t.exposeInt('tasksDays', {
      nullable: true,
      description: 'Then a task goes into the archive: no list shows it, its number finds it, its history verifies.',
    }),
    logsDays: t.exposeInt('logsDays', { nullable: true, description: 'Then its logs are gone.' }),
    statisticsDays: t.exposeInt('statisticsDays', {
      nullable: true,
      description: 'Then the sums of a day are gone.',
    }),
  }),
})

builder.queryField('retention', (t) =>
  t.field({
    type: Retention,
    description: 'Needs the right `audit`.',
    args: { project: t.arg.string() },
    resolve: (_, args, context) => {
      const project = args.project ?? 'default'
      mayDo(context, 'audit', project)
      mustBeThere(context, project, false)
      return { project, ...keepOf(context.db, project) }
    },
  }),
)
builder.mutationField('setRetention', (t) =>
  t.field({
    type: Retention,
    description: 'Needs the right `audit`: it decides how long there is something to look at.',
    args: { project: t.arg.string(), tasksDays: t.arg.int(), logsDays: t.arg.int(), statisticsDays: t.arg.int() },
    resolve: (_, args, context) => {
      const project = args.project ?? 'default'
      const keep: Keep = {
        tasksDays: args.tasksDays ?? null,
        logsDays: args.logsDays ?? null,
        statisticsDays: args.statisticsDays ?? null,
      }
      return act(
        context,
        'setRetention',
        project,
        async () => {
          mayDo(context, 'audit', project)
          mustBeThere(context, project, false)
          for (const [field, days] of Object.entries(keep))
            if (days !== null && !(days >= 1 && days <= MOST_DAYS))
              throw badInput(field, 'RANGE', `expected 1 to ${MOST_DAYS} days, or nothing for ever, but got ${days}`)
          await context.db.write(() => setKeep(context.db, project, keep))
          return { project, ...keep }
        },
        keep,
      )
    },
  }),
)
