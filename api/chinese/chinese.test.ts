import { describe, expect, test } from 'vitest'
import { checkValue, type Directory, type Value, type Variable } from '../../engine/index.ts'
import { failureInChinese } from './failures.ts'
import { conditionInChinese } from './conditions.ts'
import { fieldInChinese } from './fields.ts'
import { refusalInChinese } from './refusals.ts'
import { h, spaced } from './spacing.ts'

test.each([
  { text: h`在 ${'web-2'} 上`, reads: '在 web-2 上' },
  { text: h`${'Deploy'}失败`, reads: 'Deploy 失败' },
  { text: h`${'部署'}失败`, reads: '部署失败' },
  { text: h`第 ${2} 次`, reads: '第 2 次' },
  { text: h`等${'Lin'}`, reads: '等 Lin' },
  { text: spaced(['部署', '', '已完成']), reads: '部署已完成' },
  { text: spaced(['Unpack', '已开始']), reads: 'Unpack 已开始' },
])('one space where Han and Latin meet: $reads', ({ text, reads }) => expect(text).toBe(reads))

const variable = (more: object): Variable =>
  ({ key: 'v', title: 'Version', type: 'text', required: false, show: true, secret: false, ...more }) as Variable // the rest is not read here
const directory = {
  hosts: (ref: string) => (ref === '@web' ? ['web-1', 'web-2'] : ref === 'web-1' ? ['web-1'] : []),
  allHosts: () => [{ name: 'web-1', labels: [] }],
  people: (ref: string) =>
    ref === 'Twice'
      ? [
          { id: '1', name: 'Twice' },
          { id: '2', name: 'Twice' },
        ]
      : [],
} as unknown as Directory
const deep = (levels: number): Value => (levels === 0 ? 1 : [deep(levels - 1)])
const options = (count: number) => Array.from({ length: count }, (_, at) => ({ value: `v${at}`, title: `V${at}` }))

describe('whatever the core says of a value', () => {
  const required = ['text', 'select', 'hosts', 'people', 'multiselect', 'list', 'table', 'date', 'host', 'integer'].map(
    (type) => ({ more: { type, required: true }, given: null as Value }),
  )
  test.each([
    ...required,
    { more: { required: true, title: 'URL' }, given: '' },
    { more: {}, given: 'a\0b' },
    { more: {}, given: { a: 1 } },
    { more: { type: 'json' }, given: deep(200) },
    { more: { type: 'json' }, given: { $secret: 'x' } },
    { more: { type: 'json' }, given: 'x{' },
    { more: { type: 'integer' }, given: 'x' },
    { more: { type: 'integer' }, given: 1.5 },
    { more: { type: 'integer' }, given: 1e300 },
    { more: { type: 'number', min: 3 }, given: 1 },
    { more: { type: 'number', max: 3 }, given: 9 },
    { more: { type: 'number', step: 2 }, given: 3 },
    { more: { type: 'boolean' }, given: 'perhaps' },
    { more: { type: 'select', options: options(3) }, given: 'x' },
    { more: { type: 'select', options: options(9) }, given: 'x' },
    { more: { type: 'select', options: options(3) }, given: { a: 1 } },
    { more: { type: 'multiselect', options: options(3) }, given: 'x' },
    { more: { type: 'multiselect', minLength: 2 }, given: ['v1'] },
    { more: { type: 'multiselect', maxLength: 1 }, given: ['v1', 'v2'] },
    { more: { type: 'date' }, given: 'soon' },
    { more: { type: 'time' }, given: 'soon' },
    { more: { type: 'datetime' }, given: 'soon' },
    { more: { type: 'datetime' }, given: '2026-11-21T14:00' },
    { more: { type: 'duration' }, given: 'soon' },
    { more: { type: 'host' }, given: 'web-9' },
    { more: { type: 'host' }, given: '@web' },
    { more: { type: 'host' }, given: 3 },
    { more: { type: 'hosts' }, given: ['@none'] },
    { more: { type: 'hosts' }, given: 3 },
    { more: { type: 'person' }, given: 'Nemo' },
    { more: { type: 'person' }, given: 'Twice' },
    { more: { type: 'person' }, given: 3 },
    { more: { type: 'people' }, given: 3 },
    { more: { type: 'table' }, given: [1] },
    { more: { type: 'list' }, given: 3 },
    { more: { minLength: 9 }, given: 'x' },
    { more: { maxLength: 1 }, given: 'xxx' },
    { more: { pattern: '^v\\d+$' }, given: 'v' },
    { more: { pattern: '^v\\d+$' }, given: '2' },
    { more: { pattern: '^v\\d+$', help: 'Ask release.' }, given: '?' },
    { more: { pattern: '(' }, given: 'x' },
    { more: { type: 'password', secret: true }, given: 'abc' },
    { more: { type: 'password', secret: true, pattern: '^v$' }, given: 'abcdefg' },
  ])('is said in Chinese: $more $given', ({ more, given }) => {
    const { error } = checkValue(variable(more), given as Value, { directory })
    const said = error ? fieldInChinese(error.message) : 'no error'
    expect(said).toMatch(/\p{Script=Han}/u)
    expect(said).not.toMatch(/\b(is not|Choose|Enter|Use|at least|needs|may)\b/)
  })
  test('with the way out it offers', () => {
    expect(fieldInChinese('“2.14” is not a version. Use v2.14.0')).toBe('「2.14」不是 version，改用 v2.14.0')
    expect(fieldInChinese('“x” is not an environment. Choose staging or production')).toBe(
      '「x」不是 environment，选 staging 或 production',
    )
    expect(fieldInChinese('部署方式 is fixed by this app and cannot be changed')).toBe('部署方式由应用固定，不能修改')
  })
})

