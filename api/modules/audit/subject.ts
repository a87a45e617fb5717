/** Finds what a row of the audit was aimed at: acts name it by ids, people know it by its name. */
import { catalogue } from '../../../engine/index.ts'
import { rightsIn } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { askTitle } from '../ask/title.ts'
import { findTask, type TaskView } from '../task/load.ts'
import type { Subject, SubjectKind } from './words.ts'

type Row = Pick<catalogue.AuditRow, 'what' | 'target' | 'detail'>
/** A subject without one: the act was aimed at nothing, or at something nobody has a name for any more. */
type Find = (context: Context, target: string, detail: Detail) => Promise<Subject | null> | Subject | null
type Detail = Readonly<Record<string, unknown>>
export const detailOf = ({ detail }: Pick<Row, 'detail'>): Detail =>
  typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? (detail as Detail) : {}
export const textIn = (detail: Detail, name: string): string | null => {
  const value = detail[name]
  return typeof value === 'string' && value !== '' ? value : null
}

export async function subjectOf(context: Context, row: Row): Promise<Subject | null> {
  if (row.target === null) return null
  const find = FIND[row.what]
  return find === undefined ? thing('thing', row.target) : find(context, row.target, detailOf(row))
}
/** Name and id of a person an act mentions, by whatever it mentioned them. */
export const personNamed = (context: Context, ref: string): catalogue.Person | undefined =>
  context.db.read((tx) => catalogue.personByRef(tx, ref))

const thing = (kind: SubjectKind, title: string, ref: string | null = title): Subject => ({ kind, title, ref })
const known = new WeakMap<Context, Map<string, Promise<TaskView | null>>>()
/** Pages of the audit are mostly about few tasks: each is looked at once. What may not be seen has no name here either. */
function taskSeen(context: Context, ref: string): Promise<TaskView | null> {
  const tasks = known.get(context) ?? new Map<string, Promise<TaskView | null>>()
  known.set(context, tasks)
  const found = tasks.get(ref) ?? findTask(context, ref)
  tasks.set(ref, found)
  return found
}
const ofTask = ({ state }: TaskView): Subject => ({
  kind: 'task',
  title: state.title,
  number: state.number,
  ref: String(state.number),
})
export const taskSubject: Find = async (context, target) => {
  const listed = taskListed(context, target)
  if (listed) return listed
  const view = await taskSeen(context, target)
  if (view) return ofTask(view)
  const number = /^#?(\d{1,15})$/.exec(target)?.[1]
  return thing('task', number === undefined ? target : `#${number}`, null)
}
/** Who sees the whole project needs no look at the task itself: its row in the index has its name. */
function taskListed(context: Context, target: string): Subject | null {
  const number = /^#?(\d{1,15})$/.exec(target)?.[1]
  const id = number === undefined ? target : context.engine.taskIdOf({ number: Number(number) })
  const row = id === null ? undefined : context.db.read((tx) => catalogue.taskRow(tx, id))
  return row && rightsIn(context, row.project).has('view')
    ? { kind: 'task', title: row.title, number: row.number, ref: String(row.number) }
    : null
}
const step: Find = async (context, target, detail) => {
  const view = await taskSeen(context, target)
  const id = textIn(detail, 'nodeId')
  if (!view || id === null) return taskSubject(context, target, detail)
  return { kind: 'step', title: view.flow.node(id)?.title ?? id, ref: id, within: ofTask(view) }
}
const ask: Find = async (context, target) => {
  const taskId = target.slice(0, Math.max(0, target.lastIndexOf('-')))
  const view = taskId === '' ? null : await taskSeen(context, taskId)
  const found = view?.state.asks.get(target)
  if (!view || !found) return null
  const title = found.kind === 'approval' ? found.title : askTitle(found, view.state.title, context.who.language)
  return { kind: 'ask', title, ref: found.id, within: ofTask(view) }
}
const app: Find = ({ library }, target, detail) => {
  const found = library.app(textIn(detail, 'project') ?? 'default', target)
  return thing('app', found?.title ?? target, found?.name ?? null)
}
const muted: Find = (context, target, detail) =>
  context.library.app(textIn(detail, 'project') ?? 'default', target)
    ? app(context, target, detail)
    : taskSubject(context, target, detail)
