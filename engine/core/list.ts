/** A list with one more: the list itself unless it was empty. Most hold one thing, and one that is pushed to takes room for seventeen. */
export function withOne<T>(list: T[], one: T): T[] {
  if (list.length === 0) return [one]
  list.push(one)
  return list
}
