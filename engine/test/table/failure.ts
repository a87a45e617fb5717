import type { Scenario } from './scenario.ts'

const failing = (more: object = {}, does: readonly string[] = ['fail', 'ok']) => ({
  nodes: { a: { use: 'act@1', with: { does }, ...more }, b: { use: 'act@1' } },
})

/** FLOW §2, Failure. */
export const FAILURE: readonly Scenario[] = [
  {
    says: 'then: ask (default): state failed, phase attention',
    flow: failing(),
    ends: { phase: 'attention', nodes: { a: 'failed' }, causes: { a: 'error' }, codes: { a: 'EXIT_3' } },
    never: ['b/1 execute'],
  },
  {
    says: 'a person retries as the next attempt, and the flow goes on',
    flow: failing(),
    steps: [{ when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' } }],
    ends: { phase: 'succeeded', attempts: { a: 2, b: 1 } },
    calls: ['a/1 execute', 'a/2 execute', 'b/1 execute'],
  },
  {
    says: 'every command on a node carries the attempt it was aimed at; another attempt is STALE and changes nothing',
    flow: failing({}, ['fail', 'fail']),
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'a' } },
      {
        when: { phase: 'attention', attempts: { a: 2 } },
        press: { kind: 'retry', nodeId: 'a', attempt: 1 },
        refused: 'STALE',
      },
      { press: { kind: 'skip', nodeId: 'a', attempt: 1 }, refused: 'STALE' },
    ],
    ends: { phase: 'attention', attempts: { a: 2 }, nodes: { a: 'failed' } },
  },
  {
    says: 'onFail.retry comes first, by itself',
    flow: failing({ onFail: { retry: { times: 2, delay: '1ms' } } }, ['fail', 'fail', 'ok']),
    ends: { phase: 'succeeded', attempts: { a: 3 } },
  },
  {
    says: 'when the retries are used up, a person is asked',
    flow: failing({ onFail: { retry: { times: 1, delay: '1ms' } } }, ['fail']),
    ends: { phase: 'attention', attempts: { a: 2 } },
  },
  {
    says: 'only a back-off pending: waiting with retry',
    flow: failing({ onFail: { retry: { times: 1, delay: '10m' } } }, ['fail']),
    ends: { phase: 'waiting', waitingFor: ['retry'], nodes: { a: 'ready' }, attempts: { a: 2 } },
  },
  {
    says: 'an output that breaks its schema is output_invalid and never auto-retried',
    flow: failing({ onFail: { retry: { times: 5 } } }, ['bad']),
    ends: { phase: 'attention', attempts: { a: 1 }, causes: { a: 'output_invalid' } },
  },
  {
    says: 'lost is not retried unless on names it',
    flow: failing({ onFail: { retry: { times: 3 } } }, ['lost']),
    ends: { phase: 'attention', attempts: { a: 1 }, causes: { a: 'lost' } },
  },
  {
    says: 'lost is retried where on names it',
    flow: failing({ onFail: { retry: { times: 1, on: ['lost'], delay: '1ms' } } }, ['lost', 'ok']),
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'lost is not ignored unless on names it',
    flow: failing({ onFail: { then: 'ignore' } }, ['lost']),
    ends: { phase: 'attention', nodes: { a: 'failed' } },
  },
  {
    says: 'then: ignore goes on',
    flow: failing({ onFail: { then: 'ignore' } }, ['fail']),
    ends: { phase: 'succeeded', nodes: { a: 'ignored', b: 'succeeded' } },
  },
  {
    says: 'then: fail ends the task as failed',
    flow: failing({ onFail: { then: 'fail' } }, ['fail']),
    ends: { phase: 'failed', outcome: 'failed', nodes: { a: 'failed' } },
    never: ['b/1 execute'],
  },
  {
    says: 'a retry only for the causes on names, and only when when holds',
    flow: failing({ onFail: { retry: { times: 3, delay: '1ms', when: "${error.code == 'OTHER'}" } } }, ['fail']),
    ends: { phase: 'attention', attempts: { a: 1 } },
  },
  {
    says: 'a plugin that throws fails its node, with its message',
    flow: failing({}, ['throw']),
    ends: { phase: 'attention', causes: { a: 'error' } },
  },
  {
    says: 'a timeout whose cancel is confirmed is timeout, and retried by default',
    flow: failing({ onFail: { timeout: '20ms', retry: { times: 1, delay: '1ms' } } }, ['hold', 'ok']),
    ends: { phase: 'succeeded', attempts: { a: 2 } },
    calls: ['a/1 execute', 'a/1 cancel', 'a/2 execute'],
  },
  {
    says: 'give up: outcome failed, siblings cancelled, finally run',
    flow: {
      nodes: {
        fan: { gateway: 'parallel', next: ['a', 'b'] },
        a: { use: 'act@1', with: { does: ['fail'] }, next: 'join' },
        b: { use: 'act@1', with: { does: ['hold'] }, next: 'join' },
        join: { gateway: 'converge' },
        clean: { use: 'act@1' },
      },
      finally: ['clean'],
    },
    steps: [{ when: { phase: 'attention', nodes: { b: 'running' } }, press: { kind: 'fail', nodeId: 'a' } }],
    ends: { phase: 'failed', nodes: { a: 'failed', b: 'revoked', clean: 'succeeded' } },
    calls: ['b/1 cancel', 'clean/1 execute'],
  },
]
