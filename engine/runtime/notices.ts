import { awaited } from '../core/asks/need.ts'
import { standInsFor } from '../core/asks/stand-in.ts'
import { inProject, type Directory } from '../core/env.ts'
import type { AskPeopleChanged, Event, Recorded, RequestClaimed } from '../core/events.ts'
import type { Flow } from '../core/flow.ts'
import type { TaskState } from '../core/state.ts'
import type { IndexRow, Notice } from '../store/message.ts'

/** Events after which a list or a card says something else for good. What moves from node to node does not: that is shown live. */
const TOLD: ReadonlySet<Event['kind']> = new Set([
  'task_launched',
  'task_requested',
  'request_claimed',
  'request_rejected',
  'request_resubmitted',
  'request_transferred',
  'request_withdrawn',
  'request_people_changed',
  'request_reminded',
  'request_escalated',
  'request_stranded',
  'task_planned',
  'note_set',
  'task_titled',
  'task_late',
  'pause_before_set',
  'pause_before_lifted',
  'task_paused',
  'task_resumed',
  'revoke_requested',
  'main_ended',
  'task_ended',
  'variables_edited',
  'task_followed',
  'attention_reminded',
  'attention_escalated',
  'node_failed',
  'node_retried',
  'node_ignored',
  'node_done_by_hand',
  'node_given_up',
  'node_rescheduled',
  'ask_opened',
  'ask_decided',
  'ask_commented',
  'ask_claimed',
  'ask_released',
  'ask_people_changed',
  'ask_reminded',
  'ask_closed',
  'approval_overridden',
  'freeze_passed',
  'slot_refused',
  'slot_returned',
])

/** What lists showed before the step: when neither this nor an event of `TOLD` differs, nothing is sent. */
export interface Shown {
  readonly phase: string
  readonly waitingFor: string
}
export const shownOf = (state: TaskState): Shown => ({ phase: state.phase, waitingFor: state.waitingFor.join() })

/** What people may have to hear of this step; null: nothing that lasts. */
export function noticesOf(
  entries: readonly Recorded[],
  before: Shown | null,
  state: TaskState,
  flow: Flow,
  directory: Directory,
): Notice[] | null {
  const notices: Notice[] = []
  let isTold = before === null || before.phase !== state.phase || before.waitingFor !== state.waitingFor.join()
  for (const entry of entries) {
    for (const event of entry.events) {
      // A letter that leaves a task queued says that it has moved up.
      if (TOLD.has(event.kind) || (event.kind === 'letter_heard' && state.stage === 'queued')) isTold = true
      const notice = noticeOf(event, state, flow, entry)
      if (notice) notices.push(...notice)
    }
  }
  if (!isTold) return null
  const held = notices.filter((notice) => stillHolds(notice, state))
  return [{ kind: 'changed' }, ...held.map((notice) => withStandIns(notice, state, directory))]
}

/** Whoever stands in for somebody who is asked is told as well. */
function withStandIns(notice: Notice, state: TaskState, { standIns }: Directory): Notice {
  const ask = notice.kind === 'ask_opened' ? state.asks.get(notice.askId) : undefined
  if (notice.kind !== 'ask_opened' || ask === undefined || standIns === undefined) return notice
  const around = { starter: state.startedBy.person, rehearsal: state.rehearsal }
  const others = notice.people.flatMap((person) => standInsFor(ask, around, standIns(person, state.updatedAt)))
  return others.length === 0
    ? notice
    : { ...notice, people: [...new Set([...notice.people, ...others.map(({ id }) => id)])] }
}

