/**
 * What the catalogue knows: names, people, rights, chats. Ids are text, instants ms since the epoch (UTC), JSON is text.
 * Nothing here holds a plain secret: tokens, codes and sessions are SHA-256 hashes, secrets are sealed.
 */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

const json = <T>(name: string) => text(name, { mode: 'json' }).$type<T>()
const flag = (name: string) => integer(name, { mode: 'boolean' })

/** Something a host lacks. `fatal`: no script can run there; `arg` is what it is about: a tool, an account. */
export interface HostFinding {
  readonly code: string
  readonly fatal: boolean
  readonly arg: string
}

export const CHANNELS = ['slack', 'telegram', 'email'] as const
export type Channel = (typeof CHANNELS)[number]
/** What passes quiet hours and does not wait for a digest. `escalated`: when one is on call; `deadline`: what runs out before they end. */
export const URGENT = ['escalated', 'deadline', 'asks', 'failures'] as const
export type Urgent = (typeof URGENT)[number]
/** How a person wants to be told. */
export interface AlertSettings {
  /** In order; each is used so long after the alert if nobody has answered by then. What is not named is not used, unless nothing else reaches them. Null: every linked chat at once, else e-mail. */
  readonly channels: readonly { readonly channel: Channel; readonly afterMin: number }[] | null
  /** `from` and `to` as `22:00` in the person's zone, over midnight where `to` is earlier; `days` (1 Monday … 7 Sunday) are those on which it begins. */
  readonly quiet: { readonly from: string; readonly to: string; readonly days: readonly number[] } | null
  readonly urgent: readonly Urgent[]
  /** Joined into one message each so many minutes; 0: each by itself. */
  readonly digestMin: number
}

/** Who was given a secret last: a task's step, or a host that is connected to. */
export interface SecretUse {
  readonly at: number
  /** Id and number; null: no task asked (the options of a form, a look at a host). */
  readonly task: string | null
  readonly number: number | null
  readonly flow: string | null
  readonly host: string | null
}
/** Sums over tasks that ended on one day, of a whole flow or of one step. Histograms are by bucket (core/statistics.ts). */
export interface StatisticsSums {
  readonly causes: { readonly [cause: string]: number }
  readonly work: { readonly [bucket: string]: number }
  readonly wait: { readonly [bucket: string]: number }
  /** `retried p1`: what people did by hand, and how often. Absent: nothing. */
  readonly hands?: { readonly [act: string]: number }
}

/** Present documents of every kind, as applied last. */
export const documents = sqliteTable(
  'documents',
  {
    project: text('project').notNull(),
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    /** The parsed document: `metadata` and `spec`. */
    document: json<Record<string, unknown>>('document').notNull(),
    /** The text as somebody wrote it, comments and order kept. */
    source: text('source').notNull(),
    /** Field path → the managers that own it. */
    managers: json<Record<string, readonly string[]>>('managers').notNull(),
    generation: integer('generation').notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
  },
  (t) => [primaryKey({ columns: [t.project, t.kind, t.name] }), index('documents_kind').on(t.kind, t.name)],
)

/** Published flows: immutable, numbered from 1. */
export const flowVersions = sqliteTable(
  'flow_versions',
  {
    project: text('project').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull(),
    digest: text('digest').notNull(),
    document: json<Record<string, unknown>>('document').notNull(),
    source: text('source').notNull(),
    note: text('note'),
    current: flag('current').notNull(),
    publishedAt: integer('published_at').notNull(),
    publishedBy: text('published_by').notNull(),
  },
  (t) => [primaryKey({ columns: [t.project, t.name, t.version] })],
)

