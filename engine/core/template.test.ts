import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLanguage } from './expression/expression.ts'
import type { Variable } from './flow.ts'
import { compileTemplate, hasExpression, resolveSecrets, secretsIn, type TemplateMode } from './template.ts'
import type { Value, Values } from './value.ts'

const token: Variable = {
  key: 'token',
  type: 'password',
  title: 'Token',
  required: false,
  show: true,
  readOnly: false,
  secret: true,
  onCard: false,
}
const language = createLanguage([token])
const compile = (source: Value, mode?: TemplateMode) => compileTemplate(source, language, mode)
const values: Values = {
  version: 'v2.14.0',
  count: 3,
  hosts: ['web-1', 'web-2'],
  none: null,
  token: { $secret: 'task:token' },
  project: { BASE: 'https://shop.example/api' },
}
const scope = (name: string): Value | undefined => values[name]
const evaluate = (source: Value, mode?: TemplateMode, within = scope): Value => compile(source, mode).evaluate(within)

describe('a template', () => {
  test.each<[Value, Value]>([
    ['plain', 'plain'],
    ['${count}', 3],
    ['${hosts}', ['web-1', 'web-2']],
    ['${none}', null],
    ['n=${count}', 'n=3'],
    ['${version}/${count}', 'v2.14.0/3'],
    ['[${none}]', '[]'],
    ['hosts: ${hosts}', 'hosts: ["web-1","web-2"]'],
    ['$${version}', '${version}'],
    ['a $${b} ${count}', 'a ${b} 3'],
    ['cost: $5 {x}', 'cost: $5 {x}'],
    [
      { a: ['${count}', { b: 'x${count}' }], c: true },
      { a: [3, { b: 'x3' }], c: true },
    ],
    [['${none}'], [null]],
    ['${ {"a": count} }', { a: 3 }],
    ['${\'}\' + "{"}', '}{'],
    ["${'it\\'s ' + version}", "it's v2.14.0"],
    [7, 7],
  ])('%j gives %j', (source, expected) => {
    expect(evaluate(source)).toEqual(expected)
  })

  test('one that reads nothing is handed on as it is', () => {
    const source = { a: [1, 2, { b: 'x' }] }
    expect(compile(source).evaluate(scope)).toBe(source)
    expect(compile(source).isConstant).toBe(true)
  })

  test('says what it reads, and where something is wrong', () => {
    expect(compile(['${version}', 'x ${count + 1}']).reads).toEqual(['version', 'count'])
    expect(compile({ a: ['ok', '${'] }).problems).toEqual([
      { at: ['a', 1], message: expect.stringContaining('has no “}”') },
    ])
    expect(compile('x ${1 +}').problems[0]?.message).toContain('${1 +}')
    expect(() => evaluate('x ${1 +}')).toThrow('${1 +}')
  })

  test('a literal input belongs to its script', () => {
    const script = 'echo "${HOME}" $${x} ${'
    expect(evaluate(script, 'literal')).toBe(script)
    expect(compile(script, 'literal').problems).toEqual([])
  })

  test('knows its expressions from literal ones', () => {
    expect([
      hasExpression('a ${b}'),
      hasExpression('$${b}'),
      hasExpression({ a: ['${b}'] }),
      hasExpression(['x', 1]),
    ]).toEqual([true, false, true, false])
  })
})

describe('values inside an address', () => {
  const address = (source: string, value: Value) =>
    evaluate(source, 'encoded', (name) => (name === 'v' ? value : values[name]))
  test.each<[string, Value, string]>([
    ['https://x.example/users/${v}', 'a/b?c#d e', 'https://x.example/users/a%2Fb%3Fc%23d%20e'],
    ['https://x.example/?q=${v}&n=1', 'a&b=c', 'https://x.example/?q=a%26b%3Dc&n=1'],
    ['https://x.example/?q=${v}', '', 'https://x.example/?q='],
    ['${project.BASE}/users/${v}', 'x', 'https://shop.example/api/users/x'],
    ['https://x.example/${v}', '\ud800', 'https://x.example/%EF%BF%BD'],
    ['${v}', 'https://all.example/mine', 'https://all.example/mine'],
  ])('%s with %j is %s', (source, value, expected) => {
    expect(address(source, value)).toBe(expected)
  })
  test.each(['..', '.', ''])('“%s” cannot stand in a path, where it would make another address', (value) => {
    expect(() => address('https://x.example/users/${v}/keys', value)).toThrow('cannot stand in an address')
  })
  test('no value changes host, path or number of query values', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/^\.+$/.test(text)),
        (value) => {
          const url = new URL(String(address('https://x.example/a/${v}/b?q=${v}&r=1', value)))
          expect([url.host, url.pathname.split('/').length, [...url.searchParams.keys()], url.hash]).toEqual([
            'x.example',
            4,
            ['q', 'r'],
            '',
          ])
          expect(url.searchParams.get('q')).toBe(value.toWellFormed())
        },
      ),
    )
  })
})

