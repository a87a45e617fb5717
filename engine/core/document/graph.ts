import type { FlowSpec, NodeSpec } from './flow.ts'
import type { Path } from './shape.ts'
import type { Value } from '../value.ts'

export interface Edge {
  readonly to: string
  /** Which branch of a gateway; 0 elsewhere. */
  readonly branch: number
  /** Where it is written; null: fallen through to the next node of the document. */
  readonly at: Path | null
  /** What the author calls this branch. */
  readonly title?: string
}
export interface GraphNode {
  readonly id: string
  readonly kind: 'step' | 'exclusive' | 'parallel' | 'inclusive' | 'converge'
  readonly out: readonly Edge[]
  /** Branches that no run takes by itself; a person may choose one when the gateway has failed. */
  readonly never?: readonly Edge[]
  readonly title: string
}
/** The main part of a flow as nodes and edges; `finally` nodes stand apart and have none. */
export interface Graph {
  readonly start: string | null
  readonly nodes: readonly GraphNode[]
  readonly node: (id: string) => GraphNode | undefined
}
export const END = 'end'

/** `goto fix` of an approval's `onReject`: an edge like any other. */
function gotoOf(spec: NodeSpec): string | null {
  const onReject: Value | undefined = spec.kind === 'ask' ? spec.with?.['onReject'] : undefined
  return typeof onReject === 'string' && !onReject.includes('${')
    ? (/^goto\s+(\S+)$/.exec(onReject.trim())?.[1] ?? null)
    : null
}

/** What a condition without names always says; null when it depends on something. */
function constantCondition(when: Value | null | undefined): boolean | null {
  if (typeof when === 'boolean') return when
  const match = typeof when === 'string' ? /^\s*\$\{\s*(true|false)\s*\}\s*$/.exec(when) : null
  return match ? match[1] === 'true' : null
}

/** Where a node goes on when it does not say: the next one of the document outside `finally`. */
export function followers(spec: FlowSpec): (id: string) => string {
  const last = new Set(spec.finally ?? [])
  const main = spec.nodes.filter((node) => !last.has(node.id))
  const next = new Map(main.map((node, index) => [node.id, main[index + 1]?.id ?? END]))
  return (id) => next.get(id) ?? END
}

export function graphOf(spec: FlowSpec): Graph {
  const last = new Set(spec.finally ?? [])
  const follower = followers(spec)
  const nodes = spec.nodes.filter((node) => !last.has(node.id)).map((node) => graphNode(node, follower(node.id)))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const start = spec.start ?? nodes[0]?.id ?? null
  return { start: start !== null && byId.has(start) ? start : null, nodes, node: (id) => byId.get(id) }
}

function graphNode(spec: NodeSpec, follower: string): GraphNode {
  const path = ['spec', 'nodes', spec.id]
  const title = spec.title ?? spec.id
  switch (spec.kind) {
    case 'choice': {
      const out = spec.branches.map((branch, index) => ({
        to: branch.next ?? follower,
        branch: index,
        at: branch.next === null ? null : [...path, 'branches', index, 'next'],
        ...(branch.title !== null && { title: branch.title }),
      }))
      if (spec.gateway === 'inclusive') return { id: spec.id, kind: 'inclusive', title, out }
      const never = out.filter((_, index) => !canBeTaken(spec, index))
      return {
        id: spec.id,
        kind: 'exclusive',
        title,
        out: out.filter((edge) => !never.includes(edge)),
        ...(never.length > 0 && { never }),
      }
    }
    case 'parallel':
      return {
        id: spec.id,
        kind: 'parallel',
        title,
        out: spec.next.map((to, index) => ({ to, branch: index, at: [...path, 'next', index] })),
      }
    default: {
      const go = gotoOf(spec)
      const next = { to: spec.next ?? follower, branch: 0, at: spec.next === undefined ? null : [...path, 'next'] }
      const out = go === null ? [next] : [next, { to: go, branch: 0, at: [...path, 'with', 'onReject'] }]
      return { id: spec.id, kind: spec.kind === 'converge' ? 'converge' : 'step', title, out }
    }
  }
}

/** A branch behind one that is always true, or one that never is, leads nowhere. */
function canBeTaken(spec: Extract<NodeSpec, { kind: 'choice' }>, index: number): boolean {
  if (constantCondition(spec.branches[index]?.when) === false) return false
  if (spec.mode === 'only') return true
  const before = spec.branches.slice(0, index)
  const isElse = spec.branches[index]?.when === null
  return (
    !before.some((branch) => constantCondition(branch.when) === true) &&
    !(isElse && spec.branches.some((branch) => constantCondition(branch.when) === true))
  )
}
