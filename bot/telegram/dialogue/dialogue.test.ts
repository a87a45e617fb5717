import { expect, test } from 'vitest'
import type { Field, Form, FormOption } from '../../core/card.ts'
import type { FormSession } from '../../core/contract.ts'
import { act, afterCheck, begin, typed, type Dialogue } from './dialogue.ts'

const field = (key: string, more: Partial<Field> = {}): Field => ({
  key,
  label: key,
  help: null,
  widget: 'line',
  required: true,
  value: null,
  valueText: '',
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
const form = (...fields: Field[]): Form => ({
  title: 'Release',
  intro: [],
  fields,
  submit: 'Launch',
  cancel: 'Cancel',
  review: true,
  danger: false,
  notes: [],
  onPhone: [],
})
const session = (answers = {}): FormSession => ({
  kind: 'launch',
  app: 'release',
  project: null,
  key: 'k',
  origin: null,
  rehearsal: false,
  continueFrom: null,
  answers,
})
const option = (title: string, value: unknown = title): FormOption => ({ id: `=${title}`, title, value })
const words = { yes: 'Yes', no: 'No' }
const start = (of: Form, answers = {}): Dialogue => begin(session(answers), of, '42', null, 1)

test('questions come in the form’s order; what the command gave and what the app fixes is not asked', () => {
  const release = form(
    field('version'),
    field('team', { widget: 'shown', value: 'web' }),
    field('env'),
    field('note', { required: false }),
  )
  const first = start(release, { version: 'v1' })
  expect(first.step).toEqual({ at: 'field', key: 'env' })
  const after = act(first, release, { do: 'choose', value: 'production' })
  expect(after?.dialogue.session.answers).toEqual({ version: 'v1', env: 'production' })
  expect(afterCheck(after?.dialogue ?? first, release, 'env', []).step).toEqual({ at: 'field', key: 'note' })
})
test('a form with nothing to ask goes to the review', () => {
  expect(start(form(field('version')), { version: 'v1' }).step).toEqual({ at: 'review' })
  expect(start(form()).step).toEqual({ at: 'review' })
})
test('edit and retry shows the values first and asks nothing', () => {
  const edit = begin(
    { kind: 'press', token: 't', verb: 'edit_retry', key: 'k', answers: {} },
    form(field('version', { value: 'v1' }), field('env', { value: 'production' })),
    '42',
    null,
    1,
  )
  expect(edit.step).toEqual({ at: 'review' })
})
test('a wrong answer stays on its question; a right one goes on', () => {
  const release = form(field('version'), field('env'))
  const answered = act(start(release), release, { do: 'choose', value: '2.14' })?.dialogue ?? start(release)
  const wrong = afterCheck(answered, release, 'version', [
    { field: 'version', message: '“2.14” is not a version', fix: 'v2.14' },
  ])
  expect(wrong.step).toEqual({ at: 'field', key: 'version' })
  expect(wrong.problems[0]?.fix).toBe('v2.14')
  const fixed = act(wrong, release, { do: 'choose', value: 'v2.14' })?.dialogue ?? wrong
  expect(fixed.problems).toEqual([])
  expect(afterCheck(fixed, release, 'version', []).step).toEqual({ at: 'field', key: 'env' })
})
test('at the end the server’s objection to an earlier answer leads back to it', () => {
  const release = form(field('version'), field('env'))
  const all = { ...start(release, { version: 'x', env: 'y' }) }
  expect(afterCheck(all, release, 'env', [{ field: 'version', message: 'no', fix: null }]).step).toEqual({
    at: 'field',
    key: 'version',
  })
})
test('back returns to the question before, with its answer open again', () => {
  const release = form(field('version'), field('env'), field('hosts'))
  const one = afterCheck(
    act(start(release), release, { do: 'choose', value: 'v1' })?.dialogue ?? start(release),
    release,
    'version',
    [],
  )
  const two = afterCheck(act(one, release, { do: 'choose', value: 'staging' })?.dialogue ?? one, release, 'env', [])
  expect(two.step).toEqual({ at: 'field', key: 'hosts' })
  const back = act(two, release, { do: 'back' })?.dialogue
  expect(back?.step).toEqual({ at: 'field', key: 'env' })
  const again = act(back ?? two, release, { do: 'back' })?.dialogue
  expect(again?.step).toEqual({ at: 'field', key: 'version' })
})
test('changing one answer from the review leads back to the review, and asks again for what depended on it', () => {
  const release = form(field('env'), field('hosts', { dependsOn: ['env'] }), field('note'))
  const done = start(release, { env: 'staging', hosts: ['a'], note: 'x' })
  const changing = act(done, release, { do: 'change', key: 'note' })?.dialogue ?? done
  expect(
    afterCheck(act(changing, release, { do: 'choose', value: 'y' })?.dialogue ?? changing, release, 'note', []).step,
  ).toEqual({ at: 'review' })
  const parent = act(done, release, { do: 'change', key: 'env' })?.dialogue ?? done
  expect(
    afterCheck(act(parent, release, { do: 'choose', value: 'production' })?.dialogue ?? parent, release, 'env', [])
      .step,
  ).toEqual({ at: 'field', key: 'hosts' })
})
test('several are ticked one by one and taken together', () => {
  const release = form(field('hosts', { widget: 'searches' }))
  let dialogue = start(release)
  for (const host of ['web-1', 'web-2', 'web-1'])
    dialogue = act(dialogue, release, { do: 'toggle', value: host })?.dialogue ?? dialogue
  expect(act(dialogue, release, { do: 'done' })?.dialogue.session.answers).toEqual({ hosts: ['web-2'] })
})
test.each([
  [field('env', { widget: 'choice' }), 'PRODUCTION', { value: 'production' }],
  [field('env', { widget: 'choice' }), 'prod', { value: 'production' }],
  [field('env', { widget: 'choice' }), 'st', 'notOne'],
  [field('ok', { widget: 'yesno' }), 'yes', { value: true }],
  [field('ok', { widget: 'yesno' }), '否', { value: false }],
  [field('ok', { widget: 'yesno' }), 'maybe', 'notOne'],
  [field('hosts', { widget: 'choices' }), 'staging, production', { value: ['staging', 'production'] }],
  [field('hosts', { widget: 'choices' }), '@web', { value: ['@web'] }],
  [field('hosts', { widget: 'searches' }), 'sta', 'search'],
  [field('who', { widget: 'search' }), 'nobody', 'search'],
  [field('names', { widget: 'list' }), 'a, b\nc', { value: ['a', 'b', 'c'] }],
  [field('note', { widget: 'lines' }), ' $(rm -rf ~); \'"\n two ', { value: ' $(rm -rf ~); \'"\n two ' }],
  [field('n', { widget: 'integer' }), ' 12 ', { value: '12' }],
])('typed words become the field’s value (%#)', (asked, text, value) => {
  const options = [option('staging'), option('stage-2'), option('production')]
  expect(typed(asked, options, text, words)).toEqual(value)
})
