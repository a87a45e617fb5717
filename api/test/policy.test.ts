import { readFileSync } from 'node:fs'
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isNonNullType,
  isListType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue, SYSTEM, type Right } from '../../engine/index.ts'
import { hold, POLICY, type Rule } from '../auth/policy.ts'
import { filled } from '../auth/rights-table.ts'
import { isRole, ROLES } from '../auth/rights.ts'
import { whoIs } from '../auth/who.ts'
import type { Context } from '../context.ts'
import { schema } from '../graphql/schema.ts'
import { applyDocuments, readDocuments } from '../modules/document/apply.ts'
import { refreshDocuments } from '../modules/document/document.ts'
import { FLOWS, startTestServer, type TestServer } from './support.ts'

type Field = GraphQLField<unknown, unknown>
const roots = {
  Query: schema.getQueryType()!,
  Mutation: schema.getMutationType()!,
  Subscription: schema.getSubscriptionType()!,
}
const fieldsOf = (type: keyof typeof roots): [string, Field][] =>
  Object.values(roots[type].getFields()).map((field) => [`${type}.${field.name}`, field])
const ALL = [...fieldsOf('Query'), ...fieldsOf('Mutation'), ...fieldsOf('Subscription')]

test('every question, act and stream has its rule, and no rule is about something gone', () => {
  expect(ALL.map(([name]) => name).filter((name) => POLICY[name] === undefined)).toEqual([])
  expect(Object.keys(POLICY).filter((name) => !ALL.some(([known]) => known === name))).toEqual([])
})
test('docs/rights.md says what is enforced (npm run rights:print)', () => {
  const page = readFileSync(new URL('../../docs/rights.md', import.meta.url), 'utf8')
  expect(filled(page)).toBe(page)
})

/** A role that the company made itself, beside those that are always there. */
const OWN: readonly Right[] = ['view', 'operate', 'override-freeze', 'audit']
const SETS: { readonly [role: string]: readonly Right[] } = { ...ROLES, releaser: OWN }

let server: TestServer
/** Of each role: somebody here, and somebody who has it in another project and nothing here. */
const PLACES = ['here', 'elsewhere'] as const
type Persona = `${string} ${(typeof PLACES)[number]}`
const tokens = new Map<Persona | 'the bots' | 'nobody', string | null>()
const people = new Map<Persona, string>()
let task: { id: string; number: number }
let ask: string
beforeAll(async () => {
  server = await startTestServer()
  const { db, deps, engine, clock } = server
  await db.write((tx) => {
    for (const role of Object.keys(SETS))
      for (const place of PLACES) {
        const name = `${role} ${place}` as const
        const person = catalogue.addPerson(tx, { name, role: place === 'here' ? role : 'none', named: true }, clock.now)
        if (place === 'elsewhere') catalogue.grant(tx, person.id, 'vault', role)
        people.set(name, person.id)
        tokens.set(name, catalogue.makeToken(tx, { person: person.id, name: 'test' }, clock.now).secret)
      }
  })
  tokens.set('the bots', server.tokens.service)
  tokens.set('nobody', null)
  const own = `apiVersion: baton/v1\nkind: RightsRole\nmetadata: {name: releaser}\nspec: {rights: [${OWN.join(', ')}]}`
  const host = `apiVersion: baton/v1\nkind: Host\nmetadata: {name: box}\nspec: {address: 10.9.8.7, user: root, key: ssh.key}`
  await applyDocuments(db, readDocuments(`${host}\n---\n${own}`), {
    dryRun: false,
    force: false,
    manager: 'test',
    by: SYSTEM,
    now: clock.now,
    plugins: engine.plugins,
  })
  // What everybody may see would show to strangers too: here only those named do.
  const closed = FLOWS.split('---')[1]!.replace('see: [everyone]', 'see: ["role:ops"]')
  await applyDocuments(db, readDocuments(closed), {
    dryRun: false,
    force: true,
    manager: 'test',
    by: SYSTEM,
    now: clock.now,
    plugins: engine.plugins,
  })
  refreshDocuments(deps)
  task = await server.launch()
  await server.until(task.id, 'waiting')
  ask = [...(await engine.task(task.id))!.state.asks.values()][0]!.id
})
afterAll(() => server.end())

