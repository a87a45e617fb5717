import { li, wu } from '../world.ts'
import { ana, bo } from './play.ts'
import type { Scenario } from './scenario.ts'
import { chain, does } from './shapes.ts'

const flow = (more: object = {}) => ({
  variables: {
    env: { type: 'text', title: 'Environment', required: true },
    size: { type: 'integer', title: 'Size', default: 1 },
    secretly: { type: 'text', title: 'Hidden', show: false },
  },
  ...chain(does('ok'), does('ok'), more),
})
/** Handed to Ops: Ana and Bo. Li asks. */
const handed = {
  variables: { env: 'prod', size: 1 },
  launched: ['env', 'size'],
  fixed: ['size'],
  handOver: { to: ['role:ops'] },
}
const claim = { press: { kind: 'claim_request' }, by: ana } as const
const reject = { press: { kind: 'reject_request', reason: 'which server?' }, by: ana } as const

/** FLOW §4, Hand-over apps. */
export const HAND_OVER: readonly Scenario[] = [
  {
    says: 'a request is a task from submission on: requested, waiting for a claim, with nothing begun',
    flow: flow(),
    launch: handed,
    steps: [{ hears: 'request' }],
    ends: {
      phase: 'requested',
      waitingFor: ['claim'],
      nodes: {},
      progress: { done: 0, total: 2 },
      handOver: { state: 'open', to: 'role:ops', holder: null },
    },
    never: ['a'],
  },
  {
    says: 'claim: it runs, and whoever took it carries it',
    flow: flow(),
    launch: handed,
    steps: [{ ...claim, when: { phase: 'requested' } }, { hears: 'request_over' }, { hears: 'announce' }],
    ends: { phase: 'succeeded', waitingFor: [], handOver: { state: 'claimed', holder: 'Ana' } },
  },
  {
    says: 'claim with corrections: what was before is kept for whoever asked',
    flow: flow(),
    launch: handed,
    steps: [
      {
        press: { kind: 'claim_request', edit: { revision: 1, variables: { env: 'test' } }, note: 'prod is frozen' },
        by: bo,
      },
    ],
    ends: {
      phase: 'succeeded',
      variables: { env: 'test' },
      handOver: { state: 'claimed', holder: 'Bo', reason: 'prod is frozen', corrected: { env: 'prod' } },
    },
  },
  {
    says: 'a correction is an edit: of what the app fixes none, of an old revision none; and then nothing is claimed',
    flow: flow(),
    launch: handed,
    steps: [
      {
        press: { kind: 'claim_request', edit: { revision: 1, variables: { size: 9 } } },
        by: ana,
        refused: 'INVALID_INPUT',
      },
      {
        press: { kind: 'claim_request', edit: { revision: 7, variables: { env: 'x' } } },
        by: ana,
        refused: 'STALE',
      },
      {
        press: { kind: 'claim_request', edit: { revision: 1, variables: { secretly: 'x' } } },
        by: ana,
        rights: [],
        refused: 'FORBIDDEN',
      },
    ],
    ends: { phase: 'requested', variables: { env: 'prod', size: 1 }, handOver: { state: 'open' } },
  },
  {
    says: 'only those it was handed to claim it or give it back; whoever asked does not, nor does an operator',
    flow: flow(),
    launch: handed,
    steps: [
      { press: { kind: 'claim_request' }, by: li, refused: 'FORBIDDEN' },
      { press: { kind: 'claim_request' }, by: wu, refused: 'FORBIDDEN' },
      { press: { kind: 'reject_request', reason: 'no' }, by: wu, refused: 'FORBIDDEN' },
      { press: { kind: 'claim_request' }, by: bo, rights: [] },
    ],
    ends: { phase: 'succeeded', handOver: { holder: 'Bo' } },
  },
  {
    says: 'of two who claim, one wins; the other has seen an older round',
    flow: flow(chain(does('hold'))),
    launch: handed,
    steps: [
      claim,
      { press: { kind: 'claim_request', round: 1 }, by: bo, refused: 'STALE' },
      { press: { kind: 'reject_request', round: 1, reason: 'no' }, by: bo, refused: 'STALE' },
      { release: true },
    ],
    ends: { phase: 'succeeded', handOver: { holder: 'Ana' } },
  },
  {
    says: 'reject with reason → change → resubmit → claim; the reason is needed',
    flow: flow(),
    launch: handed,
    steps: [
      { press: { kind: 'reject_request', reason: ' ' }, by: ana, refused: 'INVALID_INPUT' },
      reject,
      {
        look: {
          phase: 'requested',
          waitingFor: ['correction'],
          handOver: { state: 'rejected', reason: 'which server?' },
        },
      },
      { ...claim, refused: 'STALE' },
      { press: { kind: 'resubmit_request' }, by: wu, refused: 'FORBIDDEN' },
      {
        press: { kind: 'resubmit_request', edit: { revision: 1, variables: { env: 'web-2' } }, note: 'web-2' },
        by: li,
        rights: [],
      },
      { look: { phase: 'requested', waitingFor: ['claim'], handOver: { state: 'open', reason: 'web-2' } } },
      claim,
    ],
    ends: { phase: 'succeeded', variables: { env: 'web-2' }, handOver: { state: 'claimed', corrected: {} } },
  },
  {
    says: 'what has not been given back is not submitted again',
    flow: flow(),
    launch: handed,
    steps: [{ press: { kind: 'resubmit_request' }, by: li, refused: 'STALE' }],
    ends: { phase: 'requested' },
  },
  {
    says: 'an edit by whoever asked is another round: a claim of what was before it is STALE',
    flow: flow(),
    launch: handed,
    steps: [
      { press: { kind: 'edit_variables', revision: 1, variables: { env: 'test' } }, by: li, rights: [] },
      { press: { kind: 'claim_request', round: 1 }, by: ana, refused: 'STALE' },
      claim,
    ],
    ends: { phase: 'succeeded', variables: { env: 'test' } },
  },
  {
    says: 'transfer: to others, with a reason; then they claim it and nobody else',
    flow: flow(),
    launch: handed,
    steps: [
      { press: { kind: 'transfer_request', to: ['role:qa'], reason: '' }, by: bo, refused: 'INVALID_INPUT' },
      { press: { kind: 'transfer_request', to: ['role:nobody'], reason: 'x' }, by: bo, refused: 'INVALID_INPUT' },
      {
        press: { kind: 'transfer_request', to: ['role:qa'], reason: 'theirs' },
        by: wu,
        rights: [],
        refused: 'FORBIDDEN',
      },
      { press: { kind: 'transfer_request', to: ['role:qa'], reason: 'theirs' }, by: bo, rights: [] },
      { look: { phase: 'requested', handOver: { to: 'role:qa', state: 'open', reason: 'theirs' } } },
      { press: { kind: 'claim_request' }, by: bo, refused: 'FORBIDDEN' },
      { press: { kind: 'claim_request' }, by: wu, rights: [] },
    ],
    ends: { phase: 'succeeded', handOver: { holder: 'Wu' } },
  },
  {
    says: 'transfer once claimed: to one person, who carries it; the work goes on',
    flow: flow(chain(does('hold'))),
    launch: handed,
    steps: [
      claim,
      {
        when: { nodes: { a: 'running' } },
        press: { kind: 'transfer_request', to: ['role:qa'], reason: 'off' },
        by: ana,
        refused: 'INVALID_INPUT',
      },
      { press: { kind: 'transfer_request', to: ['Bo'], reason: 'off duty' }, by: li, rights: [], refused: 'FORBIDDEN' },
      { press: { kind: 'transfer_request', to: ['Bo'], reason: 'off duty' }, by: ana, rights: [] },
      { look: { phase: 'running', handOver: { state: 'claimed', holder: 'Bo' } } },
      { release: true },
    ],
    ends: { phase: 'succeeded', handOver: { holder: 'Bo' } },
  },
  {
    says: 'withdraw until claimed: it has ended and never ran',
    flow: flow(),
    launch: handed,
    steps: [
      { press: { kind: 'withdraw_request' }, by: wu, rights: [], refused: 'FORBIDDEN' },
      { press: { kind: 'withdraw_request', reason: 'not needed' }, by: li, rights: [] },
    ],
    ends: {
      phase: 'revoked',
      waitingFor: [],
      nodes: {},
      revoking: 'cancel',
      handOver: { state: 'withdrawn', reason: 'not needed' },
    },
  },
  {
    says: 'withdrawn when it was given back, too',
    flow: flow(),
    launch: handed,
    steps: [reject, { press: { kind: 'withdraw_request' }, by: li, rights: [] }],
    ends: { phase: 'revoked', waitingFor: [] },
  },
  {
    says: 'once claimed it is not withdrawn any more; whoever asked may stop it like any own task',
    flow: flow(chain(does('hold'))),
    launch: handed,
    steps: [
      claim,
      { when: { nodes: { a: 'running' } }, press: { kind: 'withdraw_request' }, by: li, refused: 'STALE' },
      { press: { kind: 'revoke', mode: 'cancel' }, by: li, rights: [] },
    ],
    ends: { phase: 'revoked', handOver: { state: 'claimed' } },
  },
  {
    says: 'nobody starts, plans or pauses a request: it begins by being claimed',
    flow: flow(),
    launch: handed,
    steps: [
      { press: { kind: 'start' }, refused: 'STALE' },
      { press: { kind: 'plan', at: null }, refused: 'STALE' },
      { press: { kind: 'pause' }, refused: 'NOT_ALLOWED' },
      { press: { kind: 'set_note', text: 'soon' } },
    ],
    ends: { phase: 'requested', note: 'soon' },
  },
  {
    says: 'a planned start holds behind the claim',
    flow: flow(),
    launch: { ...handed, startNow: false, startAt: 8_000_000_000_000 },
    steps: [claim, { look: { phase: 'created', handOver: { state: 'claimed' } } }, { press: { kind: 'start' } }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'startNow: false: claimed, it starts when somebody says so',
    flow: flow(),
    launch: { ...handed, startNow: false },
    steps: [claim, { look: { phase: 'created' } }, { press: { kind: 'start' }, by: li, rights: [] }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a requested task holds no place under its key; claimed, it queues for one',
    flow: { ...flow(chain(does('hold'))), concurrency: { key: 'k', limit: 1, whenBusy: 'queue' } },
    launch: { variables: { env: 'a' }, launched: ['env'] },
    steps: [
      { when: { nodes: { a: 'running' } }, launch: 'asked', with: handed },
      { launch: 'third', with: { variables: { env: 'c' }, launched: ['env'] } },
      { of: 'asked', look: { phase: 'requested' } },
      { of: 'third', look: { phase: 'queued' } },
      { of: 'asked', ...claim },
      { of: 'asked', look: { phase: 'queued', handOver: { state: 'claimed' } } },
      { press: { kind: 'revoke', mode: 'cancel' } },
      { of: 'third', when: { nodes: { a: 'running' } }, look: { phase: 'running' } },
      { of: 'asked', look: { phase: 'queued' } },
      { release: true },
      { of: 'asked', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'revoked' },
  },
  {
    says: 'whenBusy: reject: a claim that finds no place leaves the task to be started later',
    flow: { ...flow(chain(does('hold'))), concurrency: { key: 'k', limit: 1, whenBusy: 'reject' } },
    launch: { variables: { env: 'a' }, launched: ['env'] },
    steps: [
      { when: { nodes: { a: 'running' } }, launch: 'asked', with: handed },
      { of: 'asked', ...claim },
      { of: 'asked', look: { phase: 'created', handOver: { state: 'claimed', holder: 'Ana' } } },
      { release: true },
      { look: { phase: 'succeeded' } },
      { of: 'asked', press: { kind: 'start' } },
      { of: 'asked', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a rehearsal hands nothing over: it runs at once, for the rehearser alone',
    flow: flow(),
    launch: { ...handed, rehearsal: true },
    steps: [{ silent: 'request' }],
    ends: { phase: 'succeeded', handOver: null },
  },
  {
    says: 'a request outlives a restart',
    flow: flow(),
    launch: handed,
    steps: [reject, { restart: true }, { press: { kind: 'resubmit_request' }, by: li }, { restart: true }, claim],
    ends: { phase: 'succeeded', handOver: { state: 'claimed', holder: 'Ana' } },
  },
  {
    says: 'what was launched directly is nobody’s to claim',
    flow: flow(chain(does('hold'))),
    launch: { variables: { env: 'a' }, launched: ['env'] },
    steps: [
      { when: { nodes: { a: 'running' } }, press: { kind: 'claim_request' }, by: ana, refused: 'NOT_ALLOWED' },
      { press: { kind: 'transfer_request', to: ['Bo'], reason: 'x' }, by: ana, refused: 'NOT_ALLOWED' },
      { release: true },
    ],
    ends: { phase: 'succeeded', handOver: null },
  },
  {
    says: 'a request that nobody claims is told again, and escalated: whoever it is escalated to may claim it too',
    flow: flow(),
    launch: {
      ...handed,
      handOver: { to: ['role:qa'], watch: { remindEveryMs: 20, escalateTo: ['role:duty'], afterMs: 20 } },
    },
    steps: [
      {
        when: { phase: 'requested', handOver: { to: 'role:qa, role:duty' } },
        press: { kind: 'claim_request' },
        by: bo,
      },
      { hears: 'request_over' },
    ],
    ends: { phase: 'succeeded', handOver: { state: 'claimed', holder: 'Bo' } },
  },
  {
    says: 'a request that nobody is there to claim is in attention, not in silence, until it is passed on',
    flow: flow(),
    launch: { ...handed, handOver: { to: ['role:nobody'] } },
    steps: [
      { hears: 'request' },
      {
        when: { phase: 'attention', waitingFor: ['claim'] },
        press: { kind: 'transfer_request', to: ['role:ops'], reason: 'theirs' },
        by: ana,
      },
      { when: { phase: 'requested' }, ...claim },
    ],
    ends: { phase: 'succeeded', handOver: { state: 'claimed', holder: 'Ana' } },
  },
  {
    says: 'nobody is waited for where nobody stands: it is escalated at once',
    flow: flow(),
    launch: {
      ...handed,
      handOver: { to: ['role:nobody'], watch: { escalateTo: ['role:duty'], afterMs: 3_600_000 } },
    },
    steps: [{ when: { phase: 'requested', handOver: { to: 'role:nobody, role:duty' } }, ...claim, by: bo }],
    ends: { phase: 'succeeded', handOver: { holder: 'Bo' } },
  },
  {
    says: 'a role that loses its last one while a request waits puts it into attention; whoever joins takes it out again',
    flow: flow(),
    launch: handed,
    steps: [
      { when: { phase: 'requested' }, roles: { 'role:ops': [] } },
      { when: { phase: 'attention' }, roles: { 'role:ops': ['Ana'] } },
      { when: { phase: 'requested' }, ...claim },
    ],
    ends: { phase: 'succeeded', handOver: { holder: 'Ana' } },
    nodeOnly: 'people change there alone',
  },
]
