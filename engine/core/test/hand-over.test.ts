import { expect, test } from 'vitest'
import type { PeopleCommand } from '../command.ts'
import type { Directory, Viewer } from '../env.ts'
import { EngineError } from '../error.ts'
import { authorize } from '../rights.ts'
import type { Actor, HandOver, TaskState } from '../state.ts'
import { act, ana, Bench, bo, directoryOf, flowOf, lin, text, wei } from './build.ts'
import { checkInvariants } from './invariants.ts'

const ROLES = { 'role:ops': ['ana', 'bo'], 'role:qa': ['wei'] }
const directory: Directory = directoryOf(ROLES)
const flow = flowOf([act('a', 'end')], { variables: [text('version')] })
const handed = { variables: { version: 'v1' }, handOver: { to: ['role:ops'] } }

type Move = readonly [by: Actor, what: string, command: (asked: HandOver, state: TaskState) => PeopleCommand]
/** Lin asks; Ana and Bo are Ops, Wei is QA. `late` aims at the round before. */
const MOVES: readonly Move[] = [
  ...[lin, ana, bo, wei].flatMap((by): Move[] => [
    [by, 'claim', ({ round }) => ({ kind: 'claim_request', by, round })],
    [by, 'reject', ({ round }) => ({ kind: 'reject_request', by, round, reason: 'no' })],
    [by, 'withdraw', ({ round }) => ({ kind: 'withdraw_request', by, round })],
    [by, 'resubmit', ({ round }) => ({ kind: 'resubmit_request', by, round })],
  ]),
  [ana, 'claim late', ({ round }) => ({ kind: 'claim_request', by: ana, round: round - 1 })],
  [bo, 'to qa', ({ round }) => ({ kind: 'transfer_request', by: bo, round, to: ['role:qa'], reason: 'theirs' })],
  [ana, 'to bo', ({ round }) => ({ kind: 'transfer_request', by: ana, round, to: ['bo'], reason: 'off' })],
  [
    lin,
    'edit',
    (_, { variablesRevision }) => ({
      kind: 'edit_variables',
      by: lin,
      revision: variablesRevision,
      variables: { version: `v${variablesRevision + 1}` },
    }),
  ],
]
/** As the API sees a person: rights come from standing among those asked, and from carrying it. */
function viewerOf(actor: Actor, { handOver, startedBy }: Readonly<TaskState>): Viewer {
  const stands = (ref: string): boolean => directory.people(ref, startedBy).some(({ id }) => id === actor.person)
  const operate = handOver?.holder?.id === actor.person
  return {
    actor,
    rights: new Set(),
    app: { launch: true, see: true, operate },
    executes: handOver?.to.some(stands) === true,
  }
}

test('no order of what people may do lets a stranger claim, two carry it, or an outdated press count', () => {
  let tried = 0
  const explore = (way: readonly number[]): void => {
    const task = new Bench(flow, handed, { directory })
    for (const at of way) step(task, MOVES[at]!)
    const before = task.state.handOver!
    if (way.length === 4 || task.state.stage === 'final') return
    for (const [at] of MOVES.entries()) {
      const next = new Bench(flow, handed, { directory })
      for (const done of way) step(next, MOVES[done]!)
      tried += 1
      if (!step(next, MOVES[at]!)) continue // refused: nothing has changed, so nothing new follows
      judge(before, next, MOVES[at]!)
      explore([...way, at])
    }
  }
  explore([])
  expect(tried).toBeGreaterThan(1_500)
})

/** False: it was refused, and changed nothing. */
function step(task: Bench, [by, , of]: Move): boolean {
  const { version } = task.state
  const command = of(task.state.handOver!, task.state)
  try {
    authorize(flow, task.state, command, viewerOf(by, task.state))
    task.do(command)
    return true
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    expect(task.state.version).toBe(version)
    return false
  }
}
function judge(before: HandOver, { state }: Bench, [by, what]: Move): void {
  const after = state.handOver!
  checkInvariants(state)
  const stood = before.to.some((ref) => directory.people(ref, state.startedBy).some(({ id }) => id === by.person))
  expect(what).not.toBe('claim late')
  expect(after.round, 'each act begins another round').toBeGreaterThan(
    what === 'edit' && before.state === 'claimed' ? 0 : before.round,
  )
  if (what === 'claim') {
    expect([stood, before.state, after.holder?.id]).toEqual([true, 'open', by.person])
    expect(state.stage).not.toBe('requested')
  }
  if (what === 'reject') expect([stood, before.state, after.state]).toEqual([true, 'open', 'rejected'])
  if (what === 'resubmit') expect([by.person, before.state, after.state]).toEqual(['lin', 'rejected', 'open'])
  if (what === 'withdraw')
    expect([by.person, before.state === 'claimed', state.outcome]).toEqual(['lin', false, 'revoked'])
  if (what.startsWith('to ')) expect(stood || before.holder?.id === by.person).toBe(true)
  // Nothing runs before somebody has it, and nobody who has it loses it but by passing it on.
  if (after.state !== 'claimed') expect([state.startedAt, state.nodes.size]).toEqual([null, 0])
  if (before.holder !== null && !what.startsWith('to ')) expect(after.holder).toEqual(before.holder)
  expect(state.waitingFor).toEqual(
    state.stage !== 'requested' ? [] : after.state === 'rejected' ? ['correction'] : ['claim'],
  )
}

