/** What FLOW §2 promises of every run, whatever people press and however often: beside random.prop.test.ts, with the presses it leaves out. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Command, PeopleCommand } from '../command.ts'
import { EngineError } from '../error.ts'
import { jobsAtRecovery } from '../jobs.ts'
import { freeze, thaw } from '../snapshot.ts'
import type { NodeRun, TaskState } from '../state.ts'
import { ana, bo, lin, wei, type Bench } from './build.ts'
import { checkInvariants, finish } from './invariants.ts'
import { anyPieces, attempt, benchOf, commandFrom, flowFrom } from './random.ts'

const script = fc.array(fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 1000 })), { minLength: 20, maxLength: 100 })
const RUNS = { numRuns: Number(process.env['BATON_PROP_RUNS'] ?? 100) }
const PEOPLE = [ana, wei, bo, lin]

/** Presses beside those of `commandFrom`, at a node that there is. */
function pressFrom({ state, flow, env }: Bench, what: number, which: number): Command | null {
  const by = PEOPLE[which % PEOPLE.length] ?? lin
  const { id } = flow.nodes[which % flow.nodes.length]!
  const on = { by, nodeId: id, attempt: (state.nodes.get(id)?.attempt ?? 0) - (which % 13 === 0 ? 1 : 0) }
  switch (what % 6) {
    case 0:
      return { ...on, kind: 'pause_before' }
    case 1:
      return { ...on, kind: 'unpause' }
    case 2:
      return { ...on, kind: 'reschedule', at: env.now + which * 100 }
    case 3: {
      const gate = flow.nodes.find((node) => node.kind === 'gateway' && state.nodes.get(node.id)?.state === 'failed')
      if (gate?.kind !== 'gateway') return null
      const branches = [gate.branches[which % gate.branches.length]!.next]
      return { kind: 'choose_branch', by, nodeId: gate.id, attempt: state.nodes.get(gate.id)!.attempt, branches }
    }
    case 4:
      return { kind: 'set_note', by, text: which % 3 === 0 ? '' : `note ${which}` }
    default: {
      const [ask] = state.asks.values()
      return ask === undefined ? null : { kind: 'comment_ask', by, askId: ask.id, comment: 'look' }
    }
  }
}
function step(task: Bench, what: number, which: number): void {
  const command = what % 5 === 0 ? pressFrom(task, Math.floor(what / 5), which) : commandFrom(task, what, which)
  if (command !== null) attempt(task, command)
}
/** Lets go what somebody has paused, and brings the task to its end. */
function end(task: Bench): void {
  finish(task, () => {
    for (const nodeId of task.state.pausedBefore)
      attempt(task, {
        kind: 'unpause',
        by: wei,
        nodeId,
        attempt: task.state.nodes.get(nodeId)?.attempt ?? 0,
      })
  })
  expect(task.state.stage).toBe('final')
}

/** What a phase says there is must be there. */
function waitsForSomethingNamed(state: TaskState): void {
  const runs = [...state.nodes.values()]
  const some = (holds: (run: NodeRun) => boolean): boolean => runs.some(holds)
  const items = [...state.items.values()]
  switch (state.phase) {
    case 'running':
      // A body runs, or an instant comes that lets one run.
      return expect(jobsAtRecovery(state).length + state.timers.size, 'work under way').toBeGreaterThan(0)
    case 'attention':
      return expect(
        some((run) => run.state === 'failed' && !run.givenUp),
        'a step that asks for a person',
      ).toBe(true)
    case 'paused':
      return expect(state.paused || state.pausedBefore.length > 0, 'somebody paused it').toBe(true)
    case 'waiting':
      expect(state.waitingFor.length).toBeGreaterThan(0)
      for (const reason of state.waitingFor)
        switch (reason) {
          case 'timer':
          case 'retry':
            expect(
              [...state.timers.values()].some(({ kind }) => kind === (reason === 'timer' ? 'wait' : 'retry')),
            ).toBe(true)
            break
          case 'callback':
            expect(
              some((run) => run.waitsFor === 'callback') || items.some((item) => item.waitsFor === 'callback'),
            ).toBe(true)
            break
          default:
            expect([...state.asks.values()].some((ask) => ask.state === 'open')).toBe(true)
        }
      return
    default:
      return
  }
}

