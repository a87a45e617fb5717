import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide } from '../decide/decide.ts'
import { EngineError } from '../error.ts'
import { jobsAtRecovery } from '../jobs.ts'
import { freeze, thaw } from '../snapshot.ts'
import type { TaskState } from '../state.ts'
import type { Bench } from './build.ts'
import { checkInvariants, finish } from './invariants.ts'
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