// ---- calls made from the schema alone, so that a new field is called too ---------------------------------------------

/** Something of the type that an argument wants: what is there where `real`, else what is not. */
function valueOf(field: string, name: string, type: GraphQLInputType, real: boolean): unknown {
  if (isNonNullType(type)) return valueOf(field, name, type.ofType, real)
  if (isListType(type)) return [valueOf(field, name, type.ofType, real)]
  if (isEnumType(type)) return type.getValues()[0]!.name
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter((one) => isNonNullType(one.type) || (real && isNamed(one.name)))
        .map((one) => [one.name, valueOf(field, one.name, one.type, real)]),
    )
  const known = real && isNamed(name) ? REAL[name]!(field) : undefined
  if (known !== undefined && TAKES[getNamedType(type).name]?.includes(typeof known)) return known
  switch (getNamedType(type).name) {
    case 'Int':
      return 0
    case 'Float':
      return 0
    case 'Boolean':
      return true
    case 'JSON':
      return {}
    case 'DateTime':
      return '2030-01-01T00:00:00Z'
    default:
      return name === 'document' || name === 'documents' ? 'kind: Nonsense' : 'nothing'
  }
}
const REAL: { readonly [argument: string]: (field: string) => unknown } = {
  id: (field) => (/Ask$|\.ask$/i.test(field) && !/openAsk/.test(field) ? ask : task.id),
  task: () => task.id,
  taskId: () => task.id,
  askId: () => ask,
  nodeId: () => 'deploy',
  event: () => 1,
  attempt: () => 1,
  app: () => 'ship',
  name: (field) => (/host/i.test(field) ? 'box' : 'ship'),
  flow: () => 'ship',
  field: () => 'version',
  kind: () => 'Flow',
  document: () => FLOWS.split('---')[0],
  documents: () => FLOWS,
  person: () => people.get('owner here'),
  role: () => 'viewer',
  namespace: () => 'ssh',
  key: () => 'key',
  value: () => 'a-new-secret',
  reason: () => 'because',
  comment: () => 'because',
  to: () => 'Stu',
}
const TAKES: { readonly [type: string]: readonly string[] } = {
  Int: ['number'],
  ID: ['string'],
  String: ['string'],
  JSON: ['string'],
}
const isNamed = (name: string): boolean => Object.hasOwn(REAL, name)

function callOf(field: string, { name, args, type }: Field, real: boolean): { query: string; variables: object } {
  const given = args.filter((arg) => isNonNullType(arg.type) || (real && isNamed(arg.name)))
  // One of app and flow, one of id, number and key.
  const wanted = given.filter((arg) => !(arg.name === 'key' && field === 'Query.task'))
  const variables = Object.fromEntries(wanted.map((arg) => [arg.name, valueOf(field, arg.name, arg.type, real)]))
  const input = variables['input'] as Record<string, unknown> | undefined
  if (input && 'flow' in input && 'app' in input) delete input['flow']
  const head = wanted.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ')
  const pass = wanted.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
  const named = getNamedType(type)
  const selection = isObjectType(named) ? ` { ${selected(named, real ? 2 : 0)} }` : ''
  const kind = field.startsWith('Mutation') ? 'mutation' : 'query'
  return {
    query: `${kind}${head ? `(${head})` : ''} { ${name}${pass ? `(${pass})` : ''}${selection} }`,
    variables,
  }
}
const needsArgs = (args: readonly GraphQLArgument[]): boolean => args.some((arg) => isNonNullType(arg.type))
function selected(type: GraphQLObjectType, depth: number): string {
  if (depth === 0) return '__typename'
  const parts = Object.values(type.getFields())
    .filter((field) => !needsArgs(field.args) && field.name !== 'edges')
    .flatMap((field) => {
      const named = getNamedType(field.type)
      if (isLeafType(named)) return [field.name]
      const further = field.name === 'nodes' ? depth : depth - 1
      return isObjectType(named) && further > 0
        ? [`${field.name} { ${selected(named, further - (field.name === 'nodes' ? 1 : 0) || 1)} }`]
        : []
    })
  return parts.join(' ') || '__typename'
}
interface Reply {
  readonly data?: { readonly [field: string]: unknown } | null
  readonly errors?: readonly { message: string; path?: readonly string[]; extensions: { [key: string]: unknown } }[]
}
async function call(
  who: Persona | 'the bots' | 'nobody',
  field: string,
  definition: Field,
  real = false,
): Promise<Reply> {
  const token = tokens.get(who)
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  return (await (await server.post('/graphql', callOf(field, definition, real), headers)).json()) as Reply
}
const codeOf = ({ errors }: Reply, name: string): unknown =>
  errors?.find(({ path }) => path === undefined || path[0] === name)?.extensions['code'] ?? null

