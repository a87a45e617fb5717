import { afterEach, expect, test } from 'vitest'
import type { PeopleCommand } from '../core/command.ts'
import type { NodeRun, TaskState } from '../core/state.ts'
import { brittle, echo, held, leaky } from './plugins.ts'
import { isFinal, li, viewerOf, world, wu, type World, type WorldOptions } from './setup.ts'

let open: World | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const start = async (options: WorldOptions): Promise<World> => (open = await world(options))
const again = async (): Promise<World> => (open = await open!.restart({ graceMs: 0 }))

type State = Readonly<TaskState>
const node = (state: State, id: string): NodeRun => state.nodes.get(id)!
const isIn = (phase: TaskState['phase']) => (state: State) => state.phase === phase
/** The newest child of a task, once it is as wanted. */
async function childOf(
  w: World,
  parent: string,
  holds: (state: State) => boolean = () => true,
  of = 0,
): Promise<State> {
  const { children } = await w.until(parent, (state) => state.children[of]?.number != null)
  return w.until(children[of]!.id, holds)
}
const press = (w: World, task: string, command: Omit<PeopleCommand, 'by'> & { kind: PeopleCommand['kind'] }, by = wu) =>
  w.engine.command(task, { ...command, by } as PeopleCommand, viewerOf(by))
const calling = (child: string, more: object = {}) => ({
  nodes: { call: { use: 'flow', with: { flow: child, variables: { who: 'Li' } }, ...more } },
})
const GREET = {
  variables: { who: { type: 'text', title: 'Who', required: true } },
  nodes: { say: { use: 'echo@1', with: { text: 'hello ${who}' } } },
  outputs: { said: '${say.outputs.text}' },
}
const HELD = { variables: { who: { type: 'text', title: 'Who' } }, nodes: { hold: { use: 'held@1' } } }

test('a flow starts another one and goes on with what it gave', async () => {
  const w = await start({
    plugins: [echo],
    flows: {
      greet: GREET,
      outer: {
        variables: { said: { type: 'text', show: false } },
        nodes: {
          call: { use: 'flow', with: { flow: 'greet', variables: { who: 'Li' } }, save: { said: 'said' } },
          after: { use: 'echo@1', with: { text: '${said}, ${call.outputs.said}' } },
        },
        outputs: { all: '${after.outputs.text}' },
      },
    },
  })
  const { state } = await w.launch('outer')
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded', outputs: { all: 'hello Li, hello Li' } })
  const child = await childOf(w, state.id, isFinal)
  expect(child).toMatchObject({
    phase: 'succeeded',
    flow: { name: 'greet', version: 1 },
    startedBy: li,
    parent: { task: state.id, number: state.number, node: 'call', attempt: 1, ancestors: [state.id] },
    variables: { who: 'Li' },
  })
  expect(child.number).toBe(2)
  expect(w.engine.verifyHistory(child.id)).toBeNull()
})

