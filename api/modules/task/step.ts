import {
  awaited,
  type Actor,
  type Ask,
  type Flow,
  type FlowNode,
  type NodeRun,
  type NodeState,
  type TaskState,
} from '../../../engine/index.ts'
import { failureText, textsOf, whenText, type Language } from '../../texts.ts'
import { isStarters } from '../ask/title.ts'

/** One line of what people follow. */
export interface StepShape {
  readonly nodeId: string
  readonly title: string
  readonly stage: string | null
  readonly kind: string
  readonly state: NodeState | null
  readonly attempt: number
  readonly visit: number
  readonly text: string
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly people: readonly Actor[]
  readonly branch: number | null
  readonly inFinally: boolean
}
/** Kind as the schema says it: `activity`, `approval`, `form`, `confirm`, `wait`, `subflow`, `gateway`. */
export const kindOf = (node: FlowNode): string =>
  node.kind === 'ask' ? node.ask : node.kind === 'gateway' ? node.gateway : node.kind

/** The steps on a task's way: those it met, and those it can still come to, in the order of the document. Gateways are left out. */
export function stepsOf(flow: Flow, state: Readonly<TaskState>, language: Language, zone: string | null): StepShape[] {
  const ahead = comingNodes(flow, state)
  const branches = branchOf(flow)
  return flow.nodes
    .filter((node) => node.kind !== 'gateway')
    .filter((node) => state.nodes.has(node.id) || (ahead.has(node.id) && !state.omit.includes(node.id)))
    .map((node) => {
      const run = state.nodes.get(node.id)
      return {
        nodeId: node.id,
        title: node.title,
        stage: node.stage,
        kind: kindOf(node),
        state: run?.state ?? null,
        attempt: run?.attempt ?? 0,
        visit: run?.visit ?? 0,
        text: state.pausedBefore.includes(node.id)
          ? textsOf(language).step.heldBack
          : run
            ? stepText(run, state, language, zone)
            : '',
        startedAt: run?.startedAt ?? null,
        endedAt: run?.endedAt ?? null,
        people: run ? peopleOf(run, state) : [],
        branch: branches.get(node.id) ?? null,
        inFinally: node.inFinally,
      }
    })
}

/** Nodes that may still run: reachable from where work is, and `finally` while the task lives. */
function comingNodes(flow: Flow, state: Readonly<TaskState>): ReadonlySet<string> {
  const seen = new Set<string>()
  if (state.stage === 'final') return seen
  const last = flow.finally
  if (state.stage === 'finally') return new Set(last)
  const started = state.startedAt !== null || state.nodes.size > 0
  const from = started ? [...state.tokens.values()].map((token) => token.node) : [flow.start]
  // Behind an open block work goes on at its converge.
  const open = [...from, ...[...state.forks.values()].map((fork) => fork.converge)]
  if (state.revoking === null) {
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const node = flow.node(id)
      if (!node || seen.has(id)) continue
      seen.add(id)
      open.push(...exitsOf(node))
    }
  }
  for (const id of last) seen.add(id)
  return seen
}
const exitsOf = (node: FlowNode): readonly string[] => {
  if (node.kind !== 'gateway') return [node.next]
  if (node.gateway === 'converge') return node.next === null ? [] : [node.next]
  return node.branches.map((branch) => branch.next)
}

/** Which branch of the innermost parallel block a step is in, for drawing lanes. */
function branchOf(flow: Flow): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const gateway of flow.nodes) {
    if (gateway.kind !== 'gateway' || gateway.gateway === 'converge' || gateway.gateway === 'exclusive') continue
    for (const [index, branch] of gateway.branches.entries()) {
      const open = [branch.next]
      const seen = new Set<string>([gateway.closesAt ?? ''])
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        const node = flow.node(id)
        if (!node || seen.has(id)) continue
        seen.add(id)
        found.set(id, index)
        open.push(...exitsOf(node))
      }
    }
  }
  return found
}

