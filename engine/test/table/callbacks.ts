import type { Scenario } from './scenario.ts'
import { act, does } from './shapes.ts'

const called = (...doing: readonly string[]) => ({
  nodes: { a: act(does(...doing)) },
  outputs: { got: '${a.outputs.?got.orValue([])}' },
})

/** FLOW §2, Waiting, polling, callbacks. */
export const CALLBACKS: readonly Scenario[] = [
  {
    says: 'callbacks may come before the node waits: ctx.callback exists from the start of execute',
    flow: called('slowcall'),
    steps: [
      { call: 'a/1', payload: { say: 'early', more: true } },
      { call: 'a/1', payload: { say: 'earlier' } },
      { release: true },
    ],
    ends: { phase: 'succeeded', outputs: { got: ['early', 'earlier'] } },
  },
  {
    says: 'one that came early and twice, with the same Idempotency-Key, counts once',
    flow: called('slowcall'),
    steps: [
      { call: 'a/1', payload: { say: '1', more: true }, key: 'k' },
      { call: 'a/1', payload: { say: '1', more: true }, key: 'k' },
      { release: true },
      { call: 'a/1', payload: { say: '2' }, key: 'l' },
    ],
    ends: { phase: 'succeeded', outputs: { got: ['1', '2'] } },
  },
  {
    says: 'a forged or unknown one is refused and changes nothing',
    flow: called('call'),
    steps: [
      { when: { phase: 'waiting' }, forge: true },
      { look: { phase: 'waiting' } },
      { call: 'a/1', payload: { say: 'true' } },
    ],
    ends: { phase: 'succeeded', outputs: { got: ['true'] } },
  },
  {
    says: 'a late callback is taken in and kept, also when the task is over',
    flow: called('call'),
    steps: [
      { when: { phase: 'waiting' }, call: 'a/1', payload: { say: '1' } },
      { when: { phase: 'succeeded' }, call: 'a/1', payload: { say: '2' } },
    ],
    ends: { phase: 'succeeded', outputs: { got: ['1'] } },
  },
  {
    says: 'poll and callback: whichever comes first; a call ends it before it has looked',
    flow: called('callpoll'),
    steps: [{ call: 'a/1', payload: { say: 'first' } }],
    ends: { phase: 'succeeded', attempts: { a: 1 } },
  },
  {
    says: 'poll and callback: a plugin that nobody calls looks for itself',
    flow: { nodes: { a: act(does('callpoll')) }, outputs: { polls: '${a.outputs.?polls.orValue(0)}' } },
    ends: { phase: 'succeeded', outputs: { polls: 2 } },
    calls: ['a/1 execute', 'a/1 poll'],
  },
  {
    says: 'handled one at a time per attempt, a restart between them included',
    flow: called('call'),
    steps: [
      { when: { phase: 'waiting' }, call: 'a/1', payload: { say: '1', more: true } },
      { call: 'a/1', payload: { say: '2', more: true } },
      { restart: true },
      { call: 'a/1', payload: { say: '3' } },
    ],
    ends: { phase: 'succeeded', outputs: { got: ['1', '2', '3'] } },
  },
  {
    says: 'plugin state over 64 KiB is refused: the node fails and says so',
    flow: called('big'),
    ends: { phase: 'attention', nodes: { a: 'failed' }, causes: { a: 'error' }, messages: { a: '64' } },
  },
  {
    says: 'each attempt has an address of its own: what was meant for the first does not end the second',
    flow: called('call', 'call'),
    steps: [
      { when: { phase: 'waiting' }, press: { kind: 'fail', nodeId: 'a' } },
      { when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' } },
      { when: { phase: 'waiting', attempts: { a: 2 } }, call: 'a/1', payload: { say: 'old' } },
      { look: { phase: 'waiting' } },
      { call: 'a/2', payload: { say: 'new' } },
    ],
    ends: { phase: 'succeeded', outputs: { got: ['new'] } },
  },
  {
    says: 'a timeout ends a wait for a callback too: the plugin is told, and nobody waits any more',
    flow: { nodes: { a: act({ ...does('call'), onFail: { timeout: '30ms' } }) } },
    ends: { phase: 'attention', causes: { a: 'timeout' } },
    calls: ['a/1 execute', 'a/1 cancel'],
  },
  {
    says: 'revoke stop: what waits to be called may still be called',
    flow: { nodes: { a: act(does('call')), b: act() } },
    steps: [
      { when: { phase: 'waiting' }, press: { kind: 'revoke', mode: 'stop' } },
      { call: 'a/1', payload: { say: 'x' } },
    ],
    ends: { phase: 'revoked', nodes: { a: 'succeeded' } },
    never: ['b/1 execute'],
  },
]
