import { whole } from '../../api/client/index.ts'
import { UsageError, word, type Parsed } from '../args.ts'
import { DELETE_SECRET, SECRETS, SET_SECRET } from '../queries/administration.ts'
import type { Context } from '../context.ts'
import { clock, table } from '../draw.ts'
import { EXIT } from '../exit.ts'
import type { Command } from '../main.ts'

export const secret: Command = {
  usage: 'secret list | set <namespace>.<key> | remove <namespace>.<key>',
  about:
    'Names of secrets, when each was set and by whom, which flows may use it and which task did last; a value is read from standard input, so that it is in no shell history, and shown to nobody again.',
  flags: {},
  run: (context, parsed) => {
    const verb = word(parsed, 0, 'list, set or remove')
    const run = { list, set, remove }[verb]
    if (!run) throw new UsageError(`secret ${verb} is not a command: list, set <namespace>.<key> or remove`)
    return run(context, parsed)
  },
}
const projectOf = ({ project }: Context): { project?: string } => (project === undefined ? {} : { project })
/** @throws UsageError */
function nameOf(parsed: Parsed): { namespace: string; key: string } {
  const [namespace, key, more] = word(parsed, 1, '<namespace>.<key>').split('.')
  if (!namespace || !key || more !== undefined) throw new UsageError('expected <namespace>.<key>')
  return { namespace, key }
}

const secretsOf = ({ client }: Context, project: { readonly project?: string }) =>
  whole(
    async (piece) => (await client.query(SECRETS, { ...project, ...piece })).secretNames,
    ({ namespace, key }) => `${namespace}.${key}`,
  )
async function list(context: Context): Promise<number> {
  const { world, json } = context
  const secretNames = await secretsOf(context, projectOf(context))
  if (json) {
    world.out(JSON.stringify(secretNames))
    return EXIT.ok
  }
  if (secretNames.length === 0) world.out('No secrets yet. A SecretRef document declares them: baton apply.')
  const now = Date.now()
  for (const line of table(
    secretNames.map((one) => [
      `${one.namespace}.${one.key}`,
      one.setAt === null ? 'NOT SET' : `set ${clock(one.setAt, now)} by ${one.setBy ?? '?'}`,
      !one.declared
        ? 'no SecretRef names it'
        : one.flows === null
          ? 'every flow'
          : `for ${one.flows.join(', ') || 'no flow'}`,
      one.lastUse
        ? `used ${clock(one.lastUse.at, now)}${one.lastUse.task === null ? '' : ` by #${one.lastUse.task}`}${one.lastUse.host === null ? '' : ` for ${one.lastUse.host}`}`
        : 'never used',
      one.usedBy.length > 0 ? `named by ${one.usedBy.join(', ')}` : '',
    ]),
  ))
    world.out(line)
  return EXIT.ok
}

async function set(context: Context, parsed: Parsed): Promise<number> {
  const { client, world } = context
  const value = world.readInput().replace(/\r?\n$/, '')
  const { setSecret } = await client.query(SET_SECRET, { ...nameOf(parsed), value, ...projectOf(context) })
  const name = `${setSecret.namespace}.${setSecret.key}`
  world.out(`${name} is set.`)
  if (!setSecret.declared) {
    // Kept all the same: a value may be there before its document.
    world.err(`No SecretRef names ${name} yet: until one does, no flow can use it.`)
    const secretNames = await secretsOf(context, {})
    const declared = secretNames.filter((one) => one.declared).map((one) => `${one.namespace}.${one.key}`)
    world.err(declared.length > 0 ? `Named are ${declared.join(', ')}.` : 'There is no SecretRef at all.')
  }
  return EXIT.ok
}

async function remove(context: Context, parsed: Parsed): Promise<number> {
  const { namespace, key } = nameOf(parsed)
  await context.client.query(DELETE_SECRET, { namespace, key, ...projectOf(context) })
  context.world.out(context.json ? JSON.stringify({ deleted: true }) : `${namespace}.${key} is gone.`)
  return EXIT.ok
}
