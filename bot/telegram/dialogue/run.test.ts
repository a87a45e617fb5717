import { expect, test } from 'vitest'
import { line, type Field, type Form } from '../../core/card.ts'
import type { FieldProblem, FormSession, Submitted } from '../../core/contract.ts'
import { actAs } from '../../core/welcome.ts'
import type { Place } from '../place.ts'
import { shelfOf } from '../shelf.ts'
import { fakeChat } from '../test/fake-chat.ts'
import { fakeServer } from '../test/fake-client.ts'
import { wordsFor } from '../words.ts'
import type { FormWork, Scene } from './contract.ts'
import { dialogues } from './run.ts'

const field = (key: string, value: unknown, more: Partial<Field> = {}): Field => ({
  key,
  label: key,
  help: null,
  widget: 'line',
  required: true,
  value: value ?? null,
  valueText: value === undefined || value === null ? '' : String(value),
  options: [],
  dependsOn: [],
  redraws: false,
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  rows: null,
  error: null,
  fix: null,
  ...more,
})
const choices = ['staging', 'production'].map((value) => ({ id: `=${value}`, title: value, value }))
/** A form of two questions, checked the way the server does. */
function stage(more: { onPhone?: string[]; fields?: (answers: Record<string, unknown>) => Field[] } = {}) {
  const sent: FormSession[] = []
  const outcome: { next: Submitted | null } = { next: null }
  const fields =
    more.fields ??
    ((answers) => [
      field('version', answers['version']),
      field('env', answers['env'], { widget: 'choice', options: choices }),
    ])
  const formOf = (session: FormSession): Form => ({
    title: 'Release',
    intro: [],
    fields: fields(session.answers),
    submit: 'Launch',
    cancel: 'Cancel',
    review: false,
    danger: false,
    notes: [],
    onPhone: more.onPhone ?? [],
  })
  const problemsOf = ({ answers }: FormSession): FieldProblem[] =>
    answers['version'] === undefined || /^v/.test(String(answers['version']))
      ? []
      : [{ field: 'version', message: 'not a version', fix: 'v2.14.0' }]
  const work: FormWork = {
    draw: async (_, session) => formOf(session),
    check: async (_, session) =>
      problemsOf(session).length > 0
        ? { kind: 'errors', problems: problemsOf(session), form: formOf(session) }
        : { kind: 'ready' },
    submit: async (_, session) => {
      sent.push(session)
      return outcome.next ?? { kind: 'done', lines: [line('Launched: Release (#1042).')], taskId: 't' }
    },
    search: async () => [],
    phoneLink: async () => 'https://baton.example/s/once',
  }
  const server = fakeServer()
  const chat = fakeChat()
  const pages: string[] = []
  const bot = () =>
    dialogues({
      messages: chat.messages,
      shelf: shelfOf(server.client),
      work,
      openPage: async (_, __, ___, url) => void pages.push(url),
      now: () => 0,
    })
  let update = 0
  const scene = (from = '42', place: Place = { chat: 42, thread: null }): Scene => ({
    acting: {
      ...actAs(server.client, { platform: 'TELEGRAM', team: null, user: from, name: 'Ann' }),
      texts: wordsFor('en'),
    },
    place,
    from,
    manner: { language: 'en', timeZone: 'UTC' },
    update: ++update,
  })
  const session = (answers = {}): FormSession => ({
    kind: 'launch',
    app: 'release',
    project: null,
    key: 'k1',
    origin: null,
    rehearsal: false,
    continueFrom: null,
    answers,
  })
  const open = async (at = scene(), answers = {}, replyTo: number | null = null) => {
    await bot().open(at, session(answers), formOf(session(answers)), replyTo)
    return chat.last()
  }
  return { bot, chat, sent, outcome, pages, scene, open, formOf }
}

