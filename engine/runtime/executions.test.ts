import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Execution, Executions } from './executions.ts'
import type { Work } from './work.ts'

const execution = (task: string, nodeId: string, item: number | null = null): Execution =>
  new Execution({ body: 'execute', task: { id: task }, nodeId, attempt: 1, item } as unknown as Work, () => {})

test('nothing is kept of a task that has left, in whatever order that and the ends of what it ran come', () => {
  const run = fc.record({
    task: fc.constantFrom('t1', 't2'),
    item: fc.constantFrom(null, 0),
    endsAt: fc.integer({ min: 1, max: 40 }),
    recordedAfter: fc.integer({ min: 0, max: 9 }),
  })
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 8 }),
      fc.nat(50),
      fc.nat(50),
      fc.array(fc.nat(40)),
      (runs, one, two, holds) => {
        const executions = new Executions()
        const acts: { readonly at: number; readonly act: () => void }[] = [
          { at: one, act: () => executions.left('t1') },
          { at: two, act: () => executions.left('t2') },
        ]
        runs.forEach(({ task, item, endsAt, recordedAfter }, index) => {
          const one = execution(task, `n${index}`, item)
          executions.add(one)
          acts.push({ at: endsAt, act: () => executions.end(one) })
          acts.push({ at: endsAt + recordedAfter + 0.5, act: () => executions.remove(one) })
        })
        for (const at of holds) {
          const release = executions.hold('t1')
          acts.push({ at, act: release })
        }
        acts.sort((a, b) => a.at - b.at).forEach(({ act }) => act())
        expect([executions.size, executions.running('t1'), executions.running('t2')]).toEqual([0, 0, 0])
        expect([...executions.all()]).toEqual([])
        expect(executions.tasks).toBe(0)
      },
    ),
  )
})

test('a task that comes back to memory before its last result is on disk stays known', () => {
  const executions = new Executions()
  const first = execution('t', 'a')
  executions.add(first)
  executions.end(first)
  executions.left('t')
  const second = execution('t', 'b')
  executions.add(second)
  executions.remove(first)
  expect([executions.tasks, executions.running('t'), executions.get(second.work)]).toEqual([1, 1, second])
})
