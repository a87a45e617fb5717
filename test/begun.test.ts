import { expect, test } from 'vitest'
import { readDocuments } from '../engine/index.ts'
import { begunDocument } from '../web-mobile/src/view/begun.ts'

const here = { zone: 'Asia/Shanghai', now: Date.parse('2026-11-21T18:20:00Z') }
const filled = (kind: string): string =>
  begunDocument(kind, here)
    .replace('name: \n', 'name: "one"\n')
    .replace('flow: \n', 'flow: one\n')
    .replace('app: \n', 'app: one\n')

test.each(['App', 'Host', 'Constant', 'SecretRef', 'Role', 'Group', 'Calendar', 'Schedule', 'Freeze', 'RightsRole'])(
  'what a new %s begins with on the page is one, once what is blank is filled in',
  (kind) => {
    const { findings } = readDocuments(filled(kind))
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
  },
)
test('a freeze begins now, by the clock of whoever writes it', () => {
  expect(begunDocument('Freeze', here)).toContain('{from: 2026-11-22T02:00, to: 2026-11-22T14:00}')
})
