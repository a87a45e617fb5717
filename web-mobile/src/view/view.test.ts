import { describe, expect, test } from 'vitest'
import type { Action, AskView, Failure, NodeView, StepView, TaskView } from '../api/fragments.ts'
import { barOf, retryHostOf, sameBar } from './bar.ts'
import { lyingOf } from './baton.ts'
import { carriersOf } from './carriers.ts'
import { chipsOf } from './chips.ts'
import { controlOf, fromLocal, textOf, toLocal } from './field.ts'
import { avatarOf, formats, initialsOf, ranges } from './format.ts'
import { stagesOf } from './timeline.ts'
import { groupsOf, matches } from './apps.ts'
import { sideIn, usersOf } from './flows.ts'
import { standing } from './hosts.ts'
import type { FlowUser } from '../api/flows.ts'
import type { AppRow } from '../api/apps.ts'
import type { HostRow } from '../api/owner.ts'
import { en } from '../texts/en.ts'

const allow = (...actions: string[]): Action[] => actions.map((action) => ({ action, allowed: true, why: null }))
// Parts of the server's answers: each test gives what it is about.
const task = (more: object): TaskView =>
  ({
    id: 't1',
    number: 7,
    phase: 'RUNNING',
    steps: [],
    nodes: [],
    failures: [],
    asks: [],
    children: [],
    availableActions: [],
    progress: { done: 0, total: 1 },
    ...more,
  }) as unknown as TaskView
const failure = (more: object): Failure =>
  ({
    id: 'deploy',
    title: 'Deploy',
    attempt: 1,
    state: 'FAILED',
    hosts: ['web-2'],
    items: null,
    error: { cause: 'ERROR', code: 'ERROR', message: '' },
    availableActions: [],
    asked: [],
    ...more,
  }) as unknown as Failure
const step = (state: StepView['state'], more: object = {}): StepView =>
  ({
    nodeId: 'n',
    title: 'N',
    stage: null,
    kind: 'activity',
    state,
    attempt: 1,
    visit: 1,
    text: null,
    startedAt: null,
    endedAt: null,
    people: [],
    branch: null,
    inFinally: false,
    ...more,
  }) as StepView

