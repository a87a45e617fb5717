import { expect, test } from 'vitest'
import { graph, type Shape } from '../document/any-flow.ts'
import { END } from '../document/graph.ts'
import { verify } from '../verify/verify.ts'
import { newReport } from './finding.ts'
import { checkSound } from './sound.ts'

const told = (shape: Shape, bound?: number): readonly string[] => {
  const report = newReport()
  checkSound(verify(graph(shape), bound), report)
  return report.findings.map(({ severity, code, path, message }) => `${severity} ${code} ${path || '-'}: ${message}`)
}

test('what is too tangled to be proved is refused, with the rules it does not keep and the way out', () => {
  const shape: Shape = {
    g: { kind: 'exclusive', out: ['f', 'h'] },
    f: { kind: 'parallel', out: ['a', 'b'] },
    h: { kind: 'parallel', out: ['a', 'd'] },
    a: { out: ['j'] },
    b: { out: ['j'] },
    d: { out: ['j'] },
    j: { kind: 'converge', out: [END] },
  }
  expect(told(shape)).toEqual([])
  expect(told(shape, 5)).toEqual([
    'error unproven spec.nodes: The blocks of this flow are too tangled to be proven sound: more than 5 places would have to be looked at. Give every parallel and inclusive gateway a converge of its own, and let no step stand in two blocks',
    'error unproven -: “a” stands in the block of “h” and outside it. Give the block a step of its own',
    'error unproven spec.nodes.j: “j” closes “f” and “h”. Give each gateway its own converge',
  ])
})

test('the steps of a run that breaks are named in order', () => {
  const report = newReport()
  const shape: Shape = {
    f: { kind: 'parallel', out: ['a', 'b'] },
    a: { out: [END] },
    b: { out: ['j'] },
    j: { kind: 'converge', out: [END] },
  }
  checkSound(verify(graph(shape)), report)
  expect(report.findings.map(({ trail }) => trail)).toEqual([['f', 'a', END]])
})

test('what breaks is told once, however many runs come by it', () => {
  const shape: Shape = {
    f: { kind: 'parallel', out: ['a', 'b', 'c'] },
    a: { out: ['s'] },
    b: { out: ['s'] },
    c: { out: ['j'] },
    s: { out: ['t'] },
    t: { kind: 'exclusive', out: ['s', 'j'] },
    j: { kind: 'converge', out: [END] },
  }
  expect(told(shape)).toEqual([
    'error unsound spec.nodes.s: “s” would run twice at once: f → a → s, and f → b → s. Join the branches with a converge before it',
  ])
})
