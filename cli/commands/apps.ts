import { isOn, pairs, text, word } from '../args.ts'
import type { ResultOf } from '../../api/client/index.ts'
import { APP, APP_TREE, APPS, FAVOURITE, PREVIEW, type AppRow, type Previewed } from '../queries/apps.ts'
import type { Context } from '../context.ts'
import { phaseText, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'

const lockOf = ({ availableActions }: AppRow): string =>
  availableActions.find(({ action, allowed }) => action === 'launch' && !allowed)?.why ?? ''
const cells = (app: AppRow): string[] => [
  `${app.favourite ? '★ ' : ''}${app.name}`,
  app.title,
  [app.frozen?.text, app.handOver && `claimed by ${app.handOver}`, lockOf(app), app.aliases.join(', ')]
    .filter(Boolean)
    .join(' · '),
]

export const apps: Command = {
  usage: 'apps [<words>…] [--category web/release] [--favourite | --recent]',
  about: 'What you can launch, as a tree; words are looked for in names, aliases, purpose and category.',
  flags: { category: 'value', favourite: 'switch', recent: 'switch' },
  async run(context, parsed) {
    const { client, flags, world, json } = context
    const search = parsed.words.join(' ') || null
    const category = text(flags, 'category') ?? null
    const [favourite, recent] = [isOn(flags, 'favourite'), isOn(flags, 'recent')]
    if (category === null && !favourite && !recent) return tree(context, search)
    const { apps: found } = await client.query(APPS, {
      search,
      category,
      ...(favourite && { favourite }),
      ...(recent && { recent }),
    })
    if (json) world.out(JSON.stringify(found.nodes))
    else if (found.nodes.length === 0) world.out('No apps.')
    else for (const line of table(found.nodes.map(cells))) world.out(line)
    return EXIT.ok
  },
}
async function tree({ client, world, json }: Context, search: string | null): Promise<number> {
  const { appTree } = await client.query(APP_TREE, { search })
  if (json) world.out(JSON.stringify(appTree))
  else if (appTree.length === 0) world.out('No apps.')
  else
    for (const branch of appTree) {
      const indent = '  '.repeat(branch.depth)
      if (branch.path) world.out(`${indent}${branch.title}/`)
      for (const line of table(branch.apps.map(cells))) world.out(`${indent}${branch.path ? '  ' : ''}${line}`)
    }
  return EXIT.ok
}

export const app: Command = {
  usage: 'app <name or alias>',
  about: 'Shows an app: its fields, what is fixed, its schemes and limits, who claims it.',
  flags: {},
  async run({ client, world, json, project }, parsed) {
    const name = word(parsed, 0, 'the app')
    const { app: found } = await client.query(APP, { name, ...(project && { project }) })
    if (!found) throw new NothingToDo(`there is no app ${name} that you may see`)
    if (json) {
      world.out(JSON.stringify(found))
      return EXIT.ok
    }
    world.out(`${found.title}  ${found.name}${found.aliases.length > 0 ? ` (${found.aliases.join(', ')})` : ''}`)
    for (const line of [
      found.help,
      found.category && `in ${found.category}`,
      found.flow && `runs ${found.flow.name} version ${found.flow.version}`,
      found.handOver && `${found.handOver} claim it before it begins`,
      found.confirm && `Asks once more: ${found.confirm}`,
      found.limits.perPerson !== null && `up to ${found.limits.perPerson} of yours at once`,
      found.limits.perHour !== null && `up to ${found.limits.perHour} an hour`,
      lockOf(found),
    ])
      if (line) world.out(`  ${line}`)
    world.out('')
    const fields = found.form.fields.filter(({ visible }) => visible)
    for (const line of table(
      fields.map((field) => [
        field.key,
        choicesOf(field),
        field.fixed ? `fixed: ${field.text ?? ''}` : field.secret ? 'secret' : (field.text ?? ''),
        field.required ? field.title : `${field.title} (optional)`,
      ]),
    ))
      world.out(`  ${line}`)
    for (const scheme of found.schemes)
      world.out(
        `  --scheme ${scheme.name}  ${scheme.title}${scheme.omit.length > 0 ? `, without ${scheme.omit.join(', ')}` : ''}`,
      )
    return EXIT.ok
  },
}

type AppField = NonNullable<ResultOf<typeof APP>['app']>['form']['fields'][number]
/** What may be typed for it: the options, where they are few. */
const choicesOf = ({ type, fixed, options }: AppField): string =>
  fixed || !options || options.length === 0 || options.length > 8
    ? type
    : options.map(({ value }) => String(value)).join(' | ')

export const favourite: Command = {
  usage: 'favourite <app> [--off]',
  about: 'Keeps an app at hand, on every surface.',
  flags: { off: 'switch' },
  async run({ client, world, json, project, flags }, parsed) {
    const { setFavourite } = await client.query(FAVOURITE, {
      app: word(parsed, 0, 'the app'),
      favourite: !isOn(flags, 'off'),
      ...(project && { project }),
    })
    world.out(json ? JSON.stringify(setFavourite) : `${setFavourite.favourite ? '★' : '☆'} ${setFavourite.title}`)
    return EXIT.ok
  },
}

export const preview: Command = {
  usage: 'preview <app> [key=value…] [--scheme <scheme>]',
  about:
    'What a launch would do, and what is wrong with it: steps, hosts, who approves, whom it waits for. Changes nothing.',
  flags: { scheme: 'value' },
  async run({ client, world, json, project, flags }, parsed) {
    const scheme = text(flags, 'scheme')
    const { preview: found } = await client.query(PREVIEW, {
      input: {
        app: word(parsed, 0, 'the app'),
        variables: pairs(parsed.words.slice(1)),
        asText: true,
        ...(scheme && { scheme }),
        ...(project && { project }),
      },
    })
    if (json) world.out(JSON.stringify(found))
    else for (const line of drawPreview(found)) world.out(line)
    return found.errors.length === 0 ? EXIT.ok : EXIT.failed
  },
}
function drawPreview(found: Previewed): string[] {
  const sure = (certain: boolean): string => (certain ? '' : '  if its branch is taken')
  return [
    found.title,
    ...(found.freeze ? [`  ✖ ${found.freeze}`] : []),
    ...found.errors.map(({ field, message, fix }) => `  ✖ ${field}: ${message}${fix ? ` Use ${fix}` : ''}`),
    ...(found.confirm ? [`  ! ${found.confirm}`] : []),
    ...(found.handOver ? [`  ${found.handOver} claim it first`] : []),
    ...(found.joins ? [`  becomes part of ${found.joins.title} #${found.joins.number}`] : []),
    ...(found.busy ? ['  ✖ refused now: as many as may run at once are running'] : []),
    ...(found.queuePosition === null ? [] : [`  waits, position ${found.queuePosition}`]),
    ...found.heldBy.map(({ title, number, startedBy }) => `  held by ${title} #${number}, ${startedBy.name}`),
    ...found.nodes.map(({ title, certain }) => `  ○ ${title}${sure(certain)}`),
    ...(found.hosts.length > 0 ? [`  hosts: ${found.hosts.join(', ')}`] : []),
    ...found.approvals.map(
      ({ title, text: many, certain, people }) =>
        `  ${title}: ${many}${people.length > 0 ? ` (${people.map(({ name }) => name).join(', ')})` : ''}${sure(certain)}`,
    ),
    ...(found.expectS === null ? [] : [`  takes about ${Math.round(found.expectS / 60)} min`]),
    ...found.alreadyRunning.map(({ phase, title, number }) => `  ${phaseText(phase)}  ${title} #${number}`),
  ]
}
