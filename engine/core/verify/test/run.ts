/** Runs a graph on the real engine, whatever the publish check says of it, and watches for what a sound flow never does. */
import { apply, newTask } from '../../apply.ts'
import { EngineError } from '../../error.ts'
import { isOpen } from '../../decide/turn.ts'
import { END, type Graph, type GraphNode } from '../../document/graph.ts'
import type { Event } from '../../events.ts'
import type { Flow, FlowNode } from '../../flow.ts'
import type { Moment } from '../../events.ts'
import type { TaskState } from '../../state.ts'
import {
  act,
  ask,
  Bench,
  bo,
  branch,
  converge,
  exclusive,
  expression,
  flowOf,
  inclusive,
  parallel,
  wei,
} from '../../test/build.ts'
import type { BreakKind, Verified } from '../verify.ts'

/** Where a gateway sends its token, asked once each time it is passed; null: its condition cannot be evaluated. */
export type Choose = (node: GraphNode) => readonly string[] | null

function flowOfGraph(graph: Graph, closesAt: ReadonlyMap<string, string>, choose: Choose): Flow {
  const nodes = graph.nodes.map((node): FlowNode => {
    const [first = END, second] = node.out.map((edge) => edge.to)
    switch (node.kind) {
      case 'step':
        return second === undefined
          ? act(node.id, first)
          : ask(node.id, first, { approvers: ['bo'], onReject: `goto ${second}`, comment: 'never' })
      case 'converge':
        return converge(node.id, first)
      case 'parallel':
        return { ...parallel(node.id, targets(node), ''), closesAt: closesAt.get(node.id) ?? null }
      case 'exclusive':
      case 'inclusive': {
        let chosen: readonly string[] | null = null
        const branches = targets(node).map((to, index) =>
          branch(
            to,
            expression(`\${${node.id} to ${to}}`, [], () => {
              if (index === 0) chosen = choose(node)
              if (chosen === null) throw new Error('nobody knows')
              return chosen.includes(to)
            }),
          ),
        )
        return node.kind === 'exclusive'
          ? exclusive(node.id, branches)
          : { ...inclusive(node.id, branches, ''), closesAt: closesAt.get(node.id) ?? null }
      }
    }
  })
  return flowOf(nodes, { start: graph.start ?? END })
}
export const targets = (node: GraphNode): readonly string[] => node.out.map((edge) => edge.to)

/** A task on the engine, and the first thing it did that no sound flow does. */
export class Watched {
  broken: BreakKind | null = null
  readonly twice = new Set<string>()
  task: Bench | null = null
  #shadow: TaskState | null = null
  #seen = 0
  constructor(graph: Graph, { blocks }: Verified, choose: Choose) {
    this.#try(() => {
      this.task = new Bench(flowOfGraph(graph, blocks.closesAt, choose))
    })
  }
  /** Nodes whose visit is open and waits for somebody: a body, people, or a person who decides after a failure. */
  open(): readonly string[] {
    const state = this.task?.state
    return state === undefined || state.stage === 'final'
      ? []
      : [...state.nodes.values()].filter((run) => isOpen(run)).map((run) => run.id)
  }
  /** Ends the open visit of a step; `to` chooses between going on and `goto`. */
  end(node: GraphNode, to: string): void {
    this.#try(() => {
      const task = this.task
      const run = task?.state.nodes.get(node.id)
      if (task === null || run === undefined || !isOpen(run)) return
      if (run.state === 'failed') task.press('skip', node.id, wei, { note: 'why' })
      else if (node.out.length === 1) task.done(node.id)
      else {
        const open = [...task.state.asks.values()].find((each) => each.state === 'open' && each.nodeId === node.id)
        if (open === undefined) throw new Error(`expected an open ask of ${node.id}`)
        const verdict = to === node.out[0]?.to ? 'approve' : 'reject'
        task.do({ kind: 'decide', by: bo, askId: open.id, digest: open.digest, verdict })
      }
    })
  }
  fail(node: string): void {
    this.#try(() => {
      const run = this.task?.state.nodes.get(node)
      if (run?.state === 'running') this.task?.fails(node)
    })
  }
  /** Whatever is entered while paused waits before its node; converges count on. */
  pause(): void {
    this.#try(() => {
      if (this.task !== null && this.task.state.stage !== 'final' && !this.task.state.paused)
        this.task.do({ kind: 'pause', by: wei })
    })
  }
  resume(): void {
    this.#try(() => {
      if (this.task?.state.paused === true) this.task.do({ kind: 'resume', by: wei })
    })
  }
  /** A failed gateway is sent where a person says. */
  send(node: string, branches: readonly string[]): void {
    this.#try(() => {
      const run = this.task?.state.nodes.get(node)
      if (run?.state === 'failed')
        this.task?.do({ kind: 'choose_branch', by: wei, nodeId: node, attempt: run.attempt, branches })
    })
  }
  #try(what: () => void): void {
    if (this.broken !== null) return
    try {
      what()
    } catch (error) {
      if (error instanceof EngineError || !(error instanceof Error)) throw error
      // The engine itself refuses to go on: nobody can ever move this token.
      if (!/outside any fork|to name the converge/.test(error.message)) throw error
      this.broken = 'deadlock'
    }
    for (const entry of this.task?.history.slice(this.#seen) ?? [])
      for (const event of entry.events) this.#watch(event, entry)
    this.#seen = this.task?.history.length ?? 0
  }
  #watch(event: Event, moment: Moment): void {
    if (event.kind === 'task_launched') {
      this.#shadow = newTask(event, moment.at)
      return
    }
    const state = this.#shadow
    if (state === null) return
    const node = 'node' in event ? event.node : null
    const before = node === null ? undefined : state.nodes.get(node)
    const fork = event.kind === 'token_ended' ? state.tokens.get(event.token)?.fork : null
    if (fork != null) this.broken ??= 'token_left'
    if (event.kind === 'main_ended' && (state.forks.size > 0 || state.tokens.size > 0)) this.broken ??= 'token_left'
    apply(state, event, moment)
    const after = node === null ? undefined : state.nodes.get(node)
    if (before !== undefined && after !== undefined && after.visit > before.visit && isOpen(before)) {
      this.broken ??= 'twice_at_once'
      this.twice.add(after.id)
    }
  }
}
