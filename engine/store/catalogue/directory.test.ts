import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '../../core/state.ts'
import { openDatabase } from '../open.ts'
import type { Database } from '../database.ts'
import { createDirectory, type LiveDirectory } from './directory.ts'
import { putDocument } from './documents.ts'
import { addMember, addPerson, changePerson, memberKey, removeMember } from './people.ts'

const NOBODY: Actor = { person: null, name: '', surface: 'system' }
let folder: string
let db: Database
let directory: LiveDirectory
let now: number
const ids: Record<string, string> = {}
const names = (ref: string, project = 'default'): string[] =>
  directory
    .within(project)
    .people(ref, NOBODY)
    .map(({ name }) => name)

async function document(kind: string, project: string, name: string, spec: object): Promise<void> {
  const document = { apiVersion: 'baton/v1', kind, metadata: { name, project }, spec }
  await db.write((tx) =>
    putDocument(tx, {
      project,
      kind,
      name,
      document,
      source: '',
      managers: {},
      generation: 1,
      updatedAt: 0,
      updatedBy: '',
    }),
  )
  directory.refresh()
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baton-directory-'))
  db = openDatabase(join(folder, 'baton.db'))
  now = Date.parse('2026-11-21T12:00:00Z')
  directory = createDirectory(db, () => now)
  await db.write((tx) => {
    for (const name of ['Li', 'Ana', 'Omar'])
      ids[name] = addPerson(tx, { name, role: 'starter', email: `${name}@x.org`, named: true }, 0).id
  })
  directory.refresh()
})
afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

describe('roles and groups of projects', () => {
  test('two projects with a role of one name do not share its people', async () => {
    await document('Role', 'default', 'ops', { members: ['Li'] })
    await document('Role', 'vault', 'ops', { members: ['Ana@x.org'] })
    expect(names('role:ops')).toEqual(['Li'])
    expect(names('role:ops', 'vault')).toEqual(['Ana'])
    expect(directory.rolesOf(ids['Li']!, 'vault')).toEqual([])
    expect(directory.rolesOf(ids['Ana']!, 'vault')).toEqual(['ops'])
    expect(directory.within('vault').has('role:ops', ids['Li']!)).toBe(false)
  })
  test('one that stands in default serves every project that has none of that name', async () => {
    await document('Group', 'default', 'web', { members: ['Li'] })
    expect(names('group:web', 'shop')).toEqual(['Li'])
    expect(directory.rolesOf(ids['Li']!, 'shop')).toEqual(['group:web'])
    await document('Group', 'shop', 'web', { members: [] })
    expect(names('group:web', 'shop')).toEqual([])
    expect(directory.within('shop').knows?.('group:web')).toBe(true)
  })
  test('a project’s role serves no other project', async () => {
    await document('Role', 'vault', 'keys', { members: ['Li'] })
    expect(names('role:keys')).toEqual([])
    expect(names('role:keys', 'shop')).toEqual([])
    expect(directory.within('shop').knows?.('role:keys')).toBe(false)
  })
  test('people join beside the document, in the one project', async () => {
    await document('Role', 'default', 'ops', { members: ['Li'] })
    await document('Role', 'vault', 'ops', { members: [] })
    await db.write((tx) => addMember(tx, memberKey('Role', 'vault', 'ops'), ids['Omar']!))
    directory.refresh()
    expect([names('role:ops'), names('role:ops', 'vault')]).toEqual([['Li'], ['Omar']])
    await db.write((tx) => removeMember(tx, memberKey('Role', 'vault', 'ops'), ids['Omar']!))
    directory.refresh()
    expect(names('role:ops', 'vault')).toEqual([])
  })
})

test('whoever is suspended does not count, in roles, by name or among everyone', async () => {
  await document('Role', 'default', 'ops', { members: ['Li', 'Ana'] })
  await db.write((tx) => changePerson(tx, ids['Li']!, { active: false }))
  directory.refresh()
  expect([names('role:ops'), names('Li'), names('everyone')]).toEqual([['Ana'], [], ['Ana', 'Omar']])
  expect(directory.stands('role:ops', ids['Li']!)).toBe(false)
})

test('a role bound to a value is the document of that value, else the general one', async () => {
  await document('Role', 'default', 'qa', { members: ['Li'], bindTo: 'product' })
  await document('Role', 'default', 'qa@shop', { members: ['Ana'] })
  expect([names('role:qa'), names('role:qa@shop'), names('role:qa@pay')]).toEqual([['Li'], ['Ana'], ['Li']])
  await document('Role', 'vault', 'qa', { members: ['Omar'] })
  expect(names('role:qa@shop', 'vault')).toEqual(['Omar']) // its own before the shared one
})

