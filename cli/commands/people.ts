import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { whole } from '../../api/client/index.ts'
import { isOn, text, UsageError, word } from '../args.ts'
import { configPath, type Context } from '../context.ts'
import { clock, table } from '../draw.ts'
import { EXIT } from '../exit.ts'
import type { Command } from '../main.ts'
import { personNamed } from './accounts.ts'
import { INVITATIONS, INVITE, PROJECTS, REVOKE_INVITATION } from '../queries/people.ts'
import { NEW_TOKEN, REVOKE_TOKEN, TOKENS, VIEWER } from '../queries/tokens.ts'

/** “As operator in shop, Tester and Web team”. */
function carries(made: {
  readonly role: string
  readonly project: string | null
  readonly places: readonly { readonly title: string }[]
}): string {
  const places = made.places.map(({ title }) => title)
  return [`${made.role}${made.project === null ? '' : ` in ${made.project}`}`, ...places].join(', ')
}
export const invite: Command = {
  usage:
    'invite [<role>] [--project <name>] [--roles <role>,group:<name>] [--new-project] | list | revoke <invitation>',
  about:
    'Makes an invitation link: single use, 7 days. Carries a role, everywhere or in one project, and the business roles and groups of whoever joins.',
  flags: { roles: 'value', 'new-project': 'switch' },
  async run({ client, world, json, flags, project }, parsed) {
    const verb = parsed.words[0]
    if (verb === 'list') return list({ client, world, json, project })
    if (verb === 'revoke') {
      const { revokeInvitation } = await client.query(REVOKE_INVITATION, { id: word(parsed, 1, 'the invitation') })
      world.out(json ? JSON.stringify(revokeInvitation) : 'It opens nothing any more.')
      return EXIT.ok
    }
    const { invite: made } = await client.query(INVITE, {
      role: verb ?? 'starter',
      project: project ?? null,
      places:
        text(flags, 'roles')
          ?.split(/[\s,]+/)
          .filter(Boolean) ?? null,
      newProject: isOn(flags, 'new-project'),
    })
    world.out(
      json
        ? JSON.stringify(made)
        : `${made.link}\nOr in chat: /start ${made.code} (Telegram), /baton link ${made.code} (Slack). As ${carries(made)}, until ${clock(made.expiresAt, Date.now())}.`,
    )
    return EXIT.ok
  },
}
/** Those that are open, then those that were used. */
async function list({ client, world, json, project }: Pick<Context, 'client' | 'world' | 'json' | 'project'>) {
  const { invitations } = await client.query(INVITATIONS, { project: project ?? null })
  if (json) world.out(JSON.stringify(invitations))
  else if (invitations.length === 0) world.out('No invitations.')
  else
    for (const line of table(
      invitations.map((one) => [
        one.id,
        carries(one),
        `by ${one.createdBy}`,
        one.usedBy === null ? `until ${clock(one.expiresAt, Date.now())}` : `used: ${one.usedBy}`,
        one.leftOut.length > 0 ? `not given: ${one.leftOut.map(({ title }) => title).join(', ')}` : '',
      ]),
    ))
      world.out(line)
  return EXIT.ok
}

export const projects: Command = {
  usage: 'projects',
  about: 'Projects you may see: your role there, how many apps.',
  flags: {},
  async run({ client, world, json }) {
    const all = await whole(
      async ({ first, after }) =>
        (await client.query(PROJECTS, { first, ...(after !== undefined && { after }) })).projects,
      ({ name }) => name,
    )
    if (json) world.out(JSON.stringify(all))
    else
      for (const line of table(
        all.map(({ name, role, appCount }) => [name, role, `${appCount} ${appCount === 1 ? 'app' : 'apps'}`]),
      ))
        world.out(line)
    return EXIT.ok
  },
}

export const token: Command = {
  usage:
    'token list [--of <person>] | new <name> [--scopes a,b] [--expires <date>] [--for <service account>] | revoke <id> | new --owner | new --person <name> --role <role>',
  about: 'Tokens for tools. `new --owner` and `new --person` work on the server itself, straight from the data folder.',
  flags: {
    scopes: 'value',
    expires: 'value',
    for: 'value',
    of: 'value',
    owner: 'switch',
    person: 'value',
    role: 'value',
    data: 'value',
  },
  local: (parsed) =>
    parsed.words[0] === 'new' && (parsed.flags['owner'] === true || typeof parsed.flags['person'] === 'string'),
  runLocal: (world, argv) => {
    // The composition root alone may open the data folder; it runs as a process of its own.
    const child = spawnSync(
      process.execPath,
      [fileURLToPath(new URL('../../api/entry/offline.ts', import.meta.url)), ...argv],
      { env: { ...world.env }, encoding: 'utf8' },
    )
    if (child.stdout) world.out(child.stdout.trimEnd())
    if (child.stderr) world.err(child.stderr.trimEnd())
    return child.status ?? EXIT.failed
  },
  async run({ client, world, json, flags }, parsed) {
    const verb = word(parsed, 0, 'list, new or revoke')
    if (verb === 'list') {
      const of = text(flags, 'of')
      const { tokens } = await client.query(TOKENS, {
        person: of === undefined ? null : (await personNamed(client, of)).id,
      })
      if (json) world.out(JSON.stringify(tokens))
      else
        for (const line of table(
          tokens.map((one) => [
            one.id,
            one.name,
            one.scopes.join(',') || 'all',
            one.revoked ? 'revoked' : one.expiresAt ? `until ${clock(one.expiresAt, Date.now())}` : 'no end',
            one.lastUsedAt ? `used ${clock(one.lastUsedAt, Date.now())}` : 'never used',
          ]),
        ))
          world.out(line)
    } else if (verb === 'new') {
      const [scopes, expiresAt] = [text(flags, 'scopes')?.split(','), text(flags, 'expires')]
      const account = text(flags, 'for')
      const whose = account === undefined ? null : (await personNamed(client, account)).id
      const { createToken } = await client.query(NEW_TOKEN, {
        name: word(parsed, 1, 'a name for the token'),
        ...(scopes && { scopes }),
        ...(expiresAt && { expiresAt }),
        ...(whose && { person: whose }),
      })
      world.out(json ? JSON.stringify(createToken) : `${createToken.token}\nShown once. Keep it like a password.`)
    } else if (verb === 'revoke') {
      const { revokeToken } = await client.query(REVOKE_TOKEN, { id: word(parsed, 1, 'the token') })
      world.out(json ? JSON.stringify(revokeToken) : `${revokeToken.name} is revoked.`)
    } else throw new UsageError(`token ${verb} is not a command: list, new or revoke`)
    return EXIT.ok
  },
}

export const login: Command = {
  usage: 'login <url> --token <token>',
  about: 'Remembers server and token for this user.',
  flags: {},
  async run({ client, world, flags }, parsed) {
    const url = word(parsed, 0, 'the address of the server')
    const { viewer } = await client.query(VIEWER)
    // The server answers nobody too: a token that speaks for no person would fail at every command.
    if (!viewer.person) {
      world.err(
        `${url} does not know this token: it is misspelt, revoked, out of date, of another server, or the bots’ own. Nothing was saved.`,
      )
      world.err('On the server itself `baton token new --owner` makes one.')
      return EXIT.forbidden
    }
    const path = configPath(world.env)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, JSON.stringify({ url, token: text(flags, 'token') }), { mode: 0o600 })
    world.out(`Signed in to ${url} as ${viewer.person.name}.`)
    return EXIT.ok
  },
}
