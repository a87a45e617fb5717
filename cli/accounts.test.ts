import { expect, test } from 'vitest'
import type { World } from './context.ts'
import { main } from './main.ts'

/** A world whose server answers by the operation's name; an error is a refusal. */
function worldOf(answers: Record<string, unknown>) {
  const sent: { operation: string; variables: Record<string, unknown> }[] = []
  const lines: string[] = []
  const errors: string[] = []
  const world: World = {
    env: { BATON_TOKEN: 't-1' },
    out: (line) => lines.push(line),
    err: (line) => errors.push(line),
    redraw: null,
    readInput: () => '',
    signal: new AbortController().signal,
    fetch: async (request) => {
      const body = (await request.json()) as { query: string; variables: Record<string, unknown> }
      const operation = /(?:query|mutation) (\w+)/.exec(body.query)?.[1] ?? ''
      sent.push({ operation, variables: body.variables })
      const answer = answers[operation]
      if (answer === undefined) throw new Error(`nothing listens for ${operation}`)
      return Response.json(answer instanceof Error ? { errors: [answer.cause] } : { data: answer })
    },
  }
  return { world, sent, lines, errors }
}
const MAI = {
  ...{ id: 'p_mai', name: 'Mai', kind: 'person', role: 'starter', active: true, mergedInto: null, suspended: null },
  identities: [{ platform: 'slack', name: 'mai' }],
}
const CI = { ...MAI, id: 'p_ci', name: 'CI', kind: 'service', role: 'operator', identities: [] }
const AWAY = {
  ...MAI,
  id: 'p_bo',
  name: 'Bo',
  active: false,
  suspended: { at: '2026-11-21T14:00:00Z', by: 'Ada', why: null },
}
const PEOPLE = { people: { totalCount: 3, nodes: [MAI, CI, AWAY] } }

