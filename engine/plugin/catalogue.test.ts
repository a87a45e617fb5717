import { expect, test } from 'vitest'
import { pluginInfo } from './catalogue.ts'
import { definePlugin, done, encoded, literal, secret, z } from './index.ts'

const plugin = definePlugin({
  code: 'web.call',
  version: '1.2.0',
  title: 'Call',
  inputs: z
    .object({
      url: encoded(z.url()),
      script: literal(z.string()).optional(),
      env: secret(z.record(z.string(), z.string())).default({}),
      method: z.enum(['GET', 'POST']).default('GET'),
      at: z.string().transform((text) => text.trim()),
    })
    .refine(() => true),
  outputs: z.object({ status: z.int() }),
  repeat: (inputs) => inputs.method === 'GET',
  execute: async () => done({ status: 200 }),
})
const info = pluginInfo(plugin)

test('names, marks and what must be given are read from the schema, through defaults and transforms', () => {
  expect(info).toMatchObject({
    literal: ['script'],
    encoded: ['url'],
    secret: ['env'],
    required: ['url', 'at'],
    outputs: ['status'],
    saves: false,
  })
  expect(info.inputs).toEqual(['url', 'script', 'env', 'method', 'at'])
})
test('a value known before it runs is checked, with a message that says where', () => {
  expect(info.checkInput('url', 'not a url')).toBeTruthy()
  expect(info.checkInput('url', 'https://x.example/')).toBeNull()
  expect(info.checkInput('env', { A: 7 })).toMatch(/^A: /)
  expect(info.checkInput('unknown', 1)).toBeNull()
})
test('whether it may repeat depends on the inputs; secrets in them do not matter, wrong inputs mean no', () => {
  const inputs = { url: 'https://x.example/', at: 'x', env: { TOKEN: { $secret: 'web.token' } } }
  expect(info.repeatable?.(inputs)).toBe(true)
  expect(info.repeatable?.({ ...inputs, method: 'POST' })).toBe(false)
  expect(info.repeatable?.({})).toBe(false)
})
test('open schemas take any name', () => {
  expect(
    pluginInfo(
      definePlugin({
        code: 'set',
        version: '1.0.0',
        title: 'Set',
        inputs: z.record(z.string(), z.json()),
        saves: true,
        execute: async () => done({}),
      }),
    ),
  ).toMatchObject({ inputs: null, outputs: null, saves: true, required: [] })
  expect(
    pluginInfo(
      definePlugin({
        code: 'set',
        version: '1.0.0',
        title: 'Set',
        inputs: z.looseObject({ a: z.string(), key: secret(z.string()).optional() }),
        execute: async () => done({}),
      }),
    ),
  ).toMatchObject({ inputs: null, required: ['a'], secret: ['key'] })
})
