import type { Scenario } from './scenario.ts'

const list = (each: object = {}, inputs: object = {}, more: object = {}) => ({
  variables: { hosts: { type: 'list' } },
  nodes: {
    deploy: {
      use: 'act@1',
      each: { in: '${hosts}', as: 'host', ...each },
      with: { item: '${host}', out: { at: '${host}', n: '${item.index}' }, ...inputs },
      ...more,
    },
    last: { use: 'act@1' },
  },
  outputs: {
    ok: '${deploy.outputs.?succeeded.orValue(-1)}',
    bad: '${deploy.outputs.?failed.orValue(-1)}',
  },
})
const hosts = ['x', 'y', 'z']
const three = { variables: { hosts } }

/** FLOW §1.1, `each`. */
export const LISTS: readonly Scenario[] = [
  {
    says: 'each item has its own state; index begins at 0; outputs count them',
    flow: { ...list(), outputs: { items: '${deploy.outputs.items}' } },
    launch: three,
    ends: {
      phase: 'succeeded',
      items: { deploy: ['succeeded', 'succeeded', 'succeeded'] },
      outputs: {
        items: [
          { index: 0, item: 'x', status: 'succeeded', outputs: { at: 'x', n: 0 }, error: null },
          { index: 1, item: 'y', status: 'succeeded', outputs: { at: 'y', n: 1 }, error: null },
          { index: 2, item: 'z', status: 'succeeded', outputs: { at: 'z', n: 2 }, error: null },
        ],
      },
    },
    calls: ['deploy/1/0 execute', 'deploy/1/1 execute', 'deploy/1/2 execute'],
  },
  {
    says: 'an empty list succeeds at once',
    flow: list(),
    launch: { variables: { hosts: [] } },
    ends: { phase: 'succeeded', items: { deploy: [] }, outputs: { ok: 0, bad: 0 } },
  },
  {
    says: 'what is no list fails the node',
    flow: { ...list(), variables: { hosts: { type: 'text' } } },
    launch: { variables: { hosts: 'x,y' } },
    ends: { phase: 'attention', nodes: { deploy: 'failed' } },
  },
  {
    says: 'items run atOnce at a time',
    flow: list({ atOnce: 2 }, { does: ['hold'] }),
    launch: three,
    steps: [
      { when: { items: { deploy: ['running', 'running', 'not started'] } }, look: { phase: 'running' } },
      { release: true },
    ],
    ends: { phase: 'succeeded', items: { deploy: ['succeeded', 'succeeded', 'succeeded'] } },
  },
  {
    says: 'after stopAfter failures no more start, and the node fails',
    flow: list({ atOnce: 1, stopAfter: 1 }, { items: { x: 'fail' } }),
    launch: three,
    ends: {
      phase: 'attention',
      items: { deploy: ['failed', 'not started', 'not started'] },
      causes: { deploy: 'error' },
    },
    never: ['deploy/1/1 execute'],
  },
  {
    says: 'without stopAfter the others go on; the node fails when one has',
    flow: list({ atOnce: 3 }, { items: { y: 'fail' } }),
    launch: three,
    ends: { phase: 'attention', items: { deploy: ['succeeded', 'failed', 'succeeded'] } },
  },
  {
    says: 'retry runs every item that has not succeeded, those never started included',
    flow: list({ atOnce: 1, stopAfter: 1 }, { items: { x: 'fail' } }),
    launch: three,
    steps: [{ when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'deploy' } }],
    ends: { phase: 'succeeded', items: { deploy: ['succeeded', 'succeeded', 'succeeded'] } },
    calls: ['deploy/1/0 execute', 'deploy/2/0 execute', 'deploy/2/1 execute'],
    never: ['deploy/1/1 execute'],
  },
  {
    says: 'retry may name items: a new attempt, and the node stays failed while any item is open',
    flow: list({ atOnce: 3 }, { items: { x: 'fail', y: 'fail' } }),
    launch: three,
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'deploy', items: [1] } },
      {
        when: { phase: 'attention', attempts: { deploy: 2 }, items: { deploy: ['failed', 'succeeded', 'succeeded'] } },
        press: { kind: 'retry', nodeId: 'deploy', items: [1] },
        refused: 'STALE',
      },
      { press: { kind: 'retry', nodeId: 'deploy', items: [7] }, refused: 'INVALID_INPUT' },
      { press: { kind: 'skip', nodeId: 'deploy', items: [0] } },
    ],
    ends: { phase: 'succeeded', items: { deploy: ['skipped', 'succeeded', 'succeeded'] }, outputs: { ok: 2 } },
  },
  {
    says: 'byhand may name items, with their outputs',
    flow: list({ atOnce: 3 }, { items: { x: 'fail' } }),
    launch: three,
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'byhand', nodeId: 'deploy', items: [0], outputs: { at: 'by hand' } },
      },
    ],
    ends: { phase: 'succeeded', nodes: { deploy: 'byhand' }, items: { deploy: ['byhand', 'succeeded', 'succeeded'] } },
  },
  {
    says: 'each item has its own automatic retries',
    flow: list({ atOnce: 3 }, { items: { x: 'fail', z: 'fail' } }, { onFail: { retry: { times: 1, delay: '1ms' } } }),
    launch: three,
    ends: { phase: 'succeeded', attempts: { deploy: 1 }, items: { deploy: ['succeeded', 'succeeded', 'succeeded'] } },
    calls: ['deploy/1/0 execute', 'deploy/2/0 execute'],
    never: ['deploy/2/1 execute'],
  },
  {
    says: 'each item has its own timeout',
    flow: list({ atOnce: 3 }, { items: { y: 'hold' } }, { onFail: { timeout: '30ms' } }),
    launch: three,
    ends: {
      phase: 'attention',
      items: { deploy: ['succeeded', 'failed', 'succeeded'] },
      causes: { deploy: 'timeout' },
    },
    calls: ['deploy/1/1 cancel'],
  },
  {
    says: 'revoke aborts the items that run',
    flow: list({ atOnce: 3 }, { items: { x: 'hold', y: 'hold' } }),
    launch: three,
    steps: [
      {
        when: { items: { deploy: ['running', 'running', 'succeeded'] } },
        press: { kind: 'revoke', mode: 'cancel' },
      },
    ],
    ends: { phase: 'revoked', items: { deploy: ['revoked', 'revoked', 'succeeded'] } },
    calls: ['deploy/1/0 cancel', 'deploy/1/1 cancel'],
  },
  {
    says: 'callbacks and polls are per item',
    flow: list({ atOnce: 3 }, { items: { x: 'call', y: 'poll' } }),
    launch: three,
    steps: [{ when: { phase: 'waiting', waitingFor: ['callback'] }, call: 'deploy/1/0', payload: { say: 'here' } }],
    ends: { phase: 'succeeded', items: { deploy: ['succeeded', 'succeeded', 'succeeded'] } },
    calls: ['deploy/1/0 callback'],
  },
  {
    says: 'the list is frozen: an edit of the variable does not change the items of a running visit',
    flow: list({ atOnce: 1 }, { items: { x: 'hold' } }),
    launch: three,
    steps: [
      {
        when: { items: { deploy: ['running', 'not started', 'not started'] } },
        press: { kind: 'edit_variables', revision: 1, variables: { hosts: ['q'] } },
      },
      { release: true },
    ],
    ends: { phase: 'succeeded', items: { deploy: ['succeeded', 'succeeded', 'succeeded'] }, outputs: { ok: 3 } },
  },
  {
    says: 'save may name items, succeeded and failed',
    flow: {
      ...list({}, {}, { save: { n: 'succeeded', all: 'items' } }),
      variables: { hosts: { type: 'list' }, n: { type: 'integer', show: false }, all: { type: 'json', show: false } },
      outputs: { n: '${n}', second: '${all[1].outputs.at}' },
    },
    launch: three,
    ends: { phase: 'succeeded', outputs: { n: 3, second: 'y' } },
  },
  {
    says: 'revoke stop lets the running items end and starts no more',
    flow: list({ atOnce: 1 }, { items: { x: 'hold' } }),
    launch: three,
    steps: [
      {
        when: { items: { deploy: ['running', 'not started', 'not started'] } },
        press: { kind: 'revoke', mode: 'stop' },
      },
      { release: true },
    ],
    ends: { phase: 'revoked' },
    never: ['deploy/1/0 cancel', 'deploy/1/1 execute'],
  },
  {
    says: 'a paused task starts no more items',
    flow: list({ atOnce: 1 }, { items: { x: 'hold' } }),
    launch: three,
    steps: [
      { when: { items: { deploy: ['running', 'not started', 'not started'] } }, press: { kind: 'pause' } },
      { release: true },
      { when: { items: { deploy: ['succeeded', 'not started', 'not started'] } }, press: { kind: 'resume' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'fail ends every running item, cause forced; retry runs what has not succeeded',
    flow: list({ atOnce: 3 }, { items: { x: 'hold', y: 'hold' } }),
    launch: three,
    steps: [
      { when: { items: { deploy: ['running', 'running', 'succeeded'] } }, press: { kind: 'fail', nodeId: 'deploy' } },
      { when: { phase: 'attention', causes: { deploy: 'forced' } }, press: { kind: 'retry', nodeId: 'deploy' } },
    ],
    ends: { phase: 'succeeded', items: { deploy: ['succeeded', 'succeeded', 'succeeded'] } },
    calls: ['deploy/1/0 cancel', 'deploy/1/1 cancel', 'deploy/2/0 execute', 'deploy/2/1 execute'],
    never: ['deploy/2/2 execute'],
  },
  {
    says: 'after stopAfter failures running items end, and those that end well count',
    flow: list({ atOnce: 3, stopAfter: 1 }, { items: { x: 'fail', y: 'hold' } }),
    launch: three,
    steps: [{ when: { items: { deploy: ['failed', 'running', 'succeeded'] } }, release: true }],
    ends: { phase: 'attention', items: { deploy: ['failed', 'succeeded', 'succeeded'] } },
  },
  {
    says: 'then: ignore goes on with what there is, and says how many failed',
    flow: list({ atOnce: 3 }, { items: { y: 'fail' } }, { onFail: { then: 'ignore' } }),
    launch: three,
    ends: { phase: 'succeeded', nodes: { deploy: 'ignored' }, outputs: { ok: 2, bad: 1 } },
  },
  {
    says: 'a retry reads the inputs of its items again, with the list it had',
    flow: {
      ...list({ atOnce: 3 }, { items: { x: 'fail' }, out: { v: '${v}' } }),
      variables: { hosts: { type: 'list' }, v: { type: 'text' } },
      outputs: { first: '${deploy.outputs.items[0].outputs.v}', last: '${deploy.outputs.items[2].outputs.v}' },
    },
    launch: { variables: { hosts, v: 'old' } },
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'edit_variables', revision: 1, variables: { v: 'new', hosts: ['q'] } },
      },
      { press: { kind: 'retry', nodeId: 'deploy' } },
    ],
    ends: { phase: 'succeeded', outputs: { first: 'new', last: 'old' } },
  },
]
