import { stringify } from 'yaml'
import { catalogue, RIGHTS, type Tx } from '../../../engine/index.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import { badInput } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { textsOf } from '../../texts.ts'
import { readDocuments, saveWhole } from '../document/apply.ts'
import { mustBeThere } from '../project/project.ts'
import { changed } from '../document/document.ts'
import { mayWriteRole } from './give.ts'

type Shape = catalogue.RightsRole
const RightsRole = builder.objectRef<Shape>('RightsRole').implement({
  description:
    'A named set of rights that somebody can have in a project: one that is always there, or a company’s own.',
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.string({
      description: 'As the viewer reads it.',
      resolve: ({ project, name, title, titles }, _, { who }) =>
        (project === null ? textsOf(who.language).roleTitle[name] : titles[who.language]) ?? title,
    }),
    titleEn: t.string({ nullable: true, resolve: ({ titles }) => titles['en'] ?? null }),
    titleZh: t.string({ nullable: true, resolve: ({ titles }) => titles['zh'] ?? null }),
    help: t.exposeString('help', { nullable: true }),
    rights: t.stringList({ resolve: ({ rights }) => [...rights] }),
    project: t.exposeString('project', {
      nullable: true,
      description: 'Whose document it is; those of `default` are for every project. Null: it is always there.',
    }),
  }),
})

builder.queryField('rightsRoles', (t) =>
  t.field({
    type: [RightsRole],
    description: 'The roles a person can have in a project, or in any, and what each may do (docs/rights.md).',
    args: { project: t.arg.string() },
    resolve: (_, { project }, context) => {
      somebody(context)
      return [...context.db.read((tx) => catalogue.rightsRolesIn(tx, project ?? null))]
    },
  }),
)
const documentOf = (tx: Tx, project: string, name: string): catalogue.DocumentRow | undefined =>
  catalogue.documentOf(tx, project, 'RightsRole', name)

builder.mutationField('setRightsRole', (t) =>
  t.field({
    type: RightsRole,
    description:
      'Makes a role, or says anew what it may do; what is left out stays as it is. It acts at once on whoever has it. A field that a pipeline looks after is CONFLICT, unless `force` takes it. `deleteDocument(kind: "RightsRole")` takes it away.',
    args: {
      name: t.arg.string({ required: true }),
      project: t.arg.string(),
      title: t.arg.string({ description: 'In English.' }),
      titleZh: t.arg.string({ description: 'In Chinese.' }),
      help: t.arg.string(),
      rights: t.arg.stringList({ description: 'Only such as the caller has.' }),
      force: t.arg.boolean(),
      newProject: t.arg.boolean({ description: 'The project is not there yet, and is meant.' }),
    },
    resolve: (_, { name, project: given, title, titleZh, help, rights, force, newProject }, context) => {
      const project = given ?? 'default'
      return act(
        context,
        'setRightsRole',
        `${project}/${name}`,
        async () => {
          mayDo(context, 'manage-people', project)
          mustBeThere(context, project, newProject)
          const row = context.db.read((tx) => documentOf(tx, project, name))
          if (!row && !rights) throw badInput('rights', 'REQUIRED', `Say what it may do: ${RIGHTS.join(', ')}`)
          const document = structuredClone(row?.document) ?? {}
          const spec = catalogue.specOf(row)
          const titles = spec['titles'] as object | undefined // decoded when it was applied
          const made = {
            ...document,
            apiVersion: 'baton/v1',
            kind: 'RightsRole',
            metadata: {
              ...(document['metadata'] as object | undefined),
              name,
              ...(project !== 'default' && { project }),
              ...(title != null && { title }),
            },
            spec: {
              ...spec,
              ...((title != null || titleZh != null) && {
                titles: { ...titles, ...(title != null && { en: title }), ...(titleZh != null && { zh: titleZh }) },
              }),
              ...(help != null && { help }),
              ...(rights && { rights }),
            },
          }
          const [read] = readDocuments(stringify(made))
          const saved = await saveWhole(context.db, read!, {
            basedOn: row?.generation ?? 0,
            dryRun: false,
            force: force ?? false,
            manager: context.who.actor.surface,
            by: context.who.actor,
            now: context.now(),
            plugins: context.engine.plugins,
            judge: (tx, one) => mayWriteRole(context, tx, one),
          })
          changed(context, [saved])
          return context.db.read((tx) => catalogue.rightsRoleIn(tx, project, name))!
        },
        { rights: rights ?? null, force: force ?? false },
      )
    },
  }),
)
