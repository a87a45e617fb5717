import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../decide/decide.ts'
import { isOpen } from '../decide/turn.ts'
import { EngineError } from '../error.ts'
import { jobsAtRecovery } from '../jobs.ts'
import { bucketOf, NO_TALLY, phaseOf, retally } from '../phase.ts'
import { freeze, thaw } from '../snapshot.ts'
import type { TaskState } from '../state.ts'
import { lin, wei, type Bench } from './build.ts'
import { anyPieces, attempt, benchOf, commandFrom, flowFrom } from './random.ts'

const script = fc.array(fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 1000 })), { minLength: 20, maxLength: 120 })
const RUNS = { numRuns: Number(process.env['BATON_PROP_RUNS'] ?? 150) }

/** Runs a script; `each` looks at the task before every command and after the last. */
function drive(
  task: Bench,
  steps: readonly (readonly [number, number])[],
  each: (task: Bench) => void = () => {},
): void {
  for (const [what, which] of steps) {
    each(task)
    const command = commandFrom(task, what, which)
    if (command !== null) attempt(task, command)
  }
  each(task)
}

test('replaying the recorded events rebuilds the task, whatever was asked of it', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      const task = benchOf(flowFrom(pieces))
      drive(task, steps)
      expect(task.replayed()).toEqual(task.state)
    }),
    RUNS,
  )
})

test('a crash between any two entries changes nothing: the thawed task is the same, and owes the same work', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      const flow = flowFrom(pieces)
      const plain = benchOf(flow)
      const crashing = benchOf(flow)
      drive(plain, steps)
      drive(crashing, steps, (task) => {
        const thawed = thaw(freeze(task.state))
        expect(thawed).toEqual(task.state)
        const key = (job: { kind: string; nodeId: string; attempt: number; item?: number }) =>
          `${job.kind} ${job.nodeId} ${job.attempt} ${job.item ?? ''}`
        // What recovery finds is among what had been handed out and not answered.
        expect(task.jobs.map(key)).toEqual(
          expect.arrayContaining(
            jobsAtRecovery(task.state)
              .filter((job) => job.kind !== 'cancel')
              .map(key),
          ),
        )
        task.state = thawed as TaskState
      })
      expect(crashing.state).toEqual(plain.state)
    }),
    RUNS,
  )
})

test('no token is lost or doubled, and the counters behind the phase are right', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      drive(benchOf(flowFrom(pieces)), steps, (task) => checkInvariants(task.state))
    }),
    RUNS,
  )
})

function checkInvariants(state: TaskState): void {
  let tally = NO_TALLY
  for (const run of state.nodes.values()) {
    const bucket = bucketOf(run, state)
    if (bucket !== null && state.stage !== 'final') tally = retally(tally, null, bucket)
    if (run.token.startsWith('finally:') || !isOpen(run)) continue
    expect(state.tokens.get(run.token)?.node, `token of ${run.id}`).toBe(run.id)
  }
  if (state.stage !== 'final') expect(state.tally).toEqual(tally)
  expect(state.phase).toBe(phaseOf(state))
  for (const token of state.tokens.values()) {
    const run = state.nodes.get(token.node)
    if (token.held !== true)
      expect(run !== undefined && isOpen(run) && run.token === token.id, `visit of ${token.id} at ${token.node}`).toBe(
        true,
      )
    else expect(state.paused, `${token.id} is held`).toBe(true)
  }
  const windingDown = state.revoking !== null || state.outcome !== null
  for (const fork of state.forks.values()) {
    const inside =
      [...state.tokens.values()].filter((token) => token.fork === fork.id).length +
      [...state.forks.values()].filter((inner) => inner.parent.fork === fork.id).length
    if (!windingDown) expect(fork.arrived + inside, `tokens of ${fork.id}`).toBe(fork.sent)
  }
  if (state.stage === 'final') {
    expect([state.tokens.size, state.timers.size, state.forks.size]).toEqual([0, 0, 0])
    expect([...state.asks.values()].filter((ask) => ask.state === 'open')).toEqual([])
  }
  for (const ask of state.asks.values())
    if (ask.state === 'open') expect(isOpen(state.nodes.get(ask.nodeId)!)).toBe(true)
}

