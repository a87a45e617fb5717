import { describe, expect, test } from 'vitest'
import { compileFlow, type CompiledFlow } from './compile.ts'
import { decodeDocument, type AppDocument, type FlowDocument } from './document/kinds.ts'
import type { Directory } from './env.ts'
import { checkAnswers, checkEdit, formOf, taskTitleOf } from './form.ts'
import type { Value } from './value.ts'

const hosts: Record<string, readonly string[]> = {
  '@web': ['web-1', 'web-2'],
  'web-1': ['web-1'],
  'web-2': ['web-2'],
  'build-1': ['build-1'],
}
const directory: Directory = {
  people: (ref) => (ref === 'Li Wei' || ref === 'p1' ? [{ id: 'p1', name: 'Li Wei' }] : []),
  title: (ref) => ref,
  constants: () => ({ STATUS_URL: 'http://127.0.0.1:8787', CHAT: true }),
  hosts: (ref) => hosts[ref] ?? [],
  allHosts: () => ['web-1', 'web-2', 'build-1'].map((name) => ({ name, labels: [] })),
}
const context = { directory }
const plugins = { find: () => undefined, codes: () => [] }

function flowWith(variables: Value): CompiledFlow {
  const decoded = decodeDocument({
    apiVersion: 'baton/v1',
    kind: 'Flow',
    metadata: { name: 'release-web', title: 'Release' },
    spec: { variables, nodes: { go: { use: 'set@1' } } },
  })
  expect(decoded.errors).toEqual([])
  return compileFlow(decoded.document as FlowDocument, plugins, 1, 'd')
}
function appWith(spec: { [key: string]: Value }): AppDocument {
  const decoded = decodeDocument({
    apiVersion: 'baton/v1',
    kind: 'App',
    metadata: { name: 'release' },
    spec: { flow: 'release-web', ...spec },
  })
  expect(decoded.errors).toEqual([])
  return decoded.document as AppDocument
}

const release = flowWith({
  version: { type: 'text', title: 'Version', required: true, pattern: '^v\\d+\\.\\d+\\.\\d+$' },
  env: { type: 'select', title: 'Environment', options: ['staging', 'production'], default: 'staging' },
  ticket: { type: 'text', title: 'Change ticket', required: true, showIf: "${env == 'production'}" },
  hosts: { type: 'hosts', title: 'Hosts', required: true, default: '@web' },
  token: { type: 'password', title: 'Token' },
  build: { type: 'text', show: false },
})

describe('a launch form', () => {
  test('asks what is declared, in order, and leaves out what nodes write', () => {
    expect(formOf(release, null, {}, context).map((field) => field.key)).toEqual([
      'version',
      'env',
      'ticket',
      'hosts',
      'token',
    ])
  })

  test('hides a field whose showIf does not hold, and shows it when it does', () => {
    const visible = (env: string) =>
      formOf(release, null, { env }, context).find((field) => field.key === 'ticket')?.visible
    expect([visible('staging'), visible('production')]).toEqual([false, true])
  })

  test('expands a host label into its hosts', () => {
    expect(formOf(release, null, {}, context).find((field) => field.key === 'hosts')?.value).toEqual(['web-1', 'web-2'])
  })

  test('never shows or prefills a secret', () => {
    const field = formOf(release, null, { token: 'hunter22' }, context).find((found) => found.key === 'token')
    expect(field).toMatchObject({ secret: true, value: null, inChat: false })
  })

  test('follows the app: a fixed field is read only, a hidden one is not asked, a default is preset', () => {
    const app = appWith({
      form: { hosts: { fixed: 'web-1' }, token: { hide: true }, env: { default: 'production', title: 'Where to' } },
    })
    const fields = formOf(release, app, {}, context)
    expect(fields.find((field) => field.key === 'hosts')).toMatchObject({
      fixed: true,
      readOnly: true,
      value: ['web-1'],
    })
    expect(fields.find((field) => field.key === 'token')).toBeUndefined()
    expect(fields.find((field) => field.key === 'env')).toMatchObject({ value: 'production', title: 'Where to' })
  })
})

