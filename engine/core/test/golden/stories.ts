/**
 * What the golden histories tell. A new release adds stories with what it emits first; recorded files are never made again:
 * `node engine/core/test/golden/stories.ts <name> > engine/core/test/golden/<name>.json` (ADR 0001).
 */
import type { DecideEnv } from '../../env.ts'
import type { Flow } from '../../flow.ts'
import type { Frozen } from '../../freeze.ts'
import { continuedFrom } from '../../keep.ts'
import type { CatalogueLetter, ChildNews } from '../../requests.ts'
import type { Table, TaskPhase, TaskState } from '../../state.ts'
import {
  act,
  ana,
  ask,
  Bench,
  bo,
  branch,
  converge,
  directoryOf,
  exclusive,
  flowOf,
  inclusive,
  is,
  lin,
  parallel,
  person,
  policy,
  retries,
  subflow,
  text,
  value,
  variable,
  wait,
  wei,
} from '../build.ts'

const ROLES = { 'role:qa': ['ana', 'wei'], 'role:ops': ['wei', 'bo'], 'role:empty': [] }
const VARIABLES = [
  text('version'),
  text('env'),
  text('build'),
  { ...text('pin'), secret: true },
  { ...text('n'), type: 'integer' as const },
]
const on = (flow: Flow, variables = { version: 'v1', env: 'production' }): Bench =>
  new Bench(flow, { variables }, { directory: directoryOf(ROLES) })

