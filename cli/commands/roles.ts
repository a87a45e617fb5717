import { whole } from '../../api/client/index.ts'
import { isOn, text, UsageError, word } from '../args.ts'
import { clock, table } from '../draw.ts'
import { EXIT, NothingToDo } from '../exit.ts'
import type { Command } from '../main.ts'
import {
  ADD_MEMBER,
  DELETE_RIGHTS_ROLE,
  REMOVE_MEMBER,
  RIGHTS,
  ROLE,
  ROLES,
  SET_RIGHTS_ROLE,
  SET_ROLE,
  STANDING,
} from '../queries/roles.ts'
import { personNamed } from './accounts.ts'

/** Roles, then groups, however many there are. */
async function bothOf<T extends { readonly project: string; readonly name: string }>(
  ask: (after: {
    readonly first: number
    readonly rolesAfter?: string
    readonly groupsAfter?: string
  }) => Promise<{ readonly roles: readonly T[]; readonly groups: readonly T[] }>,
): Promise<T[]> {
  const keyOf = ({ project, name }: T): string => `${project}/${name}`
  const roles = await whole(
    async ({ first, after }) => (await ask({ first, ...(after !== undefined && { rolesAfter: after }) })).roles,
    keyOf,
  )
  const groups = await whole(
    async ({ first, after }) => (await ask({ first, ...(after !== undefined && { groupsAfter: after }) })).groups,
    keyOf,
  )
  return [...roles, ...groups]
}
/** `ops`, `role:ops`, `group:web`. */
function partNamed(ref: string): { kind: 'role' | 'group'; name: string } {
  const [kind, ...name] = ref.split(':')
  if (name.length === 0) return { kind: 'role', name: ref }
  if (kind !== 'role' && kind !== 'group') throw new UsageError(`expected role:<name> or group:<name>, but got ${ref}`)
  return { kind, name: name.join(':') }
}
const refOf = ({ kind, name }: { readonly kind: string; readonly name: string }): string => `${kind}:${name}`

export const roles: Command = {
  usage: 'roles [role:<name> | group:<name>] | add <role> <person> | remove <role> <person>',
  about: 'Business roles and groups: who stands in them, who is on duty, who comes next.',
  flags: {},
  async run({ client, world, json, project }, parsed) {
    const verb = parsed.words[0]
    if (verb === 'add' || verb === 'remove') {
      const part = partNamed(word(parsed, 1, 'the role or group'))
      const typed = word(parsed, 2, 'the person')
      // An address may be anybody's: the server knows whose it is.
      const person = typed.includes('@') ? { id: typed, name: typed } : await personNamed(client, typed)
      const wish = { ...part, project: project ?? null, person: person.id }
      const made =
        verb === 'add'
          ? (await client.query(ADD_MEMBER, wish)).addMember
          : (await client.query(REMOVE_MEMBER, wish)).removeMember
      const says = verb === 'add' ? 'stands in' : 'stands no more in'
      world.out(json ? JSON.stringify(made) : `${person.name} ${says} ${made.title} (${made.memberCount}).`)
      return EXIT.ok
    }
    if (verb !== undefined) {
      const wanted = partNamed(verb)
      const found = await bothOf((after) => client.query(ROLE, { project: project ?? null, ...after }))
      const named = found.filter(({ name }) => name === wanted.name)
      // A bare name is a role's; where there is none, the group of that name is meant.
      const one = named.find(({ kind }) => kind === wanted.kind) ?? (verb.includes(':') ? undefined : named[0])
      if (!one) {
        const near = found.filter(({ name }) => name.startsWith(wanted.name.slice(0, 2))).map(refOf)
        throw new NothingToDo(
          `there is no ${refOf(wanted)} here${near.length > 0 ? `: did you mean ${near.join(' or ')}?` : ''}`,
        )
      }
      if (json) world.out(JSON.stringify(one))
      else for (const line of drawn(one, Date.now())) world.out(line)
      return EXIT.ok
    }
    const all = await bothOf((after) => client.query(ROLES, { project: project ?? null, ...after }))
    if (json) world.out(JSON.stringify(all))
    else if (all.length === 0) world.out('No roles and no groups.')
    else
      for (const line of table(
        all.map((one) => [
          refOf(one),
          one.title,
          one.project === 'default' ? '' : one.project,
          `${one.memberCount} ${one.memberCount === 1 ? 'person' : 'people'}`,
          one.hasRota ? `on duty: ${one.onDuty.map(({ name }) => name).join(', ') || 'nobody'}` : '',
        ]),
      ))
        world.out(line)
    return EXIT.ok
  },
}
interface Part {
  readonly kind: string
  readonly name: string
  readonly title: string
  readonly bindTo: string | null
  readonly members: readonly { readonly id: string; readonly name: string }[]
  readonly added: readonly { readonly id: string }[]
  readonly onDuty: readonly { readonly id: string }[]
  readonly shifts: readonly { readonly from: string; readonly people: readonly { readonly name: string }[] }[]
}
function drawn(part: Part, now: number): string[] {
  const { members, added, onDuty, shifts } = part
  const has = (people: readonly { readonly id: string }[], id: string): boolean => people.some((one) => one.id === id)
  return [
    `${part.title}  ${refOf(part)}${part.bindTo ? ` @ ${part.bindTo}` : ''}`,
    ...table(
      members.map(({ id, name }) => [
        `  ${name}`,
        shifts.length > 0 && has(onDuty, id) ? 'on duty' : '',
        has(added, id) ? 'beside the document' : '',
      ]),
    ),
    ...(members.length === 0 ? ['  nobody: what asks this role waits for attention'] : []),
    ...shifts
      .slice(1)
      .map(
        ({ from, people }) => `  from ${clock(from, now)}: ${people.map(({ name }) => name).join(', ') || 'nobody'}`,
      ),
  ]
}

