import { expect, test } from 'vitest'
import { EngineError } from '../../core/error.ts'
import { reached, replyOf, valueOf } from './wire.ts'

const refuse = async (): Promise<never> => Promise.reject(new EngineError('STALE', { right: 'x', truth: undefined! }))
/** An error as the platform gives it to whoever called. */
const thrown = (marks: object): Promise<never> => Promise.reject(Object.assign(new Error('over there'), marks))

test('a refusal arrives with its code and detail', async () => {
  const reply = structuredClone(await replyOf(refuse))
  await expect(valueOf(Promise.resolve(reply))).rejects.toMatchObject({ code: 'STALE', detail: { right: 'x' } })
  await expect(valueOf(Promise.resolve(reply))).rejects.toBeInstanceOf(EngineError)
})

test('an answer arrives as it is', async () => {
  expect(await valueOf(replyOf(async () => ({ a: 1 })))).toEqual({ a: 1 })
})

test('a bug stays a bug', async () => {
  await expect(replyOf(async () => Promise.reject(new TypeError('a bug')))).rejects.toThrow(TypeError)
  await expect(reached(thrown({ remote: true }))).rejects.toThrow('over there')
})

test.each([[{ durableObjectReset: true }], [{ durableObjectReset: true, remote: true }], [{ retryable: true }], [{}]])(
  'an object that goes away (%j) is unavailable: nobody can tell what became of the call',
  async (marks) => {
    await expect(reached(thrown(marks))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  },
)
