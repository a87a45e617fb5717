import { itemsOf } from './apply.ts'
import type { DecideEnv } from './env.ts'
import type { Flow, Scope, Template } from './flow.ts'
import type { NodeRun, TaskState } from './state.ts'
import type { Value, Values } from './value.ts'

const NEVER_VISITED: Value = { outputs: {}, status: null, attempts: 0 }
const iso = (at: number | null): Value => (at === null ? null : new Date(at).toISOString())

/** A visit that is about to begin: its attempt number is given, though no event tells of it yet. Its status and outputs are those of the visit before. */
interface Beginning {
  readonly node: { readonly id: string }
  readonly attempt: number
  readonly entering: boolean
}

/** What expressions of a running task see (FLOW §1.1): variables, nodes, `task`, `project`; `more` shadows them (items, `error`). */
export function scopeOf(
  flow: Flow,
  state: TaskState,
  env: DecideEnv,
  more?: { readonly [name: string]: Value },
  visit?: Beginning,
): Scope {
  let computing: Set<string> | null = null // most flows have nothing computed
  const scope: Scope = (name) => {
    if (more !== undefined && Object.hasOwn(more, name)) return more[name]
    const value = Object.hasOwn(state.variables, name) ? state.variables[name] : undefined
    const computed = computedOf(flow).get(name)
    if (computed !== undefined && computing?.has(name) !== true) {
      computing ??= new Set()
      computing.add(name)
      try {
        return computed.evaluate(scope)
      } finally {
        computing.delete(name)
      }
    }
    if (value !== undefined) return value
    if (name === 'task') return taskOf(state, env)
    if (name === 'project') return env.directory.constants(state.project)
    if (flow.node(name) === undefined) return undefined
    const run = state.nodes.get(name)
    const begun = visit !== undefined && visit.entering && visit.node.id === name ? visit.attempt : null
    if (run === undefined) return begun === null ? NEVER_VISITED : { outputs: {}, status: null, attempts: begun }
    return { outputs: outputsOf(state, run), status: run.state, attempts: begun ?? run.attempt }
  }
  return scope
}

/** Outputs of the latest finished visit. What each item of a list gave stands with the items, not in the node's event. */
const outputsOf = (state: TaskState, run: NodeRun): Values =>
  run.each === null || run.finishedOutputs === null
    ? (run.finishedOutputs ?? {})
    : {
        ...run.finishedOutputs,
        items: itemOutputs(state, run.id),
      }
/** The output `items` of an `each`. */
export const itemOutputs = (state: TaskState, node: string): readonly Values[] =>
  itemsOf(state, node).map(({ index, item, state: status, outputs, error }) => ({
    index,
    item,
    status,
    outputs,
    error: error === null ? null : { ...error },
  }))

const taskOf = (state: TaskState, env: DecideEnv): Value => ({
  id: state.id,
  number: state.number,
  name: state.title,
  url: `${env.baseUrl}/tasks/${state.number}`,
  startedBy: state.startedBy.name,
  startedAt: iso(state.startedAt ?? state.createdAt),
  app: state.app?.name ?? null,
  project: state.project,
  outcome: state.outcome,
})

const COMPUTED = new WeakMap<Flow, ReadonlyMap<string, Template>>()
function computedOf(flow: Flow): ReadonlyMap<string, Template> {
  let found = COMPUTED.get(flow)
  if (found === undefined) {
    found = new Map(
      flow.variables.flatMap((variable) =>
        variable.computed === undefined || variable.resolve === 'start' ? [] : [[variable.key, variable.computed]],
      ),
    )
    COMPUTED.set(flow, found)
  }
  return found
}
