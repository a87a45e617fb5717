import type { Scenario } from './scenario.ts'

const act = (more: object = {}) => ({ use: 'act@1', ...more })
const ways = (gateway: string, more: object = {}) => ({
  variables: { env: { type: 'text' }, n: { type: 'integer' } },
  nodes: {
    gate: {
      gateway,
      branches: [
        { when: "${env == 'prod'}", next: 'a' },
        { when: '${n > 1}', next: 'b' },
        { else: true, next: 'c' },
      ],
      ...more,
    },
    a: act({ next: gateway === 'inclusive' ? 'join' : 'end' }),
    b: act({ next: gateway === 'inclusive' ? 'join' : 'end' }),
    c: act({ next: gateway === 'inclusive' ? 'join' : 'end' }),
    ...(gateway === 'inclusive' && { join: { gateway: 'converge' } }),
  },
})
const fan = (a: object = {}, b: object = {}) => ({
  nodes: {
    fan: { gateway: 'parallel', next: ['a', 'b'] },
    a: act({ ...a, next: 'join' }),
    b: act({ ...b, next: 'join' }),
    join: { gateway: 'converge' },
    last: act(),
  },
})

/** FLOW §1.1, Gateways. */
export const GATEWAYS: readonly Scenario[] = [
  {
    says: 'exclusive, mode first: the first branch that is true',
    flow: ways('exclusive'),
    launch: { variables: { env: 'prod', n: 5 } },
    ends: { phase: 'succeeded', nodes: { a: 'succeeded' } },
    never: ['b/1 execute', 'c/1 execute'],
  },
  {
    says: 'exclusive: else where none is true',
    flow: ways('exclusive'),
    launch: { variables: { env: 'test', n: 0 } },
    ends: { phase: 'succeeded', nodes: { c: 'succeeded' } },
  },
  {
    says: 'only fails when two are true; a person chooses the branch',
    flow: ways('exclusive', { mode: 'only' }),
    launch: { variables: { env: 'prod', n: 5 } },
    steps: [
      {
        when: { phase: 'attention', codes: { gate: 'NO_BRANCH' } },
        press: { kind: 'choose_branch', nodeId: 'gate', branches: ['a', 'b'] },
        refused: 'INVALID_INPUT',
      },
      { press: { kind: 'choose_branch', nodeId: 'gate', branches: ['b'] } },
    ],
    ends: { phase: 'succeeded', nodes: { gate: 'succeeded', b: 'succeeded' } },
    never: ['a/1 execute'],
  },
  {
    says: 'no branch true and no else: the gateway fails and asks',
    flow: {
      variables: { n: { type: 'integer' } },
      nodes: { gate: { gateway: 'exclusive', branches: [{ when: '${n > 1}', next: 'a' }] }, a: act() },
    },
    launch: { variables: { n: 0 } },
    ends: { phase: 'attention', nodes: { gate: 'failed' } },
  },
  {
    says: 'a condition that reads what is not there fails the gateway with the expression in the message',
    flow: {
      variables: { n: { type: 'integer', show: false } },
      nodes: {
        gate: {
          gateway: 'exclusive',
          branches: [
            { when: '${n > 1}', next: 'a' },
            { else: true, next: 'a2' },
          ],
        },
        a: act(),
        a2: act(),
      },
    },
    ends: { phase: 'attention', nodes: { gate: 'failed' } },
  },
  {
    says: 'inclusive: every branch that is true, joined at its converge',
    flow: ways('inclusive'),
    launch: { variables: { env: 'prod', n: 5 } },
    ends: { phase: 'succeeded', nodes: { a: 'succeeded', b: 'succeeded', join: 'succeeded' } },
    never: ['c/1 execute'],
  },
  {
    says: 'inclusive: else alone where none is true',
    flow: ways('inclusive'),
    launch: { variables: { env: 'test', n: 0 } },
    ends: { phase: 'succeeded', nodes: { c: 'succeeded', join: 'succeeded' } },
    never: ['a/1 execute', 'b/1 execute'],
  },
  {
    says: 'inclusive: a person may choose several branches',
    flow: ways('inclusive'),
    launch: { variables: { env: 'prod', n: null } },
    steps: [
      {
        when: { phase: 'attention', nodes: { gate: 'failed' } },
        press: { kind: 'choose_branch', nodeId: 'gate', branches: ['a', 'c'] },
      },
    ],
    ends: { phase: 'succeeded', nodes: { a: 'succeeded', c: 'succeeded' } },
  },
  {
    says: 'parallel: every branch; what follows waits for all of them',
    flow: fan({}, { with: { does: ['hold'] } }),
    steps: [{ when: { nodes: { a: 'succeeded', b: 'running' } }, look: { phase: 'running' } }, { release: true }],
    ends: { phase: 'succeeded', nodes: { join: 'succeeded', last: 'succeeded' } },
    calls: ['b/1 execute', 'last/1 execute'],
  },
  {
    says: 'a failed branch leaves the others running; the converge waits for its retry',
    flow: fan({ with: { does: ['fail', 'ok'] } }),
    steps: [
      { when: { phase: 'attention', nodes: { a: 'failed', b: 'succeeded' } }, press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2, b: 1, join: 1 } },
  },
  {
    says: 'when: false passes over the node as skipped, its token goes on, and it writes nothing',
    flow: {
      variables: { env: { type: 'text' }, out: { type: 'text', show: false } },
      nodes: {
        a: act({ when: "${env == 'prod'}", with: { out: { text: 'x' } }, save: { out: 'text' } }),
        b: act(),
      },
    },
    launch: { variables: { env: 'test' } },
    ends: { phase: 'succeeded', nodes: { a: 'skipped', b: 'succeeded' }, variables: { env: 'test' } },
    never: ['a/1 execute'],
  },
  {
    says: 'optional: left out at launch, it is skipped',
    flow: { nodes: { a: act({ optional: true }), b: act() } },
    launch: { omit: ['a'] },
    ends: { phase: 'succeeded', nodes: { a: 'skipped', b: 'succeeded' } },
    never: ['a/1 execute'],
  },
  {
    says: 'what is not optional cannot be left out',
    flow: { nodes: { a: act(), b: act() } },
    launch: { omit: ['a'] },
    refused: 'INVALID_INPUT',
  },
  {
    says: 'a missing next is the next node in the document outside finally, the last one end; start names another begin',
    flow: { start: 'b', nodes: { a: act({ next: 'end' }), b: act({ next: 'a' }), clean: act() }, finally: ['clean'] },
    ends: { phase: 'succeeded', nodes: { a: 'succeeded', b: 'succeeded', clean: 'succeeded' } },
    calls: ['b/1 execute', 'a/1 execute', 'clean/1 execute'],
  },
  {
    says: 'a loop runs around, each visit with the next attempt number',
    flow: {
      variables: { n: { type: 'integer', default: 0 } },
      nodes: {
        add: { use: 'act@1', with: { out: { n: '${n + 1}' } }, save: { n: 'n' } },
        more: {
          gateway: 'exclusive',
          branches: [
            { when: '${n < 3}', next: 'add' },
            { else: true, next: 'end' },
          ],
        },
      },
    },
    launch: { variables: { n: 0 } },
    ends: { phase: 'succeeded', attempts: { add: 3, more: 3 }, variables: { n: 3 } },
  },
  {
    says: 'the visit beyond maxVisits fails with cause error; skip and fail are open, retry is refused',
    flow: {
      nodes: {
        a: act({ maxVisits: 2 }),
        more: {
          gateway: 'exclusive',
          branches: [
            { when: '${a.attempts < 9}', next: 'a' },
            { else: true, next: 'end' },
          ],
        },
      },
    },
    steps: [
      {
        when: { phase: 'attention', codes: { a: 'MAX_VISITS' }, causes: { a: 'error' } },
        press: { kind: 'retry', nodeId: 'a' },
        refused: 'NOT_ALLOWED',
      },
      { press: { kind: 'fail', nodeId: 'a' } },
    ],
    ends: { phase: 'failed', attempts: { a: 3 } },
  },
  {
    says: 'a loop around a block, and one inside a branch, never mix: each converge counts its own instance',
    flow: {
      variables: { round: { type: 'integer', default: 0 }, tries: { type: 'integer', default: 0 } },
      nodes: {
        fan: { gateway: 'parallel', next: ['a', 'b'] },
        a: { use: 'act@1', with: { out: { tries: '${tries + 1}' } }, save: { tries: 'tries' }, next: 'again' },
        again: {
          gateway: 'exclusive',
          branches: [
            { when: '${tries % 2 == 1}', next: 'a' },
            { else: true, next: 'join' },
          ],
        },
        b: act({ next: 'join' }),
        join: { gateway: 'converge', next: 'count' },
        count: { use: 'act@1', with: { out: { round: '${round + 1}' } }, save: { round: 'round' } },
        more: {
          gateway: 'exclusive',
          branches: [
            { when: '${round < 2}', next: 'fan' },
            { else: true, next: 'end' },
          ],
        },
      },
    },
    launch: { variables: { round: 0, tries: 0 } },
    ends: {
      phase: 'succeeded',
      attempts: { fan: 2, a: 4, b: 2, join: 2, count: 2 },
      variables: { round: 2, tries: 4 },
    },
  },
  {
    says: 'outputs are evaluated at the end',
    flow: {
      variables: { v: { type: 'text' } },
      nodes: { a: act({ with: { out: { x: '${v}!' } } }) },
      outputs: { x: '${a.outputs.x}', status: '${a.status}', tries: '${a.attempts}', who: '${task.startedBy}' },
    },
    launch: { variables: { v: 'hi' } },
    ends: { phase: 'succeeded', outputs: { x: 'hi!', status: 'succeeded', tries: 1, who: 'Li' } },
  },
]
