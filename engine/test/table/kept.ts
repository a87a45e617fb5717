import type { Scenario } from './scenario.ts'
import { act, does } from './shapes.ts'

/** Builds, asks where it says so, and deploys what it built; the deploy fails. */
const release = (between: object = {}) => ({
  variables: { version: { type: 'text' }, env: { type: 'text' } },
  nodes: {
    build: act({ with: { out: { of: '${version}' } } }),
    ...between,
    deploy: act({ with: { does: ['fail'], out: { build: '${build.outputs.of}', env: '${env}' } } }),
  },
  outputs: { build: '${build.outputs.of}' },
})
const to = (version: string, env = 'test') => ({ variables: { version, env }, launched: ['version', 'env'] })
const stops = (node = 'deploy') => ({ when: { phase: 'attention' }, press: { kind: 'fail', nodeId: node } }) as const

/** FLOW §2 and §6, continueFrom. */
export const KEPT: readonly Scenario[] = [
  {
    says: 'continueFrom at launch starts a new task of the same version that keeps outputs of finished nodes whose inputs are unchanged',
    flow: release(),
    launch: to('v1'),
    steps: [
      stops(),
      { when: { phase: 'failed' }, launch: 'next', continues: '', with: to('v1', 'prod') },
      { of: 'next', look: { phase: 'attention', keptFrom: { build: 1 }, nodes: { build: 'succeeded' } } },
      { of: 'next', press: { kind: 'skip', nodeId: 'deploy' } },
      { of: 'next', look: { phase: 'succeeded', outputs: { build: 'v1' } } },
    ],
    ends: { phase: 'failed' },
    calls: ['build/1 execute', 'deploy/1 execute', 'deploy/1 execute'],
  },
  {
    says: 'a node whose inputs differ is done anew, and everything behind it',
    flow: release({ test: act() }),
    launch: to('v1'),
    steps: [
      stops(),
      { when: { phase: 'failed' }, launch: 'next', continues: '', with: to('v2') },
      { of: 'next', look: { phase: 'attention', keptFrom: {} } },
    ],
    ends: { phase: 'failed' },
    calls: ['build/1 execute', 'test/1 execute', 'deploy/1 execute', 'build/1 execute', 'test/1 execute'],
  },
  {
    says: 'approvals are never kept; what stands behind one is, when it is answered anew',
    flow: release({ ok: { use: 'approval', with: { approvers: ['role:qa'] } }, pack: act() }),
    launch: to('v1'),
    steps: [
      { when: { phase: 'waiting' }, answer: 'approve' },
      stops(),
      { when: { phase: 'failed' }, launch: 'next', continues: '', with: to('v1') },
      { of: 'next', when: { phase: 'waiting', keptFrom: { build: 1 } }, answer: 'approve' },
      { of: 'next', look: { phase: 'attention', keptFrom: { build: 1, pack: 1 } } },
    ],
    ends: { phase: 'failed' },
  },
  {
    says: 'a running task is not continued from',
    flow: release(),
    launch: to('v1'),
    steps: [{ when: { phase: 'attention' }, launch: 'next', continues: '', with: to('v1'), refused: 'NOT_ALLOWED' }],
    ends: { phase: 'attention' },
  },
  {
    says: 'what was only rehearsed is not continued from',
    flow: { nodes: { a: act() } },
    launch: { rehearsal: true },
    steps: [{ when: { phase: 'succeeded' }, launch: 'next', continues: '', refused: 'NOT_ALLOWED' }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'what failed or was skipped is not kept; done by hand is',
    flow: {
      nodes: { a: act(does('fail')), b: act(does('fail')), c: act(does('fail')) },
    },
    steps: [
      { when: { nodes: { a: 'failed' } }, press: { kind: 'byhand', nodeId: 'a', outputs: {} } },
      { when: { nodes: { b: 'failed' } }, press: { kind: 'skip', nodeId: 'b' } },
      { when: { nodes: { c: 'failed' } }, press: { kind: 'fail', nodeId: 'c' } },
      { when: { phase: 'failed' }, launch: 'next', continues: '' },
      { of: 'next', look: { phase: 'attention', keptFrom: { a: 1 }, nodes: { b: 'failed' } } },
    ],
    ends: { phase: 'failed' },
  },
  {
    says: 'a list is kept whole, with what save took from it',
    flow: {
      variables: { all: { type: 'json', show: false } },
      nodes: {
        a: act({
          each: { in: "${['x', 'y']}", as: 'h' },
          with: { item: '${h}', out: { at: '${h}' } },
          save: { all: 'items' },
        }),
        b: act(does('fail')),
      },
      outputs: { second: '${all[1].outputs.at}' },
    },
    steps: [
      stops('b'),
      { when: { phase: 'failed' }, launch: 'next', continues: '' },
      { of: 'next', when: { phase: 'attention', keptFrom: { a: 1 } }, press: { kind: 'skip', nodeId: 'b' } },
      { of: 'next', look: { phase: 'succeeded', outputs: { second: 'y' } } },
    ],
    ends: { phase: 'failed', outputs: { second: 'y' } },
    never: ['a/2/0 execute'],
  },
]
