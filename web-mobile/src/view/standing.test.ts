import { expect, test } from 'vitest'
import { carriesText, roleOptions } from './standing.ts'

const words = { roleIn: (role: string, project: string) => `${role} in ${project}`, comma: ', ' }
const title = (role: string): string => ({ operator: 'Operator' })[role] ?? role

test('what an invitation carries is said in one line: the role, where it holds, and who one stands among', () => {
  expect(carriesText({ role: 'operator', project: null, places: [] }, title, words)).toBe('Operator')
  expect(carriesText({ role: 'operator', project: 'shop', places: ['QA', 'Web team'] }, title, words)).toBe(
    'Operator in shop, QA, Web team',
  )
})
test('roles to choose from say what they allow, and none is the last of them', () => {
  const role = (name: string, rights: string[]) => ({ name, title: title(name), rights })
  const options = roleOptions(
    [role('none', []), role('operator', ['operate'])],
    (one) => one.rights.join() || '–',
    ': ',
  )
  expect(options).toEqual([
    { value: 'operator', title: 'Operator: operate' },
    { value: 'none', title: 'none: –' },
  ])
})
