import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configPath, type World } from './context.ts'
import { endOf, instantOf } from './commands/steps.ts'
import { clock, drawTask } from './draw.ts'
import { main } from './main.ts'

interface Sent {
  readonly query: string
  readonly variables: Record<string, unknown>
  readonly token: string | null
}
/** A world whose server answers by the operation's name; a string is the code of a refusal. */
function worldOf(answers: Record<string, unknown>, env: Record<string, string> = { BATON_TOKEN: 't-1' }) {
  const sent: Sent[] = []
  const lines: string[] = []
  const errors: string[] = []
  const world: World = {
    env,
    out: (line) => lines.push(line),
    err: (line) => errors.push(line),
    redraw: null,
    readInput: () => 'hunter2222\n',
    signal: new AbortController().signal,
    fetch: async (request) => {
      const body = (await request.json()) as { query: string; variables: Record<string, unknown> }
      sent.push({ ...body, token: request.headers.get('authorization') })
      const name = /(?:query|mutation) (\w+)/.exec(body.query)?.[1] ?? ''
      const answer = answers[name]
      if (answer === undefined) throw new Error(`nothing listens for ${name}`)
      return Response.json(
        typeof answer === 'string'
          ? {
              errors: [
                {
                  message: `refused: ${answer}`,
                  extensions: {
                    code: answer,
                    fields: [{ field: 'version', code: 'PATTERN', message: '“2.14” is not a version.', fix: 'v2.14' }],
                  },
                },
              ],
            }
          : { data: answer },
      )
    },
  }
  return { world, sent, lines, errors }
}
const TREE = {
  id: 't1',
  number: 1042,
  title: 'Release v2.14.0',
  version: 9,
  phase: 'ATTENTION',
  outcome: null,
  waitingFor: [],
  createdAt: '2026-11-21T10:00:00Z',
  startedAt: '2026-11-21T10:00:00Z',
  endedAt: null,
  url: 'http://x/t/1042',
  rehearsal: false,
  cancelUnconfirmed: false,
  mayStillRun: [],
  outputs: null,
  results: [],
  variablesRevision: 3,
  variableFields: [{ key: 'build', title: 'Build' }],
  late: false,
  note: null,
  startAt: null,
  frozen: null,
  queuePosition: null,
  heldBy: [],
  parent: null,
  children: [],
  startedBy: { name: 'Lin Xiao' },
  progress: { done: 2, total: 6 },
  steps: [
    {
      nodeId: 'deploy',
      title: 'Deploy',
      stage: 'Ship',
      kind: 'ssh.script',
      state: 'FAILED',
      attempt: 1,
      text: 'web-2',
      startedAt: '2026-11-21T10:00:00Z',
      endedAt: '2026-11-21T10:00:15Z',
      inFinally: false,
    },
  ],
  nodes: [{ title: 'Deploy', callbackUrl: null }],
  failures: [
    {
      id: 'deploy',
      title: 'Deploy',
      attempt: 1,
      headline: 'Deploy failed on web-2',
      causeText: 'Disk full on /srv (exit code 3)',
      advice: 'Clear old releases.',
      asked: [{ name: 'Li Wei' }],
      log: { lines: [{ text: 'tar: No space left on device', stream: 'STDERR' }], total: 1 },
      availableActions: [{ action: 'retry', allowed: true, why: null }],
    },
  ],
  asks: [],
  availableActions: [],
}