test('who joins those it was handed to is told, once; who has gone is not', () => {
  const task = new Bench(flow, handed, { directory })
  expect(task.state.handOver?.told).toEqual(['ana', 'bo'])
  expect(task.kinds({ kind: 'people_changed' })).toEqual([])
  task.env = { ...task.env, directory: directoryOf({ 'role:ops': ['bo', 'wei'] }) }
  expect(task.do({ kind: 'people_changed' })).toEqual([
    { kind: 'request_people_changed', v: 1, told: ['bo', 'wei'], added: ['wei'] },
  ])
  expect(task.kinds({ kind: 'people_changed' })).toEqual([])
  task.do({ kind: 'claim_request', by: bo, round: task.state.handOver!.round })
  task.env = { ...task.env, directory: directoryOf({ 'role:ops': ['ana'] }) }
  expect(task.kinds({ kind: 'people_changed' })).toEqual([]) // it has been claimed
})

const MIN = 60_000
const watched = (to = ['role:ops']) => ({
  variables: { version: 'v1' },
  handOver: { to, watch: { remindEveryMs: 10 * MIN, escalateTo: ['role:qa'], afterMs: 25 * MIN } },
})
const said = (task: Bench): readonly string[] =>
  task.history.flatMap(({ events }) => events.map(({ kind }) => kind)).filter((kind) => kind.startsWith('request_'))

const timersOf = ({ state }: Bench): readonly string[] => [...state.timers.values()].map(({ id }) => id)

test('nobody claims it: told again each time, escalated once, and told again to all of them', () => {
  const task = new Bench(flow, watched(), { directory })
  task.pass(35 * MIN)
  expect(said(task)).toEqual(['request_reminded', 'request_reminded', 'request_escalated', 'request_reminded'])
  expect(task.state.handOver).toMatchObject({
    to: ['role:ops', 'role:qa'],
    told: ['ana', 'bo', 'wei'],
    round: 1, // whoever is about to press still may
  })
  expect(task.state.phase).toBe('requested')
})
test.each<[string, (round: number) => PeopleCommand]>([
  ['claimed', (round) => ({ kind: 'claim_request', by: ana, round })],
  ['rejected', (round) => ({ kind: 'reject_request', by: ana, round, reason: 'no' })],
  ['withdrawn', (round) => ({ kind: 'withdraw_request', by: lin, round })],
  ['stopped', () => ({ kind: 'revoke', by: lin, mode: 'cancel' })],
])('once it is %s, nobody is told again', (_, command) => {
  const task = new Bench(flow, watched(), { directory })
  task.do(command(1))
  expect(timersOf(task).filter((id) => /^task\/(remind|escalate)$/.test(id))).toEqual([])
  const before = said(task)
  task.pass(60 * MIN)
  expect(said(task)).toEqual(before)
})
test('a transfer and a new submission begin the time anew', () => {
  const task = new Bench(flow, watched(), { directory })
  task.pass(20 * MIN)
  task.do({ kind: 'transfer_request', by: bo, round: 1, to: ['bo'], reason: 'yours' })
  task.pass(9 * MIN)
  expect(said(task).at(-1)).toBe('request_transferred')
  task.pass(16 * MIN)
  expect(task.state.handOver?.to).toEqual(['bo', 'role:qa'])
  task.do({ kind: 'reject_request', by: bo, round: 2, reason: 'which?' })
  task.pass(60 * MIN)
  task.do({ kind: 'resubmit_request', by: lin, round: 3 })
  task.pass(10 * MIN)
  expect(said(task).slice(-2)).toEqual(['request_resubmitted', 'request_reminded'])
  expect(timersOf(task)).toEqual(['task/remind']) // all whom it could be put to may claim it by now
})
test('with nobody behind it, it is escalated at once; with nobody there either, somebody has to pass it on', () => {
  const empty = directoryOf({ 'role:ops': [], 'role:qa': ['wei'] })
  const first = new Bench(flow, watched(), { directory: empty })
  expect([first.state.phase, first.state.handOver?.told]).toEqual(['requested', ['wei']])
  const task = new Bench(flow, watched(), { directory: directoryOf({ 'role:ops': [], 'role:qa': [] }) })
  expect([task.state.phase, task.state.waitingFor, said(task)]).toEqual([
    'attention',
    ['claim'],
    ['request_escalated', 'request_stranded'],
  ])
  task.pass(30 * MIN) // reminders go on, whoever may hear them
  task.env = { ...task.env, directory: directoryOf({ 'role:ops': ['bo'], 'role:qa': [] }) }
  task.do({ kind: 'people_changed' })
  expect([task.state.phase, task.state.handOver?.stranded]).toEqual(['requested', undefined])
  task.do({ kind: 'claim_request', by: bo, round: 1 })
  expect(task.state.stage).toBe('main')
})
test('who would claim what has been done by now is told who had it', () => {
  const task = new Bench(flow, handed, { directory })
  task.do({ kind: 'claim_request', by: ana, round: 1 })
  task.done('a')
  const late = (): unknown => task.do({ kind: 'claim_request', by: bo, round: 1 })
  expect(late).toThrow(
    expect.objectContaining({
      code: 'FINAL',
      detail: expect.objectContaining({
        truth: expect.objectContaining({ what: 'claimed', by: 'ana', now: 'succeeded' }) as object,
      }) as object,
    }) as Error,
  )
})
