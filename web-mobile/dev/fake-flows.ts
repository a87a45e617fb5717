/** Flows, their drafts and what has changed in them. */
import { page, type Call } from './fake-words.ts'
import { at, w } from './fake-words.ts'

const FLOW_TEXT = `apiVersion: baton/v1
kind: Flow
metadata: {name: release-web, title: Release the web shop}
spec:
  variables:
    version: {type: text, title: Version, required: true}
  nodes:
    # The disk is checked before anything is unpacked.
    prepare: {use: ssh.script@1, with: {host: build-1, script: 'unpack "$1"', args: ["\${version}"]}}
`

/** A flow with a draft that waits, and one that was never published. */
export function flows(zh: boolean) {
  const version = (number: number, current: boolean, by: string, time: string, note: string | null) => ({
    version: number,
    current,
    publishedBy: by,
    publishedAt: at(time),
    note,
    source: FLOW_TEXT,
  })
  const published = [
    version(3, true, w(zh, 'Li Wei', '李伟'), '09:12', w(zh, 'The disk is checked first', '先检查磁盘')),
    version(2, false, w(zh, 'Lin Xiao', '林晓'), '08:40', null),
    version(1, false, w(zh, 'Li Wei', '李伟'), '08:00', null),
  ]
  const draft = { revision: 9, source: FLOW_TEXT, updatedAt: at('14:05'), updatedBy: w(zh, 'Lin Xiao', '林晓') }
  const actions = [
    { action: 'publish', allowed: true, why: null },
    { action: 'save', allowed: true, why: null },
    { action: 'make_current', allowed: true, why: null },
  ]
  return [
    {
      name: 'release-web',
      project: 'default',
      title: w(zh, 'Release the web shop', '发布网店'),
      ...published[0]!,
      hasDraft: true,
      draft,
      published,
      findings: [
        {
          severity: 'WARNING',
          code: 'NO_ADVICE',
          node: 'prepare',
          path: 'spec.nodes.prepare',
          message: 'A starter may retry Unpack, and no advice tells when',
          fix: 'Add onFail.advice',
          line: 9,
          column: 5,
        },
      ],
      availableActions: actions,
    },
    {
      name: 'restart',
      project: 'default',
      title: w(zh, 'Restart a service', '重启服务'),
      version: null,
      current: false,
      publishedAt: null,
      publishedBy: null,
      note: null,
      source: FLOW_TEXT,
      hasDraft: true,
      draft,
      published: [],
      findings: [],
      availableActions: actions,
    },
  ]
}

export function flowDiff(from: number | null, to: number | null) {
  const line = (sign: string, before: number | null, after: number | null, text: string) => ({
    sign,
    before,
    after,
    text,
  })
  return {
    from: from ?? (to === null ? 3 : to - 1),
    to,
    same: false,
    changes: [
      { path: 'spec.nodes.prepare.with.script', before: 'unpack', after: 'check && unpack' },
      { path: 'spec.nodes.notice', before: null, after: {} },
    ],
    hunks: [
      {
        lines: [
          line('SAME', 7, 7, '  nodes:'),
          line('REMOVED', 8, null, "    prepare: {use: ssh.script@1, with: {host: build-1, script: 'unpack'}}"),
          line('ADDED', null, 8, '    # The disk is checked before anything is unpacked.'),
          line('ADDED', null, 9, "    prepare: {use: ssh.script@1, with: {host: build-1, script: 'check && unpack'}}"),
          line('SAME', 9, 10, '    gate:'),
        ],
      },
      {
        lines: [
          line('SAME', 31, 32, '  finally: [cleanup]'),
          line('ADDED', null, 33, '  notify: {finished: [starter]}'),
        ],
      },
    ],
  }
}

/** Flows and who uses them. */
export const flowAnswers = {
  flows: (_: unknown, __: unknown, { zh }: Call) => page(flows(zh)),
  flow: (_: unknown, { name }: { name: string }, { zh }: Call) => flows(zh).find((flow) => flow.name === name) ?? null,
  flowDiff: (_: unknown, { from, to }: { from?: number; to?: number }) => flowDiff(from ?? null, to ?? null),
  references: () => [
    {
      kind: 'App',
      project: 'default',
      name: 'release',
      title: 'Release',
      version: null,
      task: null,
      path: 'spec.flow',
      holds: true,
    },
    {
      kind: 'Task',
      project: 'default',
      name: 'Release v2.14.0',
      title: 'Release v2.14.0',
      version: 3,
      task: 1042,
      path: '',
      holds: true,
    },
  ],
}