export const people = sqliteTable(
  'people',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    email: text('email'),
    /** Role in every project that `grants` says nothing of. */
    role: text('role').notNull(),
    language: text('language'),
    timeZone: text('time_zone'),
    /** False: suspended, or merged into another. Nothing such a person has works. */
    active: flag('active').notNull(),
    createdAt: integer('created_at').notNull(),
    /** `person`, or `service`: an account for tools, which has tokens and never signs in. */
    kind: text('kind').notNull().default('person'),
    suspendedAt: integer('suspended_at'),
    suspendedBy: text('suspended_by'),
    suspendedWhy: text('suspended_why'),
    /** The person that this one turned out to be. */
    mergedInto: text('merged_into'),
  },
  (t) => [index('people_name').on(t.name, t.id)],
)
export const grants = sqliteTable(
  'grants',
  { person: text('person').notNull(), project: text('project').notNull(), role: text('role').notNull() },
  (t) => [primaryKey({ columns: [t.person, t.project] })],
)
/** Members of business roles beside those a Role document names. */
export const roleMembers = sqliteTable(
  'role_members',
  { role: text('role').notNull(), person: text('person').notNull() },
  (t) => [primaryKey({ columns: [t.role, t.person] })],
)
/** Chat accounts that are a person. `team` is '' where the platform has none. */
export const identities = sqliteTable(
  'identities',
  {
    id: text('id').primaryKey(),
    person: text('person').notNull(),
    platform: text('platform').notNull(),
    team: text('team').notNull(),
    user: text('user').notNull(),
    name: text('name').notNull(),
    linkedAt: integer('linked_at').notNull(),
  },
  (t) => [uniqueIndex('identities_account').on(t.platform, t.team, t.user), index('identities_person').on(t.person)],
)

