import type { RuntimeCommand } from '../command.ts'
import { EngineError } from '../error.ts'
import { childEnded, childRefused, isOver } from '../nodes/subflow.ts'
import type { ChildNews, Told } from '../requests.ts'
import { bring, pauseNow, resumeNow, revokeNow, takePlace } from './task.ts'
import { emit, isWindingDown, type Turn } from './turn.ts'

type Of<K extends RuntimeCommand['kind']> = Extract<RuntimeCommand, { kind: K }>

/** Takes in a letter from the catalogue: each once, and in order. One that arrives before its turn is refused, and comes again. */
export function hear(turn: Turn, { sequence, letter }: Of<'letter'>): void {
  const { state } = turn
  if (sequence <= state.heard) return
  if (sequence !== state.heard + 1)
    throw new EngineError('UNAVAILABLE', {
      message: `task ${state.number} has heard ${state.heard} letters, number ${sequence} is not its turn yet`,
    })
  emit(turn, { kind: 'letter_heard', v: 1, sequence })
  switch (letter.kind) {
    case 'slot_granted':
      if (state.stage !== 'queued') return
      return takePlace(turn, letter.place)
    case 'queue_moved':
      return
    case 'slot_refused':
      if (state.stage === 'queued')
        emit(turn, { kind: 'slot_refused', v: 1, code: letter.code, message: letter.message })
      return
    case 'told':
      return obey(turn, letter.told)
    case 'child':
      return childNews(turn, letter.news)
    case 'child_refused':
      return childRefused(turn, letter)
    case 'follow':
      return bring(turn, letter.person)
  }
}

/** What the parent was told holds for its children too. A pause of their own stays when the parent goes on. */
function obey(turn: Turn, told: Told): void {
  const { state } = turn
  switch (told.what) {
    case 'pause': {
      if (state.heldByParent) return
      emit(turn, { kind: 'parent_paused', v: 1, paused: true })
      if (!state.paused && !isWindingDown(state)) pauseNow(turn)
      return
    }
    case 'resume': {
      if (!state.heldByParent) return
      const goesOn = state.paused && state.pausedWithParent
      emit(turn, { kind: 'parent_paused', v: 1, paused: false })
      if (goesOn) resumeNow(turn)
      return
    }
    case 'revoke':
      revokeNow(turn, told.mode, told.reason)
  }
}

function childNews(turn: Turn, news: ChildNews): void {
  const { child, node, attempt, number, phase } = news
  const known = turn.state.children.find(({ id }) => id === child)
  if (known === undefined || isOver(known)) return
  emit(turn, { kind: 'child_changed', v: 1, node, attempt, child, number, phase })
  if (news.outcome !== undefined) childEnded(turn, news)
}
