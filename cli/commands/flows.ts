import { text, UsageError, word, type Parsed } from '../args.ts'
import type { Context } from '../context.ts'
import { clock, drawDiff, drawFinding, drawReferences, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'
import { DELETE } from '../queries/apply.ts'
import { FLOW, FLOW_DIFF, FLOWS, PUBLISH, REFERENCES, USE_VERSION } from '../queries/flows.ts'

export const flow: Command = {
  usage:
    'flow list | show <name>[@version] | diff <name> [<from>] [<to|draft>] | publish <name> [--note <why>] | use <name>@<version> [--note <why>] | refs <name | Kind/name>',
  about:
    'Flows and their versions: what each says and what changed, publish the draft, make a version current again, who refers to what.',
  flags: { note: 'value' },
  run: (context, parsed) => {
    const verb = word(parsed, 0, 'list, show, diff, publish, use or refs')
    const run = VERBS[verb]
    if (!run) throw new UsageError(`flow ${verb} is not a command: ${Object.keys(VERBS).join(', ')}`)
    return run(context, parsed)
  },
}
const VERBS: Readonly<Record<string, (context: Context, parsed: Parsed) => Promise<number>>> = {
  list,
  show,
  diff,
  publish,
  use,
  refs,
}

const projectOf = ({ project }: Context): { project?: string } => (project === undefined ? {} : { project })
/** `release-web@3`. @throws UsageError */
function named(given: string): { name: string; version: number | null } {
  const [, name = given, version] = /^(.+)@(\d+)$/.exec(given) ?? []
  if (given.includes('@') && version === undefined)
    throw new UsageError(`expected <name>@<version>, but got “${given}”`)
  return { name, version: version === undefined ? null : Number(version) }
}
const versionOf = (given: string): number | null => {
  if (given === 'draft') return null
  if (/^\d+$/.test(given)) return Number(given)
  throw new UsageError(`expected a version or draft, but got “${given}”`)
}

async function list({ client, world, json }: Context): Promise<number> {
  const { flows } = await client.query(FLOWS)
  if (json) world.out(JSON.stringify(flows.nodes))
  else if (flows.nodes.length === 0) world.out('No flows yet. baton apply -f <file> saves one.')
  else
    for (const line of table(
      flows.nodes.map((one) => [
        one.name,
        one.title,
        one.version === null ? 'never published' : `version ${one.version}`,
        one.hasDraft ? `draft by ${one.draft?.updatedBy ?? '?'}` : '',
      ]),
    ))
      world.out(line)
  return EXIT.ok
}

async function show(context: Context, parsed: Parsed): Promise<number> {
  const { client, world, json } = context
  const { name, version } = named(word(parsed, 1, 'the flow'))
  const { flow: found } = await client.query(FLOW, { name, version, ...projectOf(context) })
  if (!found) throw new NothingToDo(`there is no flow ${parsed.words[1]} that you may see`)
  if (json) {
    world.out(JSON.stringify(found))
    return EXIT.ok
  }
  const now = Date.now()
  world.out(`${found.title}  ${found.name}${found.version === null ? '' : `@${found.version}`}`)
  if (found.draft && found.hasDraft)
    world.out(
      `  draft      ${clock(found.draft.updatedAt, now)}  ${found.draft.updatedBy}  (revision ${found.draft.revision})`,
    )
  for (const one of found.published)
    world.out(
      `${one.current ? '▸' : ' '} version ${one.version}  ${clock(one.publishedAt ?? '', now)}  ${one.publishedBy ?? ''}${one.note ? `  ${one.note}` : ''}`,
    )
  for (const finding of found.findings) world.out(`  ${drawFinding(finding)}`)
  world.out('')
  world.out(version === null && found.hasDraft ? (found.draft?.source ?? found.source) : found.source)
  return EXIT.ok
}

async function diff(context: Context, parsed: Parsed): Promise<number> {
  const { client, world, json } = context
  const [, name = '', from, to] = parsed.words
  if (name === '') throw new UsageError('the flow is missing')
  const { flowDiff } = await client.query(FLOW_DIFF, {
    name,
    ...(from !== undefined && { from: versionOf(from) }),
    ...(to !== undefined && { to: versionOf(to) }),
    ...projectOf(context),
  })
  if (json) world.out(JSON.stringify(flowDiff))
  else for (const line of drawDiff(name, flowDiff)) world.out(line)
  return EXIT.ok
}

async function publish(context: Context, parsed: Parsed): Promise<number> {
  const { client, world, json, flags } = context
  const { name } = named(word(parsed, 1, 'the flow'))
  const { flow: found } = await client.query(FLOW, { name, version: null, ...projectOf(context) })
  const note = text(flags, 'note')
  // What was just read is what is published: somebody may save meanwhile.
  const { publishFlow } = await client.query(PUBLISH, {
    name,
    ...(found?.draft && { revision: found.draft.revision }),
    ...(note !== undefined && { note }),
    ...projectOf(context),
  })
  world.out(json ? JSON.stringify(publishFlow) : `${name} is published as version ${publishFlow.version}.`)
  return EXIT.ok
}

async function use(context: Context, parsed: Parsed): Promise<number> {
  const { client, world, json, flags } = context
  const { name, version } = named(word(parsed, 1, '<name>@<version>'))
  if (version === null) throw new UsageError('expected <name>@<version>: baton flow show lists the versions')
  const note = text(flags, 'note')
  const { makeCurrent } = await client.query(USE_VERSION, {
    name,
    version,
    ...(note !== undefined && { note }),
    ...projectOf(context),
  })
  world.out(
    json
      ? JSON.stringify(makeCurrent)
      : `Version ${makeCurrent.version} of ${name} is current. Running tasks stay on theirs.`,
  )
  return EXIT.ok
}

/** `qa` is a flow, `Role/qa` says which kind. */
const kindAndName = (given: string): { kind: string; name: string } => {
  const [kind = '', name] = given.split('/')
  return name === undefined ? { kind: 'Flow', name: kind } : { kind, name }
}
async function refs(context: Context, parsed: Parsed): Promise<number> {
  const { client, world, json } = context
  const target = kindAndName(word(parsed, 1, 'what to look for'))
  const { references } = await client.query(REFERENCES, { ...target, ...projectOf(context) })
  if (json) world.out(JSON.stringify(references))
  else for (const line of drawReferences(`${target.kind} ${target.name}`, references)) world.out(line)
  return EXIT.ok
}

export const remove: Command = {
  usage: 'delete <Kind>/<name>',
  about: 'Takes a document out. What is in use stays, and is told by whom.',
  flags: {},
  async run(context, parsed) {
    const { client, world, json } = context
    const given = word(parsed, 0, '<Kind>/<name>')
    if (!given.includes('/')) throw new UsageError('expected <Kind>/<name>, such as Host/web-1')
    const { deleteDocument } = await client.query(DELETE, { ...kindAndName(given), ...projectOf(context) })
    world.out(json ? JSON.stringify({ deleted: deleteDocument }) : `${given} is deleted.`)
    return EXIT.ok
  },
}
