import { expect, test } from 'vitest'
import { auditHosts, CHATS, STEPS, type HostsFacts, type Run } from './audit.ts'

const run = (key: string, exit: number, over: Partial<Run> = {}): Run => ({
  state: exit === 0 ? 'SUCCEEDED' : 'IGNORED',
  attempt: 1,
  outputs: { exitCode: exit, values: { mark: key } },
  error: exit === 0 ? null : { cause: 'error', code: `EXIT_${exit}` },
  log: { total: 40, lines: Array.from({ length: 40 }, (_, n) => ({ n, text: `line ${n + 1}` })) },
  ...over,
})
const card = { chat: CHATS.of(0), text: 'job 1 #1\nSucceeded' }
/** One task that went well, seen by host, chat and caller alike. */
const facts = (over: Partial<HostsFacts> = {}, runs: Record<string, Run | null> = {}): HostsFacts => ({
  tasks: [{ id: 't', number: 1, title: 'job 1', phase: 'SUCCEEDED' }],
  runs: new Map([
    ...STEPS.map(({ id, exit }) => [`t/${id}`, run(`t/${id}`, exit ?? 0)] as const),
    ...Object.entries(runs),
  ]),
  told: new Map([['job 1', 't']]),
  ran: 't/a\nt/x\nt/y\nt/c\n',
  owed: [],
  chat: { messages: () => [card], shown: (chat) => (chat === CHATS.finished ? ['job 1 #1: Succeeded'] : []) },
  isDone: true,
  ...over,
})

test('what all sides tell alike is no problem', () => {
  expect(auditHosts(facts())).toEqual({ problems: [], tasks: 1, scripts: 4, lost: 0, deliveries: 1 })
})
test.each([
  ['a script that ran twice', facts({ ran: 't/a\nt/a\nt/x\nt/y\nt/c\n' }), /t\/a: ran 2 times in 1 attempts/],
  ['a script that never ran', facts({ ran: 't/a\nt/x\nt/y\n' }), /t\/c: ran 0 times/],
  ['a script of no task', facts({ ran: 't/a\nt/x\nt/y\nt/c\nu/a\n' }), /u\/a: ran 1 times, and no task/],
  ['another exit code', facts({}, { 't/a': run('t/a', 1) }), /t\/a: ended with 1/],
  ['values of another run', facts({}, { 't/a': run('t/b', 0) }), /t\/a: left/],
  [
    'output with a gap',
    facts({}, { 't/a': run('t/a', 0, { log: { total: 39, lines: run('', 0).log.lines.slice(1) } }) }),
    /not whole/,
  ],
  ['a launch that is gone', facts({ told: new Map([['job 2', 'u']]) }), /job 2 was answered with u, but made 0/],
  ['a delivery that is still owed', facts({ owed: ['card'] }), /never arrived: card/],
  [
    'a card that stayed behind',
    facts({ chat: { ...facts().chat, messages: () => [{ ...card, text: 'job 1 #1\nRunning' }] } }),
    /does not say how it ended/,
  ],
  [
    'an end that nobody was told of',
    facts({ chat: { ...facts().chat, shown: () => [] } }),
    /nobody was told that it has ended/,
  ],
  ['a failure that nobody was told of', facts({}, { 't/c': run('t/c', 9) }), /needs somebody/],
  [
    'a task that stands still',
    facts({ isDone: false, tasks: [{ id: 't', number: 1, title: 'job 1', phase: 'RUNNING' }] }),
    /not all came to an end: #1/,
  ],
])('%s is found', (_, wrong, problem) => {
  expect(auditHosts(wrong).problems).toEqual([expect.stringMatching(problem)])
})
test('a script that Baton lost and asks about may have run or not, but not twice', () => {
  const lost = { 't/a': run('t/a', 0, { outputs: null, error: { cause: 'lost', code: null } }) }
  expect(auditHosts(facts({}, lost))).toMatchObject({ problems: [], lost: 1 })
  expect(auditHosts(facts({ ran: 't/x\nt/y\nt/c\n' }, lost)).problems).toEqual([])
  expect(auditHosts(facts({ ran: 't/a\nt/a\nt/x\nt/y\nt/c\n' }, lost)).problems).toEqual(['t/a: lost, but ran 2 times'])
})