describe('the bar', () => {
  test.each(['ERROR', 'TIMEOUT', 'OUTPUT_INVALID', 'FORCED', 'CHILD_FAILED', 'CHILD_REVOKED'])(
    'leads with Retry after %s',
    (cause) => {
      const failed = failure({ error: { cause }, availableActions: allow('retry', 'edit_retry', 'byhand', 'skip') })
      const bar = barOf(task({ phase: 'ATTENTION', availableActions: allow('revoke') }), failed)
      expect(bar.filled?.action).toBe('retry')
      expect(bar.others.map(({ action }) => action)).toEqual(['edit_retry', 'byhand', 'skip', 'revoke'])
    },
  )
  test('leads with Edit and retry after a rejection, and with Assign when nobody can answer', () => {
    const actions = allow('retry', 'edit_retry', 'assign')
    expect(barOf(task({}), failure({ error: { cause: 'REJECTED' }, availableActions: actions })).filled?.action).toBe(
      'edit_retry',
    )
    expect(
      barOf(task({}), failure({ error: { cause: 'NOBODY_CAN_ANSWER' }, availableActions: actions })).filled?.action,
    ).toBe('assign')
  })
  test('fills nothing after a lost attempt: checking comes first, and Retry asks once more', () => {
    const bar = barOf(task({}), failure({ error: { cause: 'LOST' }, availableActions: allow('retry', 'byhand') }))
    expect(bar.filled).toBeNull()
    expect(bar.others.map(({ action, how }) => [action, how.kind === 'sheet' ? how.sheet : how.kind])).toEqual([
      ['check', 'go'],
      ['retry', 'lost'],
      ['byhand', 'byhand'],
    ])
  })
  test('leaves out what this person may not do, and says that others decide when nothing is left', () => {
    const bar = barOf(
      task({}),
      failure({ availableActions: [{ action: 'retry', allowed: false, why: 'Operators only' }] }),
    )
    expect(bar).toEqual({ filled: null, others: [], idle: 'others' })
  })
  test('says that there is nothing to do while it runs', () => {
    expect(barOf(task({ availableActions: allow('pause', 'revoke') }), null)).toMatchObject({
      filled: null,
      idle: 'nothing',
    })
  })
  test('leads to the task that failed when that is one which a step of this one has started', () => {
    const children = [
      { id: 't2', number: 8, title: 'Roll out', phase: 'FAILED', parentNode: 'roll_out' },
      { id: 't3', number: 9, title: 'Roll out', phase: 'ATTENTION', parentNode: 'roll_out' },
    ]
    const bar = barOf(task({ phase: 'ATTENTION', children, availableActions: allow('pause', 'revoke') }), null)
    expect(bar).toMatchObject({ filled: { action: 'see_child', how: { kind: 'go', to: '/tasks/9' } }, idle: null })
    expect(bar.others.map(({ action }) => action)).toEqual(['pause', 'revoke'])
  })
  test('leads to the question when one waits for this person', () => {
    const asks = [{ id: 'a1', nodeId: 'approve', state: 'OPEN', availableActions: allow('approve', 'reject') }]
    expect(barOf(task({ phase: 'WAITING', asks }), null).filled?.how).toEqual({ kind: 'go', to: '/asks/a1' })
  })
  test('leads to the question too where somebody has to take it first, and this person may', () => {
    const asks = [{ id: 'a1', nodeId: 'test', state: 'OPEN', availableActions: allow('claim') }]
    expect(barOf(task({ phase: 'WAITING', asks }), null).filled?.how).toEqual({ kind: 'go', to: '/asks/a1' })
  })
  test('offers only to run it again once it has ended', () => {
    const bar = barOf(task({ phase: 'SUCCEEDED', availableActions: allow('run_again', 'revoke') }), null)
    expect(bar.others.map(({ action }) => action)).toEqual(['run_again'])
  })
  test('counts as the same while only the attempt behind it changes', () => {
    const before = barOf(task({}), failure({ attempt: 1, availableActions: allow('retry') }))
    expect(sameBar(before, barOf(task({}), failure({ attempt: 2, availableActions: allow('retry') })))).toBe(true)
    expect(sameBar(before, barOf(task({}), null))).toBe(false)
  })
  test('names the one host a retry is about, and none of several', () => {
    const items = (states: string[]) => states.map((state, index) => ({ index, item: `web-${index}`, state }))
    expect(retryHostOf(failure({}))).toBe('web-2')
    expect(retryHostOf(failure({ items: items(['SUCCEEDED', 'FAILED']) }))).toBe('web-1')
    expect(retryHostOf(failure({ items: items(['FAILED', 'FAILED']) }))).toBeNull()
  })
})

describe('the bar of work handed over', () => {
  const names = (...actions: string[]): (string | undefined)[] => {
    const { filled, others, idle } = barOf(task({ phase: 'REQUESTED', availableActions: allow(...actions) }), null)
    return [filled?.action, ...others.map(({ action }) => action), ...(idle === null ? [] : [idle])]
  }
  test('who may claim it claims, or puts right what was asked first', () =>
    expect(names('claim_request', 'reject_request', 'transfer_request', 'edit_variables')).toEqual([
      'claim_request',
      'correct_request',
      'reject_request',
      'transfer_request',
    ]))
  test('whoever has to change it changes it', () =>
    expect(names('resubmit_request', 'edit_variables', 'withdraw_request')).toEqual([
      'resubmit_request',
      'withdraw_request',
    ]))
  test('who has asked waits for others, and may withdraw it', () =>
    expect(names('edit_variables', 'withdraw_request')).toEqual([undefined, 'withdraw_request', 'others']))
})

describe('the catalogue', () => {
  test('each branch stands before those below it, apps without a category last', () => {
    const row = (name: string, category: string | null) => ({ name, category }) as AppRow
    const rows = [row('a', null), row('b', 'web/release'), row('c', 'web tools'), row('d', 'web')]
    expect(groupsOf(rows).map(({ category, apps }) => [category, apps.map(({ name }) => name).join()])).toEqual([
      ['web', 'd'],
      ['web/release', 'b'],
      ['web tools', 'c'],
      ['', 'a'],
    ])
  })
})

