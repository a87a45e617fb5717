import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { text, UsageError, word } from '../args.ts'
import { configPath } from '../context.ts'
import { clock, table } from '../draw.ts'
import { EXIT } from '../exit.ts'
import type { Command } from '../main.ts'
import { personNamed } from './accounts.ts'
import { INVITE, NEW_TOKEN, REVOKE_TOKEN, TOKENS, VIEWER } from '../queries/tokens.ts'

export const invite: Command = {
  usage: 'invite [<role>]',
  about: 'Makes an invitation link: single use, 7 days.',
  flags: {},
  async run({ client, world, json }, parsed) {
    const { invite: made } = await client.query(INVITE, { role: parsed.words[0] ?? 'starter' })
    world.out(
      json
        ? JSON.stringify(made)
        : `${made.link}\nOr in chat: /start ${made.code} (Telegram), /baton link ${made.code} (Slack). As ${made.role}, until ${clock(made.expiresAt, Date.now())}.`,
    )
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
