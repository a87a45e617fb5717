/** `baton plugin test`, in a process of its own as the terminal runs it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 60_000 })
const root = mkdtempSync(join(tmpdir(), 'baton-plugin-tool-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const run = (...words: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('./plugin-tool.ts', import.meta.url)), ...words], {
    encoding: 'utf8',
    // A test runner inside of another one would hold its tongue.
    env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
  })

test('a folder without tests, or none at all, is one clear line and no success', () => {
  mkdirSync(join(root, 'bare/node_modules/other'), { recursive: true })
  writeFileSync(join(root, 'bare/node_modules/other/index.test.js'), '')
  writeFileSync(join(root, 'bare/index.js'), '')
  const [bare, gone] = [run('test', join(root, 'bare')), run('test', join(root, 'gone'))]
  expect([bare.status, bare.stdout, bare.stderr]).toEqual([
    1,
    '',
    `there is no test in ${join(root, 'bare')}: expected a file like index.test.js\n`,
  ])
  expect([gone.status, gone.stderr]).toEqual([1, `there is no file or folder ${join(root, 'gone')}\n`])
})

test('the tests of a folder are run, and only they', () => {
  mkdirSync(join(root, 'good/lib'), { recursive: true })
  const passes = `import { test } from 'node:test'\nimport 'baton/plugin-testing'\ntest('it holds', () => {})`
  writeFileSync(join(root, 'good/lib/one.test.mjs'), passes)
  writeFileSync(join(root, 'good/two.test.ts'), passes)
  const { status, stdout } = run('test', join(root, 'good'))
  expect(status, stdout).toBe(0)
  expect(stdout).toMatch(/pass 2/)
})
