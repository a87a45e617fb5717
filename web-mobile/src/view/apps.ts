import type { AppRow } from '../api/apps.ts'

/** First parts of the category paths, in the order they come; the ones without last. */
export function categoriesOf(apps: readonly Pick<AppRow, 'category'>[]): string[] {
  const found = [...new Set(apps.map(({ category }) => (category ?? '').split('/')[0] ?? ''))]
  return [...found.filter(Boolean), ...(found.includes('') ? [''] : [])]
}

export interface Group {
  readonly category: string
  readonly apps: readonly AppRow[]
}
/** The tree as a list: each branch before those below it, apps without a category last. */
export function groupsOf(apps: readonly AppRow[]): Group[] {
  const paths = [...new Set(apps.map(({ category }) => category ?? ''))].sort(inOrder)
  return paths.map((path) => ({ category: path, apps: apps.filter(({ category }) => (category ?? '') === path) }))
}
/** Part by part, so that a branch and what is below it stay together. */
function inOrder(a: string, b: string): number {
  if (a === '' || b === '') return Number(a === '') - Number(b === '')
  const [left, right] = [a.split('/'), b.split('/')]
  for (const [at, part] of left.entries()) {
    const order = part.localeCompare(right[at] ?? '')
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** By name, alias, purpose or category; every word must be somewhere. */
export function matches(
  app: Pick<AppRow, 'name' | 'title' | 'help' | 'category' | 'aliases'>,
  search: string,
): boolean {
  const text = [app.name, app.title, app.help, app.category, ...app.aliases].filter(Boolean).join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => text.includes(word))
}
