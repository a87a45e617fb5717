import { catalogue } from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody, wholly } from '../../auth/allow.ts'
import { sure } from '../../auth/proof.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, open, pageSize, seal } from '../../graphql/connection.ts'
import { accountsOf } from './load.ts'

type PersonShape = catalogue.Person

const Account = builder.objectRef<catalogue.Identity>('Account').implement({
  description: 'A chat account, token or browser that is this person.',
  fields: (t) => ({
    id: t.exposeID('id'),
    platform: t.exposeString('platform'),
    team: t.string({ nullable: true, resolve: (account) => account.team || null }),
    user: t.exposeString('user'),
    name: t.exposeString('name'),
    linkedAt: t.field({ type: 'DateTime', resolve: (account) => account.linkedAt }),
  }),
})
/** The bots by themselves need to know whom to write to; acting for somebody they see what that person sees. */
export const seesAllOf = (context: Context, { id }: PersonShape): boolean =>
  context.who.person?.id === id ||
  (context.who.service && context.who.account === null) ||
  rightsIn(context, 'default').has('manage-people')
export const Person = builder.objectRef<PersonShape>('Person').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    email: t.string({
      nullable: true,
      description: 'For the person and who manages people.',
      resolve: (person, _, context) => (seesAllOf(context, person) ? person.email : null),
    }),
    role: t.string({
      nullable: true,
      description: 'Of rights, everywhere nothing else is said. For the person and who manages people.',
      resolve: (person, _, context) => (seesAllOf(context, person) ? person.role : null),
    }),
    language: t.string({
      nullable: true,
      description: 'For the person and who manages people.',
      resolve: (person, _, context) => (seesAllOf(context, person) ? person.language : null),
    }),
    timeZone: t.string({
      nullable: true,
      description: 'For the person and who manages people.',
      resolve: (person, _, context) => (seesAllOf(context, person) ? person.timeZone : null),
    }),
    identities: t.field({
      type: [Account],
      description: 'For the person and who manages people; else none.',
      resolve: (person, _, context) => (seesAllOf(context, person) ? accountsOf(context, person.id) : []),
    }),
    businessRoles: t.stringList({ resolve: (person, _, { directory }) => [...directory.rolesOf(person.id)] }),
    active: t.exposeBoolean('active', { description: 'Suspended and merged people are not: nobody is asked in them.' }),
  }),
})
const PersonConnection = connectionOf('Person', Person)

/** The last one of the page before. @throws INVALID_INPUT */
function placeOf(cursor: string): { name: string; id: string } {
  const [id, ...name] = open(cursor).split(' ')
  if (!id || name.length === 0) throw badInput('after', 'MALFORMED', 'This is no cursor of this list')
  return { id, name: name.join(' ') }
}

builder.queryFields((t) => ({
  people: t.field({
    type: PersonConnection,
    args: { first: t.arg.int(), after: t.arg.string(), search: t.arg.string() },
    resolve: (_, { first, after, search }, context) => {
      somebody(context)
      const size = pageSize(first)
      const rows = context.db.read((tx) => catalogue.pageOfPeople(tx, search, size + 1, after ? placeOf(after) : null))
      return {
        nodes: rows.slice(0, size),
        cursorOf: ({ name, id }) => seal(`${id} ${name}`),
        hasNextPage: rows.length > size,
        get totalCount() {
          return context.db.read((tx) => catalogue.countPeople(tx, search))
        },
      }
    },
  }),
}))

builder.mutationFields((t) => ({
  setPreferences: t.field({
    type: Person,
    args: { language: t.arg.string(), timeZone: t.arg.string(), name: t.arg.string() },
    description:
      'What the viewer likes. A name is how documents speak of a person, so only who may manage people changes one.',
    resolve: (_, { language, timeZone, name }, context) =>
      act(context, 'setPreferences', somebody(context).id, async () => {
        const { id } = somebody(context)
        if (timeZone && !isZone(timeZone))
          throw badInput('timeZone', 'UNKNOWN', `“${timeZone}” is no time zone. Use one like Asia/Shanghai`)
        if (language && !/^(en|zh)\b/.test(language)) throw badInput('language', 'UNKNOWN', 'Languages are en and zh')
        if (name) mayDo(context, 'manage-people')
        const person = await context.db.write((tx) => {
          const change = {
            ...(language !== undefined && { language }),
            ...(timeZone !== undefined && { timeZone }),
            ...(name && { name: catalogue.freeName(tx, name.trim().slice(0, 80), { mayBeSpokenOf: true, mine: id }) }),
          }
          if (Object.keys(change).length > 0) catalogue.changePerson(tx, id, change)
          return catalogue.personById(tx, id)!
        })
        context.directory.refresh({ people: [id] })
        return person
      }),
  }),
  unlinkIdentity: t.field({
    type: Person,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      act(context, 'unlinkIdentity', id, async () => {
        const person = somebody(context)
        const identity = context.db.read((tx) => catalogue.identityById(tx, id))
        if (!identity) throw notFound('account', id)
        if (identity.person !== person.id) mayDo(context, 'manage-people')
        else wholly(context)
        sure(context)
        await context.db.write((tx) => catalogue.unlinkIdentity(tx, id))
        context.access.changed([identity.person])
        return context.db.read((tx) => catalogue.personById(tx, identity.person))!
      }),
  }),
}))

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
