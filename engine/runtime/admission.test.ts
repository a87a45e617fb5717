import { expect, test } from 'vitest'
import { Admission } from './admission.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Tasks that are under way until they are told to end. */
function crowd() {
  let underway = 0
  const admission = new Admission(() => underway)
  const begun: number[] = []
  return {
    begun,
    enter: (n: number): Promise<number> =>
      admission.enter(async () => {
        begun.push(n)
        underway += 1
        return n
      }),
    end: (count: number) => (underway -= count),
    admission,
  }
}

test('who comes while there is room begins at once', () => {
  const { enter, begun } = crowd()
  for (let n = 0; n < 100; n++) void enter(n)
  expect(begun).toHaveLength(100)
})

test('the rest begin in the order they came, once those before have thinned out', async () => {
  const { enter, begun, end } = crowd()
  const all = Array.from({ length: 400 }, (_, n) => enter(n))
  expect(begun).toHaveLength(192)
  await turn()
  expect(begun).toHaveLength(192)
  end(150) // 42 are left
  await turn()
  await turn()
  expect(begun).toHaveLength(384)
  end(234)
  await turn()
  await turn()
  expect(await Promise.all(all)).toEqual(Array.from({ length: 400 }, (_, n) => n))
  expect(begun).toEqual(Array.from({ length: 400 }, (_, n) => n))
})

test('nobody waits for ever, however many stay under way', async () => {
  const { enter, begun } = crowd()
  for (let n = 0; n < 300; n++) void enter(n)
  for (let turns = 0; turns < 20; turns++) await turn()
  expect(begun).toHaveLength(300)
})

test('who comes later does not overtake who waits', async () => {
  const { enter, begun, end } = crowd()
  for (let n = 0; n < 193; n++) void enter(n)
  end(192)
  void enter(193)
  expect(begun).not.toContain(193)
  await turn()
  await turn()
  expect(begun.slice(-2)).toEqual([192, 193])
})

test('one that fails is told so, and holds up nobody', async () => {
  const { admission, enter, end } = crowd()
  for (let n = 0; n < 192; n++) void enter(n)
  const failing = admission.enter(() => Promise.reject(new Error('refused')))
  const next = enter(1_000)
  end(192)
  await expect(failing).rejects.toThrow('refused')
  expect(await next).toBe(1_000)
})