test('while its child runs a task is running, while it waits it waits for the child, and attention passes up with one alert', async () => {
  const plugin = brittle()
  const w = await start({
    plugins: [plugin],
    flows: {
      inner: {
        nodes: { ask: { use: 'confirm', with: { by: 'Wu', text: 'Go?' } }, deploy: { use: 'brittle@1' } },
      },
      middle: { nodes: { call: { use: 'flow', with: { flow: 'inner' } } } },
      outer: { nodes: { call: { use: 'flow', with: { flow: 'middle' } } } },
    },
  })
  const { state } = await w.launch('outer')
  const middle = await childOf(w, state.id)
  const inner = await childOf(w, middle.id, isIn('waiting'))
  expect((await w.until(state.id, isIn('waiting'))).waitingFor).toEqual(['child'])
  const ask = [...inner.asks.values()][0]!
  await press(w, inner.id, { kind: 'decide', askId: ask.id, digest: ask.digest, verdict: 'confirm' } as never)
  await w.until(state.id, isIn('attention'))
  expect((await w.until(middle.id, isIn('attention'))).waitingFor).toEqual(['child'])
  const alerts = w.messages.filter(({ notices }) => notices.some(({ kind }) => kind === 'attention'))
  expect(alerts.map(({ from }) => from)).toEqual([inner.id])
  expect(w.messages.findLast(({ from }) => from === state.id)?.row.needs).toEqual([])
  plugin.mend()
  await press(w, inner.id, { kind: 'retry', nodeId: 'deploy', attempt: 1 } as never)
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

test('a child that fails is its node failed; a retry launches another one', async () => {
  const plugin = brittle()
  const w = await start({
    plugins: [plugin],
    flows: {
      inner: { nodes: { deploy: { use: 'brittle@1', onFail: { then: 'fail' } } } },
      outer: { nodes: { call: { use: 'flow', with: { flow: 'inner' } } } },
    },
  })
  const { state } = await w.launch('outer')
  const failed = await w.until(state.id, isIn('attention'))
  expect(node(failed, 'call').error).toEqual({
    cause: 'child_failed',
    code: 'BROKEN',
    message: '#2 failed: Deploy failed: exit code 3',
  })
  plugin.mend()
  await press(w, state.id, { kind: 'retry', nodeId: 'call', attempt: 1 } as never)
  const ended = await w.until(state.id, isFinal)
  expect(ended).toMatchObject({ phase: 'succeeded' })
  expect(ended.children).toMatchObject([
    { number: 2, attempt: 1, phase: 'failed' },
    { number: 3, attempt: 2, phase: 'succeeded' },
  ])
})

test.each([
  { what: 'a flow that does not exist', inner: 'nowhere', variables: {}, code: 'NOT_FOUND', says: 'nowhere' },
  { what: 'a variable that it needs', inner: 'greet', variables: {}, code: 'INVALID_INPUT', says: 'who' },
  { what: 'one that it has not', inner: 'greet', variables: { who: 'x', me: 'y' }, code: 'INVALID_INPUT', says: 'me' },
])('what stands against a child is told where it was asked for: $what', async ({ inner, variables, code, says }) => {
  const w = await start({
    plugins: [echo],
    flows: { greet: GREET, outer: { nodes: { call: { use: 'flow', with: { flow: inner, variables } } } } },
  })
  const { state } = await w.launch('outer')
  const failed = await w.until(state.id, isIn('attention'))
  expect(node(failed, 'call').error).toMatchObject({ cause: 'error', code })
  expect(node(failed, 'call').error!.message).toContain(says)
  await press(w, state.id, { kind: 'skip', nodeId: 'call', attempt: 1 } as never)
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

test.each(['cancel', 'stop'] as const)(
  'revoke (%s) reaches the children, and the parent waits for their end',
  async (mode) => {
    const plugin = held({ cancel: async () => true })
    const w = await start({
      plugins: [plugin.plugin, echo],
      flows: {
        inner: {
          ...HELD,
          nodes: { ...HELD.nodes, next: { use: 'echo@1' }, clean: { use: 'echo@1' } },
          finally: ['clean'],
        },
        outer: {
          ...calling('inner'),
          finally: ['tidy'],
          nodes: { ...calling('inner').nodes, tidy: { use: 'echo@1' } },
        },
      },
    })
    const { state } = await w.launch('outer')
    const child = await childOf(w, state.id, (s) => s.nodes.has('hold'))
    await plugin.called('execute 1')
    await press(w, state.id, { kind: 'revoke', mode, reason: 'wrong build' } as never)
    await w.until(child.id, (s) => s.revoking !== null)
    if (mode === 'stop') plugin.release()
    const ended = await childOf(w, state.id, isFinal)
    expect(ended).toMatchObject({ phase: 'revoked', revoking: { mode, by: wu, reason: 'wrong build' } })
    expect([node(ended, 'clean').state, ended.nodes.has('next')]).toEqual(['succeeded', false])
    const parent = await w.until(state.id, isFinal)
    expect(parent).toMatchObject({ phase: 'revoked' })
    expect([node(parent, 'call').state, node(parent, 'tidy').state]).toEqual(['revoked', 'succeeded'])
    expect(parent.endedAt!).toBeGreaterThanOrEqual(ended.endedAt!)
  },
  40_000,
)

test('a paused parent pauses its children; they resume with it and not before', async () => {
  const plugin = held()
  const w = await start({
    plugins: [plugin.plugin, echo],
    flows: { inner: { ...HELD, nodes: { ...HELD.nodes, next: { use: 'echo@1' } } }, outer: calling('inner') },
  })
  const { state } = await w.launch('outer')
  const child = await childOf(w, state.id)
  await plugin.called('execute 1')
  await press(w, state.id, { kind: 'pause' })
  await w.until(child.id, isIn('paused'))
  plugin.release()
  const stood = await w.until(child.id, (s) => node(s, 'hold').state === 'succeeded')
  expect([stood.phase, stood.nodes.has('next')]).toEqual(['paused', false])
  await expect(press(w, child.id, { kind: 'resume' })).rejects.toMatchObject({ code: 'NOT_ALLOWED' })
  await press(w, state.id, { kind: 'resume' })
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

test('a child that was paused by itself stays paused when its parent goes on, and does not pause it', async () => {
  const plugin = held()
  const w = await start({ plugins: [plugin.plugin], flows: { inner: HELD, outer: calling('inner') } })
  const { state } = await w.launch('outer')
  const child = await childOf(w, state.id)
  await plugin.called('execute 1')
  await press(w, child.id, { kind: 'pause' })
  expect((await w.until(state.id, isIn('waiting'))).waitingFor).toEqual(['child'])
  await press(w, state.id, { kind: 'pause' })
  await w.until(child.id, (s) => s.heldByParent)
  await press(w, state.id, { kind: 'resume' })
  expect(await w.until(child.id, (s) => !s.heldByParent)).toMatchObject({ phase: 'paused' })
  await press(w, child.id, { kind: 'resume' })
  plugin.release()
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

test.each([
  { verb: 'skip', more: {}, becomes: 'skipped', ends: 'succeeded' },
  { verb: 'byhand', more: { outputs: { said: 'hi' } }, becomes: 'byhand', ends: 'succeeded' },
  { verb: 'fail', more: {}, becomes: 'failed', ends: null },
])('$verb on a node whose child lives stops the child first', async ({ verb, more, becomes, ends }) => {
  const plugin = held({ cancel: async () => true })
  const w = await start({ plugins: [plugin.plugin], flows: { inner: HELD, outer: calling('inner') } })
  const { state } = await w.launch('outer')
  const child = await childOf(w, state.id)
  await plugin.called('execute 1')
  await press(w, state.id, { kind: verb, nodeId: 'call', attempt: 1, ...more } as never)
  expect(await w.until(child.id, isFinal)).toMatchObject({ phase: 'revoked' })
  const parent = await w.until(state.id, (s) => node(s, 'call').state === becomes)
  if (ends) expect(await w.until(state.id, isFinal)).toMatchObject({ phase: ends })
  else expect(node(parent, 'call').error).toMatchObject({ cause: 'forced' })
})

test('a child that takes too long is stopped, and the next attempt has one of its own', async () => {
  const plugin = held({ cancel: async () => true })
  const w = await start({
    plugins: [plugin.plugin],
    flows: { inner: HELD, outer: calling('inner', { onFail: { timeout: '1s', retry: { times: 1, delay: '0s' } } }) },
  })
  const { state } = await w.launch('outer')
  const second = await childOf(w, state.id, (s) => s.nodes.has('hold'), 1)
  expect((await w.engine.task(state.id))!.state.children).toMatchObject([
    { attempt: 1, phase: 'revoked' },
    { attempt: 2, id: second.id },
  ])
  await plugin.called('execute 1', 2)
  plugin.release()
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

test('a rehearsed flow rehearses the flows it starts', async () => {
  const plugin = brittle()
  const w = await start({
    plugins: [plugin],
    flows: {
      inner: { nodes: { deploy: { use: 'brittle@1' } } },
      outer: { nodes: { call: { use: 'flow', with: { flow: 'inner' } } } },
    },
  })
  const { state } = await w.launch('outer', { rehearsal: true })
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
  expect(await childOf(w, state.id)).toMatchObject({ rehearsal: true })
  expect(plugin.runs).toEqual([])
})

test('a rehearsed parent goes on with a sample where the flow it starts gave what does not fit', async () => {
  const w = await start({
    plugins: [brittle(), echo],
    flows: {
      inner: { nodes: { a: { use: 'echo@1' } }, outputs: { colour: 'green' } },
      outer: {
        variables: { colour: { type: 'select', title: 'Colour', options: ['blue', 'red'], show: false } },
        nodes: { call: { use: 'flow', with: { flow: 'inner' }, save: { colour: 'colour' } } },
        outputs: { colour: '${colour}' },
      },
    },
  })
  const { state } = await w.launch('outer', { rehearsal: true })
  expect(await w.until(state.id, ({ phase }) => phase === 'attention' || phase === 'succeeded')).toMatchObject({
    phase: 'succeeded',
    outputs: { colour: 'blue' },
  })
})

test('a secret is handed on to a secret variable, sealed for the child, and to no other', async () => {
  const secretive = {
    variables: { token: { type: 'password', title: 'Token' } },
    nodes: { use: { use: 'leaky@1', with: { token: '${token}' } } },
    outputs: { length: '${use.outputs.length}' },
  }
  const outer = (flow: string) => ({
    variables: { pass: { type: 'password', title: 'Pass' } },
    nodes: { call: { use: 'flow', with: { flow, variables: { token: '${pass}' } } } },
    outputs: { length: '${call.outputs.length}' },
  })
  const w = await start({
    plugins: [leaky, echo],
    flows: {
      secretive,
      open: { variables: { token: { type: 'text', title: 'Token' } }, nodes: { say: { use: 'echo@1' } } },
      good: outer('secretive'),
      bad: outer('open'),
    },
  })
  const given = { variables: { pass: { $secret: 'task:pass' } }, secrets: { pass: 'correct horse battery' } }
  const good = await w.launch('good', given)
  expect(await w.until(good.state.id, isFinal)).toMatchObject({ outputs: { length: 21 } })
  expect((await childOf(w, good.state.id)).variables).toEqual({ token: { $secret: 'task:token' } })
  const bad = await w.launch('bad', given)
  const failed = await w.until(bad.state.id, isIn('attention'))
  expect(node(failed, 'call').error).toMatchObject({ code: 'INVALID_INPUT' })
  expect(JSON.stringify(w.messages)).not.toContain('correct horse')
})

test('a flow that starts itself for ever ends at twenty', async () => {
  const w = await start({
    plugins: [],
    flows: {
      me: { nodes: { call: { use: 'flow', with: { flow: 'me', version: 'latest' }, onFail: { then: 'fail' } } } },
    },
  })
  const { state } = await w.launch('me')
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'failed' })
  const deepest = w.messages.reduce((a, b) => (b.row.id.length > a.row.id.length ? b : a)).row
  const last = (await w.engine.task(deepest.id))!.state
  expect([last.parent?.ancestors.length, node(last, 'call').error?.code]).toEqual([20, 'TOO_DEEP'])
})

test('a restart in the middle takes parent and child up where they were', async () => {
  const plugin = held({ resume: true })
  let w = await start({ plugins: [plugin.plugin], flows: { inner: HELD, outer: calling('inner') } })
  const { state } = await w.launch('outer')
  await childOf(w, state.id)
  await plugin.called('checkpointed 1')
  w = await again()
  await plugin.called('resume 1 {"begun":1}')
  plugin.release()
  expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})
