import { expect, test } from 'vitest'
import type { Tx } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { startTestServer } from '../../test/support.ts'
import { accountsOf, nameOfPerson, peopleOf, personOf } from './load.ts'

test('people that the rows of a list ask for at once are looked up once, and afresh the next time', async () => {
  const names = new Map([
    ['p1', 'Ann'],
    ['p2', 'Bo'],
  ])
  const looks: string[] = []
  const context = {
    db: {
      read: (work: (tx: unknown) => unknown) =>
        work({
          select: () => ({
            from: () => ({
              where: () => ({
                all: () => {
                  looks.push('looked')
                  return [...names].map(([id, name]) => ({ id, name }))
                },
              }),
            }),
          }),
        }),
    },
  } as unknown as Context // of a context nothing else is asked
  const all = await Promise.all([
    peopleOf(context, ['p1', 'p2']).then((found) => found.size),
    personOf(context, 'p1').then((found) => found?.name),
    personOf(context, 'p9'),
    personOf(context, null),
    nameOfPerson(context, 'p2'),
    nameOfPerson(context, 'p9'),
  ])
  expect(all).toEqual([2, 'Ann', null, null, 'Bo', 'p9'])
  expect(looks).toHaveLength(1)
  names.set('p2', 'Bob')
  expect(await nameOfPerson(context, 'p2')).toBe('Bob')
  expect(looks).toHaveLength(2)
})

test('so are their accounts', async () => {
  const server = await startTestServer()
  try {
    let looks = 0
    const db = { read: <T>(work: (tx: Tx) => T): T => (looks++, server.db.read(work)) }
    const context = { db } as unknown as Context // of a context nothing else is asked
    const { ids } = server
    const all = await Promise.all([
      accountsOf(context, ids.Mai),
      accountsOf(context, ids.Vic),
      accountsOf(context, 'p_x'),
    ])
    expect(all.map((one) => one.map(({ user }) => user))).toEqual([['UMAI'], ['UVIC'], []])
    expect(looks).toBe(1)
  } finally {
    await server.end()
  }
})