/** What stands beside a step: who, how far, what it waits for. */
function stepText(run: NodeRun, state: Readonly<TaskState>, language: Language, zone: string | null): string {
  const texts = textsOf(language).step
  const ask = run.askId === null ? undefined : state.asks.get(run.askId)
  if (run.cancelUnconfirmed) return texts.maybeRuns
  switch (run.state) {
    case 'skipped':
      return isPassedOver(run) || !run.endedBy?.person ? texts.skipped : texts.skippedBy(run.endedBy.name)
    case 'byhand':
      return texts.byhand(run.endedBy?.name ?? '')
    case 'ignored':
      return texts.ignored
    case 'revoked':
      return texts.revoked
    case 'failed':
      return run.error ? failureText(run.error, language) : ''
    case 'ready':
      return run.notBefore === null ? '' : texts.retryAt(whenText(run.notBefore, language, zone), run.attempt)
    case 'succeeded':
      if (run.keptFrom !== undefined) return texts.keptFrom(run.keptFrom)
      if (run.notPerformed) return texts.notPerformed
      return ask ? decidedText(ask, texts) : ''
    case 'waiting':
      if (ask) return texts.waitsFor(waitingNames(ask))
      if (run.waitsFor === 'timer') {
        const timer = [...state.timers.values()].find((one) => one.nodeId === run.id && one.kind === 'wait')
        return timer ? texts.until(whenText(timer.dueAt, language, zone)) : ''
      }
      if (run.waitsFor === 'child') return childText(run, state, texts)
      return run.waitsFor === 'callback' ? texts.callback : ''
    case 'running':
      if (run.each) return texts.items(run.each.succeeded + run.each.settled, run.each.count)
      return run.attempt > 1 ? texts.attempt(run.attempt) : ''
  }
}
/** Waiting is no word for it while the task it started stands still itself. */
function childText(run: NodeRun, { children }: Readonly<TaskState>, texts: ReturnType<typeof textsOf>['step']): string {
  const stuck = children.find(({ node, phase }) => node === run.id && phase === 'attention')
  return stuck?.number == null ? texts.child : texts.childNeeds(stuck.number)
}
function decidedText(ask: Ask, texts: ReturnType<typeof textsOf>['step']): string {
  const names = ask.decisions.map(({ name, for: holder }) => (holder ? texts.inPlaceOf(name, holder.name) : name))
  const last = names.at(-1) ?? ''
  if (ask.end === 'rejected') return texts.rejectedBy(last)
  if (ask.end === 'submitted') return texts.filledBy(last)
  if (ask.end === 'confirmed') return texts.confirmedBy(last)
  return ask.end === 'granted' ? texts.approvedBy(names) : ''
}
/** Skipped as it was entered, by what it says or by the launch: whose answer led there has not skipped it. */
const isPassedOver = (run: NodeRun): boolean =>
  run.state === 'skipped' && run.error === null && run.enteredAt === run.endedAt
function peopleOf(run: NodeRun, state: Readonly<TaskState>): readonly Actor[] {
  const ask = run.askId === null ? undefined : state.asks.get(run.askId)
  if (ask?.state === 'open') return waitingOn(ask)
  if (ask) return ask.decisions.map(({ person, name, surface }) => ({ person, name, surface }))
  return run.endedBy?.person && !isPassedOver(run) ? [run.endedBy] : []
}
/** People who may still answer. */
export const waitingOn = (ask: Ask): readonly Actor[] =>
  ask.state === 'open'
    ? awaited(ask).map((person) => ({ person, name: ask.names[person] ?? person, surface: 'system' }))
    : []
const waitingNames = (ask: Ask): readonly string[] => {
  const open = ask.need.places.filter((place) => filledOf(ask, place.place) < place.count)
  // A role says more than its people; “starter” says less than a name.
  const titles = open.some(isStarters) ? [] : open.map(({ title }) => title).filter(Boolean)
  return titles.length > 0 ? titles : waitingOn(ask).map(({ name }) => name)
}
export const filledOf = (ask: Ask, place: string): number =>
  ask.decisions.filter((decision) => decision.verdict !== 'reject' && (decision.as ?? '') === place).length
