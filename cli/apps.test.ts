import { expect, test } from 'vitest'
import type { World } from './context.ts'
import { main } from './main.ts'

/** A world whose server answers by the operation's name. */
function worldOf(answers: Record<string, unknown>, redraw: World['redraw'] = null) {
  const sent: { operation: string; variables: Record<string, unknown> }[] = []
  const lines: string[] = []
  const errors: string[] = []
  const world: World = {
    env: { BATON_TOKEN: 't-1' },
    out: (line) => lines.push(line),
    err: (line) => errors.push(line),
    redraw,
    readInput: () => '',
    signal: new AbortController().signal,
    fetch: async (request) => {
      const body = (await request.json()) as { query: string; variables: Record<string, unknown> }
      const operation = /(?:query|mutation) (\w+)/.exec(body.query)?.[1] ?? ''
      sent.push({ operation, variables: body.variables })
      if (answers[operation] === undefined) throw new Error(`nothing listens for ${operation}`)
      return Response.json({ data: answers[operation] })
    },
  }
  return { world, sent, lines, errors }
}
const release = {
  name: 'release',
  title: 'Release',
  help: null,
  aliases: ['发布'],
  category: 'web/release',
  favourite: true,
  handOver: 'Ops',
  availableActions: [{ action: 'launch', allowed: true, why: null }],
}
const TASK = {
  id: 't1',
  number: 7,
  title: 'Release v2',
  phase: 'RUNNING',
  progress: { done: 0, total: 2 },
  startedBy: { name: 'Lin' },
  startedAt: null,
  createdAt: '2026-11-21T10:00:00Z',
  endedAt: null,
  steps: [],
  nodes: [],
  failures: [],
  asks: [],
  children: [],
  heldBy: [],
  queuePosition: null,
  parent: null,
  note: null,
  startAt: null,
  frozen: null,
  late: false,
  mayStillRun: [],
  cancelUnconfirmed: false,
  outputs: null,
  results: [],
  variableFields: [],
  url: 'http://x/tasks/7',
  handOver: {
    state: 'CLAIMED',
    to: 'Ops',
    reason: 'v1 is broken',
    holder: { name: 'Li Wei' },
    corrections: [{ title: 'Version', before: 'v1', after: 'v2' }],
  },
}

test('apps: a tree, and a list where it is narrowed', async () => {
  const tree = worldOf({
    CliAppTree: {
      appTree: [
        { path: 'web', title: 'web', depth: 0, count: 1, apps: [] },
        { path: 'web/release', title: 'release', depth: 1, count: 1, apps: [release] },
      ],
    },
  })
  expect(await main(['apps', '发布'], tree.world)).toBe(0)
  expect(tree.sent[0]?.variables).toMatchObject({ search: '发布' })
  expect(tree.lines).toEqual(['web/', '  release/', expect.stringContaining('★ release')])
  expect(tree.lines[2]).toContain('claimed by Ops · 发布')
  const recent = worldOf({ CliApps: { apps: { nodes: [release] } } })
  expect(await main(['apps', '--recent'], recent.world)).toBe(0)
  expect(recent.sent[0]?.variables).toMatchObject({ recent: true })
})

test('preview: what a launch would do; what is wrong makes it fail', async () => {
  const found = {
    title: 'Release v2',
    confirm: 'This restarts production.',
    expectS: 1200,
    handOver: null,
    queuePosition: 2,
    busy: false,
    freeze: null,
    hosts: ['web-1'],
    errors: [{ field: 'version', message: '“2” is not a version.', fix: 'v2' }],
    nodes: [{ title: 'Deploy', stage: null, certain: true }],
    approvals: [{ title: 'Approve', text: '1 of QA', certain: false, people: [{ name: 'Anna' }] }],
    joins: null,
    heldBy: [],
    alreadyRunning: [],
  }
  const { world, lines, sent } = worldOf({ CliPreview: { preview: found } })
  expect(await main(['preview', 'release', 'version=2'], world)).toBe(1)
  expect(sent[0]?.variables).toMatchObject({ input: { app: 'release', variables: { version: '2' }, asText: true } })
  expect(lines).toEqual([
    'Release v2',
    '  ✖ version: “2” is not a version. Use v2',
    '  ! This restarts production.',
    '  waits, position 2',
    '  ○ Deploy',
    '  hosts: web-1',
    '  Approve: 1 of QA (Anna)  if its branch is taken',
    '  takes about 20 min',
  ])
})

test('request claim: aims at the round that is seen now, with what is put right', async () => {
  const { world, lines, sent } = worldOf({
    CliRequest: { task: { id: 't1', number: 7, variablesRevision: 3, handOver: { round: 5 } } },
    CliClaim: { claimTask: TASK },
  })
  expect(await main(['request', 'claim', '#7', 'version=v2', '--note', 'v1 is broken'], world)).toBe(0)
  expect(sent.at(-1)).toEqual({
    operation: 'CliClaim',
    variables: { id: 't1', round: 5, variables: { version: 'v2' }, revision: 3, note: 'v1 is broken' },
  })
  expect(lines).toContain('Claimed by Li Wei: v1 is broken')
  expect(lines).toContain('  Version: v1 → v2')
})

test.each([
  [['request', 'reject', '7'], '--reason is missing'],
  [['request', 'transfer', '7', '--reason', 'x'], '--to is missing: a person, role:ops or group:web'],
  [['request', 'grab', '7'], 'request grab is not a command: claim, reject, resubmit, transfer, withdraw'],
])('%j is not a command: %s', async (argv, says) => {
  const { world, errors } = worldOf({
    CliRequest: { task: { id: 't1', number: 7, variablesRevision: 3, handOver: { round: 5 } } },
  })
  expect(await main(argv, world)).toBe(2)
  expect(errors[0]).toBe(says)
})

test('run: at a terminal an app that asks once more wants --yes; a script has made up its mind', async () => {
  const answers = { CliConfirm: { app: { confirm: 'This restarts production.' } }, CliLaunch: { launch: TASK } }
  const person = worldOf(answers, () => undefined)
  expect(await main(['run', 'release'], person.world)).toBe(2)
  expect(person.errors[0]).toBe('This restarts production. Say --yes to go on')
  expect(await main(['run', 'release', '--yes'], person.world)).toBe(0)
  const script = worldOf(answers)
  expect(await main(['run', 'release'], script.world)).toBe(0)
  expect(script.sent.map(({ operation }) => operation)).toEqual(['CliLaunch'])
})
