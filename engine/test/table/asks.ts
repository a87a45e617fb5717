import { li, wu } from '../world.ts'
import { ana, bo } from './play.ts'
import type { Scenario } from './scenario.ts'
import { act, beside, does } from './shapes.ts'

const approval = (inputs: object = {}, more: object = {}, rest: object = {}) => ({
  variables: { version: { type: 'text' }, note: { type: 'text', show: false } },
  nodes: { ok: { use: 'approval', with: { approvers: ['role:qa'], ...inputs }, ...more }, b: act() },
  outputs: { approved: '${ok.outputs.?approved.orValue(null)}' },
  ...rest,
})
/** A form of Ops that one of them takes first. */
const taken = {
  nodes: {
    fill: { use: 'form', with: { by: ['role:ops'], claim: true, fields: { n: { type: 'integer', required: true } } } },
  },
}
const v1 = { variables: { version: 'v1' }, launched: ['version'] }
const waits = { phase: 'waiting', waitingFor: ['approval'] }
const reason = (say: string) => ({ note: say })

/** FLOW §4, and what §2 says of asks. */
export const ASKS: readonly Scenario[] = [
  {
    says: 'the people who may answer are resolved and frozen at opening, with the facts they are shown; one approval of them is enough by default',
    flow: approval(),
    launch: v1,
    steps: [
      {
        when: waits,
        look: { asks: [{ kind: 'approval', state: 'open', people: ['p-wu', 'p-ana'], facts: { version: 'v1' } }] },
      },
      { answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded', outputs: { approved: true }, asks: [{ end: 'granted', verdicts: ['p-ana approve'] }] },
  },
  {
    says: 'who is not asked may not answer',
    flow: approval(),
    steps: [{ when: waits, answer: 'approve', by: bo, refused: 'FORBIDDEN' }],
    ends: waits,
  },
  {
    says: 'need is a number',
    flow: approval({ need: 2 }),
    steps: [
      { when: waits, answer: 'approve', by: wu },
      { look: { ...waits, asks: [{ state: 'open', verdicts: ['p-wu approve'] }] } },
      { answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded', asks: [{ verdicts: ['p-wu approve', 'p-ana approve'] }] },
  },
  {
    says: 'need: all',
    flow: approval({ approvers: ['role:qa', 'role:duty'], need: 'all' }),
    steps: [
      { when: waits, answer: 'approve', by: wu },
      { answer: 'approve', by: ana },
      { look: { phase: 'waiting' } },
      { answer: 'approve', by: bo },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'need is a percentage of those asked',
    flow: approval({ approvers: ['role:qa', 'role:duty'], need: '50%' }),
    steps: [{ when: waits, answer: 'approve', by: bo }, { look: { phase: 'waiting' } }, { answer: 'approve', by: wu }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'need per role: one person fills one place, and makes room for those who can fill no other',
    flow: approval({ approvers: ['role:qa', 'role:ops'], need: { 'role:qa': 1, 'role:ops': 1 } }),
    steps: [{ when: waits, answer: 'approve', by: ana }, { look: { phase: 'waiting' } }, { answer: 'approve', by: bo }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'need per role may be all of it, or a share',
    flow: approval({ approvers: ['role:qa', 'role:duty'], need: { 'role:qa': 'all', 'role:duty': '50%' } }),
    steps: [
      { when: waits, answer: 'approve', by: wu },
      { answer: 'approve', by: bo },
      { look: waits },
      { answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'one person counts once: a second answer is STALE',
    flow: approval({ need: 2 }),
    steps: [
      { when: waits, answer: 'approve', by: wu },
      { answer: 'approve', by: wu, refused: 'STALE' },
    ],
    ends: waits,
  },
  {
    says: 'an answer to what has been decided is STALE',
    flow: approval(),
    steps: [
      { when: waits, answer: 'approve', by: wu },
      { when: { phase: 'succeeded' }, answer: 'approve', by: ana, refused: 'FINAL' },
    ],
    ends: { phase: 'succeeded', asks: [{ verdicts: ['p-wu approve'] }] },
  },
  {
    says: 'notStarter: who started is not asked',
    flow: approval({ approvers: ['Li', 'Wu'], notStarter: true }),
    steps: [
      { when: { ...waits, asks: [{ people: ['p-wu'] }] }, answer: 'approve', by: li, refused: 'FORBIDDEN' },
      { answer: 'approve', by: wu },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'approvers: starter, and var: whom a variable names',
    flow: approval(
      { approvers: ['starter', 'var:who'], need: 2 },
      {},
      { variables: { who: { type: 'person', title: 'Who' } } },
    ),
    launch: { variables: { who: 'Bo' } },
    steps: [
      { when: { ...waits, asks: [{ people: ['p-li', 'p-bo'] }] }, answer: 'approve', by: li },
      { answer: 'approve', by: bo },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'approvers: previous, those who answered the ask before',
    flow: {
      nodes: {
        one: { use: 'approval', with: { approvers: ['role:qa'] } },
        two: { use: 'approval', with: { approvers: ['previous'] } },
      },
    },
    steps: [
      { when: waits, answer: 'approve', by: ana },
      { when: { ...waits, asks: [{ end: 'granted' }, { people: ['p-ana'] }] }, answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'reject: end (default): one rejection ends it, and a rejection needs a comment',
    flow: approval({ need: 2 }),
    steps: [
      { when: waits, answer: 'reject', by: wu, refused: 'INVALID_INPUT' },
      { answer: 'reject', by: wu, comment: 'not tested' },
    ],
    ends: { phase: 'attention', causes: { ok: 'rejected' }, messages: { ok: 'Wu: not tested' } },
  },
  {
    says: 'reject: wait hears the others; it is rejected when too few are left',
    flow: approval({ approvers: ['role:qa', 'role:duty'], need: 2, reject: 'wait' }),
    steps: [
      { when: waits, answer: 'reject', by: wu, comment: 'no' },
      { look: waits },
      { answer: 'reject', by: ana, comment: 'no' },
    ],
    ends: { phase: 'attention', causes: { ok: 'rejected' } },
  },
  {
    says: 'veto: a rejection of theirs ends it whatever the others say',
    flow: approval({ approvers: ['role:qa', 'role:duty'], reject: 'wait', veto: ['Bo'] }),
    steps: [{ when: waits, answer: 'reject', by: bo, comment: 'no' }],
    ends: { phase: 'attention', causes: { ok: 'rejected' } },
  },
  {
    says: 'order: listed: those listed later wait for those before',
    flow: approval({ approvers: ['Wu', 'Bo'], need: 2, order: 'listed' }),
    steps: [
      { when: waits, answer: 'approve', by: bo, refused: 'NOT_ALLOWED' },
      { answer: 'approve', by: wu },
      { answer: 'approve', by: bo },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'comment: always',
    flow: approval({ comment: 'always' }),
    steps: [
      { when: waits, answer: 'approve', refused: 'INVALID_INPUT' },
      { answer: 'approve', comment: 'looked at it' },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'comment: never: a rejection needs none',
    flow: approval({ comment: 'never' }),
    steps: [{ when: waits, answer: 'reject' }],
    ends: { phase: 'attention', causes: { ok: 'rejected' } },
  },
  {
    says: 'onReject: fail (default) follows the failure policy: then: fail ends the task',
    flow: approval({}, { onFail: { then: 'fail' } }),
    steps: [{ when: waits, answer: 'reject', comment: 'no' }],
    ends: { phase: 'failed', nodes: { ok: 'failed' } },
    never: ['b/1 execute'],
  },
  {
    says: 'a rejection is never passed over by then: ignore',
    flow: approval({}, { onFail: { then: 'ignore' } }),
    steps: [{ when: waits, answer: 'reject', comment: 'no' }],
    ends: { phase: 'attention', nodes: { ok: 'failed' } },
    never: ['b/1 execute'],
  },
  {
    says: 'onReject: continue goes on with approved false and who decided what',
    flow: approval({ onReject: 'continue' }),
    steps: [{ when: waits, answer: 'reject', comment: 'no' }],
    ends: { phase: 'succeeded', nodes: { ok: 'succeeded', b: 'succeeded' }, outputs: { approved: false } },
  },
  {
    says: 'onReject: goto sends the token back, and the ask comes anew',
    flow: {
      nodes: { a: act(), ok: { use: 'approval', with: { approvers: ['role:qa'], onReject: 'goto a' } }, b: act() },
    },
    steps: [
      { when: waits, answer: 'reject', comment: 'once more' },
      { when: { ...waits, attempts: { a: 2, ok: 2 } }, answer: 'approve' },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2, ok: 2, b: 1 } },
    calls: ['a/1 execute', 'a/2 execute', 'b/1 execute'],
  },
  {
    says: 'onReject: starter returns the launch form, prefilled, with the reason; resubmission asks anew',
    flow: approval({ onReject: 'starter' }),
    launch: v1,
    steps: [
      { when: waits, answer: 'reject', comment: 'wrong version' },
      { when: { phase: 'waiting', waitingFor: ['correction'] }, answer: 'submit', by: wu, refused: 'FORBIDDEN' },
      { answer: 'submit', by: li, fields: { version: 'v2' } },
      { when: { ...waits, asks: [{}, {}, { facts: { version: 'v2' } }] }, answer: 'approve' },
    ],
    ends: { phase: 'succeeded', variables: { version: 'v2' } },
  },
  {
    says: 'fields of an approval are checked and become outputs',
    flow: {
      ...approval({ fields: { window: { type: 'integer', title: 'Window', required: true } } }),
      outputs: { window: '${ok.outputs.window}' },
    },
    steps: [
      { when: waits, answer: 'approve', fields: { window: 'late' }, refused: 'INVALID_INPUT' },
      { answer: 'approve', fields: { window: '3' } },
    ],
    ends: { phase: 'succeeded', outputs: { window: 3 } },
  },
  {
    says: 'changing a bound variable voids given answers and asks again; an answer to what was shown before is STALE',
    flow: approval({ need: 2 }),
    launch: v1,
    steps: [
      { when: waits, answer: 'approve', by: wu },
      { press: { kind: 'edit_variables', revision: 1, variables: { version: 'v2' } } },
      {
        when: { asks: [{ end: 'voided' }, { state: 'open', facts: { version: 'v2' }, verdicts: [] }] },
        answer: 'approve',
        by: ana,
        stale: true,
        refused: 'STALE',
      },
      { answer: 'approve', by: ana },
      { answer: 'approve', by: wu },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'bind names what is bound; another variable leaves the ask as it is',
    flow: {
      ...approval({ need: 2 }, { bind: ['version'] }),
      variables: { version: { type: 'text' }, text: { type: 'text' } },
    },
    launch: { variables: { version: 'v1', text: 'x' }, launched: ['version', 'text'] },
    steps: [
      { when: { ...waits, asks: [{ facts: { version: 'v1' } }] }, answer: 'approve', by: wu },
      { press: { kind: 'edit_variables', revision: 1, variables: { text: 'y' } } },
      { look: { asks: [{ state: 'open', verdicts: ['p-wu approve'] }] } },
      { answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'changing a bound variable after the ask was granted needs override-approval, a reason, and is announced',
    flow: approval({}, {}, { nodes: { ...approval().nodes, b: act(does('hold')) } }),
    launch: v1,
    steps: [
      { when: waits, answer: 'approve' },
      {
        when: { nodes: { b: 'running' } },
        press: { kind: 'edit_variables', revision: 1, variables: { version: 'v2' }, reason: 'hotfix' },
        rights: ['operate'],
        refused: 'FORBIDDEN',
      },
      { press: { kind: 'edit_variables', revision: 1, variables: { version: 'v2' } }, refused: 'INVALID_INPUT' },
      { press: { kind: 'edit_variables', revision: 1, variables: { version: 'v2' }, reason: 'hotfix' } },
      { hears: 'announce' },
      { release: true },
    ],
    ends: { phase: 'succeeded', variables: { version: 'v2' } },
  },
  {
    says: 'approvals can be neither skipped, failed nor done by hand with the plain right: that needs override-approval and a reason, and is announced',
    flow: approval(),
    steps: [
      { when: waits, press: { kind: 'fail', nodeId: 'ok', note: 'no' }, rights: ['operate'], refused: 'FORBIDDEN' },
      { press: { kind: 'skip', nodeId: 'ok', note: 'no' }, rights: ['operate'], refused: 'FORBIDDEN' },
      { press: { kind: 'fail', nodeId: 'ok' }, refused: 'INVALID_INPUT' },
      { press: { kind: 'fail', nodeId: 'ok', ...reason('QA is away') } },
      {
        when: { phase: 'attention', causes: { ok: 'forced' } },
        press: { kind: 'skip', nodeId: 'ok' },
        refused: 'INVALID_INPUT',
      },
      { press: { kind: 'skip', nodeId: 'ok', ...reason('QA is away') } },
      { hears: 'announce' },
    ],
    ends: { phase: 'succeeded', nodes: { ok: 'skipped' } },
  },
  {
    says: 'if fewer can still answer than are needed: attention, nobody_can_answer; Assign needs reassign-ask and goes on',
    flow: approval({ approvers: ['role:nobody'] }),
    steps: [
      {
        when: { phase: 'attention', causes: { ok: 'nobody_can_answer' } },
        on: 'ask',
        reassign: ['Wu'],
        rights: ['operate'],
        refused: 'FORBIDDEN',
      },
      { on: 'ask', reassign: ['Li'], refused: 'INVALID_INPUT' },
      { on: 'ask', reassign: ['Wu'] },
      { when: waits, answer: 'approve' },
    ],
    ends: { phase: 'succeeded', attempts: { ok: 2 } },
  },
  {
    says: 'Assign cannot name the starter under notStarter',
    flow: approval({ approvers: ['role:nobody'], notStarter: true }),
    steps: [
      { when: { phase: 'attention' }, on: 'ask', reassign: ['starter'], by: bo, refused: 'INVALID_INPUT' },
      { on: 'ask', reassign: ['Ana'], by: bo },
      { when: waits, answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'nobody_can_answer is not passed over by then: ignore',
    flow: approval({ approvers: ['role:nobody'] }, { onFail: { then: 'ignore' } }),
    ends: { phase: 'attention', causes: { ok: 'nobody_can_answer' } },
  },
  {
    says: 'transfer: the place goes to another, who is not asked yet; the one who gave it can no longer answer',
    flow: approval({ approvers: ['Wu'] }),
    steps: [
      { when: waits, on: 'ask', transfer: 'Ana', by: wu },
      { when: { asks: [{ people: ['p-ana'] }] }, answer: 'approve', by: wu, refused: 'FORBIDDEN' },
      { answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'a transfer that would leave too few is refused',
    flow: approval({ approvers: ['Wu', 'Ana'], need: 2 }),
    steps: [{ when: waits, on: 'ask', transfer: 'Ana', by: wu, refused: 'INVALID_INPUT' }],
    ends: { ...waits, asks: [{ people: ['p-wu', 'p-ana'] }] },
  },
  {
    says: 'claim: true: one person takes it first, the other is told who; given back, it is anybody’s again',
    flow: taken,
    steps: [
      { when: { phase: 'waiting', waitingFor: ['claim'] }, answer: 'submit', by: bo, refused: 'NOT_ALLOWED' },
      { on: 'ask', take: true, by: ana },
      { when: { waitingFor: ['form'] }, on: 'ask', take: true, by: bo, refused: 'STALE' },
      { answer: 'submit', by: bo, refused: 'NOT_ALLOWED' },
      { on: 'ask', take: 'back', by: ana },
      { when: { waitingFor: ['claim'] }, on: 'ask', take: true, by: bo },
      { answer: 'submit', by: bo, fields: { n: 3 } },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'release by somebody else needs reassign-ask',
    flow: taken,
    steps: [
      { when: { waitingFor: ['claim'] }, on: 'ask', take: true, by: ana },
      { on: 'ask', take: 'back', by: bo, rights: ['operate'], refused: 'FORBIDDEN' },
      { on: 'ask', take: 'back', by: li },
    ],
    ends: { phase: 'waiting', waitingFor: ['claim'] },
  },
  {
    says: 'who is not asked takes nothing',
    flow: taken,
    steps: [{ when: { waitingFor: ['claim'] }, on: 'ask', take: true, by: wu, refused: 'FORBIDDEN' }],
    ends: { phase: 'waiting' },
  },
  {
    says: 'a claim of an approval is a sign to the others and keeps nobody from answering',
    flow: approval(),
    steps: [
      { when: waits, on: 'ask', take: true, by: wu },
      { answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'standing delegation: the stand-in answers in the place of the other, who does not answer again',
    flow: approval({ approvers: ['role:qa'], need: 2 }),
    standIns: { Wu: 'Bo' },
    steps: [
      { when: waits, answer: 'approve', by: bo },
      { answer: 'approve', by: wu, refused: 'STALE' },
      { answer: 'approve', by: bo, refused: 'STALE' },
      { answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded', asks: [{ verdicts: ['p-bo approve', 'p-ana approve'] }] },
  },
  {
    says: 'notStarter: who has set what it binds is not asked either, nor whoever stands in for them; then it is nobody’s but the others’',
    flow: approval({ notStarter: true }),
    launch: v1,
    standIns: { Ana: 'Wu' },
    steps: [
      { when: waits, press: { kind: 'edit_variables', revision: 1, variables: { version: 'v2' } }, by: wu },
      {
        when: { asks: [{ end: 'voided' }, { state: 'open', people: ['p-ana'] }] },
        answer: 'approve',
        by: wu,
        refused: 'FORBIDDEN',
      },
      { answer: 'approve', by: ana },
    ],
    ends: { phase: 'succeeded', variables: { version: 'v2' } },
  },
  {
    says: 'standing delegation never lets the starter answer under notStarter',
    flow: approval({ notStarter: true }),
    standIns: { Wu: 'Li' },
    steps: [{ when: waits, answer: 'approve', by: li, refused: 'FORBIDDEN' }],
    ends: waits,
  },
  {
    says: 'a delegate who is asked as well counts once',
    flow: approval({ approvers: ['role:qa', 'role:duty'], need: 'all' }),
    standIns: { Wu: 'Ana' },
    steps: [
      { when: waits, answer: 'approve', by: ana },
      { answer: 'approve', by: ana, refused: 'STALE' },
      { answer: 'approve', by: bo },
      { look: waits },
      { answer: 'approve', by: wu },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'remind tells those again who have not answered, not all the time; who is only asked may not',
    flow: approval(),
    steps: [
      { when: waits, hears: 'ask_opened' },
      { on: 'ask', remind: true, by: ana, rights: [], refused: 'FORBIDDEN' },
      { on: 'ask', remind: true, by: li },
      { hears: 'ask_opened' },
      { on: 'ask', remind: true, by: li, refused: 'RATE_LIMITED' },
      { answer: 'approve' },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'role changes are events: who leaves may not answer, who joins may; what is answered stands',
    flow: approval({ need: 2 }),
    nodeOnly: 'the engine on Workers is not told of roles yet',
    steps: [
      { when: waits, answer: 'approve', by: wu },
      { roles: { 'role:qa': ['Ana', 'Bo'] } },
      { when: { asks: [{ people: ['p-ana', 'p-bo'] }] }, answer: 'approve', by: bo },
    ],
    ends: { phase: 'succeeded', asks: [{ verdicts: ['p-wu approve', 'p-bo approve'] }] },
  },
  {
    says: 'if fewer can still answer than are needed since a role has lost people: attention; once somebody joins it goes on',
    flow: approval({ need: 2 }),
    nodeOnly: 'the engine on Workers is not told of roles yet',
    steps: [
      { when: waits, roles: { 'role:qa': ['Ana'] } },
      { when: { phase: 'attention', causes: { ok: 'nobody_can_answer' } }, roles: { 'role:qa': ['Ana', 'Bo'] } },
      { when: waits, answer: 'approve', by: ana },
      { answer: 'approve', by: bo },
    ],
    ends: { phase: 'succeeded', attempts: { ok: 2 } },
  },
  {
    says: 'earlier forms’ answers are shown to the next; filled in anew, the next shows what it is now',
    flow: {
      nodes: {
        one: { use: 'form', with: { by: ['role:ops'], fields: { n: { type: 'integer' } } } },
        ok: { use: 'approval', with: { approvers: ['role:qa'], onReject: 'goto one' } },
        b: act(),
      },
    },
    steps: [
      { when: { waitingFor: ['form'] }, answer: 'submit', by: bo, fields: { n: 1 } },
      { when: { ...waits, asks: [{}, { earlier: [{ n: 1 }] }] }, answer: 'reject', by: wu, comment: 'too few' },
      { when: { waitingFor: ['form'] }, answer: 'submit', by: bo, fields: { n: 2 } },
      { when: { ...waits, asks: [{}, {}, {}, { earlier: [{ n: 2 }] }] }, answer: 'approve', by: wu },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'comments stand beside an ask and change nothing else',
    flow: approval(),
    steps: [
      { when: waits, on: 'ask', say: 'please look', by: li },
      { look: { ...waits, asks: [{ comments: ['please look'] }] } },
      { answer: 'approve' },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'onDeadline: reject; a deadline never approves',
    flow: approval({ deadline: '20ms', onDeadline: 'reject' }),
    ends: { phase: 'attention', causes: { ok: 'rejected' }, nodes: { ok: 'failed' } },
    never: ['b/1 execute'],
  },
  {
    says: 'onDeadline: fail has cause timeout',
    flow: approval({ deadline: '20ms', onDeadline: 'fail' }),
    ends: { phase: 'attention', causes: { ok: 'timeout' } },
  },
  {
    says: 'a deadline escalates to escalateTo, who may answer then',
    flow: approval({ approvers: ['Wu'], deadline: '20ms', escalateTo: ['role:duty'] }),
    steps: [{ when: { ...waits, asks: [{ people: ['p-wu', 'p-bo'] }] }, answer: 'approve', by: bo }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'remindEvery tells those again who have not answered',
    flow: approval({ remindEvery: '20ms' }),
    steps: [{ when: waits, hears: 'ask_opened' }, { hears: 'ask_opened' }, { answer: 'approve' }],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'form: a role fills in fields; earlier answers can be shown to the next',
    flow: {
      variables: { n: { type: 'integer', show: false } },
      nodes: {
        one: {
          use: 'form',
          with: { by: ['role:ops'], fields: { n: { type: 'integer', title: 'How many', required: true } } },
          save: { n: 'n' },
        },
        two: { use: 'form', with: { by: ['role:qa'], text: 'They said ${n}', fields: { ok: { type: 'boolean' } } } },
      },
      outputs: { n: '${n}', ok: '${two.outputs.ok}', by: '${one.outputs.by}' },
    },
    steps: [
      { when: { phase: 'waiting', waitingFor: ['form'] }, answer: 'submit', by: bo, refused: 'INVALID_INPUT' },
      { answer: 'submit', by: bo, fields: { n: '4' } },
      { when: { nodes: { two: 'waiting' } }, answer: 'submit', by: wu, fields: { ok: true } },
    ],
    ends: { phase: 'succeeded', outputs: { n: 4, ok: true, by: 'Bo' } },
  },
  {
    says: 'confirm: a pause with a text and one button',
    flow: { nodes: { sure: { use: 'confirm', with: { by: ['starter'], text: 'Sure?' } }, b: act() } },
    steps: [
      { when: { phase: 'waiting', waitingFor: ['confirm'] }, answer: 'confirm', by: wu, refused: 'FORBIDDEN' },
      { answer: 'reject', by: li, refused: 'INVALID_INPUT' },
      { answer: 'confirm', by: li },
    ],
    ends: { phase: 'succeeded', nodes: { b: 'succeeded' } },
  },
  {
    says: 'a confirm whose deadline has passed fails with cause timeout',
    flow: { nodes: { sure: { use: 'confirm', with: { by: ['starter'], text: 'Sure?', deadline: '20ms' } } } },
    ends: { phase: 'attention', causes: { sure: 'timeout' } },
  },
  {
    says: 'an ask that is revoked with its task is closed',
    flow: beside({ use: 'approval', with: { approvers: ['role:qa'] } }, act(does('hold'))),
    steps: [{ when: { nodes: { a: 'waiting', b: 'running' } }, press: { kind: 'revoke', mode: 'cancel' } }],
    ends: { phase: 'revoked', nodes: { a: 'revoked' }, asks: [{ state: 'closed', end: 'revoked' }] },
  },
  {
    says: 'a step that writes a bound variable asks again, as an edit does',
    flow: beside(
      { use: 'approval', with: { approvers: ['role:qa'] }, bind: ['version'] },
      act({ with: { does: ['hold'], out: { v: 'v2' } }, save: { version: 'v' } }),
      { variables: { version: { type: 'text' } } },
    ),
    launch: v1,
    steps: [
      { when: { nodes: { a: 'waiting', b: 'running' } }, release: true },
      {
        when: { nodes: { b: 'succeeded' }, asks: [{ end: 'voided' }, { facts: { version: 'v2' } }] },
        answer: 'approve',
      },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'raw inputs behind a granted approval need override-approval and a reason, and are announced',
    flow: approval({}, {}, { nodes: { ...approval().nodes, b: act(does('fail')) } }),
    steps: [
      { when: waits, answer: 'approve' },
      {
        when: { phase: 'attention' },
        press: { kind: 'retry', nodeId: 'b', inputs: {}, note: 'by hand' },
        rights: ['operate', 'operate-inputs'],
        refused: 'FORBIDDEN',
      },
      { press: { kind: 'retry', nodeId: 'b', inputs: {} }, refused: 'INVALID_INPUT' },
      { press: { kind: 'retry', nodeId: 'b', inputs: {}, note: 'by hand' } },
      { hears: 'announce' },
    ],
    ends: { phase: 'succeeded', attempts: { b: 2 } },
  },
  {
    says: 'a plain retry behind a granted approval needs neither',
    flow: approval({}, {}, { nodes: { ...approval().nodes, b: act(does('fail', 'ok')) } }),
    steps: [
      { when: waits, answer: 'approve' },
      { when: { phase: 'attention' }, press: { kind: 'retry', nodeId: 'b' }, rights: ['operate'] },
    ],
    ends: { phase: 'succeeded' },
  },
  {
    says: 'onReject: goto stays within its branch: the other branch and the join are as they were',
    flow: {
      nodes: {
        fan: { gateway: 'parallel', next: ['a', 'b'] },
        a: act({ next: 'ok' }),
        ok: { use: 'approval', with: { approvers: ['role:qa'], onReject: 'goto a' }, next: 'join' },
        b: act({ next: 'join' }),
        join: { gateway: 'converge' },
        last: act(),
      },
    },
    steps: [
      { when: waits, answer: 'reject', comment: 'again' },
      { when: { ...waits, attempts: { ok: 2 } }, answer: 'approve' },
    ],
    ends: { phase: 'succeeded', attempts: { a: 2, b: 1, join: 1, last: 1 } },
  },
  {
    says: 'save takes what was decided into variables, as of any node',
    flow: {
      variables: { ok: { type: 'boolean', show: false } },
      nodes: {
        qa: { use: 'approval', with: { approvers: ['role:qa'], onReject: 'continue' }, save: { ok: 'approved' } },
        b: act({ when: '${ok}' }),
      },
      outputs: { who: '${qa.outputs.decisions[0].by}', said: '${qa.outputs.decisions[0].comment}' },
    },
    steps: [{ when: waits, answer: 'reject', comment: 'not today' }],
    ends: { phase: 'succeeded', nodes: { b: 'skipped' }, outputs: { who: 'Wu', said: 'not today' } },
  },
]
