import { catalogue, verifyAudit, type AuditReport, type Engine, type Surface } from '../../../engine/index.ts'
import { mayDo } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { textsOf, type Language } from '../../texts.ts'
import { badInput } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, open, pageSize, seal } from '../../graphql/connection.ts'
import { Actor } from '../person/actor.ts'
import { findTask } from '../task/load.ts'
import { detailOf, personNamed, subjectOf, taskSubject, textIn } from './subject.ts'
import { auditText, auditWhy, subjectText, type Subject } from './words.ts'

const AuditSubject = builder.objectRef<Subject>('AuditSubject').implement({
  description: 'What an act was aimed at, by the name people know it by.',
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description: '`task ask step app flow person role group host secret schedule document project thing`',
    }),
    title: t.string({ resolve: ({ title, number, kind }, _, { who }) => plain({ title, number, kind }, who.language) }),
    ref: t.exposeString('ref', {
      nullable: true,
      description: 'To open it by: a task’s number, an ask’s id, a name. Null: there is nothing to open.',
    }),
  }),
})
const plain = (
  { title, number, kind }: Pick<Subject, 'title' | 'kind'> & { number?: number | undefined },
  language: Language,
) => (kind === 'task' && number !== undefined ? subjectText({ kind, title, number, ref: null }, language) : title)

const AuditEntry = builder.objectRef<catalogue.AuditRow>('AuditEntry').implement({
  description: 'Something somebody did, or was refused.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => String(id) }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    by: t.field({
      type: Actor,
      resolve: ({ person, name, surface }) => ({ person, name, surface: surface as Surface }), // written from an Actor
    }),
    token: t.exposeString('token', { nullable: true, description: 'Name of the token it was done with.' }),
    what: t.exposeString('what', { description: 'The mutation, or the door: `launch`, `signIn`.' }),
    target: t.exposeString('target', { nullable: true, description: 'What it was aimed at, as it was named.' }),
    allowed: t.exposeBoolean('allowed', { description: 'False: refused; `detail` has the code and the right.' }),
    detail: t.field({ type: 'JSON', nullable: true, resolve: ({ detail }) => detail }),
    text: t.string({
      description:
        'The whole line in the reader’s language, with names: `Ming approved “Confirm the test” in Release (#42)`.',
      resolve: (row, _, context) => textOf(context, row),
    }),
    why: t.string({
      nullable: true,
      description: 'Of a refusal: the right that was missing, else why it was refused.',
      resolve: ({ allowed, detail }, _, { who }) => auditWhy(allowed, detail, who.language),
    }),
    about: t.field({
      type: [AuditSubject],
      description: 'What it was aimed at, what that belongs to, and what came of it: to be opened.',
      resolve: (row, _, context) => aboutOf(context, row),
    }),
  }),
})
const subjects = new WeakMap<catalogue.AuditRow, Promise<Subject | null>>()
function subject(context: Context, row: catalogue.AuditRow): Promise<Subject | null> {
  const found = subjects.get(row) ?? subjectOf(context, row)
  subjects.set(row, found)
  return found
}
/** A launch names the app; the task is what came of it. */
const launchedTask = async (context: Context, row: catalogue.AuditRow): Promise<Subject | null> => {
  const id = row.what === 'launch' ? textIn(detailOf(row), 'task') : null
  return id === null ? null : taskSubject(context, id, {})
}
async function textOf(context: Context, row: catalogue.AuditRow): Promise<string> {
  const { language } = context.who
  const detail = detailOf(row)
  const name = (field: string): string | null => {
    const ref = textIn(detail, field)
    return ref === null ? null : (personNamed(context, ref)?.name ?? ref)
  }
  const task = await launchedTask(context, row)
  const names = {
    task: task && subjectText(task, language),
    schedule: textIn(detail, 'schedule'),
    role: roleText(textIn(detail, 'role'), language),
    project: textIn(detail, 'project'),
    flow: textIn(detail, 'flow'),
    host: textIn(detail, 'host'),
    person: name('person'),
    from: name('from'),
  }
  const by = { person: row.person, name: row.name }
  const verdict = textIn(detail, 'verdict')
  return auditText({ ...row, by, subject: await subject(context, row), names, verdict }, language)
}
const roleText = (role: string | null, language: Language): string | null =>
  role === null ? null : (textsOf(language).roleTitle[role] ?? role)
