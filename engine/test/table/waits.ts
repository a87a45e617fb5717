import { wu } from '../world.ts'
import type { Scenario } from './scenario.ts'

const act = (more: object = {}) => ({ use: 'act@1', ...more })
const does = (...doing: readonly string[]) => ({ with: { does: doing } })

/** FLOW §2, Waiting, polling, callbacks; Finally; §1.1 wait. */
export const WAITS: readonly Scenario[] = [
  {
    says: 'wait for a duration',
    flow: { nodes: { w: { use: 'wait', with: { for: '20ms' } }, b: act() } },
    ends: { phase: 'succeeded', nodes: { w: 'succeeded', b: 'succeeded' } },
  },
  {
    says: 'wait until an instant that has passed is over at once',
    flow: { nodes: { w: { use: 'wait', with: { until: '2020-01-01T00:00:00Z' } }, b: act() } },
    ends: { phase: 'succeeded' },
  },
  {
    says: 'wait for what is no duration fails the node',
    flow: { variables: { d: { type: 'text' } }, nodes: { w: { use: 'wait', with: { for: '${d}' } } } },
    launch: { variables: { d: 'soon' } },
    ends: { phase: 'attention', nodes: { w: 'failed' } },
  },
  {
    says: 'wait for working hours of a calendar: while it is open, over at once; of one that is not there, a failure',
    flow: {
      nodes: {
        w: { use: 'wait', with: { workingHours: 'always' } },
        x: { use: 'wait', with: { workingHours: 'nowhere' } },
      },
    },
    ends: { phase: 'attention', nodes: { w: 'succeeded', x: 'failed' }, messages: { x: 'nowhere' } },
  },
  {
    says: 'a deadline in working hours',
    flow: {
      nodes: {
        ok: {
          use: 'approval',
          with: { approvers: ['role:qa'], deadline: { calendar: 'always', for: '20ms' }, onDeadline: 'fail' },
        },
      },
    },
    ends: { phase: 'attention', causes: { ok: 'timeout' } },
  },
  {
    says: 'only a wait that waits is moved',
    flow: { nodes: { a: act(does('hold')) } },
    steps: [
      {
        when: { nodes: { a: 'running' } },
        press: { kind: 'reschedule', nodeId: 'a', at: 0 },
        refused: 'NOT_ALLOWED',
      },
      { release: true },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a poll between two calls is running, and goes on to its end',
    flow: { nodes: { a: act(does('poll')), b: act() } },
    ends: { phase: 'succeeded', attempts: { a: 1 } },
    calls: ['a/1 execute', 'a/1 poll', 'a/1 poll', 'b/1 execute'],
  },
  {
    says: 'a node that waits for a callback is waiting, and ends with what comes',
    flow: { nodes: { a: act(does('call')) }, outputs: { got: '${a.outputs.got}' } },
    steps: [{ when: { phase: 'waiting', waitingFor: ['callback'] }, call: 'a/1', payload: { say: 'hello' } }],
    ends: { phase: 'succeeded', outputs: { got: ['hello'] } },
  },
  {
    says: 'callbacks are handled one at a time, in order, and none gets lost',
    flow: { nodes: { a: act(does('call')) }, outputs: { got: '${a.outputs.got}' } },
    steps: [
      { when: { phase: 'waiting' }, call: 'a/1', payload: { say: '1', more: true } },
      { call: 'a/1', payload: { say: '2', more: true } },
      { call: 'a/1', payload: { say: '3' } },
    ],
    ends: { phase: 'succeeded', outputs: { got: ['1', '2', '3'] } },
  },
  {
    says: 'the same callback twice, by its Idempotency-Key, counts once',
    flow: { nodes: { a: act(does('call')) }, outputs: { got: '${a.outputs.got}' } },
    steps: [
      { when: { phase: 'waiting' }, call: 'a/1', payload: { say: '1', more: true }, key: 'one' },
      { call: 'a/1', payload: { say: '1', more: true }, key: 'one' },
      { call: 'a/1', payload: { say: '2' }, key: 'two' },
    ],
    ends: { phase: 'succeeded', outputs: { got: ['1', '2'] } },
  },
  {
    says: 'a callback may say that it failed',
    flow: { nodes: { a: act(does('call')) } },
    steps: [{ when: { phase: 'waiting' }, call: 'a/1', payload: { say: 'refused', wrong: true } }],
    ends: { phase: 'attention', codes: { a: 'SAID_NO' } },
  },
  {
    says: 'a callback of an attempt that is over is kept as late and changes nothing',
    flow: { nodes: { a: act(does('call', 'call')) } },
    steps: [
      { when: { phase: 'waiting' }, press: { kind: 'fail', nodeId: 'a' } },
      { when: { phase: 'attention' }, call: 'a/1', payload: { say: 'late' } },
      { press: { kind: 'retry', nodeId: 'a' } },
      { when: { phase: 'waiting', attempts: { a: 2 } }, call: 'a/2', payload: { say: 'in time' } },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'what waits survives a restart',
    flow: { nodes: { a: act(does('call')), w: { use: 'wait', with: { for: '30ms' } } } },
    steps: [
      { when: { phase: 'waiting' }, restart: true },
      { call: 'a/1', payload: { say: 'after' } },
      { restart: true },
    ],
    ends: { phase: 'succeeded', nodes: { a: 'succeeded', w: 'succeeded' } },
  },
  {
    says: 'finally runs in order when the main part ended well',
    flow: { nodes: { a: act(), c1: act(), c2: act() }, finally: ['c1', 'c2'] },
    ends: { phase: 'succeeded' },
    calls: ['a/1 execute', 'c1/1 execute', 'c2/1 execute'],
  },
  {
    says: 'a finally node may ask a person: the task waits, and the rest still run',
    flow: { nodes: { a: act(), c1: act(does('fail')), c2: act() }, finally: ['c1', 'c2'] },
    steps: [{ when: { phase: 'attention', nodes: { c1: 'failed' } }, press: { kind: 'skip', nodeId: 'c1' } }],
    ends: { phase: 'succeeded', nodes: { c1: 'skipped', c2: 'succeeded' } },
  },
  {
    says: 'then: fail in finally turns succeeded into failed; the rest still run',
    flow: {
      nodes: { a: act(), c1: act({ ...does('fail'), onFail: { then: 'fail' } }), c2: act() },
      finally: ['c1', 'c2'],
    },
    ends: { phase: 'failed', nodes: { a: 'succeeded', c1: 'failed', c2: 'succeeded' } },
  },
  {
    says: 'then: fail in finally leaves revoked as it is',
    flow: {
      nodes: { a: act(does('hold')), c1: act({ ...does('fail'), onFail: { then: 'fail' } }) },
      finally: ['c1'],
    },
    steps: [{ when: { nodes: { a: 'running' } }, press: { kind: 'revoke', mode: 'cancel' } }],
    ends: { phase: 'revoked', nodes: { c1: 'failed' } },
  },
  {
    says: 'pause holds finally as any node',
    flow: { nodes: { a: act(does('hold')), c1: act() }, finally: ['c1'] },
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause' }, by: wu },
      { release: true },
      { when: { phase: 'paused', nodes: { a: 'succeeded' } }, look: { phase: 'paused' } },
      { press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded', nodes: { c1: 'succeeded' } },
  },
  {
    says: 'each node of finally obeys its onFail: retries, timeouts, ignore',
    flow: {
      nodes: {
        a: act(),
        c1: act({ ...does('fail', 'ok'), onFail: { retry: { times: 1, delay: '1ms' } } }),
        c2: act({ ...does('hold'), onFail: { timeout: '20ms', then: 'ignore' } }),
        c3: act(),
      },
      finally: ['c1', 'c2', 'c3'],
    },
    ends: { phase: 'succeeded', nodes: { c1: 'succeeded', c2: 'ignored', c3: 'succeeded' }, attempts: { c1: 2 } },
    calls: ['c1/1 execute', 'c1/2 execute', 'c2/1 execute', 'c2/1 cancel', 'c3/1 execute'],
  },
  {
    says: 'outputs come after finally, and may read what it gave; its nodes see the outcome',
    flow: {
      nodes: { a: act(), c1: act({ with: { out: { how: '${task.outcome}' } } }) },
      finally: ['c1'],
      outputs: { how: '${c1.outputs.how}' },
    },
    ends: { phase: 'succeeded', outputs: { how: 'succeeded' } },
  },
  {
    says: 'finally after then: fail: outcome failed stays, whatever the cleanup comes to',
    flow: {
      nodes: { a: act({ ...does('fail'), onFail: { then: 'fail' } }), c1: act(does('fail')) },
      finally: ['c1'],
    },
    steps: [{ when: { phase: 'attention', nodes: { c1: 'failed' } }, press: { kind: 'skip', nodeId: 'c1' } }],
    ends: { phase: 'failed', nodes: { a: 'failed', c1: 'skipped' } },
  },
  {
    says: 'when: false in finally is passed over',
    flow: {
      nodes: { a: act(), c1: act({ when: "${task.outcome != 'succeeded'}" }), c2: act() },
      finally: ['c1', 'c2'],
    },
    ends: { phase: 'succeeded', nodes: { c1: 'skipped', c2: 'succeeded' } },
  },
]
