import { afterEach, expect, test } from 'vitest'
import { definePlugin, done, fail, z, type Plugin } from '../plugin/index.ts'
import { isFinal, viewerOf, world, li, wu, type World, type WorldOptions } from './setup.ts'

let open: World | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const start = async (options: WorldOptions): Promise<World> => (open = await world(options))

const echo = definePlugin({
  code: 'echo',
  version: '1.0.0',
  title: 'Echo',
  inputs: z.object({ text: z.string().default('') }),
  outputs: z.object({ text: z.string() }),
  execute: async (_, { text }) => done({ text }),
})
/** Fails until told otherwise. */
function brittle(): Plugin & { mend(): void; runs: string[] } {
  let isBroken = true
  const runs: string[] = []
  const plugin = definePlugin({
    code: 'brittle',
    version: '1.0.0',
    title: 'Brittle',
    inputs: z.object({ with: z.string().default('') }),
    execute: async (ctx, given) => {
      runs.push(`${ctx.idempotencyKey} ${given.with}`)
      return isBroken ? fail({ code: 'BROKEN', message: 'Deploy failed: exit code 3' }) : done({})
    },
  })
  return Object.assign(plugin, {
    runs,
    mend: () => {
      isBroken = false
    },
  })
}

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
  const ended = await w.until(state.id, isFinal)
  expect(ended).toMatchObject({ phase: 'succeeded', outputs: { said: 'hello Li!' }, number: 1 })
  expect(w.engine.verifyHistory(state.id)).toBeNull()
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
  const failed = await w.until(state.id, (s) => s.phase === 'attention')
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
  expect(
    w.messages.flatMap(({ notices }) => notices.map(({ kind }) => kind)).filter((kind) => kind !== 'changed'),
  ).toEqual(['attention', 'attention_over', 'finished'])
})

test('of two people who press retry at once, exactly one wins; the other hears who was first', async () => {
  const plugin = brittle()
  const w = await start({ plugins: [plugin], flows: { deploy: { nodes: { deploy: { use: 'brittle@1' } } } } })
  const { state } = await w.launch('deploy')
  await w.until(state.id, (s) => s.phase === 'attention')
  plugin.mend()
  const pressed = await Promise.allSettled(
    [li, wu].map((by) => w.engine.command(state.id, { kind: 'retry', by, nodeId: 'deploy', attempt: 1 }, viewerOf(by))),
  )
  expect(pressed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(pressed[1]).toMatchObject({ reason: { code: 'STALE', detail: { truth: { by: 'Li' } } } })
  await w.until(state.id, isFinal)
  expect(plugin.runs).toHaveLength(2)
})