async function aboutOf(context: Context, row: catalogue.AuditRow): Promise<Subject[]> {
  const first = await subject(context, row)
  return [first, first?.within, await launchedTask(context, row)].filter((one) => one != null)
}
const AuditFault = builder.objectRef<AuditReport['faults'][number]>('AuditFault').implement({
  description: 'Something in the audit that cannot be if nobody touched it.',
  fields: (t) => ({
    what: t.exposeString('what', { description: '`edit removed forged cut`' }),
    row: t.int({ nullable: true, resolve: ({ event }) => event }),
    problem: t.exposeString('problem'),
  }),
})
const AuditReportType = builder.objectRef<AuditReport>('AuditReport').implement({
  fields: (t) => ({
    whole: t.boolean({ resolve: ({ isWhole }) => isWhole }),
    rows: t.exposeInt('rows'),
    unsigned: t.exposeInt('unsigned', {
      description: 'Rows at the end that were made beside the server; its next row covers them.',
    }),
    faults: t.field({ type: [AuditFault], resolve: ({ faults }) => [...faults] }),
    more: t.exposeInt('more', { description: 'More faults than are listed.' }),
    lastRow: t.int({ nullable: true, resolve: ({ last }) => last?.id ?? null }),
    lastHash: t.string({
      nullable: true,
      description: 'Kept elsewhere, it shows later that the audit was rewritten or cut off.',
      resolve: ({ last }) => last?.hash ?? null,
    }),
  }),
})
const AuditConnection = connectionOf('Audit', AuditEntry, { counted: false })

/** Words that one question may name. */
const MOST_WORDS = 20

builder.queryFields((t) => ({
  audit: t.field({
    type: AuditConnection,
    description: 'Who did what, and who was refused what, newest first. Needs the right `audit`.',
    args: {
      first: t.arg.int(),
      after: t.arg.string(),
      person: t.arg.string({ description: 'A name, an e-mail or an id.' }),
      what: t.arg.stringList({ description: 'Any of these: `launch`, `setSecret`, `signIn` …' }),
      target: t.arg.string({ description: 'What it was aimed at, as it was named; a task by its id or number.' }),
      task: t.arg.string({
        description: 'By id or number: what was done to it, its steps and its asks, and its launch.',
      }),
      app: t.arg.string({ description: 'What was done to an app and to its tasks.' }),
      project: t.arg.string({ description: 'Of `app`; default: `default`.' }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime', description: 'Before this moment.' }),
      allowed: t.arg.boolean({ description: 'False: refusals alone.' }),
    },
    resolve: async (_, { first, after, ...wanted }, context) => {
      mayDo(context, 'audit')
      const size = pageSize(first)
      const filter = await filterOf(wanted, context)
      const before = after ? placeOf(after) : null
      const rows = filter === null ? [] : context.db.read((tx) => catalogue.listAudit(tx, size + 1, before, filter))
      const nodes = rows.slice(0, size)
      return { nodes, cursorOf: ({ id }) => seal(String(id)), hasNextPage: rows.length > size, totalCount: 0 }
    },
  }),
  auditCheck: t.field({
    type: AuditReportType,
    description:
      'Follows the audit from its first row: a row that was edited, removed, forged or cut off is told. Needs the right `audit`.',
    resolve: (_, __, context) => {
      mayDo(context, 'audit')
      return verifyAudit(context.db, context.keys.audit)
    },
  }),
}))

interface Wanted {
  readonly person?: string | null | undefined
  readonly what?: readonly string[] | null | undefined
  readonly target?: string | null | undefined
  readonly task?: string | null | undefined
  readonly app?: string | null | undefined
  readonly project?: string | null | undefined
  readonly from?: number | null | undefined
  readonly to?: number | null | undefined
  readonly allowed?: boolean | null | undefined
}
/** Null: nobody or nothing of that name, so no row. @throws INVALID_INPUT */
async function filterOf(wanted: Wanted, context: Context): Promise<catalogue.AuditFilter | null> {
  const { db, engine, library } = context
  const { person, what, target, task, app, from, to, allowed } = wanted
  if (what && what.length > MOST_WORDS) throw badInput('what', 'TOO_LONG', `Ask for up to ${MOST_WORDS} at once`)
  if (typeof from === 'number' && typeof to === 'number' && to < from)
    throw badInput('to', 'RANGE', 'The end lies before the beginning')
  const found = person ? db.read((tx) => catalogue.personByRef(tx, person)) : undefined
  if (person && !found) return null
  const view = task ? await findTask(context, task) : null
  if (task && !view) return null
  const project = wanted.project ?? 'default'
  return {
    ...(found && { person: found.id }),
    ...(what && what.length > 0 && { what }),
    ...(target && { target: spellings(target, engine) }),
    ...(view && { task: view.state }),
    ...(app && { app: { project, name: library.app(project, app)?.name ?? app } }),
    ...(typeof from === 'number' && { from }),
    ...(typeof to === 'number' && { to }),
    ...(typeof allowed === 'boolean' && { allowed }),
  }
}
/** A task is written down as whoever acted named it: by its id, `1042` or `#1042`. */
function spellings(target: string, engine: Engine): readonly string[] {
  const number = /^#?(\d{1,15})$/.exec(target)?.[1]
  const id = number === undefined ? null : engine.taskIdOf({ number: Number(number) })
  return number === undefined ? [target] : [number, `#${number}`, ...(id === null ? [] : [id])]
}
function placeOf(cursor: string): number {
  const id = Number(open(cursor))
  if (Number.isSafeInteger(id) && id >= 0) return id
  throw badInput('after', 'MALFORMED', 'Use a cursor that this list gave')
}
