import { expect, test, vi } from 'vitest'
import { ClientError, type Client } from '../../../api/client/index.ts'
import { Acts } from './acts.svelte.ts'
import { Steady } from './steady.svelte.ts'

const network = new ClientError('NETWORK', 'no answer')
/** A client that answers as told, and remembers what it was asked. */
function world(...answers: (object | ClientError)[]) {
  const asked: Record<string, unknown>[] = []
  const kept = new Map<string, string>()
  const onDone = vi.fn()
  const query = (_: unknown, variables: Record<string, unknown>): Promise<unknown> => {
    asked.push((variables['input'] as Record<string, unknown> | undefined) ?? variables)
    const answer = answers.shift() ?? {}
    return answer instanceof ClientError ? Promise.reject(answer) : Promise.resolve(answer)
  }
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
  const make = (): Acts => new Acts(() => ({ query }) as unknown as Client, storage, onDone)
  return { acts: make(), make, asked, kept, onDone }
}
const retry = { taskId: 't1', nodeId: 'deploy', attempt: 1 }

test('a press is recorded, and pages read again', async () => {
  const { acts, asked, onDone } = world()
  expect(await acts.press('retry', 'task:t1', 'Retry', retry)).toEqual({ kind: 'done' })
  expect(asked[0]).toMatchObject({ ...retry, clientMutationId: expect.any(String) })
  expect(onDone).toHaveBeenCalledTimes(1)
})
test('without a connection it waits visibly, and goes out under the same id, so that it happens once', async () => {
  const { acts, asked } = world(network)
  expect(await acts.press('retry', 'task:t1', 'Retry on web-2', retry)).toEqual({ kind: 'queued' })
  expect(acts.queued.map(({ label }) => label)).toEqual(['Retry on web-2'])
  await acts.flush()
  expect(acts.queued).toEqual([])
  expect(asked[1]?.['clientMutationId']).toBe(asked[0]?.['clientMutationId'])
})
test('a press that meets a freeze is asked again with a reason, as a press of its own', async () => {
  const { acts, asked } = world(new ClientError('FROZEN', 'Frozen until Monday', { mayOverride: true }))
  await acts.press('retry', 'task:t1', 'Retry', retry)
  expect(acts.frozen).toMatchObject({ act: { kind: 'retry', about: 'task:t1' }, refusal: { code: 'FROZEN' } })
  expect(await acts.pass(acts.frozen!.act, 'the shop is down')).toEqual({ kind: 'done' })
  expect(asked[1]).toMatchObject({ ...retry, overrideFreeze: 'the shop is down' })
  expect(asked[1]?.['clientMutationId']).not.toBe(asked[0]?.['clientMutationId'])
  expect([acts.frozen, acts.refusals['task:t1']]).toEqual([null, undefined])
})
test('what waits can be taken back', async () => {
  const { acts, asked } = world(network)
  await acts.press('retry', 'task:t1', 'Retry', retry)
  acts.takeBack(acts.queued[0]!)
  await acts.flush()
  expect(asked).toHaveLength(1)
})
test('somebody was first: the truth is told, nothing waits any more, and pages read again', async () => {
  const { acts, onDone } = world(network, new ClientError('STALE', 'Li Wei retried this at 14:14.'))
  await acts.press('retry', 'task:t1', 'Retry', retry)
  await acts.flush()
  expect(acts.queued).toEqual([])
  expect(acts.refusals['task:t1']?.message).toBe('Li Wei retried this at 14:14.')
  expect(onDone).toHaveBeenCalledTimes(1)
})
test('a second tap while the first is recorded sends nothing', async () => {
  const { acts, asked } = world()
  await Promise.all([acts.press('retry', 'task:t1', 'Retry', retry), acts.press('retry', 'task:t1', 'Retry', retry)])
  expect(asked).toHaveLength(1)
})
test('a plain press survives closing the page; what was typed into a form does not stay on the device', async () => {
  const { acts, make, kept } = world(network, network)
  await acts.press('retry', 'task:t1', 'Retry', retry)
  await acts.press('retry', 'task:t2', 'Edit and retry', { ...retry, variables: { key: 'hunter2' } })
  expect(acts.queued).toHaveLength(2)
  expect([...kept.values()].join()).not.toContain('hunter2')
  expect(make().queued.map(({ about }) => about)).toEqual(['task:t1'])
})

test('a bar does not change under a thumb, and a press just after a change is not taken for the new button', () => {
  vi.useFakeTimers()
  let now = 10_000
  const steady = new Steady(
    'retry',
    (a, b) => a === b,
    () => now,
  )
  steady.touch()
  now += 100
  steady.offer('skip')
  expect(steady.shown).toBe('retry')
  now += 600
  vi.advanceTimersByTime(600)
  expect(steady.shown).toBe('skip')
  expect(steady.accepts()).toBe(false)
  now += 300
  expect(steady.accepts()).toBe(true)
  vi.useRealTimers()
})
