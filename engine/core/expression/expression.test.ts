import { describe, expect, test } from 'vitest'
import type { Variable } from '../flow.ts'
import type { Value, Values } from '../value.ts'
import { createLanguage, ExpressionError } from './expression.ts'

const variable = (key: string, type: Variable['type'], more: Partial<Variable> = {}): Variable => ({
  key,
  type,
  title: key,
  required: true,
  show: true,
  readOnly: false,
  secret: type === 'password',
  onCard: false,
  ...more,
})
const language = createLanguage([
  variable('count', 'integer'),
  variable('ratio', 'number'),
  variable('env', 'text'),
  variable('hosts', 'hosts'),
  variable('note', 'text', { required: false }),
  variable('token', 'password'),
])
const values: Values = {
  count: 5,
  ratio: 2.5,
  env: 'production',
  hosts: ['web-1', 'web-2'],
  note: null,
  build: {
    outputs: {
      exitCode: 0,
      stdout: 'ok\nfine\n',
      items: [
        { index: 0, host: 'a' },
        { index: 1, host: 'b' },
      ],
      text: '{"a":[1]}',
    },
    status: 'succeeded',
    attempts: 2,
  },
  token: { $secret: 'task:token' },
}
const scope = (name: string): Value | undefined => values[name]
const run = (source: string): Value => language.expression(source).evaluate(scope)

describe('an expression', () => {
  test.each<[string, Value]>([
    ['env', 'production'],
    [' build.outputs.exitCode ', 0],
    ["env == 'production' && count > 3", true],
    ['count + 1', 6],
    ['count / 2', 2],
    ['ratio * 2', 5],
    ['count + ratio', 7.5],
    ['build.attempts % 2 == 0', true],
    ['build.attempts / 4', 0.5],
    ['hosts.size()', 2],
    ['hosts[build.attempts - 1]', 'web-2'],
    ['hosts[0]', 'web-1'],
    ["hosts.join(', ')", 'web-1, web-2'],
    ["'web-1' in hosts", true],
    ['hosts.map(h, h.upperAscii())', ['WEB-1', 'WEB-2']],
    ['build.outputs.items.filter(i, i.index > 0).map(i, i.host)', ['b']],
    ['build.outputs.stdout.lines()', ['ok', 'fine']],
    ['build.outputs.text.parseJson().a[0] + 1', 2],
    ["env.replace('prod', 'p')", 'puction'],
    ["' x '.trim() + env.substring(0, 4)", 'xprod'],
    ["'a,b'.split(',')", ['a', 'b']],
    ["env.matches('^prod')", true],
    ['has(build.outputs.missing)', false],
    ["build.outputs.?missing.orValue('none')", 'none'],
    ["note == null ? 'empty' : note", 'empty'],
    ['env == null', false],
    ["{'a': count, 'b': [1, 2.5, 'x']}", { a: 5, b: [1, 2.5, 'x'] }],
    ['[1, 2, 3].exists(n, n > 2)', true],
    ["'é & ü/'.urlEncode()", '%C3%A9%20%26%20%C3%BC%2F'],
    ["duration('90s')", '90s'],
  ])('%s gives %j', (source, expected) => {
    const found = language.expression(source)
    expect(found.problem).toBeNull()
    expect(found.evaluate(scope)).toEqual(expected)
  })

  test('comes back as plain JSON, whatever is inside', () => {
    expect(() => JSON.stringify(run("{'n': count, 'm': [count, {'x': count}]}"))).not.toThrow()
  })

  test.each([
    ['count +', /unexpected token/i],
    ["count + 'x'", /no such overload/],
    ['env.nothing()', /nothing/],
    ['build?.outputs', /write a\.\?b\.orValue/],
  ])('%s is found out before it runs', (source, problem) => {
    expect(language.expression(source).problem).toMatch(problem)
    expect(() => run(source)).toThrow(ExpressionError)
  })

  test.each([
    ['missing', '${missing}: missing has no value yet'],
    ['build.outputs.nope', '${build.outputs.nope}: step “build” has given no “nope”'],
    ['env.length', '${env.length}: env is a text and has no “length”'],
    ['hosts.length', '${hosts.length}: hosts is a list and has no “length”'],
    ['missing + 1', '${missing + 1}: missing has no value yet'],
    ['ratio / 0', '${ratio / 0}: expected a number, but the result has none (a division by zero?)'],
    ['count / 0', '${count / 0}: division by zero'],
    ["'x'.parseJson()", "${'x'.parseJson()}: expected JSON, but got “x”"],
    [
      "env.matches('(?=x)')",
      "${env.matches('(?=x)')}: “(?=x)” is no pattern: look-ahead and look-behind are not supported (RE2 syntax)",
    ],
  ])('%s fails with its own words in the message', (source, message) => {
    expect(() => run(source)).toThrow(message)
  })

  test.each([
    'constructor',
    '__proto__',
    'build.constructor',
    'env.constructor',
    'build.outputs.__proto__',
    'hosts.map',
    'toString',
  ])('%s reaches nothing of the host language', (source) => {
    expect(() =>
      language.expression(source).evaluate((name) => (Object.hasOwn(values, name) ? values[name] : undefined)),
    ).toThrow(ExpressionError)
  })

  test('a secret cannot be looked at, only handed on', () => {
    expect(() => run("token == 'x'")).toThrow('token is secret')
    expect(() => run('[token]')).toThrow('token is secret')
  })
})

