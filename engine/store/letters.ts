import type { CatalogueLetter } from '../core/requests.ts'
import type { Database, Statement } from './database.ts'

export interface StoredLetter {
  /** From 1 for each task, without gaps. */
  readonly sequence: number
  readonly letter: CatalogueLetter
}
/** What the catalogue has to say to tasks: kept until heard (docs/adr/0012). */
export interface LetterBox {
  /** Inside a transaction of the catalogue. */
  put(task: string, letter: CatalogueLetter): void
  /** Inside one too: nobody will be there to hear them. */
  drop(task: string): void
  /** The oldest ones not heard yet, in order. */
  first(task: string, limit: number): readonly StoredLetter[]
  all(task: string): readonly StoredLetter[]
  /** Heard up to and with this one. */
  acknowledge(task: string, sequence: number): Promise<void>
  /** Tasks with letters. */
  waiting(): readonly string[]
}

export function sqlLetterBox(db: Database): LetterBox {
  const sql = Object.fromEntries(Object.entries(SQL).map(([name, text]) => [name, db.prepare(text)])) as {
    [name in keyof typeof SQL]: Statement
  }
  const read = (task: string, limit: number): StoredLetter[] =>
    sql.read.all([task, limit]).map(([sequence, body]) => ({
      sequence: sequence as number,
      letter: JSON.parse(body as string) as CatalogueLetter,
    })) // written by put
  return {
    put(task, letter) {
      sql.count.run([task])
      sql.put.run([task, JSON.stringify(letter), task])
    },
    drop(task) {
      sql.drop.run([task])
    },
    first: read,
    all: (task) => read(task, -1),
    acknowledge: (task, sequence) => db.write(() => void sql.heard.run([task, sequence])),
    waiting: () => sql.waiting.all().map(([task]) => task as string),
  }
}

const SQL = {
  count:
    'INSERT INTO letter_counters (task, last) VALUES (?, 1) ON CONFLICT (task) DO UPDATE SET last = letter_counters.last + 1',
  put: 'INSERT INTO letters (task, body, sequence) SELECT ?, ?, last FROM letter_counters WHERE task = ?',
  drop: 'DELETE FROM letters WHERE task = ?',
  read: 'SELECT sequence, body FROM letters WHERE task = ? ORDER BY sequence LIMIT ?',
  heard: 'DELETE FROM letters WHERE task = ? AND sequence <= ?',
  waiting: 'SELECT DISTINCT task FROM letters',
} as const
