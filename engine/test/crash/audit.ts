import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replay } from '../../core/apply.ts'
import { thaw } from '../../core/snapshot.ts'
import type { TaskState } from '../../core/state.ts'
import { exportLines, sqlArchive, sqlHeads, verifyExport } from '../../store/history/index.ts'
import { openDatabase } from '../../store/open.ts'
import { keysOf } from '../../store/seal.ts'
import { sqlTaskStore } from '../../store/sql-task-store.ts'

/** What callers were told. Lines of the children's standard output. */
export type Acknowledged =
  | { readonly kind: 'started' }
  | { readonly kind: 'launched'; readonly task: string; readonly number: number; readonly key: string }
  | { readonly kind: 'command'; readonly task: string; readonly version: number }
  | { readonly kind: 'callback'; readonly token: string }

/** Holds the file and the side effects against what was acknowledged. Each problem is a broken promise (FLOW §2, Crash). */
export async function audit(
  folder: string,
  acknowledged: readonly Acknowledged[],
): Promise<{ problems: string[]; tasks: number; unfinished: number; starts: number; lost: number }> {
  const problems: string[] = []
  const db = openDatabase(join(folder, 'baton.db'))
  const store = sqlTaskStore(db)
  const states = new Map<string, TaskState>()
  let lost = 0
  for (const [id] of db.prepare('SELECT DISTINCT task FROM journal').all()) {
    const task = id as string
    const broken = store.verifyHistory(task)
    if (broken) problems.push(`${task}: history does not verify at ${broken.seq}: ${broken.problem}`)
    const history = store.history(task, 0, -1)
    const state = replay(history)
    states.set(task, state)
    for (const { events } of history)
      for (const event of events) if (event.kind === 'node_failed' && event.error.cause === 'lost') lost++
    const snapshot = store.load(task)?.snapshot
    const thawed = snapshot ? thaw(snapshot) : null
    if (thawed) {
      const then = replay(history.filter(({ seq }) => seq <= thawed.version))
      if (then.version !== thawed.version || then.phase !== thawed.phase)
        problems.push(`${task}: its snapshot is not what its history says`)
    }
  }

  for (const line of acknowledged) {
    if (line.kind === 'launched' && states.get(line.task)?.number !== line.number)
      problems.push(`launch ${line.key} was acknowledged as ${line.task} and is gone`)
    if (line.kind === 'command' && (states.get(line.task)?.version ?? 0) < line.version)
      problems.push(`a command on ${line.task} was acknowledged at ${line.version} and is gone`)
  }
  const numbers = [...states.values()].map(({ number }) => number)
  if (new Set(numbers).size !== numbers.length) problems.push('a number was given twice')
  const keys = new Map<string, string>()
  for (const state of states.values()) {
    if (keys.has(state.key!)) problems.push(`the key ${state.key} made two tasks`)
    keys.set(state.key!, state.id)
  }

  problems.push(...crowds([...states.values()]))

  const starts = existsSync(join(folder, 'effects'))
    ? readFileSync(join(folder, 'effects'), 'utf8').split('\n').filter(Boolean)
    : []
  const counted = new Map<string, number>()
  for (const start of starts) counted.set(start, (counted.get(start) ?? 0) + 1)
  for (const [start, count] of counted) {
    const [kind, key] = start.split(' ') as [string, string]
    if (kind !== 'again' && count > 1) problems.push(`${start}: a body that must not repeat started ${count} times`)
    const [task, node, attempt] = key.split('/') as [string, string, string]
    if ((states.get(task)?.nodes.get(node)?.attempt ?? 0) < Number(attempt))
      problems.push(`${start}: a body started before its start was on disk`)
  }
  const secret = keysOf(new Uint8Array(32).fill(3)) // child.ts
  const kept = { db, store, heads: sqlHeads(db, secret.audit), archive: sqlArchive(db), keys: secret, now: Date.now }
  for (const { task, problem } of (await verifyExport(exportLines(kept, {}), { audit: secret.audit })).faults)
    problems.push(`${task ?? 'all'}: does not verify: ${problem}`)
  const unheard = db.prepare('SELECT 1 FROM outbox WHERE task = ?')
  for (const { id, number, stage } of states.values())
    if (stage === 'final' && kept.heads.of(id).length === 0 && !unheard.get([id]))
      problems.push(`#${number} has ended, and its head is not signed`)

  const listed = new Map(db.prepare('SELECT id, phase FROM task_index').all() as [string, string][])
  const awake = new Set(store.awake())
  for (const { id, number } of states.values())
    if (!listed.has(id) && !awake.has(id) && !unheard.get([id]))
      problems.push(`#${number} is in no list, and nothing is left to tell them`)

  const unfinished = [...states.values()].filter(({ stage }) => stage !== 'final').length
  if (unfinished === 0) {
    for (const table of ['timers', 'awake', 'outbox', 'letters', 'slots']) {
      const [count] = db.prepare(`SELECT count(*) FROM ${table}`).get()!
      if (count !== 0) problems.push(`all has ended, but ${table} still holds ${String(count)}`)
    }
    const [waiting] = db.prepare("SELECT count(*) FROM inbox WHERE state = 'new'").get()!
    if (waiting !== 0) problems.push(`all has ended, but ${String(waiting)} callbacks were never handled`)
    for (const { id, number, phase } of states.values())
      if (listed.get(id) !== phase)
        problems.push(`all has ended, #${number} as ${phase}, but lists say ${listed.get(id) ?? 'nothing of it'}`)
  }
  await db.close()
  if (existsSync(join(folder, 'errors')))
    problems.push(...readFileSync(join(folder, 'errors'), 'utf8').split('\n').filter(Boolean).slice(0, 5))
  return { problems, tasks: states.size, unfinished, starts: starts.length, lost }
}

/** Keys under which more ran at once than their limit. */
function crowds(states: readonly TaskState[]): string[] {
  const held = states.filter(({ slot, startedAt }) => slot !== null && startedAt !== null)
  return held.flatMap((task) => {
    const at = task.startedAt!
    const together = held.filter(
      ({ slot, startedAt, endedAt }) =>
        slot!.key === task.slot!.key && startedAt! <= at && (endedAt === null || endedAt > at),
    )
    return together.length > task.slot!.limit
      ? [`${together.length} ran under ${task.slot!.key}: ${together.map(({ id }) => id).join(' ')}`]
      : []
  })
}