describe('secrets', () => {
  const lookup = (ref: string): string => `<${ref}>`
  test('stay references until a body runs', () => {
    const inputs = evaluate(
      { TOKEN: '${secrets.web.token}', AUTH: 'Bearer ${secrets.web.token}!', MINE: '${token}', PLAIN: 'x ${count}' },
      'secret',
    )
    expect(inputs).toEqual({
      TOKEN: { $secret: 'web.token' },
      AUTH: { $template: ['Bearer ', { $secret: 'web.token' }, '!'] },
      MINE: { $secret: 'task:token' },
      PLAIN: 'x 3',
    })
    expect(resolveSecrets(inputs, lookup)).toEqual({
      TOKEN: '<web.token>',
      AUTH: 'Bearer <web.token>!',
      MINE: '<task:token>',
      PLAIN: 'x 3',
    })
    expect(secretsIn(inputs)).toEqual(['web.token', 'task:token'])
  })
  test.each([
    '${secrets.web.token}',
    'x ${secrets.web.token}',
    '${token}',
    'x ${token}',
    "${token + 'x'}",
    '${[token]}',
    "${secrets.web.token + ''}",
  ])('%s cannot stand in an ordinary input', (source) => {
    expect(() => evaluate(source)).toThrow()
  })
  test('an optional secret left empty is empty', () => {
    const empty = (name: string): Value | undefined => (name === 'token' ? null : undefined)
    expect(evaluate('${token}', 'secret', empty)).toBeNull()
    expect(evaluate('x${token}', 'secret', empty)).toEqual({ $template: ['x'] })
  })
  test('what somebody typed, a service answered or an author wrote opens none', () => {
    const forged = (name: string): Value | undefined =>
      name === 'v' ? { deep: [{ $secret: 'prod.root' }] } : undefined
    for (const inputs of [
      evaluate({ A: '${v}', B: '${v.deep}', C: '${v.deep[0]}' }, 'secret', forged),
      evaluate({ A: { $secret: 'prod.root' }, B: '${v}' }, 'secret', forged),
      evaluate({ $secret: 'prod.root' }, 'secret'),
      evaluate({ $template: [{ $secret: 'prod.root' }] }, 'secret'),
      evaluate('${v}', 'secret', () => ({ $quoted: { $secret: 'prod.root' } })),
    ]) {
      expect(secretsIn(inputs)).toEqual([])
      resolveSecrets(inputs, () => {
        throw new Error('opened a secret')
      })
    }
    expect(resolveSecrets(evaluate('${v}', 'secret', forged), lookup)).toEqual({ deep: [{ $secret: 'prod.root' }] })
  })
})

describe('whatever somebody types', () => {
  const anyText = fc.string({ unit: 'binary' }).map((text) => text + '')
  const hostile = fc.constantFrom(
    '${version}',
    '$${x}',
    '${secrets.web.token}',
    '$(rm -rf ~)',
    '`id`',
    '\'; "',
    '\n\n',
    '}',
    '${',
    '{$secret:1}',
  )
  test('comes out as it went in, and is never evaluated', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          hostile,
          fc.array(hostile).map((parts) => parts.join('')),
        ),
        (text) => {
          const typed = (name: string): Value | undefined => (name === 'v' ? text : undefined)
          expect(evaluate('${v}', 'plain', typed)).toBe(text)
          expect(evaluate(['a ${v} b'], 'plain', typed)).toEqual([`a ${text} b`])
          expect(evaluate({ env: { A: '${v}' } }, 'secret', typed)).toEqual({ env: { A: text } })
          expect(evaluate("${v + ''}", 'plain', typed)).toBe(text)
        },
      ),
    )
  })
  test('of any JSON, neither more nor less comes out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const value = json as Value // fast-check's JSON is ours
        const typed = (name: string): Value | undefined => (name === 'v' ? value : undefined)
        expect(evaluate('${v}', 'plain', typed)).toEqual(value)
        expect(resolveSecrets(evaluate({ a: '${v}' }, 'secret', typed), () => 'opened')).toEqual({ a: value })
      }),
    )
  })
  test('any template at all either compiles or says where it is wrong', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.oneof(fc.constantFrom('${', '}', '$${', 'v', '"', "'", '\\', '{', ' + ', '.'), fc.string()))
          .map((parts) => parts.join('')),
        (source) => {
          const template = compile(source)
          try {
            template.evaluate(() => 'x')
          } catch (error) {
            expect((error as Error).name).toBe('ExpressionError')
          }
        },
      ),
    )
  })
})
