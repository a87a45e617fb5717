import { describe, expect, test } from 'vitest'
import type { Directory } from '../env.ts'
import type { Variable, VariableType } from '../flow.ts'
import type { Value } from '../value.ts'
import { checkValue, type CheckContext } from './check.ts'

const hosts: Record<string, readonly string[]> = { '@web': ['web-1', 'web-2'], 'web-1': ['web-1'], 'web-2': ['web-2'] }
const people = [
  { id: 'p1', name: 'Li Wei' },
  { id: 'p2', name: 'Anna' },
  { id: 'p3', name: 'Anna' },
]
const directory: Directory = {
  people: (ref) =>
    ref === 'role:qa' ? people.slice(0, 2) : people.filter((person) => person.id === ref || person.name === ref),
  title: (ref) => ref,
  constants: () => ({}),
  hosts: (ref) => hosts[ref] ?? [],
  allHosts: () => [
    { name: 'web-1', labels: ['web'] },
    { name: 'web-2', labels: ['web'] },
  ],
}
const variable = (type: VariableType, more: Partial<Variable> = {}): Variable => ({
  key: 'v',
  type,
  title: 'Version',
  required: false,
  show: true,
  readOnly: false,
  secret: type === 'password',
  onCard: false,
  ...more,
})
const check = (declared: Variable, value: Value, context: CheckContext = { directory }) =>
  checkValue(declared, value, context)
const options = [
  { value: 'staging', title: 'Staging' },
  { value: 'production', title: 'Production' },
  { value: 3, title: 'Three' },
]

describe('a value that fits', () => {
  test.each<[VariableType, Value, Value, Partial<Variable>?]>([
    ['text', 'x', 'x'],
    ['text', 'line\n', 'line'],
    ['text', 5, '5'],
    ['text', '$(rm -rf ~); \'"\nx', '$(rm -rf ~); \'"\nx'],
    ['textarea', 'a\nb\n', 'a\nb\n'],
    ['text', '   ', null],
    ['integer', '42', 42],
    ['integer', -7, -7],
    ['number', '2.5', 2.5],
    ['number', ' 1e3 ', 1000],
    ['boolean', 'yes', true],
    ['boolean', '否', false],
    ['boolean', false, false],
    ['select', 'staging', 'staging', { options }],
    ['select', 'Production', 'production', { options }],
    ['radio', '3', 3, { options }],
    ['multiselect', 'staging, Production', ['staging', 'production'], { options }],
    ['multiselect', ['staging', 'staging'], ['staging'], { options }],
    ['date', '2026-02-28', '2026-02-28'],
    ['time', '07:30', '07:30'],
    ['datetime', '2026-11-21T14:00+08:00', '2026-11-21T06:00:00.000Z'],
    ['datetime', '2026-11-21 14:00Z', '2026-11-21T14:00:00.000Z'],
    ['duration', '90m', '1h30m'],
    ['person', 'Li Wei', 'Li Wei'],
    ['person', 'p1', 'Li Wei'],
    ['person', 'p2', 'p2'],
    ['people', 'Li Wei, p2', ['Li Wei', 'p2']],
    ['people', ['role:qa'], ['Li Wei', 'Anna']],
    ['host', 'web-1', 'web-1'],
    ['hosts', '@web', ['web-1', 'web-2']],
    ['hosts', 'web-2,web-1', ['web-2', 'web-1']],
    ['hosts', ['@web', 'web-1'], ['web-1', 'web-2']],
    ['list', 'a, b', ['a', 'b']],
    ['list', '[1, 2]', [1, 2]],
    ['table', [{ a: 1 }], [{ a: 1 }]],
    ['json', '{"a": [1]}', { a: [1] }],
    ['json', { a: null }, { a: null }],
    ['password', 'hunter22', 'hunter22'],
    ['password', ' six666 ', ' six666 '],
  ])('%s takes %j as %j', (type, given, kept, more) => {
    expect(check(variable(type, more), given)).toEqual({ value: kept, error: null })
  })

  test('a datetime without a zone is in the zone of the person who typed it, summer time included', () => {
    const at = (text: string, timeZone: string) => check(variable('datetime'), text, { timeZone }).value
    expect(at('2026-11-21T14:00', 'Asia/Shanghai')).toBe('2026-11-21T06:00:00.000Z')
    expect(at('2026-07-01T14:00', 'Europe/Berlin')).toBe('2026-07-01T12:00:00.000Z')
    expect(at('2026-12-01T14:00', 'Europe/Berlin')).toBe('2026-12-01T13:00:00.000Z')
  })
})

