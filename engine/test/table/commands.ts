import { li, wu } from '../world.ts'
import type { Scenario } from './scenario.ts'

const act = (more: object = {}) => ({ use: 'act@1', ...more })
const does = (...doing: readonly string[]) => ({ with: { does: doing } })
const chain = (a: object = {}, b: object = {}, more: object = {}) => ({ nodes: { a: act(a), b: act(b) }, ...more })
const withClean = (a: object, b: object = {}) => ({
  nodes: { a: act(a), b: act(b), clean: act() },
  finally: ['clean'],
})

/** FLOW §2, Commands. */
export const COMMANDS: readonly Scenario[] = [
  {
    says: 'created: not started; start begins it, once',
    flow: chain(),
    launch: { startNow: false },
    steps: [
      { look: { phase: 'created' } },
      { press: { kind: 'start' } },
      { when: { phase: 'succeeded' }, press: { kind: 'start' }, refused: 'FINAL' },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'startAt plans the start; it survives and fires once',
    flow: chain(),
    launch: { startNow: false, startAt: Date.now() + 50 },
    steps: [{ restart: true }],
    ends: { phase: 'succeeded', attempts: { a: 1, b: 1 } },
  },
  {
    says: 'pause: running attempts go on, but no visit is entered until resume',
    flow: chain(does('hold')),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause' } },
      { release: true },
      { when: { phase: 'paused', nodes: { a: 'succeeded' } }, press: { kind: 'pause' }, refused: 'STALE' },
      { press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded', nodes: { b: 'succeeded' } },
  },
  {
    says: 'pause: callbacks go on, asks may be answered, no deadline acts until resume',
    flow: {
      nodes: {
        fan: { gateway: 'parallel', next: ['a', 'ok'] },
        a: act({ ...does('call'), next: 'join' }),
        ok: {
          use: 'approval',
          with: { approvers: ['role:qa'], deadline: '150ms', onDeadline: 'reject' },
          next: 'join',
        },
        join: { gateway: 'converge' },
        last: act(),
      },
    },
    steps: [
      { when: { phase: 'waiting', waitingFor: ['approval', 'callback'] }, press: { kind: 'pause' } },
      { call: 'a/1', payload: { say: 'x' } },
      { when: { nodes: { a: 'succeeded' } }, answer: 'approve' },
      { when: { phase: 'paused', nodes: { ok: 'succeeded' } }, press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded', nodes: { last: 'succeeded' } },
  },
  {
    says: 'pause: no retry starts; a retry pressed meanwhile waits for resume',
    flow: chain(does('fail', 'ok')),
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'pause' } },
      { press: { kind: 'retry', nodeId: 'a' } },
      { look: { phase: 'paused', nodes: { a: 'ready' } } },
      { press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'revoke cancel: running attempts are aborted, finally runs, the task is revoked',
    flow: withClean(does('hold')),
    steps: [{ when: { nodes: { a: 'running' } }, press: { kind: 'revoke', mode: 'cancel', reason: 'wrong version' } }],
    ends: { phase: 'revoked', nodes: { a: 'revoked', clean: 'succeeded' }, cancelUnconfirmed: false },
    calls: ['a/1 execute', 'a/1 cancel', 'clean/1 execute'],
    never: ['b/1 execute'],
  },
  {
    says: 'revoke stop: running attempts may end, nothing starts',
    flow: withClean(does('hold')),
    steps: [{ when: { nodes: { a: 'running' } }, press: { kind: 'revoke', mode: 'stop' } }, { release: true }],
    ends: { phase: 'revoked', nodes: { a: 'succeeded', clean: 'succeeded' } },
    never: ['a/1 cancel', 'b/1 execute'],
  },
  {
    says: 'cancel after stop is stronger; a second cancel is STALE',
    flow: withClean(does('hold')),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'revoke', mode: 'stop' } },
      { press: { kind: 'revoke', mode: 'cancel' } },
    ],
    ends: { phase: 'revoked', nodes: { a: 'revoked', clean: 'succeeded' } },
    calls: ['a/1 cancel'],
  },
  {
    says: 'revoke before anything started: finally does not run',
    flow: withClean({}),
    launch: { startNow: false },
    steps: [{ press: { kind: 'revoke', mode: 'cancel' } }],
    ends: { phase: 'revoked', nodes: {} },
    never: ['clean/1 execute'],
  },
  {
    says: 'waiting visits become revoked at once',
    flow: { nodes: { w: { use: 'wait', with: { for: '1h' } }, b: act() } },
    steps: [{ when: { phase: 'waiting', waitingFor: ['timer'] }, press: { kind: 'revoke', mode: 'cancel' } }],
    ends: { phase: 'revoked', nodes: { w: 'revoked' } },
  },
  {
    says: 'a second revoke during finally ends what runs there; the rest is never visited',
    flow: { nodes: { a: act(does('hold')), c1: act(does('hold')), c2: act() }, finally: ['c1', 'c2'] },
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'revoke', mode: 'cancel' } },
      { when: { nodes: { c1: 'running' } }, press: { kind: 'revoke', mode: 'cancel' } },
    ],
    ends: { phase: 'revoked', nodes: { a: 'revoked', c1: 'revoked' } },
    never: ['c2/1 execute'],
  },
  {
    says: 'fail on a running attempt ends it with cause forced and asks a person: no retry, no ignore',
    flow: chain({ ...does('hold'), onFail: { retry: { times: 3 }, then: 'ignore' } }),
    steps: [{ when: { nodes: { a: 'running' } }, press: { kind: 'fail', nodeId: 'a' } }],
    ends: { phase: 'attention', causes: { a: 'forced' }, attempts: { a: 1 } },
    calls: ['a/1 cancel'],
  },
  {
    says: 'fail on a waiting visit does the same',
    flow: chain(does('call')),
    steps: [{ when: { phase: 'waiting' }, press: { kind: 'fail', nodeId: 'a' } }],
    ends: { phase: 'attention', causes: { a: 'forced' } },
  },
  {
    says: 'fail on a failed visit is give up',
    flow: withClean(does('fail')),
    steps: [{ when: { phase: 'attention' }, press: { kind: 'fail', nodeId: 'a' } }],
    ends: { phase: 'failed', nodes: { a: 'failed', clean: 'succeeded' } },
  },
  {
    says: 'retry re-evaluates inputs from the variables',
    flow: {
      variables: { v: { type: 'text' } },
      nodes: { a: act({ with: { does: ['fail', 'ok'], out: { seen: '${v}' } } }) },
      outputs: { seen: '${a.outputs.seen}' },
    },
    launch: { variables: { v: 'old' } },
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'edit_variables', revision: 1, variables: { v: 'new' } } },
      { press: { kind: 'edit_variables', revision: 1, variables: { v: 'other' } }, refused: 'STALE' },
      { press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', outputs: { seen: 'new' } },
  },
  {
    says: 'raw inputs of a retry replace the whole set, for that attempt only',
    flow: {
      nodes: { a: act({ with: { does: ['fail', 'fail', 'ok'], out: { x: 1 } } }) },
      outputs: { x: '${a.outputs.?x.orValue(0)}' },
    },
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'retry', nodeId: 'a', inputs: { does: ['fail', 'fail'], out: { x: 2 } } },
      },
      { when: { phase: 'attention', attempts: { a: 2 } }, press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', outputs: { x: 1 }, attempts: { a: 3 } },
  },
  {
    says: 'skip: the flow goes on; outputs are never exported on skip',
    flow: chain({ with: { does: ['fail'], out: { x: 1 } } }, {}, { outputs: { x: '${a.outputs.?x.orValue(0)}' } }),
    steps: [{ when: { phase: 'attention' }, press: { kind: 'skip', nodeId: 'a' } }],
    ends: { phase: 'succeeded', nodes: { a: 'skipped', b: 'succeeded' }, outputs: { x: 0 } },
  },
  {
    says: 'byhand asks only for outputs that are used later, each checked',
    flow: {
      variables: { n: { type: 'integer', show: false } },
      nodes: { a: act({ with: { does: ['fail'] }, save: { n: 'n' } }), b: act({ with: { out: { n: '${n}' } } }) },
      outputs: { n: '${b.outputs.n}' },
    },
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'byhand', nodeId: 'a', outputs: {} }, refused: 'INVALID_INPUT' },
      { press: { kind: 'byhand', nodeId: 'a', outputs: { n: 'many' } }, refused: 'INVALID_INPUT' },
      { press: { kind: 'byhand', nodeId: 'a', outputs: { n: '7' }, note: 'did it on the console' } },
    ],
    ends: { phase: 'succeeded', nodes: { a: 'byhand' }, outputs: { n: 7 } },
  },
  {
    says: 'of two people pressing at once, exactly one wins',
    flow: chain(does('fail', 'hold')),
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' }, by: li },
      { press: { kind: 'retry', nodeId: 'a', attempt: 1 }, by: wu, refused: 'STALE' },
      { release: true },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'pauseBefore: no visit yet, the phase is paused when nothing else can move; unpause lifts it',
    flow: chain(does('hold')),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause_before', nodeId: 'b' } },
      { release: true },
      { when: { phase: 'paused', nodes: { a: 'succeeded' } }, press: { kind: 'unpause', nodeId: 'b' } },
    ],
    ends: { phase: 'succeeded', nodes: { b: 'succeeded' } },
  },
  {
    says: 'wait timers can be moved by an operator',
    flow: { nodes: { w: { use: 'wait', with: { for: '1h' } }, b: act() } },
    steps: [{ when: { phase: 'waiting' }, press: { kind: 'reschedule', nodeId: 'w', at: 0 } }],
    ends: { phase: 'succeeded', nodes: { w: 'succeeded', b: 'succeeded' } },
  },
  {
    says: 'a command on an ended task is refused with the truth',
    flow: chain(),
    steps: [{ when: { phase: 'succeeded' }, press: { kind: 'pause' }, refused: 'FINAL' }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'expect: longer is late',
    flow: { ...chain(does('hold')), expect: '10ms' },
    steps: [{ when: { late: true }, release: true }],
    ends: { phase: 'succeeded', late: true },
  },
  {
    says: 'pause: timeouts of running attempts go on',
    flow: chain({ ...does('hold'), onFail: { timeout: '150ms' } }),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause' } },
      { when: { phase: 'paused', causes: { a: 'timeout' } }, press: { kind: 'resume' } },
    ],
    ends: { phase: 'attention', causes: { a: 'timeout' } },
    calls: ['a/1 cancel'],
  },
  {
    says: 'pause: polls go on',
    flow: { nodes: { a: act(does('slowpoll')), b: act() } },
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause' } },
      { release: true },
      { when: { phase: 'paused', nodes: { a: 'succeeded' } }, press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded' },
    calls: ['a/1 poll', 'a/1 poll', 'b/1 execute'],
  },
  {
    says: 'pause: an automatic retry whose time has come starts with the resume, once',
    flow: chain({ ...does('fail', 'ok'), onFail: { retry: { times: 1, delay: '100ms' } } }),
    steps: [
      { when: { waitingFor: ['retry'] }, press: { kind: 'pause' } },
      { restart: true },
      { look: { phase: 'paused', nodes: { a: 'ready' } } },
      { press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'resume of what is not paused, and start of what runs, are STALE',
    flow: chain(does('hold')),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'resume' }, refused: 'STALE' },
      { press: { kind: 'start' }, refused: 'STALE' },
      { release: true },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a paused task can be stopped; finally runs all the same',
    flow: withClean(does('hold')),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause' } },
      { press: { kind: 'revoke', mode: 'cancel' } },
    ],
    ends: { phase: 'revoked', nodes: { clean: 'succeeded' } },
    calls: ['a/1 cancel', 'clean/1 execute'],
  },
  {
    says: 'a failed node is revoked with its task, and finally sees the outcome',
    flow: {
      nodes: { a: act(does('fail')), clean: act({ with: { out: { how: '${task.outcome}' } } }) },
      finally: ['clean'],
      outputs: { how: '${clean.outputs.how}' },
    },
    steps: [{ when: { phase: 'attention' }, press: { kind: 'revoke', mode: 'stop' } }],
    ends: { phase: 'revoked', nodes: { a: 'revoked' }, outputs: { how: 'revoked' } },
  },
  {
    says: 'pauseBefore beside others: they go on; a stop ends what is held',
    flow: {
      nodes: {
        fan: { gateway: 'parallel', next: ['a', 'b'] },
        a: act({ next: 'a2', ...does('hold') }),
        a2: act({ next: 'join' }),
        b: act({ next: 'join' }),
        join: { gateway: 'converge' },
      },
    },
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause_before', nodeId: 'a2' } },
      { release: true },
      {
        when: { phase: 'paused', nodes: { a: 'succeeded', b: 'succeeded' } },
        press: { kind: 'revoke', mode: 'cancel' },
      },
    ],
    ends: { phase: 'revoked' },
    never: ['a2/1 execute'],
  },
  {
    says: 'pauseBefore survives pause, resume and a restart',
    flow: chain(does('hold')),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause_before', nodeId: 'b' } },
      { press: { kind: 'pause' } },
      { release: true },
      { when: { nodes: { a: 'succeeded' } }, press: { kind: 'resume' } },
      { restart: true },
      { when: { phase: 'paused' }, press: { kind: 'unpause', nodeId: 'b' } },
    ],
    ends: { phase: 'succeeded' },
    calls: ['b/1 execute'],
  },
  {
    says: 'give up is final for its task: what a sibling gives later changes nothing',
    flow: {
      nodes: {
        fan: { gateway: 'parallel', next: ['a', 'b'] },
        a: act({ ...does('fail'), onFail: { then: 'fail' }, next: 'join' }),
        b: act({ ...does('call'), next: 'join' }),
        join: { gateway: 'converge' },
      },
    },
    steps: [{ when: { phase: 'failed' }, call: 'b/1', payload: { say: 'late' } }],
    ends: { phase: 'failed', nodes: { a: 'failed', b: 'revoked' } },
  },
]