function noticeOf(event: Event, state: TaskState, flow: Flow, entry: Recorded): readonly Notice[] | null {
  const by = entry.by.name
  switch (event.kind) {
    case 'node_failed':
      return [
        {
          kind: 'attention',
          nodeId: event.node,
          attempt: event.attempt,
          refs: attentionRefs(flow, state),
          why: 'failed',
        },
      ]
    case 'attention_reminded':
      return [
        {
          kind: 'attention',
          nodeId: event.node,
          attempt: event.attempt,
          refs: event.refs.length > 0 ? told(event.refs, state) : attentionRefs(flow, state),
          why: 'reminder',
        },
      ]
    case 'attention_escalated':
      return [
        {
          kind: 'attention',
          nodeId: event.node,
          attempt: event.attempt,
          refs: told(event.refs, state),
          why: 'escalated',
        },
      ]
    case 'node_retried':
      // The alert was about the attempt before this one.
      return [{ kind: 'attention_over', nodeId: event.node, attempt: event.attempt - 1 }]
    case 'node_ignored':
    case 'node_skipped':
    case 'node_done_by_hand':
    case 'node_given_up':
    case 'node_revoked':
      return [{ kind: 'attention_over', nodeId: event.node, attempt: event.attempt }]
    case 'ask_opened':
      return [
        {
          kind: 'ask_opened',
          askId: event.ask.id,
          people: peopleOf(state, event.ask.id),
          why: isAgain(state, event.ask.id) ? 'again' : 'opened',
          deadline: event.ask.deadline,
        },
      ]
    case 'ask_reminded':
      return [
        {
          kind: 'ask_opened',
          askId: event.ask,
          people: event.people,
          why: 'reminder',
          ...deadlineOf(state, event.ask),
        },
      ]
    case 'ask_people_changed':
      return [
        {
          kind: 'ask_opened',
          askId: event.ask,
          people: event.added.map(({ id }) => id),
          why: event.why === 'escalated' ? 'escalated' : 'transferred',
          ...deadlineOf(state, event.ask),
        },
        { kind: 'ask_changed', askId: event.ask },
        ...assigned(event, state, by),
      ]
    case 'ask_decided':
    case 'ask_commented':
    case 'ask_claimed':
    case 'ask_released':
      return [{ kind: 'ask_changed', askId: event.ask }]
    case 'ask_closed':
      return [{ kind: 'ask_closed', askId: event.ask }]
    case 'approval_overridden':
      return [
        {
          kind: 'announce',
          // Past a granted one: those who granted it. Past an open one: everybody it asks.
          people:
            event.what === 'variables' || event.what === 'inputs'
              ? decidersOf(state, event.ask)
              : askedOf(state, event.ask),
          text: event.reason,
          what: 'overridden',
          by,
          ask: titleOf(state, event.ask),
        },
      ]
    case 'task_requested':
      return [{ kind: 'request', refs: event.to, why: 'opened' }]
    case 'request_resubmitted':
      return [{ kind: 'request_over' }, { kind: 'request', refs: state.handOver?.to ?? [], why: 'resubmitted' }]
    case 'request_rejected':
      return [{ kind: 'request_over' }, { kind: 'request', refs: ['starter'], why: 'rejected' }]
    case 'request_transferred':
      if (event.holder !== undefined)
        return [
          {
            kind: 'announce',
            people: others([event.holder.id, ...starterOf(state)], entry),
            what: 'carried',
            text: event.reason,
            by,
            added: [event.holder.name],
          },
        ]
      return [{ kind: 'request_over' }, { kind: 'request', refs: event.to, why: 'transferred' }]
    case 'request_claimed':
      return [
        { kind: 'request_over' },
        {
          kind: 'announce',
          people: others(starterOf(state), entry),
          what: 'claimed',
          text: event.note ?? '',
          by,
          added: correctedIn(event, flow),
        },
      ]
    case 'request_people_changed':
      return event.added.length > 0 ? [{ kind: 'request', refs: event.added, why: 'opened' }] : null
    case 'request_reminded':
      return [{ kind: 'request', refs: state.handOver?.to ?? [], why: 'reminder' }]
    case 'request_escalated':
      return [{ kind: 'request', refs: event.refs, why: 'escalated' }]
    case 'request_stranded':
      return [{ kind: 'request', refs: attentionRefs(flow, state), why: 'nobody' }]
    case 'request_withdrawn':
      return [{ kind: 'request_over' }]
    case 'freeze_passed':
      return [
        {
          kind: 'freeze_passed',
          // The app's rooms and operators, and where there is no app those whom its flow alerts.
          refs: attentionRefs(flow, state).filter((ref) => ref !== 'starter'),
          title: event.title,
          text: event.reason,
          by,
        },
      ]
    case 'slot_refused':
      return [
        {
          kind: 'announce',
          people: starterOf(state),
          // Else its key could not be told: in the words of that.
          ...(event.code === 'BUSY' && { what: 'not_started' as const }),
          ...(event.code === 'FROZEN' && { what: 'frozen' as const }),
          text: event.message,
        },
      ]
    case 'slot_returned':
      // With an end, its card says when it starts.
      return event.until === null
        ? [{ kind: 'announce', people: starterOf(state), what: 'frozen', text: event.title }]
        : null
    case 'task_late':
      return [{ kind: 'late', refs: attentionRefs(flow, state) }]
    case 'task_ended':
      return [{ kind: 'finished', refs: told(flow.notify.finished, state) }]
    default:
      return null
  }
}

/** A failure that the same step already dealt with (a retry, `ignore`) alerts nobody. */
function stillHolds(notice: Notice, state: TaskState): boolean {
  if (notice.kind === 'attention') {
    const run = state.nodes.get(notice.nodeId)
    return run?.state === 'failed' && !run.givenUp && run.attempt === notice.attempt && state.stage !== 'final'
  }
  if (notice.kind === 'request') return state.stage === 'requested'
  if (notice.kind === 'ask_opened') return state.asks.get(notice.askId)?.state === 'open'
  return true
}

/** Of a rehearsal whoever rehearses alone hears: it wakes no duty and speaks in no room. */
const told = (refs: readonly string[], { rehearsal }: TaskState): readonly string[] =>
  rehearsal && refs.length > 0 ? ['starter'] : refs