test('people are shown with what they are', async () => {
  const { world, lines } = worldOf({ CliPeople: PEOPLE })
  expect(await main(['people'], world)).toBe(0)
  expect(lines.join('\n')).toMatch(/Mai +starter +slack:mai +p_mai/)
  expect(lines.join('\n')).toMatch(/CI +operator \(service account\)/)
  expect(lines.join('\n')).toMatch(/Bo +starter +suspended by Ada/)
})
test('somebody is suspended by their whole name, and nobody by half of one', async () => {
  const { world, sent, lines } = worldOf({
    CliPeople: PEOPLE,
    CliTools: { people: { nodes: [{ id: 'p_mai', name: 'Mai', tools: { accounts: [], tokens: [] } }] } },
    CliSuspend: { suspendPerson: { id: 'p_mai', name: 'Mai' } },
  })
  expect(await main(['people', 'suspend', 'mai', '--reason', 'left'], world)).toBe(0)
  expect(sent.at(-1)).toEqual({
    operation: 'CliSuspend',
    variables: { id: 'p_mai', reason: 'left', tools: null, toolsTo: null },
  })
  expect(lines).toEqual(['Mai is suspended, everywhere from now on.'])
  const half = worldOf({ CliPeople: PEOPLE })
  expect(await main(['people', 'suspend', 'Ma'], half.world)).toBe(1)
  expect(half.errors.join()).toMatch(/nobody called Ma/)
})
test('what goes on without them is said, and ends or is handed over where that is wanted', async () => {
  const tools = {
    accounts: [{ id: 'p_ci', name: 'CI' }],
    tokens: [
      { id: 't1', name: 'nightly', of: { name: 'CI' } },
      { id: 't2', name: 'probe', of: { name: 'Monitor' } },
    ],
  }
  const answers = {
    CliPeople: PEOPLE,
    CliTools: { people: { nodes: [{ id: 'p_mai', name: 'Mai', tools }] } },
    CliSuspend: { suspendPerson: { id: 'p_mai', name: 'Mai' } },
    CliHandOver: { handOverAccount: { id: 'p_ci', name: 'CI', keeper: { name: 'Mai' } } },
  }
  const list = 'service account CI, token nightly of CI, token probe of Monitor'
  const said = async (...words: string[]) => {
    const { world, sent, lines } = worldOf(answers)
    expect(await main(['people', ...words], world)).toBe(0)
    return { line: lines.at(-1), variables: sent.at(-1)?.variables }
  }
  expect((await said('suspend', 'Mai')).line).toMatch(`These go on: ${list}. The same command again with --end-tools`)
  expect(await said('suspend', 'Mai', '--end-tools')).toMatchObject({
    line: `Ended with them: ${list}.`,
    variables: { tools: 'END', toolsTo: null },
  })
  expect(await said('suspend', 'Mai', '--tools-to', 'Bo')).toMatchObject({
    line: `Bo looks after these now: ${list}. Mai may know the tokens still.`,
    variables: { tools: 'HAND_OVER', toolsTo: 'p_bo' },
  })
  expect(await said('keeper', 'CI', 'Mai')).toEqual({
    line: 'Mai looks after CI now.',
    variables: { id: 'p_ci', to: 'p_mai' },
  })
  const both = worldOf(answers)
  expect(await main(['people', 'suspend', 'Mai', '--end-tools', '--tools-to', 'Bo'], both.world)).not.toBe(0)
})
test('a service account gets its token by name', async () => {
  const made = { createToken: { token: 'bt_x', info: { id: 't1', name: 'ci' } } }
  const { world, sent } = worldOf({ CliPeople: PEOPLE, CliNewToken: made })
  expect(await main(['token', 'new', 'ci', '--for', 'CI', '--scopes', 'launch'], world)).toBe(0)
  expect(sent.at(-1)?.variables).toEqual({ name: 'ci', scopes: ['launch'], person: 'p_ci' })
})
test('browsers are signed out one by one, or all of somebody’s', async () => {
  const { world, sent, lines } = worldOf({
    CliPeople: PEOPLE,
    CliSessions: {
      sessions: [
        {
          ...{ id: 's1', browser: 'Firefox · Linux', how: 'link', current: false },
          ...{ createdAt: '2026-11-21T14:00:00Z', lastSeenAt: null },
        },
      ],
    },
    CliEndSession: { endSession: { id: 's1', browser: 'Firefox · Linux' } },
    CliEndSessions: { endSessions: 2 },
  })
  expect(await main(['sessions', '--person', 'Mai'], world)).toBe(0)
  expect(lines[0]).toMatch(/^s1 +Firefox · Linux +by link/)
  expect(await main(['sessions', 'end', 's1'], world)).toBe(0)
  expect(await main(['sessions', 'end', '--all', '--person', 'Mai'], world)).toBe(0)
  expect(sent.at(-1)).toEqual({ operation: 'CliEndSessions', variables: { person: 'p_mai' } })
  expect(lines.slice(1)).toEqual(['Firefox · Linux is signed out.', '2 signed out.'])
})
test('what stands against a merge is told line by line', async () => {
  const refusal = new Error('conflict', {
    cause: {
      message: 'These two people cannot become one as things stand.',
      extensions: {
        code: 'CONFLICT',
        against: [
          { code: 'LIVE_TASK', arg: '#12' },
          { code: 'LAST_OWNER', arg: 'Bo' },
        ],
      },
    },
  })
  const { world, errors } = worldOf({ CliAskMerge: refusal })
  expect(await main(['merge', 'ask', 'ABCDEFGHJK'], world)).not.toBe(0)
  expect(errors.slice(0, 2)).toEqual(['  #12 is under way: wait for its end', '  Bo is the only owner'])
  expect(errors.at(-1)).toMatch(/cannot become one/)
})
test('two become one by three commands', async () => {
  const { world, lines } = worldOf({
    CliMergeCode: { mergeCode: { code: 'ABCDEFGHJK', expiresAt: '2026-11-21T14:15:00Z' } },
    CliAskMerge: { askMerge: { id: 'm1', state: 'asked', keep: { name: 'Mai' } } },
    CliAnswerMerge: { answerMerge: { id: 'm1', state: 'done', gone: { name: 'Bo' } } },
  })
  for (const words of [['code'], ['ask', 'ABCDEFGHJK'], ['agree', 'm1']])
    expect(await main(['merge', ...words], world)).toBe(0)
  expect(lines[0]).toMatch(/baton merge ask ABCDEFGHJK/)
  expect(lines.slice(1)).toEqual(['Asked. As Mai: baton merge agree m1', 'Bo is you now.'])
})