describe('the lying baton', () => {
  const steps = [
    step('SUCCEEDED'),
    step('RUNNING', { title: 'Deploy' }),
    step('RUNNING', { title: 'Notice' }),
    step(null),
  ]
  test('lies after what is done and names everything that goes on', () => {
    expect(lyingOf({ phase: 'RUNNING', progress: { done: 1, total: 4 }, steps })).toEqual({
      state: 'running',
      done: 1,
      total: 4,
      at: 1,
      now: ['Deploy', 'Notice'],
    })
  })
  test('is gone once all is done, and not there yet while it queues', () => {
    expect(lyingOf({ phase: 'SUCCEEDED', progress: { done: 4, total: 4 }, steps: [] }).at).toBeNull()
    expect(lyingOf({ phase: 'QUEUED', progress: { done: 0, total: 4 }, steps: [] }).at).toBeNull()
  })
  test('stays where a stopped task was stopped', () => {
    expect(
      lyingOf({
        phase: 'REVOKED',
        progress: { done: 1, total: 3 },
        steps: [step('SUCCEEDED'), step('REVOKED'), step(null)],
      }),
    ).toMatchObject({ done: 1, at: 1 })
  })
})

describe('the timeline', () => {
  test('puts steps that run at once side by side', () => {
    const [stage] = stagesOf([step('SUCCEEDED'), step('RUNNING'), step('FAILED'), step(null)], [])
    expect(
      stage?.stretches.map((stretch) => (stretch.kind === 'together' ? stretch.items.length : stretch.item.when)),
    ).toEqual(['done', 2, 'next'])
  })
  test('folds a stage that is over when one line says it better', () => {
    const long = [1, 2, 3].map(() => step('SUCCEEDED', { stage: 'Prepare' }))
    expect(stagesOf([...long, step('RUNNING', { stage: 'Ship' })], []).map(({ folds }) => folds)).toEqual([true, false])
    expect(stagesOf(long.slice(1), [])[0]?.folds).toBe(false)
  })
})

describe('hosts', () => {
  test('carry the state of their own item', () => {
    const node = {
      hosts: ['a', 'b'],
      state: 'FAILED',
      error: null,
      items: [
        { index: 0, item: 'a', state: 'SUCCEEDED' },
        { index: 1, item: 'b', state: null },
      ],
    } as unknown as NodeView
    expect(chipsOf(node).map(({ name, shape }) => `${name} ${shape}`)).toEqual(['a succeeded', 'b queued'])
  })
  test('of a lost attempt show that nobody knows', () => {
    expect(chipsOf(failure({ error: { cause: 'LOST' } }))[0]?.shape).toBe('lost')
  })
  test('in a row are written as a range', () => {
    expect(ranges(['web-1', 'web-2', 'web-3', 'db-1', 'db-2'], ' to ')).toEqual(['web-1 to web-3', 'db-1', 'db-2'])
    expect(ranges(['web-09', 'web-10', 'web-11'], ' to ')).toEqual(['web-09 to web-11'])
    expect(ranges([], ' to ')).toEqual([])
  })
})

describe('people', () => {
  test.each([
    ['Lin Xiao', 'LX'],
    ['李伟', '伟'],
    ['欧阳宁', '宁'],
    ['liwei', 'LI'],
    ['Anna Maria Berg', 'AB'],
    ['', '?'],
  ])('%s is known by %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials)
  })
  test('keep their colour everywhere', () => {
    expect(avatarOf('p1')).toBe(avatarOf('p1'))
    expect(avatarOf('p1')).toBeLessThan(4)
  })
  test('stand on the line in the order the baton goes: who asked, who answered, whose turn it is, what follows', () => {
    const wei = { id: 'wei', name: 'Li Wei', surface: 'phone' }
    const anna = { id: 'anna', name: 'Anna', surface: 'slack' }
    const ask = {
      state: 'OPEN',
      next: 'Then: Deploy',
      openedAt: '2026-01-01T00:00:00Z',
      task: { startedBy: { id: 'xiao', name: 'Lin Xiao', surface: 'slack' } },
      need: [
        { title: 'QA', people: [anna] },
        { title: 'Ops', people: [wei] },
      ],
      decisions: [{ by: anna, at: '2026-01-01T00:01:00Z', verdict: 'APPROVE', as: null }],
      waitingOn: [{ id: 'tom', name: 'Tom', surface: 'slack' }, wei],
    } as unknown as AskView
    expect(carriersOf(ask, 'wei', true).map(({ name, what, place }) => [name, what, place])).toEqual([
      ['Lin Xiao', 'asked', null],
      ['Anna', 'yes', 'QA'],
      ['Li Wei', 'turn', 'Ops'],
      ['Tom', 'open', null],
      ['Deploy', 'then', null],
    ])
  })
})

