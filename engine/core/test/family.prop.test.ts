/** The properties of random.prop.test.ts for flows that start flows under a key, with parents and letters of every kind, doubled and early. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Command } from '../command.ts'
import { EngineError } from '../error.ts'
import type { Flow, FlowNode } from '../flow.ts'
import { isOver } from '../nodes/subflow.ts'
import { requestsOf, type CatalogueLetter, type ChildNews, type TaskRequest } from '../requests.ts'
import { freeze, thaw } from '../snapshot.ts'
import type { ChildRun, TaskPhase } from '../state.ts'
import { Bench, directoryOf, flowOf, policy, retries, value, wei } from './build.ts'
import { checkInvariants, finish } from './invariants.ts'
import { anyPieces, attempt, commandFrom, flowFrom, type Piece } from './random.ts'

const script = fc.array(fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 1000 })), { minLength: 20, maxLength: 120 })
const RUNS = { numRuns: Number(process.env['BATON_PROP_RUNS'] ?? 100) }
const PARENT = { task: 'P', number: 1041, node: 'call', attempt: 1, ancestors: ['P'] }

/** Every wait becomes a child, and the last of `finally` too. */
function family(pieces: readonly Piece[]): Flow {
  const flow = flowFrom(pieces)
  const nodes = flow.nodes.map((node): FlowNode => {
    if (node.kind !== 'wait' && node.id !== 'c2') return node
    const { id, title, next } = node
    const onFail = policy({
      ...(id === 'c2' ? {} : { timeoutMs: 60_000 }),
      ...(title.length % 2 === 0 && { retry: retries(1, { on: ['child_failed', 'timeout'] }) }),
    })
    const { stage, optional, when, maxVisits, allow, save, inFinally } = node
    const base = { id, title, stage, optional, when, maxVisits, allow, save, inFinally, onFail }
    return { ...base, kind: 'subflow', with: { flow: value('inner'), variables: value({ n: 1 }) }, next: next ?? 'end' }
  })
  const { start, finally: last, variables, attention } = flow
  const concurrency = { key: value('k'), limit: 1, whenBusy: 'queue' as const }
  return flowOf(nodes, { start, finally: last, variables, attention, concurrency })
}

/** A task of a family with what it has asked of others, as its messages would carry it. */
class Member extends Bench {
  readonly asked: TaskRequest[]
  constructor(flow: Flow) {
    super(
      flow,
      { variables: { n: 0, again: false }, parent: PARENT },
      { directory: directoryOf({ 'role:qa': ['ana', 'wei'], 'role:duty': ['dora'] }) },
    )
    this.asked = [...requestsOf(this.history[0]!.events, null, this.state)]
  }
  override do(command: Command): ReturnType<Bench['do']> {
    const before = this.state.phase
    const events = super.do(command)
    if (events.length > 0) this.asked.push(...requestsOf(events, before, this.state))
    return events
  }
  hear(letter: CatalogueLetter, sequence = this.state.heard + 1): void {
    this.do({ kind: 'letter', sequence, letter })
  }
}
const newsOf = ({ id, node, attempt }: ChildRun, phase: TaskPhase): ChildNews => ({
  child: id,
  node,
  attempt,
  number: 7,
  phase,
  ...((phase === 'succeeded' || phase === 'failed' || phase === 'revoked') && { outcome: phase, outputs: { n: 3 } }),
})
const PHASES: readonly TaskPhase[] = [
  'running',
  'waiting',
  'attention',
  'paused',
  'queued',
  'succeeded',
  'failed',
  'revoked',
]