describe('what an expression may cost', () => {
  const big = (source: string) =>
    createLanguage([])
      .expression(source)
      .evaluate((name) => (name === 'xs' ? Array.from({ length: 2000 }, (_, i) => i) : undefined))

  test('nested loops over a long list are given up', () => {
    const started = performance.now()
    expect(() => big('xs.all(a, xs.all(b, xs.all(c, a + b + c >= 0)))')).toThrow('it takes too long')
    expect(performance.now() - started).toBeLessThan(2000)
  })
  test('giving up is not mistaken for an answer', () => {
    expect(() => big('xs.exists(a, xs.exists(b, xs.exists(c, a + b + c < 0))) || true == false')).toThrow(
      'it takes too long',
    )
  })
  test('a text that doubles and doubles is given up', () => {
    const doubling = Array.from({ length: 40 }, () => 0).reduce<string>(
      (inner, _, i) => `cel.bind(v${i}, ${i === 0 ? "'xxxxxxxx'" : `v${i - 1} + v${i - 1}`}, ${inner})`,
      'v0',
    )
    expect(() => big(doubling)).toThrow()
    expect(() =>
      big(
        `cel.bind(a, xs.map(x, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx').join('y'), cel.bind(b, a + a + a + a, b + b + b + b))`,
      ),
    ).toThrow(/characters|too long/)
  })
  test('a list that doubles and doubles is given up', () => {
    expect(() => big('cel.bind(a, xs + xs + xs + xs, cel.bind(b, a + a + a + a, b + b + b + b))')).toThrow(
      /entries|too long/,
    )
  })
  test('replacing does not build what it will refuse', () => {
    expect(() => big("cel.bind(a, xs.map(x, 'a').join(''), a.replace('a', a).replace('a', a))")).toThrow('characters')
  })
  test('a hostile pattern takes no longer than an honest one', () => {
    const text = `${'a'.repeat(20_000)}!`
    const started = performance.now()
    expect(
      createLanguage([])
        .expression("s.matches('^(a+)+$')")
        .evaluate(() => text),
    ).toBe(false)
    expect(performance.now() - started).toBeLessThan(1500)
  })
  test('an expression without end is refused when it is read', () => {
    expect(createLanguage([]).expression('('.repeat(500) + '1' + ')'.repeat(500)).problem).not.toBeNull()
    expect(createLanguage([]).expression(Array.from({ length: 5000 }, () => '1').join('+')).problem).not.toBeNull()
  })
})

describe('what an expression reads', () => {
  const reads = (source: string) =>
    language.expression(source).reads.map((read) => (read.guarded ? '?' : '') + read.path.join('.'))
  test.each([
    ['build.outputs.exitCode', ['build.outputs.exitCode']],
    ["env == 'x' && build.outputs.items[0].host == env", ['env', 'build.outputs.items', 'env']],
    ['has(build.outputs.x) ? build.outputs.x : 1', ['?build.outputs.x', 'build.outputs.x']],
    ['build.outputs.?x.orValue(0)', ['?build.outputs.x']],
    ['hosts.map(h, h + env)', ['hosts', 'env']],
    ['cel.bind(x, count, x + 1)', ['count']],
    ["build['outputs'].x", ['build.outputs.x']],
    ["{'a': env}.a", ['env']],
    ['type(count) == int', ['count']],
  ])('%s reads %j', (source, expected) => {
    expect(reads(source)).toEqual(expected)
  })
})

test('a bare name costs less than a microsecond', () => {
  const expression = language.expression('build.outputs.exitCode')
  const times = 200_000
  const rounds = Array.from({ length: 5 }, () => {
    const started = performance.now()
    for (let i = 0; i < times; i++) expression.evaluate(scope)
    return ((performance.now() - started) / times) * 1000
  })
  expect(Math.min(...rounds)).toBeLessThan(1)
})
