import { wu } from '../world.ts'
import type { Scenario } from './scenario.ts'
import { act, beside, does, starts } from './shapes.ts'

const inner = (nodes: object, more: object = {}) => ({
  variables: { who: { type: 'text', title: 'Who' } },
  nodes,
  ...more,
})
const calls = (more: object = {}, after: object = {}) => ({
  nodes: { call: starts('inner', { who: 'Li' }, more), last: act() },
  ...after,
})
const HELD = inner({ work: act(does('hold')), next: act() })

/** FLOW §2, Subflows. */
export const SUBFLOWS: readonly Scenario[] = [
  {
    says: 'a child task, visible and operable on its own; its outputs are the node’s, and go on',
    flow: calls(
      { save: { said: 'said' } },
      {
        variables: { said: { type: 'text', show: false } },
        outputs: { said: '${said}', again: '${call.outputs.said}' },
      },
    ),
    others: {
      inner: inner({ say: act({ with: { out: { x: 'hi ${who}' } } }) }, { outputs: { said: '${say.outputs.x}' } }),
    },
    steps: [{ of: 'call', look: { phase: 'succeeded', variables: { who: 'Li' } } }],
    ends: { phase: 'succeeded', children: 1, outputs: { said: 'hi Li', again: 'hi Li' } },
  },
  {
    says: 'its own namespace: a child sees its own variables alone, and what it needs is asked for',
    flow: { nodes: { call: starts('inner') } },
    others: { inner: { variables: { who: { type: 'text', title: 'Who', required: true } }, nodes: { say: act() } } },
    ends: {
      phase: 'attention',
      causes: { call: 'error' },
      codes: { call: 'INVALID_INPUT' },
      messages: { call: 'who' },
    },
  },
  {
    says: 'a child whose flow does not exist fails its node',
    flow: { nodes: { call: starts('nowhere') } },
    ends: { phase: 'attention', codes: { call: 'NOT_FOUND' }, messages: { call: 'nowhere' } },
  },
  {
    says: 'parent of a child: running while the child runs',
    flow: calls(),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, look: { phase: 'running' } },
      { look: { phase: 'running', waitingFor: [] } },
      { release: true },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'else waiting with child',
    flow: calls(),
    others: { inner: inner({ ask: { use: 'confirm', with: { by: ['Wu'], text: 'Go?' } } }) },
    steps: [
      { when: { phase: 'waiting', waitingFor: ['child'] }, of: '', look: {} },
      { of: 'call', when: { phase: 'waiting' }, answer: 'confirm' },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a child in attention puts its parents in attention, and out of it again',
    flow: { nodes: { call: starts('middle') } },
    others: { middle: { nodes: { call: starts('inner') } }, inner: { nodes: { a: act(does('fail', 'ok')) } } },
    steps: [
      { when: { phase: 'attention' }, look: { nodes: { call: 'waiting' } } },
      { of: 'call', look: { phase: 'attention' } },
      { of: 'call/call', when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a paused child does not pause its parent: waiting',
    flow: calls(),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, press: { kind: 'pause' } },
      { when: { phase: 'waiting', waitingFor: ['child'] }, release: true },
      { of: 'call', when: { nodes: { work: 'succeeded' } }, press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'child failed = parent node failed, cause child_failed; retry launches a new child',
    flow: calls(),
    others: { inner: inner({ a: act({ ...does('fail'), onFail: { then: 'fail' } }) }) },
    steps: [
      {
        when: { phase: 'attention', causes: { call: 'child_failed' }, codes: { call: 'EXIT_3' }, children: 1 },
        press: { kind: 'retry', nodeId: 'call' },
      },
      { when: { phase: 'attention', attempts: { call: 2 }, children: 2 }, press: { kind: 'skip', nodeId: 'call' } },
    ],
    ends: { phase: 'succeeded', nodes: { call: 'skipped' } },
  },
  {
    says: 'child revoked = parent node failed, cause child_revoked',
    flow: calls(),
    others: { inner: HELD },
    steps: [{ of: 'call', when: { nodes: { work: 'running' } }, press: { kind: 'revoke', mode: 'cancel' } }],
    ends: { phase: 'attention', causes: { call: 'child_revoked' } },
  },
  {
    says: 'the failure policy of the node retries a failed child where on names its cause',
    flow: calls({ onFail: { retry: { times: 1, delay: '1ms', on: ['child_failed'] }, then: 'ignore' } }),
    others: { inner: inner({ a: act({ ...does('fail'), onFail: { then: 'fail' } }) }) },
    ends: { phase: 'succeeded', nodes: { call: 'ignored' }, attempts: { call: 2 }, children: 2 },
  },
  {
    says: 'a child_failed is not retried by default',
    flow: calls({ onFail: { retry: { times: 3 } } }),
    others: { inner: inner({ a: act({ ...does('fail'), onFail: { then: 'fail' } }) }) },
    ends: { phase: 'attention', attempts: { call: 1 }, children: 1 },
  },
  {
    says: 'skip on the parent node revokes a live child first',
    flow: calls(),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, look: {} },
      { press: { kind: 'skip', nodeId: 'call' } },
      { of: 'call', when: { phase: 'revoked' }, look: { nodes: { work: 'revoked' } } },
    ],
    ends: { phase: 'succeeded', nodes: { call: 'skipped', last: 'succeeded' } },
    calls: ['work/1 cancel', 'last/1 execute'],
  },
  {
    says: 'byhand on the parent node revokes a live child first, and gives what is used later',
    flow: calls({}, { outputs: { said: '${call.outputs.said}' } }),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, look: {} },
      { press: { kind: 'byhand', nodeId: 'call', outputs: {} }, refused: 'INVALID_INPUT' },
      { press: { kind: 'byhand', nodeId: 'call', outputs: { said: 'hi' } } },
      { of: 'call', look: { phase: 'revoked' } },
    ],
    ends: { phase: 'succeeded', nodes: { call: 'byhand' }, outputs: { said: 'hi' } },
  },
  {
    says: 'fail on the parent node revokes a live child first',
    flow: calls(),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, look: {} },
      { press: { kind: 'fail', nodeId: 'call' } },
      { of: 'call', look: { phase: 'revoked' } },
    ],
    ends: { phase: 'attention', causes: { call: 'forced' } },
  },
  {
    says: 'pause and resume cascade; a child cannot resume under a paused parent',
    flow: calls(),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, look: {} },
      { press: { kind: 'pause' } },
      { of: 'call', when: { phase: 'paused' }, press: { kind: 'resume' }, refused: 'NOT_ALLOWED' },
      { release: true },
      { of: 'call', when: { phase: 'paused', nodes: { work: 'succeeded' } }, look: {} },
      { press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded' },
    calls: ['work/1 execute', 'next/1 execute'],
  },
  {
    says: 'revoke cancel cascades: the child is cancelled, its finally and then the parent’s run',
    flow: { nodes: { call: starts('inner'), tidy: act() }, finally: ['tidy'] },
    others: { inner: { nodes: { work: act(does('hold')), clean: act() }, finally: ['clean'] } },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, look: {} },
      { press: { kind: 'revoke', mode: 'cancel' } },
      { of: 'call', look: { phase: 'revoked', nodes: { clean: 'succeeded' } } },
    ],
    ends: { phase: 'revoked', nodes: { call: 'revoked', tidy: 'succeeded' } },
    calls: ['work/1 cancel', 'clean/1 execute', 'tidy/1 execute'],
  },
  {
    says: 'revoke stop: children get stop; what runs there may end',
    flow: calls(),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, look: {} },
      { press: { kind: 'revoke', mode: 'stop' } },
      { of: 'call', when: { revoking: 'stop', nodes: { work: 'running' } }, release: true },
    ],
    ends: { phase: 'revoked' },
    never: ['work/1 cancel', 'next/1 execute', 'last/1 execute'],
  },
  {
    says: 'give up cancels the children of siblings',
    flow: beside(act({ ...does('fail') }), starts('inner')),
    others: { inner: HELD },
    steps: [
      { of: 'b', when: { nodes: { work: 'running' } }, look: {} },
      { when: { phase: 'attention' }, press: { kind: 'fail', nodeId: 'a' } },
      { of: 'b', look: { phase: 'revoked' } },
    ],
    ends: { phase: 'failed', nodes: { a: 'failed', b: 'revoked' } },
    calls: ['work/1 cancel'],
  },
  {
    says: 'timeouts of subflow nodes go on in a paused task: the child is stopped',
    flow: calls({ onFail: { timeout: '300ms' } }),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, look: {} },
      { press: { kind: 'pause' } },
      { when: { nodes: { call: 'failed' } }, look: { causes: { call: 'timeout' } } },
      { press: { kind: 'resume' } },
      { press: { kind: 'skip', nodeId: 'call' } },
    ],
    ends: { phase: 'succeeded' },
    calls: ['work/1 cancel'],
  },
  {
    says: 'a flow that starts itself for ever is refused at depth 20',
    flow: { nodes: { call: starts('main', {}, { onFail: { then: 'fail' } }) } },
    ends: { phase: 'failed', codes: { call: 'TOO_DEEP' } },
  },
  {
    says: 'a child may be started in finally',
    flow: { nodes: { a: act(), tidy: starts('inner', {}) }, finally: ['tidy'] },
    others: { inner: inner({ x: act() }) },
    ends: { phase: 'succeeded', nodes: { tidy: 'succeeded' }, children: 1 },
  },
  {
    says: 'a child in a loop: each visit has one of its own',
    flow: {
      nodes: {
        call: starts('inner'),
        more: {
          gateway: 'exclusive',
          branches: [
            { when: '${call.attempts < 3}', next: 'call' },
            { else: true, next: 'end' },
          ],
        },
      },
    },
    others: { inner: inner({ x: act() }) },
    ends: { phase: 'succeeded', attempts: { call: 3 }, children: 3 },
  },
  {
    says: 'pausing a child hides nothing of its parent, which can still be revoked',
    flow: calls(),
    others: { inner: HELD },
    steps: [
      { of: 'call', when: { nodes: { work: 'running' } }, press: { kind: 'pause' } },
      { when: { phase: 'waiting' }, press: { kind: 'revoke', mode: 'cancel' }, by: wu },
      { of: 'call', look: { phase: 'revoked' } },
    ],
    ends: { phase: 'revoked' },
  },
]
