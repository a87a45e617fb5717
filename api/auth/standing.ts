import { catalogue, EngineError, SYSTEM, type Viewer } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { appRights, rightsIn } from './allow.ts'
import { RIGHTS } from './rights.ts'
import { inNameOf } from './in-name-of.ts'

/**
 * Once what people may do has changed: their cards are drawn again, which takes away buttons that are not theirs any more, and what they
 * launched and has not begun is stopped if they could not launch it now. Returns how to end it.
 */
export function watchStanding(deps: Deps): () => void {
  let before = membersOf(deps)
  return deps.access.subscribe((people) => {
    const after = membersOf(deps)
    // A document says nothing of whom it is about: those are meant who joined or left something. Others' cards are as they were.
    const whose = [...new Set([...(people ?? []), ...moved(before, after)])]
    before = after
    redrawCards(deps, whose).catch((error: unknown) => deps.log.error({ err: error }, 'cards are not drawn again'))
    stopWaiting(deps, people === null ? null : whose).catch((error: unknown) =>
      deps.log.error({ err: error }, 'what waits is not stopped'),
    )
  })
}
type Members = ReadonlyMap<string, ReadonlySet<string>>
const membersOf = ({ directory }: Deps): Members => directory.standing()
const NOBODY: ReadonlySet<string> = new Set()
/** Who is in one of the two and not in the other. */
function moved(before: Members, after: Members): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [was, is] = [before.get(key) ?? NOBODY, after.get(key) ?? NOBODY]
    if (was === is) return []
    return [...[...was].filter((id) => !is.has(id)), ...[...is].filter((id) => !was.has(id))]
  })
}

/** What people left waiting who were suspended a moment before Baton ended. */
export const lookAfterStart = (deps: Deps): Promise<void> =>
  stopWaiting(
    deps,
    deps.db.read(catalogue.gonePeople).map(({ id }) => id),
  )

async function redrawCards(deps: Deps, people: readonly string[]): Promise<void> {
  if (people.length === 0) return
  const owed = await deps.db.write((tx) => {
    const cards = catalogue.privateCardsOf(tx, people)
    for (const card of cards) catalogue.owe(tx, card, { why: 'changed', urgent: true }, deps.now())
    return cards.length
  })
  if (owed > 0) deps.hub.wake()
}

const EVERYTHING: Viewer = {
  actor: SYSTEM,
  rights: new Set(RIGHTS),
  app: { launch: true, see: true, operate: true },
}
async function stopWaiting(deps: Deps, people: readonly string[] | null): Promise<void> {
  if (people?.length === 0) return
  for (const row of deps.db.read((tx) => catalogue.notBegunOf(tx, people))) {
    const person = deps.db.read((tx) => catalogue.personById(tx, row.startedBy!)) // asked for by it
    if (person?.active && mayStillLaunch(deps, person, row)) continue
    const name = person?.name ?? 'somebody'
    const reason = `${name} may not launch this any more`
    const command =
      row.phase === 'queued'
        ? ({ kind: 'revoke', mode: 'cancel', reason, by: SYSTEM } as const)
        : ({ kind: 'plan', at: null, by: SYSTEM } as const)
    try {
      await deps.engine.command(row.id, command, EVERYTHING)
    } catch (error) {
      if (!(error instanceof EngineError)) throw error // it has begun meanwhile, or ended
    }
  }
}
function mayStillLaunch(deps: Deps, person: catalogue.Person, row: catalogue.TaskRow): boolean {
  const context = inNameOf(deps, person)
  const rights = rightsIn(context, row.project)
  const app = row.app === null ? null : (deps.library.app(row.project, row.app) ?? null)
  return appRights(context, app, rights).launch
}
