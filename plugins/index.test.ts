import { expect, test } from 'vitest'
import { pluginInfo } from '../engine/plugin/catalogue.ts'
import { z } from '../engine/plugin/index.ts'
import { builtInPlugins } from './index.ts'
import { testContext } from './testing.ts'

const plugins = builtInPlugins()
const infoOf = (code: string) => pluginInfo(plugins.find((plugin) => plugin.code === code)!)

test('the built-in plugins are these', () => {
  expect(plugins.map((plugin) => `${plugin.code}@${plugin.version}`)).toEqual([
    'ssh.script@1.0.0',
    'ssh.put@1.0.0',
    'ssh.get@1.0.0',
    'http.request@1.0.0',
    'http.callback@1.0.0',
    'callback@1.0.0',
    'notify@1.0.0',
    'set@1.0.0',
    'uuid@1.0.0',
    'json.transform@1.0.0',
  ])
})

test('what is literal, encoded and secret reaches the publish check', () => {
  expect(infoOf('ssh.script')).toMatchObject({
    literal: ['script'],
    secret: ['env'],
    encoded: [],
    required: ['host'],
    outputs: ['exitCode', 'stdout', 'stderr', 'values'],
  })
  expect(infoOf('ssh.script').inputs).toEqual(['host', 'script', 'scriptFrom', 'args', 'env', 'cwd'])
  expect(infoOf('http.request')).toMatchObject({
    literal: ['success'],
    secret: ['headers', 'auth'],
    encoded: ['url'],
    required: ['url'],
    outputs: ['status', 'headers', 'body'],
  })
  expect(infoOf('ssh.put')).toMatchObject({ required: ['host', 'path'], outputs: ['bytes', 'sha256'] })
  expect(infoOf('notify')).toMatchObject({ required: ['to', 'title'], outputs: ['delivered'] })
  expect(infoOf('set')).toMatchObject({ inputs: null, outputs: null, saves: true })
})

test('every input can be drawn as a form', () => {
  for (const plugin of plugins) expect(z.toJSONSchema(plugin.inputs, { io: 'input' })).toMatchObject({ type: 'object' })
})

test('set gives back what it gets', async () => {
  const set = plugins.find((plugin) => plugin.code === 'set')!
  expect(await set.execute(testContext(), set.inputs.parse({ build: 'v1', hosts: ['a'] }))).toEqual({
    kind: 'done',
    outputs: { build: 'v1', hosts: ['a'] },
  })
})

test('each list has connections of its own, and ending them twice is fine', async () => {
  for (const plugin of [...plugins, ...plugins]) await plugin.dispose?.()
})
