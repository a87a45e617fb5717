import type { AppRow } from '../api/queries.ts'

/** First parts of the category paths, in the order they come; the ones without last. */
export function categoriesOf(apps: readonly Pick<AppRow, 'category'>[]): string[] {
  const found = [...new Set(apps.map(({ category }) => (category ?? '').split('/')[0] ?? ''))]
  return [...found.filter(Boolean), ...(found.includes('') ? [''] : [])]
}

export interface Group {
  readonly category: string
  readonly apps: readonly AppRow[]
}
export const groupsOf = (apps: readonly AppRow[]): Group[] =>
  categoriesOf(apps).map((category) => ({ category, apps: apps.filter((app) => categoriesOf([app])[0] === category) }))

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