// ---- every field as every role, here and elsewhere, and as nobody ----------------------------------------------------

const CALLED = ALL.filter(
  ([name, field]) => !name.startsWith('Subscription.') && !isUpload(field) && POLICY[name] !== undefined,
)
function isUpload(field: Field): boolean {
  return field.args.some((arg) => getNamedType(arg.type).name === 'File')
}
/** What the table promises, worked out apart from the function that keeps it. */
function promised(rule: Rule, who: Persona | 'the bots' | 'nobody'): 'pass' | 'UNAUTHENTICATED' | 'FORBIDDEN' {
  if (rule.needs === 'nobody') return 'pass'
  if (who === 'the bots') {
    if (rule.bots || (rule.needs === 'bots' && !rule.acting)) return 'pass'
    return 'UNAUTHENTICATED'
  }
  if (rule.needs === 'bots') return 'FORBIDDEN'
  if (who === 'nobody') return 'UNAUTHENTICATED'
  if (rule.needs === 'somebody' || rule.in?.({}) === null) return 'pass'
  const [role = '', place] = who.split(' ')
  const rights: readonly Right[] = place === 'here' ? SETS[role]! : []
  return rule.needs.some((right) => rights.includes(right)) ? 'pass' : 'FORBIDDEN'
}
const PERSONAS = [
  ...Object.keys(SETS).flatMap((role) => PLACES.map((place): Persona => `${role} ${place}`)),
  'the bots',
  'nobody',
] as const

describe.each(PERSONAS)('%s', (who) => {
  test('is let through and refused as the table says, at every field', async () => {
    const wrong: unknown[] = []
    for (const [name, field] of CALLED) {
      const wanted = promised(POLICY[name]!, who)
      const reply = await call(who, name, field)
      const code = codeOf(reply, field.name)
      const ok = wanted === 'pass' ? code !== 'UNAUTHENTICATED' || who === 'the bots' : code === wanted
      if (!ok || code === 'INTERNAL') wrong.push([name, wanted, code, reply.errors?.[0]?.message])
    }
    expect(wrong).toEqual([])
  })
})
test.each(fieldsOf('Subscription'))('%s is held against the table like the rest', (name) => {
  const args = { id: task.id, taskId: task.id, nodeId: 'deploy', attempt: 1 }
  for (const who of PERSONAS) {
    const token = tokens.get(who)
    const headers = new Headers(token ? { authorization: `Bearer ${token}` } : {})
    const context = { ...server.deps, who: whoIs(server.db, headers, server.clock.now) } as Context
    const wanted = promised(POLICY[name]!, who)
    const held = (): void => hold(context, name, args)
    if (wanted === 'pass') expect(held).not.toThrow()
    else expect(held).toThrow(expect.objectContaining({ code: wanted }))
  }
})
test('what has no rule is refused to the owner too', () => {
  const headers = new Headers({ authorization: `Bearer ${tokens.get('owner here')}` })
  const context = { ...server.deps, who: whoIs(server.db, headers, server.clock.now) } as Context
  expect(() => hold(context, 'Query.unheardOf', {})).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }))
})

// ---- real things, asked for by strangers -----------------------------------------------------------------------------

