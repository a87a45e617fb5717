/**
 * One life of an engine under load, to be killed at any moment. Tells the parent by lines on standard output what was
 * acknowledged to a caller; writes every start of a body to the side-effects file before anything else, as a remote host would.
 * Arguments: folder, seed, how many tasks to launch.
 */
import { appendFileSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import type { Actor } from '../../core/state.ts'
import { awaitCallback, definePlugin, done, fail, pollAfter, z, type Context } from '../../plugin/index.ts'
import { createEngine } from '../../runtime/create.ts'
import type { TaskMessage } from '../../runtime/engine.ts'
import { openDatabase } from '../../store/open.ts'
import { compile, viewerOf } from '../setup.ts'

const [folder, seedText, launchesText] = process.argv.slice(2) as [string, string, string]
let seed = Number(seedText)
const random = (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}
const by: Actor = { person: 'p-li', name: 'Li', surface: 'api' }
const acknowledge = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`)

const effects = openSync(join(folder, 'effects'), 'a')
/** The outside world saw this body start: durable before it goes on. */
function effect(kind: string, ctx: Context): void {
  writeSync(effects, `${kind} ${ctx.idempotencyKey}\n`)
  fsyncSync(effects)
}
const pause = (): Promise<void> =>
  new Promise((resolve) => (random() < 0.5 ? setImmediate(resolve) : setTimeout(resolve, random() * 8)))

const inputs = z.object({})
const plugins = [
  definePlugin({
    code: 'once',
    version: '1.0.0',
    title: 'Once',
    inputs,
    async execute(ctx) {
      effect('once', ctx)
      await pause()
      return random() < 0.1 ? fail({ message: 'by chance' }) : done({})
    },
  }),
  definePlugin({
    code: 'again',
    version: '1.0.0',
    title: 'Again',
    inputs,
    repeat: () => true,
    async execute(ctx) {
      effect('again', ctx)
      await pause()
      return done({})
    },
  }),
  definePlugin({
    code: 'attached',
    version: '1.0.0',
    title: 'Attached',
    inputs,
    async execute(ctx) {
      effect('attached', ctx)
      await ctx.checkpoint({ at: 1 })
      await pause()
      return done({})
    },
    async resume() {
      await pause()
      return done({})
    },
  }),
  definePlugin({
    code: 'polled',
    version: '1.0.0',
    title: 'Polled',
    inputs,
    async execute(ctx) {
      effect('polled', ctx)
      return pollAfter(0.01, 0)
    },
    poll: async (_, state) => ((state as number) < 2 ? pollAfter(0.01, (state as number) + 1) : done({})),
  }),
  definePlugin({
    code: 'called',
    version: '1.0.0',
    title: 'Called',
    inputs,
    async execute(ctx) {
      effect('called', ctx)
      addresses.set(ctx.callback.token, 0)
      return awaitCallback(null)
    },
    callback: async () => done({}),
  }),
]
const addresses = new Map<string, number>()
const step = (use: string): object => ({ use: `${use}@1` })
const flows: { readonly [name: string]: object } = {
  plain: { nodes: { a: step('once'), b: step('again'), c: step('attached'), d: step('once') } },
  fanned: {
    nodes: {
      fork: { gateway: 'parallel', next: ['x', 'y', 'z'] },
      x: { ...step('once'), next: 'join' },
      y: { ...step('polled'), next: 'join' },
      z: { ...step('called'), next: 'join' },
      join: { gateway: 'converge', next: 'end' },
      tidy: step('again'),
    },
    finally: ['tidy'],
  },
  asked: {
    nodes: {
      a: step('again'),
      nap: { use: 'wait', with: { for: '20ms' } },
      ok: { use: 'approval', with: { approvers: ['starter'] } },
      b: step('once'),
    },
  },
  /** At most two at once; each starts another, of which there is one at a time. */
  family: {
    concurrency: { key: 'family', limit: 2 },
    nodes: { a: step('again'), kin: { use: 'flow', with: { flow: 'kin' } }, b: step('once') },
  },
  kin: { concurrency: { key: 'kin' }, nodes: { x: step('once'), y: step('attached') } },
}

const db = openDatabase(join(folder, 'baton.db'))
const engine = createEngine({
  db,
  plugins,
  directory: {
    people: (_, starter) => [{ id: starter.person ?? '', name: starter.name }],
    title: (ref) => ref,
    constants: () => ({}),
    hosts: () => [],
  },
  loadFlow: async (_, name) => compile(name, flows[name]!, plugins),
  currentVersion: async () => 1,
  loadHost: async () => Promise.reject(new Error('no hosts here')),
  hostKeySeen: async () => {},
  openSecret: async () => '',
  key: new Uint8Array(32).fill(3),
  baseUrl: 'http://baton.test',
  reachable: async () => ({ accepted: [], unreachable: [] }),
  onMessage: (_, message) => react(message),
  log: { info() {}, warn() {}, error: (o, m) => appendFileSync(join(folder, 'errors'), `${m} ${JSON.stringify(o)}\n`) },
})

/** People who answer what they are asked, and operators who retry what has failed. */
function react({ from, notices }: TaskMessage): void {
  for (const notice of notices) {
    if (notice.kind === 'ask_opened' || notice.kind === 'attention') setTimeout(() => void answer(from), random() * 10)
  }
}
async function answer(taskId: string): Promise<void> {
  const view = await engine.task(taskId)
  for (const ask of view?.state.asks.values() ?? []) {
    if (ask.state !== 'open') continue
    await press(taskId, { kind: 'decide', by, askId: ask.id, digest: ask.digest, verdict: 'approve' })
  }
  for (const run of view?.state.nodes.values() ?? []) {
    if (run.state === 'failed') await press(taskId, { kind: 'retry', by, nodeId: run.id, attempt: run.attempt })
  }
}
/** Holds a task back before its second step, and lets go when it stands there, in this life or a later one. */
const hold = (taskId: string): Promise<void> => press(taskId, { kind: 'pause_before', by, nodeId: 'b', attempt: 0 })
async function letGo(taskId: string): Promise<void> {
  const view = await engine.task(taskId)
  for (const nodeId of view?.state.pausedBefore ?? [])
    await press(taskId, { kind: 'unpause', by, nodeId, attempt: view?.state.nodes.get(nodeId)?.attempt ?? 0 })
}
async function press(taskId: string, command: Parameters<typeof engine.command>[1]): Promise<void> {
  try {
    const { state } = await engine.command(taskId, command, viewerOf(by))
    acknowledge({ kind: 'command', task: taskId, version: state.version })
  } catch {
    // STALE or shutting down: nothing was acknowledged
  }
}

await engine.start()
flushCompileCache() // nobody gets to exit here
acknowledge({ kind: 'started' })
// Whoever was asked before the last crash answers now: nobody pressed then.
for (const [id] of db.prepare("SELECT id FROM task_index WHERE phase IN ('attention', 'waiting')").all())
  void answer(id as string)
// The outside calls back, twice, and goes on when the process has died in between.
for (const [task, node, attempt] of db.prepare('SELECT task, node, attempt FROM callback_tokens').all())
  void recall(task as string, node as string, attempt as number)
async function recall(task: string, node: string, attempt: number): Promise<void> {
  const { callbackToken } = await import('../../runtime/callback-token.ts')
  const { keysOf } = await import('../../store/seal.ts')
  addresses.set(callbackToken(keysOf(new Uint8Array(32).fill(3)), { task, node, attempt, item: null }), 0)
}
setInterval(() => {
  for (const [id] of db.prepare("SELECT id FROM task_index WHERE phase = 'paused'").all()) void letGo(id as string)
}, 60)
setInterval(() => {
  for (const [token, times] of addresses) {
    if (times >= 2) addresses.delete(token)
    else addresses.set(token, times + 1)
    void engine.callback(token, {}, 'same').then((kept) => kept && acknowledge({ kind: 'callback', token }))
  }
}, 15)

/** Ended tasks that others go on from. */
const ended = db.prepare("SELECT id FROM task_index WHERE flow = 'plain' AND outcome IS NOT NULL LIMIT 50").all()
for (let i = 0; i < Number(launchesText); i++) {
  const flow = ['plain', 'fanned', 'asked', 'family'][Math.floor(random() * 4)]!
  const before = flow === 'plain' && random() < 0.3 ? ended[Math.floor(random() * ended.length)] : undefined
  const isHeld = flow === 'plain' && random() < 0.3
  const key = `${seedText}-${i}`
  void engine
    .launch({
      project: 'default',
      key,
      client: 'crash',
      rawInput: key,
      flow: { name: flow, version: 1 },
      app: null,
      title: key,
      variables: {},
      secrets: {},
      launched: [],
      omit: [],
      scheme: null,
      origin: null,
      rehearsal: false,
      startNow: true,
      startAt: null,
      ...(before && { continueFrom: before[0] as string }),
      by,
    })
    .then(({ state }) => {
      acknowledge({ kind: 'launched', task: state.id, number: state.number, key })
      if (isHeld) void hold(state.id)
    })
    .catch((error: unknown) => appendFileSync(join(folder, 'errors'), `launch of ${key}: ${String(error)}\n`))
  if (random() < 0.3) await pause()
}
