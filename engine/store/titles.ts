import type { Database } from './database.ts'

/**
 * Titles of tasks by their pieces of one, two and three characters, so that any part of a title is found, in scripts without
 * spaces too. It follows the lists at a distance: what has a number above `THROUGH` is not in it yet and is looked through as it
 * stands. So a launch writes nothing here; only a title that changes or goes is followed in its own transaction.
 * It says which tasks to look at: whether the words stand in a title is asked of the title.
 */
export interface Titles {
  /** Inside the transaction that lists a task, or changes its title. `before` is null where it was not listed. */
  listed(changes: readonly TitleChange[]): void
  /** Inside the transaction that takes a task out of the lists. */
  dropped(number: number, title: string): void
  /** Takes in the next ones, inside `write`. Returns how many there were: fewer than `limit` is the end. */
  advance(limit: number): number
}
export interface TitleChange {
  readonly number: number
  readonly before: string | null
  readonly title: string
}

/** Name of the counter that says how far it has come. */
export const THROUGH = 'titles indexed'

export function sqlTitles(db: Pick<Database, 'prepare'>): Titles {
  const through = db.prepare('SELECT value FROM counters WHERE name = ?')
  const put = db.prepare('INSERT INTO task_titles (rowid, pieces) VALUES (?, ?)')
  // It keeps no text: what is taken out is said again.
  const take = db.prepare("INSERT INTO task_titles (task_titles, rowid, pieces) VALUES ('delete', ?, ?)")
  const next = db.prepare('SELECT number, title FROM task_index WHERE number > ? ORDER BY number LIMIT ?')
  const reach = db.prepare(
    'INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const reached = (): number => (through.get([THROUGH])?.[0] as number | undefined) ?? -1
  /** It has come no further than this: a launch, whose number is higher, need not ask. */
  let highest = Math.max(reached(), (db.prepare('SELECT max(number) FROM task_index').get()?.[0] as number | null) ?? 0)
  const isNew = ({ number, before }: TitleChange): boolean => {
    if (before !== null || number <= highest) return false
    highest = number
    return true
  }
  return {
    listed(changes) {
      const others = changes.filter((change) => !isNew(change))
      if (others.length === 0) return
      const last = reached()
      for (const { number, before, title } of others) {
        if (number > last) continue
        if (before !== null) take.run([number, wordsOf(before)])
        put.run([number, wordsOf(title)])
      }
    },
    dropped(number, title) {
      if (number <= reached()) take.run([number, wordsOf(title)])
    },
    advance(limit) {
      const rows = next.all([reached(), limit])
      for (const [number, title] of rows) put.run([number!, wordsOf(title as string)])
      const last = rows.at(-1)
      if (last) reach.run([THROUGH, last[0]!])
      return rows.length
    },
  }
}

/** As the index takes them: letters and digits as they are, other ASCII as letters of a private area, since the tokenizer parts words at it. */
const asLetter = (sign: string): string =>
  sign >= '\u0080' || /[a-z0-9]/.test(sign) ? sign : String.fromCharCode(0xe000 + sign.charCodeAt(0))
/** As LIKE compares: capitals of ASCII are no others. */
const signsOf = (text: string): string[] =>
  Array.from(
    text.replace(/[A-Z]/g, (capital) => capital.toLowerCase()),
    asLetter,
  )
function* pieces(signs: readonly string[], size: number): Generator<string> {
  for (let at = 0; at + size <= signs.length; at++) yield signs.slice(at, at + size).join('')
}
/** Each piece once: it says where to look, not how often. */
const wordsOf = (title: string): string => {
  const signs = signsOf(title)
  return [...new Set([...pieces(signs, 1), ...pieces(signs, 2), ...pieces(signs, 3)])].join(' ')
}

/** So many pieces of what is sought are tried; each takes a fraction of a millisecond. */
const TRIED = 12
/** Pieces that stand in every title that what is sought stands in, as a query of the index: those that most likely stand in few first. */
export function piecesSought(text: string): readonly string[] {
  const signs = signsOf(text)
  const all = [...new Set(pieces(signs, Math.min(3, signs.length)))]
  const isLetters = (piece: string): number => (/^[a-z]*$/.test(piece) ? 1 : 0)
  // Numbers, names in other scripts and where words meet tell more than letters alone, and ends more than beginnings.
  return all
    .reverse()
    .sort((a, b) => isLetters(a) - isLetters(b))
    .slice(0, TRIED)
    .map((piece) => `"${piece}"`)
}

/** A transaction of this many takes a few milliseconds. */
const AT_ONCE = 100
/** Others come in between. */
const PAUSE_MS = 20
/** Fewer than this many are looked through as quickly. */
const WORTH_IT = 500

export interface TitleIndexing {
  /** Takes in what was listed since, a little at a time, if it is worth it. Resolves when it has ended, and never fails: what is left is searched as it stands. */
  readonly catchUp: (worth?: number) => Promise<void>
  readonly stop: () => void
}
export function createTitleIndexing(db: Database): TitleIndexing {
  const titles = sqlTitles(db)
  const newest = db.prepare('SELECT max(number) FROM task_index')
  const through = db.prepare('SELECT value FROM counters WHERE name = ?')
  let underway: Promise<void> | null = null
  let isStopped = false
  const all = async (): Promise<void> => {
    while (!isStopped && (await db.write(() => titles.advance(AT_ONCE))) === AT_ONCE)
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MS).unref?.()
      })
  }
  return {
    catchUp(worth = WORTH_IT) {
      const left = db.read(() => Number(newest.get()?.[0] ?? 0) - Number(through.get([THROUGH])?.[0] ?? 0))
      if (underway === null && left >= worth && !isStopped)
        underway = all()
          .catch(() => undefined)
          .finally(() => (underway = null))
      return underway ?? Promise.resolve()
    },
    stop: () => void (isStopped = true),
  }
}
