import { describe, expect, test } from 'vitest'
import { EngineError } from '../engine/index.ts'
import { causeText, headline, languageOf, refusalText, truthText, whenText } from './texts.ts'
import { whyText } from './why.ts'

const at = Date.UTC(2026, 10, 21, 6, 14)
const truth = { what: 'retried', by: 'Li Wei', at, now: 'running', attempt: 2 }

test('the reader’s choice of language comes first, then what the browser says', () => {
  expect([
    languageOf('zh-CN', 'en'),
    languageOf(null, 'fr;q=1, zh-CN;q=0.8, en'),
    languageOf(null, 'fr'),
    languageOf('en', 'zh'),
  ]).toEqual(['zh', 'zh', 'en', 'en'])
})
test('somebody who pressed too late is told who was first, in their words and zone', () => {
  const told = (language: 'en' | 'zh') => truthText(truth, language, 'Asia/Shanghai', at)
  expect(told('en')).toBe('Retried by Li Wei at 14:14, running now')
  expect(told('zh')).toBe('Li Wei 14:14 已重试，正在运行')
})
test('a time of today is its hour, another day has its date, as the reader writes it', () => {
  expect(whenText(at, 'zh', 'UTC', at + 1000)).toBe('06:14')
  const later = at + 48 * 3_600_000
  expect([whenText(at, 'en', 'UTC', later), whenText(at, 'zh', 'UTC', later)]).toEqual([
    '21 Nov 06:14',
    '11月21日 06:14',
  ])
  expect(whenText(at, 'en', 'Not/AZone', at)).toMatch(/^\d\d:\d\d$/)
})
describe('what failed', () => {
  const error = { cause: 'error' as const, code: 'EXIT_3', message: 'web-2: Disk full on /srv (exit code 3)' }
  test('names the host once: in the headline, not again in the cause, not again when the title has it', () => {
    expect(headline('Deploy', error, ['web-2'], 'en')).toBe('Deploy failed on web-2')
    expect(headline('Deploy', error, ['web-2'], 'zh')).toBe('web-2 上 Deploy 失败')
    expect(headline('Deploy on web-2', error, ['web-2'], 'en')).toBe('Deploy on web-2 failed')
    expect(causeText(error, ['web-2'], 'en')).toBe('Disk full on /srv (exit code 3)')
  })
  test('a lost attempt says that nobody can tell', () => {
    expect(causeText({ cause: 'lost', code: 'lost', message: 'x' }, [], 'en')).toBe(
      'We cannot tell whether it ran. Check first.',
    )
  })
})
test('a refusal says which right is missing and who can give it', () => {
  const error = new EngineError('FORBIDDEN', { right: 'manage-people', grantedBy: ['Ada', 'Li Wei'] })
  expect(refusalText(error, 'en')).toBe('You may not manage people. Ask Ada or Li Wei.')
  expect(refusalText(error, 'zh')).toBe('你不能管理人员。可以找 Ada、Li Wei。')
})
test.each([
  ['Operators only', '只有操作员可以'],
  ['Mai or an operator', 'Mai 或操作员'],
  ['Only Mai or operators', '只有 Mai 或操作员可以'],
  ['Quinn or Li Wei decides', '由 Quinn 或 Li Wei 决定'],
  ['You set Version, env: Ana or Li decides', 'Version、env 由你填写：由 Ana 或 Li 决定'],
  ['You started it: Ana decides', '任务由你发起：由 Ana 决定'],
  ['something new', 'something new'],
])('the engine’s reason “%s” in Chinese: %s', (why, says) => {
  expect(whyText(why, 'zh')).toBe(says)
})
