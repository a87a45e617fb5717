import type { Flow, FlowNode } from './flow.ts'

/** What one may read of a flow's shape without running it. Found once per version, then kept. */
const followersOf = (node: FlowNode): readonly string[] => {
  const to =
    node.kind === 'gateway' && node.gateway !== 'converge'
      ? node.branches.map((branch) => branch.next)
      : node.next === null
        ? []
        : [node.next]
  const goto = node.kind === 'ask' ? gotoOf(node) : null
  return goto === null ? to : [...to, goto]
}
/** Where a rejected approval sends its token: `onReject: goto <node>`. */
function gotoOf(node: FlowNode & { readonly kind: 'ask' }): string | null {
  const source = node.with['onReject']?.source
  const match = typeof source === 'string' ? /^goto\s+(\S+)$/.exec(source.trim()) : null
  return match?.[1] ?? null
}
export const isStep = (node: FlowNode): boolean => node.kind !== 'gateway'

/** Nodes one can come to from `from` (it included), not using the edge `without`. */
export function reachable(
  flow: Flow,
  from: string,
  without?: { readonly node: string; readonly to: string },
): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = flow.node(id)
    if (node === undefined || seen.has(id)) continue
    seen.add(id)
    for (const to of followersOf(node))
      if (without === undefined || without.node !== id || without.to !== to) open.push(to)
  }
  return seen
}

const BEHIND = new WeakMap<Flow, Map<string, ReadonlySet<string>>>()
/** Nodes that may run after `id` has: those behind it, around loops too, and `finally`. */
export function behind(flow: Flow, id: string): ReadonlySet<string> {
  const known = BEHIND.get(flow) ?? new Map<string, ReadonlySet<string>>()
  BEHIND.set(flow, known)
  let found = known.get(id)
  if (found === undefined) {
    const node = flow.node(id)
    const later = new Set<string>()
    for (const to of node === undefined || node.inFinally ? [] : followersOf(node))
      for (const each of reachable(flow, to)) later.add(each)
    const from = node?.inFinally === true ? flow.finally.indexOf(id) + 1 : 0
    for (const each of flow.finally.slice(from)) later.add(each)
    known.set(id, (found = later))
  }
  return found
}

const STEPS = new WeakMap<Flow, Map<string, number>>()
/** How many steps can be reached from the start by this edge alone: they will not run when it is not taken. */
export function stepsOnlyVia(flow: Flow, node: string, to: string): number {
  const known = STEPS.get(flow) ?? new Map<string, number>()
  STEPS.set(flow, known)
  const key = `${node}>${to}`
  let found = known.get(key)
  if (found === undefined) {
    const all = reachable(flow, flow.start)
    const others = reachable(flow, flow.start, { node, to })
    found = 0
    for (const id of all) {
      const step = flow.node(id)
      if (step !== undefined && isStep(step) && !others.has(id)) found += 1
    }
    known.set(key, found)
  }
  return found
}
