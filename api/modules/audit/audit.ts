import { catalogue, verifyAudit, type AuditReport, type Engine, type Surface } from '../../../engine/index.ts'
import { mayDo } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, open, pageSize, seal } from '../../graphql/connection.ts'
import { Actor } from '../person/actor.ts'

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
  }),
})
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
      target: t.arg.string({ description: 'What it was aimed at; a task by its id or number.' }),
      from: t.arg({ type: 'DateTime' }),
      to: t.arg({ type: 'DateTime', description: 'Before this moment.' }),
      allowed: t.arg.boolean({ description: 'False: refusals alone.' }),
    },
    resolve: (_, { first, after, ...wanted }, context) => {
      mayDo(context, 'audit')
      const size = pageSize(first)
      const filter = filterOf(wanted, context)
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
  readonly from?: number | null | undefined
  readonly to?: number | null | undefined
  readonly allowed?: boolean | null | undefined
}
/** Null: nobody of that name, so no row. @throws INVALID_INPUT */
function filterOf(wanted: Wanted, { db, engine }: Context): catalogue.AuditFilter | null {
  const { person, what, target, from, to, allowed } = wanted
  if (what && what.length > MOST_WORDS) throw badInput('what', 'TOO_LONG', `Ask for up to ${MOST_WORDS} at once`)
  if (typeof from === 'number' && typeof to === 'number' && to < from)
    throw badInput('to', 'RANGE', 'The end lies before the beginning')
  const found = person ? db.read((tx) => catalogue.personByRef(tx, person)) : undefined
  if (person && !found) return null
  return {
    ...(found && { person: found.id }),
    ...(what && what.length > 0 && { what }),
    ...(target && { target: spellings(target, engine) }),
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