describe('what is drawn', () => {
  test('results read as words, with their titles', () => {
    const lines = drawTask(
      {
        ...TREE,
        phase: 'SUCCEEDED',
        failures: [],
        results: [
          { title: 'Build', value: 'b-7', text: 'b-7' },
          { title: 'Quality', value: 'acceptable', text: 'Acceptable' },
          { title: 'hosts', value: ['web-1', 'web-2'], text: 'web-1, web-2' },
          { title: 'items', value: [{ host: 'web-1', status: 'ok' }], text: '[…]' },
        ],
      } as never, // as the server answers it
      Date.parse('2026-11-21T10:01:00Z'),
    )
    expect(lines.slice(-5)).toEqual([
      '  Build: b-7',
      '  Quality: Acceptable',
      '  hosts: web-1, web-2',
      '  items:',
      '    host web-1, status ok',
    ])
  })
  test('a step that waits for a call is shown with its address, to those the server gives it', () => {
    const nodes = [
      { title: 'Scan', callbackUrl: 'https://baton.example/callback/x' },
      { title: 'Ship', callbackUrl: null },
    ]
    const lines = drawTask({ ...TREE, phase: 'WAITING', failures: [], nodes } as never, 0) // as the server answers it
    expect(lines.slice(-3)).toEqual([
      '',
      '◐ Scan waits for a call. This address ends it:',
      '  https://baton.example/callback/x',
    ])
  })
  test('an instant is the time of day here, with its date on another day', () => {
    const at = new Date(2026, 10, 21, 16, 6)
    expect(clock(at.toISOString(), new Date(2026, 10, 21, 9).getTime())).toBe('16:06')
    expect(clock(at.toISOString(), new Date(2026, 10, 20, 23).getTime())).toBe('2026-11-21 16:06')
  })
})

describe('steps and starts', () => {
  const node = {
    id: 'gate',
    title: 'Which way',
    attempt: 3,
    state: 'FAILED',
    dueAt: null,
    branches: [
      { id: 'fast', title: 'Fast lane' },
      { id: 'slow', title: 'Slow lane' },
    ],
  }
  const answers = {
    CliTaskNode: { task: { id: 't1', number: 1042, node } },
    CliBranch: { chooseBranch: TREE },
    CliMove: { rescheduleNode: TREE },
    CliHold: { pauseBefore: TREE },
    CliRelease: { unpause: TREE },
    CliPlan: { planTask: TREE },
    CliNote: { setNote: TREE },
    CliPause: { pauseTask: TREE },
  }
  const input = { taskId: 't1', nodeId: 'gate', attempt: 3 }
  test.each([
    {
      argv: ['branch', '#1042', 'gate', 'Fast lane', '--note', 'x'],
      sends: { input: { ...input, note: 'x', branches: ['fast'] } },
    },
    { argv: ['hold', '1042', 'gate'], sends: { input } },
    { argv: ['release', '1042', 'gate'], sends: { input } },
    {
      argv: ['move', '1042', 'gate', '2026-11-21T16:00Z'],
      sends: { input: { ...input, at: '2026-11-21T16:00:00.000Z' } },
    },
    { argv: ['plan', '1042', 'never'], sends: { id: '1042', at: null } },
    { argv: ['note', '1042', 'ask', 'Li', 'first'], sends: { id: '1042', note: 'ask Li first' } },
    { argv: ['pause', '1042'], sends: { id: '1042' } },
  ])('$argv carries what was seen', async ({ argv, sends }) => {
    const { world, sent, errors } = worldOf(answers)
    expect(await main(argv, world), errors.join()).toBe(0)
    expect(sent.at(-1)?.variables).toEqual(sends)
  })
  test.each([
    { argv: ['branch', '1042', 'gate'], says: 'name a branch: fast (Fast lane), slow (Slow lane)' },
    { argv: ['branch', '1042', 'gate', 'left'], says: 'gate has no branch “left”' },
    { argv: ['move', '1042', 'gate', 'soon'], says: '“soon” is no time' },
    { argv: ['plan', '1042'], says: 'when is missing' },
  ])('refuses $argv', async ({ argv, says }) => {
    const { world, errors } = worldOf(answers)
    expect(await main(argv, world)).toBe(2)
    expect(errors.join()).toContain(says)
  })
  test('an instant can be said in several ways', () => {
    const now = new Date(2026, 10, 21, 15, 30).getTime()
    expect(instantOf('now', now)).toBe(new Date(now).toISOString())
    expect(instantOf('in 30m', now)).toBe(new Date(now + 1_800_000).toISOString())
    expect(instantOf('2h', now)).toBe(new Date(now + 7_200_000).toISOString())
    expect(instantOf('16:00', now)).toBe(new Date(2026, 10, 21, 16).toISOString())
    expect(instantOf('15:00', now)).toBe(new Date(2026, 10, 22, 15).toISOString())
    expect(instantOf('2026-12-31', now)).toBe(new Date(2026, 11, 31).toISOString())
    expect(endOf('2026-12-31', now)).toBe(new Date(2027, 0, 1).toISOString())
    expect(endOf('2026-12-31T18:00', now)).toBe(new Date(2026, 11, 31, 18).toISOString())
  })
  test('a task says whose it is, after whom it starts, and what its steps have launched', () => {
    const lines = drawTask(
      {
        ...TREE,
        failures: [],
        note: 'ask Li first',
        queuePosition: 2,
        heldBy: [{ number: 1039, title: 'Release v1' }],
        parent: { number: 1030, title: 'Nightly' },
        children: [{ number: 1043, title: 'Smoke test', phase: 'RUNNING', parentNode: 'deploy' }],
      } as never, // as the server answers it
      Date.parse('2026-11-21T10:01:00Z'),
    ).join('\n')
    expect(lines).toContain('Part of Nightly #1030')
    expect(lines).toContain('Waits for Release v1 #1039, position 2')
    expect(lines).toContain('Note: ask Li first')
    expect(lines).toContain('└ ● running  Smoke test  #1043')
  })
})

