import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sqlCatalogueStore } from '../store/catalogue-store.ts'
import type { Database } from '../store/database.ts'
import { portTo, type MessagePort } from '../store/message-port.ts'
import { UNWRITTEN, type TaskMessage } from '../store/message.ts'
import { openDatabase } from '../store/open.ts'
import { sqlTaskStore } from '../store/sql-task-store.ts'
import { BEGINNING } from '../store/task-store.ts'
import { faultyPort } from '../test/faulty-port.ts'
import { Relay } from './relay.ts'

let folder: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-relay-'))
  db = openDatabase(join(folder, 'baton.db'))
})
afterEach(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})

const message = (from: string, version: number): Omit<TaskMessage, 'sequence'> => ({
  from,
  at: version,
  row: {
    id: from,
    version,
    number: from.charCodeAt(0),
    project: 'default',
    title: from,
    app: null,
    flow: 'f',
    phase: 'running',
    waitingFor: [],
    outcome: null,
    startedBy: null,
    createdAt: 1,
    endedAt: null,
    updatedAt: version,
    rehearsal: false,
    needs: [{ person: 'p1', kind: 'failure', ref: 'n' }],
    followers: [],
    origin: null,
  },
  notices: [{ kind: 'changed' }],
})
/** Puts messages into the outbox as a task's commit would, and gives them as the relay gets them. */
async function send(...messages: Omit<TaskMessage, 'sequence'>[]): Promise<TaskMessage[]> {
  const store = sqlTaskStore(db)
  const all: TaskMessage[] = []
  for (const each of messages) {
    const { sent } = await store.commit({
      taskId: each.from,
      after: BEGINNING,
      entries: [],
      snapshot: null,
      awake: null,
      timers: { set: [], clear: [] },
      outbox: [JSON.stringify(each)],
      inbox: { done: [], late: [] },
      secrets: {},
      tokens: [],
    })
    all.push({ ...each, sequence: sent[0]! })
  }
  return all
}
const relayTo = (
  onMessage: (message: TaskMessage) => void,
  carry: (port: MessagePort) => MessagePort = (port) => port,
): Relay =>
  new Relay({
    store: sqlTaskStore(db),
    port: carry(portTo(sqlCatalogueStore(db), (_, got) => onMessage(got))),
    retryMs: [1],
    log: { error() {} },
  })

test('messages an earlier process left are applied once, in order, and leave the outbox', async () => {
  await send(message('a', 1), message('b', 1), message('a', 2))
  const got: string[] = []
  const relay = relayTo(({ from, row }) => got.push(`${from}${row.version}`))
  await relay.start()
  await relay.idle()
  expect(got.filter((each) => each.startsWith('a'))).toEqual(['a1', 'a2'])
  expect(got).toHaveLength(3)
  expect(sqlTaskStore(db).outbox(10)).toEqual([])
  expect(db.prepare('SELECT id, version FROM task_index ORDER BY id').all()).toEqual([
    ['a', 2],
    ['b', 1],
  ])
  expect(db.prepare('SELECT task, person FROM needs ORDER BY task').all()).toEqual([
    ['a', 'p1'],
    ['b', 'p1'],
  ])
})

test.each([
  ['sent', async () => (await send(message('a', 1)))[0]!],
  ['of a launch, unwritten', async () => ({ ...message('a', 1), isFirst: true as const, sequence: UNWRITTEN })],
])('a message %s, and again, is applied once', async (_, make) => {
  const first = await make()
  const got: number[] = []
  const relay = relayTo(({ row }) => got.push(row.version))
  relay.push(first)
  await relay.idle()
  relay.push(first)
  await relay.idle()
  expect(got).toEqual([1])
})

test('a handler that throws holds back that task alone, and its messages come in order once it does not', async () => {
  const messages = await send(message('a', 1), message('a', 2), message('b', 1))
  let isBroken = true
  const got: string[] = []
  const relay = relayTo(({ from, row }) => {
    if (from === 'a' && isBroken) throw new Error('a bug')
    got.push(`${from}${row.version}`)
  })
  for (const each of messages) relay.push(each)
  await vi.waitFor(() => expect(got).toContain('b1'))
  expect(new Set(got)).toEqual(new Set(['b1']))
  isBroken = false
  await vi.waitFor(() => expect(got.filter((each) => each !== 'b1')).toEqual(['a1', 'a2']))
  expect(sqlTaskStore(db).outbox(10)).toEqual([])
  relay.stop()
})

test('who asks is told once what a task has said until then is taken in, or has failed', async () => {
  const messages = await send(message('a', 1), message('a', 2))
  let isBroken = true
  const got: number[] = []
  const relay = relayTo(({ row }) => {
    if (isBroken) throw new Error('a bug')
    got.push(row.version)
  })
  await relay.told('a') // it said nothing
  relay.push(messages[0]!)
  await relay.told('a')
  expect([got, relay.isSending('a')]).toEqual([[], true])
  isBroken = false
  relay.push(messages[1]!)
  await relay.told('a')
  expect([got, relay.isSending('a')]).toEqual([[1, 2], false])
})

test('whatever is lost, late, doubled or overtaken on the way, each message is applied once and in its order', async () => {
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 }), async (seed, from) => {
      const prefix = `${++round}`
      const versions = new Map<string, number>()
      const messages = from.map((task) => {
        const version = (versions.get(task) ?? 0) + 1
        versions.set(task, version)
        const { row, ...rest } = message(`${prefix}${task}`, version)
        return { ...rest, row: { ...row, number: round * 3 + 'abc'.indexOf(task) } }
      })
      const got: string[] = []
      const faults = faultyPort(seed)
      const relay = relayTo(({ from: task, row }) => got.push(`${task} ${row.version}`), faults.carry)
      for (const each of await send(...messages)) relay.push(each)
      await vi.waitFor(() => expect(sqlTaskStore(db).outbox(1)).toEqual([]), { timeout: 10_000, interval: 1 })
      await faults.settled()
      for (const task of 'abc') {
        const mine = got.filter((each) => each.startsWith(`${prefix}${task} `))
        const last = versions.get(task) ?? 0
        expect(mine).toEqual(Array.from({ length: last }, (_, index) => `${prefix}${task} ${index + 1}`))
        expect(db.prepare('SELECT version FROM task_index WHERE id = ?').get([`${prefix}${task}`])?.[0] ?? 0).toBe(last)
      }
      relay.stop()
    }),
    { numRuns: 40 },
  )
})
