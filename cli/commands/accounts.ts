import { ClientError, type Client } from '../../api/client/index.ts'
import {
  ANSWER_MERGE,
  ASK_MERGE,
  END_SESSION,
  END_SESSIONS,
  HAND_OVER,
  LINK_CODE,
  MERGE_CODE,
  MERGES,
  PASSKEYS,
  PEOPLE,
  REMOVE_PASSKEY,
  RESTORE,
  SERVICE,
  SESSIONS,
  SUSPEND,
  TOOLS,
  UNDO_MERGE,
} from '../queries/accounts.ts'
import { isOn, text, UsageError, word } from '../args.ts'
import { clock, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'

/** A person by id or by their whole name. @throws NothingToDo when nobody, or more than one, is called so. */
export async function personNamed(client: Client, ref: string): Promise<{ id: string; name: string }> {
  const { people } = await client.query(PEOPLE, { search: ref.startsWith('p_') ? null : ref })
  const found = people.nodes.filter(({ id, name }) => id === ref || name.toLowerCase() === ref.toLowerCase())
  const [one, other] = found
  if (!one) {
    const close = people.nodes.slice(0, 5).map(({ name }) => name) // the search finds parts of names, too
    throw new NothingToDo(
      `there is nobody called ${ref} that you may see${close.length > 0 ? `: did you mean ${close.join(' or ')}?` : ''}`,
    )
  }
  if (other) throw new NothingToDo(`several people are called ${ref}: ${found.map(({ id }) => id).join(', ')}`)
  return one
}

/** What goes on when this person goes. */
async function toolsOf(client: Client, { id, name }: { id: string; name: string }) {
  const { people } = await client.query(TOOLS, { search: name })
  return people.nodes.find((one) => one.id === id)?.tools ?? { accounts: [], tokens: [] }
}
type ToolsOf = Awaited<ReturnType<typeof toolsOf>>
const listed = ({ accounts, tokens }: ToolsOf): string =>
  [
    ...accounts.map(({ name }) => `service account ${name}`),
    ...tokens.map(({ name, of }) => `token ${name}${of ? ` of ${of.name}` : ''}`),
  ].join(', ')

async function suspend(run: Parameters<Command['run']>[0], who: string): Promise<void> {
  const { client, world, json, flags } = run
  const [ends, to] = [isOn(flags, 'end-tools'), text(flags, 'tools-to')]
  if (ends && to !== undefined) throw new UsageError('either --end-tools or --tools-to <person>')
  const person = await personNamed(client, who)
  const heir = to === undefined ? null : await personNamed(client, to)
  const tools = await toolsOf(client, person)
  const { suspendPerson } = await client.query(SUSPEND, {
    id: person.id,
    reason: text(flags, 'reason') ?? null,
    tools: ends ? 'END' : heir ? 'HAND_OVER' : null,
    toolsTo: heir?.id ?? null,
  })
  if (json) return world.out(JSON.stringify({ ...suspendPerson, tools }))
  world.out(`${suspendPerson.name} is suspended, everywhere from now on.`)
  if (tools.accounts.length + tools.tokens.length === 0) return
  if (ends) world.out(`Ended with them: ${listed(tools)}.`)
  else if (heir)
    world.out(`${heir.name} looks after these now: ${listed(tools)}. ${person.name} may know the tokens still.`)
  else
    world.out(
      `These go on: ${listed(tools)}. The same command again with --end-tools or --tools-to <person> settles that.`,
    )
}

export const people: Command = {
  usage:
    'people [<search>] | suspend <person> [--reason <why>] [--end-tools | --tools-to <person>] | restore <person> | service <name> --role <role> | keeper <account> <person>',
  about:
    'Who is here. `suspend` takes effect at once everywhere, and says what tools of theirs go on; `service` makes an account for a tool, `keeper` says who looks after it.',
  flags: { reason: 'value', role: 'value', 'end-tools': 'switch', 'tools-to': 'value' },
  async run(given, parsed) {
    const { client, world, json, flags } = given
    const verb = parsed.words[0]
    if (verb === 'suspend') await suspend(given, word(parsed, 1, 'the person'))
    else if (verb === 'keeper') {
      const [account, to] = [word(parsed, 1, 'the service account'), word(parsed, 2, 'who looks after it')]
      const { id } = await personNamed(client, account)
      const { handOverAccount: done } = await client.query(HAND_OVER, { id, to: (await personNamed(client, to)).id })
      world.out(json ? JSON.stringify(done) : `${done.keeper?.name ?? to} looks after ${done.name} now.`)
    } else if (verb === 'restore') {
      const { id } = await personNamed(client, word(parsed, 1, 'the person'))
      const { restorePerson } = await client.query(RESTORE, { id })
      world.out(json ? JSON.stringify(restorePerson) : `${restorePerson.name} is back.`)
    } else if (verb === 'service') {
      const role = text(flags, 'role')
      if (role === undefined) throw new UsageError('people service <name> --role <role>')
      const wish = { name: word(parsed, 1, 'a name for the account'), role }
      const { createServiceAccount: made } = await client.query(SERVICE, wish)
      world.out(
        json
          ? JSON.stringify(made)
          : `${made.name} is a service account, as ${made.role}. Give it a token: baton token new <name> --for ${made.id}`,
      )
    } else {
      const { people: found } = await client.query(PEOPLE, { search: verb ?? null })
      if (json) world.out(JSON.stringify(found))
      else
        for (const line of table(
          found.nodes.map(({ id, name, kind, role, active, mergedInto, suspended, identities }) => [
            name,
            [role, kind === 'service' ? '(service account)' : null].filter(Boolean).join(' '),
            suspended
              ? `suspended${suspended.by ? ` by ${suspended.by}` : ''}`
              : mergedInto
                ? 'merged'
                : active
                  ? ''
                  : 'not active',
            identities.map(({ platform, name: account }) => `${platform}:${account}`).join(' '),
            id,
          ]),
        ))
          world.out(line)
    }
    return EXIT.ok
  },
}

export const sessions: Command = {
  usage: 'sessions [--person <person>] | end <id> | end --all [--person <person>]',
  about: 'Browsers in which somebody is signed in; `end` signs one out, or all of them.',
  flags: { person: 'value', all: 'switch' },
  async run({ client, world, json, flags }, parsed) {
    const ref = text(flags, 'person')
    const person = ref === undefined ? null : (await personNamed(client, ref)).id
    if (parsed.words[0] === 'end' && isOn(flags, 'all')) {
      const { endSessions: count } = await client.query(END_SESSIONS, { person })
      world.out(json ? JSON.stringify({ ended: count }) : `${count} signed out.`)
    } else if (parsed.words[0] === 'end') {
      const { endSession } = await client.query(END_SESSION, { id: word(parsed, 1, 'the session') })
      world.out(json ? JSON.stringify(endSession) : `${endSession.browser ?? 'It'} is signed out.`)
    } else if (parsed.words.length > 0) throw new UsageError(`sessions ${parsed.words[0]} is not a command: end`)
    else {
      const { sessions: found } = await client.query(SESSIONS, { person })
      if (json) world.out(JSON.stringify(found))
      else if (found.length === 0) world.out('Signed in nowhere.')
      else
        for (const line of table(
          found.map(({ id, browser, how, createdAt, lastSeenAt }) => [
            id,
            browser ?? 'unknown',
            how ? `by ${how}` : '',
            `since ${clock(createdAt, Date.now())}`,
            lastSeenAt ? `seen ${clock(lastSeenAt, Date.now())}` : '',
          ]),
        ))
          world.out(line)
    }
    return EXIT.ok
  },
}

export const passkeys: Command = {
  usage: 'passkeys [--person <person>] | remove <id>',
  about:
    'Passkeys, which are made on the page. One’s own are removed there too, with a passkey; owners remove lost ones here.',
  flags: { person: 'value' },
  async run({ client, world, json, flags }, parsed) {
    if (parsed.words[0] === 'remove') {
      const { removePasskey } = await client.query(REMOVE_PASSKEY, { id: word(parsed, 1, 'the passkey') })
      world.out(json ? JSON.stringify(removePasskey) : `${removePasskey.name} is removed.`)
      return EXIT.ok
    }
    const ref = text(flags, 'person')
    const person = ref === undefined ? null : (await personNamed(client, ref)).id
    const { passkeys: found } = await client.query(PASSKEYS, { person })
    if (json) world.out(JSON.stringify(found))
    else if (found.length === 0) world.out('No passkeys.')
    else
      for (const line of table(
        found.map(({ id, name, lastUsedAt }) => [
          name,
          lastUsedAt ? `used ${clock(lastUsedAt, Date.now())}` : 'never used',
          id,
        ]),
      ))
        world.out(line)
    return EXIT.ok
  },
}

export const link: Command = {
  usage: 'link',
  about: 'A code that joins another account to you: 15 minutes, once.',
  flags: {},
  async run({ client, world, json }) {
    const { linkCode } = await client.query(LINK_CODE)
    world.out(
      json
        ? JSON.stringify(linkCode)
        : `/baton link ${linkCode.code} in Slack, /start ${linkCode.code} in Telegram, or ${linkCode.link} in another browser. Until ${clock(linkCode.expiresAt, Date.now())}.`,
    )
    return EXIT.ok
  },
}

const CONFLICTS: Readonly<Record<string, (arg: string) => string>> = {
  SAME: () => 'these are the same person already',
  INACTIVE: (name) => `${name} is suspended or merged already`,
  SERVICE: (name) => `${name} is a service account`,
  LAST_OWNER: (name) => `${name} is the only owner`,
  TWO_ACCOUNTS: (platform) => `both have an account of ${platform} in the same place: unlink one`,
  LIVE_TASK: (task) => `${task} is under way: wait for its end`,
}
interface Conflict {
  readonly code: string
  readonly arg: string
}
const wordsOf = ({ code, arg }: Conflict): string => `  ${CONFLICTS[code]?.(arg) ?? `${code} ${arg}`}`
/** Says all that stands against it, and passes the refusal on. */
async function orConflicts<T>(err: (line: string) => void, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const conflicts = error instanceof ClientError ? (error.detail['against'] as readonly Conflict[] | undefined) : [] // as the schema has it
    for (const conflict of conflicts ?? []) err(wordsOf(conflict))
    throw error
  }
}