test('whatever happened, a task can be brought to its end', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      const task = benchOf(flowFrom(pieces))
      drive(task, steps)
      finish(task)
      expect(task.state.stage).toBe('final')
      checkInvariants(task.state)
    }),
    RUNS,
  )
})

/** A patient operator: answers everything, skips what fails. */
function finish(task: Bench): void {
  if (task.state.stage === 'created') task.do({ kind: 'start', by: lin })
  if (task.state.paused) task.do({ kind: 'resume', by: lin })
  for (let round = 0; round < 2000 && task.state.stage !== 'final'; round += 1) {
    const job = task.jobs.shift()
    if (job !== undefined) {
      const item = job.item === undefined ? {} : { item: job.item }
      if (job.kind === 'cancel')
        task.do({ kind: 'cancelled', nodeId: job.nodeId, attempt: job.attempt, confirmed: true, ...item })
      else
        task.do({
          kind: 'result',
          nodeId: job.nodeId,
          attempt: job.attempt,
          result: { kind: 'done', outputs: { n: 1 } },
          ...item,
        })
      continue
    }
    const parked = [...task.state.nodes.values()].find((run) => run.waitsFor === 'callback')
    if (parked !== undefined)
      attempt(task, {
        kind: 'result',
        nodeId: parked.id,
        attempt: parked.attempt,
        result: { kind: 'done', outputs: { n: 1 } },
      })
    for (const item of task.state.items.values())
      if (item.waitsFor === 'callback')
        attempt(task, {
          kind: 'result',
          nodeId: item.node,
          attempt: item.attempt,
          item: item.index,
          result: { kind: 'done', outputs: {} },
        })
    for (const ask of [...task.state.asks.values()].filter((each) => each.state === 'open')) {
      for (const person of ask.need.places.flatMap((place) => place.people)) {
        const by = { ...lin, person, name: person }
        attempt(task, {
          kind: 'decide',
          by,
          askId: ask.id,
          digest: ask.digest,
          verdict: ask.kind === 'form' ? 'submit' : 'approve',
        })
      }
    }
    for (const run of [...task.state.nodes.values()].filter((each) => each.state === 'failed')) {
      attempt(task, { kind: 'skip', by: wei, nodeId: run.id, attempt: run.attempt, note: 'why' })
      const node = task.flow.node(run.id)
      if (node?.kind === 'gateway')
        attempt(task, {
          kind: 'choose_branch',
          by: wei,
          nodeId: run.id,
          attempt: run.attempt,
          branches: [node.branches.at(-1)?.next ?? ''],
        })
      if (run.error?.code === 'MAX_VISITS')
        attempt(task, { kind: 'fail', by: wei, nodeId: run.id, attempt: run.attempt, note: 'why' })
    }
    if (stageOf(task) !== 'final') task.pass(1000)
  }
}

test('decide never changes what it is given, refused or not', () => {
  fc.assert(
    fc.property(anyPieces, script, fc.nat({ max: 1000 }), fc.nat({ max: 1000 }), (pieces, steps, what, which) => {
      const task = benchOf(flowFrom(pieces))
      drive(task, steps)
      const command = commandFrom(task, what, which)
      if (command === null) return
      const before = structuredClone(task.state)
      deepFreeze(task.state)
      try {
        decide(task.flow, task.state, command, task.env)
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
      }
      expect(task.state).toEqual(before)
    }),
    RUNS,
  )
})

/** Freezes everything but the tables themselves, whose entries are compared. */
function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  if (value instanceof Map) {
    for (const entry of value.values()) deepFreeze(entry)
    return
  }
  Object.freeze(value)
  for (const entry of Object.values(value)) deepFreeze(entry)
}
const stageOf = (task: Bench): TaskState['stage'] => task.state.stage