describe('flows', () => {
  const answers = {
    CliFlow: {
      flow: {
        name: 'ship',
        title: 'Ship it',
        version: 2,
        hasDraft: true,
        source: 'kind: Flow',
        draft: { revision: 7, source: 'kind: Flow # draft', updatedAt: '2026-11-21T10:00:00Z', updatedBy: 'Aki' },
        published: [
          { version: 2, current: true, publishedAt: '2026-11-20T10:00:00Z', publishedBy: 'Ada', note: 'safer' },
          { version: 1, current: false, publishedAt: '2026-11-19T10:00:00Z', publishedBy: 'Ada', note: null },
        ],
        findings: [],
      },
    },
    CliPublish: { publishFlow: { name: 'ship', version: 3 } },
    CliUse: { makeCurrent: { name: 'ship', version: 1 } },
    CliFlowDiff: {
      flowDiff: {
        from: 1,
        to: 2,
        same: false,
        changes: [{ path: 'metadata.title', before: 'Ship', after: 'Ship it' }],
        hunks: [
          {
            lines: [
              { sign: 'REMOVED', before: 3, after: null, text: 'title: Ship' },
              { sign: 'ADDED', before: null, after: 3, text: 'title: Ship it' },
            ],
          },
        ],
      },
    },
    CliReferences: {
      references: [
        { kind: 'Flow', name: 'ship', version: 1, task: null, path: 'spec.nodes.a', holds: false },
        { kind: 'App', name: 'ship', version: null, task: null, path: 'spec.flow', holds: true },
      ],
    },
    CliDelete: { deleteDocument: true },
  }
  test.each([
    { argv: ['flow', 'show', 'ship'], says: ['▸ version 2', 'Ada  safer', 'draft', 'kind: Flow # draft'] },
    {
      argv: ['flow', 'diff', 'ship', '1', '2'],
      says: ['ship: version 1 → version 2', '-title: Ship', '+title: Ship it'],
    },
    { argv: ['flow', 'publish', 'ship'], says: ['ship is published as version 3.'] },
    { argv: ['flow', 'use', 'ship@1', '--note', 'worse'], says: ['Version 1 of ship is current.'] },
    { argv: ['flow', 'refs', 'ship'], says: ['●  App ship', '○  Flow ship@1'] },
    { argv: ['delete', 'Host/web-1'], says: ['Host/web-1 is deleted.'] },
  ])('$argv', async ({ argv, says }) => {
    const { world, lines, errors } = worldOf(answers)
    expect(await main(argv, world), errors.join()).toBe(0)
    for (const words of says) expect(lines.join('\n')).toContain(words)
  })
  test('what is published is the draft that was read', async () => {
    const { world, sent } = worldOf(answers)
    await main(['flow', 'publish', 'ship', '--note', 'why'], world)
    expect(sent.at(-1)?.variables).toEqual({ name: 'ship', revision: 7, note: 'why' })
  })
  test.each([
    { argv: ['flow', 'use', 'ship'], says: 'expected <name>@<version>' },
    { argv: ['flow', 'diff', 'ship', 'one'], says: 'expected a version or draft' },
    { argv: ['flow', 'burn'], says: 'flow burn is not a command' },
    { argv: ['delete', 'web-1'], says: 'expected <Kind>/<name>' },
  ])('refuses $argv and sends nothing', async ({ argv, says }) => {
    const { world, errors, sent } = worldOf(answers)
    expect(await main(argv, world)).toBe(2)
    expect(errors.join()).toContain(says)
    expect(sent).toEqual([])
  })
})

