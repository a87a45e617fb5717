import {
  addAudit,
  addRun,
  dayOf,
  newId,
  putDocument,
  putSchedule,
  putSecret,
  rowsOf,
  setFavourite,
} from '../store/catalogue/index.ts'
import { cards, deliveries } from '../store/catalogue/tables/chat.ts'
import { delegations, identities } from '../store/catalogue/tables/people.ts'
import { hostKeys, hostProbes } from '../store/catalogue/tables/hosts.ts'
import { mutes } from '../store/catalogue/tables/alerts.ts'
import { statistics } from '../store/catalogue/tables/statistics.ts'
import { tokens } from '../store/catalogue/tables/credentials.ts'
import type { Database, Tx } from '../store/database.ts'
import { documentRow, project, PROJECTS, type Question } from './questions.ts'

/** What a large house keeps beside people, apps and tasks. */
export const KEPT = { secrets: 1_000, hosts: 1_000, schedules: 1_000, audit: 100_000, unreached: 2_000 }
const SPACES = 100
const DAYS = 30
const WINDOW = 5_000
const DAY_MS = 24 * 3_600_000

interface Names {
  readonly people: readonly string[]
  readonly apps: number
}
export async function fillAdministration(db: Database, names: Names): Promise<void> {
  const now = Date.now()
  await db.write((tx) => {
    fillSecrets(tx, names, now)
    fillHosts(tx, now)
    fillSchedules(tx, names, now)
    fillPersonal(tx, names, now)
    fillUnreached(tx, names, now)
    for (let i = 0; i < 100; i++) {
      putDocument(tx, documentRow('Constant', project(i), `CONSTANT_${i}`, `Constant ${i}`, { value: `${i}` }))
      const when = [{ from: `2030-01-${String((i % 27) + 1).padStart(2, '0')}T00:00:00Z`, to: '2030-02-01T00:00:00Z' }]
      putDocument(tx, documentRow('Freeze', project(i), `freeze-${i}`, `Freeze ${i}`, { when, apps: [`app-${i}`] }))
    }
  })
  for (let from = 0; from < KEPT.audit; from += WINDOW)
    await db.write((tx) => {
      for (let i = from; i < Math.min(KEPT.audit, from + WINDOW); i++) audited(tx, names, i, now)
    })
  for (let app = 0; app < names.apps; app += 100)
    await db.write((tx) => {
      for (let i = app; i < Math.min(names.apps, app + 100); i++) fillStatistics(tx, i, now)
    })
}
function fillSecrets(tx: Tx, { people }: Names, now: number): void {
  const keys = Array.from({ length: KEPT.secrets / SPACES }, (_, key) => `key_${key}`)
  for (let space = 0; space < SPACES; space++) {
    putDocument(tx, documentRow('SecretRef', project(space), `space_${space}`, `Space ${space}`, { keys }))
    for (const [at, key] of keys.entries())
      putSecret(tx, {
        namespace: `space_${space}`,
        key,
        sealed: 'x'.repeat(80),
        setAt: now,
        setBy: people[space * 10 + at] ?? '',
        project: project(space),
      })
  }
}
function fillHosts(tx: Tx, now: number): void {
  for (let i = 0; i < KEPT.hosts; i++) {
    const where = { project: project(i), name: `host-${i}` }
    const key = `space_${i % SPACES}.key_${i % 10}`
    const spec = { address: `10.0.${i >> 8}.${i % 256}`, user: 'deploy', key, labels: [`area-${i % 20}`] }
    putDocument(tx, documentRow('Host', where.project, where.name, `Host ${i}`, spec))
    tx.insert(hostKeys)
      .values({ ...where, fingerprint: `SHA256:${'a'.repeat(43)}`, offered: null, seenAt: now })
      .run()
    tx.insert(hostProbes)
      .values({ ...where, at: now, trouble: null, system: 'Linux 6.1.0 x86_64', findings: [] })
      .run()
  }
}
function fillSchedules(tx: Tx, { people, apps }: Names, now: number): void {
  for (let at = 0; at < PROJECTS; at++)
    putDocument(
      tx,
      documentRow('Calendar', project(at), 'work', 'Working days', {
        zone: 'Europe/Berlin',
        workdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
        hours: '09:00-18:00',
      }),
    )
  for (let i = 0; i < KEPT.schedules; i++) {
    const named = { project: project(i), name: `schedule-${i}` }
    putDocument(
      tx,
      documentRow('Schedule', named.project, named.name, `Schedule ${i}`, {
        app: `app-${i % apps}`,
        cron: `${i % 60} ${i % 24} * * ${i % 5 === 0 ? '1' : '*'}`,
        timeZone: 'Europe/Berlin',
        ...(i % 3 === 0 && { calendar: 'work' }),
      }),
    )
    const paused = { pausedAt: null, pausedBy: null, pausedWhy: null, pausedReason: null }
    putSchedule(tx, { ...named, owner: people[i] ?? null, dueAt: now + 30 * DAY_MS + i * 60_000, ...paused })
    for (let run = 0; run < 5; run++)
      addRun(tx, {
        ...named,
        key: `schedule/${named.name}/${run}`,
        dueAt: now - run * DAY_MS,
        by: null,
        state: 'skipped',
        why: 'overlap',
        message: null,
        notBefore: null,
        tries: 0,
        count: 1,
        taskId: null,
        endedAt: null,
        at: now,
      })
  }
}
/** What people have set for themselves. */
function fillPersonal(tx: Tx, { people, apps }: Names, now: number): void {
  for (const [i, person] of people.entries()) {
    for (let k = 0; k < 5; k++) setFavourite(tx, person, project(i + k), `app-${(i + k) % apps}`, true)
    const account = { id: newId('i'), person, platform: 'slack', team: 'T1', user: `U${i}`, name: `person.${i}` }
    tx.insert(identities)
      .values({ ...account, linkedAt: now })
      .run()
    if (i % 5 === 0)
      tx.insert(mutes)
        .values({ person, kind: 'app', project: project(i), name: `app-${i % apps}`, until: null, createdAt: now })
        .run()
    if (i % 5 === 1 && people[i + 1] !== undefined)
      tx.insert(delegations)
        .values({
          id: newId('dg'),
          from: person,
          to: people[i + 1]!,
          fromAt: now - DAY_MS,
          untilAt: now + 7 * DAY_MS,
          reason: 'away',
          createdAt: now,
          createdBy: person,
          endedAt: null,
          endedBy: null,
        })
        .run()
    for (let k = 0; k < (i < 100 ? 20 : 1); k++)
      tx.insert(tokens)
        .values({ id: newId('tok'), hash: newId('h'), person, name: `tool ${k}`, scopes: [], createdAt: now })
        .run()
  }
}
function fillUnreached(tx: Tx, { people }: Names, now: number): void {
  for (let i = 0; i < KEPT.unreached; i++) {
    const person = people[i % (KEPT.unreached / 2)]!
    const card = { id: newId('card'), kind: 'attention', subject: `attention-${i}`, taskId: `t-${i}`, open: true }
    tx.insert(cards)
      .values({ ...card, platform: 'none', place: `none:${person}`, shared: false, person, createdAt: now })
      .run()
    const tried = { state: 'undeliverable', attempts: 1, notBefore: now, createdAt: now, error: 'NO_CHANNEL' }
    tx.insert(deliveries)
      .values({ cardId: card.id, platform: 'none', urgent: true, why: 'opened', ...tried })
      .run()
  }
}
const WORDS = ['launch', 'decide', 'retryNode', 'apply', 'signIn', 'setSecret', 'claimAsk', 'skipNode']
function audited(tx: Tx, { people }: Names, i: number, now: number): void {
  const person = people[(i * 7) % people.length]!
  addAudit(tx, {
    at: now - (KEPT.audit - i) * 1_000,
    by: { person, name: `Person ${(i * 7) % people.length}`, surface: 'api' },
    what: WORDS[i % WORDS.length]!,
    target: `${i % 5_000}`,
    allowed: i % 37 !== 0,
    detail: { app: `app-${i % 1_000}` },
  })
}
/** A month of an app, as ended tasks would have added it up. */
function fillStatistics(tx: Tx, app: number, now: number): void {
  const facts = Array.from({ length: DAYS }, (_, day) => ({
    task: '',
    at: now - day * DAY_MS,
    project: project(app),
    app: `app-${app}`,
    flow: 'asked',
    outcome: day % 7 === 0 ? ('failed' as const) : ('succeeded' as const),
    workMs: 60_000 + app * 100,
    waitMs: 600_000 + day * 1_000,
    causes: day % 7 === 0 ? { error: 1 } : {},
    nodes: Array.from({ length: 3 }, (__, node) => ({
      node: `step_${node}`,
      runs: 2,
      succeeded: 1,
      failed: 1,
      revoked: 0,
      retries: 1,
      work: [1_000 * (node + 1)],
      wait: [60_000],
      causes: { error: 1 },
    })),
  }))
  // Those of whole projects lie there for all apps together already.
  for (const row of rowsOf(facts))
    if (row.flow !== '' || app < PROJECTS) tx.insert(statistics).values(row).onConflictDoNothing().run()
}

