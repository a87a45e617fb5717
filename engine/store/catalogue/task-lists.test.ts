import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../open.ts'
import { listTasks, type TaskFilter } from './task-lists.ts'

test('pages follow each other without a gap or a repeat, whatever is asked for and however many changed in one instant', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-lists-'))
  const db = openDatabase(join(folder, 'baton.db'))
  const phases = ['waiting', 'attention', 'succeeded']
  const tasks = Array.from({ length: 60 }, (_, i) => ({ id: `t${String((i * 37) % 60).padStart(2, '0')}`, at: i >> 2 }))
  await db.write(() => {
    const insert = db.prepare(
      `INSERT INTO task_index (id, version, sequence, number, project, title, flow, phase, waiting_for, created_at, updated_at, rehearsal, people)
       VALUES (?, 1, ?, ?, 'default', 'T', 'f', ?, '[]', 0, ?, 0, '')`,
    )
    tasks.forEach(({ id, at }, i) => insert.run([id, i, i, phases[i % 3]!, at]))
  })
  const inOrder = (wanted: readonly string[]): string[] =>
    tasks
      .filter((_, i) => wanted.includes(phases[i % 3]!))
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id)
  const allPages = (filter: TaskFilter): string[] => {
    const seen: string[] = []
    let before: { updatedAt: number; id: string } | null = null
    for (;;) {
      const page = db.read((tx) => listTasks(tx, filter, 7, before))
      seen.push(...page.map(({ id }) => id))
      const last = page.at(-1)
      if (!last) return seen
      before = { updatedAt: last.updatedAt, id: last.id }
    }
  }
  expect(allPages({})).toEqual(inOrder(phases))
  expect(allPages({ phases: ['attention'] })).toEqual(inOrder(['attention']))
  expect(allPages({ phases: ['waiting', 'succeeded'] })).toEqual(inOrder(['waiting', 'succeeded']))
  await db.close()
  rmSync(folder, { recursive: true })
})