test('a form is one message: questions, the server’s objection with its way out, everything once more, launch', async () => {
  const { bot, chat, sent, scene, open } = stage()
  const message = await open()
  expect(chat.text(message)).toBe('Release  step 1 of 2\nversion\nType it.')
  expect(await bot().said(scene(), '2.14', null)).toBe(true)
  expect(chat.text(message)).toContain('⚠️ not a version')
  await bot().pressed(scene(), message, chat.token(message, 'Use v2.14.0'))
  expect(chat.text(message)).toBe('Release  step 2 of 2\nversion: v2.14.0\nenv')
  await bot().pressed(scene(), message, chat.token(message, 'production'))
  expect(chat.text(message)).toBe('Release\nversion: v2.14.0\nenv: production')
  await bot().pressed(scene(), message, chat.token(message, 'Launch'))
  expect(chat.text(message)).toBe('Launched: Release (#1042).')
  expect(chat.shown.get(message)?.keyboard).toBeNull()
  expect(sent.map(({ answers }) => answers)).toEqual([{ version: 'v2.14.0', env: 'production' }])
  expect(chat.shown.size).toBe(1)
})
test('each step survives a restart: nothing is kept in the process', async () => {
  const { bot, chat, scene, open } = stage()
  const message = await open()
  await bot().said(scene(), 'v1', null) // `bot()` is a new process each time
  const first = chat.token(message, 'staging')
  await bot().pressed(scene(), message, first)
  expect(chat.text(message)).toContain('env: staging')
})
test('a press on a button that was drawn before changes nothing and shows the form as it is', async () => {
  const { bot, chat, sent, scene, open } = stage()
  const message = await open(undefined, { version: 'v1' })
  const staging = chat.token(message, 'staging')
  const production = chat.token(message, 'production')
  await bot().pressed(scene(), message, staging)
  expect(await bot().pressed(scene(), message, production)).toEqual({
    alert: 'This form has moved on. Look at it once more.',
  })
  expect(chat.text(message)).toContain('env: staging')
  expect(sent).toEqual([])
})
test('a double tap on Launch is one task', async () => {
  const { bot, chat, sent, scene, open } = stage()
  const message = await open(undefined, { version: 'v1', env: 'staging' })
  const launch = chat.token(message, 'Launch')
  const [one, two] = [scene(), scene()]
  await bot().pressed(one, message, launch)
  expect(await bot().pressed(two, message, launch)).toEqual({ alert: expect.stringContaining('already') })
  expect(sent).toHaveLength(1)
})
test('what was not recorded can be sent again, with the same key', async () => {
  const { bot, chat, sent, outcome, scene, open } = stage()
  const message = await open(undefined, { version: 'v1', env: 'staging' })
  outcome.next = { kind: 'tell', lines: [line('Not recorded. Press again.')], again: true }
  expect(await bot().pressed(scene(), message, chat.token(message, 'Launch'))).toEqual({
    alert: 'Not recorded. Press again.',
  })
  outcome.next = null
  await bot().pressed(scene(), message, chat.token(message, 'Launch'))
  expect(sent.map((session) => session.key)).toEqual(['k1', 'k1'])
})
test('nobody else can answer or send a person’s form', async () => {
  const group = { chat: -100, thread: 7 }
  const { bot, chat, sent, scene, open } = stage()
  const message = await open(scene('42', group), { version: 'v1', env: 'staging' })
  expect(await bot().pressed(scene('43', group), message, chat.token(message, 'Launch'))).toEqual({
    alert: expect.stringContaining('somebody else'),
  })
  expect(await bot().said(scene('43', group), 'v9', message)).toBe(false)
  expect(sent).toEqual([])
})
test('in a group the bot asks for a reply, takes only that, and clears its question away', async () => {
  const group = { chat: -100, thread: 7 }
  const { bot, chat, scene, open } = stage()
  const message = await open(scene('42', group), {}, 5)
  const [prompt] = [...chat.prompts.keys()]
  expect(chat.prompts.get(prompt ?? 0)).toBe('version')
  expect(await bot().said(scene('42', group), 'good morning everybody', null)).toBe(false)
  expect(await bot().said(scene('42', group), 'v1', prompt ?? 0)).toBe(true)
  expect(chat.text(message)).toContain('version: v1')
  expect(chat.prompts.size).toBe(0)
})
test('an update that Telegram repeats does not answer the next question', async () => {
  const { bot, chat, scene, open } = stage({
    fields: (answers) => [field('first', answers['first']), field('second', answers['second'])],
  })
  const message = await open()
  const said = scene()
  await bot().said(said, 'one', null)
  await bot().said(said, 'one', null)
  expect(chat.text(message)).toContain('step 2 of 2')
})
test('one form at a time: a newer one ends the older, which says so', async () => {
  const { chat, open } = stage()
  const older = await open()
  const newer = await open()
  expect(chat.text(older)).toBe('Left for a newer form. Nothing was started.')
  expect(chat.text(newer)).toContain('step 1 of 2')
})
test('a form’s message that was deleted comes back with the next answer', async () => {
  const { bot, chat, scene, open } = stage()
  const message = await open()
  chat.shown.delete(message)
  await bot().said(scene(), 'v1', null)
  expect(chat.text(chat.last())).toContain('step 2 of 2')
  await bot().pressed(scene(), chat.last(), chat.token(chat.last(), 'staging'))
  expect(chat.text(chat.last())).toContain('env: staging')
})
test('what chat must not or cannot ask is opened on the phone page', async () => {
  const { chat, pages, open } = stage({ onPhone: ['Password'] })
  await open()
  expect(pages).toEqual(['https://baton.example/s/once'])
  expect(chat.shown.size).toBe(0)
})
test('cancel leaves nothing behind but a line that says so', async () => {
  const { bot, chat, sent, scene, open } = stage()
  const message = await open()
  await bot().pressed(scene(), message, chat.token(message, 'Cancel'))
  expect(chat.text(message)).toBe('Release\nLeft. Nothing was started or changed.')
  expect(await bot().said(scene(), 'v1', null)).toBe(false)
  expect(sent).toEqual([])
})
