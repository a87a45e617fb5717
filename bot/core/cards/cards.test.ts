import { describe, expect, test } from 'vitest'
import type { Card, Line } from '../card.ts'
import type { AskData, AttentionNode, AttentionTask, TaskData } from '../queries/index.ts'
import { askSample, attentionSample, actor, taskSample } from '../test/samples.ts'
import { textsFor } from '../texts.ts'
import { askCard } from './ask.ts'
import { attentionCard } from './attention.ts'
import { taskCard, type View } from './task.ts'

const NOW = Date.parse('2026-11-21T14:10:00Z')
const view = (extra: Partial<View> = {}): View => ({ texts: textsFor('en'), shared: false, now: NOW, ...extra })
const zh = view({ texts: textsFor('zh-CN') })
const said = (line: Line): string =>
  line
    .map((span) =>
      span.kind === 'time'
        ? new Date(span.at).toISOString().slice(11, 16)
        : span.kind === 'person'
          ? span.name
          : span.text,
    )
    .join('')
const allOf = (card: Card): string => JSON.stringify(card)
const labels = (card: Card): string[] => card.actions.map(({ label }) => label)
const task = (extra: object = {}, how = view()): Card => taskCard(how, taskSample(extra) as unknown as TaskData)
const attention = (node: object = {}, of: object = {}, how = view()): Card => {
  const sample = attentionSample(node, of)
  return attentionCard(how, sample as unknown as AttentionTask, sample.node as unknown as AttentionNode)
}
const ask = (extra: object = {}, how = view()): Card => askCard(how, askSample(extra) as unknown as AskData)

