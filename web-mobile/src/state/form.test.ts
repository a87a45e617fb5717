import { expect, test, vi } from 'vitest'
import { ClientError, type Client } from '../../../api/client/index.ts'
import type { Field } from '../api/fragments.ts'
import { formQuery, launchMutation, optionsQuery, previewQuery } from '../api/apps.ts'
import { FormState } from './form.svelte.ts'

const field = (key: string, more: Partial<Field> = {}): Field => ({
  key,
  type: 'text',
  title: key,
  help: null,
  group: null,
  required: true,
  readOnly: false,
  secret: false,
  visible: true,
  reachable: true,
  fixed: false,
  value: null,
  options: null,
  optionsFrom: false,
  dependsOn: [],
  pattern: null,
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  step: null,
  rows: null,
  shortcuts: [],
  ...more,
})
type Answers = Record<string, unknown>
interface Server {
  fields: (answers: Answers) => Field[]
  preview?: (variables: Answers) => { errors: object[] }
  options?: () => object
  launch?: (input: Answers) => object
}
function open(server: Server, prefilled: Answers = {}, session = new Map<string, string>()) {
  const launched: Answers[] = []
  const query = async (document: unknown, variables: Answers): Promise<unknown> => {
    const answers = (variables['answers'] ??
      (variables['input'] as Answers | undefined)?.['variables'] ??
      {}) as Answers
    if (document === formQuery)
      return {
        app: { name: 'release', title: 'Release', form: { fields: server.fields(answers) }, availableActions: [] },
      }
    if (document === previewQuery) return { preview: { title: 'Release', errors: [], ...server.preview?.(answers) } }
    if (document === optionsQuery) return { formOptions: server.options?.() }
    if (document === launchMutation) {
      launched.push(variables['input'] as Answers)
      return { launch: server.launch?.(variables['input'] as Answers) ?? { number: 7 } }
    }
    throw new Error('unexpected document')
  }
  const form = new FormState({
    client: () => ({ query }) as unknown as Client,
    app: 'release',
    session: {
      getItem: (key) => session.get(key) ?? null,
      setItem: (key, value) => void session.set(key, value),
      removeItem: (key) => void session.delete(key),
    },
    prefilled,
    settleMs: 0,
  })
  return { form, launched, session }
}
const wrongVersion = {
  errors: [{ field: 'version', code: 'PATTERN', message: '“2.14” is not a version.', fix: 'v2.14.0' }],
}

