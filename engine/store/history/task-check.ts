import { hashOf, type StoredEntry } from '../chain.ts'
import { BEGINNING, type Head } from '../task-store.ts'
import { macOfHead, type SignedHead } from './heads.ts'

/** Something that cannot be if nobody touched it, and where. */
export interface Fault {
  readonly what: 'edit' | 'gap' | 'cut' | 'rewritten' | 'forged' | 'removed' | 'malformed' | 'signature'
  /** Number of the task as people know it, else its id. Null: not about one task. */
  readonly task: string | null
  /** Number of the event within its task, or of the row within the audit. */
  readonly event: number | null
  readonly problem: string
}
export type Tell = (fault: Omit<Fault, 'task'>) => void

/** Follows one history from its beginning: heads first, then entries in order, then what is known of its end. */
export class TaskCheck {
  readonly #task: string
  readonly #tell: Tell
  #head: Head = BEGINNING
  /** Signed heads not reached yet, in order. */
  readonly #signed: Head[] = []
  entries = 0
  constructor(task: string, tell: Tell) {
    this.#task = task
    this.#tell = tell
  }

  get reached(): Head {
    return this.#head
  }

  /** A head that was signed. `key` checks the signature itself; without it the head is taken at its word. */
  signed(head: SignedHead, key: Uint8Array | null): void {
    if (key && macOfHead(key, head) !== head.mac)
      return this.#tell({
        what: 'forged',
        event: head.version,
        problem: `the head at event ${head.version} has a signature that does not fit: it, or the head signed before it, was changed or removed`,
      })
    this.expect(head)
  }
  /** Where it stood, from a source that is believed. */
  expect(head: Head): void {
    this.#signed.push(head)
    this.#signed.sort((a, b) => a.version - b.version)
  }

  entry(entry: StoredEntry & { readonly hash: string }): void {
    const expected = this.#head.version + 1
    const events = countOf(entry.events)
    this.entries++
    if (entry.task !== this.#task)
      this.#tell({ what: 'edit', event: entry.seq, problem: `an entry of another task (${entry.task}) stands here` })
    if (events === null)
      this.#tell({ what: 'edit', event: entry.seq, problem: 'the entry’s events are no list of events any more' })
    if (entry.seq !== expected)
      this.#tell({
        what: 'gap',
        event: expected,
        problem: `expected event ${expected}, but the next one is ${entry.seq}`,
      })
    else if (hashOf(this.#head.hash, entry) !== entry.hash)
      this.#tell({
        what: 'edit',
        event: entry.seq,
        problem: 'the entry, or the hash that it follows, was changed',
      })
    // On with what is stored, so that each fault is told once and where it is.
    this.#head = { version: Math.max(entry.seq, 1) + Math.max(events ?? 1, 1) - 1, hash: entry.hash }
    this.#compare()
  }

  /** `known`: the version that something other than the history says it has. */
  end(known: number): void {
    const missed = this.#signed.at(-1)
    const least = Math.max(known, missed?.version ?? 0)
    if (least <= this.#head.version) return
    const how = missed && missed.version === least ? `signed at event ${least}` : `known to have reached event ${least}`
    this.#tell({ what: 'cut', event: this.#head.version + 1, problem: `the end is missing: the history was ${how}` })
  }

  #compare(): void {
    while (this.#signed[0] && this.#signed[0].version <= this.#head.version) {
      const head = this.#signed.shift()!
      if (head.version === this.#head.version && head.hash === this.#head.hash) continue
      this.#tell({
        what: 'rewritten',
        event: head.version,
        problem: `the history up to event ${head.version} is another one than was signed`,
      })
    }
  }
}

function countOf(events: string): number | null {
  try {
    const list = JSON.parse(events) as unknown
    return Array.isArray(list) ? list.length : null
  } catch {
    return null
  }
}