describe('the command line', () => {
  test.each([
    { argv: [], code: 2, says: 'What waits for you' },
    { argv: ['--help'], code: 0, says: 'Exit codes' },
    { argv: ['run', '--help'], code: 0, says: '--watch' },
    { argv: ['help', 'schedule'], code: 0, says: 'baton schedule pause <name>' },
    { argv: ['--help'], code: 0, says: 'When a step fails' },
  ])('shows what it can do for $argv', async ({ argv, code, says }) => {
    const { world, lines } = worldOf({})
    expect(await main(argv, world)).toBe(code)
    expect(lines.join('\n')).toContain(says)
  })

  test.each([
    { argv: ['lunch', 'release'], says: 'baton lunch is not a command' },
    { argv: ['approv', '7'], says: 'did you mean baton approve?' },
    { argv: ['help', 'lunch'], says: 'baton lunch is not a command' },
    { argv: ['run'], says: 'the app is missing' },
    { argv: ['run', 'release', 'version'], says: 'expected key=value, but got “version”' },
    { argv: ['run', 'release', '--wacht'], says: "Unknown option '--wacht'" },
    { argv: ['apply', '-f', '/nowhere.yaml'], says: '/nowhere.yaml does not exist' },
  ])('refuses $argv, says what is wrong and sends nothing', async ({ argv, says }) => {
    const { world, errors, sent } = worldOf({})
    expect(await main(argv, world)).toBe(2)
    expect(errors.join('\n')).toContain(says)
    expect(sent).toEqual([])
  })

  test('says how to get a token when there is none', async () => {
    const { world, errors } = worldOf({}, { HOME: mkdtempSync(join(tmpdir(), 'baton-cli-')) })
    expect(await main(['tasks'], world)).toBe(2)
    expect(errors.join('\n')).toContain('baton token new --owner')
  })
})

describe('launching', () => {
  test('values go as text, with a key, so that the server reads them by their types', async () => {
    const { world, sent, lines } = worldOf({ CliLaunch: { launch: TREE } })
    expect(await main(['run', 'release', 'version=v2.14.0', 'note=a=b'], world)).toBe(0)
    expect(sent[0]?.variables['input']).toMatchObject({
      app: 'release',
      asText: true,
      variables: { version: 'v2.14.0', note: 'a=b' },
      key: expect.any(String),
    })
    expect(sent[0]?.token).toBe('Bearer t-1')
    expect(lines[0]).toContain('#1042')
  })

  test('a wrong field is told with its fix, exit 1', async () => {
    const { world, errors } = worldOf({ CliLaunch: 'INVALID_INPUT' })
    expect(await main(['run', 'release', 'version=2.14'], world)).toBe(1)
    expect(errors.join('\n')).toContain('version: “2.14” is not a version. (try v2.14)')
  })

  test.each([
    { answer: 'FORBIDDEN', code: 4 },
    { answer: 'STALE', code: 5 },
    { answer: 'CONFLICT', code: 5 },
    { answer: undefined, code: 3 },
  ])('exit code $code when the server answers $answer', async ({ answer, code }) => {
    const { world } = worldOf({ CliLaunch: answer })
    expect(await main(['run', 'release'], world)).toBe(code)
  })
})

