import { EngineError } from '../../engine/index.ts'
import type { Who } from './who.ts'

/** How much of what lasts one caller may have at the same time: each costs memory for as long as it lasts. */
export interface AtOnceLimits {
  /** Files that one person sends at the same moment: each is held in memory while it comes in. */
  readonly uploads: number
  /** Streams (subscriptions) of one person, over all their browsers and tools. */
  readonly streams: number
  /** Of those, in one browser, or by one token. */
  readonly streamsEach: number
}
export const AT_ONCE: AtOnceLimits = { uploads: 4, streams: 200, streamsEach: 50 }

/** Counts what is under way by a name; what is given back is given back once. */
function createAtOnce(): { take(key: string, most: number, full: string): () => void } {
  const under = new Map<string, number>()
  return {
    take(key, most, full) {
      const before = under.get(key) ?? 0
      if (before >= most) throw new EngineError('BUSY', { message: full })
      under.set(key, before + 1)
      let held = true
      return () => {
        if (!held) return
        held = false
        const left = (under.get(key) ?? 1) - 1
        if (left === 0) under.delete(key)
        else under.set(key, left)
      }
    },
  }
}
type AtOnce = ReturnType<typeof createAtOnce>
const COUNTED = new WeakMap<object, AtOnce>()
/** Of one Baton: by its database. */
function countsOf(db: object): AtOnce {
  const known = COUNTED.get(db) ?? createAtOnce()
  COUNTED.set(db, known)
  return known
}

interface Parts {
  readonly db: object
  readonly config: { readonly atOnce?: Partial<AtOnceLimits> }
  readonly who: Pick<Who, 'person' | 'session' | 'client' | 'service'>
}
/** Room for one more upload of this person; call what it returns when it is over. @throws BUSY */
export function takeUpload({ db, config, who }: Parts): () => void {
  const { uploads } = { ...AT_ONCE, ...config.atOnce }
  const key = `upload ${who.person?.id ?? who.client}`
  return countsOf(db).take(key, uploads, `You are sending ${uploads} files already. Wait for one to be there.`)
}
/** Room for one more stream, in this session and of this person; call what it returns when it is over. The bots' own connection has no end of them. @throws BUSY */
export function takeStream({ db, config, who }: Parts): () => void {
  if (who.service || !who.person) return () => undefined
  const { streams, streamsEach } = { ...AT_ONCE, ...config.atOnce }
  const counts = countsOf(db)
  const here = who.session === null ? 'by this token' : 'in this browser'
  const each = counts.take(
    `stream ${who.session ?? who.client}`,
    streamsEach,
    `${streamsEach} live views are open ${here}. Close some, or read again from time to time instead.`,
  )
  try {
    const all = counts.take(
      `streams ${who.person.id}`,
      streams,
      `You have ${streams} live views open. Close some, or end sign-ins that you do not use.`,
    )
    return () => {
      each()
      all()
    }
  } catch (error) {
    each()
    throw error
  }
}