test.each([
  { said: 'Rejected by Owner', reads: 'Owner 已驳回' },
  { said: 'Rejected by Li Wei: wrong version', reads: 'Li Wei 已驳回：wrong version' },
  { said: '3 of 40 failed, first web-7: Rejected by Li', reads: '40 项中 3 项失败，第一项 web-7：Li 已驳回' },
  { said: '#1043 failed: Rejected by Li', reads: '#1043 失败：Li 已驳回' },
  { said: 'there is no calendar “moon”', reads: '没有日历「moon」' },
  { said: 'Disk full on /srv (exit code 3)', reads: 'Disk full on /srv（退出码 3）' },
  { said: 'the script ended with exit code 2', reads: '脚本以退出码 2 结束' },
  { said: 'Disk full on /srv', reads: 'Disk full on /srv' },
])('a failed step that says “$said” reads $reads', ({ said, reads }) => expect(failureInChinese(said)).toBe(reads))

test('a refusal keeps its names', () => {
  expect(refusalInChinese('There is no flow “ship”, or you may not see it.')).toBe('没有流程「ship」，或者你无权查看。')
  expect(refusalInChinese('Deploy is running, it has not failed')).toBe('Deploy 没有失败')
  expect(refusalInChinese('task 1043 is paused with #1042: resume that one')).toBe(
    '任务 #1043 随 #1042 暂停，恢复那一个',
  )
  expect(refusalInChinese('spec.value of Constant REGION belongs to git (and 2 more). Force takes it over.')).toBe(
    'Constant REGION 的 spec.value 由 git 维护，另有 2 处。强制可以接管。',
  )
  expect(refusalInChinese('The flow ship may not use the secret web.token: SecretRef web keeps it for mine.')).toBe(
    '流程 ship 不能使用密钥 web.token，SecretRef web 只把它留给 mine。',
  )
  expect(refusalInChinese('something else')).toBeNull()
})

test.each([
  [
    'Vic would come back to Quinn: one of them delegates to the other at that time',
    '会绕回 Quinn：那段时间 Vic 与 Quinn 之间已有代办',
  ],
  ['Enter what changes', '填写 What changes'],
  ['Choose a test result', '选择 Test result'],
  ['Quinn delegates to Vic at that time already. End that first', 'Quinn 在那段时间已由 Vic 代办，先结束它'],
  ['There is nobody called “Nobody”', '没有叫「Nobody」的人'],
  ['at most 10 files at once', '一次最多 10 个文件'],
  ['Package: this file is not kept here. Upload it', 'Package：这里没有保存这个文件，请先上传'],
])('what stands against a delegation or a file, in Chinese: %s', (said, reads) =>
  expect(fieldInChinese(said)).toBe(reads),
)

test.each([
  ['1 person stands in it now.', '现在有 1 人。'],
  ['3 people stand in it now.', '现在有 3 人。'],
  ['Version 2 is launched; the draft says something else.', '发起的是第 2 版，草稿与它不同。'],
  ['No value yet: key, token.', '还没有设置：key, token。'],
  ['“env” has no such thing', '“env” has no such thing'],
])('what the server says of a document is said in Chinese: %s', (said, zh) => {
  expect(conditionInChinese(said)).toBe(zh)
})
