import type { Transformer } from 'grammy'
import { pause } from './transport.ts'

/** For answers to people, which no schedule spaces out: waits as long as Telegram says, a few times, then gives the refusal on. */
export const calmly =
  (mostS = 30, tries = 3): Transformer =>
  async (call, method, payload, signal) => {
    for (let n = 1; ; n += 1) {
      const answer = await call(method, payload, signal)
      const waitS = answer.ok ? undefined : answer.parameters?.retry_after
      // A press is answered in time or not at all.
      if (waitS === undefined || waitS > mostS || n >= tries || method === 'answerCallbackQuery') return answer
      await pause(waitS * 1000 + 50)
    }
  }