describe('times', () => {
  const en = formats('en', 'UTC')
  const zh = formats('zh', 'UTC')
  const now = Date.parse('2026-11-21T14:14:00Z')
  test.each([
    [107_000, '1:47', '1 min 47 s', '1 分 47 秒'],
    [1_084_000, '18:04', '18 min 4 s', '18 分 4 秒'],
    [3_723_000, '1:02:03', '1 h 2 min', '1 小时 2 分'],
    [9_000, '0:09', '9 s', '9 秒'],
  ])('%d ms is %s, %s, %s', (ms, row, prose, han) => {
    expect([en.elapsed(ms), en.span(ms), zh.span(ms)]).toEqual([row, prose, han])
  })
  test('are relative up to a day, then the date', () => {
    expect([
      en.ago(now - 20_000, now),
      en.ago(now - 180_000, now),
      zh.ago(now - 180_000, now),
      en.ago(now - 3 * 86_400_000, now),
    ]).toEqual(['just now', '3 min ago', '3 分钟前', '18 Nov'])
  })
  test('of another day carry that day', () => {
    expect([en.when('2026-11-21T11:20:00Z', now), en.when('2026-11-20T11:20:00Z', now)]).toEqual([
      '11:20',
      '20 Nov 11:20',
    ])
  })
  test('typed by a person are in that person’s zone, and come back the same', () => {
    expect(fromLocal(toLocal('2026-11-21T14:14:00.000Z'))).toBe('2026-11-21T14:14:00.000Z')
    expect(fromLocal('')).toBeNull()
  })
})

describe('fields', () => {
  const options = (count: number) => Array.from({ length: count }, (_, index) => ({ value: index, title: `N${index}` }))
  const field = (type: string, more: object = {}) => ({ type, secret: false, optionsFrom: false, ...more })
  test.each([
    [2, 'segments'],
    [3, 'segments'],
    [4, 'radios'],
    [7, 'radios'],
    [8, 'pick'],
  ])('%d choices are asked by %s', (count, control) => {
    expect(controlOf(field('select'), options(count))).toBe(control)
  })
  test('two choices with long words do not fit side by side', () => {
    expect(
      controlOf(field('select'), [
        { value: 1, title: 'Without any of the tests' },
        { value: 2, title: 'B' },
      ]),
    ).toBe('radios')
  })
  test('a secret is never shown, whatever its type', () => {
    expect(controlOf(field('text', { secret: true }), [])).toBe('secret')
    expect(controlOf(field('password'), [])).toBe('secret')
  })
  test('values read as people say them', () => {
    const words = { yes: 'Yes', no: 'No', empty: '–' }
    expect([
      textOf(null, words),
      textOf(true, words),
      textOf(['a', 'b'], words),
      textOf('x', words, [{ value: 'x', title: 'Production' }]),
      textOf({ a: 1, b: [2, 3] }, words),
      textOf(
        [
          { host: 'web-1', ok: true },
          { host: 'web-2', ok: false },
        ],
        words,
      ),
      textOf({ deep: { er: { est: 1 } } }, words),
      textOf({}, words),
    ]).toEqual([
      '–',
      'Yes',
      'a, b',
      'Production',
      'a: 1\nb: 2, 3',
      'host: web-1, ok: Yes\nhost: web-2, ok: No',
      'deep: {"er":{"est":1}}',
      '–',
    ])
  })
})

test('an app is found by any word of its name, alias, purpose or category', () => {
  const app = { name: 'release', title: 'Release', help: 'Ships a version', category: 'web', aliases: ['发布'] }
  expect(['ship', '发布', 'WEB rel', ''].map((search) => matches(app, search))).toEqual([true, true, true, true])
  expect(matches(app, 'restart')).toBe(false)
})

