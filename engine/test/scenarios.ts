import { afterEach, describe, expect, test, vi } from 'vitest'
import type { TaskState } from '../core/state.ts'
import { definePlugin, z } from '../plugin/index.ts'
import { MASK } from '../runtime/mask.ts'
import { brittle, calledBack, echo, held, leaky, polling } from './plugins.ts'
import { isFinal, li, viewerOf, wu, type MakeWorld, type World, type WorldOptions } from './world.ts'

const isIn = (phase: TaskState['phase']) => (state: Readonly<TaskState>) => state.phase === phase
const kinds = (w: World) =>
  w.messages.flatMap(({ notices }) => notices.map(({ kind }) => kind)).filter((kind) => kind !== 'changed')

/** What an engine does, whatever it runs on: on a file in Node, in Durable Objects in workerd. */
export function scenarios(name: string, makeWorld: MakeWorld): void {
  describe(name, () => {
    let open: World | null = null
    afterEach(async () => {
      await open?.end()
      open = null
    })
    const start = async (options: WorldOptions): Promise<World> => (open = await makeWorld(options))
    const again = async (...how: Parameters<World['restart']>): Promise<World> => (open = await open!.restart(...how))

    test('a task runs its steps in order and hands values on', async () => {
      const w = await start({
        plugins: [echo],
        flows: {
          hello: {
            variables: { who: { type: 'text', title: 'Who' }, said: { type: 'text', title: 'Said', show: false } },
            nodes: {
              one: { use: 'echo@1', with: { text: 'hello ${who}' }, save: { said: 'text' } },
              two: { use: 'echo@1', with: { text: '${said}!' } },
            },
            outputs: { said: '${two.outputs.text}' },
          },
        },
      })
      const { state } = await w.launch('hello', { variables: { who: 'Li' } })
      expect(await w.until(state.id, isFinal)).toMatchObject({
        phase: 'succeeded',
        outputs: { said: 'hello Li!' },
        number: 1,
      })
      expect(await w.engine.verifyHistory(state.id)).toBeNull()
      expect(await w.engine.attempt(state.id, 'two', 1)).toEqual({
        inputs: { text: 'hello Li!' },
        outputs: { text: 'hello Li!' },
      })
    })

    test('the same launch key gives the same task, after a restart too; another input is a conflict', async () => {
      const w = await start({ plugins: [echo], flows: { hello: { nodes: { one: { use: 'echo@1' } } } } })
      const twice = await Promise.all([1, 2].map(() => w.launch('hello', { key: 'k', rawInput: 'a' })))
      expect(twice[0]!.state.id).toBe(twice[1]!.state.id)
      await expect(w.launch('hello', { key: 'k', rawInput: 'b' })).rejects.toMatchObject({ code: 'CONFLICT' })
      const later = await again()
      expect((await later.launch('hello', { key: 'k', rawInput: 'a' })).state.id).toBe(twice[0]!.state.id)
      expect((await later.launch('hello')).state.number).toBe(2)
      expect(await later.engine.taskIdOf({ number: 1 })).toBe(twice[0]!.state.id)
      expect(await later.engine.taskIdOf({ key: 'k', project: 'default', client: 'test' })).toBe(twice[0]!.state.id)
    })

    test('a failing step asks for a person; edit, retry, finish', async () => {
      const plugin = brittle()
      const w = await start({
        plugins: [plugin],
        flows: {
          deploy: {
            variables: { target: { type: 'text', title: 'Target' } },
            nodes: { deploy: { use: 'brittle@1', with: { with: '${target}' } } },
          },
        },
      })
      const { state } = await w.launch('deploy', { variables: { target: 'wrong' } })
      const failed = await w.until(state.id, isIn('attention'))
      expect(failed.nodes.get('deploy')).toMatchObject({
        state: 'failed',
        attempt: 1,
        error: { cause: 'error', code: 'BROKEN' },
      })
      plugin.mend()
      await w.engine.command(
        state.id,
        { kind: 'edit_variables', by: li, revision: failed.variablesRevision, variables: { target: 'right' } },
        viewerOf(li),
      )
      await w.engine.command(state.id, { kind: 'retry', by: li, nodeId: 'deploy', attempt: 1 }, viewerOf(li))
      await w.until(state.id, isFinal)
      expect(plugin.runs).toEqual([`${state.id}/deploy/1 wrong`, `${state.id}/deploy/2 right`])
      await w.heard('finished')
      expect(kinds(w)).toEqual(['attention', 'attention_over', 'finished'])
    })

    test('of two people who press retry at once, exactly one wins; the other hears who was first', async () => {
      const plugin = brittle()
      const w = await start({ plugins: [plugin], flows: { deploy: { nodes: { deploy: { use: 'brittle@1' } } } } })
      const { state } = await w.launch('deploy')
      await w.until(state.id, isIn('attention'))
      plugin.mend()
      const pressed = await Promise.allSettled(
        [li, wu].map((by) =>
          w.engine.command(state.id, { kind: 'retry', by, nodeId: 'deploy', attempt: 1 }, viewerOf(by)),
        ),
      )
      expect(pressed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
      expect(pressed[1]).toMatchObject({ reason: { code: 'STALE', detail: { truth: { by: 'Li' } } } })
      await w.until(state.id, isFinal)
      expect(plugin.runs).toHaveLength(2)
    })

    test('a task that waits for people leaves memory, survives a restart, and goes on when they answer', async () => {
      const w = await start({
        plugins: [echo],
        flows: {
          release: { nodes: { ok: { use: 'approval', with: { approvers: ['role:qa'] } }, go: { use: 'echo@1' } } },
        },
      })
      const { state } = await w.launch('release')
      expect(state.phase).toBe('waiting')
      await w.heard('ask_opened')
      expect(await w.stats()).toEqual({ inMemory: 0, running: 0 })
      expect(w.messages.at(-1)?.row).toMatchObject({
        phase: 'waiting',
        waitingFor: ['approval'],
        needs: [{ person: 'p-wu', kind: 'ask' }],
      })

      const later = await again()
      expect((await later.stats()).inMemory).toBe(0)
      const [ask] = [...(await later.engine.task(state.id))!.state.asks.values()]
      expect((await later.engine.ask(ask!.id))?.askId).toBe(ask!.id)
      expect(await later.engine.ask('nothing-1')).toBeNull()
      const answer = { kind: 'decide', by: wu, askId: ask!.id, digest: ask!.digest, verdict: 'approve' } as const
      await expect(later.engine.command(state.id, { ...answer, digest: 'other' }, viewerOf(wu))).rejects.toMatchObject({
        code: 'STALE',
      })
      await later.engine.command(state.id, answer, viewerOf(wu))
      expect(await later.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
      await later.heard('finished')
      expect(later.messages.at(-1)?.row).toMatchObject({ phase: 'succeeded', needs: [] })
      expect(await later.engine.verifyHistory(state.id)).toBeNull()
    })

    test('revoke with a confirmed end: the body is told, its end is confirmed, cleanup runs', async () => {
      const body = held({ cancel: async () => true })
      const w = await start({
        plugins: [body.plugin, echo],
        flows: {
          long: { nodes: { work: { use: 'held@1', next: 'end' }, clean: { use: 'echo@1' } }, finally: ['clean'] },
        },
      })
      const { state } = await w.launch('long')
      await body.called('checkpointed 1')
      await w.engine.command(state.id, { kind: 'revoke', by: li, mode: 'cancel' }, viewerOf(li))
      const ended = await w.until(state.id, isFinal)
      expect(ended).toMatchObject({ phase: 'revoked', cancelUnconfirmed: false })
      expect(ended.nodes.get('work')?.state).toBe('revoked')
      expect(ended.nodes.get('clean')?.state).toBe('succeeded')
      expect(body.calls).toContain('cancel 1 {"begun":1}')
    })

    test('revoke without confirmation stands as unconfirmed once its grace is over', async () => {
      let offset = 0
      const body = held({ cancel: async () => false })
      const w = await start({
        plugins: [body.plugin],
        flows: { long: { nodes: { work: { use: 'held@1' } } } },
        engine: { now: () => Date.now() + offset },
      })
      const { state } = await w.launch('long')
      await body.called('checkpointed 1')
      await w.engine.command(state.id, { kind: 'revoke', by: li, mode: 'cancel' }, viewerOf(li))
      await body.called('cancel 1 {"begun":1}')
      offset = 31_000 // half a minute later, and a restart looks at what is due
      await again()
      const ended = await open!.until(state.id, isFinal)
      expect(ended).toMatchObject({ phase: 'revoked', cancelUnconfirmed: true })
    })

    test('pause lets what runs go on and holds the rest until resume', async () => {
      const body = held()
      const w = await start({
        plugins: [body.plugin, echo],
        flows: { two: { nodes: { one: { use: 'held@1' }, two: { use: 'echo@1' } } } },
      })
      const { state } = await w.launch('two')
      await body.called('checkpointed 1')
      await w.engine.command(state.id, { kind: 'pause', by: li }, viewerOf(li))
      body.release()
      const paused = await w.until(state.id, (s) => s.nodes.get('one')?.state === 'succeeded')
      expect(paused.phase).toBe('paused')
      expect(paused.nodes.has('two')).toBe(false)
      await w.engine.command(state.id, { kind: 'resume', by: li }, viewerOf(li))
      await w.until(state.id, isFinal)
    })

    test('a wait fires after a restart, late rather than never, and once', async () => {
      const w = await start({
        plugins: [echo],
        flows: { nap: { nodes: { nap: { use: 'wait', with: { for: '100ms' } }, then: { use: 'echo@1' } } } },
      })
      const { state } = await w.launch('nap')
      expect(state).toMatchObject({ phase: 'waiting', waitingFor: ['timer'] })
      const later = await again()
      const ended = await later.until(state.id, isFinal)
      expect(ended.nodes.get('nap')?.attempts).toHaveLength(1)
      expect(ended.endedAt! - ended.startedAt!).toBeGreaterThanOrEqual(100)
    })

    test('polls carry the state from one call to the next', async () => {
      const w = await start({ plugins: [polling(3)], flows: { poll: { nodes: { poll: { use: 'polling@1' } } } } })
      const { state } = await w.launch('poll')
      expect((await w.until(state.id, isFinal)).nodes.get('poll')?.outputs).toEqual({ polls: 3 })
    })

    test('a poll that is far away leaves memory and survives a restart', async () => {
      let offset = 0
      const w = await start({
        plugins: [polling(2, 60)],
        flows: { poll: { nodes: { poll: { use: 'polling@1' } } } },
        engine: { now: () => Date.now() + offset },
      })
      const { state } = await w.launch('poll')
      await w.until(state.id, (s) => s.nodes.get('poll')?.body === null)
      expect((await w.stats()).inMemory).toBe(0)
      offset = 60_000
      const later = await again()
      await later.until(state.id, (s) => s.nodes.get('poll')?.pluginState === 1)
      offset = 120_000
      const last = await again()
      expect((await last.until(state.id, isFinal)).nodes.get('poll')?.outputs).toEqual({ polls: 2 })
    })

    test('callbacks: early, twice, forged, and late ones; each key counts once, none is lost', async () => {
      let w: World
      const early = calledBack(async ({ token }) => {
        // Before the node waits at all: kept, and handled as soon as it does.
        expect(await w.engine.callback(token, { say: 'early' }, 'k0')).toBe(true)
      })
      w = await start({ plugins: [early.plugin], flows: { call: { nodes: { call: { use: 'called@1' } } } } })
      const { state } = await w.launch('call')
      await w.until(state.id, (s) => JSON.stringify(s.nodes.get('call')?.pluginState) === '["early"]')
      expect((await w.stats()).inMemory).toBe(0)
      const { token, url } = early.addresses[0]!
      expect(url).toBe(`http://baton.test/callback/${token}`)
      expect(await w.engine.callback(`${token}x`, {}, null)).toBe(false)
      expect(await w.engine.callback('nonsense', {}, null)).toBe(false)

      w = await again()
      await Promise.all([1, 2].map(() => w.engine.callback(token, { say: 'twice' }, 'k1')))
      await w.until(state.id, (s) => JSON.stringify(s.nodes.get('call')?.pluginState) === '["early","twice"]')
      await w.engine.callback(token, { say: 'last', last: true }, null)
      const ended = await w.until(state.id, isFinal)
      expect(ended.outputs).toEqual({})
      expect(ended.nodes.get('call')?.outputs).toEqual({ got: ['early', 'twice', 'last'] })
      expect(await w.engine.callback(token, { say: 'late' }, null)).toBe(true)
      await vi.waitFor(async () =>
        expect(await w.rows('SELECT state, count(*) FROM inbox GROUP BY state ORDER BY state')).toEqual([
          ['done', 3],
          ['late', 1],
        ]),
      )
    })

    test('after a restart a resumable body is attached to with its last checkpoint, a repeatable one runs again, any other is lost', async () => {
      const bodies = [
        held({ code: 'resumable', resume: true }),
        held({ code: 'repeatable', repeat: true }),
        held({ code: 'plain' }),
      ] as const
      const flows = Object.fromEntries(
        bodies.map(({ plugin }) => [plugin.code, { nodes: { work: { use: `${plugin.code}@1` } } }]),
      )
      const w = await start({ plugins: bodies.map(({ plugin }) => plugin), flows })
      const ids = await Promise.all(bodies.map(async ({ plugin }) => (await w.launch(plugin.code)).state.id))
      await Promise.all(bodies.map((body) => body.called('checkpointed 1')))

      const next = [
        held({ code: 'resumable', resume: true }),
        held({ code: 'repeatable', repeat: true }),
        held({ code: 'plain' }),
      ] as const
      const later = await again({ plugins: next.map(({ plugin }) => plugin), graceMs: 0 })
      await next[0].called('resume 1 {"begun":1}')
      await next[1].called('checkpointed 1')
      const lost = await later.until(ids[2]!, isIn('attention'))
      expect(lost.nodes.get('work')).toMatchObject({ state: 'failed', attempt: 1, error: { cause: 'lost' } })
      expect(next[2].calls).toEqual([])
      for (const body of next) body.release()
      for (const id of ids.slice(0, 2)) expect((await later.until(id, isFinal)).nodes.get('work')?.attempt).toBe(1)
    })

    test('a timeout ends the body; unconfirmed it is lost, confirmed it is a timeout', async () => {
      const nodes = { work: { use: 'held@1', onFail: { timeout: '50ms' } } }
      const sure = held({ cancel: async () => true })
      const w = await start({ plugins: [sure.plugin], flows: { long: { nodes } } })
      const { state } = await w.launch('long')
      expect((await w.until(state.id, isIn('attention'))).nodes.get('work')?.error).toMatchObject({ cause: 'timeout' })
      expect(sure.calls).toContain('aborted 1')
    })

    test('a resumed attempt is not judged by its deadline before it has told how things stand', async () => {
      let offset = 0
      const nodes = { work: { use: 'held@1', onFail: { timeout: '10s' } } }
      const before = held({ resume: true, cancel: async () => true })
      const w = await start({
        plugins: [before.plugin],
        flows: { long: { nodes } },
        engine: { now: () => Date.now() + offset },
      })
      const { state } = await w.launch('long')
      await before.called('checkpointed 1')
      const after = held({ resume: true, cancel: async () => true })
      const later = await again({ plugins: [after.plugin], graceMs: 0, meanwhile: () => void (offset = 60_000) })
      await after.called('resume 1 {"begun":1}')
      after.release() // its record says: ended, before the deadline
      expect((await later.until(state.id, isFinal)).nodes.get('work')?.state).toBe('succeeded')
    })

    test('secrets are opened for the body alone: not in events, outputs, logs, messages or progress', async () => {
      const w = await start({
        plugins: [leaky],
        flows: {
          login: {
            variables: { pass: { type: 'password', title: 'Password' } },
            nodes: {
              vault: { use: 'leaky@1', with: { token: '${secrets.web.token}' } },
              typed: { use: 'leaky@1', with: { token: 'Bearer ${pass}', fail: true } },
            },
          },
        },
      })
      const { state } = await w.launch('login', {
        variables: { pass: { $secret: 'task:pass' } },
        secrets: { pass: 'correct horse' },
      })
      const failed = await w.until(state.id, isIn('attention'))
      expect(failed.nodes.get('vault')?.outputs).toEqual({ token: MASK, length: 'secret-of-web.token'.length })
      expect(failed.nodes.get('typed')?.error?.message).toBe(`login with ${MASK} failed`)
      const { lines } = await w.engine.logLines(state.id, 'typed', 1)
      expect(lines.map(({ text }) => text)).toEqual([`token ${MASK}`, `base64 ${MASK}`])
      const everything = JSON.stringify([
        await w.engine.history(state.id),
        await w.rows('SELECT state FROM snapshots'),
        await w.rows('SELECT lines FROM logs'),
        await w.rows('SELECT request FROM launch_keys'),
        w.messages,
      ])
      for (const text of ['correct horse', 'secret-of', Buffer.from('correct horse').toString('base64')])
        expect(everything).not.toContain(text)
    })

    test('when its commit fails, whoever asked is told to try again, and the task goes on from what is on disk', async () => {
      const plugin = brittle()
      const w = await start({ plugins: [plugin], flows: { deploy: { nodes: { deploy: { use: 'brittle@1' } } } } })
      const { state } = await w.launch('deploy')
      await w.until(state.id, isIn('attention'))
      plugin.mend()
      const retry = { kind: 'retry', by: li, nodeId: 'deploy', attempt: 1 } as const
      await w.meddle('tasks', "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no room'); END")
      await expect(w.engine.command(state.id, retry, viewerOf(li))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(plugin.runs).toHaveLength(1)
      expect((await w.engine.task(state.id))?.state.nodes.get('deploy')).toMatchObject({ state: 'failed', attempt: 1 })
      await w.meddle('tasks', 'DROP TRIGGER full')
      await w.engine.command(state.id, retry, viewerOf(li))
      await w.until(state.id, isFinal)
      expect(plugin.runs).toHaveLength(2)
    })

    test('a launch that was reserved but not created is finished at the next start', async () => {
      const w = await start({ plugins: [echo], flows: { hello: { nodes: { one: { use: 'echo@1' } } } } })
      const { state } = await w.launch('hello')
      await w.until(state.id, isFinal)
      await w.heard('finished')
      const request = JSON.stringify({
        project: 'default',
        key: 'half',
        client: 'test',
        flow: { name: 'hello', version: 1 },
        app: null,
        title: 'hello',
        variables: {},
        secrets: {},
        launched: [],
        omit: [],
        scheme: null,
        origin: null,
        rehearsal: false,
        startNow: true,
        startAt: null,
        by: li,
      })
      await w.meddle('catalogue', 'INSERT INTO launch_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
        'default',
        'test',
        'half',
        'half-id',
        7,
        'x',
        1,
        request,
      ])
      const later = await again()
      expect(await later.until('half-id', isFinal)).toMatchObject({ number: 7, phase: 'succeeded' })
    })

    test('a rehearsal lets nothing leave: no body, no cancel, no message', async () => {
      const body = held({ cancel: async () => true })
      const w = await start({ plugins: [body.plugin], flows: { long: { nodes: { work: { use: 'held@1' } } } } })
      const { state } = await w.launch('long', { rehearsal: true })
      expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
      expect(body.calls).toEqual([])
    })

    test('a log line about a body names its execution, under a name that no log hides', async () => {
      const lines: object[] = []
      const info = (line: object): void => void lines.push(line)
      const throws = definePlugin({
        code: 'throws',
        version: '1.0.0',
        title: 'Throws',
        inputs: z.object({}),
        execute: async () => Promise.reject(new Error('no')),
      })
      const w = await start({
        plugins: [throws],
        flows: { one: { nodes: { work: { use: 'throws@1' } } } },
        engine: { log: { info, warn: info, error: info } },
      })
      const { state } = await w.launch('one')
      await w.until(state.id, isIn('attention'))
      expect(lines).toContainEqual(expect.objectContaining({ execution: `${state.id}/work/1` }))
    })

    test('what a body logged is read while it runs, and after', async () => {
      const talker = held()
      const seen: string[] = []
      const plugin = {
        ...talker.plugin,
        execute: async (ctx: Parameters<typeof talker.plugin.execute>[0]) => (
          ctx.log('one\ntwo\n', 'stdout'),
          talker.plugin.execute(ctx, {})
        ),
      }
      const w = await start({ plugins: [plugin], flows: { long: { nodes: { work: { use: 'held@1' } } } } })
      const { state } = await w.launch('long', { key: 'log' })
      w.engine.onLog(state.id, 'work', 1, (line) => seen.push(line.text))
      await talker.called('checkpointed 1')
      const live = await w.engine.logLines(state.id, 'work', 1)
      expect(live).toMatchObject({
        total: 2,
        dropped: 0,
        lines: [
          { n: 0, text: 'one', stream: 'stdout' },
          { n: 1, text: 'two' },
        ],
      })
      talker.release()
      await w.until(state.id, isFinal)
      expect((await w.engine.logLines(state.id, 'work', 1, { last: 1 })).lines.map(({ text }) => text)).toEqual(['two'])
      expect((await w.engine.logLines(state.id, 'work', 1, { after: 0 })).lines.map(({ n }) => n)).toEqual([1])
    })
  })
}