/** Browsers. The id is the hash of what the cookie holds. */
export const sessions = sqliteTable(
  'sessions',
  {
    hash: text('hash').primaryKey(),
    person: text('person').notNull(),
    /** Opened with this token: it ends when the token does. */
    token: text('token'),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** How it was opened: `link mail token telegram passkey company`. */
    how: text('how'),
    /** The browser's kind, as it was then: a cookie that turns up in another has been stolen. */
    browser: text('browser'),
    lastSeenAt: integer('last_seen_at'),
    /** When its person last proved with a passkey that it is them. */
    provedAt: integer('proved_at'),
  },
  (t) => [index('sessions_person').on(t.person), index('sessions_token').on(t.token)],
)
export const tokens = sqliteTable(
  'tokens',
  {
    id: text('id').primaryKey(),
    hash: text('hash').notNull(),
    /** Null: the bots' service token. */
    person: text('person'),
    name: text('name').notNull(),
    /** Empty: everything its person may do. */
    scopes: json<string[]>('scopes').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    lastUsedAt: integer('last_used_at'),
    revokedAt: integer('revoked_at'),
  },
  (t) => [uniqueIndex('tokens_hash').on(t.hash), index('tokens_person').on(t.person)],
)
/** One-time codes of every kind: `owner invite link sign_in`. */
export const codes = sqliteTable(
  'codes',
  {
    id: text('id').primaryKey(),
    hash: text('hash').notNull(),
    kind: text('kind').notNull(),
    /** `link`, `sign_in`: whose account. */
    person: text('person'),
    /** `invite`: the role it carries. */
    role: text('role'),
    /** `sign_in`: where to go, with which answers. */
    path: text('path'),
    answers: json<unknown>('answers'),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    usedAt: integer('used_at'),
    usedBy: text('used_by'),
    /** Hash of what the browser that asked for it holds: no other may spend it. */
    browser: text('browser'),
  },
  (t) => [uniqueIndex('codes_hash').on(t.hash), index('codes_kind').on(t.kind)],
)
/** Public keys of passkeys. The id is the credential's own. */
export const passkeys = sqliteTable(
  'passkeys',
  {
    id: text('id').primaryKey(),
    person: text('person').notNull(),
    publicKey: text('public_key').notNull(),
    counter: integer('counter').notNull(),
    transports: json<string[]>('transports').notNull(),
    name: text('name').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at'),
  },
  (t) => [index('passkeys_person').on(t.person)],
)
/** What a browser has begun and not yet ended: a passkey's challenge, a sign-in at the company's. Each is ended once. */
export const ceremonies = sqliteTable(
  'ceremonies',
  {
    /** Hash of what the browser holds. */
    hash: text('hash').primaryKey(),
    kind: text('kind').notNull(),
    person: text('person'),
    data: json<Record<string, string | null>>('data').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (t) => [index('ceremonies_expires').on(t.expiresAt)],
)
/** Somebody's asks go to another as well while they are away (FLOW §4). */
export const delegations = sqliteTable(
  'delegations',
  {
    id: text('id').primaryKey(),
    from: text('from_person').notNull(),
    to: text('to_person').notNull(),
    fromAt: integer('from_at').notNull(),
    untilAt: integer('until_at').notNull(),
    reason: text('reason'),
    createdAt: integer('created_at').notNull(),
    /** Themselves, or who may reassign asks. */
    createdBy: text('created_by').notNull(),
    endedAt: integer('ended_at'),
    endedBy: text('ended_by'),
  },
  (t) => [
    index('delegations_from').on(t.from),
    index('delegations_to').on(t.to),
    index('delegations_until').on(t.untilAt),
  ],
)
/** Two people who turned out to be one: who asked, who agreed, and all that is needed to take it back. */
export const merges = sqliteTable(
  'merges',
  {
    id: text('id').primaryKey(),
    /** Who stays. */
    keep: text('keep').notNull(),
    /** Who becomes them. */
    gone: text('gone').notNull(),
    state: text('state').notNull(), // asked | done | refused | undone
    askedAt: integer('asked_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    endedAt: integer('ended_at'),
    endedBy: text('ended_by'),
    /** What was moved, by id. */
    facts: json<Record<string, unknown>>('facts'),
  },
  (t) => [index('merges_keep').on(t.keep), index('merges_gone').on(t.gone)],
)
/** Slack workspaces and Telegram groups the bots are in. */
export const workspaces = sqliteTable(
  'workspaces',
  {
    platform: text('platform').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    /** Role a full member gets by joining; null: not trusted. */
    role: text('role'),
    trustedBy: text('trusted_by'),
    seenAt: integer('seen_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.platform, t.id] })],
)

export const secrets = sqliteTable(
  'secrets',
  {
    namespace: text('namespace').notNull(),
    key: text('key').notNull(),
    sealed: text('sealed').notNull(),
    /** The last rotation. */
    setAt: integer('set_at').notNull(),
    setBy: text('set_by').notNull(),
    /** Whose name space it is: flows and hosts of others never get it. */
    project: text('project').notNull().default('default'),
    lastUse: json<SecretUse>('last_use'),
  },
  (t) => [primaryKey({ columns: [t.namespace, t.key] })],
)
export const hostKeys = sqliteTable(
  'host_keys',
  {
    project: text('project').notNull(),
    name: text('name').notNull(),
    /** Confirmed by an operator. */
    fingerprint: text('fingerprint'),
    /** Shown by the host, and not (or no longer) the confirmed one. */
    offered: text('offered'),
    seenAt: integer('seen_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.project, t.name] })],
)
/** What a look at a host found last: can scripts run there? */
export const hostProbes = sqliteTable(
  'host_probes',
  {
    project: text('project').notNull(),
    name: text('name').notNull(),
    at: integer('at').notNull(),
    /** Null: it could be looked at. Else why not: the code and the words of the trouble. */
    trouble: json<{ readonly code: string; readonly message: string }>('trouble'),
    /** `Linux 6.1.0 x86_64`. */
    system: text('system'),
    findings: json<readonly HostFinding[]>('findings').notNull(),
  },
  (t) => [primaryKey({ columns: [t.project, t.name] })],
)
export const favourites = sqliteTable(
  'favourites',
  { person: text('person').notNull(), project: text('project').notNull(), app: text('app').notNull() },
  (t) => [primaryKey({ columns: [t.person, t.project, t.app] })],
)

/** Every decision and every refusal. Rows are only ever added. */
export const audit = sqliteTable(
  'audit',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    person: text('person'),
    name: text('name').notNull(),
    token: text('token'),
    surface: text('surface').notNull(),
    what: text('what').notNull(),
    target: text('target'),
    allowed: flag('allowed').notNull(),
    detail: json<unknown>('detail'),
    /** SHA-256 over the row before and this one: an edited or removed row shows. */
    hash: text('hash'),
    /** HMAC of `hash`; null where the key was not at hand (a token made beside the server). */
    mac: text('mac'),
  },
  (t) => [
    index('audit_at').on(t.at),
    index('audit_person').on(t.person, t.id),
    index('audit_what').on(t.what, t.id),
    index('audit_target').on(t.target, t.id),
    index('audit_refused')
      .on(t.id)
      .where(sql`${t.allowed} = 0`),
  ],
)
/** What tasks that ended had to tell, until it is added up: written in the commit that ended them. */
export const statisticsPending = sqliteTable('statistics_pending', {
  n: integer('n').primaryKey({ autoIncrement: true }),
  body: text('body').notNull(),
})
/** Added up by day of their end (UTC, days since 1970); `app` is '' for a raw flow, `node` '' for the task as a whole. */
export const statistics = sqliteTable(
  'statistics',
  {
    project: text('project').notNull(),
    flow: text('flow').notNull(),
    day: integer('day').notNull(),
    app: text('app').notNull(),
    node: text('node').notNull(),
    /** Tasks, or attempts of a step. */
    runs: integer('runs').notNull(),
    succeeded: integer('succeeded').notNull(),
    failed: integer('failed').notNull(),
    revoked: integer('revoked').notNull(),
    retries: integer('retries').notNull(),
    workMs: integer('work_ms').notNull(),
    waitMs: integer('wait_ms').notNull(),
    sums: json<StatisticsSums>('sums').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.project, t.flow, t.day, t.app, t.node] }),
    index('statistics_tasks')
      .on(t.project, t.day)
      .where(sql`${t.node} = ''`),
    index('statistics_retried')
      .on(t.project, t.day)
      .where(sql`${t.node} <> '' and ${t.retries} > 0`),
  ],
)
/** Answers to mutations that carried a `clientMutationId`. */
export const mutationAnswers = sqliteTable(
  'mutation_answers',
  {
    client: text('client').notNull(),
    mutationId: text('mutation_id').notNull(),
    inputHash: text('input_hash').notNull(),
    /** Id of what it answered with; read afresh when asked again. */
    answer: text('answer').notNull(),
    at: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.client, t.mutationId] }), index('mutation_answers_at').on(t.at)],
)

