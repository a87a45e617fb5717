import type { Scenario } from './scenario.ts'
import { act, beside, chain, does, starts } from './shapes.ts'

const failing = { ...does('fail'), onFail: { then: 'fail' } }

/** What bamboo-engine does and this engine adopts, and what went wrong there (the numbers are those of its reports). */
export const TAKEN_OVER: readonly Scenario[] = [
  {
    says: '2.2 a failed node does not end its task: the task can be paused, resumed and stopped',
    flow: chain(does('fail')),
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'pause' } },
      { press: { kind: 'resume' } },
      { when: { phase: 'attention' }, press: { kind: 'revoke', mode: 'cancel' } },
    ],
    ends: { phase: 'revoked', nodes: { a: 'revoked' } },
  },
  {
    says: '2.2 what is over is entered again by a loop, as a new visit with a clean slate',
    flow: {
      nodes: {
        a: act({ with: { does: ['fail', 'ok', 'ok'] }, onFail: { retry: { times: 1, delay: '1ms' } } }),
        more: {
          gateway: 'exclusive',
          branches: [
            { when: '${a.attempts < 3}', next: 'a' },
            { else: true, next: 'end' },
          ],
        },
      },
    },
    ends: { phase: 'succeeded', attempts: { a: 3, more: 2 }, causes: {} },
  },
  {
    says: '2.3 an ignored failure goes on, with its outputs exported',
    flow: {
      ...chain({ with: { does: ['fail'], out: { x: 1 } }, onFail: { then: 'ignore' } }),
      outputs: { x: '${a.outputs.x}' },
    },
    ends: { phase: 'succeeded', nodes: { a: 'ignored' }, outputs: { x: 1 } },
  },
  {
    says: '2.3 a join waits for exactly the branches that were forked: an inclusive one for those that were true',
    flow: {
      variables: { n: { type: 'integer' } },
      nodes: {
        some: {
          gateway: 'inclusive',
          branches: [
            { when: '${n > 0}', next: 'a' },
            { when: '${n > 1}', next: 'b' },
            { when: '${n > 2}', next: 'c' },
          ],
        },
        a: act({ next: 'join' }),
        b: act({ next: 'join' }),
        c: act({ next: 'join' }),
        join: { gateway: 'converge' },
        last: act(),
      },
    },
    launch: { variables: { n: 2 } },
    ends: { phase: 'succeeded', nodes: { a: 'succeeded', b: 'succeeded', last: 'succeeded' }, attempts: { last: 1 } },
    never: ['c/1 execute'],
  },
  {
    says: '2.3 a child’s outputs cannot be read before it is over, and its loop starts anew with each child',
    flow: { nodes: { call: starts('inner') }, outputs: { rounds: '${call.outputs.rounds}' } },
    others: {
      inner: {
        nodes: {
          a: act(),
          more: {
            gateway: 'exclusive',
            branches: [
              { when: '${a.attempts < 2}', next: 'a' },
              { else: true, next: 'end' },
            ],
          },
        },
        outputs: { rounds: '${a.attempts}' },
      },
    },
    ends: { phase: 'succeeded', outputs: { rounds: 2 } },
  },
  {
    says: '2.3 flow outputs that fail do not fail the task (there the end node fails): they are left out and named',
    flow: { ...chain(), outputs: { x: '${a.outputs.nothing}' } },
    ends: { phase: 'succeeded', outputs: {} },
  },
  {
    says: '2.4 a poll that throws fails its node, and the message is kept',
    flow: { nodes: { a: act(does('throw')) } },
    ends: { phase: 'attention', causes: { a: 'error' }, messages: { a: 'broke' } },
  },
  {
    says: '2.4 a callback for a failed visit that was retried does not touch the new attempt (version mismatch)',
    flow: { nodes: { a: act(does('call', 'call')) } },
    steps: [
      { when: { phase: 'waiting' }, call: 'a/1', payload: { say: 'no', wrong: true } },
      { when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' } },
      { when: { phase: 'waiting', attempts: { a: 2 } }, call: 'a/1', payload: { say: 'again' } },
      { look: { phase: 'waiting', attempts: { a: 2 } } },
      { call: 'a/2', payload: { say: 'yes' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: '2.9 outputs of a failed node can be given before it is passed over: by hand',
    flow: {
      variables: { v: { type: 'text', show: false } },
      nodes: { a: act({ ...does('fail'), save: { v: 'x' } }), b: act({ with: { out: { v: '${v}' } } }) },
      outputs: { v: '${b.outputs.v}' },
    },
    steps: [{ when: { phase: 'attention' }, press: { kind: 'byhand', nodeId: 'a', outputs: { x: 'typed' } } }],
    ends: { phase: 'succeeded', outputs: { v: 'typed' } },
  },
  {
    says: '2.11 a retry with no inputs of its own keeps those of the node (#4106)',
    flow: { nodes: { a: act({ with: { does: ['fail', 'ok'], out: { x: 1 } } }) }, outputs: { x: '${a.outputs.x}' } },
    steps: [{ when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' } }],
    ends: { phase: 'succeeded', outputs: { x: 1 } },
  },
  {
    says: '2.11 a retry does not set the rounds of a loop back (#5827)',
    flow: {
      nodes: {
        a: act({ ...does('ok', 'fail', 'ok'), maxVisits: 2 }),
        more: {
          gateway: 'exclusive',
          branches: [
            { when: '${more.attempts < 2}', next: 'a' },
            { else: true, next: 'end' },
          ],
        },
      },
    },
    steps: [{ when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' } }],
    ends: { phase: 'succeeded', attempts: { a: 3, more: 2 } },
  },
  {
    says: '2.11 a node can be retried by hand as often as it fails (#51)',
    flow: chain(does('fail', 'fail', 'fail', 'ok')),
    steps: [
      { when: { phase: 'attention', attempts: { a: 1 } }, press: { kind: 'retry', nodeId: 'a' } },
      { when: { phase: 'attention', attempts: { a: 2 } }, press: { kind: 'retry', nodeId: 'a' } },
      { when: { phase: 'attention', attempts: { a: 3 } }, press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', attempts: { a: 4 } },
  },
  {
    says: '2.11 automatic retries work in children and in planned tasks as anywhere (#6128, #4656)',
    flow: { nodes: { call: starts('inner') } },
    others: { inner: { nodes: { a: act({ ...does('fail', 'ok'), onFail: { retry: { times: 1, delay: '1ms' } } }) } } },
    launch: { startNow: false, startAt: Date.now() + 20 },
    ends: { phase: 'succeeded' },
    calls: ['a/1 execute', 'a/2 execute'],
  },
  {
    says: '2.11 a node that passes over its failures can be skipped by hand when a person has ended it (3.34.17)',
    flow: chain({ ...does('hold'), onFail: { then: 'ignore' } }),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'fail', nodeId: 'a' } },
      { when: { phase: 'attention' }, press: { kind: 'skip', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', nodes: { a: 'skipped' } },
  },
  {
    says: '2.11 a skip is refused where there is nothing to skip: what runs, and what is over (#5310)',
    flow: chain(does('hold')),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'skip', nodeId: 'a' }, refused: 'NOT_ALLOWED' },
      { release: true },
      { when: { phase: 'succeeded' }, press: { kind: 'skip', nodeId: 'a' }, refused: 'FINAL' },
    ],
    ends: { phase: 'succeeded', nodes: { a: 'succeeded' } },
  },
  {
    says: '2.11 what waits in a back-off can be skipped, and given up',
    flow: beside(
      act({ ...does('fail'), onFail: { retry: { times: 1, delay: '1h' } } }),
      act({ ...does('fail'), onFail: { retry: { times: 1, delay: '1h' } } }),
    ),
    steps: [
      { when: { nodes: { a: 'ready', b: 'ready' } }, press: { kind: 'skip', nodeId: 'a' } },
      { when: { nodes: { a: 'skipped' } }, press: { kind: 'fail', nodeId: 'b' } },
      { when: { phase: 'attention', causes: { b: 'forced' } }, press: { kind: 'skip', nodeId: 'b' } },
    ],
    ends: { phase: 'succeeded', nodes: { a: 'skipped', b: 'skipped', last: 'succeeded' } },
  },
  {
    says: '2.11 starting is idempotent: a second start is refused, and a launch with the same key is the same task',
    flow: chain(does('hold')),
    launch: { key: 'once', rawInput: 'x', startNow: false },
    steps: [
      { press: { kind: 'start' } },
      { when: { nodes: { a: 'running' } }, press: { kind: 'start' }, refused: 'STALE' },
      { launch: 'again', with: { key: 'once', rawInput: 'x', startNow: false } },
      { launch: 'other', with: { key: 'once', rawInput: 'y' }, refused: 'CONFLICT' },
      { of: 'again', look: { phase: 'running' } },
      { release: true },
    ],
    ends: { phase: 'succeeded', attempts: { a: 1 } },
  },
  {
    says: '2.11 a failed child of a failed child: each task is failed, and the cause is told upwards',
    flow: { nodes: { call: starts('middle', {}, { onFail: { then: 'fail' } }) } },
    others: {
      middle: { nodes: { call: starts('inner', {}, { onFail: { then: 'fail' } }) } },
      inner: { nodes: { a: act(failing) } },
    },
    steps: [
      { of: 'call/call', look: { phase: 'failed' } },
      { of: 'call', look: { phase: 'failed' } },
    ],
    ends: { phase: 'failed', causes: { call: 'child_failed' }, codes: { call: 'EXIT_3' } },
  },
  {
    says: 'retry with an edit: both in one step, or neither',
    flow: {
      variables: { v: { type: 'text' } },
      nodes: { a: act({ with: { does: ['fail', 'ok'], out: { x: '${v}' } } }) },
      outputs: { x: '${a.outputs.x}' },
    },
    launch: { variables: { v: 'old' } },
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'retry', nodeId: 'a', edit: { revision: 0, variables: { v: 'new' } } },
        refused: 'STALE',
      },
      { look: { phase: 'attention', attempts: { a: 1 }, variables: { v: 'old' } } },
      { press: { kind: 'retry', nodeId: 'a', edit: { revision: 1, variables: { v: 'new' } } } },
    ],
    ends: { phase: 'succeeded', outputs: { x: 'new' } },
  },
]
