import { expect, test } from 'vitest'
import { replay } from '../../apply.ts'
import { askAppliers } from '../../apply/asks.ts'
import { familyAppliers } from '../../apply/family.ts'
import { itemAppliers } from '../../apply/items.ts'
import { nodeAppliers } from '../../apply/nodes.ts'
import { taskAppliers } from '../../apply/task.ts'
import { handOverAppliers } from '../../apply/hand-over.ts'
import { tokenAppliers } from '../../apply/tokens.ts'
import type { Recorded } from '../../events.ts'
import asks from './asks.json' with { type: 'json' }
import called from './called.json' with { type: 'json' }
import child from './child.json' with { type: 'json' }
import continued from './continued.json' with { type: 'json' }
import failed from './failed.json' with { type: 'json' }
import handedOver from './handed_over.json' with { type: 'json' }
import heldBack from './held_back.json' with { type: 'json' }
import inSpite from './in_spite.json' with { type: 'json' }
import handedToOthers from './handed_to_others.json' with { type: 'json' }
import list from './list.json' with { type: 'json' }
import parent from './parent.json' with { type: 'json' }
import planned from './planned.json' with { type: 'json' }
import rehearsed from './rehearsed.json' with { type: 'json' }
import release from './release.json' with { type: 'json' }
import stopped from './stopped.json' with { type: 'json' }
import stoppedList from './stopped_list.json' with { type: 'json' }
import merged from './merged.json' with { type: 'json' }
import taken from './taken.json' with { type: 'json' }
import unclaimed from './unclaimed.json' with { type: 'json' }
import withdrawn from './withdrawn.json' with { type: 'json' }
import { plainOf, STORIES } from './stories.ts'

interface Golden {
  readonly history: readonly Recorded[]
  readonly state: object
}
const RECORDED = {
  asks,
  called,
  child,
  failed,
  in_spite: inSpite,
  list,
  parent,
  release,
  stopped,
  stopped_list: stoppedList,
  continued,
  planned,
  rehearsed,
  handed_over: handedOver,
  handed_to_others: handedToOthers,
  unclaimed,
  held_back: heldBack,
  withdrawn,
  taken,
  merged,
} as unknown as {
  readonly [name: string]: Golden
} // written by stories.ts

test.each(Object.keys(RECORDED))('the recorded history “%s” replays to the state it was recorded with', (name) => {
  const { history, state } = RECORDED[name]!
  expect(plainOf(replay(history))).toMatchObject(state) // new fields may join
})

test('every story has its recording', () => {
  expect(Object.keys(RECORDED).sort()).toEqual(Object.keys(STORIES).sort())
})

test('every kind of event that is applied stands in some recording', () => {
  const told = new Set(
    Object.values(RECORDED).flatMap(({ history }) => history.flatMap(({ events }) => events.map(({ kind }) => kind))),
  )
  const known = [
    taskAppliers,
    tokenAppliers,
    nodeAppliers,
    itemAppliers,
    askAppliers,
    familyAppliers,
    handOverAppliers,
  ].flatMap(Object.keys)
  expect(known.filter((kind) => !(told as Set<string>).has(kind))).toEqual([])
})
