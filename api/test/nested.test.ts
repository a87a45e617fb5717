/**
 * What may be seen is judged where it is found, not only at the door: from each thing somebody may see, every path of three steps is
 * followed through the schema, as people of every kind. What they may not see carries a word that stands nowhere else.
 */
import {
  getNamedType,
  isLeafType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { schema } from '../graphql/schema.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

/** Of an app that only Ops see, and of people's private things. */
const HIDDEN = 'Zimtstern'
/** Of the task above the one that asks Quinn. */
const ABOVE = 'Pfeffernuss'
/** Of another project. */
const FAR = 'Lebkuchen'
const DOCUMENTS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: hush, title: ${ABOVE}}
spec:
  variables: {recipe: {type: text, title: ${ABOVE} recipe, onCard: true}}
  concurrency: {key: place, limit: 1, whenBusy: queue}
  nodes:
    call: {use: flow, title: ${ABOVE} call, with: {flow: hush-part, version: latest}}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: hush-part, title: Part}
spec:
  nodes:
    gate: {use: approval, title: Gate, with: {approvers: [Quinn]}}
---
apiVersion: baton/v1
kind: App
metadata: {name: hush, title: ${HIDDEN} app}
spec: {flow: hush, help: ${HIDDEN} help, taskTitle: "${ABOVE} of ${HIDDEN}", launch: ["role:ops"], see: ["role:ops"], operators: ["role:ops"], rooms: ["slack:#${HIDDEN}"]}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: plain, title: Plain}
spec:
  concurrency: {key: place, limit: 1, whenBusy: queue}
  nodes: {hang: {use: test.hang@1, title: Hang}}
---
apiVersion: baton/v1
kind: App
metadata: {name: plain, title: Plain}
spec: {flow: plain, launch: ["role:makers"], see: [everyone]}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: lebkuchen, project: vault, title: ${FAR}}
spec:
  nodes:
    gate: {use: approval, title: ${FAR} gate, with: {approvers: ["role:ops", "role:makers", "role:qa"]}}
