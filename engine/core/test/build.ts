/** Small builders for flows, people and turns of a task, so that tests read like the flow they are about. */
import { replay } from '../apply.ts'
import type { Command, Job, LaunchFacts, PeopleCommand, Result } from '../command.ts'
import { actorOf, decideAhead, record } from '../decide/decide.ts'
import { decideLaunch } from '../decide/launch.ts'
import type { DecideEnv, Directory, PluginInfo } from '../env.ts'
import type { Event, EventKind, Recorded } from '../events.ts'
import type {
  ActivityNode,
  AskNode,
  Branch,
  FailurePolicy,
  Flow,
  FlowNode,
  GatewayNode,
  Scope,
  SubflowNode,
  Template,
  Variable,
  WaitNode,
} from '../flow.ts'
import { jobsOf } from '../jobs.ts'
import { settle } from '../overlay.ts'
import type { Actor, Ask, NodeRun, TaskState } from '../state.ts'
import type { Value, Values } from '../value.ts'

// ---- flows ---------------------------------------------------------------------------------------------------------

/** A value that is what it says. */
export const value = (source: Value): Template => ({ source, reads: [], evaluate: () => source })
/** `${…}` of a test: `reads` and what it makes of the scope. */
export const expression = (source: string, reads: readonly string[], evaluate: (scope: Scope) => Value): Template => ({
  source,
  reads,
  evaluate,
})
/** A variable's value; reading one that is missing fails. */
export const variable = (name: string): Template =>
  expression(`\${${name}}`, [name], (scope) => {
    const found = scope(name)
    if (found === undefined) throw new Error(`\${${name}}: it has no value yet`)
    return found
  })
export const is = (name: string, wanted: Value): Template =>
  expression(`\${${name} == ${JSON.stringify(wanted)}}`, [name], (scope) => scope(name) === wanted)

const NO_POLICY: FailurePolicy = { retry: null, timeoutMs: null, then: 'ask', advice: null }
export const policy = (change: Partial<FailurePolicy>): FailurePolicy => ({ ...NO_POLICY, ...change })
export const retries = (
  times: number,
  change: Partial<NonNullable<FailurePolicy['retry']>> = {},
): NonNullable<FailurePolicy['retry']> => ({
  times,
  delayMs: 0,
  backoff: 'none',
  maxDelayMs: 3_600_000,
  on: ['error', 'timeout'],
  ...change,
})
type Common = Partial<Omit<ActivityNode, 'kind' | 'id'>>
const base = (id: string, change: { readonly title?: string }) => ({
  id,
  title: change.title ?? id,
  stage: null,
  optional: false,
  when: null,
  maxVisits: 100,
  onFail: NO_POLICY,
  allow: { retry: ['starter', 'operator'], skip: ['operator'], byhand: ['operator'], fail: ['operator'] },
  save: {},
  inFinally: false,
})
export const act = (id: string, next: string, change: Common = {}): ActivityNode => ({
  ...base(id, change),
  kind: 'activity',
  use: 'test.run@1',
  with: {},
  each: null,
  next,
  ...change,
})
export const wait = (id: string, next: string, inputs: Values, change: Partial<WaitNode> = {}): WaitNode => ({
  ...base(id, change),
  kind: 'wait',
  with: templates(inputs),
  next,
  ...change,
})
export const subflow = (
  id: string,
  next: string,
  inputs: Values = {},
  change: Partial<SubflowNode> = {},
): SubflowNode => ({ ...base(id, change), kind: 'subflow', with: templates(inputs), next, ...change })
export const ask = (id: string, next: string, inputs: Values, change: Partial<AskNode> = {}): AskNode => ({
  ...base(id, change),
  kind: 'ask',
  ask: 'approval',
  with: templates(inputs),
  bind: null,
  next,
  ...change,
})
const templates = (inputs: Values): { [name: string]: Template } =>
  Object.fromEntries(Object.entries(inputs).map(([name, each]) => [name, value(each)]))