const flow: Find = (context, target) => {
  const name = target.split('@')[0] ?? target
  const row = context.db.read((tx) => catalogue.documentsNamed(tx, 'Flow', name))[0]
  return thing('flow', target, row ? name : null)
}
const person: Find = (context, target) => {
  const found = personNamed(context, target)
  return thing('person', found?.name ?? target, found?.id ?? null)
}
/** `project/role:name`. */
const members: Find = ({ directory }, target) => {
  const [project = '', of = ''] = target.split('/')
  const [kind, name = ''] = of.split(':')
  const all = kind === 'group' ? directory.groups() : directory.roles()
  const found = all.find((one) => one.name === name && one.project === project)
  return thing(kind === 'group' ? 'group' : 'role', found?.title ?? name, name)
}
/** `project/name` of a role of rights, which is called by its name in commands and documents. */
const rightsRole: Find = (_, target) => thing('thing', target.replace(/^default\//, ''), null)
const schedule: Find = ({ db }, target) => {
  const [project = 'default', name = target] = target.includes('/') ? target.split('/') : ['default', target]
  const row = db.read((tx) => catalogue.documentOf(tx, project, 'Schedule', name))
  const title = (row?.document as { metadata?: { title?: unknown } } | undefined)?.metadata?.title
  return thing('schedule', typeof title === 'string' ? title : name, row ? name : null)
}
/** Kind/name, one or several. */
const documents: Find = (_, target) => thing('document', target, /^[A-Za-z]+\/[^,\s]+$/.test(target) ? target : null)
const named =
  (kind: SubjectKind): Find =>
  (_, target) =>
    thing(kind, target)
/** Ids of what is short-lived: who it was of, where that is still known. */
const ofPerson =
  (whose: (context: Context, id: string) => string | null | undefined): Find =>
  (context, target, detail) => {
    const id = textIn(detail, 'person') ?? whose(context, target)
    return id === null || id === undefined ? null : person(context, id, detail)
  }
const merge: Find = ({ db }, target) => {
  const names = db.read((tx) => {
    const row = catalogue.mergeById(tx, target)
    return row && [row.gone, row.keep].map((id) => catalogue.personById(tx, id)?.name ?? id)
  })
  return names === undefined ? null : thing('thing', names.join(' → '), null)
}
const token: Find = ({ db }, target) => {
  const name = db.read((tx) => catalogue.tokenById(tx, target))?.name
  return name === undefined ? null : thing('thing', name, null)
}
/** What a door was asked for, as JSON: a task, a project, the audit, or everything. */
const exported: Find = (context, target, detail) => {
  try {
    const { task, project } = JSON.parse(target) as { readonly task?: unknown; readonly project?: unknown } // may be cut, or anything
    if (typeof task === 'string') return taskSubject(context, task, detail)
    return typeof project === 'string' ? thing('project', project, null) : null
  } catch {
    return null
  }
}
/** A chat account, `slack:T1:U2`: by what it is called there, as long as it is linked. */
const account: Find = ({ db }, target) => {
  const [, platform, team = '', user] = /^(slack|telegram):([^:]*):([^:]+)$/.exec(target) ?? []
  if (user === undefined) return thing('thing', target)
  const chat = platform as 'slack' | 'telegram' // the pattern allows no other
  const name = db.read((tx) => catalogue.identityOf(tx, { platform: chat, team, user }))?.name
  const where = chat === 'slack' ? 'Slack' : 'Telegram'
  return thing('thing', name ? `${where} (${name})` : `${where} ${user}`, null)
}
const nameless: Find = () => null

const of = (find: Find, ...acts: readonly string[]): Readonly<Record<string, Find>> =>
  Object.fromEntries(acts.map((what) => [what, find]))
const FIND: Readonly<Record<string, Find>> = {
  ...of(taskSubject, 'startTask', 'planTask', 'pauseTask', 'resumeTask', 'revokeTask', 'editVariables', 'follow'),
  ...of(taskSubject, 'setNote', 'claimTask', 'rejectTask', 'resubmitTask', 'transferTask', 'withdrawTask'),
  ...of(step, 'retryNode', 'skipNode', 'completeNode', 'failNode', 'chooseBranch', 'pauseBefore', 'unpause'),
  ...of(step, 'rescheduleNode'),
  ...of(ask, 'decide', 'claimAsk', 'releaseAsk', 'transferAsk', 'assignAsk', 'remindAsk', 'commentAsk'),
  ...of(app, 'launch', 'setFavourite'),
  ...of(muted, 'mute', 'unmute'),
  ...of(flow, 'saveFlow', 'publishFlow', 'makeCurrent'),
  ...of(person, 'setRole', 'suspendPerson', 'restorePerson', 'endSessions', 'askSignInLink', 'delegate'),
  ...of(nameless, 'setPreferences', 'setAlertSettings', 'revokeInvitation', 'removePasskey', 'unlinkIdentity'),
  ...of(members, 'addMember', 'removeMember'),
  ...of(account, 'joinAs', 'redeemCode'),
  ...of(rightsRole, 'setRightsRole'),
  ...of(documents, 'apply', 'saveDocument', 'deleteDocument'),
  ...of(schedule, 'pauseSchedule', 'resumeSchedule', 'takeSchedule', 'runSchedule'),
  ...of(named('host'), 'scanHost', 'confirmHostKey', 'probeHost'),
  ...of(named('secret'), 'setSecret', 'deleteSecret', 'useSecret'),
  ...of(named('project'), 'setRetention'),
  ...of(exported, 'exportHistory'),
  ...of(merge, 'answerMerge', 'undoMerge'),
  ...of(token, 'revokeToken'),
  ...of(
    ofPerson(({ db }, id) => db.read((tx) => catalogue.sessionById(tx, id))?.person),
    'endSession',
  ),
  ...of(
    ofPerson(({ db }, id) => db.read((tx) => catalogue.delegationById(tx, id))?.to),
    'endDelegation',
  ),
}
