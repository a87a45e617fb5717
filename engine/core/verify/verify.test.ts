import { describe, expect, test } from 'vitest'
import { graph, type Shape } from '../document/any-flow.ts'
import { END } from '../document/graph.ts'
import { pathText } from './path.ts'
import { verify } from './verify.ts'

const parallel = (...out: string[]): Shape[string] => ({ kind: 'parallel', out })
const inclusive = (...out: string[]): Shape[string] => ({ kind: 'inclusive', out })
const exclusive = (...out: string[]): Shape[string] => ({ kind: 'exclusive', out })
const converge = (next: string): Shape[string] => ({ kind: 'converge', out: [next] })
const step = (...out: string[]): Shape[string] => ({ out })

/** What breaks, and how one comes there. */
const breaks = (shape: Shape): readonly string[] => {
  const { proof } = verify(graph(shape))
  if (proof.verdict !== 'unsound') return [proof.verdict]
  return proof.breaks.map(({ kind, nodes, path, other }) =>
    [kind, nodes.join(' '), pathText(path), ...(other === null ? [] : [pathText(other)])].join(' | '),
  )
}

describe('a flow breaks when', () => {
  test.each<[string, Shape, string[]]>([
    [
      'a branch ends the task: its converge waits for ever',
      { f: parallel('a', 'b'), a: step(END), b: step('j'), j: converge(END) },
      ['token_left | a | f → a → end'],
    ],
    [
      'a branch may end the task',
      { f: parallel('a', 'b'), a: exclusive(END, 'j'), b: step('j'), j: converge(END) },
      ['token_left | a | f → a → end'],
    ],
    [
      'a converge stands outside any block',
      { g: exclusive('a', 'j'), a: step(END), j: converge(END) },
      ['deadlock | j | g → j'],
    ],
    [
      'branches end at two converges',
      { f: parallel('a', 'b'), a: step('i'), b: step('j'), i: converge(END), j: converge(END) },
      ['deadlock | j | f → b → j'],
    ],
    [
      'branches meet without a converge',
      { f: parallel('a', 'b'), a: step('c'), b: step('c'), c: step('j'), j: converge(END) },
      ['twice_at_once | c | f → a → c | f → b → c'],
    ],
    [
      'branches meet inside a block within one of them',
      {
        f: parallel('h', 'b'),
        h: parallel('c', 'd'),
        c: step('i'),
        d: step('i'),
        i: converge('j'),
        b: step('c'),
        j: converge(END),
      },
      ['deadlock | j | f → h … i → j', 'twice_at_once | c | f → h → c | f → b → c'],
    ],
    [
      'a rejected approval goes back over the border of its block',
      { s: step('f'), f: parallel('a', 'b'), a: step('j', 's'), b: step('j'), j: converge(END) },
      ['token_left | j | s → f → a → s → f … j → end', 'twice_at_once | b | s → f → a → s → f → b | f → b'],
    ],
    [
      'an inner block shares the outer converge',
      {
        f: parallel('h', 'b'),
        h: parallel('c', 'd'),
        b: step('j'),
        c: step('j'),
        d: step('j'),
        j: converge(END),
      },
      ['token_left | j | f → h … j → end'],
    ],
    ['a loop cannot be left', { a: step('b'), b: step('a') }, ['cannot_end | a b | a']],
    [
      'a branch goes round for ever, and its converge waits',
      { f: parallel('a', 'b'), a: step('a'), b: step('j'), j: converge(END) },
      ['cannot_end | a | f → a'],
    ],
    [
      'a block is entered again from within itself, and again',
      { f: parallel('a'), a: step('f'), j: converge(END) },
      ['cannot_end | f a | f'],
    ],
  ])('%s', (_what, shape, expected) => {
    expect(breaks(shape)).toEqual(expected)
  })
})

describe('blocks need not be nested:', () => {
  test.each<[string, Shape]>([
    [
      'of two gateways that close at one converge only one is ever passed',
      {
        g: exclusive('f', 'h'),
        f: parallel('a', 'b'),
        h: inclusive('c', 'd'),
        a: step('j'),
        b: step('j'),
        c: step('j'),
        d: step('j'),
        j: converge(END),
      },
    ],
    [
      'a step of two blocks that are never passed together',
      {
        g: exclusive('f', 'h'),
        f: parallel('a', 'b'),
        h: parallel('a', 'd'),
        a: step('j'),
        b: step('j'),
        d: step('j'),
        j: converge(END),
      },
    ],
    [
      'a second round through another gateway to the same converge',
      {
        f: parallel('a', 'b'),
        a: step('j'),
        b: step('j'),
        j: converge('x'),
        x: exclusive('h', END),
        h: parallel('c', 'd'),
        c: step('j'),
        d: step('j'),
      },
    ],
  ])('%s', (_what, shape) => {
    expect(verify(graph(shape)).proof).toEqual({ verdict: 'sound', by: 'search' })
  })
})

test('branch titles stand in the path', () => {
  const found = graph({ g: exclusive('a', 'j'), a: step(END), j: converge(END) })
  const titled = {
    ...found,
    node: (id: string) => {
      const node = found.node(id)
      return node && { ...node, out: node.out.map((edge) => ({ ...edge, title: `to ${edge.to}` })) }
    },
  }
  const { proof } = verify(titled)
  expect(proof.verdict === 'unsound' && pathText(proof.breaks[0]?.path ?? [])).toBe('g (to j) → j')
})

/** `size` gateways in a row of choices, each sending its branches through steps that all the others use as well. */
function tangle(size: number): Shape {
  const shape: Shape = { g: exclusive(...Array.from({ length: size }, (_, i) => `f${i}`)) }
  for (let i = 0; i < size; i += 1) {
    shape[`f${i}`] = parallel(`a${i}`, `b${i}`)
    shape[`a${i}`] = step(i + 1 < size ? `a${i + 1}` : 'j')
    shape[`b${i}`] = step(i + 1 < size ? `b${i + 1}` : 'j')
  }
  shape['j'] = converge(END)
  return shape
}
test('a flow too tangled for the bound is neither sound nor unsound, and the bound is named', () => {
  const found = graph(tangle(60))
  expect(verify(found).proof).toEqual({ verdict: 'sound', by: 'search' })
  expect(verify(found, 1000).proof).toEqual({ verdict: 'unknown', bound: 1000 })
})

test('a break found before the bound is told, though not everything was looked at', () => {
  const { proof } = verify(
    graph({ ...tangle(60), g: exclusive('j', ...Array.from({ length: 60 }, (_, i) => `f${i}`)) }),
    1000,
  )
  expect(proof).toMatchObject({ verdict: 'unsound', complete: false, breaks: [{ kind: 'deadlock', nodes: ['j'] }] })
})
