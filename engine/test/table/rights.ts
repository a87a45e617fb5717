import { li, wu } from '../world.ts'
import type { Scenario } from './scenario.ts'
import { act, chain, does } from './shapes.ts'

/** FLOW §2, Commands: who may press what. */
export const RIGHTS: readonly Scenario[] = [
  {
    says: 'allow: by default a starter may retry the own task, and may not skip, fail, or do by hand',
    flow: chain(does('fail', 'ok')),
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'skip', nodeId: 'a' }, rights: [], refused: 'FORBIDDEN' },
      { press: { kind: 'fail', nodeId: 'a' }, rights: [], refused: 'FORBIDDEN' },
      { press: { kind: 'byhand', nodeId: 'a', outputs: {} }, rights: [], refused: 'FORBIDDEN' },
      { press: { kind: 'retry', nodeId: 'a' }, by: wu, rights: [], refused: 'FORBIDDEN' },
      { press: { kind: 'retry', nodeId: 'a' }, by: li, rights: [] },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'allow: [] forbids it to everybody',
    flow: chain({ ...does('fail', 'ok'), allow: { skip: [] } }),
    steps: [
      { when: { phase: 'attention' }, press: { kind: 'skip', nodeId: 'a' }, refused: 'NOT_ALLOWED' },
      { press: { kind: 'retry', nodeId: 'a' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a starter may pause and stop the own task; somebody else may not',
    flow: chain(does('hold')),
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'pause' }, by: wu, rights: ['view'], refused: 'FORBIDDEN' },
      { press: { kind: 'pause' }, by: li, rights: [] },
      { press: { kind: 'resume' }, by: li, rights: [] },
      { press: { kind: 'revoke', mode: 'cancel' }, by: wu, rights: ['view'], refused: 'FORBIDDEN' },
      { press: { kind: 'revoke', mode: 'cancel' }, by: li, rights: [] },
    ],
    ends: { phase: 'revoked' },
  },
  {
    says: 'a starter edits variables that the app shows and does not fix',
    flow: {
      variables: { shown: { type: 'text' }, hidden: { type: 'text' }, written: { type: 'text', show: false } },
      nodes: { a: act(does('fail')) },
    },
    launch: { variables: { shown: 'a', hidden: 'b' }, hidden: ['hidden'] },
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'edit_variables', revision: 1, variables: { hidden: 'x' } },
        rights: [],
        refused: 'FORBIDDEN',
      },
      { press: { kind: 'edit_variables', revision: 1, variables: { written: 'x' } }, rights: [], refused: 'FORBIDDEN' },
      { press: { kind: 'edit_variables', revision: 1, variables: { shown: 'x' } }, rights: [] },
      { press: { kind: 'edit_variables', revision: 2, variables: { hidden: 'x', written: 'y' } }, rights: ['operate'] },
    ],
    ends: { phase: 'attention', variables: { shown: 'x', hidden: 'x', written: 'y' } },
  },
  {
    says: 'editing raw node inputs needs operate-inputs',
    flow: chain(does('fail')),
    steps: [
      {
        when: { phase: 'attention' },
        press: { kind: 'retry', nodeId: 'a', inputs: {} },
        rights: ['operate'],
        refused: 'FORBIDDEN',
      },
      { press: { kind: 'retry', nodeId: 'a', inputs: {} }, rights: ['operate', 'operate-inputs'] },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2 } },
  },
  {
    says: 'moving a timer, choosing a branch and pausing before a node are for operators',
    flow: { nodes: { w: { use: 'wait', with: { for: '1h' } }, b: act() } },
    steps: [
      {
        when: { phase: 'waiting' },
        press: { kind: 'reschedule', nodeId: 'w', at: 0 },
        rights: [],
        refused: 'FORBIDDEN',
      },
      { press: { kind: 'pause_before', nodeId: 'b' }, rights: [], refused: 'FORBIDDEN' },
      { press: { kind: 'reschedule', nodeId: 'w', at: 0 }, rights: ['operate'] },
    ],
    ends: { phase: 'succeeded' },
  },
]
