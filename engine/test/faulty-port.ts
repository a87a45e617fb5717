import type { LetterPort, MessagePort } from '../store/message-port.ts'
import { eventually } from './eventually.ts'

/** What may happen to a delivery; the sender hears of nothing but `fine` and `doubled`. */
const FATES = ['fine', 'lost', 'answer lost', 'doubled', 'late', 'torn'] as const
type Fate = (typeof FATES)[number]

/** A way that is not to be trusted, the same for the same seed. */
export interface Faults {
  /** Between a task and the catalogue. */
  readonly carry: (port: MessagePort) => MessagePort
  /** And back. */
  readonly carryLetters: (port: LetterPort) => LetterPort
  /** Around any one call. `half`: as much of it as gets through when it is torn. */
  readonly strike: <T>(deliver: () => Promise<T>, half?: () => Promise<unknown>) => Promise<T>
  /** Resolves when nothing is under way any more, late copies included. */
  settled(): Promise<void>
  /** From now on everything arrives. */
  heal(): void
  /** How often each fate has struck. */
  readonly counts: { readonly [fate in Fate]: number }
}

/** `sometimes`: how likely a delivery is to go wrong, 0 to 1. Late copies come up to `lateMs` later, after newer ones as like as not. */
export function faultyPort(seed: number, { sometimes = 0.6, lateMs = 8 } = {}): Faults {
  const random = randomFrom(seed)
  let underWay = 0
  const counts = Object.fromEntries(FATES.map((fate) => [fate, 0])) as { [fate in Fate]: number }
  let isHealed = false
  const later = (deliver: () => Promise<unknown>): void => {
    const wait = random() * lateMs
    underWay++
    setTimeout(() => {
      deliver()
        .catch(() => {})
        .finally(() => underWay--)
    }, wait)
  }
  const lost = (): Error => new Error('the line went dead')
  const strike: Faults['strike'] = async (deliver, half = deliver) => {
    const fate: Fate =
      isHealed || random() >= sometimes ? 'fine' : FATES[1 + Math.floor(random() * (FATES.length - 1))]!
    counts[fate]++
    switch (fate) {
      case 'fine':
        return deliver()
      case 'lost':
        throw lost()
      case 'answer lost':
        await deliver()
        throw lost()
      case 'doubled':
        later(deliver)
        return deliver()
      case 'late':
        later(deliver)
        throw lost()
      case 'torn':
        await half()
        throw lost()
    }
  }
  return {
    counts,
    strike,
    heal: () => void (isHealed = true),
    settled: () => eventually(() => underWay === 0),
    carry: (port) => ({
      deliver: (messages) =>
        strike(
          () => port.deliver(messages),
          () => port.deliver(messages.slice(0, Math.ceil(messages.length / 2))),
        ),
    }),
    carryLetters: (port) => ({ hand: (task, letter) => strike(() => port.hand(task, letter)) }),
  }
}

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
