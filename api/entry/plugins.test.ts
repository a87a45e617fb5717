/** Third-party plugins as they come: folders and packages of all kinds, read by the very Node that runs Baton. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000 }) // each load is a process of its own
const root = mkdtempSync(join(tmpdir(), 'baton-plugins-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const put = (name: string, text: string): void => {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), text)
}
const source = (code: string, version: string, more = '') => `
import { definePlugin, done, secret, z } from 'baton/plugin'
export default definePlugin({
  code: '${code}', version: '${version}', title: '${code}',
  inputs: z.object({ token: secret(z.string()).describe('A key.') }),
  ${more}
  execute: async () => done({}),
})`

interface Report {
  readonly plugins: {
    readonly code: string
    readonly version: string
    readonly secret: string[]
    readonly source: string
  }[]
  readonly problems: { readonly source: string; readonly code: string | null; readonly problem: string }[]
}
/** In a process of its own: the test runner has a loader of its own in the way. */
async function load(...names: string[]): Promise<Report> {
  const script = `
import { loadPlugins } from ${JSON.stringify(new URL('./plugins.ts', import.meta.url).href)}
import { pluginInfo } from ${JSON.stringify(new URL('../../engine/plugin/catalogue.ts', import.meta.url).href)}
import { definePlugin, done, z } from ${JSON.stringify(new URL('../../engine/plugin/index.ts', import.meta.url).href)}
const quiet = { info() {}, warn() {}, error() {} }
const builtIn = [definePlugin({ code: 'http.request', version: '1.0.0', title: 'HTTP', inputs: z.object({}), execute: async () => done({}) })]
const { plugins, problems, sources } = await loadPlugins(process.argv.slice(1), { log: quiet, builtIn, patienceMs: 500, remembered: 'remotes.json' })
console.log(JSON.stringify({
  plugins: plugins.map((one) => ({ code: one.code, version: one.version, secret: pluginInfo(one).secret, source: sources.get(one) })),
  problems,
}))
process.exit(0)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, ...names], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: join(root, '.cache') },
  })
  return JSON.parse(stdout) as Report // printed by the script above
}

beforeAll(() => {
  put('bare/index.js', source('bare', '1.0.0'))
  put('single.mjs', source('single', '1.0.0'))
  put('typed/package.json', JSON.stringify({ type: 'module', exports: './src/main.ts' }))
  put('typed/src/main.ts', `${source('typed', '1.0.0')}\nexport const version: string = '1'`)
  put('cjs/package.json', JSON.stringify({ main: 'lib/main.cjs' }))
  put(
    'cjs/lib/main.cjs',
    source('cjs', '1.0.0')
      .replace(/import (.*) from (.*)/, 'const $1 = require($2)')
      .replace('export default', 'module.exports ='),
  )
  put(
    'node_modules/@acme/tools/package.json',
    JSON.stringify({
      name: '@acme/tools',
      type: 'module',
      exports: { '.': { types: './x.d.ts', import: './dist/index.js' } },
    }),
  )
  put('node_modules/@acme/tools/dist/index.js', source('acme.tool', '2.1.0'))
  put('releases/package.json', JSON.stringify({ type: 'module', main: 'all.js' }))
  put('releases/all.js', `import one from './one.js'\nimport two from './two.js'\nexport default [one, two]`)
  put('releases/one.js', source('http.request', '1.4.0'))
  put('releases/two.js', source('http.request', '2.0.0'))
})

test('folders, files and packages are loaded, in JavaScript and TypeScript, without anything installed beside them', async () => {
  const { plugins, problems } = await load('./bare', 'single.mjs', join(root, 'typed'), './cjs', '@acme/tools')
  expect(problems).toEqual([])
  expect(plugins).toEqual([
    { code: 'bare', version: '1.0.0', secret: ['token'], source: './bare' },
    { code: 'single', version: '1.0.0', secret: ['token'], source: 'single.mjs' },
    { code: 'typed', version: '1.0.0', secret: ['token'], source: join(root, 'typed') },
    { code: 'cjs', version: '1.0.0', secret: ['token'], source: './cjs' },
    { code: 'acme.tool', version: '2.1.0', secret: ['token'], source: '@acme/tools' },
  ])
})

test('further releases of one code stand beside what is there', async () => {
  expect((await load('releases')).plugins.map(({ code, version }) => `${code}@${version}`)).toEqual([
    'http.request@1.4.0',
    'http.request@2.0.0',
  ])
})

test('what cannot be used is left out with its reason, and the others are loaded all the same', async () => {
  put('throws/index.mjs', `throw new Error('no licence found')`)
  put('broken/index.mjs', `export default {`)
  put('hangs/index.mjs', `await new Promise(() => setInterval(() => {}, 1000))`)
  put('nothing/index.mjs', `export const plugin = 1`)
  put('shapeless/index.mjs', `export default { code: 'x', version: '1.0.0', title: 'X', inputs: {}, execute() {} }`)
  put('named/index.mjs', source('Bad Code', '1.0.0'))
  put('semver/index.mjs', source('odd', '1.0'))
  put('taken/index.mjs', source('approval', '9.0.0'))
  put('clash/index.mjs', source('http.request', '1.0.0'))
  put('newer/index.mjs', source('newer', '1.0.0', 'contract: 99,'))
  put('future/package.json', JSON.stringify({ type: 'module', main: './index.js', baton: { contract: 7 } }))
  put('future/index.js', `import { timeTravel } from 'baton/plugin'\nexport default timeTravel`)
  put('gone/package.json', JSON.stringify({ main: 'dist/index.js' }))
  put('empty/readme.txt', '')
  put('mixed/index.mjs', `import good from '../single.mjs'\nexport default [good, 7]`)
  put('node_modules/raw-ts/package.json', JSON.stringify({ name: 'raw-ts', type: 'module', main: 'index.ts' }))
  put('node_modules/raw-ts/index.ts', source('raw', '1.0.0'))
  const names = ['throws', 'broken', 'hangs', 'nothing', 'shapeless', 'named', 'semver', 'taken', 'clash', 'newer', 'future', 'gone', 'empty', 'raw-ts', './not-there', 'no-such-package', 'mixed'] // prettier-ignore
  const { plugins, problems } = await load(...names)
  expect(plugins.map(({ code }) => code)).toEqual(['single'])
  expect(problems.map(({ source: from, problem }) => [from, problem])).toEqual([
    ['throws', `no licence found (${join(root, 'throws/index.mjs')}:1:7)`],
    ['broken', expect.stringMatching(/^Unexpected (end of input|token.*) \(.*\/broken\/index\.mjs:1\)$/)],
    ['hangs', 'it did not finish loading within 0.5 s'],
    ['nothing', 'expected a default export: one plugin, or a list of them'],
    ['shapeless', 'expected inputs to be a zod 4 schema: take z from "baton/plugin"'],
    ['named', `expected a plugin code like ssh.script, but got "Bad Code" (${join(root, 'named/index.mjs')}:3:16)`],
    ['semver', `expected a version like 1.2.0 for odd, but got "1.0" (${join(root, 'semver/index.mjs')}:3:16)`],
    ['taken', 'approval is Baton’s own: choose another code'],
    ['clash', 'http.request@1.0.0 is there already, from Baton'],
    ['newer', 'it needs version 99 of the plugin contract, and this Baton has 1: update Baton'],
    ['future', 'it needs version 7 of the plugin contract, and this Baton has 1: update Baton'],
    ['gone', 'its package.json names dist/index.js, which is not there'],
    ['empty', expect.stringMatching(/^expected index.js, or a package.json/)],
    ['raw-ts', expect.stringMatching(/TypeScript inside node_modules/)],
    ['./not-there', expect.stringMatching(/^there is no file or folder/)],
    ['no-such-package', expect.stringMatching(/^there is no package no-such-package/)],
    ['mixed', 'expected a plugin made by definePlugin, but got number'],
  ])
})

test('a fault is told with the very file and line, also in a file that another imports', async () => {
  put('deep/index.js', `import { x } from './lib/x.js'\nexport default x`)
  put('deep/lib/x.js', `import { z } from 'baton/plugin'\nexport const x = z.object({\n  a: z.string(\n})\n`)
  put('wrong-name/index.mjs', `\nimport { polAfter } from 'baton/plugin'\nexport default polAfter`)
  put('common/index.cjs', `const a = {\n  a: 1,\nmodule.exports = a`)
  put('common/package.json', JSON.stringify({ main: 'index.cjs' }))
  put('listed/package.json', `{"main": "index.js",}`)
  const { problems } = await load('deep', 'wrong-name', 'common', 'listed')
  expect(problems.map(({ problem }) => problem)).toEqual([
    `Unexpected token '}' (${join(root, 'deep/lib/x.js')}:4)`,
    expect.stringMatching(/polAfter.* \(.*\/wrong-name\/index\.mjs:2\)$/),
    expect.stringMatching(/^Unexpected token.* \(.*\/common\/index\.cjs:3\)$/),
    expect.stringMatching(/^its package\.json is no JSON: /),
  ])
})

test('a service that speaks the bk-plugin protocol is loaded, and stands as it was while it is down', async () => {
  const server = createServer((request, response) => {
    const data =
      request.url === '/bk_plugin/meta/' ? { code: 'disk', versions: ['1.0.0', 'assets'] } : { inputs: {}, outputs: {} }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ result: true, data, message: '' }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bk_plugin/`
  const up = await load(url)
  expect(up.plugins).toMatchObject([{ code: 'bk.disk', version: '1.0.0', source: url }])
  expect(up.problems).toMatchObject([
    { code: 'bk.disk', version: 'assets', problem: expect.stringContaining('expected a version') },
  ])
  server.closeAllConnections()
  server.close()
  expect((await load(url)).plugins).toEqual(up.plugins)
  const never = await load(url.replace('bk_plugin', 'other'))
  expect(never.problems).toMatchObject([{ problem: expect.stringMatching(/cannot be reached/) }])
})