describe('the task card', () => {
  test('says phase, progress, what is done, what runs and what is to come', () => {
    const card = task()
    expect(card.title).toBe('Release v2.14.0 to production')
    expect(said(card.lines[0] ?? [])).toBe('🔵 Running · Deploy · 10 min of about 18 min')
    expect(card.progress?.text).toBe('3 of 6 steps')
    expect(card.timeline.map(({ mark, line }) => `${mark}: ${said(line)}`)).toEqual([
      'succeeded: Build 8841',
      'succeeded: Approve Anna Berg and Li Wei',
      'running: Deploy web-2 and web-3 now',
      'todo: Health check, Cleanup',
    ])
    expect(labels(card)).toEqual(['Pause', 'Open', 'Stop…', 'Stop after current steps'])
  })
  test('Stop names what it kills, what stays and what then runs', () => {
    const [stop] = task().actions.filter(({ style }) => style === 'danger')
    expect(stop?.confirm).toMatchObject({
      title: 'Stop Release v2.14.0 to production?',
      lines: ['Kills Deploy on web-2, Deploy on web-4.', 'web-1 stays.', 'Then runs Cleanup.'],
      yes: 'Kill and stop now',
      no: 'Keep it running',
    })
  })
  test('a rehearsal says so, in the title too', () => expect(task({ rehearsal: true }).banner).toBe('REHEARSAL'))
  test('one that waits for a task of its own which failed says what failed there', () => {
    const card = task({
      phase: 'ATTENTION',
      steps: [
        {
          ...taskSample().steps[0],
          nodeId: 'roll_out',
          title: 'Roll out',
          state: 'WAITING',
          text: '#8 needs somebody',
        },
      ],
      children: [
        {
          number: 8,
          title: 'Roll out a package',
          phase: 'ATTENTION',
          parentNode: 'roll_out',
          failures: [{ title: 'Fetch', headline: 'Fetch failed on build-1' }],
        },
      ],
    })
    expect(said(card.lines[0] ?? [])).toContain('Needs someone · Fetch failed on build-1 (#8)')
    expect(card.timeline[0]?.mark).toBe('attention')
  })
  test('a stage that was gone through is done though its last step was passed over', () => {
    const [first] = taskSample().steps
    const steps = ['SUCCEEDED', 'SKIPPED'].map((state, at) => ({ ...first, nodeId: `n${at}`, stage: 'Prepare', state }))
    const marks = (of: readonly object[]) => task({ steps: of }).timeline.map(({ mark }) => mark)
    expect(marks(steps)).toEqual(['succeeded'])
    expect(marks(steps.map((step) => ({ ...step, state: 'SKIPPED' })))).toEqual(['skipped'])
    expect(marks([steps[0] ?? {}, { ...steps[1], state: 'REVOKED' }])).toEqual(['stopped'])
  })
  test('one that waits says for whom', () => {
    const waiting = task({
      phase: 'WAITING',
      waitingFor: ['APPROVAL'],
      asks: [
        {
          id: 'a',
          availableActions: [],
          kind: 'APPROVAL',
          state: 'OPEN',
          end: null,
          title: 'Release?',
          nodeId: 'approve',
          waitingOn: [actor('Li Wei')],
          decisions: [],
        },
      ],
    })
    expect(said(waiting.lines[0] ?? [])).toContain('✋ Waiting · for Li Wei')
  })
  test('whoever watches may remind those who are asked, and look at what they are asked; a room is not offered it', () => {
    const open = (id: string, ...names: string[]) => ({
      ...{
        id,
        kind: 'APPROVAL',
        state: 'OPEN',
        end: null,
        title: `Ask ${id}`,
        nodeId: id,
        waitingOn: [],
        decisions: [],
      },
      availableActions: names.map((action) => ({ action, allowed: true, why: null })),
    })
    const of = (...asks: object[]) => ({ phase: 'WAITING', waitingFor: ['APPROVAL'], availableActions: [], asks })
    expect(labels(task(of(open('a', 'remind', 'comment'))))).toEqual(['Remind', 'Show the question', 'Open'])
    expect(labels(task(of(open('a', 'remind'), open('b', 'remind'))))).toEqual([
      'Remind: Ask a',
      'Remind: Ask b',
      'Open',
    ])
    expect(labels(task(of(open('a', 'approve'))))).toEqual(['Open'])
    expect(labels(task(of(open('a', 'remind')), view({ shared: true })))).not.toContain('Remind')
  })
  test('a queued one says after how many it starts', () =>
    expect(said(task({ phase: 'QUEUED', startedAt: null, queuePosition: 3 }).lines[0] ?? [])).toContain(
      'Starts after 2 more',
    ))
  test('what may still run is said', () =>
    expect(allOf(task({ cancelUnconfirmed: true, mayStillRun: ['Deploy on web-2'] }))).toContain(
      'May still run: Deploy on web-2',
    ))
  test('a hundred steps fold into a number, and what runs stays in sight', () => {
    const many = taskSample().steps
    const card = task({
      steps: [...Array.from({ length: 100 }, (_, n) => ({ ...many[0], nodeId: `n${n}`, title: `Step ${n}` })), many[2]],
    })
    expect(card.timeline).toHaveLength(12)
    expect(said(card.timeline.at(-1)?.line ?? [])).toContain('Deploy')
  })
  test('a done stage is one line', () => {
    const [build] = taskSample().steps
    const card = task({
      steps: [
        { ...build, stage: 'Prepare' },
        { ...build, nodeId: 'b2', title: 'Lint', stage: 'Prepare' },
        { ...build, nodeId: 'b3', title: 'Ship' },
      ],
    })
    expect(card.timeline.map(({ line }) => said(line))).toEqual(['Prepare', 'Ship 8841'])
  })
})

describe('the receipt', () => {
  const ended = {
    phase: 'SUCCEEDED',
    outcome: 'SUCCEEDED',
    endedAt: '2026-11-21T14:18:04Z',
    availableActions: [{ action: 'RUN_AGAIN', allowed: true, why: null }],
  }
  test('says how it ended, how long it took, and offers to run it again', () => {
    const card = task(ended)
    expect([card.kind, card.mark]).toEqual(['receipt', 'succeeded'])
    expect(card.facts).toEqual([
      { title: 'Took', text: '18 min 4 s' },
      { title: 'Environment', text: 'production' },
      { title: 'Build', text: '8841' },
    ])
    expect(labels(card)).toEqual(['Run again', 'Open'])
  })
  test('in a room outputs are left out', () => expect(allOf(task(ended, view({ shared: true })))).not.toContain('8841'))
  test('one that was stopped says by whom and why', () => {
    const card = task({ ...ended, phase: 'REVOKED', revokedBy: actor('Lin Xiao'), revokeReason: 'wrong version' })
    expect(said(card.lines[0] ?? [])).toBe('Stopped by Lin Xiao at 14:18: wrong version')
    expect(
      said(task({ ...ended, phase: 'REVOKED', revokedBy: actor('林晓'), revokeReason: '版本不对' }, zh).lines[0] ?? []),
    ).toBe('林晓 14:18 已停止：版本不对')
  })
})

