import { awaited } from '../asks/need.ts'
import { answeredBy, placeTaken } from '../asks/stand-in.ts'
import type { PeopleCommand } from '../command.ts'
import { EngineError } from '../error.ts'
import { releaseAsk, takeAsk } from '../nodes/ask-claim.ts'
import type { Ask } from '../state.ts'
import { holdsIt, notAsked, openAsk, openTo } from './ask.ts'
import { invalid, notAllowed, stale, staleAsk } from './stale.ts'
import { emit, type Turn } from './turn.ts'

/** What people do beside answering: they take it, give it back, remind, say something. None of it decides anything. */
type Of<K extends PeopleCommand['kind']> = Extract<PeopleCommand, { kind: K }>

/** Of two who press at once one has it; the other is told who. */
export function claimAsk(turn: Turn, { askId, by }: Of<'claim_ask'>): void {
  const ask = openAsk(turn, askId)
  if (ask.claimedBy && holdsIt(turn, ask)) return takenAlready(ask, ask.claimedBy)
  const { person } = by
  const open = openTo(turn, ask, person)
  if (person === null || open.length === 0) return notAsked(ask)
  if (answeredBy(ask, person) !== undefined) return staleAsk(ask)
  if (turn.state.nodes.get(ask.nodeId)?.state !== 'waiting')
    return notAllowed(`${ask.title} waits for more people to be assigned`, 'NOBODY_CAN_ANSWER')
  const { kind } = placeTaken(ask, person, open, 'reject')
  if (kind === 'turn') return notAllowed(`others answer ${ask.title} before you`, 'NOT_YOUR_TURN')
  if (kind !== 'place') return staleAsk(ask)
  releaseAsk(turn, ask, 'gone')
  takeAsk(turn, ask, { id: person, name: by.name })
}
function takenAlready(ask: Ask, { name, at }: NonNullable<Ask['claimedBy']>): never {
  return stale({ what: 'claimed', by: name, at, now: 'open', attempt: ask.attempt }, `${name} has taken ${ask.title}`)
}

/** By who has it; from somebody else (`rights.ts` asks for more then) with a reason. */
export function giveBackAsk(turn: Turn, { askId, reason, by }: Of<'release_ask'>): void {
  const ask = openAsk(turn, askId)
  if (!ask.claimedBy) return notAllowed(`nobody has taken ${ask.title}`, 'NOT_CLAIMED')
  const said = (reason ?? '').trim()
  const own = ask.claimedBy.person === by.person
  if (!own && said === '') return invalid('reason', 'required', 'say why')
  releaseAsk(turn, ask, own ? 'released' : 'taken', said === '' ? null : said)
}

/** Between two reminders that people asked for. */
const REMIND_AGAIN_MS = 5 * 60_000
export function remindAsk(turn: Turn, { askId }: Of<'remind_ask'>): void {
  const ask = openAsk(turn, askId)
  const people = awaited(ask)
  if (people.length === 0) return notAllowed(`nobody can answer ${ask.title} now`, 'NOBODY_CAN_ANSWER')
  const left = (ask.remindedAt ?? 0) + REMIND_AGAIN_MS - turn.now
  if (left > 0)
    throw new EngineError('RATE_LIMITED', {
      message: 'they were reminded a moment ago',
      retryAfterS: Math.ceil(left / 1000),
    })
  emit(turn, { kind: 'ask_reminded', v: 1, ask: ask.id, people, onDemand: true })
}

const MOST_FILES = 10
export function commentAsk(turn: Turn, { askId, comment, files = [] }: Of<'comment_ask'>): void {
  const ask = openAsk(turn, askId)
  if (comment.trim() === '' && files.length === 0) return invalid('comment', 'required', 'write something')
  if (files.length > MOST_FILES) return invalid('files', 'too_many', `at most ${MOST_FILES} files at once`)
  emit(turn, {
    kind: 'ask_commented',
    v: 1,
    ask: ask.id,
    comment: comment.trim(),
    ...(files.length > 0 && { files }),
  })
}
