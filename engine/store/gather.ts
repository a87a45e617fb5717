import { EngineError } from '../core/error.ts'
import type { Database, Tx } from './database.ts'

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** Inside a transaction. `isAlone`: what became ready in the same turn may be refused while this is recorded. */
type Apply<Item, Result> = (tx: Tx, items: readonly Item[], isAlone: boolean) => readonly Result[]

/**
 * What becomes ready in one turn and is of one kind goes to the database as one piece of work, so that its rows share statements:
 * calling a statement costs as much as a row. One that fails takes nobody with it: then each is tried by itself.
 */
export class Gather<Item, Result> {
  readonly #db: Pick<Database, 'write'>
  readonly #apply: Apply<Item, Result>
  #open: Waiting<Item, Result>[] | null = null
  constructor(db: Pick<Database, 'write'>, apply: Apply<Item, Result>) {
    this.#db = db
    this.#apply = apply
  }

  /** What waits for the commit to come. */
  get size(): number {
    return this.#open === null ? 0 : this.#open.length
  }

  /** Resolves with what `apply` gave for this item, once that is on disk. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => this.put(item, resolve, reject))
  }
  /** As `add`, for what is so frequent that a promise each would be felt. */
  put(item: Item, resolve: (result: Result) => void, reject: (error: unknown) => void): void {
    const waiting = { item, resolve, reject }
    if (this.#open === null) this.#begin([waiting])
    else this.#open.push(waiting)
  }

  #begin(batch: Waiting<Item, Result>[]): void {
    this.#open = batch
    const work = (tx: Tx, isAlone: boolean): readonly Result[] => {
      if (this.#open === batch) this.#open = null // who comes now is too late for this commit
      return this.#apply(
        tx,
        batch.map(({ item }) => item),
        isAlone,
      )
    }
    this.#db.write(work).then(
      (results) => batch.forEach(({ resolve }, index) => tell(resolve, results[index]!)),
      (error: unknown) => {
        if (this.#open === batch) this.#open = null // refused before it ran
        if (batch.length === 1 || (error instanceof EngineError && error.code === 'UNAVAILABLE'))
          for (const { reject } of batch) reject(error)
        else for (const each of batch) this.#alone(each)
      },
    )
  }
  #alone({ item, resolve, reject }: Waiting<Item, Result>): void {
    this.#db.write((tx) => this.#apply(tx, [item], true)[0]!).then(resolve, reject)
  }
}

/** One that throws keeps nobody from hearing. */
function tell<Result>(resolve: (result: Result) => void, result: Result): void {
  try {
    resolve(result)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
