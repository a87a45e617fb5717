/** Roles, groups and people change while asks are open: those that could be meant are held against it, within a moment (FLOW §4). */
import { catalogue } from '../../../engine/index.ts'
import type { Deps } from '../../context.ts'

type Watched = Pick<Deps, 'db' | 'engine' | 'directory' | 'access' | 'log'>
/** Who stands in which role or group, by ref and project. */
type Standing = ReadonlyMap<string, ReadonlySet<string>>

/** Returns how to end it. */
export function watchAsks(deps: Watched): () => void {
  let before = standingOf(deps)
  let away = awayOf(deps, new Set(), null)
  let working: Promise<void> = Promise.resolve()
  return deps.access.subscribe((people) => {
    const after = standingOf(deps)
    const [were, are] = [away, awayOf(deps, away, people)]
    away = are
    // Those who come back are asked nowhere now: whatever asks may mean them.
    // So does whoever joins what nobody stood in: no ask names anybody through it.
    const isBack = [...(people ?? were)].some((id) => were.has(id) && !are.has(id)) || filled(before, after)
    const meant = new Set([...(people ?? []), ...moved(before, after)])
    before = after
    working = working
      .then(() => holdAgainst(deps, [...meant], isBack))
      .catch((error: unknown) => deps.log.error({ err: error }, 'open asks are not held against a change of people'))
  })
}

const standingOf = ({ directory }: Watched): Standing => directory.standing()
/** Everybody in a role or group that has changed: who joined is asked where those are asked who were there before. */
function moved(before: Standing, after: Standing): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [was, is] = [before.get(key) ?? NOBODY, after.get(key) ?? NOBODY]
    const same = was === is || (was.size === is.size && [...was].every((id) => is.has(id)))
    return same ? [] : [...was, ...is]
  })
}
/** Somebody stands where nobody stood. */
const filled = (before: Standing, after: Standing): boolean =>
  [...after].some(([key, is]) => is.size > 0 && before.get(key)?.size === 0)
const NOBODY: ReadonlySet<string> = new Set()

/** Of everybody, or as it was but for these people. */
function awayOf({ db }: Watched, before: ReadonlySet<string>, people: ReadonlySet<string> | null): ReadonlySet<string> {
  if (people === null) return new Set(db.read(catalogue.gonePeople).map(({ id }) => id))
  const rows = db.read((tx) => catalogue.peopleByIds(tx, [...people]))
  const away = new Set([...before].filter((id) => !people.has(id)))
  for (const { id, active, mergedInto } of rows) if (!active || mergedInto !== null) away.add(id)
  return away
}

async function holdAgainst({ db, engine, log }: Watched, people: readonly string[], isBack: boolean): Promise<void> {
  if (people.length === 0) return
  const became = Object.fromEntries(
    db.read((tx) =>
      catalogue
        .peopleByIds(tx, people)
        .flatMap(({ id, mergedInto }) => (mergedInto === null ? [] : [[id, mergedInto]])),
    ),
  )
  const some = Object.keys(became).length > 0 ? became : undefined
  const asking = db.read((tx) => [
    ...catalogue.tasksThatAsk(tx, people),
    ...(isBack ? catalogue.tasksThatAskAnybody(tx) : []),
  ])
  for (const task of new Set(asking))
    await engine
      .peopleChanged(task, some)
      .catch((error: unknown) => log.error({ err: error, task }, 'its asks are not held against a change of people'))
}
