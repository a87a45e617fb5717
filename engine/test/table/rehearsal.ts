import { li } from '../world.ts'
import type { Scenario } from './scenario.ts'
import { act, does, starts } from './shapes.ts'

const rehearsal = { rehearsal: true }

/** FLOW §2, rehearsal. */
export const REHEARSAL: readonly Scenario[] = [
  {
    says: 'rehearse() of a plugin instead of execute(), and what it says it did not do is marked',
    flow: {
      nodes: {
        a: { use: 'act.rehearsed@1', with: { out: { x: 'would' } } },
        b: act({ with: { out: { x: '${a.outputs.x}' } } }),
      },
      outputs: { x: '${a.outputs.x}' },
    },
    launch: rehearsal,
    ends: {
      phase: 'succeeded',
      rehearsal: true,
      outputs: { x: 'would' },
      notPerformed: { a: true },
      inputs: { b: { out: { x: 'would' } } },
    },
    calls: ['a/1 rehearse'],
    never: ['a/1 execute', 'b/1 execute'],
  },
  {
    says: 'or its sample outputs, marked "not performed"; what a step would have saved has a sample too',
    flow: {
      variables: { n: { type: 'integer', show: false } },
      nodes: { a: act({ save: { n: 'n' } }), b: act({ with: { out: { n: '${n + 1}' } } }) },
    },
    launch: rehearsal,
    ends: { phase: 'succeeded', notPerformed: { a: true, b: true } },
    never: ['a/1 execute', 'b/1 execute'],
  },
  {
    says: 'a node that would fail does not: nothing is done',
    flow: { nodes: { a: act(does('fail')) } },
    launch: rehearsal,
    ends: { phase: 'succeeded', notPerformed: { a: true } },
  },
  {
    says: 'asks go to the rehearser alone and never count',
    flow: { nodes: { ok: { use: 'approval', with: { approvers: ['role:qa'], need: 1 } }, b: act() } },
    launch: rehearsal,
    steps: [
      { when: { phase: 'waiting', asks: [{ people: ['p-li'] }] }, answer: 'approve', refused: 'FORBIDDEN' },
      { answer: 'approve', by: li },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'gateways choose as they would',
    flow: {
      variables: { env: { type: 'text' } },
      nodes: {
        gate: {
          gateway: 'exclusive',
          branches: [
            { when: "${env == 'prod'}", next: 'a' },
            { else: true, next: 'b' },
          ],
        },
        a: act({ next: 'end' }),
        b: act({ next: 'end' }),
      },
    },
    launch: { ...rehearsal, variables: { env: 'prod' } },
    ends: { phase: 'succeeded', notPerformed: { a: true } },
  },
  {
    says: 'the flows it starts are rehearsed',
    flow: { nodes: { call: starts('inner') } },
    others: { inner: { nodes: { a: act(does('fail')) } } },
    launch: rehearsal,
    steps: [{ of: 'call', look: { phase: 'succeeded', rehearsal: true, notPerformed: { a: true } } }],
    ends: { phase: 'succeeded' },
    never: ['a/1 execute'],
  },
  {
    says: 'every item of each is rehearsed, and its node marked',
    flow: {
      variables: { hosts: { type: 'list' } },
      nodes: { a: act({ each: { in: '${hosts}', as: 'h' }, with: { item: '${h}', does: ['fail'] } }) },
    },
    launch: { ...rehearsal, variables: { hosts: ['x', 'y'] } },
    ends: { phase: 'succeeded', items: { a: ['succeeded', 'succeeded'] }, notPerformed: { a: true } },
    never: ['a/1/0 execute'],
  },
  {
    says: 'finally is rehearsed too',
    flow: { nodes: { a: act(), clean: act(does('fail')) }, finally: ['clean'] },
    launch: rehearsal,
    ends: { phase: 'succeeded', notPerformed: { a: true, clean: true } },
    never: ['clean/1 execute'],
  },
]
