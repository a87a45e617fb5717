import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { folderFiles, openDatabase, setKeep } from '../../engine/index.ts'
import { sweepFiles } from './file-sweep.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-sweep-'))
const db = openDatabase(join(folder, 'baton.db'))
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true, force: true })
})
const DAY_MS = 86_400_000

test('files go with their task, uploads by age, and nothing goes where everything is kept', async () => {
  const files = folderFiles(join(folder, 'files'))
  await db.write(() => setKeep(db, 'archive', { tasksDays: null, logsDays: null, statisticsDays: null }))
  const keep = (name: string, project: string, task: string | null, at: number) =>
    files.keep({ name, project, task, person: null, at }, Buffer.from(name))
  const old = 1
  const now = 181 * DAY_MS
  const kept = [
    await keep('its task is here', 'default', 'here', old),
    await keep('young', 'default', 'gone', now - DAY_MS),
    await keep('for ever', 'archive', 'gone', old),
  ]
  const over = [await keep('its task is gone', 'default', 'gone', old), await keep('upload', 'default', null, old)]
  const engine = { task: async (id: string) => (id === 'here' ? ({} as never) : null) }
  expect(await sweepFiles(files, { db, engine, now })).toBe(2)
  for (const { file } of kept) expect(await files.facts(file)).not.toBeNull()
  for (const { file } of over) expect(await files.facts(file)).toBeNull()
})
