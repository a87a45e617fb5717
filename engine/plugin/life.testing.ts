import type { Ending } from './ending.testing.ts'
import type { Deed, Life } from './world.testing.ts'

/** A point between two things a body does outside: deeds count from 0. */
export interface Moment {
  readonly deed: number
  readonly when: 'before' | 'after'
}
/** Where a body dies, or stands still until it is let go on. */
export interface Stops {
  readonly crashAt?: Moment | undefined
  readonly holdAt?: Moment | undefined
}
export interface BenchLife extends Life {
  readonly abort: AbortController
  die(at: string): void
  readonly died: Promise<Ending>
  readonly held: Promise<void>
  release(): void
}

/** A process for one body. `onDeed` is called after each thing it did outside. */
export function newLife(onDeed: (deed: Deed) => void, { crashAt, holdAt }: Stops = {}): BenchLife {
  const abort = new AbortController()
  const died = Promise.withResolvers<Ending>()
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  abort.signal.addEventListener('abort', () => released.resolve())
  let deeds = 0
  const life: BenchLife = {
    dead: false,
    abort,
    signal: abort.signal,
    died: died.promise,
    held: held.promise,
    release: () => released.resolve(),
    die(at) {
      life.dead = true
      died.resolve({ kind: 'crashed', at })
    },
    async passes(deed, when) {
      // Told after the deed, so that whoever waits for it finds it done.
      if (when === 'after') onDeed(deed)
      const n = when === 'before' ? deeds : deeds++
      if (!life.dead && isAt(crashAt, n, when)) life.die(`${when} ${deed.what} ${deed.on}`)
      if (isAt(holdAt, n, when)) {
        held.resolve()
        await released.promise
      }
      // Nobody is there any more to go on.
      if (life.dead) await new Promise(() => {})
    },
  }
  return life
}
const isAt = (moment: Moment | undefined, deed: number, when: Moment['when']): boolean =>
  moment?.deed === deed && moment.when === when
