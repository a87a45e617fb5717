import { afterEach, beforeEach, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { startTestServer, type Name, type TestServer } from './support.ts'

const HOUR = 3_600_000
const DOCUMENTS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: quick, title: Quick}
spec:
  variables: {text: {type: text, title: Text, default: hello}, token: {type: password, title: Token}}
  nodes: {go: {use: test.work@1, with: {text: "\${text}"}}}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: slow, title: Slow}
spec: {nodes: {ok: {use: confirm, title: Go on, with: {by: ["role:qa"], text: Go on?}}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: quick, title: Quick}
spec: {flow: quick, launch: ["role:ops", Omar], form: {}}
---
apiVersion: baton/v1
kind: App
metadata: {name: slow, title: Slow}
spec: {flow: slow, launch: ["role:ops", Omar]}
---
apiVersion: baton/v1
kind: Calendar
metadata: {name: office}
spec: {zone: UTC, holidays: ['2026-11-23']}
`
let server: TestServer
let scheduler: TestServer['deps']['scheduler']
beforeEach(async () => {
  server = await startTestServer()
  scheduler = server.deps.scheduler
  server.clock.now = Date.UTC(2026, 10, 20, 8, 30) // a Friday
  await apply('Ada', DOCUMENTS)
  for (const name of ['quick', 'slow']) await must('Ada', `mutation { publishFlow(name: "${name}") { version } }`)
  scheduler.start()
})
afterEach(async () => {
  await scheduler.stop()
  await server.end()
})

async function must<T = never>(who: Name, query: string, variables: object = {}): Promise<T> {
  const { data, errors } = await server.as<T>(who, query, variables)
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}
const APPLY =
  'mutation($documents: String!) { apply(documents: $documents) { documents { result findings { code } } } }'
const apply = (who: Name, documents: string) => must(who, APPLY, { documents })
const schedule = (spec: string, name = 'nightly'): string =>
  `apiVersion: baton/v1\nkind: Schedule\nmetadata: {name: ${name}, title: Nightly}\nspec: ${spec}\n`
const refusal = async (who: Name, query: string, variables: object = {}): Promise<Record<string, unknown>> => {
  const { errors } = await server.as(who, query, variables)
  return { message: errors?.[0]?.message, ...errors?.[0]?.extensions }
}
/** Time goes on to then, and what is due is dealt with. */
async function tick(to: string | number): Promise<void> {
  server.clock.now = typeof to === 'number' ? server.clock.now + to : Date.parse(to)
  scheduler.wake()
  await scheduler.idle()
}
interface Run {
  state: string
  why: string | null
  text: string
  count: number
  dueAt: string
  task: { id: string; number: number; startedBy: { name: string } | null; key: string; phase: string } | null
}
interface Shown {
  state: string
  pausedText: string | null
  nextDue: string[]
  owner: { name: string } | null
  runs: { nodes: Run[] }
  availableActions: { action: string; allowed: boolean; why: string | null }[]
}
const ASK =
  '{ schedule(name: "nightly") { state pausedText nextDue owner { name } availableActions { action allowed why } runs { nodes { state why text count dueAt task { id number phase key startedBy { name } } } } } }'
const shown = async (who: Name = 'Omar'): Promise<Shown> => (await must<{ schedule: Shown }>(who, ASK)).schedule
const runs = async (): Promise<Run[]> => (await shown()).runs.nodes
const states = async (): Promise<string[]> =>
  (await runs()).map(({ state, why }) => (why === null ? state : `${state} ${why}`))
const told = (name: Name): string[] =>
  server.db.read((tx) =>
    catalogue
      .cardsOf(tx, '')
      .filter(({ person, subject }) => person === server.ids[name] && subject.startsWith('schedule:'))
      .map(({ place }) => place),
  )
const confirm = async (id: string): Promise<void> => {
  const asks = async () =>
    (
      await must<{ task: { asks: { id: string; digest: string }[] } }>(
        'Ada',
        'query($id: ID!) { task(id: $id) { asks { id digest } } }',
        { id },
      )
    ).task.asks
  await server.until(id, 'waiting')
  const [ask] = await asks()
  await must('Quinn', 'mutation($input: DecideInput!) { decide(input: $input) { id } }', {
    input: { askId: ask!.id, digest: ask!.digest, verdict: 'CONFIRM' },
  })
  await server.until(id, 'succeeded')
  await scheduler.idle()
}

test('each due time launches once, as its owner, with a key of its own, and never early', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 9 * * *", variables: {text: night}}'))
  expect((await shown()).nextDue).toEqual([
    '2026-11-20T09:00:00.000Z',
    '2026-11-21T09:00:00.000Z',
    '2026-11-22T09:00:00.000Z',
  ])
  await tick('2026-11-20T08:59:59.999Z')
  expect(await runs()).toEqual([])
  await tick('2026-11-20T09:00:00Z')
  const [run] = await runs()
  expect(run).toMatchObject({
    state: 'LAUNCHED',
    text: 'Launched',
    dueAt: '2026-11-20T09:00:00.000Z',
    task: { key: 'schedule/nightly/2026-11-20T09:00:00.000Z', startedBy: { name: 'Omar' } },
  })
  const byKey = `{ task(key: "${run!.task!.key}") { id } }`
  expect(await must('Omar', byKey)).toEqual({ task: { id: run!.task!.id } })
  await tick(1)
  await tick('2026-11-21T08:59:00Z')
  expect(await runs()).toHaveLength(1)
  await tick('2026-11-21T09:00:01Z')
  expect(await runs()).toHaveLength(2)
})

test('once, also when a process ended between the launch and its note, and when two look at once', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 9 * * *", overlap: allow}'))
  await tick('2026-11-20T09:00:00Z')
  const [run] = await runs()
  // As if nobody had noted it: its due time comes again.
  await server.db.write((tx) => {
    const named = { project: 'default', name: 'nightly' }
    tx.run('DELETE FROM schedule_runs')
    catalogue.changeSchedule(tx, named, { dueAt: Date.parse('2026-11-20T09:00:00Z') })
  })
  scheduler.wake()
  scheduler.wake()
  await scheduler.idle()
  expect(await states()).toEqual(['LAUNCHED'])
  expect((await runs())[0]!.task!.id).toBe(run!.task!.id)
  const { tasks } = await must<{ tasks: { totalCount: number } }>('Ada', '{ tasks(app: "quick") { totalCount } }')
  expect(tasks.totalCount).toBe(1)
})

test('a clock that is set back launches nothing again, and what is due then waits for its time', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 9,10 * * *"}'))
  await tick('2026-11-20T09:00:00Z')
  await tick('2026-11-20T08:50:00Z')
  await tick('2026-11-20T09:00:00Z')
  expect(await states()).toEqual(['LAUNCHED'])
  await tick('2026-11-20T10:00:00Z')
  expect(await states()).toEqual(['LAUNCHED', 'LAUNCHED'])
})

test('what became due while Baton was away is launched once, and the others are told as missed', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 9 * * *"}'))
  await tick('2026-11-24T12:00:00Z') // five times: 20 to 24
  expect(await runs()).toMatchObject([
    { state: 'LAUNCHED', dueAt: '2026-11-24T09:00:00.000Z' },
    { state: 'MISSED', count: 4, dueAt: '2026-11-20T09:00:00.000Z', text: 'Missed: Baton was not running, 4 times' },
  ])
  expect((await shown()).nextDue[0]).toBe('2026-11-25T09:00:00.000Z')
})
test('with `missed: skip` none of them is, but for one that is due right now', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 9 * * *", missed: skip}'))
  await tick('2026-11-22T12:00:00Z')
  expect(await runs()).toMatchObject([{ state: 'MISSED', count: 3 }])
  await tick('2026-11-24T09:00:30Z')
  expect(await runs()).toMatchObject([{ state: 'LAUNCHED' }, { state: 'MISSED', count: 1 }, { state: 'MISSED' }])
})

test('days that its calendar does not work are left out, also when the calendar changes', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 9 * * *", calendar: office}'))
  expect((await shown()).nextDue).toEqual(['20', '24', '25'].map((day) => `2026-11-${day}T09:00:00.000Z`))
  await tick('2026-11-20T09:00:00Z')
  await apply(
    'Ada',
    'apiVersion: baton/v1\nkind: Calendar\nmetadata: {name: office}\nspec: {zone: UTC, holidays: []}\n',
  )
  expect((await shown()).nextDue[0]).toBe('2026-11-23T09:00:00.000Z')
  await tick('2026-11-23T09:00:00Z')
  expect(await states()).toEqual(['LAUNCHED', 'LAUNCHED'])
  const inUse = await refusal('Ada', 'mutation { deleteDocument(kind: "Calendar", name: "office") }')
  expect(inUse['code']).toBe('CONFLICT')
})

test('one that is over is never due again', async () => {
  await apply('Omar', schedule('{app: quick, at: ["2026-11-20T09:00Z", "2026-11-20T10:00Z"]}'))
  await tick('2026-11-20T09:00:00Z')
  await tick('2026-11-20T10:00:00Z')
  expect(await shown()).toMatchObject({ state: 'ENDED', nextDue: [], runs: { nodes: [{}, {}] } })
})

test('while the one before it runs: left out, as it is unless something else is said', async () => {
  await apply('Omar', schedule('{app: slow, cron: "0 * * * *"}'))
  await tick('2026-11-20T09:00:00Z')
  await tick('2026-11-20T10:00:00Z')
  expect(await states()).toEqual(['SKIPPED overlap', 'LAUNCHED'])
  expect((await runs())[0]!.text).toBe('Left out: the one before it still ran')
  await confirm((await runs())[1]!.task!.id)
  await tick('2026-11-20T11:00:00Z')
  expect((await states())[0]).toBe('LAUNCHED')
})
test('with `overlap: allow` beside it', async () => {
  await apply('Omar', schedule('{app: slow, cron: "0 * * * *", overlap: allow}'))
  await tick('2026-11-20T09:00:00Z')
  await tick('2026-11-20T10:00:00Z')
  expect(await states()).toEqual(['LAUNCHED', 'LAUNCHED'])
})
test('with `overlap: queue` after it, in order, each when the one before has ended', async () => {
  await apply('Omar', schedule('{app: slow, cron: "0 * * * *", overlap: queue}'))
  for (const hour of ['09', '10', '11']) await tick(`2026-11-20T${hour}:00:00Z`)
  expect(await states()).toEqual(['WAITING overlap', 'WAITING overlap', 'LAUNCHED'])
  await confirm((await runs())[2]!.task!.id)
  await expect.poll(states).toEqual(['WAITING overlap', 'LAUNCHED', 'LAUNCHED'])
  await confirm((await runs())[1]!.task!.id)
  await expect.poll(states).toEqual(['LAUNCHED', 'LAUNCHED', 'LAUNCHED'])
  // The same after a restart that did not hear of the end.
  await tick('2026-11-20T12:00:00Z')
  expect((await states())[0]).toBe('WAITING overlap')
  await scheduler.stop()
  await confirm((await runs())[1]!.task!.id)
  scheduler.start()
  await expect.poll(async () => (await states())[0]).toBe('LAUNCHED')
})

test('a failed start alerts its owner, and the next one is tried all the same', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 * * * *"}'))
  const limited = DOCUMENTS.replace('form: {}', 'limits: {perHour: 1}').replace('overlap', 'overlap')
  await apply('Ada', limited)
  await tick('2026-11-20T09:00:00Z')
  await server.until((await runs())[0]!.task!.id, 'succeeded')
  await tick('2026-11-20T10:00:00Z')
  expect((await runs())[0]).toMatchObject({ state: 'LAUNCHED' })
  await apply('Omar', schedule('{app: quick, cron: "*/30 * * * *"}'))
  await server.until((await runs())[0]!.task!.id, 'succeeded')
  await tick('2026-11-20T10:30:00Z')
  expect((await runs())[0]).toMatchObject({
    state: 'FAILED',
    why: 'RATE_LIMITED',
    text: 'Quick is launched at most 1 times an hour.',
  })
  expect(told('Omar')).toEqual(['slack:@UOMAR'])
  expect(await shown()).toMatchObject({ state: 'ACTIVE' })
  await tick('2026-11-20T12:00:00Z')
  expect((await runs())[0]).toMatchObject({ state: 'LAUNCHED' })
})

test('an owner who lost the right pauses it and is told; whoever may launch its app takes it over', async () => {
  await apply('Omar', schedule('{app: slow, cron: "0 * * * *"}'))
  await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Omar, { role: 'starter' }))
  await apply('Ada', DOCUMENTS.replaceAll(', Omar]', ']'))
  await tick('2026-11-20T09:00:00Z')
  expect(await shown('Ada')).toMatchObject({
    state: 'PAUSED',
    pausedText: 'Paused: its owner may not launch it any more',
    nextDue: [],
    owner: { name: 'Omar' },
    runs: { nodes: [{ state: 'FAILED', text: 'Omar, who owns this schedule, may not launch Slow any more' }] },
  })
  expect(told('Omar')).toEqual(['slack:@UOMAR'])
  const audit = await server.as<{ audit: { nodes: { what: string; target: string; allowed: boolean }[] } }>(
    'Ada',
    '{ audit(first: 5) { nodes { what target allowed } } }',
  )
  expect(audit.data.audit.nodes).toContainEqual({ what: 'launch', target: 'slow', allowed: false })
  await tick('2026-11-20T10:00:00Z')
  expect((await shown('Ada')).runs.nodes).toHaveLength(1)
  const resume = 'mutation { resumeSchedule(name: "nightly") { state } }'
  expect(await refusal('Ada', resume)).toMatchObject({
    code: 'NOT_ALLOWED',
    message: 'Its owner may not launch it: take it over',
  })
  await must('Ada', 'mutation { takeSchedule(name: "nightly") { state owner { name } } }')
  expect(await shown('Ada')).toMatchObject({ state: 'ACTIVE', owner: { name: 'Ada' } })
  await tick('2026-11-20T11:00:00Z')
  expect((await shown('Ada')).runs.nodes[0]).toMatchObject({ state: 'LAUNCHED', task: { startedBy: { name: 'Ada' } } })
})
test('of one who is suspended the owners of Baton are told', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 * * * *"}'))
  await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Omar, { active: false }))
  await tick('2026-11-20T09:00:00Z')
  const view = await shown('Ada')
  expect(view).toMatchObject({ state: 'PAUSED', pausedText: 'Paused: nobody owns it', owner: null })
  expect(view.runs.nodes[0]!.text).toBe('Omar, who owns this schedule, is suspended')
  expect(told('Ada')).toEqual(['slack:@UADA'])
})

test('an app that asks for a passkey is never launched by itself', async () => {
  const stepUp = DOCUMENTS.replace('form: {}', 'stepUp: passkey')
  await apply('Omar', schedule('{app: quick, cron: "0 * * * *"}'))
  await apply('Ada', stepUp)
  const message = 'asks whoever launches it for a passkey, so it is never launched by itself'
  const refused = await refusal('Omar', APPLY, { documents: schedule('{app: quick, cron: "@daily"}', 'other') })
  expect(refused['message']).toBe(`line 4: “Quick” ${message}`)
  await tick('2026-11-20T09:00:00Z')
  expect(await shown()).toMatchObject({
    state: 'PAUSED',
    runs: { nodes: [{ state: 'FAILED', text: `Quick ${message}` }] },
  })
})

test('an owner whom nothing reaches finds it among what they missed', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 * * * *"}'))
  await server.db.write((tx) => {
    for (const { id } of catalogue.identitiesOf(tx, server.ids.Omar)) catalogue.unlinkIdentity(tx, id)
    catalogue.changePerson(tx, server.ids.Omar, { role: 'viewer' })
  })
  await apply('Ada', DOCUMENTS.replaceAll(', Omar]', ']'))
  await tick('2026-11-20T09:00:00Z')
  expect(told('Omar')).toEqual([`none:${server.ids.Omar}`])
  const { viewer } = await must<{ viewer: { unreached: { why: string }[] } }>(
    'Omar',
    '{ viewer { unreached { why } } }',
  )
  expect(viewer.unreached).toEqual([{ why: 'NO_CHANNEL' }])
})

test('in a freeze it waits, and runs once when that ends; or is left out, as its `missed` says', async () => {
  const freeze = (to: string): string =>
    `apiVersion: baton/v1\nkind: Freeze\nmetadata: {name: quiet}\nspec: {when: {from: '2026-11-20T08:45Z'${to && `, to: '${to}'`}}}\n`
  await apply('Ada', freeze('2026-11-20T11:30Z'))
  await apply('Omar', schedule('{app: quick, cron: "0 * * * *", overlap: allow}'))
  const frozen = await must<{ schedule: { frozen: object } }>(
    'Omar',
    '{ schedule(name: "nightly") { frozen { name until } } }',
  )
  expect(frozen.schedule.frozen).toEqual({ name: 'quiet', until: '2026-11-20T11:30:00.000Z' })
  for (const hour of ['09', '10', '11']) await tick(`2026-11-20T${hour}:00:00Z`)
  expect(await states()).toEqual(['SKIPPED merged', 'SKIPPED merged', 'WAITING freeze'])
  await tick('2026-11-20T11:29:59Z')
  expect((await states())[2]).toBe('WAITING freeze')
  await tick('2026-11-20T11:30:00Z')
  expect((await states())[2]).toBe('LAUNCHED')
  // One without an end, and its removal.
  await apply('Ada', freeze(''))
  await tick('2026-11-20T12:00:00Z')
  expect((await states())[0]).toBe('WAITING freeze')
  await must('Ada', 'mutation { deleteDocument(kind: "Freeze", name: "quiet") }')
  await scheduler.idle()
  expect((await states())[0]).toBe('LAUNCHED')
  await apply('Ada', freeze(''))
  await apply('Omar', schedule('{app: quick, cron: "0 * * * *", overlap: allow, missed: skip}'))
  await tick('2026-11-20T13:00:00Z')
  expect((await states())[0]).toBe('SKIPPED freeze')
})

test('it is paused and goes on with its next due time; launched by hand meanwhile, in the name of whoever does', async () => {
  await apply('Omar', schedule('{app: slow, cron: "0 * * * *", overlap: queue}'))
  await tick('2026-11-20T09:00:00Z')
  await tick('2026-11-20T10:00:00Z')
  await must('Aki', 'mutation { pauseSchedule(name: "nightly", reason: "moving house") { state } }')
  expect(await shown()).toMatchObject({ state: 'PAUSED', pausedText: 'Paused by Aki: moving house', nextDue: [] })
  expect(await states()).toEqual(['SKIPPED paused', 'LAUNCHED'])
  await tick('2026-11-20T12:30:00Z')
  expect(await runs()).toHaveLength(2)
  const RUN =
    'mutation { runSchedule(name: "nightly", clientMutationId: "x") { state text by { name } task { startedBy { name } } } }'
  const byHand = {
    runSchedule: {
      state: 'LAUNCHED',
      text: 'Launched by Ada',
      by: { name: 'Ada' },
      task: { startedBy: { name: 'Ada' } },
    },
  }
  expect(await must('Ada', RUN)).toEqual(byHand)
  expect(await must('Ada', RUN)).toEqual(byHand) // the same press twice
  expect(await runs()).toHaveLength(3)
  await must('Omar', 'mutation { resumeSchedule(name: "nightly") { state } }')
  expect((await shown()).nextDue[0]).toBe('2026-11-20T13:00:00.000Z')
})

test('what could not be understood, or would never do what it says, is refused and changes nothing', async () => {
  const refused = async (spec: string) => (await refusal('Omar', APPLY, { documents: schedule(spec) }))['message']
  expect(await refused('{app: quick, cron: "61 * * * *"}')).toMatch(/^“61 \* \* \* \*” is no time of crontab: /)
  expect(await refused('{app: quikc, cron: "@daily"}')).toBe('line 4: There is no app “quikc” in project “default”')
  expect(await refused('{app: quick, cron: "@daily", variables: {token: s3cret}}')).toBe(
    'line 4: A secret in a document is no secret: use a SecretRef in the flow',
  )
  expect(await refused('{app: quick, cron: "@daily", variables: {txet: x}}')).toBe(
    'line 4: “Quick” has no variable “txet”. Did you mean “text”?',
  )
  expect(await refused('{app: quick, cron: "@daily", calendar: home}')).toBe(
    'line 4: There is no calendar “home”. Apply a Calendar document of that name',
  )
  expect(await must('Omar', '{ schedules { name } }')).toEqual({ schedules: [] })
  // What will never be launched is kept, and said.
  expect(await apply('Omar', schedule('{app: quick, at: "2020-01-01"}'))).toEqual({
    apply: { documents: [{ result: 'CREATED', findings: [{ code: 'never_due' }] }] },
  })
})

test('who writes it last owns it; a dry run changes nothing; what is taken out is due no more', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 * * * *"}'))
  await must('Ada', 'mutation($d: String!) { apply(documents: $d, dryRun: true, force: true) { dryRun } }', {
    d: schedule('{app: slow, cron: "5 * * * *"}'),
  })
  expect(await shown()).toMatchObject({ owner: { name: 'Omar' } })
  await apply('Ada', schedule('{app: quick, cron: "0 * * * *"}')) // the same again is nobody's change
  expect(await shown()).toMatchObject({ owner: { name: 'Omar' } })
  await apply('Aki', schedule('{app: quick, cron: "30 * * * *"}'))
  expect(await shown()).toMatchObject({ owner: { name: 'Aki' } })
  await must('Omar', 'mutation { deleteDocument(kind: "Schedule", name: "nightly") }')
  await tick(HOUR)
  expect(await must('Omar', '{ schedule(name: "nightly") { name } }')).toEqual({ schedule: null })
})

test('who may do what with it, and why not', async () => {
  const denied = await refusal('Mai', APPLY, { documents: schedule('{app: quick, cron: "@daily"}') })
  expect(denied).toMatchObject({ code: 'FORBIDDEN', right: 'operate' })
  await apply('Omar', schedule('{app: quick, cron: "@daily"}'))
  expect(await refusal('Mai', '{ schedule(name: "nightly") { name } }')).toMatchObject({ message: undefined })
  expect(await refusal('Mai', 'mutation { pauseSchedule(name: "nightly") { name } }')).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await refusal('Vic', 'mutation { pauseSchedule(name: "nightly") { name } }')).toMatchObject({
    code: 'FORBIDDEN',
    right: 'operate',
    grantedBy: ['Ada'],
  })
  expect((await shown('Vic')).availableActions).toEqual(
    ['pause', 'run', 'take'].map((action) => ({ action, allowed: false, why: 'Omar or an operator' })),
  )
  expect((await shown('Omar')).availableActions.map(({ action, allowed }) => [action, allowed])).toEqual([
    ['pause', true],
    ['run', true],
  ])
  // A token without the right to launch writes none: it would be launched with all rights of its person.
  const { createToken } = await must<{ createToken: { token: string } }>(
    'Omar',
    'mutation { createToken(name: "narrow", scopes: ["operate", "view"]) { token } }',
  )
  const narrow = await server.post(
    '/graphql',
    { query: APPLY, variables: { documents: schedule('{app: quick, cron: "@hourly"}') } },
    { authorization: `Bearer ${createToken.token}` },
  )
  expect(await narrow.json()).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN', right: 'launch' } }] })
})

test('every launch of a schedule, and every refusal, is in the audit', async () => {
  await apply('Omar', schedule('{app: quick, cron: "0 * * * *"}'))
  await tick('2026-11-20T09:00:00Z')
  await must('Omar', 'mutation { pauseSchedule(name: "nightly", reason: "enough") { name } }')
  await refusal('Vic', 'mutation { pauseSchedule(name: "nightly") { name } }')
  const rows = () =>
    server.db
      .read((tx) => catalogue.listAudit(tx, 20, null))
      .filter(({ what }) => ['launch', 'pauseSchedule'].includes(what))
      .map(({ what, name, surface, allowed, detail }) => ({ what, name, surface, allowed, detail }))
  await expect.poll(rows).toMatchObject([
    { what: 'pauseSchedule', name: 'Vic', allowed: false },
    { what: 'pauseSchedule', name: 'Omar', allowed: true, detail: { reason: 'enough' } },
    {
      what: 'launch',
      name: 'Omar',
      surface: 'system',
      allowed: true,
      detail: { schedule: 'nightly', dueAt: '2026-11-20T09:00:00.000Z' },
    },
  ])
})

const PREVIEW =
  'query($cron: String, $at: [String!], $zone: String, $calendar: String, $missed: String, $first: Int) { schedulePreview(cron: $cron, at: $at, timeZone: $zone, calendar: $calendar, missed: $missed, first: $first) { timeZone missedText dues { at local note frozen { text } } } }'
interface Previewed {
  readonly schedulePreview: {
    readonly missedText: string
    readonly dues: {
      readonly at: string
      readonly local: string
      readonly note: string | null
      readonly frozen: object | null
    }[]
  }
}
test('before there is one it shows when it would be due: on its clocks, through their changes, by its calendar, in freezes', async () => {
  const nightly = { cron: '30 2 * * *', zone: 'Europe/Berlin' }
  server.clock.now = Date.parse('2027-03-26T12:00:00Z')
  const { schedulePreview: spring } = await must<Previewed>('Omar', PREVIEW, nightly)
  expect(spring.dues.map(({ local }) => local)).toEqual([
    '2027-03-27 02:30 (UTC+01:00)',
    '2027-03-28 03:00 (UTC+02:00)',
    '2027-03-29 02:30 (UTC+02:00)',
    '2027-03-30 02:30 (UTC+02:00)',
    '2027-03-31 02:30 (UTC+02:00)',
  ])
  expect(spring.dues.map(({ note }) => note?.split(':')[0] ?? null)).toEqual([
    ...[null, 'Clocks skip the time that is written', null, null, null],
  ])
  expect(spring.missedText).toContain('launched once afterwards')
  await apply(
    'Ada',
    "apiVersion: baton/v1\nkind: Freeze\nmetadata: {name: easter, title: Easter}\nspec: {when: {from: '2027-03-28T00:00Z', to: '2027-03-29T00:00Z'}}\n",
  )
  const { schedulePreview: frozen } = await must<Previewed>('Omar', PREVIEW, { ...nightly, missed: 'skip', first: 2 })
  expect(frozen.dues.map((due) => due.frozen !== null)).toEqual([false, true])
  expect(frozen.missedText).toContain('left out')
  const { schedulePreview: working } = await must<Previewed>('Omar', PREVIEW, {
    ...nightly,
    calendar: 'office',
    first: 2,
  })
  expect(working.dues.map(({ local }) => local.slice(0, 10))).toEqual(['2027-03-29', '2027-03-30'])
})
test('one that makes no sense is told what is wrong with it, and whoever may not write one is refused', async () => {
  expect(await refusal('Omar', PREVIEW, { cron: 'soon' })).toMatchObject({ code: 'INVALID_INPUT' })
  expect(await refusal('Omar', PREVIEW, { cron: '99 2 * * *' })).toMatchObject({ code: 'INVALID_INPUT' })
  expect(await refusal('Omar', PREVIEW, { cron: '0 2 * * *', zone: 'Mars/Olympus' })).toMatchObject({
    code: 'INVALID_INPUT',
  })
  expect(await refusal('Omar', PREVIEW, { cron: '0 2 * * *', calendar: 'nowhere' })).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await refusal('Omar', PREVIEW, { cron: '0 2 * * *', first: 21 })).toMatchObject({ code: 'INVALID_INPUT' })
  expect(await refusal('Mai', PREVIEW, { cron: '0 2 * * *' })).toMatchObject({ code: 'FORBIDDEN', right: 'operate' })
})