describe('the attention card', () => {
  test('what failed, why, what helps, what it printed, who is asked, what to press, in this order', () => {
    const card = attention()
    expect([card.mark, card.title]).toEqual(['attention', 'Deploy failed on web-2'])
    expect(said(card.lines[0] ?? [])).toBe('Disk full on /srv (exit code 3) · attempt 1')
    expect(card.advice?.text).toContain('Usually a full disk')
    expect(card.log.at(-1)).toBe('14:11:04  deploy: exit code 3')
    expect(labels(card)).toEqual([
      'Retry',
      'Edit and retry…',
      'I did it by hand…',
      'Skip…',
      'Stop…',
      'Stop after current steps',
      'Give up…',
      'Open',
      'Mute…',
    ])
    expect(card.actions[0]?.style).toBe('primary')
    expect(said(card.notes[0] ?? [])).toBe('Asked: Lin Xiao and Li Wei · All 214 lines')
  })
  test('offers just what this person may do', () =>
    expect(
      labels(
        attention(
          {
            availableActions: [
              { action: 'RETRY', allowed: true, why: null },
              { action: 'SKIP', allowed: false, why: 'Only Ops' },
            ],
          },
          { availableActions: [] },
        ),
      ),
    ).toEqual(['Retry', 'Open', 'Mute…']))
  test('what was lost leads with "check first", and Retry asks once more', () => {
    const card = attention({ error: { cause: 'LOST', code: 'LOST', message: 'lost' } })
    expect(said(card.lines[0] ?? [])).toBe('We cannot tell whether it ran. Check first.')
    expect(card.actions.filter(({ style }) => style === 'primary')).toEqual([])
    expect(card.actions[0]?.confirm?.yes).toBe('Retry')
  })
  test('a rejection leads with Edit and retry', () =>
    expect(attention({ error: { cause: 'REJECTED', code: 'REJECTED', message: 'no' } }).actions[0]?.label).toBe(
      'Edit and retry…',
    ))
  test('of many hosts it names how many failed, and retries the one by name', () => {
    const items = ['web-1', 'web-2'].map((item, index) => ({
      index,
      item,
      state: index ? 'FAILED' : 'SUCCEEDED',
      error: null,
    }))
    const card = attention({ items })
    expect(said(card.lines[0] ?? [])).toContain('1 of 2 items')
    expect(card.actions[0]?.label).toBe('Retry on web-2')
  })
  test('a room sees title, cause and onCard variables, no log and no advice', () => {
    const card = attention({}, {}, view({ shared: true }))
    expect([card.log, card.advice]).toEqual([[], null])
    expect(allOf(card)).not.toContain('No space left')
    expect(labels(card)).toEqual(['Retry', 'Stop…', 'Stop after current steps', 'Open'])
  })
  test.each([
    {
      how: 'retried',
      node: { state: 'RUNNING', attempt: 2 },
      en: '↻ Retried by Li Wei at 14:14. Running now as attempt 2.',
      cn: '↻ Li Wei 14:14 已重试。正在第 2 次运行。',
    },
    {
      how: 'skipped',
      node: { state: 'SKIPPED', endedBy: actor('Li Wei'), endedAt: '2026-11-21T14:14:00Z', note: 'done before' },
      en: '⏭️ Skipped by Li Wei at 14:14: done before',
      cn: '⏭️ Li Wei 14:14 已跳过：done before',
    },
    {
      how: 'by hand',
      node: { state: 'BYHAND', endedBy: actor('Li Wei'), endedAt: '2026-11-21T14:14:00Z' },
      en: '✅ Done by hand by Li Wei at 14:14',
      cn: '✅ Li Wei 14:14 已手动完成',
    },
  ])('$how: who, what and when, no mark and no buttons', ({ node, en, cn }) => {
    const [first] = attentionSample().node.attempts
    const decided = {
      attempts: [
        first,
        {
          attempt: 2,
          state: 'RUNNING',
          startedAt: '2026-11-21T14:14:00Z',
          endedAt: null,
          note: null,
          by: actor('Li Wei'),
          error: null,
        },
      ],
      ...node,
    }
    const card = attention(decided)
    expect([card.mark, card.actions, card.log]).toEqual([null, [], []])
    expect(said(card.outcome ?? [])).toBe(en)
    expect(said(attention(decided, {}, zh).outcome ?? [])).toBe(cn)
  })
  test('a task stopped meanwhile says so', () =>
    expect(
      said(
        attention(
          {},
          {
            phase: 'REVOKED',
            revokedBy: actor('Lin Xiao'),
            endedAt: '2026-11-21T14:17:00Z',
            revokeReason: 'wrong version',
          },
        ).outcome ?? [],
      ),
    ).toBe('⏹️ Stopped by Lin Xiao at 14:17: wrong version'))
})