export const branch = (next: string, when: Template | null = null): Branch => ({ when, next, title: null })
const gate = (id: string, gateway: GatewayNode['gateway'], change: Partial<GatewayNode>): GatewayNode => ({
  ...base(id, {}),
  kind: 'gateway',
  gateway,
  mode: 'first',
  branches: [],
  closesAt: null,
  next: null,
  ...change,
})
export const exclusive = (id: string, branches: readonly Branch[], change: Partial<GatewayNode> = {}): GatewayNode =>
  gate(id, 'exclusive', { branches, ...change })
export const parallel = (id: string, next: readonly string[], closesAt: string): GatewayNode =>
  gate(id, 'parallel', { branches: next.map((to) => branch(to)), closesAt })
export const inclusive = (id: string, branches: readonly Branch[], closesAt: string): GatewayNode =>
  gate(id, 'inclusive', { branches, closesAt })
export const converge = (id: string, next: string): GatewayNode => gate(id, 'converge', { next })

export const text = (key: string, change: Partial<Variable> = {}): Variable => ({
  key,
  type: 'text',
  title: key,
  required: false,
  show: true,
  readOnly: false,
  secret: false,
  onCard: false,
  ...change,
})
export function flowOf(
  nodes: readonly FlowNode[],
  change: Partial<Omit<Flow, 'node' | 'nodes'>> & { readonly start?: string } = {},
): Flow {
  const last = change.finally ?? []
  const all = nodes.map((node) => (last.includes(node.id) ? { ...node, inFinally: true } : node))
  const byId = new Map(all.map((node) => [node.id, node]))
  return {
    name: 'release',
    project: 'default',
    version: 1,
    digest: 'd1',
    title: 'Release',
    labels: {},
    variables: [],
    nodes: all,
    node: (id) => byId.get(id),
    start: nodes[0]?.id ?? 'end',
    finally: [],
    outputs: {},
    concurrency: null,
    notify: { attention: ['starter'], finished: [] },
    attention: { remindEveryMs: null, escalateTo: [], afterMs: null, giveUpMs: null },
    expectMs: null,
    ...change,
  }
}

// ---- people and surroundings ---------------------------------------------------------------------------------------

export const person = (name: string): Actor => ({ person: name, name, surface: 'slack' })
export const [lin, wei, ana, bo] = ['lin', 'wei', 'ana', 'bo'].map(person) as [Actor, Actor, Actor, Actor]
export const plugin: PluginInfo = {
  code: 'test.run',
  version: '1.2.0',
  title: 'Run',
  icon: null,
  literal: [],
  encoded: [],
  secret: [],
  inputs: null,
  required: [],
  outputs: null,
  saves: false,
  checkInput: () => null,
}
export const directoryOf = (roles: { readonly [ref: string]: readonly string[] }): Directory => ({
  people: (ref, starter) => {
    if (ref === 'starter') return starter.person === null ? [] : [{ id: starter.person, name: starter.name }]
    return (roles[ref] ?? (ref.includes(':') || ref === '' ? [] : [ref])).map((id) => ({ id, name: id }))
  },
  title: (ref) => ref.replace(/^role:/, ''),
  constants: () => ({}),
  hosts: (ref) => [ref],
})
export const START = 1_800_000_000_000
export const envOf = (change: Partial<DecideEnv> = {}): DecideEnv => ({
  now: START,
  directory: directoryOf({}),
  plugins: { find: (use) => (use.startsWith('test.run') ? plugin : undefined), codes: () => ['test.run'] },
  baseUrl: 'https://baton.test',
  hmac: (given) => `hmac(${given})`,
  digest: (given) => `sha(${given})`,
  ...change,
})
export const launchOf = (change: Partial<LaunchFacts> = {}): LaunchFacts => ({
  id: 'T1',
  number: 1042,
  project: 'default',
  key: null,
  client: null,
  title: 'Release v1',
  app: null,
  variables: {},
  launched: Object.keys(change.variables ?? {}),
  omit: [],
  scheme: null,
  origin: null,
  rehearsal: false,
  startNow: true,
  startAt: null,
  by: lin,
  ...change,
})