describe('what there is to do beside failures and asks', () => {
  test('a gateway that could not choose asks for the way', () => {
    const gateway = failure({ availableActions: allow('choose_branch', 'retry', 'fail') })
    const bar = barOf(task({ failures: [gateway] }), gateway)
    expect(bar.filled).toMatchObject({ action: 'choose_branch', how: { kind: 'sheet', sheet: 'branch' } })
    expect(bar.others.map(({ action }) => action)).toEqual(['retry'])
  })
  test('a step that somebody holds back can be let begin', () => {
    const nodes = [{ id: 'deploy', availableActions: allow('unpause') }]
    expect(barOf(task({ phase: 'PAUSED', nodes, availableActions: allow('revoke') }), null)).toMatchObject({
      filled: { action: 'unpause', nodeId: 'deploy' },
      idle: null,
    })
  })
  test('while others go on, what is held back does not lead', () => {
    const nodes = [{ id: 'deploy', availableActions: allow('unpause') }]
    expect(barOf(task({ phase: 'RUNNING', nodes }), null).filled).toBeNull()
  })
  test('a task that has not started can be started or planned', () => {
    const bar = barOf(task({ phase: 'CREATED', availableActions: allow('start', 'plan', 'revoke') }), null)
    expect([bar.filled?.action, ...bar.others.map(({ action }) => action)]).toEqual(['start', 'plan', 'revoke'])
  })
})

describe('a host', () => {
  const host = (more: object): HostRow =>
    ({
      name: 'web-1',
      fingerprint: 'SHA256:a',
      offeredFingerprint: null,
      changed: false,
      probe: null,
      ...more,
    }) as HostRow
  const probe = (state: string, missing: readonly object[] = []) => ({
    probe: { state, missing, at: '', system: null },
  })
  test.each([
    { what: 'whose key changed', more: { changed: true, ...probe('READY') }, state: 'failed', says: en.hosts.changed },
    { what: 'whose key waits', more: { offeredFingerprint: 'SHA256:b' }, state: 'waiting', says: en.hosts.waiting },
    { what: 'never seen', more: { fingerprint: null }, state: 'queued', says: en.hosts.unknown },
    { what: 'not looked at', more: {}, state: 'queued', says: en.hosts.unseen },
    { what: 'being looked at', more: probe('PROBING'), state: 'running', says: en.hosts.probing },
    { what: 'that is well', more: probe('READY', [{ needed: false }]), state: 'succeeded', says: en.hosts.ready },
    {
      what: 'that lacks something',
      more: probe('LACKING', [{ needed: true }, { needed: false }]),
      state: 'failed',
      says: '1 thing missing: no script can run there',
    },
    { what: 'out of reach', more: probe('UNREACHABLE'), state: 'failed', says: en.hosts.unreachable },
  ])('$what stands as $state', ({ more, state, says }) => {
    expect(standing(host(more), en.hosts)).toEqual({ state, text: says })
  })
})

describe('a flow', () => {
  const user = (more: object): FlowUser =>
    ({
      kind: 'App',
      name: 'release',
      title: 'Release',
      version: null,
      task: null,
      path: '',
      holds: true,
      ...more,
    }) as FlowUser
  test('is used by each app, flow and task once; old versions only remember it', () => {
    const users = [
      user({}),
      user({ path: 'spec.other' }),
      user({ kind: 'Flow', name: 'nightly', title: 'Nightly', version: 2 }),
      user({ kind: 'Flow', name: 'old', version: 1, holds: false }),
      user({ kind: 'Task', name: 'Release v2', title: 'Release v2', version: 3, task: 1042 }),
    ]
    expect(usersOf(users, en.flows).map(({ title, fact, href }) => [title, fact, href])).toEqual([
      ['Release', 'App', '/apps/release'],
      ['Nightly', 'Version 2', '/flows/nightly'],
      ['Release v2', 'Task #1042, not ended', '/tasks/1042'],
    ])
  })
  test.each([
    { query: 'to=2', side: 'to' as const, is: 2 },
    { query: 'to=draft', side: 'to' as const, is: null },
    { query: 'from=-1', side: 'from' as const, is: null },
    { query: '', side: 'from' as const, is: null },
  ])('its diff is about what the address says: $query → $side $is', ({ query, side, is }) => {
    expect(sideIn(new URLSearchParams(query), side)).toBe(is)
  })
})
