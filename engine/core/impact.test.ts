import { expect, test } from 'vitest'
import { consequencesOfRevoke, lackedBy, outputsNeeded, staleAfterEdit } from './impact.ts'
import {
  act,
  ask,
  Bench,
  branch,
  converge,
  directoryOf,
  exclusive,
  expression,
  flowOf,
  parallel,
  text,
  variable,
  ana,
} from './test/build.ts'

const output = (node: string, name: string) => expression(`\${${node}.outputs.${name}}`, [node], () => null)

const FLOW = flowOf(
  [
    act('build', 'gate', { title: 'Build', save: { tag: 'stdout' } }),
    exclusive('gate', [branch('deploy', output('build', 'exitCode')), branch('tell')]),
    act('deploy', 'tell', { title: 'Deploy', with: { args: variable('tag'), env: variable('env') } }),
    act('tell', 'end', { title: 'Tell', with: { text: output('deploy', 'url') } }),
    act('tidy', 'end', { title: 'Tidy', with: { what: output('build', 'dir') } }),
  ],
  { finally: ['tidy'], variables: [text('tag'), text('env')], outputs: { tag: variable('tag') } },
)

test('what later nodes read of a node, directly or through a variable it saves', () => {
  expect(lackedBy(FLOW, 'build').map((lack) => [lack.node, lack.outputs])).toEqual([
    ['gate', ['exitCode']],
    ['deploy', ['stdout']],
    ['tidy', ['dir']],
    [null, ['stdout']],
  ])
  expect(outputsNeeded(FLOW, 'build').map(({ name, variable: key }) => [name, key])).toEqual([
    ['exitCode', null],
    ['stdout', 'tag'],
    ['dir', null],
  ])
  expect(lackedBy(FLOW, 'tell')).toEqual([])
})

test('an edit says which finished nodes used the old value, which running ones hold it, and what it asks again', () => {
  const flow = flowOf(
    [
      act('one', 'fan', { with: { v: variable('v') } }),
      parallel('fan', ['two', 'q'], 'join'),
      act('two', 'join', { with: { v: variable('v') } }),
      ask('q', 'join', { approvers: ['ana'] }, { title: 'Approve' }),
      converge('join', 'end'),
    ],
    { variables: [text('v'), text('w')] },
  )
  const task = new Bench(flow, { variables: { v: '1', w: '2' } }, { directory: directoryOf({}) })
  task.done('one')
  const touched = staleAfterEdit(flow, task.state, { v: 'new', w: '2' })
  expect(touched.used.map((each) => each.node)).toEqual(['one'])
  expect(touched.holding.map((each) => each.node)).toEqual(['two'])
  expect(touched.asksAgain).toEqual(['Approve'])
  expect(staleAfterEdit(flow, task.state, { w: '2' })).toEqual({ used: [], holding: [], asksAgain: [], overrides: [] })
  task.answer(ana)
  expect(staleAfterEdit(flow, task.state, { v: 'new' }).overrides).toEqual(['Approve'])
})

test('a stop says what it kills, what it drops and what runs then', () => {
  const flow = flowOf(
    [
      parallel('fan', ['a', 'q'], 'join'),
      act('a', 'join', { title: 'Deploy' }),
      ask('q', 'join', { approvers: ['ana'] }, { title: 'Approve' }),
      converge('join', 'end'),
      act('tidy', 'end', { title: 'Cleanup' }),
    ],
    { finally: ['tidy'] },
  )
  const task = new Bench(flow)
  const { kills, drops, thenRuns } = consequencesOfRevoke(flow, task.state)
  expect(kills.map((each) => each.title)).toEqual(['Deploy'])
  expect(drops.map((each) => each.title)).toEqual(['Approve'])
  expect(thenRuns).toEqual(['Cleanup'])
})
