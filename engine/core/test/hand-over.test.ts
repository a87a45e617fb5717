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