describe('a failed step', () => {
  test('is shown with its cause, advice, log, who is asked and what may be done', async () => {
    const { world, lines } = worldOf({ CliTask: { task: TREE } })
    expect(await main(['task', '#1042'], world)).toBe(0)
    const shown = lines.join('\n')
    for (const part of [
      'Deploy failed on web-2',
      'Disk full on /srv (exit code 3)',
      'Clear old releases.',
      'tar: No space left',
      'Asked: Li Wei',
      'You may: baton retry 1042 deploy',
    ])
      expect(shown).toContain(part)
  })

  test('retry carries the attempt that was seen, and edits variables at the revision that was seen', async () => {
    const { world, sent } = worldOf({ CliTask: { task: TREE }, CliRetry: { retryNode: { ...TREE, phase: 'RUNNING' } } })
    expect(await main(['retry', '1042', 'folder=/srv/big'], world)).toBe(0)
    expect(sent[1]?.variables['input']).toEqual({
      taskId: 't1',
      nodeId: 'deploy',
      attempt: 1,
      variables: { folder: '/srv/big' },
      variablesRevision: 3,
    })
  })

  test('retry of a step that has not failed changes nothing', async () => {
    const { world, sent, errors } = worldOf({ CliTask: { task: TREE } })
    expect(await main(['retry', '1042', 'unpack'], world)).toBe(1)
    expect(errors[0]).toBe('unpack has not failed in #1042')
    expect(sent).toHaveLength(1)
  })
})

test('login keeps the token in a file nobody else can read', async () => {
  const home = mkdtempSync(join(tmpdir(), 'baton-cli-'))
  const { world } = worldOf(
    {
      CliViewer: { viewer: { person: { name: 'Anna', role: 'owner' }, needsMe: 0, server: { url: '', version: '' } } },
    },
    { HOME: home },
  )
  expect(await main(['login', 'http://baton.test', '--token', 't-2'], world)).toBe(0)
  expect(JSON.parse(readFileSync(configPath(world.env), 'utf8'))).toEqual({ url: 'http://baton.test', token: 't-2' })
  expect(statSync(configPath(world.env)).mode & 0o777).toBe(0o600)
})

test('login with a token that speaks for nobody is refused, and nothing is saved', async () => {
  const { world, lines, errors } = worldOf(
    { CliViewer: { viewer: { person: null, needsMe: 0, server: { url: '', version: '' } } } },
    { HOME: mkdtempSync(join(tmpdir(), 'baton-cli-')) },
  )
  expect(await main(['login', 'http://baton.test', '--token', 'made-up'], world)).toBe(4)
  expect(errors[0]).toMatch(/^http:\/\/baton\.test does not know this token.*Nothing was saved\.$/)
  expect([...lines, ...errors].join()).not.toContain('made-up')
  expect(existsSync(configPath(world.env))).toBe(false)
})

test('a secret that no SecretRef names is kept, and it is said that no flow can use it', async () => {
  const name = (key: string, declared: boolean) => ({ namespace: 'web', key, declared })
  const { world, lines, errors } = worldOf({
    CliSecret: { setSecret: name('tokn', false) },
    CliSecretNames: { secretNames: [name('tokn', false), name('token', true)] },
  })
  expect(await main(['secret', 'set', 'web.tokn'], world)).toBe(0)
  expect(lines).toEqual(['web.tokn is set.'])
  expect(errors).toEqual([
    'No SecretRef names web.tokn yet: until one does, no flow can use it.',
    'Named are web.token.',
  ])
})

test('a secret is read from standard input, without the line end', async () => {
  const { world, sent } = worldOf({ CliSecret: { setSecret: { namespace: 'web', key: 'token', declared: true } } })
  expect(await main(['secret', 'set', 'web.token'], world)).toBe(0)
  expect(sent[0]?.variables).toEqual({ namespace: 'web', key: 'token', value: 'hunter2222' })
})

test('apply sends every document of a folder in one piece and exits 1 on an error found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
  writeFileSync(join(folder, 'a.yaml'), 'kind: Flow')
  writeFileSync(join(folder, 'b.yml'), 'kind: App')
  writeFileSync(join(folder, 'notes.txt'), 'no')
  const finding = {
    severity: 'ERROR',
    code: 'UNKNOWN_PLUGIN',
    node: 'deploy',
    path: 'spec.nodes.deploy.use',
    line: 7,
    column: 9,
    message: 'there is no ssh.scrip@1',
    fix: 'ssh.script@1',
  }
  const { world, sent, lines } = worldOf({
    CliApply: {
      apply: {
        dryRun: true,
        documents: [
          {
            kind: 'Flow',
            name: 'x',
            project: 'default',
            result: 'CREATED',
            generation: 1,
            diff: [{ path: 'spec.nodes', before: null, after: 1 }],
            taken: [],
            conflicts: [],
            findings: [finding],
          },
        ],
      },
    },
  })
  expect(await main(['apply', '-f', folder, '--dry-run'], world)).toBe(1)
  expect(sent[0]?.variables).toMatchObject({ documents: 'kind: Flow\n---\nkind: App', dryRun: true })
  expect(lines.join('\n')).toContain('ssh.script@1')
})

