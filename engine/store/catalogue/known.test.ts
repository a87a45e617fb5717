import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Actor } from '../../core/state.ts'
import { openDatabase } from '../open.ts'
import type { Database } from '../database.ts'
import { addDelegation } from './delegations.ts'
import { createDirectory, type LiveDirectory } from './directory.ts'
import { putDocument } from './documents.ts'
import type { Changed } from './known.ts'
import { addMember, addPerson, changePerson, memberKey, removeMember } from './people.ts'
import { restore, suspend } from './standing.ts'

const NOBODY: Actor = { person: null, name: '', surface: 'system' }
const NAMES = ['Li', 'Ana', 'Omar', 'Wei', 'li@x.org', 'Zoe', 'ana']
const ROLES = ['ops', 'qa', 'duty']
let folder: string
let db: Database
let step = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-known-'))
  db = openDatabase(join(folder, 'baton.db'))
})
afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

async function document(name: string, members: readonly string[], rota: boolean): Promise<void> {
  const spec = { members, ...(rota && { rota: { zone: 'UTC', from: '2026-11-02', shift: 'day' } }) }
  const document = { apiVersion: 'baton/v1', kind: 'Role', metadata: { name }, spec }
  const row = { project: 'default', kind: 'Role', name, document, source: '', managers: {} }
  await db.write((tx) => putDocument(tx, { ...row, generation: ++step, updatedAt: step, updatedBy: '' }))
}
/** All that it says of everybody. */
const said = (directory: LiveDirectory, ids: readonly string[]): unknown => ({
  refs: [...NAMES, ...ids, 'everyone', ...ROLES.map((role) => `role:${role}`)].map((ref) => [
    ref,
    directory.people(ref, NOBODY).map(({ id, name }) => `${id} ${name}`),
  ]),
  standing: [...directory.standing()].map(([key, people]) => [key, [...people].sort()]),
  mine: ids.map((id) => [directory.rolesOf(id), directory.personNow?.(id), directory.standsFor?.(id, 5)]),
  roles: directory.roles().map(({ name, members, added }) => [name, members.map(({ id }) => id), added]),
})

type Move = readonly [what: string, person: number, other: number]
const move: fc.Arbitrary<Move> = fc.tuple(
  fc.constantFrom('rename', 'mail', 'suspend', 'restore', 'join', 'leave', 'new', 'merge', 'document', 'delegate'),
  fc.nat(5),
  fc.nat(6),
)
async function make([what, person, other]: Move, ids: string[]): Promise<Changed> {
  const id = ids[person % ids.length]!
  const role = ROLES[other % 3]!
  const key = memberKey('Role', 'default', role)
  const change = async (work: Parameters<Database['write']>[0]): Promise<Changed> => {
    await db.write(work)
    return { people: [id] }
  }
  switch (what) {
    case 'rename':
      return change((tx) => changePerson(tx, id, { name: NAMES[other]! })) // two may go by one name: nobody stops a test
    case 'mail':
      return change((tx) => changePerson(tx, id, { email: other === 0 ? null : `${NAMES[other]}@x.org` }))
    case 'suspend':
      return change((tx) => suspend(tx, id, 'x', null, 1))
    case 'restore':
      return change((tx) => restore(tx, id))
    case 'merge':
      return change((tx) => changePerson(tx, id, { mergedInto: other === 0 ? null : ids[other % ids.length]! }))
    case 'new': {
      const made = await db.write((tx) => addPerson(tx, { name: NAMES[other]!, role: 'starter' }, 1))
      ids.push(made.id)
      return { people: [made.id] }
    }
    case 'delegate': {
      const to = ids[other % ids.length]!
      const row = { from: id, to, fromAt: 0, untilAt: 10, reason: null, createdAt: 0, createdBy: id }
      await db.write((tx) => addDelegation(tx, row))
      return { delegations: true }
    }
    case 'document':
      await document(role, [NAMES[person]!, NAMES[other]!, id], other % 2 === 0)
      return { documents: true }
    default:
      await db.write((tx) => (what === 'join' ? addMember(tx, key, id) : removeMember(tx, key, id)))
      return { members: [key] }
  }
}

test('what is put in its place says the same as what is read anew, whatever has happened', async () => {
  await fc.assert(
    fc
      .asyncProperty(fc.array(move, { minLength: 1, maxLength: 25 }), async (moves) => {
        const ids = await db.write((tx) =>
          NAMES.slice(0, 4).map((name) => addPerson(tx, { name, role: 'starter', named: true }, 0).id),
        )
        for (const role of ROLES) await document(role, ['Li', 'ana', 'Zoe'], role === 'duty')
        const directory = createDirectory(db, () => 5)
        said(directory, ids)
        for (const one of moves) {
          directory.refresh(await make(one, ids))
          expect(said(directory, ids), one.join(' ')).toEqual(
            said(
              createDirectory(db, () => 5),
              ids,
            ),
          )
        }
      })
      .afterEach(async () => {
        await db.write(() => {
          for (const table of ['people', 'role_members', 'documents', 'delegations'])
            db.prepare(`DELETE FROM ${table}`).run()
        })
      }),
    { numRuns: 60 },
  )
})
test('somebody who joins, and whom a document named before, stands in its role', async () => {
  await document('ops', ['Zoe'], false)
  const directory = createDirectory(db)
  expect(directory.people('role:ops', NOBODY)).toEqual([])
  const { id } = await db.write((tx) => addPerson(tx, { name: 'Zoe', role: 'starter', named: true }, 0))
  directory.refresh({ people: [id] })
  expect(directory.people('role:ops', NOBODY)).toEqual([{ id, name: 'Zoe' }])
})
test('a change of one leaves the sets of the others as they are, so that nobody else is judged anew', async () => {
  const [li, ana] = await db.write((tx) =>
    ['Li', 'Ana'].map((name) => addPerson(tx, { name, role: 'x', named: true }, 0)),
  )
  await document('ops', ['Li'], false)
  await document('qa', ['Ana'], false)
  const directory = createDirectory(db)
  const before = directory.standing()
  await db.write((tx) => suspend(tx, li!.id, 'x', null, 1))
  directory.refresh({ people: [li!.id] })
  const after = directory.standing()
  expect(after.get('Role default qa')).toBe(before.get('Role default qa'))
  expect([...before.get('Role default ops')!, ...after.get('Role default ops')!]).toEqual([li!.id])
  expect(directory.people(ana!.id, NOBODY)).toHaveLength(1)
})
