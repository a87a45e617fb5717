import type { ResultOf } from '../../api/client/index.ts'
import { DOCUMENT, DOCUMENTS } from '../queries/administration.ts'
import { isOn, word } from '../args.ts'
import type { Context } from '../context.ts'
import { clock, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'

export const get: Command = {
  usage: 'get [<Kind>] | get <Kind>/<name> [--status]',
  about:
    'Lists documents, or shows one as it was written, ready for `baton apply`; --status adds what the server says of it and who looks after which fields.',
  flags: { status: 'switch' },
  async run(context, parsed) {
    const given = parsed.words[0]
    return given?.includes('/') ? show(context, word(parsed, 0, '<Kind>/<name>')) : list(context, given)
  },
}
const projectOf = ({ project }: Context): { project?: string } => (project === undefined ? {} : { project })

async function list(context: Context, kind: string | undefined): Promise<number> {
  const { client, world, json } = context
  type Page = ResultOf<typeof DOCUMENTS>['documents']
  const found: Page['nodes'][number][] = []
  for (let after: string | null = null; ;) {
    const page: Page = (
      await client.query(DOCUMENTS, {
        ...projectOf(context),
        ...(kind !== undefined && { kind }),
        ...(after !== null && { after }),
      })
    ).documents
    found.push(...page.nodes)
    if (!page.pageInfo.hasNextPage) break
    after = page.pageInfo.endCursor
  }
  if (json) world.out(JSON.stringify(found))
  else if (found.length === 0) world.out(`No ${kind ?? 'document'} yet.`)
  else
    for (const line of table(
      found.map((one) => [
        `${one.kind}/${one.name}`,
        one.title === one.name ? '' : one.title,
        `generation ${one.status.generation}`,
        `${clock(one.updatedAt, Date.now())} ${one.updatedBy}`,
        one.managers.map(({ manager }) => manager).join(', '),
      ]),
    ))
      world.out(line)
  return EXIT.ok
}

async function show(context: Context, given: string): Promise<number> {
  const { client, world, json, flags } = context
  const [kind = '', name = ''] = given.split('/')
  const { document } = await client.query(DOCUMENT, { kind, name, ...projectOf(context) })
  if (!document) throw new NothingToDo(`there is no ${given} that you may see`)
  if (json) {
    world.out(JSON.stringify(document))
    return EXIT.ok
  }
  if (isOn(flags, 'status')) {
    const { status, managers, updatedAt, updatedBy } = document
    // Comments, so that the whole of it can go back into `baton apply`.
    world.out(`# generation ${status.generation}, ${clock(updatedAt, Date.now())} ${updatedBy}`)
    for (const { type, status: is, reason, message } of status.conditions)
      world.out(`# ${type}: ${is.toLowerCase()} (${reason}) ${message}`)
    for (const { manager, fields } of managers) world.out(`# ${manager} looks after ${fields.join(', ')}`)
  }
  world.out(document.source.trimEnd())
  return EXIT.ok
}
