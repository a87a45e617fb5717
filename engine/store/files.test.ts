import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { contentOf } from './files.ts'
import { folderFiles } from './folder-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const files = folderFiles(folder)
const given = { name: '../etc/re port.txt', project: 'default', task: 't1', person: null, at: 1 }
const text = (content: Uint8Array): string => Buffer.from(content).toString('utf8')
async function* pieces(...all: string[]) {
  for (const one of all) yield Buffer.from(one)
}

test('a file comes back as it was kept, under a plain name, for this user alone', async () => {
  const ref = await files.keep(given, pieces('one ', 'two'))
  expect(ref).toMatchObject({ name: 're port.txt', bytes: 7 })
  expect(text(await contentOf(files, ref, 'default'))).toBe('one two')
  const place = join(folder, ref.file.slice(2, 4), ref.file)
  expect(statSync(place).mode & 0o077).toBe(0)
})
test('a file that is too large leaves nothing behind', async () => {
  const before = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length
  await expect(files.keep({ ...given, maxBytes: 5 }, pieces('123', '456'))).rejects.toMatchObject({
    code: 'FILE_TOO_LARGE',
  })
  expect(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length).toBe(
    before,
  )
})
test('another project, an unknown id and a path in place of an id are all unknown', async () => {
  const ref = await files.keep(given, Buffer.from('x'))
  for (const [id, project] of [
    [ref.file, 'other'],
    ['f_AAAAAAAAAAAAAAAAAAAAAA', 'default'],
    ['../../etc/passwd', 'default'],
  ] as const)
    await expect(contentOf(files, { file: id, name: 'x' }, project)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' })
})
test('a file that was changed outside is told, not used', async () => {
  const ref = await files.keep(given, Buffer.from('true'))
  writeFileSync(join(folder, ref.file.slice(2, 4), ref.file), 'fals')
  await expect(contentOf(files, ref, 'default')).rejects.toMatchObject({ code: 'FILE_BROKEN' })
})
test('what is over goes, with everything of it; the rest stays', async () => {
  const old = await files.keep({ ...given, at: 5 }, Buffer.from('old'))
  const kept = await files.keep({ ...given, at: 500 }, Buffer.from('new'))
  expect(await files.sweep(({ at }) => at === 5)).toBe(1)
  expect(await files.facts(old.file)).toBeNull()
  expect(await files.read(old.file)).toBeNull()
  expect(text(await contentOf(files, kept, 'default'))).toBe('new')
})