/** Words that stand in documents, tasks and secrets of this project and nowhere else. */
const TRACES = ['Ship v1', 'Deploy', '10.9.8.7', 'slack:C0OPS', 'test.work@1', 'Set Works.']
const STRANGERS = [
  'owner elsewhere',
  'author elsewhere',
  'operator elsewhere',
  'releaser elsewhere',
  'none here',
  'nobody',
] as const

test('the owner here reads all of it by the same calls', async () => {
  let read = ''
  for (const [name, field] of CALLED.filter(([one]) => one.startsWith('Query.'))) {
    const reply = await call('owner here', name, field, true)
    expect([name, reply.errors?.filter(({ path }) => path === undefined) ?? []]).toEqual([name, []]) // each call is well made
    read += JSON.stringify(reply.data)
  }
  expect(TRACES.filter((trace) => !read.includes(trace))).toEqual([])
})
describe.each(STRANGERS)('%s', (who) => {
  test('reads nothing of this project, whatever is asked for by its real name', async () => {
    const told: unknown[] = []
    for (const [name, field] of CALLED.filter(([one]) => one.startsWith('Query.'))) {
      const reply = await call(who, name, field, true)
      const text = JSON.stringify(reply.data ?? null)
      const traces = TRACES.filter((trace) => text.includes(trace))
      if (traces.length > 0) told.push([name, traces, text.slice(0, 300)])
      const bad = reply.errors?.find(({ extensions }) => extensions['code'] === 'INTERNAL')
      if (bad || (reply.data === undefined && /Cannot query|must have/.test(reply.errors?.[0]?.message ?? '')))
        told.push([name, reply.errors])
    }
    expect(told).toEqual([])
  })
  test('changes nothing of this project, whatever is aimed at', async () => {
    const before = await standing()
    for (const [name, field] of CALLED.filter(([one]) => one.startsWith('Mutation.'))) {
      const reply = await call(who, name, field, true)
      expect([name, reply.errors?.filter(({ path }) => path === undefined) ?? []]).toEqual([name, []])
    }
    expect(await standing()).toEqual(before)
  })
})
/** What strangers could have changed. */
async function standing(): Promise<unknown> {
  const { state } = (await server.engine.task(task.id))!
  return server.db.read((tx) => ({
    documents: catalogue
      .allDocuments(tx)
      .map(({ project, kind, name, generation, source }) => [project, kind, name, generation, source]),
    versions: catalogue.allFlowVersions(tx).map(({ name, version, current }) => [name, version, current]),
    people: catalogue
      .listPeople(tx)
      .map(({ id, name, role, active }) => [id, name, role, active])
      .sort(),
    members: catalogue.membersOf(tx),
    tasks: catalogue.countTasks(tx, {}),
    secrets: catalogue.secretOf(tx, 'ssh', 'key'),
    task: [state.version, state.phase, state.variables, state.note],
  }))
}

describe('a refusal', () => {
  test('names the missing right, who can give it and who has it', async () => {
    const { errors } = await call('starter here', 'Query.hosts', roots.Query.getFields()['hosts']!)
    expect(errors![0]).toMatchObject({
      message: expect.stringContaining('Ada'),
      extensions: { code: 'FORBIDDEN', right: 'view', grantedBy: ['Ada', 'owner here'] },
    })
    expect(errors![0]!.extensions['heldBy']).toContain('Aki')
  })
  test('of a step names people, not words for them', async () => {
    const { errors } = await server.as(
      'Mai',
      'mutation($id: ID!) { rescheduleNode(input: {taskId: $id, nodeId: "gate", attempt: 2, at: "2030-01-01T00:00:00Z"}) { id } }',
      { id: task.id },
    )
    expect(errors![0]!.extensions).toMatchObject({
      code: 'FORBIDDEN',
      right: 'operate',
      grantedBy: ['Ada', 'owner here'],
    })
    expect(errors![0]!.extensions['heldBy']).toContain('Olga') // the app names her as operator
    expect(errors![0]!.message).toContain('Olga')
  })
})
test('every role that documents can name is one', () => {
  expect(Object.keys(ROLES).every(isRole)).toBe(true)
  expect(isRole('constructor')).toBe(false)
})
