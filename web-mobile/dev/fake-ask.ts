/** What is put to whoever looks. */
import { HOSTS } from './fake-form.ts'
import { people } from './fake-people.ts'
import { task } from './fake-task.ts'
import { allow, at, w, type Zh } from './fake-words.ts'

export function askRow(zh: Zh, number: number) {
  return {
    id: 'a-1',
    kind: 'APPROVAL',
    nodeId: 'approve',
    attempt: 1,
    state: 'OPEN',
    title: w(zh, 'Release v2.14.0 to production?', '将 v2.14.0 发布到生产环境？'),
    deadline: at('16:06'),
    availableActions: allow('approve', 'reject', 'comment', 'transfer'),
    waitingOn: [people(zh).wei],
    task: { id: `t-${number}` },
  }
}

export function ask(zh: Zh, id: string) {
  const who = people(zh)
  const refund = id === 'a-2'
  return {
    id,
    kind: 'APPROVAL',
    nodeId: 'approve',
    attempt: 1,
    state: 'OPEN',
    end: null,
    title: refund
      ? w(zh, 'Approve refund batch 18', '批准退款批次 18')
      : w(zh, 'Release v2.14.0 to production?', '将 v2.14.0 发布到生产环境？'),
    text: w(
      zh,
      'Deploys to 5 hosts, 2 at a time, and restarts each one. The shop stays up. About 13 min.',
      '部署到 5 台主机，每次 2 台，逐台重启；网店照常可用。约 13 分钟。',
    ),
    digest: 'd-1',
    facts: [
      {
        key: 'version',
        title: w(zh, 'Version', '版本'),
        text: w(zh, 'v2.14.0, now v2.13.9', 'v2.14.0，现为 v2.13.9'),
        value: 'v2.14.0',
      },
      { key: 'hosts', title: w(zh, 'Hosts', '主机'), text: w(zh, 'web-1 to web-5', 'web-1 至 web-5'), value: HOSTS },
      {
        key: 'changes',
        title: w(zh, 'Changes', '改动'),
        text: w(zh, '23 commits, 1 migration', '23 次提交，含 1 次数据迁移'),
        value: null,
      },
      {
        key: 'tests',
        title: w(zh, 'Tests', '测试'),
        text: w(zh, '1,284 passed on build 8841', '构建 8841，1,284 项通过'),
        value: null,
      },
    ],
    fields: [],
    need: [
      { place: 'role:qa', title: 'QA', count: 1, filled: 1, people: [who.anna] },
      { place: 'role:ops', title: w(zh, 'Ops', '运维'), count: 1, filled: 0, people: [who.wei] },
    ],
    decisions: [{ by: who.anna, at: at('14:07'), verdict: 'APPROVE', comment: null, as: 'QA' }],
    waitingOn: [who.wei],
    claim: false,
    claimedBy: null,
    answersFor: [],
    given: [],
    earlier: [],
    handedOn: [],
    comments: [],
    commentRule: 'onReject',
    openedAt: at('14:06'),
    closedAt: null,
    deadline: at(refund ? '16:00' : '16:06'),
    answers: null,
    next: w(zh, 'Deploy', '部署'),
    availableActions: allow('approve', 'reject', 'transfer', 'comment'),
    task: { ...task(zh, 1042, 'waiting'), startedBy: refund ? who.tom : who.xiao },
  }
}
