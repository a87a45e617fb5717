import { describe, expect, test as vitest } from 'vitest'
import type { Event, Recorded } from '../../core/events.ts'
import { SYSTEM, type Actor } from '../../core/state.ts'
import { hashOf } from '../chain.ts'
import { BEGINNING, type Change, type TaskStore } from '../task-store.ts'

/** A store under test. `tamper` runs SQL behind its back; `reopen` is what a restart does. */
export interface Opened {
  readonly store: TaskStore
  tamper(sql: string): void
  reopen(): Promise<Opened>
  close(): Promise<void>
}

const li: Actor = { person: 'p1', name: 'Li', surface: 'phone' }
const event = (node: string): Event => ({ kind: 'node_ignored', v: 1, node, attempt: 1 })
const entry = (seq: number, nodes: readonly string[], by: Actor = SYSTEM): Recorded => ({
  seq,
  at: 1000 + seq,
  by,
  events: nodes.map(event),
})
const change = (over: Partial<Change>): Change => ({
  taskId: 't1',
  after: BEGINNING,
  entries: [],
  snapshot: null,
  awake: null,
  timers: { set: [], clear: [] },
  outbox: [],
  inbox: { done: [], late: [] },
  secrets: {},
  tokens: [],
  ...over,
})

/**
 * What every form of the task store must do. Run by each of them on its real runtime.
 * `inside` runs a test where the storage may be touched: a Durable Object's only within that object.
 */
