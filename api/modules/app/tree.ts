import type { AppView } from '../../library.ts'

type Placed = Pick<AppView, 'name' | 'title' | 'spec'>
/** One place of the catalogue’s tree. */
export interface Branch<A> {
  /** `web/release`; empty: those without a category. */
  readonly path: string
  readonly title: string
  readonly depth: number
  /** Here and below. */
  readonly count: number
  readonly apps: readonly A[]
}

/** The tree as a list, each branch before those below it, in alphabetical order; apps without a category last. */
export function branchesOf<A extends Placed>(apps: readonly A[]): readonly Branch<A>[] {
  const here = new Map<string, A[]>()
  const counts = new Map<string, number>()
  for (const app of apps) {
    const parts = partsOf(app)
    const path = parts.join('/')
    here.set(path, [...(here.get(path) ?? []), app])
    for (let depth = Math.min(1, parts.length); depth <= parts.length; depth += 1) {
      const above = parts.slice(0, depth).join('/')
      counts.set(above, (counts.get(above) ?? 0) + 1)
    }
  }
  return [...counts.keys()].sort(inOrder).map((path) => {
    const parts = path.split('/')
    return {
      path,
      title: parts.at(-1) ?? '',
      depth: parts.length - 1,
      count: counts.get(path) ?? 0,
      apps: (here.get(path) ?? []).toSorted((a, b) => a.title.localeCompare(b.title)),
    }
  })
}
const partsOf = ({ spec }: Placed): readonly string[] =>
  (spec.category ?? '').split('/').flatMap((part) => part.trim() || [])
/** Part by part, so that `web` and what is below it stay together. */
function inOrder(a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1
  const [left, right] = [a.split('/'), b.split('/')]
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const order = left[at]!.localeCompare(right[at]!)
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** By name, title, alias, purpose or category, in whatever language they are: each word has to be somewhere. */
export function matches({ name, title, spec }: Placed, search: string): boolean {
  const words = search.trim().toLowerCase().split(/\s+/u).filter(Boolean)
  if (words.length === 0) return true
  const text = [name, title, spec.help ?? '', spec.category ?? '', ...(spec.aliases ?? [])].join('\n').toLowerCase()
  return words.every((word) => text.includes(word))
}
