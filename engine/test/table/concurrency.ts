import { wu } from '../world.ts'
import type { Scenario } from './scenario.ts'
import { act, does, starts } from './shapes.ts'

const keyed = (whenBusy: string, a: object = does('hold'), more: object = {}) => ({
  variables: { env: { type: 'text', title: 'Environment' } },
  concurrency: { key: 'release-${env}', limit: 1, whenBusy },
  nodes: { a: act(a) },
  ...more,
})
const prod = { variables: { env: 'prod' }, launched: ['env'] }
const test = { variables: { env: 'test' }, launched: ['env'] }
const runs = { nodes: { a: 'running' } }

/** FLOW §2, Concurrency. */
export const CONCURRENCY: readonly Scenario[] = [
  {
    says: 'queue in launch order: each starts when the one before has ended; another key is not held up',
    flow: keyed('queue'),
    launch: prod,
    steps: [
      { when: runs, launch: 'second', with: prod },
      { launch: 'third', with: prod },
      { launch: 'other', with: test },
      { of: 'second', look: { phase: 'queued', nodes: {} } },
      { of: 'third', look: { phase: 'queued' } },
      { of: 'other', look: { phase: 'running' } },
      { press: { kind: 'revoke', mode: 'cancel' } },
      { of: 'second', when: runs, look: { phase: 'running' } },
      { of: 'third', look: { phase: 'queued' } },
      { release: true },
      { of: 'third', look: { phase: 'succeeded' } },
      { of: 'second', look: { phase: 'succeeded' } },
      { of: 'other', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'revoked' },
  },
  {
    says: 'position shown, and who holds it',
    nodeOnly: 'the engine behind Workers is not asked for a place',
    flow: keyed('queue'),
    launch: prod,
    steps: [
      { when: runs, launch: 'second', with: prod },
      { launch: 'third', with: prod },
      { queued: null, heldBy: [] },
      { of: 'second', queued: 1, heldBy: [''] },
      { of: 'third', queued: 2, heldBy: [''] },
      { of: 'second', press: { kind: 'revoke', mode: 'cancel' } },
      { of: 'second', when: { phase: 'revoked' }, look: {} },
      { of: 'third', queued: 1, heldBy: [''] },
      { release: true },
      { of: 'third', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'limit: as many as it says run at once',
    flow: { ...keyed('queue'), concurrency: { key: 'k', limit: 2, whenBusy: 'queue' } },
    launch: prod,
    steps: [
      { launch: 'second', with: prod },
      { launch: 'third', with: prod },
      { of: 'second', when: runs, look: { phase: 'running' } },
      { of: 'third', look: { phase: 'queued' } },
      { release: true },
      { of: 'third', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'paused and attention hold it; given back when the task has ended',
    flow: keyed('queue', does('fail')),
    launch: prod,
    steps: [
      { when: { phase: 'attention' }, launch: 'second', with: prod },
      { press: { kind: 'pause' } },
      { of: 'second', look: { phase: 'queued' } },
      { press: { kind: 'resume' } },
      { press: { kind: 'fail', nodeId: 'a' } },
      { of: 'second', look: { phase: 'attention' } },
    ],
    ends: { phase: 'failed' },
  },
  {
    says: 'finally holds it',
    flow: {
      ...keyed('queue', {}),
      nodes: { a: act(), clean: act(does('hold')) },
      finally: ['clean'],
    },
    launch: prod,
    steps: [
      { when: { nodes: { clean: 'running' } }, launch: 'second', with: prod },
      { of: 'second', look: { phase: 'queued' } },
      { release: true },
      { of: 'second', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'reject is BUSY',
    flow: keyed('reject'),
    launch: prod,
    steps: [
      { when: runs, launch: 'second', with: prod, refused: 'BUSY' },
      { launch: 'other', with: test },
      { release: true },
      { of: 'other', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'join (equal variables only, else BUSY) returns the holder and records the joiner as a follower',
    flow: { ...keyed('join'), concurrency: { key: 'k', limit: 1, whenBusy: 'join' } },
    launch: prod,
    steps: [
      { when: runs, launch: 'joiner', with: { ...prod, by: wu }, like: '' },
      { when: { followers: ['p-wu'] }, launch: 'other', with: test, refused: 'BUSY' },
      { release: true },
    ],
    ends: { phase: 'succeeded', followers: ['p-wu'] },
  },
  {
    says: 'the key is evaluated at start and frozen: an edit of the variable changes nothing of it',
    flow: keyed('queue'),
    launch: prod,
    steps: [
      { when: runs, press: { kind: 'edit_variables', revision: 1, variables: { env: 'test' } } },
      { launch: 'second', with: prod },
      { of: 'second', look: { phase: 'queued' } },
      { launch: 'third', with: test },
      { of: 'third', look: { phase: 'running' } },
      { release: true },
      { of: 'second', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a key that comes to nothing refuses the launch',
    flow: { ...keyed('queue'), concurrency: { key: '${env}', limit: 1, whenBusy: 'queue' } },
    launch: { variables: { env: '' } },
    refused: 'INVALID_INPUT',
  },
  {
    says: 'a planned task takes its place when it starts',
    flow: keyed('queue'),
    launch: { ...prod, startNow: false },
    steps: [
      { launch: 'second', with: prod },
      { of: 'second', when: runs, look: {} },
      { press: { kind: 'start' } },
      { look: { phase: 'queued' } },
      { release: true },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'one that is started while it is busy, and does not queue, is as it was before',
    flow: keyed('reject'),
    launch: { ...prod, startNow: false },
    steps: [
      { launch: 'second', with: prod },
      { of: 'second', when: runs, look: {} },
      { press: { kind: 'start' } },
      { hears: 'announce' },
      { when: { phase: 'created' }, release: true },
      { of: 'second', when: { phase: 'succeeded' }, look: {} },
    ],
    ends: { phase: 'created', nodes: {} },
  },
  {
    says: 'a rehearsal waits for nobody and keeps nobody waiting',
    flow: keyed('reject'),
    launch: prod,
    steps: [
      { when: runs, launch: 'rehearsal', with: { ...prod, rehearsal: true } },
      { of: 'rehearsal', look: { phase: 'succeeded' } },
      { release: true },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a queue outlives a restart',
    flow: {
      variables: { env: { type: 'text' } },
      concurrency: { key: 'k', limit: 1, whenBusy: 'queue' },
      nodes: { a: { use: 'confirm', with: { by: ['Wu'], text: 'Go?' } } },
    },
    launch: prod,
    steps: [
      { when: { phase: 'waiting' }, launch: 'second', with: prod },
      { of: 'second', when: { phase: 'queued' }, restart: true },
      { of: 'second', look: { phase: 'queued' } },
      { answer: 'confirm' },
      { of: 'second', when: { phase: 'waiting' }, answer: 'confirm' },
      { of: 'second', look: { phase: 'succeeded' } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'children re-enter their ancestors’ keys',
    flow: { concurrency: { key: 'k', limit: 1, whenBusy: 'queue' }, nodes: { call: starts('inner') } },
    others: { inner: { concurrency: { key: 'k', limit: 1, whenBusy: 'queue' }, nodes: { x: act() } } },
    ends: { phase: 'succeeded', nodes: { call: 'succeeded' } },
  },
  {
    says: 'a cycle of waiting fails the subflow node with CONCURRENCY_DEADLOCK; the task whose wait would close it is the one that fails',
    flow: {
      concurrency: { key: 'A', limit: 1, whenBusy: 'queue' },
      nodes: { go: { use: 'confirm', with: { by: ['Wu'], text: 'Go?' } }, call: starts('leaf-b') },
    },
    others: {
      second: {
        concurrency: { key: 'B', limit: 1, whenBusy: 'queue' },
        nodes: { go: { use: 'confirm', with: { by: ['Wu'], text: 'Go?' } }, call: starts('leaf-a') },
      },
      'leaf-a': { concurrency: { key: 'A', limit: 1, whenBusy: 'queue' }, nodes: { x: act() } },
      'leaf-b': { concurrency: { key: 'B', limit: 1, whenBusy: 'queue' }, nodes: { x: act() } },
    },
    steps: [
      { launch: 'second', flow: 'second' },
      { when: { phase: 'waiting' }, answer: 'confirm' },
      { of: 'call', when: { phase: 'queued' }, look: {} },
      { of: 'second', when: { phase: 'waiting' }, answer: 'confirm' },
      {
        of: 'second',
        when: { phase: 'attention', codes: { call: 'CONCURRENCY_DEADLOCK' } },
        press: { kind: 'fail', nodeId: 'call' },
      },
      { of: 'second', look: { phase: 'failed' } },
    ],
    ends: { phase: 'succeeded' },
  },
]