test('at every moment a task is final, has work under way, or waits for something that is named and there', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      const task = benchOf(flowFrom(pieces))
      for (const [what, which] of steps) {
        step(task, what, which)
        waitsForSomethingNamed(task.state)
        checkInvariants(task.state)
      }
      end(task)
    }),
    RUNS,
  )
})

test('with these presses too, replay and a crash at any entry give the live task', () => {
  fc.assert(
    fc.property(anyPieces, script, fc.nat({ max: 5 }), (pieces, steps, every) => {
      const task = benchOf(flowFrom(pieces))
      for (const [index, [what, which]] of steps.entries()) {
        step(task, what, which)
        if (index % (every + 1) === 0) task.state = thaw(freeze(task.state)) as TaskState
      }
      expect(task.replayed()).toEqual(task.state)
      end(task)
      expect(task.replayed()).toEqual(task.state)
    }),
    RUNS,
  )
})

test('if any step ever started, every node of finally is visited, unless somebody stopped it there', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      const task = benchOf(flowFrom(pieces))
      for (const [what, which] of steps) step(task, what, which)
      end(task)
      const { state, flow } = task
      // A gateway that was passed has left nothing to clean up.
      const anyStarted = task.history.some(({ events }) => events.some(({ kind }) => kind === 'node_started'))
      const visited = flow.finally.filter((id) => state.nodes.has(id))
      if (!anyStarted) expect(visited).toEqual([])
      else if (!state.finallyRevoked) expect(visited).toEqual(flow.finally)
      // In order: none is entered before the one ahead of it has ended.
      const [first, second] = flow.finally.map((id) => state.nodes.get(id))
      if (first !== undefined && second !== undefined) expect(second.enteredAt).toBeGreaterThanOrEqual(first.enteredAt)
    }),
    RUNS,
  )
})

const RACES = ['retry', 'skip', 'fail', 'byhand'] as const
/** One of the ways to answer a failure; outputs enough for whatever is used later. */
const raceOf = (kind: (typeof RACES)[number], by: typeof ana, { id, attempt: at }: NodeRun): PeopleCommand =>
  ({
    kind,
    by,
    nodeId: id,
    attempt: at,
    note: 'why',
    ...(kind === 'byhand' && { outputs: { n: 1 } }),
  }) as PeopleCommand // `outputs` belongs to byhand
const outcomeOf = (task: Bench, command: Command): string => {
  try {
    return task.do(command).length > 0 ? 'done' : 'nothing'
  } catch (error) {
    if (error instanceof EngineError) return error.code
    throw error
  }
}

test('of two people who answer the same failure exactly one wins: the other is refused, and changes nothing', () => {
  let races = 0
  fc.assert(
    fc.property(anyPieces, script, fc.nat({ max: 3 }), fc.nat({ max: 3 }), (pieces, steps, one, two) => {
      const task = benchOf(flowFrom(pieces))
      for (const [what, which] of steps) {
        step(task, what, which)
        const failed = [...task.state.nodes.values()].find((run) => run.state === 'failed' && !run.givenUp)
        if (failed === undefined) continue
        const [mine, theirs] = [raceOf(RACES[one]!, ana, failed), raceOf(RACES[two]!, bo, failed)]
        if (outcomeOf(task, mine) !== 'done') continue
        races += 1
        const after = task.state
        expect(['STALE', 'FINAL', 'NOT_ALLOWED'], `${theirs.kind} after ${mine.kind}`).toContain(
          outcomeOf(task, theirs),
        )
        expect(task.state).toBe(after)
      }
    }),
    RUNS,
  )
  expect(races).toBeGreaterThan(0)
})

test('of two edits made on the same revision exactly one wins', () => {
  fc.assert(
    fc.property(anyPieces, script, fc.integer({ min: 0, max: 9 }), (pieces, steps, n) => {
      const task = benchOf(flowFrom(pieces))
      for (const [what, which] of steps) step(task, what, which)
      const edit = (by: typeof ana, value: number): Command => ({
        kind: 'edit_variables',
        by,
        revision: task.state.variablesRevision,
        variables: { n: value },
        reason: 'why',
      })
      const [mine, theirs] = [edit(ana, 10_000 + n), edit(bo, 20_000 + n)]
      if (outcomeOf(task, mine) !== 'done') return
      const after = task.state
      expect(outcomeOf(task, theirs)).toBe('STALE')
      expect(task.state).toBe(after)
    }),
    RUNS,
  )
})
