import type { Scenario } from './scenario.ts'
import { act, beside, does, starts } from './shapes.ts'

/** FLOW §2, Crash and Timers; §6, Crash. */
export const CRASH: readonly Scenario[] = [
  {
    says: 'after a restart an attempt of an idempotent plugin is run again, with the same key',
    flow: { nodes: { a: act({ with: { does: ['hold'], repeat: true } }), b: act() } },
    steps: [{ when: { nodes: { a: 'running' } }, restart: true }, { release: true }],
    ends: { phase: 'succeeded', attempts: { a: 1 } },
    calls: ['a/1 execute', 'a/1 execute', 'b/1 execute'],
  },
  {
    says: 'of a resumable one it is re-attached',
    flow: { nodes: { a: { use: 'act.again@1', ...does('hold') }, b: act() } },
    steps: [{ when: { nodes: { a: 'running' } }, restart: true }, { release: true }],
    ends: { phase: 'succeeded', attempts: { a: 1 } },
    calls: ['a/1 execute', 'a/1 resume', 'b/1 execute'],
  },
  {
    says: 'any other is failed, cause lost: an operations tool never guesses',
    flow: { nodes: { a: act(does('hold', 'ok')), b: act() } },
    steps: [
      { when: { nodes: { a: 'running' } }, restart: true },
      {
        when: { phase: 'attention', causes: { a: 'lost' }, attempts: { a: 1 } },
        press: { kind: 'retry', nodeId: 'a' },
      },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
    calls: ['a/1 execute', 'a/2 execute'],
  },
  {
    says: 'what is lost is the operator’s to retry, not the starter’s',
    flow: { nodes: { a: act(does('lost', 'ok')) } },
    steps: [
      {
        when: { phase: 'attention', causes: { a: 'lost' } },
        press: { kind: 'retry', nodeId: 'a' },
        rights: [],
        refused: 'FORBIDDEN',
      },
      { press: { kind: 'retry', nodeId: 'a' }, rights: ['operate'] },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'only a body in progress is judged: an attempt parked by awaitCallback goes on from its committed state',
    flow: { nodes: { a: act(does('call')) }, outputs: { got: '${a.outputs.got}' } },
    steps: [
      { when: { phase: 'waiting' }, call: 'a/1', payload: { say: '1', more: true } },
      { restart: true },
      { call: 'a/1', payload: { say: '2' } },
    ],
    ends: { phase: 'succeeded', attempts: { a: 1 }, outputs: { got: ['1', '2'] } },
  },
  {
    says: 'one parked by pollAfter does too',
    flow: { nodes: { a: act(does('poll')), w: { use: 'wait', with: { for: '5ms' } } } },
    steps: [{ restart: true }],
    ends: { phase: 'succeeded', attempts: { a: 1 } },
  },
  {
    says: 'timers survive restarts and fire once, late rather than never',
    flow: { nodes: { w: { use: 'wait', with: { for: '30ms' } }, b: act() } },
    steps: [{ when: { phase: 'waiting' }, restart: true }, { restart: true }],
    ends: { phase: 'succeeded', attempts: { w: 1, b: 1 } },
  },
  {
    says: 'a back-off survives a restart',
    flow: { nodes: { a: act({ ...does('fail', 'ok'), onFail: { retry: { times: 1, delay: '60ms' } } }) } },
    steps: [{ when: { waitingFor: ['retry'] }, restart: true }],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'a pause survives a restart',
    flow: { nodes: { w: { use: 'wait', with: { for: '1h' } }, b: act() } },
    steps: [
      { when: { phase: 'waiting' }, press: { kind: 'pause' } },
      { restart: true },
      { press: { kind: 'reschedule', nodeId: 'w', at: 0 } },
      { when: { phase: 'paused', nodes: { w: 'succeeded' } }, press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'an ask survives a restart, and so does an answer to it',
    flow: { nodes: { ok: { use: 'approval', with: { approvers: ['role:qa'], need: 2 } }, b: act() } },
    steps: [
      { when: { phase: 'waiting' }, answer: 'approve' },
      { restart: true },
      { when: { asks: [{ verdicts: ['p-wu approve'] }] }, answer: 'approve', refused: 'STALE' },
      { answer: 'approve', by: { person: 'p-ana', name: 'Ana', surface: 'telegram' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'attention survives a restart',
    flow: { nodes: { a: act(does('fail', 'ok')) } },
    steps: [
      { when: { phase: 'attention' }, restart: true },
      { when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
    calls: ['a/1 execute', 'a/2 execute'],
  },
  {
    says: 'a revoke that was answered is carried out after a restart',
    flow: { nodes: { a: { use: 'act.again@1', ...does('deaf') }, clean: act() }, finally: ['clean'] },
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'revoke', mode: 'stop' } },
      { restart: true },
      { release: true },
    ],
    ends: { phase: 'revoked', nodes: { clean: 'succeeded' } },
  },
  {
    says: 'items of each are judged one by one: the ended ones stay, the lost one is asked about',
    flow: {
      variables: { hosts: { type: 'list' } },
      nodes: {
        a: act({
          each: { in: '${hosts}', as: 'h', atOnce: 2 },
          with: { item: '${h}', items: { y: 'hold' } },
        }),
      },
    },
    launch: { variables: { hosts: ['x', 'y', 'z'] } },
    steps: [
      { when: { items: { a: ['succeeded', 'running', 'succeeded'] } }, restart: true },
      {
        when: { phase: 'attention', items: { a: ['succeeded', 'failed', 'succeeded'] }, causes: { a: 'lost' } },
        press: { kind: 'retry', nodeId: 'a' },
      },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'parent and child are both taken up where they were',
    flow: { nodes: { call: starts('inner') } },
    others: { inner: { nodes: { a: { use: 'act.again@1', ...does('hold') }, b: act() } } },
    steps: [
      { of: 'call', when: { nodes: { a: 'running' } }, restart: true },
      { release: true },
      { of: 'call', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'succeeded', children: 1 },
    calls: ['a/1 execute', 'a/1 resume', 'b/1 execute'],
  },
  {
    says: 'branches in different states each go on their own way',
    flow: beside(act(does('call')), { use: 'act.again@1', ...does('hold') }),
    steps: [
      { when: { nodes: { a: 'waiting', b: 'running' } }, restart: true },
      { call: 'a/1', payload: { say: 'x' } },
      { release: true },
    ],
    ends: { phase: 'succeeded', nodes: { join: 'succeeded', last: 'succeeded' }, attempts: { last: 1 } },
  },
]