---
apiVersion: baton/v1
kind: Role
metadata: {name: crew, project: vault, title: Crew}
spec: {members: [Omar]}
---
apiVersion: baton/v1
kind: Freeze
metadata: {name: hush, title: ${HIDDEN} freeze}
spec: {apps: [hush], when: [{from: "2030-01-01", to: "2030-02-01"}]}
---
apiVersion: baton/v1
kind: Schedule
metadata: {name: hush, title: ${HIDDEN} schedule}
spec: {app: hush, cron: "0 3 * * *", timeZone: UTC, variables: {recipe: ${HIDDEN}}}
`
let server: TestServer
let hidden: { id: string; number: number }
let part: { id: string; number: number; ask: string }
let own: { id: string; number: number }
/** Omar with the scope `launch` alone. */
let narrow: string
beforeAll(async () => {
  server = await startTestServer()
  const made = async <T>(who: Name, query: string, variables: object = {}): Promise<T> => {
    const { data, errors } = await server.as<T>(who, query, variables)
    expect(errors).toBeUndefined()
    return data
  }
  await made('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: DOCUMENTS })
  for (const name of ['hush-part', 'hush', 'plain'])
    await made('Ada', `mutation { publishFlow(name: "${name}") { name } }`)
  await made('Ada', 'mutation { publishFlow(name: "lebkuchen", project: "vault") { name } }')
  const LAUNCH = 'mutation($i: LaunchInput!) { launch(input: $i) { id number } }'
  type Launched = { launch: { id: string; number: number } }
  hidden = (await made<Launched>('Olga', LAUNCH, { i: { app: 'hush', variables: { recipe: ABOVE } } })).launch
  const child = await eventually(async () => (await server.engine.task(hidden.id))?.state.children[0])
  const state = await eventually(async () => {
    const found = await server.engine.task(child.id)
    return found && found.state.asks.size > 0 ? found.state : null
  })
  part = { id: state.id, number: state.number, ask: [...state.asks.values()][0]!.id }
  own = (await made<Launched>('Mai', LAUNCH, { i: { app: 'plain', variables: {} } })).launch
  await made(
    'Ada',
    'mutation { suspendPerson(id: "PERSON", reason: "Zimtstern reason") { id } }'.replace('PERSON', server.ids.Aki),
  )
  const { db, clock, ids } = server
  narrow = await db.write((tx) => {
    catalogue.changePerson(tx, ids.Ada, { email: `ada@${HIDDEN}.example` })
    const account = { platform: 'oidc', team: HIDDEN, user: HIDDEN } as const
    catalogue.linkIdentity(tx, ids.Ada, account, HIDDEN, clock.now)
    for (const who of ['Stu', 'Vic'] as const) catalogue.grant(tx, ids[who], 'elsewhere', 'viewer')
    for (const who of ['Vic', 'Omar'] as const) catalogue.changePerson(tx, ids[who], { role: 'none' })
    catalogue.grant(tx, ids.Omar, 'default', 'operator')
    return catalogue.makeToken(tx, { person: ids.Omar, name: 'narrow', scopes: ['launch'] }, clock.now).secret
  })
  server.deps.directory.refresh()
  await eventually(() => db.read((tx) => catalogue.countTasks(tx, {})) === 3)
})
afterAll(() => server.end())

// ---- every path of three steps, from the schema ----------------------------------------------------------------------

type Field = GraphQLField<unknown, unknown>
/** What an argument is given, by its name; those it does not know are left out, or their field is where it must have them. */
const GIVEN: { readonly [name: string]: readonly unknown[] } = {
  app: ['plain', 'hush'],
  nodeId: ['gate'],
  kind: ['Role', 'App'],
  person: ['Ada'],
  field: ['recipe'],
  search: [''],
  event: [1],
}
/** Things there are: what somebody may see, what hangs on it, and what is hidden. */
const aimed = (field: string, name: string): readonly unknown[] => {
  if (name === 'id' || name === 'task') {
    if (field === 'ask') return [part.ask]
    return [own.id, part.id, hidden.id, String(hidden.number)]
  }
  if (name === 'name')
    return field === 'references' || field === 'document' ? ['ops', 'makers', 'hush'] : ['plain', 'hush']
  if (name === 'input')
    return [
      { app: 'plain', variables: {} },
      { app: 'hush', variables: {} },
    ]
  if (name === 'project') return [undefined, 'vault']
  return GIVEN[name] ?? []
}
const scalars = (type: GraphQLObjectType): string =>
  Object.values(type.getFields())
    .filter(({ deprecationReason }) => deprecationReason == null)
    .filter(({ type: of, args }) => isLeafType(getNamedType(of)) && !args.some((arg) => isNonNullType(arg.type)))
    .map(({ name }) => name)
    .join(' ')
const inside = (name: string): string => {
  const args: Readonly<Record<string, string>> = {
    node: '(id: "gate")',
    events: '(first: 50, all: true)',
    formOptions: '',
  }
  return `${name}${args[name] ?? ''}`
}
/** Its leaves, and those of everything it leads to, so many steps on. */
function selection(type: GraphQLObjectType, steps: number): string {
  const on = Object.values(type.getFields()).flatMap((field): string[] => {
    const to = getNamedType(field.type)
    const isOpen = !field.args.some((arg) => isNonNullType(arg.type)) || field.name === 'node'
    if (!isObjectType(to) || !isOpen || field.name === 'edges' || field.name === 'pageInfo') return []
    const further = field.name === 'nodes' || field.name === 'entries' ? steps : steps - 1
    return further < 0 ? [] : [`${inside(field.name)} { ${selection(to, further)} }`]
  })
  return [scalars(type), ...on].join(' ') || '__typename'
}
/** One question for each way on from a field, so that none is too large to be answered. */
function questions(field: Field): { query: string; variables: object }[] {
  const type = getNamedType(field.type)
  const wanted = field.args.filter(({ name, type: of }) => isNonNullType(of) || aimed(field.name, name).length > 0)
  if (wanted.some(({ name, type: of }) => isNonNullType(of) && aimed(field.name, name).length === 0)) return []
  const ways = wanted.reduce<Record<string, unknown>[]>(
    (all, { name }) => all.flatMap((one) => aimed(field.name, name).map((value) => ({ ...one, [name]: value }))),
    [{}],
  )
  const nodes = isObjectType(type) ? type.getFields()['nodes'] : undefined
  const target = nodes ? getNamedType(nodes.type) : type
  const selections = isObjectType(target)
    ? [
        scalars(target) || '__typename',
        ...Object.values(target.getFields()).flatMap((way) => {
          const to = getNamedType(way.type)
          const isOpen = !way.args.some((arg) => isNonNullType(arg.type)) || way.name === 'node'
          return isObjectType(to) && isOpen ? [`${inside(way.name)} { ${selection(to, 1)} }`] : []
        }),
      ]
    : ['']
  const head = wanted.map(({ name, type: of }) => `$${name}: ${String(of)}`).join(', ')
  const pass = wanted.map(({ name }) => `${name}: $${name}`).join(', ')
  const call = `${field.name}${pass ? `(${pass})` : ''}`
  return ways.flatMap((variables) =>
    selections.map((chosen) => ({
      query: `query${head ? `(${head})` : ''} { ${call}${chosen === '' ? '' : nodes ? ` { nodes { ${chosen} } }` : ` { ${chosen} }`} }`,
      variables,
    })),
  )
}
const QUESTIONS = (): { name: string; query: string; variables: object }[] =>
  Object.values(schema.getQueryType()!.getFields()).flatMap((field) =>
    questions(field).map((one) => ({ name: field.name, ...one })),
  )

interface Persona {
  readonly headers: () => Record<string, string>
  /** What must not be read by them. */
  readonly never: readonly string[]
}
const by = (who: Name) => () => ({ authorization: `Bearer ${server.tokens[who]}` })
const PERSONAS: { readonly [who: string]: Persona } = {
  'an operator of this project alone': { headers: by('Omar'), never: [FAR, `ada@${HIDDEN}`] },
  nobody: { headers: () => ({}), never: [HIDDEN, ABOVE, FAR] },
  'a starter, who has launched something of their own': { headers: by('Mai'), never: [HIDDEN, ABOVE, FAR] },
  'a starter without anything': { headers: by('Stu'), never: [HIDDEN, ABOVE, FAR] },
  'a viewer of another project': { headers: by('Vic'), never: [HIDDEN, ABOVE, FAR] },
  'somebody asked by a part of what they may not see': { headers: by('Quinn'), never: [ABOVE, FAR] },
  'an operator’s token that may only launch': {
    headers: () => ({ authorization: `Bearer ${narrow}` }),
    never: [HIDDEN, ABOVE, FAR],
  },
  'a bot acting for a starter': {
    headers: () => ({ authorization: `Bearer ${server.tokens.service}`, 'x-baton-acting': 'slack:T1:USTU' }),
    never: [HIDDEN, ABOVE, FAR],
  },
}
async function walk(headers: Record<string, string>): Promise<{ text: string; question: string; errors: string[] }[]> {
  const told = []
  for (const { name, query, variables } of QUESTIONS()) {
    server.clock.now += 200 // nobody asks this fast without being slowed down
    const reply = (await (await server.post('/graphql', { query, variables }, headers)).json()) as {
      data?: unknown
      errors?: { message: string; path?: string[]; extensions?: { code?: string } }[]
    }
    const malformed = (reply.errors ?? []).filter(
      ({ path, extensions }) => path === undefined || extensions?.code === 'INTERNAL',
    )
    const question = `${name} ${JSON.stringify(variables)} ${query.slice(0, 200)}`
    told.push({ text: JSON.stringify(reply.data ?? null), question, errors: malformed.map(({ message }) => message) })
  }
  return told
}

test('there are ways enough, each well made, and whoever may read it all does', async () => {
  const answers = await walk(by('Ada')())
  expect(answers.flatMap(({ errors, question }) => errors.map((error) => [error, question]))).toEqual([])
  expect(answers.length).toBeGreaterThan(300)
  const all = answers.map(({ text }) => text).join()
  for (const word of [HIDDEN, ABOVE, `${HIDDEN} reason`, `ada@${HIDDEN}`, `${HIDDEN} schedule`])
    expect(all).toContain(word)
})
describe.each(Object.entries(PERSONAS))('%s', (_, { headers, never }) => {
  test('reads nothing along any path that they may not see', async () => {
    const leaks = (await walk(headers())).flatMap(({ text, question, errors }) => {
      const at = never.map((word) => text.toLowerCase().indexOf(word.toLowerCase())).filter((place) => place >= 0)
      return [
        ...at.map((place) => [question, text.slice(Math.max(0, place - 120), place + 60)]),
        ...errors.map((error) => [question, error]),
      ]
    })
    expect(leaks).toEqual([])
  })
})

test('what is in use by another project is held, and not told by name', async () => {
  await server.db.write((tx) => catalogue.grant(tx, server.ids.Omar, 'default', 'owner'))
  const { errors } = await server.as('Omar', 'mutation { deleteDocument(kind: "Role", name: "makers") }')
  expect(errors?.[0]?.extensions['code']).toBe('CONFLICT')
  expect(errors?.[0]?.message).toContain('a Flow of another project')
  expect(JSON.stringify(errors).toLowerCase()).not.toContain(FAR.toLowerCase())
})