export const rights: Command = {
  usage: 'rights [<person> [--role <role> | --clear] [--project <name> [--new-project]]]',
  about: 'What the roles may do; what a person may, and in which role they are, everywhere or in one project.',
  flags: { role: 'value', clear: 'switch', 'new-project': 'switch' },
  async run({ client, world, json, flags, project }, parsed) {
    const who = parsed.words[0]
    if (who === undefined) {
      const { rightsRoles } = await client.query(RIGHTS, { project: project ?? null })
      if (json) world.out(JSON.stringify(rightsRoles))
      else
        for (const line of table(
          rightsRoles.map((one) => [
            one.name,
            one.project === null ? '' : one.title,
            one.project === null || one.project === 'default' ? '' : one.project,
            one.rights.join(' '),
          ]),
        ))
          world.out(line)
      return EXIT.ok
    }
    const { id, name } = await personNamed(client, who)
    const role = text(flags, 'role')
    const clear = isOn(flags, 'clear')
    if (clear && project === undefined)
      throw new UsageError('--clear needs --project: a role everywhere is replaced, not ended')
    if (role !== undefined || clear) {
      const { setRole } = await client.query(SET_ROLE, {
        person: id,
        project: project ?? null,
        role: clear ? null : (role ?? null),
        newProject: isOn(flags, 'new-project'),
      })
      if (json) world.out(JSON.stringify(setRole))
      else {
        const where = project === undefined ? 'everywhere nothing else is said' : `in ${project}`
        world.out(clear ? `${name} has no role of their own ${where} any more.` : `${name} is ${role} ${where}.`)
      }
      return EXIT.ok
    }
    const { people } = await client.query(STANDING, { search: name })
    const one = people.nodes.find((node) => node.id === id)
    if (!one) throw new NothingToDo(`there is nobody called ${who} that you may see`)
    if (json) world.out(JSON.stringify(one))
    else {
      world.out(
        `${one.name} is ${[one.role, one.businessRoles.join(', ')].filter(Boolean).join(', and ') || 'here: what they may is for them and for who manages people'}`,
      )
      for (const line of table(one.standing.map((at) => [`  ${at.project}`, at.role, at.rights.join(' ')])))
        world.out(line)
    }
    return EXIT.ok
  },
}

export const rightsRole: Command = {
  usage:
    'rights-role <name> [--rights <verb,verb>] [--title T] [--title-zh T] [--note text] [--project <name> [--new-project]] | remove <name> [--force]',
  about: 'A role of your own: which rights it has. `rights` lists them all; `rights <person> --role <name>` gives one.',
  flags: {
    rights: 'value',
    title: 'value',
    'title-zh': 'value',
    note: 'value',
    force: 'switch',
    'new-project': 'switch',
  },
  async run({ client, world, json, flags, project }, parsed) {
    const force = isOn(flags, 'force')
    if (parsed.words[0] === 'remove') {
      const name = word(parsed, 1, 'the role')
      await client.query(DELETE_RIGHTS_ROLE, { name, project: project ?? null, force })
      world.out(json ? JSON.stringify({ deleted: true }) : `The role ${name} is gone.`)
      return EXIT.ok
    }
    const name = word(parsed, 0, 'the role')
    const [rights, title, titleZh, help] = ['rights', 'title', 'title-zh', 'note'].map((flag) => text(flags, flag))
    if ([rights, title, titleZh, help].every((given) => given === undefined)) {
      const { rightsRoles } = await client.query(RIGHTS, { project: project ?? 'default' })
      const one = rightsRoles.find((role) => role.name === name)
      if (!one) throw new NothingToDo(`there is no role ${name} here`)
      if (json) world.out(JSON.stringify(one))
      else {
        world.out([one.title, one.titleZh].filter(Boolean).join(' · '))
        if (one.help !== null) world.out(`  ${one.help}`)
        world.out(`  ${one.rights.join(' ') || 'no rights'}`)
      }
      return EXIT.ok
    }
    const { setRightsRole: made } = await client.query(SET_RIGHTS_ROLE, {
      name,
      project: project ?? null,
      title: title ?? null,
      titleZh: titleZh ?? null,
      help: help ?? null,
      rights: rights?.split(/[\s,]+/).filter(Boolean) ?? null,
      force,
      newProject: isOn(flags, 'new-project'),
    })
    world.out(json ? JSON.stringify(made) : `${made.title} may: ${made.rights.join(' ') || 'nothing'}.`)
    return EXIT.ok
  },
}
