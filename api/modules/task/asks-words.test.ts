import { expect, test } from 'vitest'
import { asksText } from './asks-words.ts'

const each = [
  { of: 'QA', count: 1 },
  { of: 'Ops', count: 2 },
]
test.each([
  { of: ['QA'], need: 1, en: 'QA', zh: 'QA' },
  { of: ['QA', 'Ops', 'Mai'], need: 1, en: 'QA, Ops or Mai', zh: 'QA 或 Ops 或 Mai' },
  { of: ['QA', 'Ops'], need: each, en: '1 of QA and 2 of Ops', zh: 'QA 1 人、Ops 2 人' },
  { of: ['QA', 'Ops'], need: 2, en: 'any 2 of QA, Ops', zh: 'QA、Ops 中任意 2 人' },
  { of: ['QA'], need: 'all', en: 'all of QA', zh: 'QA 全部' },
  { of: ['QA'], need: '60%', en: '60% of QA', zh: 'QA 中的 60%' },
  { of: ['starter'], need: 1, en: 'whoever starts it', zh: '发起人' },
  { of: [], need: 1, en: 'decided when it is reached', zh: '到那一步时决定' },
])('$need of $of is “$en”, in Chinese “$zh”', ({ of, need, en, zh }) => {
  const asks = { of, need, notStarter: false }
  expect([asksText(asks, 'en'), asksText(asks, 'zh')]).toEqual([en, zh])
})
test('that whoever starts it is kept out is said behind it', () => {
  const asks = { of: ['QA'], need: 1, notStarter: true }
  expect([asksText(asks, 'en'), asksText(asks, 'zh')]).toEqual(['QA, not whoever starts it', 'QA，发起人除外'])
})