/** Whoever carries it after a hand-over hears of it, whomever else the author names. */
const attentionRefs = (flow: Flow, state: TaskState): readonly string[] => [
  ...(flow.notify.attention.length > 0 ? told(flow.notify.attention, state) : ['starter']),
  ...(state.handOver?.holder != null ? [state.handOver.holder.id] : []),
]
const peopleOf = (state: TaskState, askId: string): readonly string[] => {
  const ask = state.asks.get(askId)
  return ask ? awaited(ask) : []
}
/** Whoever gives an approval that had enough people more of them chooses who approves: those asked before are told. */
function assigned(event: AskPeopleChanged, state: TaskState, by: string): readonly Notice[] {
  const ask = state.asks.get(event.ask)
  if (event.why !== 'assigned' || event.attempt !== undefined || ask?.kind !== 'approval') return []
  const added = new Set(event.added.map(({ id }) => id))
  return [
    {
      kind: 'announce',
      people: askedOf(state, event.ask).filter((person) => !added.has(person)),
      text: event.reason ?? '',
      what: 'assigned',
      by,
      ask: ask.title,
      added: event.added.map(({ name }) => name),
    },
  ]
}
const askedOf = (state: TaskState, askId: string): readonly string[] => [
  ...new Set([
    ...(state.asks.get(askId)?.need.places.flatMap(({ people }) => people) ?? []),
    ...decidersOf(state, askId),
  ]),
]
const deadlineOf = (state: TaskState, askId: string): { deadline: number | null } => ({
  deadline: state.asks.get(askId)?.deadline ?? null,
})
const titleOf = (state: TaskState, askId: string): string => state.asks.get(askId)?.title ?? ''
/** Nobody is told what they did themselves. */
const others = (people: readonly string[], { by }: Recorded): readonly string[] => [
  ...new Set(people.filter((person) => person !== by.person)),
]
/** Titles of what was put right. */
const correctedIn = ({ corrections }: RequestClaimed, flow: Flow): readonly string[] =>
  Object.keys(corrections ?? {}).map((key) => flow.variables.find((variable) => variable.key === key)?.title ?? key)
const starterOf = ({ startedBy }: TaskState): readonly string[] => (startedBy.person === null ? [] : [startedBy.person])
const decidersOf = (state: TaskState, askId: string): readonly string[] => [
  ...new Set(state.asks.get(askId)?.decisions.map(({ person }) => person)),
]
/** The node has asked before: something bound has changed. */
function isAgain(state: TaskState, askId: string): boolean {
  const ask = state.asks.get(askId)
  for (const other of state.asks.values())
    if (ask && other.id !== askId && other.nodeId === ask.nodeId && other.attempt === ask.attempt) return true
  return false
}

/** What lists show of the task now. */
export function rowOf(state: TaskState, flow: Flow, directory: Directory): IndexRow {
  return {
    id: state.id,
    version: state.version,
    number: state.number,
    project: state.project,
    title: state.title,
    app: state.app?.name ?? null,
    flow: state.flow.name,
    phase: state.phase,
    waitingFor: state.waitingFor,
    outcome: state.stage === 'final' ? state.outcome : null,
    startedBy: state.startedBy.person,
    origin: state.origin,
    createdAt: state.createdAt,
    endedAt: state.endedAt,
    updatedAt: state.updatedAt,
    rehearsal: state.rehearsal,
    needs: state.stage === 'final' ? [] : needsOf(state, flow, inProject(directory, state.project)),
    followers: state.followers,
    ...(state.handOver?.holder != null && { holder: state.handOver.holder.id }),
    ...(state.parent !== null && { parent: state.parent.task }),
  }
}

/** For whom a request waits: whoever asked, those it was handed to, and where nobody is left those who see to it that somebody is. */
function refsOf(asked: NonNullable<TaskState['handOver']>, flow: Flow, state: TaskState): readonly string[] {
  if (asked.state === 'rejected') return ['starter']
  return asked.stranded === true ? attentionRefs(flow, state) : asked.to
}
function needsOf(state: TaskState, flow: Flow, directory: Directory): IndexRow['needs'] {
  const needs: { person: string; kind: 'ask' | 'failure' | 'request'; ref: string }[] = []
  if (state.asks.size > 0) {
    for (const ask of state.asks.values())
      if (ask.state === 'open') for (const person of awaited(ask)) needs.push({ person, kind: 'ask', ref: ask.id })
  }
  const { handOver } = state
  if (handOver !== null && state.stage === 'requested')
    for (const ref of refsOf(handOver, flow, state))
      for (const { id } of directory.people(ref, state.startedBy))
        if (!needs.some(({ person }) => person === id)) needs.push({ person: id, kind: 'request', ref: state.id })
  if (state.tally.failed > 0) {
    const people = new Set(
      attentionRefs(flow, state).flatMap((ref) => directory.people(ref, state.startedBy).map(({ id }) => id)),
    )
    for (const run of state.nodes.values()) {
      if (run.state === 'failed' && !run.givenUp)
        for (const person of people) needs.push({ person, kind: 'failure', ref: run.id })
    }
  }
  return needs
}
