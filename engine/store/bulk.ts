import type { Cell, Database } from './database.ts'

/** What a statement may be given: a Durable Object takes 100, and more hardly saves anything (16 rows of the journal: 4.8 µs each, 1,000: 4.4). */
const MAX_CELLS = 96

/**
 * One statement for many rows. `text` writes it for so many rows, given their marks: `(?, ?), (?, ?)` for two rows of two cells.
 * What it returns runs it on cells, row after row, and gives the last row id.
 */
export function bulk(
  db: Pick<Database, 'prepare'>,
  width: number,
  text: (marks: string) => string,
): (cells: readonly Cell[]) => number {
  const most = Math.max(1, Math.floor(MAX_CELLS / width))
  const sizes = [...new Set([most, Math.max(1, most >> 2), 1])] // any number of rows is made up of these
  const row = `(${Array<string>(width).fill('?').join(', ')})`
  const statements = sizes.map((rows) => ({
    cells: rows * width,
    statement: db.prepare(text(Array<string>(rows).fill(row).join(', '))),
  }))
  return (cells) => {
    let at = 0
    let last = 0
    for (const { cells: size, statement } of statements) {
      while (cells.length - at >= size) {
        const some = at === 0 && cells.length === size ? cells : cells.slice(at, at + size)
        last = statement.run(some).lastInsertRowid
        at += size
      }
    }
    return last
  }
}
