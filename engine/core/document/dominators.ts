import type { Blocks } from './blocks.ts'
import { END, type Graph } from './graph.ts'

/** Has `before` surely been passed by whoever stands at `at`? */
export type SurelyBefore = (before: string, at: string) => boolean

/**
 * Answers for a sound flow which steps every way to a step has passed, in constant time per question.
 * Dominators (Cooper, Harvey, Kennedy 2001) over the flow with each block folded into one edge from its gateway to its converge: a block is
 * passed as a whole. What is surely passed inside a branch of a parallel block has been passed behind the converge too, since it waits.
 */
export function dominators(graph: Graph, blocks: Blocks): SurelyBefore {
  const next = foldedEdges(graph, blocks)
  const order = postorder(graph.start, next).toReversed()
  const rank = new Map(order.map((id, index) => [id, index]))
  const idom = immediate(order, rank, next)
  const spans = spansOf(order, idom)
  const dominates = (a: string, b: string): boolean => {
    const [outer, inner] = [spans.get(a), spans.get(b)]
    return outer !== undefined && inner !== undefined && outer[0] < inner[0] && inner[1] <= outer[1]
  }
  return (before, at) => {
    if (!rank.has(at)) return true // nothing leads there: another finding
    for (let passed = before; ;) {
      if (dominates(passed, at)) return true
      const place = blocks.placeOf.get(passed)
      const close = place && blocks.closesAt.get(place.fork)
      if (!place || !close || graph.node(place.fork)?.kind !== 'parallel') return false
      // On every way through its branch? Then whoever is behind the converge has waited for it.
      const exit = exitOf(place.fork, place.branch)
      if (passed !== exit && !dominates(passed, exit)) return false
      if (close === at) return true
      passed = close
    }
  }
}

const exitOf = (fork: string, branch: number): string => `${fork} ${branch}` // ids hold no spaces

function foldedEdges(graph: Graph, blocks: Blocks): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, string[]>()
  for (const node of graph.nodes) {
    const forks = node.kind === 'parallel' || node.kind === 'inclusive'
    const close = blocks.closesAt.get(node.id)
    const to: string[] = forks && close !== undefined ? [close] : []
    for (const edge of node.out) {
      const place = forks ? { fork: node.id, branch: edge.branch } : blocks.placeOf.get(node.id)
      const arrives = place && blocks.closesAt.get(place.fork) === edge.to
      to.push(arrives ? exitOf(place.fork, place.branch) : edge.to)
    }
    next.set(node.id, to)
  }
  next.set(END, [])
  return next
}

function postorder(start: string | null, next: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const order: string[] = []
  const seen = new Set<string>()
  const stack: { id: string; at: number }[] = []
  const enter = (id: string): void => {
    seen.add(id)
    stack.push({ id, at: 0 })
  }
  if (start !== null) enter(start)
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const to = next.get(top.id)?.[top.at++]
    if (to === undefined)
      order.push((stack.pop() as { id: string }).id) // it is the top
    else if (!seen.has(to)) enter(to)
  }
  return order
}

function immediate(
  order: readonly string[],
  rank: ReadonlyMap<string, number>,
  next: ReadonlyMap<string, readonly string[]>,
): readonly number[] {
  const before: number[][] = order.map(() => [])
  order.forEach((id, index) => {
    for (const to of next.get(id) ?? []) before[rank.get(to) ?? 0]?.push(index)
  })
  const idom: number[] = order.map((_, index) => (index === 0 ? 0 : -1))
  const at = (index: number): number => idom[index] as number // index comes from `order`
  for (let changed = true; changed;) {
    changed = false
    for (let index = 1; index < order.length; index++) {
      let found = -1
      for (const one of before[index] ?? []) {
        if (at(one) === -1) continue
        let [a, b] = [one, found === -1 ? one : found]
        while (a !== b) {
          while (a > b) a = at(a)
          while (b > a) b = at(b)
        }
        found = a
      }
      if (found === at(index)) continue
      idom[index] = found
      changed = true
    }
  }
  return idom
}

/** In and out numbers of the dominator tree: one dominates another exactly when its span holds the other's. */
function spansOf(order: readonly string[], idom: readonly number[]): ReadonlyMap<string, readonly [number, number]> {
  const children: number[][] = order.map(() => [])
  idom.forEach((parent, index) => {
    if (index > 0 && parent >= 0) children[parent]?.push(index)
  })
  const spans = new Map<string, [number, number]>()
  let clock = 0
  const stack: { index: number; at: number }[] = order.length > 0 ? [{ index: 0, at: 0 }] : []
  if (order[0] !== undefined) spans.set(order[0], [clock++, 0])
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = children[top.index]?.[top.at++]
    const id = order[child ?? top.index] as string // both are indices of `order`
    if (child !== undefined) {
      spans.set(id, [clock++, 0])
      stack.push({ index: child, at: 0 })
    } else {
      const span = spans.get(id)
      if (span) span[1] = clock
      stack.pop()
    }
  }
  return spans
}