describe('a value that does not fit says what would', () => {
  test.each<[VariableType, Partial<Variable>, Value, string, string?]>([
    ['text', { required: true }, '', 'Enter a version'],
    ['text', { pattern: '^v\\d+\\.\\d+\\.\\d+$' }, '2.14', '“2.14” is not a version. Use v2.14.0', 'v2.14.0'],
    ['text', { pattern: '^v\\d+\\.\\d+\\.\\d+$' }, 'V2.14.1', '“V2.14.1” is not a version. Use v2.14.1', 'v2.14.1'],
    ['text', { pattern: '^[a-z]+$', title: 'Login' }, 'Lin', '“Lin” is not a login. Use lin', 'lin'],
    ['text', { pattern: '^x$', help: 'Only x will do.' }, 'qq', '“qq” is not a version. Only x will do.'],
    ['text', { pattern: '^x$' }, 'qq', '“qq” is not a version. It must match ^x$'],
    ['text', { maxLength: 3 }, 'abcd', 'Version may have up to 3 characters'],
    ['text', { minLength: 3 }, 'ab', 'Version needs at least 3 characters'],
    ['text', {}, { a: 1 }, 'Version is a text'],
    ['text', {}, 'a\0b', 'Version: contains a character that no program can take (NUL)'],
    ['integer', {}, '2.5', '2.5 is not a whole number', '3'],
    ['integer', {}, 'many', '“many” is not a number'],
    ['integer', {}, 1e300, 'version has too many digits'],
    ['integer', { min: 1, title: 'Seats' }, 0, 'Seats is at least 1', '1'],
    ['number', { max: 50, title: 'Seats' }, 51, 'Seats is at most 50', '50'],
    ['number', { step: 0.1, title: 'Share' }, 0.25, 'Share goes in steps of 0.1', '0.3'],
    ['boolean', {}, 'maybe', '“maybe” is neither yes nor no'],
    [
      'select',
      { options, title: 'Environment' },
      'prodution',
      '“prodution” is not an environment. Choose Staging, Production or Three',
      'production',
    ],
    ['select', { options, required: true, title: 'Environment' }, null, 'Choose an environment'],
    ['multiselect', { options, required: true, title: 'Parts' }, [], 'Choose at least one entry for parts'],
    ['date', {}, '2026-02-30', '“2026-02-30” is not a date. Write 2026-11-21'],
    ['time', {}, '25:00', '“25:00” is not a time. Write 14:00'],
    ['datetime', {}, '2026-11-21T14:00', '“2026-11-21T14:00” needs a time zone. Write 2026-11-21T14:00+08:00'],
    ['duration', {}, '5 apples', '“5 apples” is not a duration. Write 30s, 5m or 1h30m'],
    ['hosts', { required: true }, '', 'Choose at least one host'],
    ['hosts', {}, 'web-9', 'There is no host “web-9”. Use web-1', 'web-1'],
    ['hosts', {}, '@db', 'No host has the label “@db”'],
    ['host', {}, '@web', '“@web” stands for several hosts. Choose one'],
    ['person', {}, 'Bob', 'There is no person “Bob”'],
    ['person', {}, 'Anna', '“Anna” are 2 people. Choose one'],
    ['people', { required: true }, [], 'Choose at least one person'],
    ['table', {}, [1], 'Version is a table: a list of rows like {"name": "…"}'],
    ['json', {}, '{', '“{” is not JSON'],
    ['json', {}, { a: { $secret: 'prod.root' } }, 'Version: may not have a key “$secret”'],
    ['password', {}, 'abc', 'Version needs at least 6 characters'],
    [
      'text',
      { pattern: '(?=x)' },
      'y',
      'Version cannot be checked: its pattern is broken (look-ahead and look-behind are not supported (RE2 syntax)). Tell the author',
    ],
  ])('%s %j refuses %j: %s', (type, more, given, message, fix) => {
    expect(check(variable(type, more), given).error).toMatchObject({
      field: 'v',
      message,
      ...(fix !== undefined && { fix }),
    })
  })

  test('a secret is never repeated in a message, whatever its type', () => {
    for (const declared of [
      variable('password', { pattern: '^\\d+$' }),
      variable('text', { secret: true, pattern: '^\\d+$' }),
      variable('integer', { secret: true }),
    ])
      expect(JSON.stringify(check(declared, 'hunter22'))).not.toMatch(
        declared.type === 'integer' ? /“hunter22”/ : /hunter22/,
      )
  })
})
