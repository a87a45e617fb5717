import { sign } from '../seal.ts'
import { bulk } from '../bulk.ts'
import type { Cell, Database } from '../database.ts'
import type { Head } from '../task-store.ts'

/** Where a history stood, signed with a key that is not in the file (docs/adr/0011). */
export interface SignedHead extends Head {
  readonly id: number
  readonly task: string
  readonly at: number
  /** Signature of the head before this one, of whichever task; empty for the first. A removed one shows. */
  readonly before: string
  readonly mac: string
}
type Signed = Omit<SignedHead, 'id' | 'mac'>

/** What is signed. No part holds a newline. */
const textOf = ({ before, task, version, hash, at }: Signed): string =>
  `head\n${before}\n${task}\n${version}\n${hash}\n${at}`
export const macOfHead = (key: Uint8Array, head: Signed): string => sign(key, textOf(head))

export interface Heads {
  /** Signs where a task stands; call inside `write`. */
  add(task: string, head: Head, at: number): void
  /** Signs where several stand, one after the other: the signature before is read once, the rows go in together. */
  addAll(heads: readonly { readonly task: string; readonly head: Head; readonly at: number }[]): void
  /** Of one task, oldest first. */
  of(task: string): readonly SignedHead[]
  /** Of all tasks in the order they were signed, after the one with this id. */
  after(id: number, limit: number): readonly SignedHead[]
  /** The newest one's id and signature. */
  last(): { readonly id: number; readonly mac: string }
}

/** The signed heads of a catalogue: one chain over all tasks, whatever project they are in. */
export function sqlHeads(db: Pick<Database, 'prepare'>, key: Uint8Array): Heads {
  const last = db.prepare('SELECT id, mac FROM heads ORDER BY id DESC LIMIT 1')
  const insert = bulk(db, 5, (rows) => `INSERT INTO heads (task, version, hash, at, mac) VALUES ${rows}`)
  const columns =
    'h.id, h.task, h.version, h.hash, h.at, h.mac, (SELECT b.mac FROM heads b WHERE b.id < h.id ORDER BY b.id DESC LIMIT 1)'
  const ofTask = db.prepare(`SELECT ${columns} FROM heads h WHERE h.task = ? ORDER BY h.id`)
  const after = db.prepare(`SELECT ${columns} FROM heads h WHERE h.id > ? ORDER BY h.id LIMIT ?`)
  const newest = (): { id: number; mac: string } => {
    const row = last.get()
    return row ? { id: row[0] as number, mac: textOfBytes(row[1]) } : { id: 0, mac: '' }
  }
  const addAll: Heads['addAll'] = (heads) => {
    if (heads.length === 0) return
    let before = newest().mac
    const cells: Cell[] = []
    for (const { task, head, at } of heads) {
      const { version, hash } = head
      before = macOfHead(key, { before, task, version, hash, at })
      cells.push(task, version, Buffer.from(hash, 'hex'), at, Buffer.from(before, 'base64url'))
    }
    insert(cells)
  }
  return {
    last: newest,
    add: (task, head, at) => addAll([{ task, head, at }]),
    addAll,
    of: (task) => ofTask.all([task]).map(headOf),
    after: (id, limit) => after.all([id, limit]).map(headOf),
  }
}

/** A column of bytes, as `add` wrote it. */
const textOfBytes = (cell: unknown): string =>
  cell === null ? '' : Buffer.from(cell as Uint8Array).toString('base64url')
const headOf = (row: readonly unknown[]): SignedHead => ({
  id: row[0] as number,
  task: row[1] as string,
  version: row[2] as number,
  hash: Buffer.from(row[3] as Uint8Array).toString('hex'),
  at: row[4] as number,
  mac: textOfBytes(row[5]),
  before: textOfBytes(row[6]),
})