export function taskStoreContract(
  name: string,
  open: () => Promise<Opened>,
  inside: (body: () => Promise<void>) => Promise<void> = (body) => body(),
): void {
  describe(name, () => {
    let opened: Opened
    const test = (title: string, body: () => void | Promise<void>): void =>
      vitest(title, () =>
        inside(async () => {
          opened = await open()
          try {
            await body()
          } finally {
            await opened.close()
          }
        }),
      )

    test('an unknown task is null, not an error', () => {
      expect(opened.store.load('nobody')).toBeNull()
      expect(opened.store.history('nobody', 0, 10)).toEqual([])
      expect(opened.store.verifyHistory('nobody')).toBeNull()
    })

    test('entries come back as they went in, with who did them, after a restart too', async () => {
      const entries = [entry(1, ['a', 'b']), entry(3, ['c'], li)]
      const { head } = await opened.store.commit(change({ entries }))
      expect(head.version).toBe(3)
      opened = await opened.reopen()
      expect(opened.store.load('t1')).toEqual({ snapshot: null, entries, head, awake: false, callbacks: false })
      expect(opened.store.history('t1', 2, 10)).toEqual([{ ...entries[1], hash: head.hash }])
      expect(opened.store.history('t1', 0, 1)).toMatchObject([entries[0]!])
    })

    test('a task is woken from its snapshot and the entries after it', async () => {
      const { head } = await opened.store.commit(change({ entries: [entry(1, ['a'])], snapshot: '{"at":1}' }))
      const later = await opened.store.commit(change({ after: head, entries: [entry(2, ['b'])] }))
      expect(opened.store.load('t1')).toEqual({
        snapshot: '{"at":1}',
        entries: [entry(2, ['b'])],
        head: later.head,
        awake: false,
        callbacks: false,
      })
      const kept = await opened.store.commit(change({ after: later.head, snapshot: '{"at":2}' }))
      expect(opened.store.load('t1')).toEqual({
        snapshot: '{"at":2}',
        entries: [],
        head: kept.head,
        awake: false,
        callbacks: false,
      })
      expect(kept.head).toEqual(later.head)
      expect(opened.store.verifyHistory('t1')).toBeNull()
    })

    test('two writers of one task cannot both commit after the same head', async () => {
      const both = await Promise.allSettled([
        opened.store.commit(
          change({ entries: [entry(1, ['a'])], timers: { set: [{ id: 'x', dueAt: 5 }], clear: [] } }),
        ),
        opened.store.commit(
          change({ entries: [entry(1, ['b'])], timers: { set: [{ id: 'y', dueAt: 6 }], clear: [] } }),
        ),
      ])
      expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
      expect(opened.store.history('t1', 0, 10)).toMatchObject([entry(1, ['a'])])
      expect(opened.store.due(100, 10).map(({ id }) => id)).toEqual(['x'])
    })

    test('an edit, a gap and a cut-off tail all show in the chain', async () => {
      let head = BEGINNING
      for (const seq of [1, 2, 3])
        head = (await opened.store.commit(change({ after: head, entries: [entry(seq, ['a'], li)], snapshot: '{}' })))
          .head
      expect(opened.store.verifyHistory('t1')).toBeNull()
      opened.tamper(`UPDATE journal SET actor = replace(actor, 'Li', 'Wu') WHERE seq = 2`)
      expect(opened.store.verifyHistory('t1')).toMatchObject({ seq: 2 })
      opened.tamper(`UPDATE journal SET actor = replace(actor, 'Wu', 'Li') WHERE seq = 2`)
      opened.tamper(`DELETE FROM journal WHERE seq = 3`)
      expect(opened.store.verifyHistory('t1')).toMatchObject({ seq: 3, problem: 'the end is missing' })
      opened.tamper(`DELETE FROM journal WHERE seq = 1`)
      expect(opened.store.verifyHistory('t1')).toMatchObject({ seq: 1 })
    })

    test('entries come with the bytes that their hash is over', async () => {
      const { head } = await opened.store.commit(change({ entries: [entry(1, ['a', 'b']), entry(3, ['c'], li)] }))
      const [first, second] = opened.store.stored('t1', 0, 10)
      expect(hashOf('', first!)).toBe(first!.hash)
      expect(hashOf(first!.hash, second!)).toBe(head.hash)
      expect(second).toMatchObject({ task: 't1', seq: 3, actor: JSON.stringify(li), hash: head.hash })
      expect(opened.store.stored('t1', 2, 10)).toEqual([second])
    })

    test('messages may carry the head that their commit comes to', async () => {
      const { head } = await opened.store.commit(
        change({ entries: [entry(1, ['a'])], outbox: ['{"a":1}'], tellsHead: true }),
      )
      expect(opened.store.outbox(1).map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ a: 1, head }])
    })

    test('timers come in due order, can be moved and cleared', async () => {
      const { head } = await opened.store.commit(
        change({
          timers: {
            set: [
              { id: 'b', dueAt: 20 },
              { id: 'a', dueAt: 10 },
              { id: 'c', dueAt: 30 },
            ],
            clear: [],
          },
        }),
      )
      expect(opened.store.nextDueAt()).toBe(10)
      expect(opened.store.due(20, 10)).toEqual([
        { task: 't1', id: 'a', dueAt: 10 },
        { task: 't1', id: 'b', dueAt: 20 },
      ])
      await opened.store.commit(change({ after: head, timers: { set: [{ id: 'c', dueAt: 5 }], clear: ['a', 'b'] } }))
      expect(opened.store.due(100, 10)).toEqual([{ task: 't1', id: 'c', dueAt: 5 }])
      await opened.store.commit(change({ after: head, timers: { set: [], clear: ['c'] } }))
      expect(opened.store.nextDueAt()).toBeNull()
    })

    test('only tasks that were awake are looked at by a restart', async () => {
      await opened.store.commit(change({ taskId: 't1', awake: true }))
      await opened.store.commit(change({ taskId: 't2', awake: true }))
      await opened.store.commit(change({ taskId: 't1', awake: false }))
      await opened.store.commit(change({ taskId: 't2', awake: null }))
      opened = await opened.reopen()
      expect(opened.store.awake()).toEqual(['t2'])
    })

    test('executions not begun at a shutdown are given out once', async () => {
      await opened.store.noteUnbegun(['t1/a/1', 't1/b/1'])
      opened = await opened.reopen()
      expect([...(await opened.store.takeUnbegun())].sort()).toEqual(['t1/a/1', 't1/b/1'])
      expect(await opened.store.takeUnbegun()).toEqual([])
    })

    test('messages stay in the outbox in order, named as the commit said', async () => {
      const { sent } = await opened.store.commit(
        change({
          outbox: ['{"a":1}', '{"b":1}'],
        }),
      )
      expect(opened.store.outbox(10)).toEqual([
        { sequence: sent[0], task: 't1', body: '{"a":1}' },
        { sequence: sent[1], task: 't1', body: '{"b":1}' },
      ])
    })

    test('a callback is kept once per key, until a commit has dealt with it', async () => {
      const address = { task: 't1', node: 'n', attempt: 1, item: null }
      await opened.store.commit(change({ tokens: [{ ...address, hash: 'h' }] }))
      expect(opened.store.addressOf('h')).toEqual(address)
      expect(opened.store.addressOf('forged')).toBeNull()
      expect(await opened.store.receive(address, 'k1', '{"ok":true}', 5)).toBe(true)
      expect(await opened.store.receive(address, 'k1', '{"ok":false}', 6)).toBe(false)
      expect(await opened.store.receive({ ...address, item: 0 }, 'k1', '{}', 7)).toBe(true)
      expect(opened.store.tasksWithUnhandled()).toEqual(['t1'])
      const [first, second] = opened.store.unhandled('t1')
      expect(first).toMatchObject({ ...address, payload: '{"ok":true}' })
      expect(second).toMatchObject({ item: 0 })
      await opened.store.commit(change({ inbox: { done: [first!.id], late: [second!.id] } }))
      expect(opened.store.unhandled('t1')).toEqual([])
    })

    test('sealed values belong to their task', async () => {
      await opened.store.commit(change({ secrets: { token: 'v1.x' } }))
      expect(opened.store.secrets('t1')).toEqual({ token: 'v1.x' })
      expect(opened.store.secrets('t2')).toEqual({})
    })

    test('log lines are read by position, across the rows they lie in', async () => {
      const line = (text: string) => [7, 'stdout', text, null] as const
      const at = { task: 't1', node: 'n', attempt: 1 }
      await opened.store.writeLog({ ...at, first: 0, dropped: 0, lines: [line('a'), line('b'), line('c')] })
      await opened.store.writeLog({ ...at, first: 3, dropped: 9, lines: [line('d'), line('e')] })
      expect(opened.store.logEnd('t1', 'n', 1)).toEqual({ total: 5, dropped: 9 })
      expect(opened.store.readLog('t1', 'n', 1, 1, 3)).toEqual({ first: 1, lines: [line('b'), line('c'), line('d')] })
      expect(opened.store.readLog('t1', 'n', 1, 4, 10)).toEqual({ first: 4, lines: [line('e')] })
      expect(opened.store.readLog('t1', 'n', 2, 0, 10).lines).toEqual([])
    })

    test('an attempt that begins its log anew loses its own lines, not those of other items', async () => {
      const at = { task: 't1', node: 'n', attempt: 1 }
      await opened.store.writeLog({
        ...at,
        first: 0,
        dropped: 0,
        lines: [
          [7, 'stdout', 'a', 0],
          [7, 'stdout', 'b', 1],
        ],
      })
      await opened.store.clearLog('t1', 'n', 1, 1)
      expect(opened.store.readLog('t1', 'n', 1, 0, 10).lines).toEqual([[7, 'stdout', 'a', 0]])
      await opened.store.clearLog('t1', 'n', 1, null)
      expect(opened.store.logEnd('t1', 'n', 1)).toEqual({ total: 0, dropped: 0 })
    })
  })
}