test('what is visible follows the answers, as the server says', async () => {
  const { form } = open({
    fields: (answers) => [field('env'), field('note', { visible: answers['env'] === 'production' })],
  })
  await form.open()
  expect(form.shown.map(({ key }) => key)).toEqual(['env'])
  form.set(form.shown[0]!, 'production')
  await vi.waitFor(() => expect(form.shown.map(({ key }) => key)).toEqual(['env', 'note']))
})
test('fields that the chosen way does not reach are apart', async () => {
  const { form } = open({ fields: () => [field('version'), field('smoke', { reachable: false })] })
  await form.open()
  expect([form.shown.length, form.unused.length]).toEqual([1, 1])
})
test('an error shows once its field was left, with the value that would be right; Review shows all', async () => {
  const { form } = open({
    fields: () => [field('version'), field('env')],
    preview: () => ({
      errors: [...wrongVersion.errors, { field: 'env', code: 'REQUIRED', message: 'Choose one', fix: null }],
    }),
  })
  await form.open()
  const [version, env] = form.shown as [Field, Field]
  await form.leave(version)
  expect([form.errorOf(version)?.fix, form.errorOf(env)]).toEqual(['v2.14.0', null])
  expect(await form.review()).toBe(false)
  expect(form.wrong).toHaveLength(2)
  expect(form.preview).toBeNull()
})
test('typing takes the error away until the field is left again', async () => {
  const { form } = open({ fields: () => [field('version')], preview: () => wrongVersion })
  await form.open()
  await form.leave(form.shown[0]!)
  form.set(form.shown[0]!, 'v2')
  expect(form.errorOf(form.shown[0]!)).toBeNull()
})
test('each opening has its key, and a second tap on Launch sends nothing more', async () => {
  const first = open({ fields: () => [field('version')] }, { version: 'v1' })
  const second = open({ fields: () => [] })
  await first.form.open()
  expect(await Promise.all([first.form.launch(), first.form.launch()])).toEqual([7, null])
  expect(first.launched).toHaveLength(1)
  expect(first.launched[0]).toMatchObject({ variables: { version: 'v1' }, key: first.form.key })
  expect(first.form.key).not.toBe(second.form.key)
})
test('a refusal by field lands on the field; any other stands by the button', async () => {
  const byField = open({
    fields: () => [field('version')],
    launch: () => {
      throw new ClientError('INVALID_INPUT', 'no', { fields: wrongVersion.errors })
    },
  })
  await byField.form.open()
  expect(await byField.form.launch()).toBeNull()
  expect([byField.form.errors[0]?.field, byField.form.trouble]).toEqual(['version', null])
  const busy = open({
    fields: () => [],
    launch: () => {
      throw new ClientError('FROZEN', 'Frozen until Monday')
    },
  })
  await busy.form.open()
  await busy.form.launch()
  expect(busy.form.trouble?.message).toBe('Frozen until Monday')
})
test('the reason to pass a freeze goes with the launch, and never with a rehearsal', async () => {
  const { form, launched } = open({ fields: () => [] })
  await form.open()
  form.overrideFreeze = '  '
  await form.launch()
  form.overrideFreeze = 'the shop is down'
  await form.launch(true)
  await form.launch()
  expect(launched.map((input) => (input as { overrideFreeze?: string }).overrideFreeze)).toEqual([
    undefined,
    undefined,
    'the shop is down',
  ])
})
test('fixed values are shown and never sent', async () => {
  const { form, launched } = open(
    { fields: () => [field('hosts', { fixed: true, value: '@web' }), field('version')] },
    { hosts: '@all', version: 'v1' },
  )
  await form.open()
  expect(form.valueOf(form.shown[0]!)).toBe('@web')
  await form.launch()
  expect(launched[0]?.['variables']).toEqual({ version: 'v1' })
})
test('a child waits for its parent', async () => {
  const options = vi.fn(() => ({ options: [], asOf: null, stale: false }))
  const { form } = open({
    fields: (answers) => [
      field('env', { value: answers['env'] ?? null }),
      field('region', { optionsFrom: true, dependsOn: ['env'] }),
    ],
    options,
  })
  await form.open()
  expect(form.missingParent(form.shown[1]!)?.key).toBe('env')
  expect(options).not.toHaveBeenCalled()
  form.set(form.shown[0]!, 'production')
  await vi.waitFor(() => expect(options).toHaveBeenCalled())
})
test('a list that cannot be had again stays, and is marked old', async () => {
  let works = true
  const { form } = open({
    fields: () => [field('hosts', { type: 'hosts' })],
    options: () => {
      if (!works) throw new ClientError('NETWORK', '')
      return { options: [{ value: 'web-1', title: 'web-1' }], asOf: '2026-01-01T00:00:00Z', stale: false }
    },
  })
  await form.open()
  await vi.waitFor(() => expect(form.options['hosts']).toMatchObject({ stale: false }))
  works = false
  await form.loadOptions(form.shown[0]!)
  expect(form.options['hosts']).toMatchObject({ stale: true, options: [{ value: 'web-1' }] })
})
test('answers outlive signing in again, secrets do not', async () => {
  const fields = () => [field('version'), field('key', { type: 'password', secret: true })]
  const before = open({ fields })
  await before.form.open()
  before.form.set(before.form.shown[0]!, 'v2.14.0')
  before.form.set(before.form.shown[1]!, 'hunter2')
  expect([...before.session.values()].join()).not.toContain('hunter2')
  expect(open({ fields }, {}, before.session).form.answers).toEqual({ version: 'v2.14.0' })
})