export const merge: Command = {
  usage: 'merge [--all] | code | ask <code> | agree <id> | refuse <id> | undo <id> --reason <why>',
  about: 'Makes two people one who are the same: `code` as who stays, `ask` as the other, `agree` as who stays.',
  flags: { all: 'switch', reason: 'value' },
  async run({ client, world, json, flags }, parsed) {
    const verb = parsed.words[0]
    const say = (value: object, line: string): void => world.out(json ? JSON.stringify(value) : line)
    if (verb === 'code') {
      const { mergeCode } = await client.query(MERGE_CODE)
      say(
        mergeCode,
        `As the other one: baton merge ask ${mergeCode.code}. Until ${clock(mergeCode.expiresAt, Date.now())}.`,
      )
    } else if (verb === 'ask') {
      const code = word(parsed, 1, 'the code')
      const { askMerge: made } = await orConflicts(world.err, () => client.query(ASK_MERGE, { code }))
      say(made, `Asked. As ${made.keep.name}: baton merge agree ${made.id}`)
    } else if (verb === 'agree' || verb === 'refuse') {
      const id = word(parsed, 1, 'the merge')
      const agree = verb === 'agree'
      const { answerMerge: made } = await orConflicts(world.err, () => client.query(ANSWER_MERGE, { id, agree }))
      say(made, agree ? `${made.gone.name} is you now.` : 'Refused. Nothing changed.')
    } else if (verb === 'undo') {
      const reason = text(flags, 'reason')
      if (reason === undefined) throw new UsageError('merge undo <id> --reason <why>')
      const { undoMerge: made } = await client.query(UNDO_MERGE, { id: word(parsed, 1, 'the merge'), reason })
      say(made, `${made.keep.name} and ${made.gone.name} are two people again.`)
    } else if (verb !== undefined)
      throw new UsageError(`merge ${verb} is not a command: code, ask, agree, refuse or undo`)
    else {
      const { merges } = await client.query(MERGES, { all: isOn(flags, 'all') })
      if (json) world.out(JSON.stringify(merges))
      else if (merges.length === 0) world.out('None.')
      else
        for (const { id, state, mine, keep, gone, conflicts } of merges) {
          world.out(`${gone.name} → ${keep.name}  ${mine ? 'waits for you' : state}  ${id}`)
          for (const conflict of conflicts) world.out(wordsOf(conflict))
        }
    }
    return EXIT.ok
  },
}