describe('the attention card, of a part or when it is over', () => {
  test('says who comes in when nobody decides, and at what time', () => {
    const asksNext = { to: ['Duty'], at: '2026-11-21T14:40:00Z' }
    const notes = (how: View): string => said(attention({ asksNext }, {}, how).notes[0] ?? [])
    expect(notes(view())).toContain('Li Wei · Duty joins at 14:40')
    expect(notes(zh)).toContain('Duty 将于 14:40 加入')
    expect(allOf(attention())).not.toContain('joins at')
  })
  test('names the task it is a part of', () => {
    const card = attention({}, { parent: { number: 6, title: 'Release v2' } })
    expect(card.lines.map(said).at(-1)).toBe('Part of Release v2 · #6')
  })
  test('what was rejected stays “was rejected” when somebody has retried it', () => {
    const was = (cause: string) => ({
      headline: null,
      title: 'Approve',
      state: 'RUNNING',
      attempts: [
        { ...attentionSample().node.attempts[0], error: { cause, code: cause, message: 'no' } },
        { ...attentionSample().node.attempts[0], attempt: 2, state: 'RUNNING', error: null },
      ],
    })
    expect(attention(was('REJECTED')).title).toBe('Approve was rejected')
    expect(attention(was('REJECTED'), {}, zh).title).toBe('Approve 被驳回')
    expect(attention(was('ERROR'), {}, zh).title).toBe('Approve 失败')
  })
})

