import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../open.ts'
import { countTasks, listTasks, type SeenBy, type TaskFilter } from './task-lists.ts'

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

test('whatever somebody may see, lists and counts hold that and nothing else, also where little of much is theirs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-lists-'))
  const db = openDatabase(join(folder, 'baton.db'))
  const tasks = Array.from({ length: 6_000 }, (_, i) => ({
    id: `t${i}`,
    project: ['default', 'shop', 'vault'][i % 3]!,
    app: i % 5 === 4 ? null : `a${i % 7}`,
    startedBy: i % 11 === 0 ? null : `p${i % 400}`,
    phase: ['waiting', 'attention', 'succeeded'][i % 4 === 3 ? 1 : i % 2]!,
    needs: i % 90 === 1 ? 'p1' : null,
    follower: i % 130 === 2 ? 'p1' : null,
  }))
  await db.write(() => {
    const insert = db.prepare(
      `INSERT INTO task_index (id, version, sequence, number, project, title, app, flow, phase, waiting_for, started_by, created_at, updated_at, rehearsal, people)
       VALUES (?, 1, ?, ?, ?, 'T', ?, 'f', ?, '[]', ?, 0, ?, 0, '')`,
    )
    const need = db.prepare("INSERT INTO needs (task, person, kind, ref) VALUES (?, ?, 'ask', 'x')")
    const follow = db.prepare('INSERT INTO followers (task, person) VALUES (?, ?)')
    const version = db.prepare(
      `INSERT INTO flow_versions (project, name, version, digest, document, source, current, published_at, published_by) VALUES (?, 'f', 1, '', '{}', '', 1, 0, '')`,
    )
    for (const project of ['default', 'shop', 'vault']) version.run([project])
    tasks.forEach((task, i) => {
      insert.run([task.id, i, i, task.project, task.app, task.phase, task.startedBy, i])
      if (task.needs) need.run([task.id, task.needs])
      if (task.follower) follow.run([task.id, task.follower])
    })
  })
  type Task = (typeof tasks)[number]
  const sees = ({ person, apps, projects, allBut }: SeenBy, task: Task): boolean =>
    projects.includes(task.project) !== (allBut === true) ||
    apps.includes(`${task.project}/${task.app}`) ||
    (person !== null && [task.startedBy, task.needs, task.follower].includes(person))
  const whole = (projects: string[], allBut = false): SeenBy => ({ person: 'p1', apps: [], projects, allBut })
  const seers: (SeenBy | null)[] = [
    null,
    whole([]),
    whole(['vault']),
    whole(['vault'], true),
    { person: 'p1', apps: ['vault/a1', 'shop/a3', 'default/gone'], projects: ['default'], allBut: false },
    { person: 'p1', apps: ['vault/a1'], projects: ['vault'], allBut: true },
    { person: null, apps: ['shop/a2'], projects: [], allBut: false },
    { person: null, apps: [], projects: [], allBut: false },
  ]
  const filters: [TaskFilter, (task: Task) => boolean][] = [
    [{}, () => true],
    [{ phases: ['attention'] }, ({ phase }) => phase === 'attention'],
    [{ phases: ['attention', 'waiting'] }, ({ phase }) => phase !== 'succeeded'],
    [{ app: 'a3' }, ({ app }) => app === 'a3'],
    [{ app: 'a3', project: 'shop' }, ({ app, project }) => app === 'a3' && project === 'shop'],
    [{ startedBy: 'p1' }, ({ startedBy }) => startedBy === 'p1'],
    [{ startedBy: 'p2', phases: ['waiting'] }, ({ startedBy, phase }) => startedBy === 'p2' && phase === 'waiting'],
    [{ needsPerson: 'p1' }, ({ needs }) => needs === 'p1'],
    [{ followedBy: 'p1' }, ({ follower }) => follower === 'p1'],
  ]
  const key = (one: unknown): string => JSON.stringify(one)
  for (const seenBy of seers)
    for (const [filter, fits] of filters) {
      const wanted = tasks
        .filter((task) => fits(task) && (seenBy === null || sees(seenBy, task)))
        .map(({ id }) => id)
        .reverse()
      const all = { ...filter, seenBy }
      expect([key(all), db.read((tx) => countTasks(tx, all))]).toEqual([key(all), wanted.length])
      const page = db.read((tx) => listTasks(tx, all, 30, null))
      expect([key(all), page.map(({ id }) => id)]).toEqual([key(all), wanted.slice(0, 30)])
      const last = page.at(-1)
      const next = last ? db.read((tx) => listTasks(tx, all, 30, { updatedAt: last.updatedAt, id: last.id })) : []
      expect([key(all), next.map(({ id }) => id)]).toEqual([key(all), wanted.slice(30, 60)])
    }
  const operated = { needsPerson: 'p1', operates: ['shop/a2'], seenBy: whole([]) }
  const waits = tasks.filter(
    ({ needs, phase, project, app }) => needs === 'p1' || (phase === 'attention' && project === 'shop' && app === 'a2'),
  )
  expect(db.read((tx) => countTasks(tx, operated))).toBe(waits.length)
  await db.close()
  rmSync(folder, { recursive: true })
})