function letterFrom(task: Member, what: number, which: number): CatalogueLetter | null {
  const live = task.state.children.filter((child) => !isOver(child))
  const child = live[which % Math.max(live.length, 1)]
  if (task.state.stage === 'queued' && what % 5 > 0) return { kind: 'slot_granted' }
  switch (what % 9) {
    case 0:
    case 1:
      return { kind: 'told', told: { what: which % 2 === 0 ? 'pause' : 'resume', by: wei } }
    case 2:
      return which % 5 > 0 ? null : { kind: 'told', told: { what: 'revoke', mode: 'stop', reason: null, by: wei } }
    case 3:
      return child === undefined || child.phase !== null
        ? null
        : { kind: 'child_refused', child: child.id, node: child.node, attempt: child.attempt, code: 'X', message: 'x' }
    case 4:
      return which % 9 > 0 ? null : { kind: 'slot_refused', code: 'BUSY', message: 'busy' }
    default:
      return child === undefined ? null : { kind: 'child', news: newsOf(child, PHASES[which % PHASES.length]!) }
  }
}
function step(task: Member, what: number, which: number): void {
  if (what % 2 === 0) {
    const command = commandFrom(task, what >> 1, which)
    if (command !== null) attempt(task, command)
    return
  }
  const letter = letterFrom(task, what >> 1, which)
  if (letter === null) return
  const { heard } = task.state
  if (which % 13 === 0 && heard > 0) return expectNothing(task, letter, heard) // comes twice
  if (which % 17 === 0) expect(() => task.hear(letter, heard + 2)).toThrow(EngineError) // comes early
  if (task.state.stage !== 'final') task.hear(letter)
}
function expectNothing(task: Member, letter: CatalogueLetter, sequence: number): void {
  const { state } = task
  task.hear(letter, sequence)
  expect(task.state).toBe(state)
}
function drive(task: Member, steps: readonly (readonly [number, number])[], each: () => void): void {
  for (const [what, which] of steps) {
    // An early letter to a task that is over is none.
    if (task.state.stage === 'final') return
    step(task, what, which)
    each()
  }
}

test('replay and a frozen copy equal the live task, and its counters and tokens are right', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      const task = new Member(family(pieces))
      drive(task, steps, () => checkInvariants(task.state))
      expect(task.replayed()).toEqual(task.state)
      expect(thaw(freeze(task.state))).toEqual(task.state)
    }),
    RUNS,
  )
})

test('a node never has two children that live, and one that goes on has none', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      const task = new Member(family(pieces))
      drive(task, steps, () => {
        const live = task.state.children.filter((child) => !isOver(child))
        expect(new Set(live.map(({ node }) => node)).size).toBe(live.length)
        for (const { node, attempt: of } of live) {
          const run = task.state.nodes.get(node)!
          expect([run.attempt, run.state === 'running' || run.state === 'waiting']).toEqual([of, true])
        }
        if (task.state.stage === 'final') expect(live).toEqual([])
      })
    }),
    RUNS,
  )
})

test('brought to its end, a task has asked for its place once, given it back once, and told its parent last of all', () => {
  fc.assert(
    fc.property(anyPieces, script, (pieces, steps) => {
      const task = new Member(family(pieces))
      drive(task, steps, () => {})
      finish(task, () => {
        if (task.state.stage === 'created') task.do({ kind: 'start', by: wei })
        if (task.state.stage === 'queued') task.hear({ kind: 'slot_granted' })
        if (task.state.heldByParent) task.hear({ kind: 'told', told: { what: 'resume', by: wei } })
        if (task.state.paused) attempt(task, { kind: 'resume', by: wei })
        for (const child of task.state.children)
          if (!isOver(child))
            task.hear({ kind: 'child', news: newsOf(child, child.ending === null ? 'succeeded' : 'revoked') })
      })
      expect(task.state.stage).toBe('final')
      checkInvariants(task.state)
      const kinds = task.asked.map(({ kind }) => kind)
      const released = kinds.filter((kind) => kind === 'slot_released').length
      expect(released).toBe(task.state.slot === null ? 0 : 1)
      expect(task.asked.at(-1)).toMatchObject({ kind: 'parent_told', news: { outcome: task.state.outcome } })
      const wanted = task.asked.flatMap((request) => (request.kind === 'child_wanted' ? [request.child] : []))
      expect(new Set(wanted).size).toBe(wanted.length)
    }),
    RUNS,
  )
})