test('the inbox holds failures beside asks, with the command that mends them', async () => {
  const failure = {
    id: 'deploy',
    headline: 'Deploy failed on web-2',
    causeText: 'Disk full',
    attempt: 1,
    advice: 'Clear it.',
    availableActions: [],
  }
  const { world, lines } = worldOf({
    CliInbox: { inbox: { nodes: [] } },
    CliFailures: { tasks: { nodes: [{ number: 7, title: 'Release', failures: [failure] }] } },
    CliRequests: { tasks: { nodes: [] } },
  })
  expect(await main(['inbox'], world)).toBe(0)
  expect(lines.join('\n')).toContain('baton retry 7 deploy')
})

test('the inbox holds work handed over: what one may take, and what came back', async () => {
  const request = (number: number, state: string, may: string | null) => ({
    number,
    title: `Restart ${number}`,
    startedBy: { name: 'Ming' },
    handOver: { state, to: 'Ops', reason: state === 'REJECTED' ? 'which server?' : null, lastBy: { name: 'Olga' } },
    availableActions: [{ action: may ?? 'withdraw', allowed: may !== null, why: null }],
  })
  const { world, lines } = worldOf({
    CliInbox: { inbox: { nodes: [] } },
    CliFailures: { tasks: { nodes: [] } },
    CliRequests: {
      tasks: {
        nodes: [
          request(7, 'OPEN', 'claim_request'),
          request(8, 'REJECTED', 'resubmit_request'),
          request(9, 'OPEN', null),
          {
            ...request(10, 'OPEN', 'transfer_request'),
            handOver: { state: 'OPEN', to: 'Ops', nobody: true, reason: null, lastBy: { name: 'Olga' } },
          },
        ],
      },
    },
  })
  expect(await main(['inbox'], world)).toBe(0)
  expect(lines).toEqual([
    '⇢ Restart 7  (Ming asks, #7, for Ops)',
    '  baton request claim 7',
    '',
    '↩ Restart 8  (#8, given back by Olga: which server?)',
    '  baton request resubmit 8',
    '',
    '⇢ Restart 10  (Ming asks, #10, for Ops)',
    '  baton request transfer 10',
    '',
  ])
})

test('a field that others look after is told with what stands there, what was brought, and both ways out', async () => {
  const { world } = worldOf({})
  const errors: string[] = []
  const detail = {
    code: 'CONFLICT',
    conflicts: [
      { document: 'Group/web', path: 'spec.members', owners: ['phone'], theirs: ['Ana', 'Omar'], yours: ['Ana'] },
    ],
  }
  const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
  writeFileSync(join(folder, 'a.yaml'), 'kind: Group')
  const code = await main(['apply', '-f', folder], {
    ...world,
    err: (line) => errors.push(line),
    fetch: async () => Response.json({ errors: [{ message: 'belongs to phone', extensions: detail }] }),
  })
  expect(code).toBe(5)
  expect(errors).toEqual([
    'Nothing was saved: this would change what others look after.',
    '  Group/web spec.members, looked after by phone',
    '    there: ["Ana","Omar"]',
    '    yours: ["Ana"]',
    '--force takes it over; to keep what is there, write it into your file: baton get Group/web',
  ])
})

test.each([
  [{ mayOverride: false, heldBy: ['Ada', 'Lin'] }, '  Ada or Lin may go on all the same, with a reason.'],
  [{ mayOverride: true, heldBy: ['Ada'] }, '--override-freeze "<why>"'],
])('what is frozen says what its author says, and who goes on all the same: %j', async (detail, way) => {
  const { world, errors } = worldOf({})
  const extensions = { code: 'FROZEN', help: 'Ask the duty first.', ...detail }
  const answer = { errors: [{ message: 'Frozen until 4 Jan 08:00: Year’s end', extensions }] }
  expect(await main(['run', 'release'], { ...world, fetch: async () => Response.json(answer) })).toBe(1)
  expect(errors.slice(0, 2)).toEqual(['Frozen until 4 Jan 08:00: Year’s end', '  Ask the duty first.'])
  expect(errors[2]).toContain(way)
})

