import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blocksOf, type Blocks } from './blocks.ts'
import { flows, graph, write, type Shape } from './any-flow.ts'
import { END, type Graph } from './graph.ts'

const kinds = (shape: Shape) => blocksOf(graph(shape)).unsound.map((found) => found.kind)

describe('a flow is unsound when', () => {
  test.each<[string, Shape, string[]]>([
    [
      'nothing is wrong with it, it is not',
      {
        f: { kind: 'parallel', out: ['a', 'b'] },
        a: { out: ['j'] },
        b: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      [],
    ],
    [
      'a loop stays within its branch, it is not',
      {
        f: { kind: 'parallel', out: ['a', 'j'] },
        a: { out: ['g'] },
        g: { kind: 'exclusive', out: ['a', 'j'] },
        j: { kind: 'converge', out: ['x'] },
        x: { kind: 'exclusive', out: ['f', END] },
      },
      [],
    ],
    [
      'a branch ends the task',
      {
        f: { kind: 'parallel', out: ['a', 'b'] },
        a: { out: [END] },
        b: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      ['ends_inside'],
    ],
    [
      'a branch may end the task',
      {
        f: { kind: 'parallel', out: ['a', 'b'] },
        a: { kind: 'exclusive', out: [END, 'j'] },
        b: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      ['ends_inside'],
    ],
    [
      'branches meet without a converge',
      {
        f: { kind: 'parallel', out: ['a', 'b'] },
        a: { out: ['c'] },
        b: { out: ['c'] },
        c: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      ['twice'],
    ],
    [
      'a converge has no gateway',
      {
        g: { kind: 'exclusive', out: ['a', 'b'] },
        a: { out: ['j'] },
        b: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      ['no_fork'],
    ],
    [
      'branches end at two converges',
      {
        f: { kind: 'parallel', out: ['a', 'b'] },
        a: { out: ['i'] },
        b: { out: ['j'] },
        i: { kind: 'converge', out: [END] },
        j: { kind: 'converge', out: [END] },
      },
      ['two_converges'],
    ],
    [
      'a loop leaves its block',
      {
        s: { out: ['f'] },
        f: { kind: 'parallel', out: ['a', 'b'] },
        a: { kind: 'exclusive', out: ['s', 'j'] },
        b: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      ['leaves'],
    ],
    [
      'something jumps into a block',
      {
        g: { kind: 'exclusive', out: ['f', 'b'] },
        f: { kind: 'parallel', out: ['a', 'b'] },
        a: { out: ['j'] },
        b: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      ['leaves', 'no_fork'],
    ],
    [
      'an inner block shares the outer converge',
      {
        f: { kind: 'parallel', out: ['h', 'b'] },
        h: { kind: 'parallel', out: ['c', 'd'] },
        b: { out: ['j'] },
        c: { out: ['j'] },
        d: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      ['two_forks'],
    ],
    [
      'a branch never comes back',
      {
        f: { kind: 'parallel', out: ['a', 'b'] },
        a: { out: ['a'] },
        b: { out: ['j'] },
        j: { kind: 'converge', out: [END] },
      },
      ['never_arrives'],
    ],
  ])('%s', (_what, shape, expected) => {
    expect(kinds(shape)).toEqual(expected)
  })
})

/** Runs tokens with the rules of the engine, choices by `pick`; says what went wrong. */
function simulate(found: Graph, blocks: Blocks, pick: (below: number) => number): string | null {
  type Token = { node: string; stack: readonly { fork: string; instance: number; sent: number }[] }
  let tokens: Token[] = [{ node: found.start ?? END, stack: [] }]
  let instances = 0
  for (let steps = 0; steps < 300; steps++) {
    const at = tokens.filter((token) => found.node(token.node)?.kind !== 'converge').map((token) => token.node)
    if (new Set(at).size !== at.length) return 'a node runs twice at once'
    const ready = tokens.filter((token) => {
      if (found.node(token.node)?.kind !== 'converge') return true
      const top = token.stack.at(-1)
      return (
        top !== undefined &&
        blocks.closesAt.get(top.fork) === token.node &&
        tokens.filter((other) => other.node === token.node && other.stack.at(-1)?.instance === top.instance).length ===
          top.sent
      )
    })
    const token = ready[pick(ready.length)]
    if (token === undefined) return tokens.length > 0 ? 'deadlock' : null
    const node = found.node(token.node)
    tokens = tokens.filter((other) => other !== token)
    if (node === undefined) {
      if (token.stack.length > 0 || tokens.length > 0) return 'a token is left behind'
      return null
    }
    if (node.kind === 'converge') {
      const instance = token.stack.at(-1)?.instance
      tokens = tokens.filter((other) => !(other.node === node.id && other.stack.at(-1)?.instance === instance))
      tokens.push({ node: node.out[0]?.to ?? END, stack: token.stack.slice(0, -1) })
    } else if (node.kind === 'parallel' || node.kind === 'inclusive') {
      const taken = node.kind === 'parallel' ? node.out : node.out.filter((_, index) => index === 0 || pick(2) === 1)
      const instance = instances++
      for (const edge of taken)
        tokens.push({ node: edge.to, stack: [...token.stack, { fork: node.id, instance, sent: taken.length }] })
    } else tokens.push({ node: node.out[pick(node.out.length)]?.to ?? END, stack: token.stack })
  }
  return null // still looping
}

describe('of random flows', () => {
  test('every block-structured one is sound, and each gateway finds its converge', () => {
    fc.assert(
      fc.property(flows, (parts) => {
        const { shape, closes } = write(parts)
        const blocks = blocksOf(graph(shape))
        expect(blocks.unsound).toEqual([])
        expect(blocks.closesAt).toEqual(closes)
      }),
    )
  })
  test('whatever edge is bent, one that passes never deadlocks, leaves a token or runs a node twice', () => {
    fc.assert(
      fc.property(
        flows,
        fc.nat(),
        fc.nat(),
        fc.nat(),
        fc.infiniteStream(fc.nat()),
        (parts, which, edge, to, choices) => {
          const { shape } = write(parts)
          const ids = Object.keys(shape)
          const bent = shape[ids[which % ids.length] as string] as Shape[string]
          bent.out[edge % bent.out.length] = [...ids, END][to % (ids.length + 1)] as string
          const found = graph(shape)
          const blocks = blocksOf(found)
          fc.pre(blocks.unsound.length === 0)
          const trouble = simulate(found, blocks, (below) =>
            below === 0 ? 0 : (choices.next().value as number) % below,
          )
          expect(trouble).toBeNull()
        },
      ),
      { numRuns: 300 },
    )
  })
})