describe('with a rota', () => {
  const rota = { zone: 'UTC', from: '2026-11-02', shift: 'week', handover: '09:00' }
  test('whoever is on duty answers, and all of them stand in the role', async () => {
    await document('Role', 'default', 'duty', { members: ['Li', 'Ana', 'Omar'], rota })
    expect(names('role:duty')).toEqual(['Omar'])
    now = Date.parse('2026-11-23T09:00:00Z')
    expect(names('role:duty')).toEqual(['Li'])
    expect(directory.has('role:duty', ids['Ana']!)).toBe(false)
    expect(directory.stands('role:duty', ids['Ana']!)).toBe(true)
    expect(directory.rolesOf(ids['Ana']!)).toEqual([])
    expect(directory.roles()[0]).toMatchObject({ nextHandover: Date.parse('2026-11-30T09:00:00Z') })
  })
  test('the next one stands in for whoever is suspended, and nobody else’s turn moves', async () => {
    await document('Role', 'default', 'duty', { members: ['Li', 'Ana', 'Omar'], rota })
    await db.write((tx) => changePerson(tx, ids['Omar']!, { active: false }))
    directory.refresh()
    expect(names('role:duty')).toEqual(['Li'])
    now = Date.parse('2026-11-30T09:00:00Z')
    expect(names('role:duty')).toEqual(['Ana'])
  })
  test('an exception counts while it lasts', async () => {
    const overrides = [{ from: '2026-11-21', to: '2026-11-22', who: 'Ana' }]
    await document('Role', 'default', 'duty', { members: ['Li', 'Omar'], rota: { ...rota, overrides } })
    expect(names('role:duty')).toEqual(['Ana'])
    now = Date.parse('2026-11-22T00:00:00Z')
    expect(names('role:duty')).not.toEqual(['Ana'])
  })
  test('what comes shows where an exception begins and ends; one that changes nobody is not shown', async () => {
    const overrides = [
      { from: '2026-11-24T12:00', to: '2026-11-25', who: 'Ana' },
      { from: '2026-11-26', to: '2026-11-27', who: 'Li' },
    ]
    await document('Role', 'default', 'duty', { members: ['Li', 'Ana', 'Omar'], rota: { ...rota, overrides } })
    const shifts = directory.shifts(directory.roles()[0]!, 5)
    expect(shifts.map(({ from, people }) => [new Date(from).toISOString().slice(0, 16), people[0]?.name])).toEqual([
      ['2026-11-21T12:00', 'Omar'],
      ['2026-11-23T09:00', 'Li'],
      ['2026-11-24T12:00', 'Ana'],
      ['2026-11-25T00:00', 'Li'],
      ['2026-11-30T09:00', 'Ana'],
    ])
  })
  test('before its first day everybody is on duty, also where the one of an exception is suspended', async () => {
    const overrides = [{ from: '2026-11-21', to: '2026-11-22', who: 'Ana' }]
    const later = { ...rota, from: '2026-12-01', overrides }
    await document('Role', 'default', 'duty', { members: ['Li', 'Ana', 'Omar'], rota: later })
    expect(names('role:duty')).toEqual(['Ana'])
    await db.write((tx) => changePerson(tx, ids['Ana']!, { active: false }))
    directory.refresh()
    expect(names('role:duty')).toEqual(['Li', 'Omar'])
  })
  test('nobody is on duty in a role without anybody', async () => {
    await document('Role', 'default', 'duty', { members: [], rota })
    expect(names('role:duty')).toEqual([])
    await document('Role', 'default', 'duty', { members: ['Li'], rota })
    await db.write((tx) => changePerson(tx, ids['Li']!, { active: false }))
    directory.refresh()
    expect(names('role:duty')).toEqual([])
  })
  test('one that cannot be read leaves everybody on duty', async () => {
    await document('Role', 'default', 'duty', { members: ['Li', 'Ana'], rota: { zone: 'Mars/Base', from: 'x' } })
    expect(names('role:duty')).toEqual(['Li', 'Ana'])
  })
})

test('hosts are those of the project', async () => {
  await document('Host', 'default', 'web-1', { address: 'a', user: 'u', key: 's.k', labels: ['web'] })
  await document('Host', 'vault', 'web-2', { address: 'a', user: 'u', key: 's.k', labels: ['web'] })
  expect(directory.within('vault').hosts('@web')).toEqual(['web-2'])
  expect(directory.within('default').hosts('web-2')).toEqual([])
})