test('a token that is not known says why that may be, and how to get another', async () => {
  const { world, errors } = worldOf({ CliPeople: 'UNAUTHENTICATED', People: 'UNAUTHENTICATED' })
  const answer = { errors: [{ message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } }] }
  expect(await main(['inbox'], { ...world, fetch: async () => Response.json(answer) })).toBe(4)
  expect(errors.join('\n')).toMatch(/^Sign in first\.\n.*suspended.*\n.*Me → Tokens/)
})

test('a finding of apply names its own file and line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
  writeFileSync(join(folder, 'a.yaml'), 'one\ntwo')
  writeFileSync(join(folder, 'b.yaml'), 'one\ntwo\nthree')
  const finding = {
    severity: 'WARNING',
    code: 'X',
    node: null,
    path: 'spec',
    line: 5,
    column: 2,
    message: 'hm',
    fix: null,
  }
  const { world, lines } = worldOf({
    CliApply: {
      apply: {
        dryRun: false,
        documents: [
          {
            kind: 'Flow',
            name: 'x',
            project: 'default',
            result: 'CHANGED',
            generation: 1,
            diff: [],
            taken: [],
            conflicts: [],
            findings: [finding],
          },
        ],
      },
    },
  })
  await main(['apply', '-f', folder], world)
  expect(lines.join('\n')).toContain(`${join(folder, 'b.yaml')}:2:2 warning`)
})

test('a refused text says that nothing was saved, and each error with its own file and line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
  writeFileSync(join(folder, 'a.yaml'), 'one\ntwo')
  writeFileSync(join(folder, 'b.yaml'), 'one\ntwo\nthree')
  const said = { severity: 'error', node: null, path: 'App/x spec.form', column: 2, fix: null }
  const findings = [
    { ...said, line: 2, code: 'alias', message: 'taken' },
    { ...said, line: 5, code: 'form', message: 'no such' },
  ]
  const { world, errors } = worldOf({})
  const extensions = { code: 'INVALID_INPUT', findings, fields: [] }
  const fetch = async () => Response.json({ errors: [{ message: 'line 2: taken (and 1 more)', extensions }] })
  expect(await main(['apply', '-f', folder], { ...world, fetch })).toBe(1)
  expect(errors).toEqual([
    'Nothing was saved:',
    `  ${join(folder, 'a.yaml')}:2:2 error taken [alias]`,
    `  ${join(folder, 'b.yaml')}:2:2 error no such [form]`,
  ])
})
test('a dry run shows the rest of the difference beside what others look after', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
  writeFileSync(join(folder, 'a.yaml'), 'kind: Constant')
  const conflict = { path: 'spec.value', managers: ['phone'], theirs: 'eu', yours: 'us' }
  const one = { kind: 'Constant', generation: 2, taken: [], findings: [] }
  const documents = [
    {
      ...{ ...one, name: 'A', project: 'shop', result: 'CHANGED', conflicts: [conflict] },
      diff: [{ path: 'spec.value', before: 'eu', after: 'us' }],
    },
    {
      ...{ ...one, name: 'B', project: 'default', result: 'CHANGED', conflicts: [] },
      diff: [{ path: 'spec.help', before: null, after: 'x' }],
    },
  ]
  const { world, lines, errors } = worldOf({ CliApply: { apply: { dryRun: true, documents } } })
  expect(await main(['apply', '-f', folder, '--dry-run'], world)).toBe(5)
  expect(lines).toEqual([
    'Constant/A in shop changed (dry run)',
    '  spec.value: "eu" → "us"',
    '  spec.value is looked after by phone (there: "eu", yours: "us")',
    'Constant/B changed (dry run)',
    '  spec.help: ∅ → "x"',
  ])
  expect(errors).toEqual(['Would not be saved: others look after these fields. --force takes them over.'])
})