export const STORIES: { readonly [name: string]: () => Bench } = {
  /** Unpack, approve, deploy in parallel, one fails and is retried with other variables, cleanup. */
  release() {
    const task = on(
      flowOf(
        [
          act('prepare', 'gate', {
            save: { build: 'stdout' },
            with: { args: variable('version') },
            onFail: policy({ retry: retries(1, { delayMs: 5000 }), timeoutMs: 300_000 }),
          }),
          exclusive('gate', [branch('approve', is('env', 'production')), branch('fan')]),
          ask('approve', 'fan', {
            approvers: ['role:qa', 'role:ops'],
            need: { 'role:qa': 1, 'role:ops': 1 },
            notStarter: true,
            deadline: '2h',
            remindEvery: '30m',
            escalateTo: ['dora'],
          }),
          parallel('fan', ['web1', 'web2'], 'join'),
          act('web1', 'join', { with: { build: variable('build') } }),
          act('web2', 'join', { with: { build: variable('build') } }),
          converge('join', 'settle'),
          wait('settle', 'end', { for: '30s' }),
          act('cleanup', 'end', { onFail: policy({ then: 'ignore' }) }),
        ],
        {
          variables: VARIABLES,
          finally: ['cleanup'],
          outputs: { build: variable('build') },
          attention: { remindEveryMs: 900_000, escalateTo: ['role:ops'], afterMs: 1_800_000, giveUpMs: null },
        },
      ),
    )
    task.fails('prepare')
    task.pass(5000)
    task.done('prepare', { stdout: 'b7' })
    task.pass(1_800_000)
    task.answer(wei)
    task.answer(ana)
    task.done('web1')
    task.fails('web2', { message: 'disk full' })
    task.pass(1_800_000)
    task.do({ kind: 'follow', by: bo, person: 'bo' })
    task.press('retry', 'web2', bo)
    task.do({ kind: 'checkpoint', nodeId: 'web2', attempt: 2, state: { pid: 7 } })
    task.result('web2', { kind: 'poll', afterMs: 2000, state: { pid: 7 } })
    task.pass(2000)
    task.done('web2')
    task.do({ kind: 'reschedule', by: bo, nodeId: 'settle', attempt: 1, at: task.env.now + 1000 })
    task.pass(1000)
    task.fails('cleanup')
    return task
  },
  /** A list over hosts: retries, an item that is lost, skipped, done by hand. */
  list() {
    const task = on(
      flowOf([
        act('deploy', 'end', {
          each: { in: value(['w1', 'w2', 'w3', 'w4']), as: 'host', atOnce: 2, stopAfter: 2 },
          with: { host: variable('host') },
          onFail: policy({ retry: retries(1, { delayMs: 1000 }), timeoutMs: 60_000 }),
        }),
      ]),
    )
    task.fails('deploy', {}, 0)
    task.done('deploy', { exitCode: 0 }, 1)
    task.pass(1000)
    task.fails('deploy', {}, 0)
    task.result('deploy', { kind: 'poll', afterMs: 1000, state: 1 }, 2)
    task.pass(1000)
    task.result('deploy', { kind: 'callback', state: 2 }, 2)
    task.pass(90_000)
    task.press('retry', 'deploy', wei, { items: [0] })
    task.fails('deploy', { cause: 'lost' }, 0)
    task.press('skip', 'deploy', wei, { items: [0] })
    task.do({
      kind: 'byhand',
      by: wei,
      nodeId: 'deploy',
      attempt: task.node('deploy').attempt,
      items: [2],
      outputs: { exitCode: 0 },
    })
    if (task.state.stage !== 'final')
      task.do({
        kind: 'byhand',
        by: wei,
        nodeId: 'deploy',
        attempt: task.node('deploy').attempt,
        items: [3],
        outputs: {},
      })
    return task
  },
  /** Asks in all their ways: voided, reassigned, transferred, corrected, escalated, overridden. */
  asks() {
    const task = on(
      flowOf(
        [
          ask('first', 'second', {
            approvers: ['role:qa', 'bo'],
            need: 2,
            onReject: 'starter',
            deadline: '1h',
            escalateTo: ['dora'],
          }),
          ask('second', 'work', { approvers: ['role:empty'], bind: ['version'] }),
          act('work', 'form'),
          ask(
            'form',
            'sure',
            { by: ['role:ops'], fields: { n: { type: 'integer', title: 'How many', required: true } } },
            { ask: 'form', save: { n: 'n' } },
          ),
          ask(
            'sure',
            'end',
            { by: ['starter'], text: 'Sure?', deadline: '10m', onDeadline: 'fail' },
            { ask: 'confirm', onFail: policy({ then: 'fail' }) },
          ),
        ],
        { variables: VARIABLES },
      ),
    )
    task.answer(ana)
    task.do({ kind: 'comment_ask', by: lin, askId: task.openAsk().id, comment: 'please look' })
    task.do({ kind: 'edit_variables', by: wei, revision: 1, variables: { version: 'v2' }, reason: 'typo' })
    task.answer(ana, 'reject', { comment: 'still wrong' })
    task.answer(lin, 'submit', { fields: { version: 'v3', env: 'production' } })
    task.do({ kind: 'transfer_ask', by: bo, askId: task.openAsk().id, to: 'eve', reason: 'on leave' })
    task.pass(3_600_000)
    task.answer(ana)
    task.answer(wei)
    task.do({ kind: 'assign_ask', by: wei, askId: task.openAsk().id, to: ['role:qa'], reason: 'nobody there' })
    task.answer(ana)
    task.do({
      kind: 'edit_variables',
      by: wei,
      revision: task.state.variablesRevision,
      variables: { version: 'v4' },
      reason: 'hotfix',
    })
    task.fails('work')
    task.press('retry', 'work', wei, { inputs: { x: 1 }, note: 'by hand' })
    task.done('work')
    task.answer(bo, 'submit', { fields: { n: 3 } })
    task.pass(600_000)
    return task
  },
  /** Paused, resumed, stopped; an abort nobody confirms; a gateway that a person sends on. */
  stopped() {
    const task = on(
      flowOf(
        [
          exclusive('only', [branch('some', value(true)), branch('end', value(true))], { mode: 'only' }),
          inclusive('some', [branch('a', value(true)), branch('b', value(true)), branch('c')], 'join'),
          act('a', 'join'),
          act('b', 'b2', { onFail: policy({ then: 'ignore', timeoutMs: 10_000 }) }),
          act('b2', 'join', { when: is('env', 'staging') }),
          act('c', 'join'),
          converge('join', 'end'),
          act('cleanup', 'end'),
          act('last', 'end'),
        ],
        { variables: VARIABLES, finally: ['cleanup', 'last'] },
      ),
    )
    task.do({ kind: 'choose_branch', by: wei, nodeId: 'only', attempt: 1, branches: ['some'] })
    task.do({ kind: 'pause', by: lin })
    task.fails('b')
    task.do({ kind: 'resume', by: wei })
    task.press('fail', 'a', wei)
    task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: true })
    task.press('retry', 'a', lin)
    task.do({ kind: 'revoke', by: lin, mode: 'stop', reason: 'wrong version' })
    task.do({ kind: 'revoke', by: wei, mode: 'cancel' })
    task.pass(30_000)
    task.result('cleanup', { kind: 'callback', state: null })
    task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
    return task
  },
  /** A list that is stopped: one item confirmed, one not, one never started. */
  stopped_list() {
    const task = on(
      flowOf([act('deploy', 'end', { each: { in: value(['w1', 'w2', 'w3']), as: 'host', atOnce: 2, stopAfter: 1 } })]),
    )
    task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
    task.do({ kind: 'cancelled', nodeId: 'deploy', attempt: 1, item: 0, confirmed: true })
    task.pass(30_000)
    return task
  },
  /** Given up: siblings are cancelled, and the task has failed. */
  failed() {
    const task = on(
      flowOf(
        [
          parallel('fan', ['a', 'b'], 'join'),
          act('a', 'join', { save: { n: 'n' } }),
          act('b', 'join'),
          converge('join', 'end'),
          act('cleanup', 'end', { onFail: policy({ then: 'fail' }) }),
        ],
        { variables: VARIABLES, finally: ['cleanup'], outputs: { n: variable('n') } },
      ),
    )
    task.done('a', { n: 'seven' })
    task.press('fail', 'a', wei, { note: 'no use' })
    task.do({ kind: 'cancelled', nodeId: 'b', attempt: 1, confirmed: true })
    task.fails('cleanup')
    return task
  },
  /** A form is taken, given back, taken by a stand-in who is told to hand it on; an approval shows what was filled in, loses one of its people, is answered by another’s stand-in. */
  taken() {
    const flow = flowOf(
      [
        ask(
          'fill',
          'approve',
          { by: ['role:qa'], fields: { size: { type: 'integer' } }, claim: true },
          { ask: 'form' },
        ),
        ask('approve', 'end', { approvers: ['role:qa', 'role:ops'], need: { 'role:qa': 1, 'role:ops': 1 } }),
      ],
      { variables: VARIABLES },
    )
    const task = on(flow)
    const stands: { [person: string]: readonly string[] } = {}
    const people = (roles: typeof ROLES): Partial<DecideEnv> => ({
      directory: {
        ...directoryOf(roles),
        standsFor: (id) => (stands[id] ?? []).map((one) => ({ id: one, name: one, via: [] })),
      },
    })
    task.env = { ...task.env, ...people(ROLES) }
    const on1 = { askId: task.openAsk().id }
    task.do({ kind: 'claim_ask', by: ana, ...on1 })
    task.do({ kind: 'release_ask', by: ana, ...on1 })
    stands['bo'] = ['wei']
    task.do({ kind: 'claim_ask', by: bo, ...on1 })
    task.do({ kind: 'remind_ask', by: lin, ...on1 })
    task.do({ kind: 'release_ask', by: wei, ...on1, reason: 'I am back' })
    task.do({ kind: 'claim_ask', by: wei, ...on1 })
    const files = [{ file: 'f1', name: 'plan.pdf', bytes: 3, sha256: 'abc' }]
    task.do({ kind: 'comment_ask', by: wei, ...on1, comment: '', files })
    task.answer(wei, 'submit', { fields: { size: 3 } })
    task.env = { ...task.env, ...people({ ...ROLES, 'role:qa': ['ana', 'cy'] }) }
    task.do({ kind: 'people_changed' })
    stands['dana'] = ['ana']
    task.answer(person('dana'))
    task.answer(bo)
    return task
  },
  /** Two approvers turn out to be one, and one of them has started it. */
  merged() {
    const task = on(flowOf([ask('approve', 'end', { approvers: ['role:qa', 'role:ops'], need: 3, notStarter: true })]))
    task.answer(ana)
    task.answer(wei)
    task.do({ kind: 'people_changed', became: { wei: 'ana' } })
    return task
  },
  /** Queues for its place; one child is skipped while it lives, another takes too long, the next one does it; paused in between. */
  parent() {
    const task = on(
      flowOf(
        [
          subflow('test', 'deploy', { flow: 'test-suite', variables: { version: 'v1' } }),
          subflow(
            'deploy',
            'end',
            { flow: 'deploy', version: 3 },
            { save: { build: 'build' }, onFail: policy({ timeoutMs: 60_000, retry: retries(1) }) },
          ),
        ],
        {
          variables: VARIABLES,
          outputs: { build: variable('build') },
          concurrency: { key: value('release'), limit: 1, whenBusy: 'queue' },
        },
      ),
    )
    const hear = (letter: CatalogueLetter): void =>
      void task.do({ kind: 'letter', sequence: task.state.heard + 1, letter })
    const tell = (phase: TaskPhase, more: Partial<ChildNews> = {}): void => {
      const { id: child, node, attempt } = task.state.children.at(-1)!
      hear({ kind: 'child', news: { child, node, attempt, number: 1042 + task.state.children.length, phase, ...more } })
    }
    hear({ kind: 'slot_granted' })
    tell('running')
    tell('attention')
    task.press('skip', 'test', wei, { note: 'flaky' })
    tell('revoked', { outcome: 'revoked', outputs: {} })
    tell('running')
    task.do({ kind: 'pause', by: lin })
    task.do({ kind: 'resume', by: lin })
    task.pass(60_000)
    tell('revoked', { outcome: 'revoked', outputs: {} })
    hear({ kind: 'follow', person: 'dora', by: wei })
    tell('queued')
    tell('succeeded', { outcome: 'succeeded', outputs: { build: 'b7' } })
    return task
  },
  /** Made while its parent is paused, goes on with it, and is stopped with it; its own child is never made. */
  child() {
    const parent = { task: 'T1', number: 1042, node: 'test', attempt: 1, ancestors: ['T1'] }
    const flow = flowOf([act('a', 'b', { save: { n: 'n' } }), subflow('b', 'end', { flow: 'deeper' })], {
      variables: VARIABLES,
      outputs: { n: variable('n') },
      concurrency: { key: value('release'), limit: 2, whenBusy: 'queue' },
    })
    const slot = { key: 'release', limit: 2, digest: 'd', granted: true }
    const task = new Bench(flow, { id: 'T1x1', number: 1043, variables: { n: 1 }, parent, slot, paused: true })
    const hear = (letter: CatalogueLetter): void =>
      void task.do({ kind: 'letter', sequence: task.state.heard + 1, letter })
    hear({ kind: 'told', told: { what: 'pause', by: lin } })
    hear({ kind: 'told', told: { what: 'resume', by: lin } })
    task.done('a', { n: 4 })
    hear({ kind: 'told', told: { what: 'revoke', mode: 'stop', reason: 'wrong build', by: wei } })
    hear({ kind: 'child_refused', child: 'T1x1x1', node: 'b', attempt: 1, code: 'CHILD_REVOKED', message: 'stopped' })
    return task
  },
  /** A rehearsal: samples, an ask to the rehearser alone; and a wait for a call that looks for itself when none comes. */
  rehearsed() {
    const task = new Bench(
      flowOf(
        [
          act('watch', 'go', { save: { build: 'id' }, onFail: policy({ timeoutMs: 600_000 }) }),
          ask('go', 'deploy', { approvers: ['role:qa'], need: 2 }),
          act('deploy', 'end', { each: { in: value(['w1', 'w2']), as: 'host', atOnce: 2, stopAfter: 2 } }),
        ],
        { variables: VARIABLES, outputs: { build: variable('build') } },
      ),
      { variables: { version: 'v1' }, rehearsal: true },
      { directory: directoryOf(ROLES) },
    )
    task.result('watch', { kind: 'callback', state: { run: 7 }, pollAfterMs: 60_000 })
    task.pass(60_000)
    task.result('watch', { kind: 'done', outputs: { id: 'b-0' }, notPerformed: true })
    task.answer(lin) // all of those asked, however many would be
    task.result('deploy', { kind: 'done', outputs: {}, notPerformed: true }, 0)
    task.result('deploy', { kind: 'done', outputs: {}, notPerformed: true }, 1)
    return task
  },
  /** Launched although a freeze held, and retried in it too. */
  in_spite() {
    const frozen = { name: 'quiet', title: 'Quiet days', help: null, since: 0, until: 1_800_000_900_000 }
    const flow = flowOf([act('a', 'end')])
    const task = new Bench(flow, { overrideFreeze: 'it burns' }, { frozen: () => frozen })
    task.fails('a')
    task.press('retry', 'a', wei, { overrideFreeze: 'it still burns' })
    task.done('a')
    return task
  },
  /** Planned, planned anew, its place refused, started by hand; held before a step, let go, noted, late; ends well. */
  planned() {
    const flow = flowOf([act('a', 'b'), act('b', 'end', { onFail: policy({ then: 'ask' }) })], {
      concurrency: { key: value('release'), limit: 1, whenBusy: 'reject' },
      expectMs: 60_000,
    })
    const task = new Bench(flow, { startNow: false, startAt: 1_800_000_100_000 })
    const hear = (letter: CatalogueLetter): void =>
      void task.do({ kind: 'letter', sequence: task.state.heard + 1, letter })
    task.do({ kind: 'plan', by: lin, at: task.env.now + 3_600_000 })
    task.do({ kind: 'set_note', by: lin, text: 'after the meeting' })
    task.do({ kind: 'start', by: lin })
    hear({ kind: 'slot_refused', code: 'BUSY', message: '#1041 holds it' })
    task.do({ kind: 'plan', by: lin, at: null })
    task.do({ kind: 'start', by: lin })
    hear({ kind: 'slot_granted' })
    task.do({ kind: 'pause_before', by: bo, nodeId: 'b', attempt: 0 })
    task.done('a')
    task.pass(60_000)
    task.do({ kind: 'unpause', by: bo, nodeId: 'b', attempt: 0 })
    task.do({ kind: 'set_note', by: bo, text: '' })
    task.done('b', { exitCode: 0 })
    return task
  },
  /** Handed over: changed, given back, submitted again, passed on, claimed with corrections, carried on by another. */
  handed_over() {
    const flow = flowOf([act('a', 'end')], {
      variables: VARIABLES,
      concurrency: { key: value('release'), limit: 1, whenBusy: 'queue' },
    })
    const task = new Bench(
      flow,
      { variables: { version: 'v1', env: 'production' }, handOver: { to: ['role:ops'] } },
      { directory: directoryOf(ROLES) },
    )
    const round = (): number => task.state.handOver?.round ?? 0
    task.do({ kind: 'edit_variables', by: lin, revision: 1, variables: { env: 'staging' } })
    task.do({ kind: 'reject_request', by: bo, round: round(), reason: 'which version?' })
    const edit = { revision: 2, variables: { version: 'v2' } }
    task.do({ kind: 'resubmit_request', by: lin, round: round(), edit, note: 'v2' })
    task.do({ kind: 'transfer_request', by: bo, round: round(), to: ['role:qa'], reason: 'theirs' })
    const put = { revision: 3, variables: { version: 'v3' }, reason: 'v2 is broken' }
    task.do({ kind: 'claim_request', by: ana, round: round(), edit: put, note: 'v2 is broken' })
    task.do({ kind: 'transfer_request', by: ana, round: round(), to: ['wei'], reason: 'off duty' })
    task.do({ kind: 'letter', sequence: 1, letter: { kind: 'slot_granted' } })
    task.done('a')
    return task
  },
  /** Handed over while Ops changes: who joined is told, and claims it. */
  handed_to_others() {
    const task = new Bench(
      flowOf([act('a', 'end')], { variables: VARIABLES }),
      { variables: { version: 'v1' }, handOver: { to: ['role:ops'] } },
      { directory: directoryOf(ROLES) },
    )
    task.env = { ...task.env, directory: directoryOf({ ...ROLES, 'role:ops': ['wei', 'eve'] }) }
    task.do({ kind: 'people_changed' })
    task.do({ kind: 'reject_request', by: wei, round: 1, reason: 'which version?' })
    task.do({ kind: 'resubmit_request', by: lin, round: 2 })
    task.do({ kind: 'transfer_request', by: wei, round: 3, to: ['role:qa'], reason: 'theirs' })
    task.do({ kind: 'claim_request', by: ana, round: 4 })
    task.done('a')
    return task
  },
  /** Nobody claims it: told again, escalated; then nobody is left who could, until somebody joins. */
  unclaimed() {
    const watch = { remindEveryMs: 60_000, escalateTo: ['role:qa'], afterMs: 90_000 }
    const task = new Bench(
      flowOf([act('a', 'end')], { variables: VARIABLES }),
      { variables: { version: 'v1' }, handOver: { to: ['role:ops'], watch } },
      { directory: directoryOf(ROLES) },
    )
    task.pass(130_000)
    task.env = { ...task.env, directory: directoryOf({ ...ROLES, 'role:ops': [], 'role:qa': [] }) }
    task.do({ kind: 'people_changed' })
    task.env = { ...task.env, directory: directoryOf({ ...ROLES, 'role:ops': ['eve'], 'role:qa': [] }) }
    task.do({ kind: 'people_changed' })
    task.do({ kind: 'claim_request', by: { person: 'eve', name: 'Eve', surface: 'phone' }, round: 1 })
    task.done('a')
    return task
  },
  /** Its turn comes in a freeze: it waits for its end. */
  held_back() {
    const quiet = { name: 'quiet', title: 'Quiet days', help: null, since: 0, until: 1_800_000_100_000 }
    const task = new Bench(
      flowOf([act('a', 'end')], { concurrency: { key: value('place'), limit: 1, whenBusy: 'queue' } }),
      {},
      { frozen: (_, at) => (at > 1_800_000_000_000 && at < quiet.until ? quiet : null) },
    )
    task.pass(10_000)
    task.do({ kind: 'letter', sequence: 1, letter: { kind: 'slot_granted' } })
    task.pass(100_000)
    task.do({ kind: 'letter', sequence: 2, letter: { kind: 'slot_granted' } })
    task.done('a')
    return task
  },
  /** Asked for by mistake. */
  withdrawn() {
    const task = new Bench(
      flowOf([act('a', 'end')], { variables: VARIABLES }),
      { variables: { version: 'v1' }, handOver: { to: ['role:ops'] }, startNow: false, startAt: 1_800_000_100_000 },
      { directory: directoryOf(ROLES) },
    )
    task.do({ kind: 'withdraw_request', by: lin, round: 1, reason: 'not needed' })
    return task
  },
  /** Goes on from one that failed: what was done and would be done alike is kept, the approval is asked anew. */
  continued() {
    const flow = flowOf(
      [
        act('build', 'approve', { save: { build: 'stdout' }, with: { version: variable('version') } }),
        ask('approve', 'deploy', { approvers: ['role:qa'] }),
        act('deploy', 'end', { with: { build: variable('build') } }),
      ],
      { variables: VARIABLES },
    )
    const before = on(flow)
    before.done('build', { stdout: 'b7' })
    before.answer(wei)
    before.fails('deploy')
    before.press('fail', 'deploy')
    const launch = { rehearsal: false, project: before.state.project }
    const task = new Bench(
      flow,
      { id: 'T2', number: 1043, variables: { version: 'v1' }, continues: continuedFrom(flow, before.state, launch) },
      { directory: directoryOf(ROLES) },
    )
    task.answer(ana)
    task.done('deploy')
    return task
  },
  /** Made of a variable that an edit, an answer and a step change, its title follows; after it was sent away by a freeze it stands where it stood. */
  called() {
    const holds: Frozen = { name: 'quiet', title: 'Quiet days', help: null, since: 0, until: 1_800_000_010_000 }
    const flow = flowOf(
      [
        act('build', 'fix', { save: { build: 'stdout' } }),
        ask(
          'fix',
          'end',
          { by: ['role:ops'], fields: { version: { type: 'text' } } },
          { ask: 'form', save: { version: 'version' } },
        ),
      ],
      {
        variables: VARIABLES,
        concurrency: { key: value('place'), limit: 1, whenBusy: 'queue' },
        titleOf: (template, values) =>
          `${template}: ${String(values['version'])} ${String(values['build'] ?? '')}`.trim(),
      },
    )
    const task = new Bench(
      flow,
      { title: 'Release: v1', titleFrom: 'Release', variables: { version: 'v1' } },
      {
        directory: directoryOf(ROLES),
        frozen: (_, at) => (at > 1_800_000_000_000 && at < holds.until! ? holds : null),
      },
    )
    task.pass(1)
    task.do({ kind: 'letter', sequence: 1, letter: { kind: 'slot_granted', place: 7 } })
    task.pass(10_000)
    task.do({ kind: 'letter', sequence: 2, letter: { kind: 'slot_granted', place: 7 } })
    task.do({ kind: 'edit_variables', by: lin, revision: 1, variables: { version: 'v2' } })
    task.done('build', { stdout: 'b7' })
    task.answer(wei, 'submit', { fields: { version: 'v3' } })
    return task
  },
}

/** A state with its tables as lists: what a recording ends with, whatever snapshots look like by then. */
export const plainOf = (state: TaskState): object =>
  Object.fromEntries(
    Object.entries(state).map(([key, field]) => [
      key,
      field instanceof Map ? [...(field as Table<unknown>).values()] : field,
    ]),
  )

const story = STORIES[process.argv[2] ?? '']
if (story !== undefined) {
  const task = story()
  const lines = task.history.map((entry) => JSON.stringify(entry)).join(',\n')
  process.stdout.write(`{"history":[\n${lines}\n],\n"state":${JSON.stringify(plainOf(task.state))}\n}\n`)
}