/** The bots' memory: dialogues, drafts, message ids. Compare and set. */
export const botState = sqliteTable(
  'bot_state',
  {
    key: text('key').primaryKey(),
    version: integer('version').notNull(),
    value: json<unknown>('value'),
    expiresAt: integer('expires_at').notNull(),
  },
  (t) => [index('bot_state_expires').on(t.expiresAt)],
)
/** One message about one thing at one place. `subject` makes it unique: `task`, `attention`, `ask:<id>`, `message:<id>`. */
export const cards = sqliteTable(
  'cards',
  {
    id: text('id').primaryKey(),
    kind: text('kind').notNull(),
    subject: text('subject').notNull(),
    taskId: text('task_id').notNull(),
    askId: text('ask_id'),
    nodeId: text('node_id'),
    platform: text('platform').notNull(),
    place: text('place').notNull(),
    messageId: text('message_id'),
    /** What the bot must remember of the message to go on with it: of a thread, what has been told. */
    memo: json<unknown>('memo'),
    shared: flag('shared').notNull(),
    person: text('person'),
    /** False: it has lost its buttons for good. */
    open: flag('open').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [
    uniqueIndex('cards_place').on(t.taskId, t.subject, t.place),
    index('cards_task').on(t.taskId),
    index('cards_at').on(t.place, t.subject),
    index('cards_person')
      .on(t.person, t.open)
      .where(sql`${t.person} IS NOT NULL`),
  ],
)
export const buttons = sqliteTable(
  'buttons',
  {
    token: text('token').primaryKey(),
    cardId: text('card_id').notNull(),
    verb: text('verb').notNull(),
    taskId: text('task_id'),
    nodeId: text('node_id'),
    attempt: integer('attempt'),
    askId: text('ask_id'),
    digest: text('digest'),
    app: text('app'),
    data: json<unknown>('data'),
    /** The card was drawn again since: it tells the truth and acts no more if what it was for has moved. */
    superseded: flag('superseded').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [index('buttons_card').on(t.cardId)],
)
/** What chats are owed. At most one `pending` row per card; a leased one keeps its card's next row back. */
export const deliveries = sqliteTable(
  'deliveries',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    cardId: text('card_id').notNull(),
    platform: text('platform').notNull(),
    urgent: flag('urgent').notNull(),
    why: text('why').notNull(),
    title: text('title'),
    text: text('text'),
    level: text('level'),
    state: text('state').notNull(), // pending | leased | done | undeliverable
    attempts: integer('attempts').notNull(),
    notBefore: integer('not_before').notNull(),
    leasedUntil: integer('leased_until'),
    createdAt: integer('created_at').notNull(),
    error: text('error'),
  },
  (t) => [index('deliveries_due').on(t.platform, t.state, t.notBefore), index('deliveries_card').on(t.cardId, t.state)],
)
/** Alerts of late, a row per task, so that a storm becomes one digest per recipient. */
export const alerts = sqliteTable(
  'alerts',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    place: text('place').notNull(),
    app: text('app').notNull(),
    taskId: text('task_id').notNull(),
    at: integer('at').notNull(),
  },
  (t) => [
    index('alerts_place').on(t.place, t.app, t.at),
    uniqueIndex('alerts_task').on(t.place, t.app, t.taskId),
    index('alerts_at').on(t.at),
  ],
)
/** Places at which alerts of one app come so fast that a digest stands for them, until they have paused for a while. */
export const storms = sqliteTable(
  'storms',
  {
    place: text('place').notNull(),
    app: text('app').notNull(),
    /** Of its first alert: what has come since is counted. */
    startedAt: integer('started_at').notNull(),
    lastAt: integer('last_at').notNull(),
    firstTask: text('first_task').notNull(),
    cardId: text('card_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.place, t.app] })],
)
/** How a person wants to be told; no row: as `DEFAULT_SETTINGS` says. */
export const alertSettings = sqliteTable('alert_settings', {
  person: text('person').primaryKey(),
  settings: json<AlertSettings>('settings').notNull(),
  updatedAt: integer('updated_at').notNull(),
})
/** Apps and tasks a person does not want to hear of for a while. */
export const mutes = sqliteTable(
  'mutes',
  {
    person: text('person').notNull(),
    /** `app task` */
    kind: text('kind').notNull(),
    /** Of an app; '' of a task, whose id says it all. */
    project: text('project').notNull(),
    name: text('name').notNull(),
    /** Null: until it is taken back. */
    until: integer('until'),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.person, t.kind, t.project, t.name] })],
)
/** Alerts that wait: for the next channel's turn, the end of quiet hours, the next digest. Gone once what they are about is over. */
export const heldAlerts = sqliteTable(
  'held_alerts',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    person: text('person').notNull(),
    platform: text('platform').notNull(),
    place: text('place').notNull(),
    /** `attention ask message` */
    kind: text('kind').notNull(),
    subject: text('subject').notNull(),
    taskId: text('task_id').notNull(),
    askId: text('ask_id'),
    nodeId: text('node_id'),
    why: text('why').notNull(),
    title: text('title'),
    text: text('text'),
    level: text('level'),
    /** `order quiet digest` */
    reason: text('reason').notNull(),
    dueAt: integer('due_at').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (t) => [
    index('held_alerts_due').on(t.dueAt),
    index('held_alerts_person').on(t.person, t.place),
    uniqueIndex('held_alerts_subject').on(t.taskId, t.subject, t.place),
  ],
)

