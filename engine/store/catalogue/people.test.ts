import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../open.ts'
import { changePerson, grant, peopleWithRole } from './people.ts'
import { people } from './tables/people.ts'

test('who has a role in a project is told by name: as it was given there, else as they have it everywhere', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-people-'))
  const db = openDatabase(join(folder, 'baton.db'))
  await db.write((tx) => {
    const roles = {
      Zoe: 'owner',
      Ann: 'owner',
      Bo: 'starter',
      Cy: 'starter',
      Di: 'operator',
      Ed: 'owner',
      Bot: 'owner',
    }
    for (const [name, role] of Object.entries(roles))
      tx.insert(people)
        .values({
          id: `p-${name}`,
          name,
          role,
          active: true,
          createdAt: 0,
          kind: name === 'Bot' ? 'service' : 'person',
        })
        .run()
    changePerson(tx, 'p-Ed', { active: false })
    grant(tx, 'p-Ann', 'shop', 'viewer')
    grant(tx, 'p-Bo', 'shop', 'owner')
    grant(tx, 'p-Ed', 'shop', 'owner')
    grant(tx, 'p-Di', 'vault', 'owner')
  })
  const named = (project: string, roles: string[], limit = 9): string[] =>
    db.read((tx) => peopleWithRole(tx, project, roles, limit)).map(({ name }) => name)
  expect(named('default', ['owner'])).toEqual(['Ann', 'Zoe'])
  expect(named('shop', ['owner'])).toEqual(['Bo', 'Zoe'])
  expect(named('vault', ['owner', 'operator'])).toEqual(['Ann', 'Di', 'Zoe'])
  expect(named('shop', ['starter', 'operator', 'viewer'])).toEqual(['Ann', 'Cy', 'Di'])
  expect(named('vault', ['owner', 'starter'], 2)).toEqual(['Ann', 'Bo'])
  expect([named('default', []), named('default', ['nobody has it'])]).toEqual([[], []])
  await db.close()
  rmSync(folder, { recursive: true })
})
