import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reachedUnset } from '../check/unset.ts'
import { flows, graph, write } from '../document/any-flow.ts'
import { END, type Graph, type GraphNode } from '../document/graph.ts'
import { anyGraph } from './test/shapes.ts'
import { targets, Watched } from './test/run.ts'
import { verify, type Break, type Verified } from './verify.ts'

const RUNS = Number(process.env['FC_RUNS'] ?? 250)
const choices = fc.infiniteStream(fc.nat())

test('nested blocks are sound, found in one walk', () => {
  fc.assert(
    fc.property(flows, (parts) => {
      expect(verify(graph(write(parts).shape)).proof).toEqual({ verdict: 'sound', by: 'blocks' })
    }),
    { numRuns: RUNS },
  )
})

test('a flow called sound never sticks, loses a token or runs a node twice at once, whatever comes out of its steps, and can be ended', () => {
  fc.assert(
    fc.property(anyGraph, choices, (found, stream) => {
      const verified = verify(found)
      fc.pre(verified.proof.verdict === 'sound')
      const below = (limit: number): number => (limit <= 1 ? 0 : (stream.next().value as number) % limit)
      const patient = { is: false }
      const watched = wander(found, verified, below, 100, patient)
      watched.resume()
      expect(watched.broken).toBeNull()
      if (stageOf(watched) === 'final') return
      // From wherever it stands, it can be brought to its end.
      patient.is = true
      const near = nearEnd(found)
      for (let step = 0; step < 500 && watched.broken === null && stageOf(watched) !== 'final'; step += 1) {
        const node = found.node(watched.open()[0] ?? '')
        if (node === undefined) break
        if (node.kind === 'step') watched.end(node, near(node))
        else watched.send(node.id, [near(node)])
      }
      expect([watched.broken, stageOf(watched)]).toEqual([null, 'final'])
    }),
    { numRuns: RUNS },
  )
})

test('a step reached before another one ever began is among those named as lacking what that one gives', () => {
  fc.assert(
    fc.property(anyGraph, choices, fc.nat(), (found, stream, which) => {
      const verified = verify(found)
      fc.pre(verified.proof.verdict === 'sound')
      const below = (limit: number): number => (limit <= 1 ? 0 : (stream.next().value as number) % limit)
      const watched = wander(found, verified, below, 60)
      const visited = [...(watched.task?.state.nodes.values() ?? [])].map((run) => run.id)
      const writer = visited[which % Math.max(1, visited.length)]
      if (writer === undefined) return
      const unset = reachedUnset(new Set([writer]), found, verified.blocks)
      for (const id of visited.slice(0, visited.indexOf(writer)))
        expect(unset.has(id), `${id} before ${writer}`).toBe(true)
    }),
    { numRuns: RUNS },
  )
})

test('a flow refused has a run that breaks, and it is the one that was named', () => {
  fc.assert(
    fc.property(anyGraph, choices, (found, stream) => {
      const verified = verify(found)
      const { proof } = verified
      fc.pre(proof.verdict === 'unsound')
      if (proof.verdict !== 'unsound') return
      for (const broken of proof.breaks) {
        const below = (limit: number): number => (limit <= 1 ? 0 : (stream.next().value as number) % limit)
        // A run may break in one way on its way to the next: then that one is among those told as well.
        const kinds = proof.breaks.map(({ kind }) => kind)
        expect(kinds, `${broken.why} ${broken.nodes.join(' ')}`).toContain(replay(found, verified, broken, below))
      }
    }),
    { numRuns: RUNS },
  )
})

/** A run in which everything that waits is dealt with in some order: bodies succeed or fail, people answer, skip and choose. */
function wander(
  found: Graph,
  verified: Verified,
  below: (limit: number) => number,
  steps: number,
  patient = { is: false },
): Watched {
  const near = nearEnd(found)
  const some = (node: GraphNode): readonly string[] => {
    const to = targets(node)
    const first = to[below(to.length)] as string // a gateway has branches
    return node.kind === 'inclusive' ? to.filter((each) => each === first || below(2) === 0) : [first]
  }
  const watched = new Watched(found, verified, (node) =>
    patient.is ? [near(node)] : below(12) === 0 ? null : some(node),
  )
  for (let step = 0; step < steps && watched.broken === null; step += 1) {
    if (below(15) === 0) watched.pause()
    else if (below(4) === 0) watched.resume()
    let open = watched.open()
    if (open.length === 0) {
      watched.resume()
      open = watched.open()
    }
    if (open.length === 0) {
      expect(watched.task?.state.stage, 'nothing waits, so the task has ended').toBe('final')
      break
    }
    const node = found.node(open[below(open.length)] as string) as GraphNode // open nodes are nodes of the flow
    if (node.kind === 'parallel') break // it has been passed as often as it may
    if (node.kind !== 'step') watched.send(node.id, some(node))
    else if (below(8) === 0) watched.fail(node.id)
    else watched.end(node, targets(node)[below(node.out.length)] ?? END)
  }
  return watched
}

const stageOf = (watched: Watched): string | undefined => watched.task?.state.stage

/** Where a node goes on to be done soonest. */
function nearEnd(found: Graph): (node: GraphNode) => string {
  const steps = new Map([[END, 0]])
  for (let more = true; more;) {
    more = false
    for (const node of found.nodes) {
      const best = Math.min(...targets(node).map((to) => steps.get(to) ?? Infinity)) + 1
      if (best < (steps.get(node.id) ?? Infinity)) {
        steps.set(node.id, best)
        more = true
      }
    }
  }
  const of = (to: string): number => steps.get(to) ?? Infinity
  return (node) => targets(node).reduce((best, to) => (of(to) < of(best) ? to : best))
}

const isOpen = (id: string, found: Graph, { blocks }: Verified): boolean => {
  const kind = found.node(id)?.kind
  return (kind === 'parallel' || kind === 'inclusive') && !blocks.closesAt.has(id)
}

/** Does on the engine, move by move, what the verifier says breaks. */
function replay(found: Graph, verified: Verified, broken: Break, below: (limit: number) => number): string | null {
  const moves = broken.run()
  if (moves === null) return broken.kind // too long to be written out
  const planned = new Map<string, (readonly string[])[]>()
  for (const move of moves) planned.set(move.node, [...(planned.get(move.node) ?? []), move.to])
  const watched = new Watched(found, verified, (node) => {
    const next = planned.get(node.id)?.shift()
    if (next !== undefined) return next
    // Behind the last move: a choice that two tokens come to is open while nobody can tell where it goes.
    return broken.nodes.includes(node.id) && broken.kind === 'twice_at_once'
      ? null
      : [targets(node)[below(node.out.length)] as string]
  })
  for (const move of moves) {
    const node = found.node(move.node)
    if (node?.kind === 'step') watched.end(node, move.to[0] ?? END)
  }
  // A gateway without any converge is as far as the engine goes.
  if (watched.broken === 'deadlock' && moves.some(({ node }) => isOpen(node, found, verified))) return broken.kind
  if (broken.kind !== 'cannot_end') return watched.broken
  // In a loop without a way out it goes on and on, until its visits are used up and somebody has to give up.
  for (let step = 0; step < 150 && watched.broken === null; step += 1) {
    const open = watched.open()
    const node = open.length === 0 ? undefined : found.node(open[below(open.length)] as string)
    if (node === undefined || node.kind === 'parallel') break
    if (node.kind === 'step') watched.end(node, targets(node)[below(node.out.length)] ?? END)
    else watched.send(node.id, targets(node).slice(0, 1))
  }
  return watched.broken === null && watched.task?.state.stage !== 'main' ? 'ended' : 'cannot_end'
}
