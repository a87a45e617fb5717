/** Random flows for the verifier: nested ones, bent ones, and ones that share what they should not. */
import fc from 'fast-check'
import { flows, graph, write, type Shape } from '../../document/any-flow.ts'
import { END, type Graph } from '../../document/graph.ts'

/** One change to a sound flow, as three numbers. */
const bend = fc.tuple(fc.constantFrom('edge', 'merge', 'goto', 'share'), fc.nat(), fc.nat(), fc.nat())

/** Nested blocks, bent up to three times. */
const bentGraphs: fc.Arbitrary<Graph> = fc.tuple(flows, fc.array(bend, { maxLength: 3 })).map(([parts, bends]) => {
  const { shape } = write(parts)
  for (const [how, a, b, c] of bends) change(shape, how, a, b, c)
  return graph(told(shape))
})
/** A handful of nodes with any edges at all. */
const smallGraphs: fc.Arbitrary<Graph> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('step', 'step', 'exclusive', 'parallel', 'parallel', 'inclusive', 'converge', 'converge'),
      out: fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 2, maxLength: 8 },
  )
  .map((nodes) => {
    const name = (to: number): string =>
      to % (nodes.length + 1) === nodes.length ? END : `n${to % (nodes.length + 1)}`
    const shape: Shape = {}
    for (const [index, { kind, out }] of nodes.entries())
      shape[`n${index}`] = { kind, out: (kind === 'step' || kind === 'converge' ? out.slice(0, 1) : out).map(name) }
    return graph(told(shape))
  })
/** Gateways that share a converge and steps: sound as long as no two of them are passed at once, and no two branches of one meet. */
const sharingGraphs: fc.Arbitrary<Graph> = fc
  .record({
    forks: fc.array(
      fc.tuple(fc.constantFrom('parallel', 'inclusive'), fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 })),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    steps: fc.array(fc.tuple(fc.constantFrom('step', 'step', 'exclusive', 'nested'), fc.nat({ max: 9 })), {
      minLength: 6,
      maxLength: 6,
    }),
    again: fc.option(fc.nat({ max: 2 })),
    around: fc.boolean(),
    bends: fc.array(bend, { maxLength: 1 }),
  })
  .map(({ forks, steps, again, around, bends }) => {
    const shape: Shape = around
      ? { o: { kind: 'parallel', out: ['g', 'z'] }, z: { out: ['k'] }, k: { kind: 'converge', out: [END] } }
      : {}
    shape['g'] = { kind: 'exclusive', out: forks.map((_, index) => `f${index}`) }
    for (const [index, [kind, out]] of forks.entries()) shape[`f${index}`] = { kind, out: out.map((to) => `s${to}`) }
    for (const [index, [kind, to]] of steps.entries()) {
      const next = index + 1 + to < steps.length ? `s${index + 1 + to}` : 'j'
      if (kind !== 'nested') shape[`s${index}`] = { kind, out: kind === 'exclusive' ? [next, 'j'] : [next] }
      else {
        shape[`s${index}`] = { kind: 'parallel', out: [`a${index}`, `c${index}`] }
        shape[`a${index}`] = { out: [`c${index}`] }
        shape[`c${index}`] = { kind: 'converge', out: [next] }
      }
    }
    const behind = around ? 'k' : END
    shape['j'] = { kind: 'converge', out: [again === null ? behind : 'x'] }
    if (again !== null) shape['x'] = { kind: 'exclusive', out: [`f${again % forks.length}`, behind] }
    for (const [how, a, b, c] of bends) change(shape, how, a, b, c)
    return graph(told(shape))
  })
export const anyGraph: fc.Arbitrary<Graph> = fc.oneof(bentGraphs, sharingGraphs, smallGraphs)

function change(shape: Shape, how: string, a: number, b: number, c: number): void {
  const ids = Object.keys(shape)
  const of = (kinds: readonly (string | undefined)[], at: number): string | undefined => {
    const found = ids.filter((id) => kinds.includes(shape[id]?.kind ?? 'step'))
    return found[at % found.length]
  }
  const any = ids[a % ids.length] as string // a shape has nodes
  switch (how) {
    case 'edge': {
      const { out } = shape[any] as Shape[string]
      out[b % out.length] = [...ids, END][c % (ids.length + 1)] as string
      return
    }
    case 'merge': {
      // All that comes to one converge goes to another.
      const [from, to] = [of(['converge'], a), of(['converge'], b)]
      if (from !== undefined && to !== undefined) redirect(shape, from, to)
      return
    }
    case 'share': {
      const [from, to] = [of(['step'], a), of(['step'], b)]
      if (from !== undefined && to !== undefined) redirect(shape, from, to)
      return
    }
    case 'goto': {
      const asks = of(['step'], a)
      if (asks !== undefined && shape[asks]?.out.length === 1)
        shape[asks]?.out.push([...ids, END][c % (ids.length + 1)] as string)
      return
    }
  }
}
function redirect(shape: Shape, from: string, to: string): void {
  if (from === to || Object.keys(shape)[0] === from) return
  for (const node of Object.values(shape)) node.out = node.out.map((each) => (each === from ? to : each))
}

/** Branches are told apart by where they go; and behind a fork stands a step, so that no branch moves before it is its turn. */
function told(shape: Shape): Shape {
  const padded: Shape = {}
  for (const [id, { kind, out }] of Object.entries(shape)) {
    const own = [...new Set(out)]
    if (kind !== 'parallel' && kind !== 'inclusive') {
      padded[id] = { ...(kind && { kind }), out: own }
      continue
    }
    padded[id] = {
      kind,
      out: own.map((to, index) => {
        const target = shape[to]?.kind ?? 'step'
        if (to !== END && (target === 'step' || target === 'converge')) return to
        const pad = `p${id}_${index}`
        padded[pad] = { out: [to] }
        return pad
      }),
    }
  }
  return padded
}
