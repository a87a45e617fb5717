import { catalogue, type EngineError, type Tx } from '../../../engine/index.ts'
import { missed } from '../../delivery/hold.ts'
import { placeOf } from '../../delivery/place.ts'
import { platformsOf, SERVER_ZONE, waysOf } from '../../delivery/reach.ts'
import type { Deps } from '../../context.ts'
import { languageOf, refusalText, textsOf, whenText } from '../../texts.ts'

interface Told {
  readonly row: catalogue.ScheduleRow
  readonly title: string
  readonly run: catalogue.ScheduleRun
  readonly error: EngineError
  readonly isPaused: boolean
}
/** Its owner is told that it was not launched, and why; where nobody can be told, the owners of Baton. Once for each run. */
export function tellOwner(tx: Tx, deps: Deps, told: Told): void {
  const { row } = told
  const owner = row.owner === null ? undefined : catalogue.personById(tx, row.owner)
  const people = owner?.active ? [owner] : catalogue.ownersOf(tx)
  for (const person of people) tell(tx, deps, person, told)
  deps.hub.wake()
}

function tell(tx: Tx, deps: Deps, person: catalogue.Person, { row, title, run, error, isPaused }: Told): void {
  const language = languageOf(person.language ?? deps.config.language ?? null, null)
  const texts = textsOf(language).schedule
  const zone = person.timeZone ?? SERVER_ZONE
  const due = whenText(run.dueAt, language, zone, deps.now())
  const why = refusalText(error, language, zone, deps.now())
  const words = {
    title: texts.failed(title),
    text: `${isPaused ? texts.pausedNow(due, why) : texts.notStarted(due, why)}\n${deps.config.url}/me/schedules`,
  }
  const subject = `schedule:${row.project}/${row.name}:${run.id}`
  const about = { kind: 'message' as const, subject, askId: null, nodeId: null }
  const ways = waysOf(tx, person.id, platformsOf(deps.config))
  if (ways.length === 0)
    return missed(
      tx,
      { ...about, ...words, why: 'message', level: 'error', person: person.id, place: '' },
      '',
      'NO_CHANNEL',
      deps.now(),
    )
  const chats = ways.filter(({ channel }) => channel !== 'email')
  for (const { place } of chats.length > 0 ? chats : ways) {
    const card = { ...about, taskId: '', platform: placeOf(place)!.platform, place, shared: false, person: person.id } // `waysOf` gives places
    const { card: kept } = catalogue.cardAt(tx, card, deps.now())
    catalogue.owe(tx, kept, { why: 'message', urgent: true, ...words, level: 'error' }, deps.now())
  }
}
