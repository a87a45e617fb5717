import { afterEach, expect, test, vi } from 'vitest'
import type { TaskState } from '../core/state.ts'
import { brittle, echo, held } from './plugins.ts'
import { scenarios } from './scenarios.ts'
import { isFinal, li, viewerOf, world, type World, type WorldOptions } from './setup.ts'

scenarios('an engine on a file', world)

/*
 * What only a process has: a shutdown that is announced, and commits that are shared.
 */
let open: World | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const start = async (options: WorldOptions): Promise<World> => (open = await world(options))
const again = async (...how: Parameters<World['restart']>): Promise<World> => (open = await open!.restart(...how))
const isIn = (phase: TaskState['phase']) => (state: Readonly<TaskState>) => state.phase === phase

test('when a commit fails for another one that shares it, whoever asked is told to try again, and the task goes on from what is on disk', async () => {
  const plugin = brittle()
  const w = await start({ plugins: [plugin], flows: { deploy: { nodes: { deploy: { use: 'brittle@1' } } } } })
  const { state } = await w.launch('deploy')
  await w.until(state.id, isIn('attention'))
  plugin.mend()
  // A deferred foreign key makes the next commit itself fail.
  await w.db.write(() => void w.db.prepare('CREATE TABLE parent (id INTEGER PRIMARY KEY)').run())
  await w.db.write(
    () =>
      void w.db.prepare('CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)').run(),
  )
  const retry = { kind: 'retry', by: li, nodeId: 'deploy', attempt: 1 } as const
  const [press, poison] = await Promise.allSettled([
    w.engine.command(state.id, retry, viewerOf(li)),
    (async () => {
      for (let i = 0; i < 10; i++) await null // into the same batch
      await w.db.write(() => void w.db.prepare('INSERT INTO child VALUES (7)').run())
    })(),
  ])
  expect([press.status, poison.status]).toEqual(['rejected', 'rejected'])
  expect(press).toMatchObject({ reason: { code: 'UNAVAILABLE' } })
  expect(plugin.runs).toHaveLength(1)
  expect((await w.engine.task(state.id))?.state.nodes.get('deploy')).toMatchObject({ state: 'failed', attempt: 1 })
  await w.engine.command(state.id, retry, viewerOf(li))
  await w.until(state.id, isFinal)
  expect(plugin.runs).toHaveLength(2)
})

test('shutting down starts nothing new and says so', async () => {
  const w = await start({ plugins: [echo], flows: { hello: { nodes: { one: { use: 'echo@1' } } } } })
  await w.engine.stop(0)
  await expect(w.launch('hello')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('a step that was decided during a shutdown begins at the next start: it is not taken for lost', async () => {
  const body = held()
  const w = await start({
    plugins: [body.plugin, echo],
    flows: { two: { nodes: { one: { use: 'held@1' }, two: { use: 'held@1' } } } },
  })
  const { state } = await w.launch('two')
  await body.called('checkpointed 1')
  const stopping = again()
  body.release() // ends within the grace: its result is recorded, and the next step decided
  const later = await stopping
  const ended = await later.until(state.id, isFinal)
  expect(ended.phase).toBe('succeeded')
  expect(body.calls).toEqual(['execute 1', 'checkpointed 1', 'execute 1', 'checkpointed 1'])
})

test('a step decided during a shutdown is on disk as not begun while other bodies still hold the shutdown up', async () => {
  const [short, long] = [held(), held({ code: 'long' })]
  const w = await start({
    plugins: [short.plugin, long.plugin],
    flows: {
      both: {
        nodes: {
          fork: { gateway: 'parallel', next: ['one', 'slow'] },
          one: { use: 'held@1', next: 'two' },
          two: { use: 'held@1', next: 'join' },
          slow: { use: 'long@1', next: 'join' },
          join: { gateway: 'converge', next: 'end' },
        },
      },
    },
  })
  const { state } = await w.launch('both')
  await Promise.all([short.called('checkpointed 1'), long.called('checkpointed 1')])
  const stopping = again()
  short.release()
  await vi.waitFor(() => expect(w.db.prepare('SELECT key FROM unbegun').all()).toEqual([[`${state.id}/two/1`]]))
  long.release()
  const later = await stopping
  expect((await later.until(state.id, isFinal)).phase).toBe('succeeded')
  expect(short.calls.filter((call) => call === 'execute 1')).toHaveLength(2) // one and two, each once
  expect(later.db.prepare('SELECT key FROM unbegun').all()).toEqual([])
})
