import { catalogue } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'

type People = ReadonlyMap<string, catalogue.Person>
type Accounts = ReadonlyMap<string, catalogue.Identity[]>

/** What the rows of a list ask for is looked up together, once per turn: nothing is kept beyond it. */
function together<T>(look: (context: Context, ids: readonly string[]) => T) {
  const asked = new WeakMap<Context, { readonly ids: Set<string>; readonly found: Promise<T> }>()
  const ask = (context: Context) => {
    const ids = new Set<string>()
    const found = Promise.resolve().then((): T => {
      asked.delete(context)
      return look(context, [...ids])
    })
    const begun = { ids, found }
    asked.set(context, begun)
    return begun
  }
  return (context: Context, ids: readonly string[]): Promise<T> => {
    const { ids: all, found } = asked.get(context) ?? ask(context)
    for (const id of ids) all.add(id)
    return found
  }
}
/** People by id. */
export const peopleOf = together(
  ({ db }, ids): People => new Map(db.read((tx) => catalogue.peopleByIds(tx, ids)).map((row) => [row.id, row])),
)
const accounts = together(({ db }, ids): Accounts => db.read((tx) => catalogue.identitiesOfAll(tx, ids)))
/** Somebody's accounts, the oldest first. */
export const accountsOf = async (context: Context, id: string): Promise<catalogue.Identity[]> =>
  (await accounts(context, [id])).get(id) ?? []
/** One of them; null for nobody. */
export const personOf = async (context: Context, id: string | null): Promise<catalogue.Person | null> =>
  id === null ? null : ((await peopleOf(context, [id])).get(id) ?? null)
/** What they are called now; who is gone goes by their id. */
export const nameOfPerson = async (context: Context, id: string): Promise<string> =>
  (await personOf(context, id))?.name ?? id