const INVITED = {
  ...{ id: 'c_1', code: 'ABC', link: 'http://x/join#code=ABC', role: 'operator', project: 'shop' },
  places: [{ kind: 'role', project: 'shop', name: 'qa', title: 'Testers' }],
  expiresAt: '2026-11-28T12:00:00Z',
}
test('an invitation carries a project and business roles, and says so', async () => {
  const { world, sent, lines } = worldOf({ CliInvite: { invite: INVITED } })
  expect(await main(['invite', 'operator', '--project', 'shop', '--roles', 'qa,group:web'], world)).toBe(0)
  expect(sent.at(-1)?.variables).toEqual({
    ...{ role: 'operator', project: 'shop', places: ['qa', 'group:web'], newProject: false },
  })
  expect(lines.join('\n')).toContain('As operator in shop, Testers, until')
})
test('invitations are listed with what could not be given, and taken back', async () => {
  const row = { ...INVITED, createdBy: 'Ada', usedBy: 'Zed', leftOut: [{ title: 'Testers' }] }
  const { world, lines } = worldOf({
    CliInvitations: { invitations: [row] },
    CliRevokeInvitation: { revokeInvitation: { id: 'c_1', usedBy: null } },
  })
  expect(await main(['invite', 'list'], world)).toBe(0)
  expect(lines[0]).toMatch(/c_1 +operator in shop, Testers +by Ada +used: Zed +not given: Testers/)
  expect(await main(['invite', 'revoke', 'c_1'], world)).toBe(0)
})
test('a project nobody has used is told with the nearest one, and how to mean it', async () => {
  const message = 'There is no project “shpo” yet. Did you mean “shop”?'
  const refused = {
    message,
    extensions: { code: 'INVALID_INPUT', fields: [{ field: 'project', code: 'UNKNOWN', message, fix: 'shop' }] },
  }
  const { world, errors } = worldOf({ CliPeople: PEOPLE, CliSetRole: new Error('refused', { cause: refused }) })
  expect(await main(['rights', 'Mai', '--role', 'viewer', '--project', 'shpo'], world)).toBe(1)
  expect(errors).toEqual([
    message,
    '  To begin a project of that name: --new-project. All that are there: baton projects',
  ])
  const meant = worldOf({
    CliPeople: PEOPLE,
    CliSetRole: { setRole: { id: 'p_mai', name: 'Mai', role: 'starter', standing: [] } },
  })
  const line = ['rights', 'Mai', '--role', 'viewer', '--project', 'shpo', '--new-project']
  expect(await main(line, meant.world)).toBe(0)
  expect(meant.sent.at(-1)?.variables).toMatchObject({ project: 'shpo', newProject: true })
})
test('projects are shown with one’s role and how many apps', async () => {
  const { world, lines } = worldOf({
    CliProjects: {
      projects: [
        { name: 'default', role: 'owner', appCount: 12 },
        { name: 'shop', role: 'viewer', appCount: 1 },
      ],
    },
  })
  expect(await main(['projects'], world)).toBe(0)
  expect(lines).toEqual([
    expect.stringMatching(/^default +owner +12 apps$/),
    expect.stringMatching(/^shop +viewer +1 app$/),
  ])
})