// ---- a task under test ---------------------------------------------------------------------------------------------

/** A live task with its history and what it owes: what the runtime does, without a runtime. */
export class Bench {
  readonly flow: Flow
  env: DecideEnv
  state: TaskState
  readonly history: Recorded[] = []
  jobs: Job[] = []
  constructor(flow: Flow, launch: Partial<LaunchFacts> = {}, env: Partial<DecideEnv> = {}) {
    this.flow = flow
    this.env = envOf(env)
    const { state, events } = decideLaunch(flow, launchOf(launch), this.env)
    this.state = state
    this.history.push({ seq: 1, at: this.env.now, by: launch.by ?? lin, events })
    this.jobs.push(...jobsOf(events, state))
  }
  do(command: Command): readonly Event[] {
    const { events, state } = decideAhead(this.flow, this.state, command, this.env)
    const entry = record(this.state, events, actorOf(command), this.env.now)
    if (entry === null) return events
    this.state = settle(state)
    this.history.push(entry)
    this.jobs.push(...jobsOf(events, this.state))
    return events
  }
  /** Kinds of the events a command comes to. */
  kinds(command: Command): readonly EventKind[] {
    return this.do(command).map((event) => event.kind)
  }
  result(nodeId: string, result: Result, item?: number): readonly Event[] {
    const at = this.jobs.findLastIndex((job) => job.nodeId === nodeId && job.item === item && job.kind !== 'cancel')
    const attempt = this.jobs[at]?.attempt ?? 0
    if (at >= 0) this.jobs.splice(at, 1)
    return this.do({ kind: 'result', nodeId, attempt, result, ...(item !== undefined && { item }) })
  }
  done(nodeId: string, outputs: Values = {}, item?: number): readonly Event[] {
    return this.result(nodeId, { kind: 'done', outputs }, item)
  }
  fails(nodeId: string, change: Partial<Extract<Result, { kind: 'fail' }>> = {}, item?: number): readonly Event[] {
    return this.result(nodeId, { kind: 'fail', cause: 'error', code: 'ERROR', message: 'exit code 3', ...change }, item)
  }
  /** Lets time pass, and every timer that comes due meanwhile fire, in order. */
  pass(ms: number): void {
    const until = this.env.now + ms
    for (;;) {
      const due = [...this.state.timers.values()]
        .filter((timer) => timer.dueAt <= until)
        .sort((a, b) => a.dueAt - b.dueAt)[0]
      if (due === undefined) break
      this.env = { ...this.env, now: Math.max(this.env.now, due.dueAt) }
      this.do({ kind: 'timer', timerId: due.id })
    }
    this.env = { ...this.env, now: until }
  }
  node(id: string): NodeRun {
    const run = this.state.nodes.get(id)
    if (run === undefined) throw new Error(`${id} was never visited`)
    return run
  }
  /** State of each visited node. */
  states(): { readonly [node: string]: string } {
    return Object.fromEntries([...this.state.nodes.values()].map((run) => [run.id, run.state]))
  }
  openAsk(): Ask {
    const open = [...this.state.asks.values()].find((each) => each.state === 'open')
    if (open === undefined) throw new Error('no ask is open')
    return open
  }
  answer(
    by: Actor,
    verdict: 'approve' | 'reject' | 'submit' | 'confirm' = 'approve',
    change: { comment?: string; fields?: Values } = {},
  ): readonly Event[] {
    const open = this.openAsk()
    return this.do({ kind: 'decide', by, askId: open.id, digest: open.digest, verdict, ...change })
  }
  press(kind: 'retry' | 'skip' | 'fail', nodeId: string, by: Actor = wei, change: object = {}): readonly Event[] {
    return this.do({
      kind,
      by,
      nodeId,
      attempt: this.state.nodes.get(nodeId)?.attempt ?? 0,
      ...change,
    } as PeopleCommand) // `change` adds fields of that kind
  }
  replayed(): TaskState {
    return replay(this.history)
  }
}
