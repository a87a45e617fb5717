import { wu } from '../world.ts'
import { ana } from './play.ts'
import type { Scenario } from './scenario.ts'
import { act, beside, chain, does, starts } from './shapes.ts'

const ask = { use: 'approval', with: { approvers: ['role:qa'] } }
const hour = { use: 'wait', with: { for: '1h' } }
const failing = (attention: object, more: object = {}) => ({
  ...chain({ ...does('fail', 'ok'), ...more }),
  attention,
  notify: { attention: ['starter'] },
})

/** FLOW §2, Phases and Node visits; §6, Phases; a task left in attention; expect. */
export const PHASES: readonly Scenario[] = [
  {
    says: 'when several hold, attention goes before running; waitingFor is filled whatever the phase',
    flow: {
      nodes: {
        fan: { gateway: 'parallel', next: ['a', 'b', 'c'] },
        a: act({ ...does('fail'), next: 'join' }),
        b: act({ ...does('hold'), next: 'join' }),
        c: { ...ask, next: 'join' },
        join: { gateway: 'converge' },
      },
    },
    ends: { phase: 'attention', waitingFor: ['approval'], nodes: { a: 'failed', b: 'running', c: 'waiting' } },
  },
  {
    says: 'paused goes before attention',
    flow: beside(act(does('fail')), act(does('hold'))),
    steps: [
      { when: { phase: 'attention', nodes: { b: 'running' } }, press: { kind: 'pause' } },
      { look: { phase: 'paused', nodes: { a: 'failed' } } },
      { press: { kind: 'resume' } },
    ],
    ends: { phase: 'attention' },
  },
  {
    says: 'running goes before waiting',
    flow: beside(ask, act(does('hold'))),
    ends: { phase: 'running', waitingFor: ['approval'], nodes: { a: 'waiting', b: 'running' } },
  },
  {
    says: 'waiting: only people or the outside world can move it; for all of these at once',
    flow: {
      nodes: {
        fan: { gateway: 'parallel', next: ['a', 'b', 'c', 'd', 'e'] },
        a: { ...ask, next: 'join' },
        b: { ...hour, next: 'join' },
        c: act({ ...does('call'), next: 'join' }),
        d: { use: 'form', with: { by: ['role:qa'], fields: {} }, next: 'join' },
        e: act({ ...does('fail'), onFail: { retry: { times: 1, delay: '1h' } }, next: 'join' }),
        join: { gateway: 'converge' },
      },
    },
    ends: { phase: 'waiting', waitingFor: ['approval', 'form', 'callback', 'timer', 'retry'] },
  },
  {
    says: 'final goes before all: a revoked task has no visit left that is not final',
    flow: beside(hour, ask),
    steps: [{ when: { phase: 'waiting' }, press: { kind: 'revoke', mode: 'cancel' } }],
    ends: { phase: 'revoked', outcome: 'revoked', waitingFor: [], nodes: { a: 'revoked', b: 'revoked' } },
  },
  {
    says: 'a task with a failed node and one that waits for a person: skip and answer, in any order',
    flow: beside(act(does('fail')), ask),
    steps: [
      { when: { phase: 'attention' }, answer: 'approve', by: ana },
      { when: { nodes: { b: 'succeeded' } }, press: { kind: 'skip', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', nodes: { a: 'skipped', join: 'succeeded' } },
  },
  {
    says: 'a task left in attention reminds',
    flow: failing({ remindEvery: '20ms' }),
    steps: [{ when: { phase: 'attention' }, hears: 'attention' }, { press: { kind: 'retry', nodeId: 'a' } }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'gives up: outcome failed after giveUp, and finally runs',
    flow: {
      nodes: { a: act(does('fail')), clean: act() },
      finally: ['clean'],
      attention: { giveUp: '20ms' },
    },
    ends: { phase: 'failed', nodes: { a: 'failed', clean: 'succeeded' } },
  },
  {
    says: 'giveUp: never, and nothing else either: it stays until somebody comes',
    flow: failing({ remindEvery: '20ms', escalateTo: ['role:duty'], after: '20ms', giveUp: 'never' }),
    steps: [{ when: { phase: 'attention' }, restart: true }],
    ends: { phase: 'attention' },
  },
  {
    says: 'no alert while a retry is pending',
    flow: chain({ ...does('fail', 'ok'), onFail: { retry: { times: 1, delay: '5ms' } } }),
    steps: [{ when: { phase: 'succeeded' }, silent: 'attention' }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'an alert when a node fails and asks, and its end is told too',
    flow: failing({}),
    steps: [
      { when: { phase: 'attention' }, hears: 'attention' },
      { press: { kind: 'retry', nodeId: 'a' } },
      { hears: 'attention_over' },
      { hears: 'finished' },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'an alert of a child is one alert: its parents are in attention without one of their own',
    flow: { nodes: { call: starts('inner') } },
    others: { inner: { nodes: { a: act(does('fail')) } } },
    steps: [
      { when: { phase: 'attention' }, hears: 'attention' },
      { of: 'call', look: { phase: 'attention' } },
    ],
    ends: { phase: 'attention', nodes: { call: 'waiting' }, causes: {} },
  },
  {
    says: 'expect: longer is shown as late and told once',
    flow: { ...chain(does('hold')), expect: '10ms' },
    steps: [{ when: { late: true }, hears: 'late' }, { release: true }],
    ends: { phase: 'succeeded', late: true },
  },
  {
    says: 'expect: a task that ends in time is not late',
    flow: { ...chain(), expect: '10m' },
    ends: { phase: 'succeeded', late: false },
  },
  {
    says: 'attempt numbers count per node over all visits; a retry takes the next at once',
    flow: {
      nodes: {
        a: act({ ...does('fail', 'ok', 'fail', 'ok'), onFail: { retry: { times: 1, delay: '1ms' } } }),
        more: {
          gateway: 'exclusive',
          branches: [
            { when: '${more.attempts < 2}', next: 'a' },
            { else: true, next: 'end' },
          ],
        },
      },
    },
    ends: { phase: 'succeeded', attempts: { a: 4, more: 2 } },
    calls: ['a/1 execute', 'a/2 execute', 'a/3 execute', 'a/4 execute'],
  },
  {
    says: 'the attempt number is given when a visit becomes ready: a node reads its own, the first as the next',
    flow: {
      nodes: {
        a: act({
          with: { does: ['fail', 'ok'], out: { mine: '${a.attempts}' } },
          onFail: { retry: { times: 1, delay: '1ms' } },
        }),
      },
      outputs: { mine: '${a.outputs.mine}' },
    },
    steps: [{ when: { phase: 'succeeded' }, look: { inputs: { a: { out: { mine: 2 } } } } }],
    ends: { phase: 'succeeded', outputs: { mine: 2 } },
  },
  {
    says: 'and at the first attempt it is 1',
    flow: { nodes: { a: act({ with: { out: { mine: '${a.attempts}' } } }) }, outputs: { mine: '${a.outputs.mine}' } },
    ends: { phase: 'succeeded', outputs: { mine: 1 } },
  },
  {
    says: 'auto-retry counts restart with each visit and each manual retry',
    flow: chain({ ...does('fail', 'fail', 'fail', 'ok'), onFail: { retry: { times: 1, delay: '1ms' } } }),
    steps: [{ when: { phase: 'attention', attempts: { a: 2 } }, press: { kind: 'retry', nodeId: 'a' } }],
    ends: { phase: 'succeeded', attempts: { a: 4 } },
  },
  {
    says: 'setNote: a note for everybody who looks, when all is over too; empty takes it away',
    flow: chain(),
    steps: [
      { when: { phase: 'succeeded' }, press: { kind: 'set_note', text: 'was the hotfix' } },
      { look: { note: 'was the hotfix' } },
      { press: { kind: 'set_note', text: '' } },
    ],
    ends: { phase: 'succeeded', note: null },
  },
  {
    says: 'follow: one who follows is kept once',
    flow: chain(does('hold')),
    steps: [
      { press: { kind: 'follow', person: 'p-wu' }, by: wu },
      { press: { kind: 'follow', person: 'p-wu' }, by: wu },
      { release: true },
    ],
    ends: { phase: 'succeeded', followers: ['p-wu'] },
  },
  {
    says: 'plan: the planned start is moved, and taken away; a task that runs has none',
    flow: chain(),
    launch: { startNow: false, startAt: Date.now() + 3_600_000 },
    steps: [
      { when: { phase: 'created' }, press: { kind: 'plan', at: null } },
      { look: { phase: 'created' } },
      { press: { kind: 'plan', at: 1 }, refused: 'INVALID_INPUT' },
      { press: { kind: 'plan', at: Date.now() + 7_200_000 } },
      { press: { kind: 'start' } },
      { when: { phase: 'succeeded' }, press: { kind: 'plan', at: 1 }, refused: 'FINAL' },
    ],
    ends: { phase: 'succeeded', attempts: { a: 1 } },
  },
  {
    says: 'a planned task may be edited before it starts',
    flow: {
      variables: { v: { type: 'text' } },
      nodes: { a: act({ with: { out: { x: '${v}' } } }) },
      outputs: { x: '${a.outputs.x}' },
    },
    launch: { startNow: false, variables: { v: 'old' } },
    steps: [{ press: { kind: 'edit_variables', revision: 1, variables: { v: 'new' } } }, { press: { kind: 'start' } }],
    ends: { phase: 'succeeded', outputs: { x: 'new' } },
  },
]
