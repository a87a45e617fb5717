import { catalogue } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'

type People = ReadonlyMap<string, catalogue.Person>
interface Asked {
  readonly ids: Set<string>
  readonly found: Promise<People>
}
const ASKED = new WeakMap<Context, Asked>()

/** People by id. Those that the rows of a list ask for are looked up together, once per turn: nothing is kept beyond it. */
export function peopleOf(context: Context, ids: readonly string[]): Promise<People> {
  const asked = ASKED.get(context) ?? ask(context)
  for (const id of ids) asked.ids.add(id)
  return asked.found
}
function ask(context: Context): Asked {
  const ids = new Set<string>()
  const found = Promise.resolve().then((): People => {
    ASKED.delete(context)
    return new Map(context.db.read((tx) => catalogue.peopleByIds(tx, [...ids])).map((row) => [row.id, row]))
  })
  const asked = { ids, found }
  ASKED.set(context, asked)
  return asked
}
/** One of them; null for nobody. */
export const personOf = async (context: Context, id: string | null): Promise<catalogue.Person | null> =>
  id === null ? null : ((await peopleOf(context, [id])).get(id) ?? null)
/** What they are called now; who is gone goes by their id. */
export const nameOfPerson = async (context: Context, id: string): Promise<string> => (await personOf(context, id))?.name ?? id