describe('checking answers', () => {
  test('gives every variable a value at launch, but for those that only nodes write', () => {
    const { values, errors } = checkAnswers(release, null, { version: 'v2.14.0' }, context)
    expect(errors).toEqual([])
    expect(values).toEqual({ version: 'v2.14.0', env: 'staging', ticket: null, hosts: ['web-1', 'web-2'], token: null })
  })

  test('reports a value that is deeper than any stack on its field, though it is no question of this form', () => {
    let deep: Value = 1
    for (let i = 0; i < 20_000; i++) deep = { a: deep }
    const fixed = appWith({ form: { ticket: { fixed: 'OPS-1' } } })
    const { errors } = checkAnswers(
      release,
      fixed,
      { version: 'v1.0.0', hosts: deep, ticket: deep, other: deep },
      context,
    )
    expect(errors.map(({ field }) => field).sort()).toEqual(['hosts', 'other', 'ticket'])
    expect(errors.map(({ message }) => message)).toContain('Hosts: has more than 64 levels')
  })

  test('reports everything that is wrong at once, each on its field', () => {
    const { errors } = checkAnswers(release, null, { version: '2.14', env: 'prod', hosts: ['web-9'] }, context)
    expect(errors.map((error) => [error.field, error.message, error.fix])).toEqual([
      ['version', '“2.14” is not a version. Use v2.14.0', 'v2.14.0'],
      ['env', '“prod” is not an environment. Choose staging or production', 'production'],
      ['hosts', 'There is no host “web-9”. Use web-1', 'web-1'],
    ])
  })

  test('asks for a hidden field only when it is shown', () => {
    expect(checkAnswers(release, null, { version: 'v1.0.0' }, context).errors).toEqual([])
    expect(checkAnswers(release, null, { version: 'v1.0.0', env: 'production' }, context).errors).toEqual([
      { field: 'ticket', code: 'required', message: 'Enter a change ticket' },
    ])
  })

  test('hands secrets over apart and leaves a reference', () => {
    const { values, secrets } = checkAnswers(release, null, { version: 'v1.0.0', token: 'hunter22' }, context)
    expect(values['token']).toEqual({ $secret: 'task:token' })
    expect(secrets).toEqual({ token: 'hunter22' })
  })

  test('an emptied required field does not fall back to its default', () => {
    expect(checkAnswers(release, null, { version: 'v1.0.0', hosts: [] }, context).errors).toEqual([
      { field: 'hosts', code: 'required', message: 'Choose at least one host' },
    ])
  })

  test.each([
    ['a fixed variable', { hosts: ['web-2'] }, 'fixed'],
    ['a variable that nodes write', { build: 'x' }, 'fixed'],
    ['a variable that does not exist', { versoin: 'v1.0.0' }, 'unknown_field'],
  ])('%s cannot be set, whichever door it comes through', (_what, answers, code) => {
    const app = appWith({ form: { hosts: { fixed: 'web-1' } } })
    const { errors, values } = checkAnswers(release, app, { version: 'v1.0.0', ...answers }, context)
    expect(errors.map((error) => error.code)).toEqual([code])
    expect(values['hosts']).toEqual(['web-1'])
  })

  test('sending a fixed value back unchanged is no attempt to set it', () => {
    const app = appWith({ form: { env: { fixed: 'staging' } } })
    expect(checkAnswers(release, app, { version: 'v1.0.0', env: 'staging' }, context).errors).toEqual([])
  })
})

describe('editing the variables of a live task', () => {
  const current = { version: 'v1.0.0', env: 'staging', hosts: ['web-1'], build: 'b1' }

  test('checks only what changes', () => {
    expect(checkEdit(release, null, current, { version: 'v1.0.1' }, context)).toEqual({
      values: { version: 'v1.0.1' },
      secrets: {},
      errors: [],
    })
    expect(checkEdit(release, null, current, { version: '1' }, context).errors[0]).toMatchObject({
      field: 'version',
      fix: 'v1.0.0',
    })
  })

  test('lets an operator mend what a node wrote, but nobody change what the app fixes', () => {
    const app = appWith({ form: { env: { fixed: 'staging' } } })
    expect(checkEdit(release, app, current, { build: 'b2' }, context).errors[0]?.code).toBe('fixed')
    expect(checkEdit(release, app, current, { build: 'b2' }, { ...context, operator: true }).values).toEqual({
      build: 'b2',
    })
    expect(
      checkEdit(release, app, current, { env: 'production' }, { ...context, operator: true }).errors[0]?.code,
    ).toBe('fixed')
  })
})

describe('a task title', () => {
  test('is filled in from the values, on one line', () => {
    const app = appWith({ taskTitle: 'Release ${version} to ${env}' })
    expect(taskTitleOf(release, app, { version: 'v1.0.0', env: 'production\n' })).toBe('Release v1.0.0 to production')
  })

  test('falls back to the app when a value is missing or secret', () => {
    expect(taskTitleOf(release, appWith({ taskTitle: 'Release ${build}' }), {})).toBe('release')
    expect(taskTitleOf(release, appWith({ taskTitle: 'Release ${token}' }), { token: { $secret: 'task:token' } })).toBe(
      'release',
    )
  })
})