const SPREAD = 'count mean p50 p95'
const ROW = `flow app node title runs succeeded failed successRate work { ${SPREAD} } wait { ${SPREAD} } causes { cause count }`
const ENTRY = 'nodes { id at by { id name } what target allowed detail } pageInfo { hasNextPage endCursor }'
/** Each as the page that shows it asks it. Who may not see is refused, as quickly. */
export const administration = (people: readonly string[]): readonly Question[] => {
  const today = dayOf(Date.now())
  const audit = (name: string, args: string, of: (i: number) => object = () => ({}), params = ''): Question => [
    `audit${name}`,
    `query${params} { audit(first: 50${args}) { ${ENTRY} } }`,
    of,
    true,
  ]
  const list = (name: string, query: string): Question => [name, query, () => ({}), true]
  return [
    list(
      'secrets',
      '{ secretNames(project: "default") { namespace key project setAt setBy declared flows usedBy lastUse { at } } }',
    ),
    list(
      'secrets_of_all',
      '{ secretNames { namespace key project setAt setBy declared flows usedBy lastUse { at } } }',
    ),
    list(
      'schedules',
      '{ schedules { name title appTitle state nextDue owner { name } frozen { since text } availableActions { action allowed } } }',
    ),
    list('hosts', '{ hosts { name project address user labels fingerprint changed probe { state at } } }'),
    list('freezes', '{ freezes { name title apps active { to } next { from to } } }'),
    list(
      'documents',
      '{ documents(first: 50) { totalCount nodes { kind name title status { conditions { type status } } } } }',
    ),
    list('documents_found', '{ documents(first: 50, search: "app 3") { totalCount nodes { kind name title } } }'),
    audit('', ''),
    audit('_of_person', ', person: $p', (i) => ({ p: people[(i * 13) % people.length] }), '($p: String!)'),
    audit('_of_what', ', what: ["setSecret", "apply"]'),
    audit('_of_target', ', target: $t', (i) => ({ t: String(i * 3) }), '($t: String!)'),
    audit('_refused', ', allowed: false'),
    audit(
      '_of_person_refused',
      ', person: $p, allowed: false',
      (i) => ({ p: people[(i * 13) % people.length] }),
      '($p: String!)',
    ),
    audit('_of_what_refused', ', what: ["setSecret"], allowed: false'),
    audit(
      '_of_an_hour',
      `, from: "${new Date((today - 1) * DAY_MS).toISOString()}", to: "${new Date(today * DAY_MS).toISOString()}", what: ["launch"]`,
    ),
    audit('_of_nobody', ', person: "nobody at all"'),
    list('stats', `{ stats(days: 30) { total { ${ROW} } rows { ${ROW} } mostRetried { flow node title retries } } }`),
    [
      'stats_of_app',
      `query($a: String!) { stats(app: $a, days: 30) { total { ${ROW} } rows { ${ROW} } nodes { ${ROW} } } }`,
      (i) => ({ a: `app-${i * 10}` }),
      true,
    ],
    list('stats_of_flow', `{ stats(flow: "asked", days: 30) { total { ${ROW} } rows { ${ROW} } nodes { ${ROW} } } }`),
    list('delegations', '{ delegations { id from { name } to { name } until active } }'),
    list('notifications', '{ viewer { alerts { quiet { from to } mutes { until } } unreached { place why } } }'),
    list('undeliverable', '{ undeliverable { place platform name why since count person { name } } }'),
    list('deliveries', '{ deliveries(first: 50, undeliverable: true) { nodes { id why error card { id } } } }'),
    list('app_tree', '{ appTree { path title count apps { name title favourite } } }'),
    [
      'app_tree_found',
      'query($s: String!) { appTree(search: $s) { path title apps { name title favourite } } }',
      (i) => ({ s: `App ${i}` }),
    ],
    list(
      'apps_favourite',
      '{ apps(first: 50, favourite: true) { totalCount nodes { name title availableActions { action allowed } } } }',
    ),
    list(
      'apps_recent',
      '{ apps(first: 50, recent: true) { nodes { name title availableActions { action allowed } } } }',
    ),
    list('tokens', '{ tokens { id name scopes lastUsedAt } }'),
    list('sessions', '{ sessions { id } }'),
    list('roles_of_all', '{ roles { name title memberCount onDuty { name } } }'),
    list('groups', '{ groups(project: "p3") { name title memberCount members(first: 20) { name } } }'),
    list('groups_of_all', '{ groups { name title memberCount } }'),
    list(
      'inbox_asks',
      '{ inbox(first: 50) { totalCount nodes { id title state deadline task { number title } waitingOn { name } availableActions { action allowed } } } }',
    ),
    list('invitations', '{ invitations { id role expiresAt } }'),
    list('merges', '{ merges(all: true) { id } }'),
    list('workspaces', '{ workspaces { id } }'),
  ]
}