/** What becomes of a Schedule document: whose rights it launches with, and when it is due next. */
export const schedules = sqliteTable(
  'schedules',
  {
    project: text('project').notNull(),
    name: text('name').notNull(),
    /** Who wrote it last, or took it over: it is launched with their rights. Null: nobody is, so it is paused. */
    owner: text('owner'),
    /** Null: never again. */
    dueAt: integer('due_at'),
    pausedAt: integer('paused_at'),
    /** Name of who paused it; null: Baton did. */
    pausedBy: text('paused_by'),
    /** `person`, or why Baton did: `no_owner no_right`. */
    pausedWhy: text('paused_why'),
    pausedReason: text('paused_reason'),
  },
  (t) => [primaryKey({ columns: [t.project, t.name] }), index('schedules_due').on(t.dueAt)],
)
/** One due time of a schedule, or one launch of it by hand, and what became of it. */
export const scheduleRuns = sqliteTable(
  'schedule_runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    project: text('project').notNull(),
    name: text('name').notNull(),
    /** Of the launch: the same is launched once, whatever happens in between. */
    key: text('key').notNull(),
    dueAt: integer('due_at').notNull(),
    /** Person who launched it by hand; null: it was due. */
    by: text('by'),
    /** `waiting launched skipped missed failed`. */
    state: text('state').notNull(),
    /** Why it waits, was left out, or failed: `due overlap freeze merged paused full late`, or the code of a refusal. */
    why: text('why'),
    message: text('message'),
    /** Of one that waits: when it is looked at again. */
    notBefore: integer('not_before'),
    tries: integer('tries').notNull(),
    /** How many due times this one stands for. */
    count: integer('count').notNull(),
    taskId: text('task_id'),
    /** When its task ended. */
    endedAt: integer('ended_at'),
    at: integer('at').notNull(),
  },
  (t) => [
    uniqueIndex('schedule_runs_key').on(t.project, t.name, t.key),
    index('schedule_runs_due').on(t.state, t.notBefore),
    index('schedule_runs_of').on(t.project, t.name, t.dueAt),
    index('schedule_runs_task').on(t.taskId),
  ],
)
