import type { catalogue } from '../../engine/index.ts'
import type { Context, Deps } from '../context.ts'
import { whoWouldBe } from './who.ts'

/** What somebody may do and see without having asked: what waits in their name, and what they are about to be told, is judged so. */
export function inNameOf(deps: Deps, person: catalogue.Person): Context {
  const context: Context = {
    ...deps,
    who: whoWouldBe(person),
    cookies: [],
    caller: '',
    codes: NO_GUARD,
    recheck: () => context.who,
  }
  return context
}
const NO_GUARD = { run: <T>(_caller: string, work: () => Promise<T>): Promise<T> => work() }
