import type { ChildWanted, TaskRequest } from '../core/requests.ts'
import type { LetterBox } from './letters.ts'
import type { TaskMessage } from './message.ts'
import type { Slots } from './slots.ts'

/** What applied messages have left for others: looked after at once, and again at the next start. */
export interface Routed {
  /** Tasks that have letters. */
  readonly letters: readonly string[]
  /** Some child waits for its launch. */
  readonly launches: boolean
}
/** A child that its parent asked for, as `pending` gives it. */
export interface PendingChild {
  readonly child: ChildWanted
}
export interface Routes {
  readonly letters: LetterBox
  readonly slots: Slots
  /** Keeps a child until it has been launched; asking again changes nothing. */
  readonly reserveChild: (wanted: ChildWanted, at: number) => void
}

const BUSY = 'as many as may run at once are running already'

/** Gives a task's place back, and writes to those whom that concerns. */
export function giveBack({ letters, slots }: Pick<Routes, 'letters' | 'slots'>, task: string): readonly string[] {
  const { next, moved } = slots.release(task)
  for (const each of next) letters.put(each, granted(slots, each))
  for (const each of moved) letters.put(each, { kind: 'queue_moved' })
  return [...next, ...moved]
}

function granted(slots: Slots, task: string): Parameters<LetterBox['put']>[1] {
  const place = slots.number(task)
  return { kind: 'slot_granted', ...(place !== null && { place }) }
}

/** Does what a task asks of others, inside the transaction that applies its message. Tasks that get a letter by it are added to `told`. */
export function route({ letters, slots, reserveChild }: Routes, message: TaskMessage, told: Set<string>): void {
  const write = (task: string, letter: Parameters<LetterBox['put']>[1]): void => {
    letters.put(task, letter)
    told.add(task)
  }
  const { from, at, row } = message
  const one = (request: TaskRequest): void => {
    switch (request.kind) {
      case 'slot_wanted': {
        const { kind: _, ...wanted } = request
        const answer = slots.want({ ...wanted, project: row.project, task: from, at })
        if (answer.kind === 'granted') write(from, granted(slots, from))
        else if (answer.kind !== 'queued') write(from, { kind: 'slot_refused', code: 'BUSY', message: BUSY })
        return
      }
      case 'slot_released':
        for (const task of giveBack({ letters, slots }, from)) told.add(task)
        return
      case 'child_wanted': {
        const { kind: _, ...wanted } = request
        return reserveChild(wanted, at)
      }
      case 'child_told':
        return write(request.child, { kind: 'told', told: request.told })
      case 'parent_told':
        return write(request.parent, { kind: 'child', news: request.news })
    }
  }
  for (const request of message.requests ?? []) one(request)
}