describe('the ask card', () => {
  test('facts it binds to, who has answered, who is still asked, until when', () => {
    const card = ask()
    expect(card.facts.map(({ title }) => title)).toEqual(['Version', 'Hosts'])
    expect(card.actions.map(({ label, style }) => [label, style])).toEqual([
      ['Approve', 'success'],
      ['Reject…', 'plain'],
      ['Transfer…', 'plain'],
      ['Open', 'plain'],
    ])
    expect(said(card.notes[0] ?? [])).toBe('QA ✅ Anna Berg 14:07 · Ops: Li Wei and Tom Okafor · by 16:06')
    expect(card.actions[0]?.target).toMatchObject({ askId: 'a1', digest: 'd1', attempt: 1 })
  })
  test('decided: who, what, when, what comes next; no buttons, no facts', () => {
    const decisions = [
      ...askSample().decisions,
      { by: actor('Li Wei'), at: '2026-11-21T14:08:00Z', verdict: 'APPROVE', comment: null, as: 'role:ops' },
    ]
    const closed = {
      state: 'CLOSED',
      end: 'GRANTED',
      decisions,
      need: askSample().need.map((place) => ({ ...place, filled: 1 })),
    }
    const card = ask(closed)
    expect([card.mark, card.actions, card.facts]).toEqual([null, [], []])
    expect(said(card.outcome ?? [])).toBe('✅ Approved by Li Wei at 14:08. 2 of 2. Then: Deploy')
    expect(said(ask(closed, zh).outcome ?? [])).toBe('✅ Li Wei 14:08 已批准。2/2。Then: Deploy')
  })
  const actions = (...names: string[]) => names.map((action) => ({ action, allowed: true, why: null }))
  test('a form that one person takes first offers that first; taken, it says by whom and can be given back', () => {
    const form = { kind: 'FORM', claim: true, need: [], availableActions: actions('claim', 'comment') }
    expect(ask(form).actions.map(({ label, style }) => [label, style])).toEqual([
      ['Take it', 'primary'],
      ['Open', 'plain'],
    ])
    const mine = { ...form, claimedBy: actor('Li Wei'), availableActions: actions('submit', 'release', 'transfer') }
    expect(labels(ask(mine))).toEqual(['Fill in…', 'Give it back', 'Transfer…', 'Open'])
    expect(ask(mine).notes.map(said)).toContain('Taken by Li Wei')
  })
  test('out of somebody else’s hands it is taken by name, with a reason; assigning and reminding fold away', () => {
    const theirs = {
      kind: 'FORM',
      claim: true,
      claimedBy: actor('Li Wei'),
      availableActions: actions('release', 'assign', 'remind'),
    }
    expect(ask(theirs).actions.map(({ label, minor = false }) => [label, minor])).toEqual([
      ['Take from Li Wei…', false],
      ['Assign…', true],
      ['Remind', true],
      ['Open', false],
    ])
    expect(ask(theirs).actions[0]?.target).toMatchObject({ verb: 'release', data: { take: true } })
    expect(labels(ask(theirs, zh))[0]).toBe('接替 Li Wei…')
  })
  test('whose place an answer takes, what was filled in and said before; a room reads none of it', () => {
    const known = {
      answersFor: [actor('Anna Berg')],
      earlier: [{ step: 'Test confirms', answers: [{ key: 'summary', title: 'Summary', text: 'All pass' }] }],
      comments: [{ by: actor('Li Wei'), text: 'see the plan', files: [{ name: 'plan.pdf' }] }],
    }
    const card = ask(known)
    expect(card.facts.at(-1)).toEqual({ title: 'Test confirms · Summary', text: 'All pass' })
    expect(card.notes.map(said)).toEqual(
      expect.arrayContaining(['You answer for Anna Berg', 'Li Wei: see the plan 📎 plan.pdf']),
    )
    expect(allOf(ask(known, view({ shared: true })))).not.toMatch(/All pass|see the plan/)
  })
  test('“B for A” stands beside an answer that was given so', () => {
    const [first] = askSample().decisions
    expect(said(ask({ decisions: [{ ...first, for: actor('Wu') }] }).notes[0] ?? [])).toContain(
      'Anna Berg for Wu 14:07',
    )
  })
  test('in a room neither facts nor the decision are offered', () => {
    const card = ask({}, view({ shared: true }))
    expect(labels(card)).toEqual(['Open'])
    expect(allOf(card)).not.toContain('web-1 to web-5')
  })
})

describe('an ask that somebody handed on, or that is its starter’s own', () => {
  const handedOn = [{ by: actor('Otto'), to: [actor('Olga')], reason: 'I am off in ten minutes' }]
  test('says to whoever has it now who did so, and why; a room does not read it', () => {
    expect(said(ask({ handedOn }).lines[0] ?? [])).toBe('↪️ Otto handed it on to Olga: I am off in ten minutes')
    expect(said(ask({ handedOn }, zh).lines[0] ?? [])).toBe('↪️ Otto 已转交给 Olga：I am off in ten minutes')
    expect(allOf(ask({ handedOn }, view({ shared: true })))).not.toContain('ten minutes')
  })
  test('nobody is told that they ask themselves', () => {
    const { task: of, need } = askSample()
    expect(allOf(ask())).toContain(' asks')
    const own = ask({ need: need.map((place) => ({ ...place, people: [of.startedBy] })), kind: 'FORM' })
    expect(allOf(own)).not.toContain(' asks')
  })
})
