import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { checkPlugin, testPlugin } from '../../engine/plugin/testing.ts'
import type { Result } from '../../engine/plugin/index.ts'
import { builtInPlugins } from '../index.ts'
import { testContext, until } from '../testing.ts'
import { runKey } from './follow.ts'
import { localScript } from './local.ts'

const home = mkdtempSync(join(tmpdir(), 'baton-local-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const plugin = localScript({ home, retryMs: [20], termSeconds: 1 })

test('it runs with its values as data, tells what it printed, and begins in the home folder', async () => {
  const bench = testPlugin(plugin)
  const script = 'echo "$1 in $PWD"; echo "$TOKEN" | wc -c; echo oops >&2; echo "answer=42" >> "$BATON_OUTPUT"'
  const ending = await bench.execute({ script, args: ['$(rm -rf ~)'], env: { TOKEN: 'hunter22-hunter22' } })
  expect(ending).toMatchObject({
    kind: 'done',
    outputs: { exitCode: 0, stdout: `$(rm -rf ~) in ${home}\n18\n`, stderr: 'oops\n', values: { answer: '42' } },
  })
  expect(await bench.execute({ script: 'echo no room >&2; exit 3' })).toMatchObject({
    kind: 'fail',
    code: 'EXIT_3',
    message: 'This machine: no room (exit code 3)',
  })
})

test('nothing of Baton’s own environment reaches it', async () => {
  process.env['SLACK_BOT_TOKEN'] = 'xoxb-not-for-scripts'
  const ending = await testPlugin(plugin).execute({ script: 'env' })
  delete process.env['SLACK_BOT_TOKEN']
  expect(JSON.stringify(ending)).toContain('BATON_OUTPUT')
  expect(JSON.stringify(ending)).not.toContain('xoxb')
})

test('it outlives a kill -9 of Baton, and is picked up again: it ran once', async () => {
  const key = `local${process.pid}/run/1`
  const script = 'echo one; echo ran >> ran; while [ ! -e go ]; do sleep 0.05; done; echo two'
  const child = spawn(process.execPath, [fileURLToPath(new URL('./test/local-client.ts', import.meta.url))], {
    env: { ...process.env, NODE_OPTIONS: '', BATON_TEST_RUN: JSON.stringify({ key, home, inputs: { script } }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
  await until('it runs', () => said.includes('one'))
  child.kill('SIGKILL')
  await once(child, 'exit')
  const ctx = testContext({ key })
  const resumed = plugin.resume!(ctx, null, plugin.inputs.parse({ script }) as never)
  writeFileSync(join(home, 'go'), '')
  expect((await resumed) as Result).toMatchObject({ kind: 'done', outputs: { stdout: 'one\ntwo\n' } })
  expect(readFileSync(join(home, 'ran'), 'utf8')).toBe('ran\n')
  await plugin.settled?.(ctx, plugin.inputs.parse({ script }) as never)
  expect(existsSync(join(home, '.baton/runs', runKey(key)))).toBe(false)
})

test('a stop ends the script and whatever it started', async () => {
  const bench = testPlugin(plugin, { patienceMs: 20_000 })
  const { ending } = bench.begin({ script: 'echo begun; sleep 600 & wait; echo never' })
  await bench.reached('log')
  expect(await bench.cancel()).toMatchObject({ confirmed: true })
  expect(await ending).toMatchObject({ kind: 'aborted' })
})

test('it holds up to crashes, stops and rehearsals', async () => {
  expect(await checkPlugin(plugin, { inputs: [{ script: 'echo x' }] })).toEqual([])
})

test('it is not there unless the owner says so', () => {
  const codes = (options: Parameters<typeof builtInPlugins>[0]) => builtInPlugins(options).map(({ code }) => code)
  expect(codes({})).not.toContain('local.script')
  expect(codes({ local: {} })).toContain('local.script')
})
