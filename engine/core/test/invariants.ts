/** What holds of every task at every moment, and how to bring one to its end. */
import { expect } from 'vitest'
import { isOpen } from '../decide/turn.ts'
import { bucketOf, NO_TALLY, phaseOf, retally } from '../phase.ts'
import type { TaskState } from '../state.ts'
import { lin, wei, type Bench } from './build.ts'
import { attempt } from './random.ts'

export function checkInvariants(state: TaskState): void {
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
    else expect(state.paused || state.pausedBefore.includes(token.node), `${token.id} is held`).toBe(true)
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

/** A patient operator: answers everything, skips what fails. */
export function finish(task: Bench, more: () => void = () => {}): void {
  more()
  if (task.state.stage === 'created') task.do({ kind: 'start', by: lin })
  if (task.state.paused) task.do({ kind: 'resume', by: lin })
  for (let round = 0; round < 2000 && task.state.stage !== 'final'; round += 1) {
    more()
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
const stageOf = (task: Bench): TaskState['stage'] => task.state.stage
